package tracker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// The streams of this file are written by hand, in the order in which Asterisk 11
// and 13 sent such calls in the recordings that VoIPGRID/cacofonisk publishes
// (tests/fixtures).

// message is one event as the wire has it.
func message(event string, kv ...string) string {
	m := "Event: " + event + "\r\n"
	for i := 0; i < len(kv); i += 2 {
		m += kv[i] + ": " + kv[i+1] + "\r\n"
	}
	return m + "\r\n"
}

// named is a channel that has its id in its name's stead.
type named struct{ name, id string }

func (ch named) born(state int) string {
	return message("Newchannel", "Channel", ch.name, "ChannelState", fmt.Sprint(state), "Uniqueid", ch.id)
}

func (ch named) state(state int) string {
	return message("Newstate", "Channel", ch.name, "ChannelState", fmt.Sprint(state), "Uniqueid", ch.id)
}

func (ch named) shows(name string) string {
	return message("NewCallerid", "Channel", ch.name, "CallerIDName", name, "Uniqueid", ch.id)
}

func (ch named) over(cause int) string {
	return message("Hangup", "Channel", ch.name, "Uniqueid", ch.id, "Cause", fmt.Sprint(cause))
}

// dials and ends are of Asterisk 12 and later.
func (ch named) dials(dest named) string {
	return message("DialBegin", "Channel", ch.name, "Uniqueid", ch.id, "DestChannel", dest.name, "DestUniqueid", dest.id)
}

func (ch named) ends(dest named, status string) string {
	return message("DialEnd", "Channel", ch.name, "Uniqueid", ch.id, "DestChannel", dest.name, "DestUniqueid", dest.id, "DialStatus", status)
}

// dials11, ends11 and meets11 are of Asterisk 11.
func (ch named) dials11(dest named) string {
	return message("Dial", "SubEvent", "Begin", "Channel", ch.name, "UniqueID", ch.id, "Destination", dest.name, "DestUniqueID", dest.id)
}

func (ch named) ends11(status string) string {
	return message("Dial", "SubEvent", "End", "Channel", ch.name, "UniqueID", ch.id, "DialStatus", status)
}

func (ch named) meets11(other named, how string) string {
	return message("Bridge", "Bridgestate", how, "Channel1", ch.name, "Channel2", other.name, "Uniqueid1", ch.id, "Uniqueid2", other.id)
}

// pairOf is the Local pair of an Originate for the phone 7101.
func pairOf(n int, one, two string) (named, named) {
	base := fmt.Sprintf("Local/7101@c2c-%08x", n)
	return named{base + ";1", one}, named{base + ";2", two}
}

// played is what became of a call: its states and their cause.
func played(c *Call, events []ami.Event, step time.Duration) string {
	now := time.Unix(0, 0)
	states := []string{string(c.Snapshot().State)}
	note := func() {
		if s := string(c.Snapshot().State); s != states[len(states)-1] {
			states = append(states, s)
		}
	}
	for _, e := range events {
		now = now.Add(step)
		c.Tick(now)
		note()
		c.Apply(e, now)
		note()
	}
	for range 3 {
		now = now.Add(time.Minute)
		c.Tick(now)
		note()
	}
	out := strings.Join(states, " ")
	if cause := c.Snapshot().Cause; cause != "" {
		out += " " + string(cause)
	}
	return out
}

// answered13 is a call that rings, is picked up, answered and over, on Asterisk
// 12.2 to 13.4: ids of ours, no Linkedid.
func answered13(one, two named, phone, far named) []string {
	return []string{
		one.born(0), two.born(4), message("DialBegin", "DestChannel", one.name, "DestUniqueid", one.id),
		phone.born(0), two.dials(phone), phone.state(5), one.state(5), phone.state(6), two.ends(phone, "ANSWER"), two.state(6), one.state(6),
		message("DialEnd", "DestChannel", one.name, "DestUniqueid", one.id, "DialStatus", "ANSWER"),
		far.born(0), one.dials(far), far.state(5), far.state(6), one.ends(far, "ANSWER"),
		one.over(16), two.over(16), far.over(16), phone.over(16),
	}
}

