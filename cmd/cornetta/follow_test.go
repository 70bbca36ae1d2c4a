package main

import (
	"errors"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// TestFollow: of a call that lives `dial` hears each state once, and in the same
// state that nobody answers, or that the PBX does.
func TestFollow(t *testing.T) {
	placed := call.Snapshot{ID: "c", State: call.Requested}
	in := []call.Snapshot{
		placed,
		{ID: "c", State: call.AnsweredOwn},
		{ID: "c", State: call.AnsweredOwn, FarName: "Ada"}, // no news
		{ID: "c", State: call.AnsweredOwn, Cause: call.Busy},
		{ID: "c", State: call.AnsweredOwn, Cause: call.Busy, Detail: "cause 17"}, // no news
		{ID: "c", State: call.AnsweredOwn, Cause: call.Busy, ByPBX: true},
		{ID: "c", State: call.AnsweredOwn},
		{ID: "c", State: call.Failed, Cause: call.Busy},
	}
	want := []call.Snapshot{in[1], in[3], in[5], in[6], in[7]}
	snapshots, updates := make(chan status.Snapshot), make(chan call.Snapshot)
	cancelled := make(chan struct{})
	go follow(t.Context(), snapshots, func() { close(cancelled) }, placed, updates)
	go func() {
		for _, c := range in {
			snapshots <- status.Snapshot{Call: &c}
		}
	}()
	var got []call.Snapshot
	for c := range updates {
		got = append(got, c)
	}
	<-cancelled
	if len(got) != len(want) {
		t.Fatalf("%d updates, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("update %d: %+v, want %+v", i, got[i], want[i])
		}
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
		{"unknown", call.Snapshot{State: call.Unknown, Cause: call.LinkLost}, false, exitUnknown},
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
