package tracker

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// seen is the call of req as it was in a state, with the legs that were known.
func seen(s call.State, at time.Time, legs ...MemoLeg) Memo {
	m := Memo{Request: req(), State: s, Requested: at.Add(-time.Minute), Seen: at, Legs: legs}
	if s == call.InCall {
		m.Answered = at
	}
	return m
}

// listed is a channel on the PBX's list.
func listed(name, id, linked string, state, seconds int) ami.ChannelStatus {
	return ami.ChannelStatus{Channel: ami.Channel{Name: name, UniqueID: id, LinkedID: linked, State: state}, Seconds: seconds}
}

// TestRecall: of what lives at the PBX only that is the call's which is proven to
// be, and only that is ever named to be hung up.
func TestRecall(t *testing.T) {
	r := req()
	half1, half2 := MemoLeg{r.ChannelID, r.Channel + "-0;1", "one"}, MemoLeg{r.OtherChannelID, r.Channel + "-0;2", "two"}
	phone, trunk := MemoLeg{"100.1", "PJSIP/7101-0000000a", "own"}, MemoLeg{"100.2", "PJSIP/trunk-0000000b", "far"}
	const up, rings = chanUp, chanRinging
	one, two := listed(half1.Name, half1.ID, half1.ID, up, 0), listed(half2.Name, half2.ID, half1.ID, up, 0)
	own, far := listed(phone.Name, phone.ID, half1.ID, up, 0), listed(trunk.Name, trunk.ID, half1.ID, up, 0)
	ringing := func(s ami.ChannelStatus) ami.ChannelStatus { s.Channel.State = rings; return s }
	linked := func(s ami.ChannelStatus, id string) ami.ChannelStatus { s.Channel.LinkedID = id; return s }
	all := []MemoLeg{half1, half2, phone, trunk}
	pbx := newLister(t)
	for _, tc := range []struct {
		name  string
		was   call.State
		knew  []MemoLeg
		live  []ami.ChannelStatus
		want  call.State
		cause call.Cause
		names []string // to be hung up, where it is live
	}{
		{"asked for, nothing known, the phone rings", call.Requested, nil, []ami.ChannelStatus{ringing(one), two, ringing(own)}, call.RingingOwn, "", []string{half1.Name, phone.Name, half2.Name}},
		{"asked for, nothing known, and in call without halves", call.Requested, nil, []ami.ChannelStatus{own, far}, call.InCall, "", []string{phone.Name}},
		{"asked for, and its channels are to come", call.Requested, nil, []ami.ChannelStatus{listed(half1.Name, half1.ID, half1.ID, 0, 0), two}, call.Requested, "", []string{half1.Name, half2.Name}},
		{"rang, still rings", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{ringing(one), two, ringing(own)}, call.RingingOwn, "", []string{half1.Name, phone.Name, half2.Name}},
		{"rang, picked up", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{one, two, own}, call.AnsweredOwn, "", []string{half1.Name, phone.Name, half2.Name}},
		{"rang, the other side rings", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{one, two, own, ringing(far)}, call.RingingFar, "", []string{half1.Name, phone.Name, half2.Name}},
		{"in call, the halves gone", call.InCall, all, []ami.ChannelStatus{own, far}, call.InCall, "", []string{phone.Name}},
		{"in call, over since", call.InCall, all, nil, call.Unknown, call.EndedUnseen, nil},

		// Bridges spread the oldest Linkedid.
		{"in a conference with an older call", call.InCall, all, []ami.ChannelStatus{linked(own, "7.7"), linked(far, "7.7"), listed("PJSIP/7105-0000000c", "7.7", "7.7", up, 0)}, call.InCall, "", []string{phone.Name}},
		{"a younger call has joined it", call.InCall, all, []ami.ChannelStatus{own, far, listed("PJSIP/7105-0000000c", "200.1", half1.ID, up, 0)}, call.InCall, "", []string{phone.Name}},
		{"transferred: the other two talk", call.InCall, all, []ami.ChannelStatus{far, listed("PJSIP/7105-0000000c", "200.1", half1.ID, up, 0)}, call.Unknown, call.EndedUnseen, nil},
		{"picked up by a colleague", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{listed("PJSIP/7105-0000000c", "200.1", half1.ID, up, 0), far}, call.Unknown, call.EndedUnseen, nil},

		// A PBX that was started again counts anew.
		{"a Uniqueid that somebody else has by now", call.InCall, all, []ami.ChannelStatus{listed("PJSIP/7105-00000001", phone.ID, phone.ID, up, 0), listed("PJSIP/7106-00000002", trunk.ID, phone.ID, up, 0)}, call.Unknown, call.EndedUnseen, nil},
		{"… and the same name, in a younger call", call.InCall, all, []ami.ChannelStatus{listed(phone.Name, phone.ID, "9.9", up, 100), listed(trunk.Name, trunk.ID, "9.9", up, 100)}, call.Unknown, call.EndedUnseen, nil},
		{"… and the same name, as old as ours", call.InCall, all, []ami.ChannelStatus{listed(phone.Name, phone.ID, "9.9", up, 3700), listed(trunk.Name, trunk.ID, "9.9", up, 3700)}, call.InCall, "", []string{phone.Name}},
		{"our phone in a call of its own", call.InCall, all, []ami.ChannelStatus{listed("PJSIP/7101-0000000d", "300.1", "300.1", up, 0)}, call.Unknown, call.EndedUnseen, nil},
		{"a Local pair to our phone that somebody else asked for", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{listed(r.Channel+"-1;1", "8.1", "8.1", up, 0), listed(r.Channel+"-1;2", "8.2", "8.1", up, 0)}, call.Unknown, call.EndedUnseen, nil},

		// 12.2 to 13.4 honour the ids and tell no Linkedid.
		{"no Linkedid, the halves live", call.RingingOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{linked(ringing(one), ""), linked(two, ""), linked(ringing(own), "")}, call.RingingOwn, "", []string{half1.Name, phone.Name, half2.Name}},
		{"no Linkedid, the phones live", call.InCall, all, []ami.ChannelStatus{linked(own, ""), linked(far, "")}, call.InCall, "", []string{phone.Name}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			c := Recall(seen(tc.was, at, tc.knew...))
			if s := c.Snapshot(); s.State != call.Unknown || s.Cause != call.ConnectionLost || len(c.Channels()) != 0 {
				t.Fatalf("before the list: %s %q, %v to be hung up", s.State, s.Cause, c.Channels())
			}
			c.Restore(pbx.list(c.Family(), tc.live), at.Add(time.Hour))
			s := c.Snapshot()
			if s.State != tc.want || s.Cause != tc.cause {
				t.Errorf("%s %q, want %s %q", s.State, s.Cause, tc.want, tc.cause)
			}
			if names := c.Channels(); !slices.Equal(names, tc.names) {
				t.Errorf("to be hung up: %v, want %v", names, tc.names)
			}
			if s.Requested != at.Add(-time.Minute) || s.Live() == !s.Ended.IsZero() {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestRecall11: no ids of ours, no Linkedid; what is known are the Uniqueids of
// the legs, and the name that the request had.
func TestRecall11(t *testing.T) {
	r := req()
	r.CallerName = CallerNames + r.Number
	half1, half2 := MemoLeg{"5.1", r.Channel + "-aa;1", "one"}, MemoLeg{"5.2", r.Channel + "-aa;2", "two"}
	phone, trunk := MemoLeg{"5.3", "SIP/7101-0a", "own"}, MemoLeg{"5.4", "SIP/trunk-0b", "far"}
	named := func(s ami.ChannelStatus, name string) ami.ChannelStatus {
		s.Channel.CallerIDName = clean.Foreign(name)
		return s
	}
	pair := func(base string, id int, name string) []ami.ChannelStatus {
		return []ami.ChannelStatus{
			named(listed(r.Channel+"-"+base+";1", fmt.Sprintf("%d.1", id), "", 0, 0), name),
			named(listed(r.Channel+"-"+base+";2", fmt.Sprintf("%d.2", id), "", chanUp, 0), name),
		}
	}
	joined := listed("SIP/trunk-0c", "5.9", "", chanUp, 0)
	joined.Bridged = half2.ID
	pbx := newLister(t)
	for _, tc := range []struct {
		name  string
		was   call.State
		knew  []MemoLeg
		live  []ami.ChannelStatus
		want  call.State
		cause call.Cause
		names []string
	}{
		{"the legs live", call.RingingOwn, []MemoLeg{half1, half2, phone}, append(pair("aa", 5, r.CallerName), listed(phone.Name, phone.ID, "", chanRinging, 0)), call.RingingOwn, "", []string{half1.Name, phone.Name, half2.Name}},
		{"the phones took the halves' ids", call.RingingFar, []MemoLeg{half1, half2, phone, trunk}, []ami.ChannelStatus{listed(phone.Name, half2.ID, "", chanUp, 0), listed(trunk.Name, half1.ID, "", chanUp, 0)}, call.InCall, "", []string{phone.Name}},
		{"nothing known, the pair goes by our name", call.Requested, nil, pair("aa", 5, r.CallerName), call.Requested, "", []string{half1.Name, half2.Name}},
		{"nothing known, the pair goes by another name", call.Requested, nil, pair("aa", 5, CallerNames+"0502"), call.Unknown, call.ConnectionLost, nil},
		{"nothing known, two pairs go by our name", call.Requested, nil, append(pair("aa", 5, r.CallerName), pair("bb", 6, r.CallerName)...), call.Unknown, call.ConnectionLost, nil},
		{"nothing known, only strangers live", call.Requested, nil, []ami.ChannelStatus{listed("SIP/7105-01", "6.1", "", chanUp, 0)}, call.Unknown, call.ConnectionLost, nil},
		{"nothing known, nothing lives", call.Requested, nil, nil, call.Unknown, call.EndedUnseen, nil},
		{"the far side was born unseen, and is joined with the phone", call.AnsweredOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{listed(phone.Name, half2.ID, "", chanUp, 0), joined}, call.InCall, "", []string{phone.Name}},
		{"… which is another's by now", call.AnsweredOwn, []MemoLeg{half1, half2, phone}, []ami.ChannelStatus{listed("SIP/7105-01", half2.ID, "", chanUp, 0), joined}, call.Unknown, call.EndedUnseen, nil},
		{"a Uniqueid that somebody else has by now", call.InCall, []MemoLeg{phone, trunk}, []ami.ChannelStatus{listed("SIP/7105-01", phone.ID, "", chanUp, 0)}, call.Unknown, call.EndedUnseen, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			m := seen(tc.was, at, tc.knew...)
			m.Request = r
			c := Recall(m)
			c.Restore(pbx.list(c.Family(), tc.live), at.Add(10*time.Second))
			if s, names := c.Snapshot(), c.Channels(); s.State != tc.want || s.Cause != tc.cause || !slices.Equal(names, tc.names) {
				t.Errorf("%s %q, to be hung up: %v; want %s %q, %v", s.State, s.Cause, names, tc.want, tc.cause, tc.names)
			}
		})
	}
}

// TestRecallTakesNoNameForAnID: where the PBX uses the ids that were asked for, a pair
// that goes by our name is another program's.
func TestRecallTakesNoNameForAnID(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	m := seen(call.Requested, at)
	m.Request.TakesIDs, m.Request.CallerName = true, CallerNames+m.Request.Number
	pair := listed(m.Request.Channel+"-aa;1", "5.1", "", 0, 0)
	pair.Channel.CallerIDName = clean.Foreign(m.Request.CallerName)
	c := Recall(m)
	c.Restore([]ami.ChannelStatus{pair}, at)
	if s := c.Snapshot(); s.Live() || len(c.Channels()) != 0 {
		t.Errorf("%s, to be hung up: %v", s.State, c.Channels())
	}
	// Before anything was known of the PBX, which shows it now.
	m.Request.TakesIDs = false
	half := listed(m.Request.Channel+"-bb;1", m.Request.ChannelID, "", 0, 0)
	c = Recall(m)
	c.Restore([]ami.ChannelStatus{pair, half}, at)
	if names := c.Channels(); !slices.Equal(names, []string{half.Channel.Name}) {
		t.Errorf("to be hung up: %v", names)
	}
}

// TestRecallForgetsNothing: what was told of a call that lives holds after a restart
// as after a lost link.
func TestRecallForgetsNothing(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	list := []ami.ChannelStatus{statusUp(one), statusUp(two), statusUp(own)}
	for i := range list {
		list[i].Channel.LinkedID = one.UniqueID
	}
	for _, tc := range []struct {
		name         string
		in           []any
		state, later call.State // later: three seconds
		cause        call.Cause
		byPBX        bool
		end          call.State
	}{
		{"nothing was told yet", picked, call.AnsweredOwn, call.InCall, "", false, call.Ended},
		{"busy", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), wait(grace)), call.AnsweredOwn, call.InCall, call.Busy, false, call.Ended},
		{"an announcement", then(picked, plays("PROGRESS")), call.AnsweredOwn, call.AnsweredOwn, "", true, call.Unknown},
		{"the mailbox", then(picked, wait(serviceAfter)), call.InCall, call.InCall, "", true, call.Ended},
		{"a colleague picked up", then(ringing, born(taker), end(two, taker, "ANSWER")), call.AnsweredOwn, call.InCall, call.OwnElsewhere, false, call.Ended},
	} {
		now := at
		was := New(req(), now)
		for _, in := range tc.in {
			switch in := in.(type) {
			case ami.Event:
				was.Apply(in, now)
			case wait:
				now = now.Add(time.Duration(in))
				was.Tick(now)
			}
		}
		m := was.Memo(now)
		c := Recall(m)
		c.Restore(list, now)
		if s, old := c.Snapshot(), was.Snapshot(); s.State != tc.state || s.Cause != tc.cause || s.ByPBX != tc.byPBX || s.State != old.State || s.Cause != old.Cause {
			t.Errorf("%s: %+v, was %+v", tc.name, s, old)
		}
		if !m.Covers(c.Memo(now)) || tc.cause != "" && (Memo{State: m.State, Answered: m.Answered}).Covers(Memo{State: m.State, Answered: m.Answered, Cause: m.Cause}) {
			t.Errorf("%s: what was told is no part of the Memo", tc.name)
		}
		c.Tick(now.Add(serviceAfter))
		if s := c.Snapshot(); s.State != tc.later || tc.cause == call.OwnElsewhere && s.Cause != tc.cause {
			t.Errorf("%s: %s %q after a while, want %s", tc.name, s.State, s.Cause, tc.later)
		}
		for _, ch := range []ami.Channel{one, two, own} {
			c.Apply(gone(ch, 16), now.Add(time.Minute))
		}
		if s := c.Snapshot(); s.State != tc.end {
			t.Errorf("%s: %s %q in the end, want %s", tc.name, s.State, s.Cause, tc.end)
		}
	}
	// Asterisk 11: another call goes by the same name.
	m := seen(call.InCall, at, MemoLeg{"5.3", "SIP/7101-0a", "own"}, MemoLeg{"5.4", "SIP/trunk-0b", "far"})
	m.Twins = true
	c := Recall(m)
	phone, far := listed("SIP/7101-0a", "5.3", "", chanUp, 0), listed("SIP/trunk-0b", "5.4", "", chanUp, 0)
	c.Restore([]ami.ChannelStatus{phone, far}, at)
	c.Apply(gone(far.Channel, 16), at)
	c.Apply(gone(phone.Channel, 16), at)
	if s := c.Snapshot(); s.State != call.Unknown || !c.Memo(at).Twins {
		t.Errorf("of two that look the same: %s", s.State)
	}
}

// TestRecalledIsFollowed: its events tell how it goes on, and its end.
func TestRecalledIsFollowed(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := Recall(seen(call.RingingOwn, at, MemoLeg{own.UniqueID, own.Name, "own"}))
	live := []ami.ChannelStatus{{Channel: one}, {Channel: two}, {Channel: own}}
	for i := range live {
		live[i].Channel.LinkedID = one.UniqueID
	}
	c.Restore(live, at)
	for _, e := range []ami.Event{
		end(two, own, "ANSWER"), born(trunk), begin(one, trunk), rings(one, trunk), end(one, trunk, "ANSWER"),
		gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16),
	} {
		c.Apply(e, at.Add(time.Second))
	}
	if s := c.Snapshot(); s.State != call.Ended || !c.Over() {
		t.Errorf("%s %q, over: %v", s.State, s.Cause, c.Over())
	}
}