const fullCall = "requested ringing_own answered_own ringing_far in_call ended"

// TestAnotherProgramRingsTheSamePhone, where the PBX uses our ids and tells no
// Linkedid: names count for nothing, whatever they say and whoever comes first.
func TestAnotherProgramRingsTheSamePhone(t *testing.T) {
	r := req()
	r.CallerName = CallerNames + r.Number
	one, two := pairOf(2, r.ChannelID, r.OtherChannelID)
	ours := answered13(one, two, named{"SIP/7101-2", "9.3"}, named{"SIP/trunk-2", "9.4"})
	theirOne, theirTwo := pairOf(1, "8.1", "8.2")
	phone := named{"SIP/7101-1", "8.3"}
	for name, shown := range map[string]string{"no name": "", "another number": CallerNames + "0502", "the same number": r.CallerName} {
		theirs := []string{theirOne.born(0), theirTwo.born(4)}
		if shown != "" {
			theirs = append(theirs, theirOne.shows(shown), theirTwo.shows(shown))
		}
		theirs = append(theirs, phone.born(0), theirTwo.dials(phone), theirOne.state(5), phone.state(5),
			theirTwo.ends(phone, "BUSY"), phone.over(17), theirTwo.over(17), theirOne.over(17))
		for from := range ours {
			for _, takes := range []bool{true, false} {
				if from == 0 && !takes {
					continue // whoever's whole call is over before ours began is no rival
				}
				var stream []string
				for i, m := range ours { // theirs begins with the message from, or one before ours
					stream = append(stream, m)
					if i >= from-1 && i-from+1 < len(theirs) {
						stream = append(stream, theirs[i-from+1])
					}
				}
				if from == 0 {
					stream = slices.Concat(theirs, ours)
				}
				rq := r
				rq.TakesIDs = takes
				if got := played(New(rq, time.Unix(0, 0)), replay(t, []byte(strings.Join(stream, "")), NewFamily(rq)), time.Millisecond); got != fullCall {
					t.Errorf("%s, theirs from %d on, known to take ids %v: %s", name, from, takes, got)
				}
			}
		}
		// Theirs is born first and rings at once; then the PBX shows that it takes ids.
		stream := slices.Concat(theirs[:len(theirs)-4], ours, theirs[len(theirs)-4:])
		if got := played(New(r, time.Unix(0, 0)), replay(t, []byte(strings.Join(stream, "")), NewFamily(r)), time.Millisecond); got != fullCall {
			t.Errorf("%s, theirs rings first: %s", name, got)
		}
	}
}

// TestNestedLocalWithoutLinkedid: the far side is behind a Local pair of its own,
// of which only one half is dialled. The call goes on when the outer pair has
// been optimised away, and ends with the phones.
func TestNestedLocalWithoutLinkedid(t *testing.T) {
	r := req()
	one, two := pairOf(1, r.ChannelID, r.OtherChannelID)
	phone, far := named{"SIP/7101-1", "9.3"}, named{"SIP/trunk-1", "9.7"}
	outer, inner := named{"Local/0501@out-2;1", "9.5"}, named{"Local/0501@out-2;2", "9.6"}
	start := answered13(one, two, phone, far)[:12]
	talk := []string{
		inner.ends(far, "ANSWER"), inner.state(6), outer.state(6), one.ends(outer, "ANSWER"),
		one.over(16), two.over(16), outer.over(16), inner.over(16),
	}
	bridge := message("LocalBridge", "LocalOneChannel", outer.name, "LocalOneUniqueid", outer.id, "LocalTwoChannel", inner.name, "LocalTwoUniqueid", inner.id)
	inOrder := []string{one.dials(outer), far.born(0), inner.dials(far), far.state(5), outer.state(5), far.state(6)}
	// The same names elsewhere are another call's.
	stranger := named{inner.name, "8.6"}
	for name, dialled := range map[string][]string{
		"in order":                     append([]string{bridge}, inOrder...),
		"the inner one is told first":  {bridge, far.born(0), inner.dials(far), one.dials(outer), far.state(5), outer.state(5), far.state(6)},
		"no LocalBridge":               inOrder,
		"another channel of that name": append([]string{bridge}, slices.Concat(inOrder, []string{stranger.born(4), stranger.dials(named{"SIP/other-1", "8.7"}), stranger.over(16)})...),
	} {
		stream := slices.Concat(start, []string{outer.born(0), inner.born(4)}, dialled, talk)
		c := New(r, time.Unix(0, 0))
		f := NewFamily(r)
		for _, e := range replay(t, []byte(strings.Join(stream, "")), f) {
			c.Apply(e, time.Unix(1, 0))
		}
		c.Tick(time.Unix(300, 0))
		if s := c.Snapshot(); s.State != call.InCall || len(c.legs) != 2 {
			t.Errorf("%s: %s %q with %d channels, while both talk", name, s.State, s.Cause, len(c.legs))
		}
		// It is over when they hang up, also over another session.
		for _, e := range replay(t, []byte(far.over(16)+phone.over(16)), c.Family()) {
			c.Apply(e, time.Unix(400, 0))
		}
		if s := c.Snapshot(); s.State != call.Ended || !c.Over() {
			t.Errorf("%s: %s %q when both have hung up", name, s.State, s.Cause)
		}
	}
}

