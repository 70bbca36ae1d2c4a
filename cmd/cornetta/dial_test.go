package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/ui/consent"
)

// Where nobody can be asked the command line decides, and says so.
func TestConsentWithoutATerminal(t *testing.T) {
	plan := func(c *dialCmd) (number.Plan, error) {
		e := &env{ctx: t.Context(), streams: streams{strings.NewReader("y\n"), &bytes.Buffer{}, &bytes.Buffer{}}}
		m, err := c.agreed(e, consent.Made{Plan: number.Parse("0 899123456", number.Typed, config.Default().Rules())})
		return m.Plan, err
	}
	p, err := plan(&dialCmd{})
	var refused *exitError
	if p.MayDial() || !errors.As(err, &refused) || refused.code != exitFailed || !strings.Contains(refused.msg, "0 899 123 456") {
		t.Errorf("%+v: %v", p, err)
	}
	p, err = plan(&dialCmd{Yes: true})
	if !p.MayDial() || p.Dial != "0899123456" || err != nil {
		t.Errorf("with --yes: %+v: %v", p, err)
	}
}

// TestVerdict: 0 is for what was answered, by the other side or a service, and for
// nothing else that has ended.
func TestVerdict(t *testing.T) {
	answered := time.Unix(1, 0)
	for _, tc := range []struct {
		name     string
		call     call.Snapshot
		accepted bool
		want     int
	}{
		{"answered", call.Snapshot{State: call.Ended, Answered: answered}, false, 0},
		{"a service of the PBX", call.Snapshot{State: call.Ended, Answered: answered, ByPBX: true}, false, 0},
		{"an announcement that names the cause", call.Snapshot{State: call.Ended, Cause: call.NoSuchNumber, ByPBX: true}, false, exitFailed},
		{"the same after a while", call.Snapshot{State: call.Ended, Answered: answered, Cause: call.NoSuchNumber, ByPBX: true}, false, exitFailed},
		{"an announcement that names none", call.Snapshot{State: call.Ended, ByPBX: true}, false, exitFailed},
		{"a colleague took it", call.Snapshot{State: call.Ended, Answered: answered, Cause: call.OwnElsewhere}, false, exitFailed},
		{"busy", call.Snapshot{State: call.Failed, Cause: call.Busy}, false, exitFailed},
		{"cancelled", call.Snapshot{State: call.Cancelled}, false, exitFailed},
		{"unknown", call.Snapshot{State: call.Unknown, Cause: call.ConnectionLost}, false, exitUnknown},
		{"still live", call.Snapshot{State: call.RingingFar}, false, exitUnknown},
		{"accepted", call.Snapshot{State: call.Requested}, true, 0},
	} {
		err := verdict(tc.call, tc.accepted)
		got := 0
		if e := new(exitError); errors.As(err, &e) {
			got = e.code
		} else if err != nil {
			t.Fatal(err)
		}
		if got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}
