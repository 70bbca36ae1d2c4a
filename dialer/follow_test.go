package dialer

import (
	"slices"
	"testing"

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
	go Follow(t.Context(), snapshots, func() { close(cancelled) }, placed, updates)
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

// TestStates: of all calls each state is told once, of the next call too where it begins as
// the one before has ended.
func TestStates(t *testing.T) {
	var states States
	var got []call.State
	for _, s := range []status.Snapshot{
		{},
		{Call: &call.Snapshot{ID: "a", State: call.Requested}},
		{Call: &call.Snapshot{ID: "a", State: call.Requested}, Connection: status.Connected},
		{Call: &call.Snapshot{ID: "a", State: call.Requested, FarName: "Ada"}},
		{Call: &call.Snapshot{ID: "a", State: call.Failed, Cause: call.Busy}},
		{Call: &call.Snapshot{ID: "a", State: call.Failed, Cause: call.Busy}, Connection: status.Ready},
		{},
		{Call: &call.Snapshot{ID: "b", State: call.Failed, Cause: call.Busy}},
		{Call: &call.Snapshot{ID: "c", State: call.InCall, ByPBX: true}},
		{Call: &call.Snapshot{ID: "c", State: call.InCall}},
		{Call: &call.Snapshot{ID: "c", State: call.Ended}},
	} {
		for _, c := range states.Next(s) {
			got = append(got, c.State)
		}
	}
	want := []call.State{call.Requested, call.Failed, call.Failed, call.InCall, call.InCall, call.Ended}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