// began11 is a call on Asterisk 11 until its own phone is picked up.
func began11(one, two, phone named, shown string) []string {
	return []string{
		one.born(0), two.born(4), one.shows(shown), two.shows(shown), phone.born(0), two.dials11(phone),
		phone.state(5), one.state(5), phone.state(6), two.state(6), two.meets11(phone, "Link"), one.state(6),
	}
}

// TestQueueOfAsterisk11: a queue tells of nobody it calls. Whoever is joined with
// our half has answered; waiting is no talk.
func TestQueueOfAsterisk11(t *testing.T) {
	r := req()
	r.ChannelID, r.OtherChannelID = "not-1", "not-2"
	r.CallerName = CallerNames + r.Number
	one, two := pairOf(1, "9.1", "9.2")
	phone, member := named{"SIP/7101-1", "9.3"}, named{"SIP/7105-1", "9.7"}
	outer, inner := named{"Local/7105@queue-2;1", "9.5"}, named{"Local/7105@queue-2;2", "9.6"}
	began := began11(one, two, phone, r.CallerName)
	rung := []string{outer.born(0), inner.born(4), member.born(0), inner.dials11(member), member.state(5), outer.state(5), member.state(6), inner.state(6), inner.meets11(member, "Link"), outer.state(6)}
	left := []string{two.meets11(phone, "Unlink"), phone.over(16), two.ends11("ANSWER"), two.over(16), one.over(16)}
	for name, tt := range map[string]struct {
		met  []string
		want string
	}{
		"a member answers":                {[]string{one.meets11(outer, "Link"), one.meets11(outer, "Unlink"), outer.over(16)}, "requested ringing_own answered_own in_call ended"},
		"a phone answers":                 {[]string{one.meets11(member, "Link"), one.meets11(member, "Unlink"), member.over(16)}, "requested ringing_own answered_own in_call ended"},
		"a member, and ours comes second": {[]string{outer.meets11(one, "Link"), outer.meets11(one, "Unlink"), outer.over(16)}, "requested ringing_own answered_own in_call ended"},
	} {
		stream := slices.Concat(began, rung, tt.met, left)
		c := New(r, time.Unix(0, 0))
		if got := played(c, replay(t, []byte(strings.Join(stream, "")), NewFamily(r)), time.Millisecond); got != tt.want || !c.Over() {
			t.Errorf("%s: %s, over %v", name, got, c.Over())
		}
	}
	c := New(r, time.Unix(0, 0))
	stream := slices.Concat(began, rung, []string{one.meets11(outer, "Link")})
	for _, e := range replay(t, []byte(strings.Join(stream, "")), NewFamily(r)) {
		at := time.Unix(1, 0)
		if _, joined := e.(ami.Bridge); joined && c.Snapshot().State != call.RingingOwn {
			at = time.Unix(30, 0)
			c.Tick(at)
		}
		c.Apply(e, at)
	}
	if d := c.Snapshot().Duration(time.Unix(35, 0)); d != 5*time.Second {
		t.Errorf("talked for %v after 30 s in the queue, want 5s", d)
	}
}