// TestRecalledAtAService: a phone that talks to the PBX itself is in call, after
// the wait that a new call has.
func TestRecalledAtAService(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := Recall(seen(call.AnsweredOwn, at, MemoLeg{own.UniqueID, own.Name, "own"}))
	up := statusUp(own)
	up.Channel.LinkedID = req().ChannelID
	c.Restore([]ami.ChannelStatus{up}, at)
	if c.Snapshot().State != call.AnsweredOwn {
		t.Fatal(c.Snapshot().State)
	}
	c.Tick(at.Add(serviceAfter))
	if c.Snapshot().State != call.InCall {
		t.Error(c.Snapshot().State)
	}
}

// TestMemo: what a call writes down of itself brings it back.
func TestMemo(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := New(req(), now)
	before := c.Memo(now)
	for _, e := range calling {
		if e, ok := e.(ami.Event); ok {
			c.Apply(e, now)
		}
	}
	m := c.Memo(now)
	if m.Covers(before) || before.Covers(m) {
		t.Error("a new state is no reason to write")
	}
	if later := c.Memo(now.Add(time.Hour)); !m.Covers(later) {
		t.Error("time alone is a reason to write")
	}
	c.Apply(gone(one, 16), now)
	if !m.Covers(c.Memo(now)) {
		t.Error("a channel that is gone is a reason to write")
	}
	var live []ami.ChannelStatus
	for _, ch := range []ami.Channel{two, own, trunk} {
		ch.LinkedID = req().ChannelID
		live = append(live, ami.ChannelStatus{Channel: ch})
	}
	back := Recall(m)
	back.Restore(live, now)
	got, want := back.Memo(now), c.Memo(now)
	if back.Snapshot().State != c.Snapshot().State || !slices.Equal(got.Legs, want.Legs) {
		t.Errorf("%s with %v, want %s with %v", back.Snapshot().State, got.Legs, c.Snapshot().State, want.Legs)
	}
	c.ConnectionLost(now)
	if lost := c.Memo(now); lost.State != call.RingingFar {
		t.Errorf("out of sight: %s", lost.State)
	}
	many := New(req(), now)
	many.Apply(ami.Newchannel{Channel: one}, now)
	for i := range 200 {
		many.Apply(ami.Newchannel{Channel: ami.Channel{Name: "PJSIP/x-" + fmt.Sprint(i), UniqueID: fmt.Sprint(i), LinkedID: req().ChannelID}}, now)
	}
	if l := many.Memo(now).Legs; len(l) != MemoLegs || l[0].ID != one.UniqueID {
		t.Errorf("%d legs, the first %+v", len(l), l[0])
	}
}
