//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
)

// TestTransferCommand transfers calls from the command line: at once, to somebody who is
// busy, and after a word; what comes of it is printed, and is in the exit status.
func TestTransferCommand(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	type result struct {
		out, err string
		code     int
	}
	run := func(args ...string) (r result) {
		t.Helper()
		r.out, r.err, r.code = s.run("", args...)
		return r
	}
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	if r := run("transfer", "7105"); r.code != exitFailed || !strings.Contains(r.err, "no call that can be transferred") {
		t.Errorf("without Cornetta: %+v", r)
	}
	s.agent()
	s.tray("Ready")
	inCall := func() {
		t.Helper()
		s.must("", "dial", "--no-wait", "039050123407")
		s.Wait("the conversation", func() bool {
			return strings.Contains(s.must("", "status", "--json"), `"state":"in_call"`)
		})
	}
	states := func(out string) string {
		t.Helper()
		var all []string
		for line := range strings.Lines(out) {
			var l call.Line
			if err := json.Unmarshal([]byte(line), &l); err != nil || l.Transfer == nil {
				t.Fatalf("%q: %v", line, err)
			}
			all = append(all, string(l.Transfer.State)+string(l.Transfer.Cause))
		}
		return strings.TrimPrefix(strings.Join(all, " "), "asked ")
	}
	inCall()
	if r := run("transfer", "--json", "7105"); r.code != exitOK || states(r.out) != "ringing done" {
		t.Errorf("at once: %+v", r)
	}
	inCall()
	if r := run("transfer", "7103"); r.code != exitFailed || !strings.Contains(r.out, "7103 was not reached (Busy), and the PBX has ended the call of") {
		t.Errorf("somebody who is busy: %+v", r)
	}
	inCall()
	if r := run("transfer", "--complete"); r.code != exitFailed || !strings.Contains(r.err, "no transfer") {
		t.Errorf("none to complete: %+v", r)
	}
	if r := run("transfer", "0 899 123456"); r.code != exitFailed { // a premium number
		t.Errorf("unasked: %+v", r)
	}
	if r := run("transfer", "--attended", "--json", "7105"); r.code != exitOK || states(r.out) != "ringing talking" {
		t.Errorf("after a word: %+v", r)
	}
	if r := run("transfer", "--cancel", "--json"); r.code != exitOK || states(r.out) != "cancelled" {
		t.Errorf("taken back: %+v", r)
	}
	s.must("", "transfer", "--attended", "7105")
	if r := run("transfer", "--complete"); r.code != exitOK || !strings.Contains(r.out, "is connected with 7105") {
		t.Errorf("handed over: %+v", r)
	}
	for _, args := range [][]string{{"transfer"}, {"transfer", "--cancel", "7105"}, {"transfer", "--attended"}} {
		if r := run(args...); r.code != exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if n := len(pbx.Originates()); n != 3 {
		t.Errorf("%d calls were asked for, not 3", n)
	}
}