// TestTwins: on Asterisk 11 two calls of the same phone to the same number look the
// same, so that what becomes of one proves nothing.
func TestTwins(t *testing.T) {
	r := req()
	r.ChannelID, r.OtherChannelID = "not-1", "not-2"
	r.CallerName = CallerNames + r.Number
	one, two := pairOf(1, "9.1", "9.2")
	phone := named{"SIP/7101-1", "9.3"}
	theirOne, theirTwo := pairOf(2, "8.1", "8.2")
	theirs := []string{theirOne.born(0), theirTwo.born(4), theirOne.shows(r.CallerName), theirTwo.shows(r.CallerName)}
	ended := slices.Concat(began11(one, two, phone, r.CallerName)[4:], []string{phone.over(16), two.over(16), one.over(16)})
	busy := []string{phone.born(0), two.dials11(phone), phone.over(17), two.ends11("BUSY"), two.over(17), one.over(17)}
	answer := func(ch named) string {
		return message("OriginateResponse", "ActionID", "c", "Response", "Success", "Channel", ch.name, "Uniqueid", ch.id, "Reason", "4")
	}
	born := began11(one, two, phone, r.CallerName)[:4]
	far := named{"SIP/trunk-1", "8.4"}
	for name, tt := range map[string]struct {
		stream []string
		want   string
	}{
		"busy":                     {slices.Concat(born, theirs, busy), "requested unknown"},
		"picked up and over":       {slices.Concat(born, theirs, ended), "requested ringing_own answered_own unknown"},
		"theirs is born between":   {slices.Concat(born[:2], theirs[:2], born[2:], theirs[2:], busy), "requested unknown"},
		"the PBX says it was ours": {slices.Concat(born, theirs, ended[:4], []string{answer(one), one.dials11(far), far.over(17), one.ends11("BUSY")}, ended[4:]), "requested ringing_own answered_own failed busy"},
		"the PBX says it is the other": {
			slices.Concat(born, theirs, busy[:3], []string{
				answer(theirOne), far.born(0), theirOne.dials11(far), far.state(5), far.state(6), theirOne.meets11(far, "Link"),
			}, busy[3:], []string{theirOne.meets11(far, "Unlink"), far.over(16), theirOne.over(16)}),
			"requested answered_own ringing_far in_call ended",
		},
	} {
		c := New(r, time.Unix(0, 0))
		if got := played(c, replay(t, []byte(strings.Join(tt.stream, "")), NewFamily(r)), time.Millisecond); got != tt.want || !c.Over() {
			t.Errorf("%s: %s, over %v\nwant %s", name, got, c.Over(), tt.want)
		}
	}
}

// TestNoNewPairAfterTheLinkWasLost: on Asterisk 11 a call that is followed over a new
// session takes no pair that is born then for its own.
func TestNoNewPairAfterTheLinkWasLost(t *testing.T) {
	r := req()
	r.ChannelID, r.OtherChannelID = "not-1", "not-2"
	r.CallerName = CallerNames + r.Number
	one, two := pairOf(1, "9.1", "9.2")
	phone := named{"SIP/7101-1", "9.3"}
	c := New(r, time.Unix(0, 0))
	for _, e := range replay(t, []byte(strings.Join(began11(one, two, phone, r.CallerName), "")), NewFamily(r)) {
		c.Apply(e, time.Unix(0, 0))
	}
	c.ConnectionLost(time.Unix(1, 0))
	theirOne, theirTwo := pairOf(2, "8.1", "8.2")
	stream := theirOne.born(0) + theirTwo.born(4) + theirOne.shows(r.CallerName) + theirOne.over(17) + theirTwo.over(17) + one.over(16)
	var ids []string
	for _, e := range replay(t, []byte(stream), c.Family()) {
		if h, ok := e.(ami.HangupEvent); ok {
			ids = append(ids, h.Channel.UniqueID)
		}
	}
	if !slices.Equal(ids, []string{"9.1"}) {
		t.Errorf("hung up: %v, want ours alone", ids)
	}
}

