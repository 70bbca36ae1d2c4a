package tracker

import (
	"slices"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// The channels of an attended transfer.
var (
	half1 = ami.Channel{Name: "Local/7102@outbound-3;1", UniqueID: "9.11", LinkedID: "c-1"}
	half2 = ami.Channel{Name: "Local/7102@outbound-3;2", UniqueID: "9.12", LinkedID: "c-1"}
	third = ami.Channel{Name: "PJSIP/7102-1", UniqueID: "9.13", LinkedID: "c-1"}
	back  = ami.Channel{Name: "PJSIP/7101-9", UniqueID: "9.14", LinkedID: "9.14", ConnectedLineNum: "0501"}
)

// putDown is a call whose person hangs up while the third side of an attended transfer rings.
// beside: the Local pair of the call is there still.
func putDown(t *testing.T, beside bool) (*Call, func(...ami.Event)) {
	t.Helper()
	now := time.Unix(1_700_000_000, 0)
	c := New(req(), now)
	feed := func(events ...ami.Event) {
		for _, e := range events {
			now = now.Add(10 * time.Millisecond)
			c.Apply(e, now)
			c.Tick(now)
		}
	}
	far := trunk
	far.CallerIDNum = "0501"
	in := func(ch ami.Channel, bridge string) ami.Event { return ami.BridgeEnter{Channel: ch, BridgeID: bridge} }
	out := func(ch ami.Channel, bridge string) ami.Event { return ami.BridgeLeave{Channel: ch, BridgeID: bridge} }
	up := func(ch ami.Channel) ami.Event { ch.State = chanUp; return ami.Newstate{Channel: ch} }
	feed(born(one), born(two), begin(two, own), up(own), end(two, own, "ANSWER"), in(two, "a"), in(own, "a"),
		begin(one, far), up(far), end(one, far, "ANSWER"), in(far, "b"), in(one, "b"))
	room := "a"
	if !beside {
		room = "b"
		feed(out(own, "a"), out(one, "b"), in(own, "b"), gone(one, 16), gone(two, 16))
	}
	c.BeginTransfer("7102", true, now)
	ringing := third
	ringing.State = chanRinging
	feed(born(half1), born(half2), in(half1, "c"), out(own, room), in(own, "c"), born(third), begin(half2, third),
		ami.Newstate{Channel: ringing}, out(own, "c"), out(half1, "c"), in(half1, room))
	if s := c.Snapshot(); s.State != call.InCall || s.Transfer.State != call.TransferRinging {
		t.Fatalf("%+v", s)
	}
	return c, feed
}

// TestPutDownEarly: the person has hung up before the third side has answered.
func TestPutDownEarly(t *testing.T) {
	gaveUp := []ami.Event{
		ami.BridgeLeave{Channel: half1, BridgeID: "b"}, gone(half1, 16), end(half2, third, "CANCEL"), gone(half2, 16), gone(third, 16),
	}
	then := func(events []ami.Event, more ...ami.Event) []ami.Event { return slices.Concat(events, more) }
	callsBack := then(gaveUp, ami.DialBegin{Dest: back})
	answered := back
	answered.LinkedID, answered.State = "c-1", chanUp
	answers := half1
	answers.State = chanUp
	for _, tt := range []struct {
		name   string
		events []ami.Event
		state  call.State
		moved  call.TransferState
		cause  call.Cause
	}{
		{"the third rings no longer", gaveUp, call.InCall, call.TransferRinging, ""},
		{"called back", callsBack, call.InCall, call.TransferRecalled, ""},
		{"picked up", then(callsBack, ami.BridgeEnter{Channel: answered, BridgeID: "b"}, gone(own, 16)), call.InCall, call.TransferFailed, call.NoAnswer},
		{"picked up, of a number that it does not show", then(gaveUp, ami.BridgeEnter{Channel: answered, BridgeID: "b"}, gone(own, 16)), call.InCall, call.TransferFailed, call.NoAnswer},
		{"picked up, and over", then(callsBack, ami.BridgeEnter{Channel: answered, BridgeID: "b"}, gone(own, 16), gone(back, 16), gone(trunk, 16)), call.Ended, call.TransferFailed, call.NoAnswer},
		{"not picked up", then(callsBack, gone(back, 19), gone(trunk, 16), gone(own, 16)), call.Ended, call.TransferFailed, call.NoAnswer},
		{"the third answers", []ami.Event{ami.Newstate{Channel: answers}, gone(own, 16)}, call.Ended, call.TransferDone, ""},
		{"the other side gives up", []ami.Event{ami.HangupRequest{Channel: trunk}, gone(trunk, 16), gone(own, 16)}, call.Ended, call.TransferLeft, ""},
		{"the other side gives up when called back", then(callsBack, ami.HangupRequest{Channel: trunk}, gone(trunk, 16), gone(back, 16), gone(own, 16)), call.Ended, call.TransferLeft, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, feed := putDown(t, false)
			feed(tt.events...)
			if s := c.Snapshot(); s.State != tt.state || s.Transfer.State != tt.moved || s.Transfer.Cause != tt.cause {
				t.Errorf("%s, %s (%s); want %s, %s (%s)", s.State, s.Transfer.State, s.Transfer.Cause, tt.state, tt.moved, tt.cause)
			}
		})
	}
}

