package tracker

import (
	"fmt"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// TestEarlierCallOfTheSamePhone: Asterisk 11 gives channels no ids of ours, so
// that a call of the same phone, asked for a moment before, looks like our own
// until its caller's name is told.
func TestEarlierCallOfTheSamePhone(t *testing.T) {
	pair := func(n int) string { return fmt.Sprintf("Local/7101@c2c-%d", n) }
	id := func(n, half int) string { return fmt.Sprintf("9.%d%d", n, half) }
	born := func(n int) string {
		return message("Newchannel", "Channel", pair(n)+";1", "Uniqueid", id(n, 1)) +
			message("Newchannel", "Channel", pair(n)+";2", "Uniqueid", id(n, 2))
	}
	named := func(n int, name string) string {
		return message("NewCallerid", "Channel", pair(n)+";1", "CallerIDName", name, "Uniqueid", id(n, 1)) +
			message("NewCallerid", "Channel", pair(n)+";2", "CallerIDName", name, "Uniqueid", id(n, 2))
	}
	// The own phone answers, the far side is dialled and fails in a way of its own.
	outcome := func(n int, status string, cause int) string {
		phone, trunk := fmt.Sprintf("7.%d", n), fmt.Sprintf("8.%d", n)
		dial := func(src, dest, channel string) string {
			return message("Dial", "SubEvent", "Begin", "Channel", channel, "UniqueID", src,
				"Destination", "SIP/"+dest, "DestUniqueID", dest)
		}
		end := func(id string, cause int) string {
			return message("Hangup", "Channel", "SIP/x", "Uniqueid", id, "Cause", fmt.Sprint(cause))
		}
		return message("Newchannel", "Channel", "SIP/"+phone, "Uniqueid", phone) +
			dial(id(n, 2), phone, pair(n)+";2") +
			message("Newstate", "Channel", "SIP/"+phone, "ChannelState", "6", "Uniqueid", phone) +
			message("Newchannel", "Channel", "SIP/"+trunk, "Uniqueid", trunk) +
			dial(id(n, 1), trunk, pair(n)+";1") +
			message("Dial", "SubEvent", "End", "Channel", pair(n)+";1", "UniqueID", id(n, 1), "DialStatus", status) +
			end(trunk, cause) + end(id(n, 1), cause) + end(id(n, 2), 16) + end(phone, 16)
	}
	const earlier, ours = 1, 2
	const theirName, ourName = CallerNames + "0502", CallerNames + "0501"
	for name, stream := range map[string]string{
		"ours alone":                    born(ours) + named(ours, ourName) + outcome(ours, "NOANSWER", 1),
		"ours alone, named by the plan": born(ours) + named(ours, "Ada") + outcome(ours, "NOANSWER", 1),
		"one after the other": born(earlier) + named(earlier, theirName) + born(ours) + named(ours, ourName) +
			outcome(earlier, "CONGESTION", 34) + outcome(ours, "NOANSWER", 1),
		"both born before they are named": born(earlier) + born(ours) + named(earlier, theirName) + named(ours, ourName) +
			outcome(earlier, "CONGESTION", 34) + outcome(ours, "NOANSWER", 1),
		"ours is named first": born(earlier) + born(ours) + named(ours, ourName) + named(earlier, theirName) +
			outcome(earlier, "CONGESTION", 34) + outcome(ours, "NOANSWER", 1),
		"the earlier one is over when ours is born": born(earlier) + named(earlier, theirName) + outcome(earlier, "CONGESTION", 34) +
			born(ours) + named(ours, ourName) + outcome(ours, "NOANSWER", 1),
		"the earlier one's pair is named late": born(ours) + named(ours, ourName) + born(earlier) + named(earlier, theirName) +
			outcome(earlier, "CONGESTION", 34) + outcome(ours, "NOANSWER", 1),
		"ours is named again when its phone is born": born(ours) + named(ours, ourName) +
			message("Newchannel", "Channel", "SIP/7.2", "Uniqueid", "7.2") + named(ours, ourName) + outcome(ours, "NOANSWER", 1),
		"the earlier one rings, and goes by no name": born(earlier) + message("Newstate", "Channel", pair(earlier)+";1", "ChannelState", "5", "Uniqueid", id(earlier, 1)) +
			born(ours) + named(ours, ourName) + outcome(earlier, "BUSY", 17) + outcome(ours, "NOANSWER", 1),
	} {
		r := req()
		r.CallerName = ourName
		c := New(r, time.Unix(0, 0))
		var hungUp int
		for _, e := range replay(t, []byte(stream), NewFamily(r)) {
			c.Apply(e, time.Unix(1, 0))
			if _, ok := e.(ami.HangupEvent); ok {
				hungUp++
			}
		}
		c.Tick(time.Unix(60, 0))
		if s := c.Snapshot(); s.State != call.Failed || s.Cause != call.NoSuchNumber || hungUp != 4 || !c.Over() {
			t.Errorf("%s: %s %q (%s), %d of 4 channels hung up, over %v", name, s.State, s.Cause, s.Detail, hungUp, c.Over())
		}
	}
}

// TestNamedAfterTheLinkWasLost: a name that is told of a call that is followed over
// a new session takes none of its channels away.
func TestNamedAfterTheLinkWasLost(t *testing.T) {
	r := req()
	r.CallerName = CallerNames + r.Number
	c := New(r, time.Unix(0, 0))
	half := ami.Channel{Name: r.Channel + "-1;1", UniqueID: "9.1", CallerIDName: clean.Foreign(r.CallerName)}
	phone := ami.Channel{Name: "SIP/7101-1", UniqueID: "9.3"}
	c.Apply(ami.Newchannel{Channel: half}, time.Unix(0, 0))
	c.Apply(ami.Newchannel{Channel: phone}, time.Unix(0, 0))
	c.ConnectionLost(time.Unix(1, 0))
	c.Restore([]ami.ChannelStatus{{Channel: half}, {Channel: phone}}, time.Unix(2, 0))
	stream := "Event: NewCallerid\r\nChannel: " + half.Name + "\r\nCallerIDName: " + r.CallerName + "\r\nUniqueid: 9.1\r\n\r\n" +
		"Event: Hangup\r\nChannel: SIP/7101-1\r\nUniqueid: 9.3\r\nCause: 16\r\n\r\n" +
		"Event: Hangup\r\nChannel: " + half.Name + "\r\nUniqueid: 9.1\r\nCause: 16\r\n\r\n"
	for _, e := range replay(t, []byte(stream), c.Family()) {
		if n, ok := e.(ami.NewCallerid); ok {
			if c.Apply(n, time.Unix(3, 0)); len(c.legs) != 2 {
				t.Errorf("%d channels left, want 2", len(c.legs))
			}
			continue
		}
		c.Apply(e, time.Unix(3, 0))
	}
	if len(c.legs) != 0 {
		t.Errorf("%d channels never hung up", len(c.legs))
	}
}

// TestAnotherCallRingsFirst: while it was taken for ours the phone rang; ours is
// still to come, and has not failed.
func TestAnotherCallRingsFirst(t *testing.T) {
	r := req()
	r.CallerName = CallerNames + r.Number
	c := New(r, time.Unix(0, 0))
	half := ami.Channel{Name: r.Channel + "-1;1", UniqueID: "9.1", State: chanRinging, CallerIDName: CallerNames + "0502"}
	for _, e := range []ami.Event{ami.Newchannel{Channel: half}, ami.Newstate{Channel: half}, ami.NewCallerid{Channel: half}} {
		c.Apply(e, time.Unix(1, 0))
	}
	if c.Tick(time.Unix(5, 0)); !c.Snapshot().Live() {
		t.Errorf("%s %q before ours has come", c.Snapshot().State, c.Snapshot().Cause)
	}
}