// TestGroupThatNobodyPicksUp: the far side is a group behind nested Local channels. One
// phone is busy, the other declines after a while, and the dialplan says of the whole
// what it says of each Local channel, not what each phone said.
func TestGroupThatNobodyPicksUp(t *testing.T) {
	r := req()
	one, two := pairOf(1, r.ChannelID, r.OtherChannelID)
	phone := named{"SIP/7101-1", "9.3"}
	outer := []named{{"Local/7102@g-2;1", "9.5"}, {"Local/7103@g-3;1", "9.6"}}
	inner := []named{{"Local/7102@g-2;2", "9.7"}, {"Local/7103@g-3;2", "9.8"}}
	member := []named{{"SIP/7102-1", "9.9"}, {"SIP/7103-1", "9.10"}}
	var rings13, rings11 []string
	for i := range outer {
		rings13 = append(rings13, outer[i].born(0), inner[i].born(4), one.dials(outer[i]), member[i].born(0), inner[i].dials(member[i]), member[i].state(5), outer[i].state(5))
		rings11 = append(rings11, outer[i].born(0), inner[i].born(4), one.dials11(outer[i]), member[i].born(0), inner[i].dials11(member[i]), member[i].state(5), outer[i].state(5))
	}
	put := []string{one.over(19), two.over(19), phone.over(19)}
	for _, tt := range []struct {
		name string
		r    Request
		in   []string
	}{
		{"Asterisk 13.4", r, slices.Concat(answered13(one, two, phone, named{})[:12], rings13, []string{
			inner[0].ends(member[0], "BUSY"), member[0].over(17), one.ends(outer[0], "BUSY"), outer[0].over(17), inner[0].over(17),
			inner[1].ends(member[1], "BUSY"), member[1].over(21), inner[1].over(19), one.ends(outer[1], "NOANSWER"), outer[1].over(19),
		}, put)},
		{"Asterisk 11", Request{ActionID: "c", Channel: r.Channel, Number: r.Number, CallerName: CallerNames + r.Number, Extension: r.Extension, RingTime: r.RingTime}, slices.Concat(began11(one, two, phone, CallerNames+r.Number), rings11, []string{
			member[0].over(17), inner[0].ends11("BUSY"), inner[0].over(17), outer[0].over(17),
			member[1].over(21), inner[1].ends11("BUSY"), inner[1].over(19), outer[1].over(19), one.ends11("NOANSWER"),
		}, put)},
	} {
		c := New(tt.r, time.Unix(0, 0))
		if got := played(c, replay(t, []byte(strings.Join(tt.in, "")), NewFamily(tt.r)), time.Millisecond); got != "requested ringing_own answered_own ringing_far failed no_answer" {
			t.Errorf("%s: %s (%s)", tt.name, got, c.Snapshot().Detail)
		}
	}
}

// TestFoundByALinkedidThatIsGone: before Asterisk 12.2 the PBX chose the ids. Both phones
// are picked up while the link is away, and the Local pair that all are linked with is gone.
func TestFoundByALinkedidThatIsGone(t *testing.T) {
	r := req()
	r.ChannelID, r.OtherChannelID = "not-1", "not-2"
	one, two := pairOf(1, "9.1", "9.2")
	c := New(r, time.Unix(0, 0))
	for _, e := range replay(t, []byte(one.born(0)+two.born(4)), NewFamily(r)) {
		c.Apply(e, time.Unix(0, 0))
	}
	c.ConnectionLost(time.Unix(1, 0))
	c.Restore([]ami.ChannelStatus{
		listed("SIP/7101-1", "9.3", "9.1", chanUp, 0), listed("SIP/trunk-1", "9.4", "9.1", chanUp, 0), listed("SIP/7105-1", "8.3", "8.1", chanUp, 0),
	}, time.Unix(2, 0))
	if s := c.Snapshot(); s.State != call.InCall || !slices.Equal(c.Channels(), []string{"SIP/7101-1"}) {
		t.Errorf("%s, to be hung up: %v", s.State, c.Channels())
	}
}