// TestPutDownBeside: the same where the PBX has not put the phone into the place of the Local
// pair, as one that is slow has not (16.28): the third side comes to where the phone was, in
// which half two stands for the far side.
func TestPutDownBeside(t *testing.T) {
	gaveUp := []ami.Event{
		ami.BridgeLeave{Channel: half1, BridgeID: "a"}, gone(half1, 16), end(half2, third, "CANCEL"), gone(half2, 16), gone(third, 16),
	}
	then := func(more ...ami.Event) []ami.Event { return slices.Concat(gaveUp, more) }
	answered, answers := back, half1
	answered.LinkedID, answered.State, answers.State = "c-1", chanUp, chanUp
	over := []ami.Event{gone(trunk, 16), gone(one, 16), gone(two, 16), gone(own, 16)}
	for _, tt := range []struct {
		name   string
		events []ami.Event
		state  call.State
		moved  call.TransferState
		cause  call.Cause
	}{
		{"the third rings no longer", gaveUp, call.InCall, call.TransferRinging, ""},
		{"called back", then(ami.DialBegin{Dest: back}), call.InCall, call.TransferRecalled, ""},
		{"picked up", then(ami.DialBegin{Dest: back}, ami.BridgeEnter{Channel: answered, BridgeID: "a"}), call.InCall, call.TransferFailed, call.NoAnswer},
		{"not picked up", then(slices.Concat([]ami.Event{ami.DialBegin{Dest: back}, gone(back, 19)}, over)...), call.Ended, call.TransferFailed, call.NoAnswer},
		{"the third answers", []ami.Event{ami.Newstate{Channel: answers}}, call.InCall, call.TransferDone, ""},
		{"the other side gives up", slices.Concat([]ami.Event{ami.HangupRequest{Channel: trunk}}, over), call.Ended, call.TransferLeft, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, feed := putDown(t, true)
			if r := c.CallBack(); (r != CallBack{Phone: "PJSIP/7101-", Bridge: "a", Number: "0501"}) {
				t.Errorf("%+v", r)
			}
			feed(tt.events...)
			if s := c.Snapshot(); s.State != tt.state || s.Transfer.State != tt.moved || s.Transfer.Cause != tt.cause {
				t.Errorf("%s, %s (%s); want %s, %s (%s)", s.State, s.Transfer.State, s.Transfer.Cause, tt.state, tt.moved, tt.cause)
			}
		})
	}
}

// TestFamilyLetsTheCallBackIn: and nothing else, and only while there may be one.
func TestFamilyLetsTheCallBackIn(t *testing.T) {
	c, _ := putDown(t, false)
	r := c.CallBack()
	if (r != CallBack{Phone: "PJSIP/7101-", Bridge: "b", Number: "0501"}) {
		t.Fatalf("%+v", r)
	}
	for _, tt := range []struct {
		name, message string
		want          bool
	}{
		{"the call back", "Event: DialBegin\r\nDestChannel: PJSIP/7101-9\r\nDestUniqueid: 9.14\r\nDestLinkedid: 9.14\r\nDestConnectedLineNum: 0501\r\n", true},
		{"another number", "Event: DialBegin\r\nDestChannel: PJSIP/7101-9\r\nDestUniqueid: 9.14\r\nDestLinkedid: 9.14\r\nDestConnectedLineNum: 0502\r\n", false},
		{"another phone", "Event: DialBegin\r\nDestChannel: PJSIP/7105-9\r\nDestUniqueid: 9.14\r\nDestLinkedid: 9.14\r\nDestConnectedLineNum: 0501\r\n", false},
		{"somebody calls", "Event: DialBegin\r\nUniqueid: 7.1\r\nDestChannel: PJSIP/7101-9\r\nDestUniqueid: 9.14\r\nDestLinkedid: 7.1\r\nDestConnectedLineNum: 0501\r\n", false},
		{"into the bridge", "Event: BridgeEnter\r\nBridgeUniqueid: b\r\nChannel: PJSIP/7101-9\r\nUniqueid: 9.14\r\nLinkedid: c-1\r\n", true},
		{"into another one", "Event: BridgeEnter\r\nBridgeUniqueid: z\r\nChannel: PJSIP/7101-9\r\nUniqueid: 9.14\r\nLinkedid: 9.14\r\n", false},
	} {
		wants := func(set ...CallBack) bool {
			f := NewFamily(req())
			for _, r := range set {
				f.Expect(r)
			}
			own := message("Newchannel", "Channel", one.Name, "Uniqueid", "c-1")
			return len(replay(t, []byte(tt.message+"\r\n"+own), f)) > 1
		}
		if got := wants(r); got != tt.want {
			t.Errorf("%s: wanted is %v", tt.name, got)
		}
		if wants() || wants(r, CallBack{}) {
			t.Errorf("%s: wanted where there is no such transfer", tt.name)
		}
	}
}
