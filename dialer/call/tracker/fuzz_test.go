package tracker

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// What a fuzzed script does with a recorded call; each is followed by a byte
// that says how much or which.
const (
	doNext   = iota // the next event
	doAny           // one of all the events, again or too early
	doSkip          // events that were lost
	doWait          // tenths of a second pass
	doCancel        // the person hangs up
	doLose          // the link is lost, and found again: Status lists some channels
	doMiss          // events were lost, and Status lists some channels
	doRefuse        // the PBX answers the Originate with an error
	doForge         // an event that no PBX sends of this call
	doings
)

// FuzzCall lets the events of real calls come in any order, repeated and with
// holes, while the person and the link do what they like. Whatever comes, the
// call goes forwards and has one end; it does not end while the person's own
// phone is known to talk; and when the PBX knows nothing of it any more, it
// ends.
func FuzzCall(f *testing.F) {
	type recordedCall struct {
		request  Request
		events   []ami.Event
		channels []ami.Channel
	}
	var calls []recordedCall
	for _, version := range []string{"16", "22"} {
		for i, stream := range readRecording(f, "testdata/calls-asterisk"+version+".ami") {
			r := recordedCall{request: recordedRequest(i)}
			r.events = replay(f, stream, NewFamily(r.request))
			for _, e := range r.events {
				if n, ok := e.(ami.Newchannel); ok {
					r.channels = append(r.channels, n.Channel)
				}
			}
			calls = append(calls, r)
			f.Add(byte(len(calls)-1), bytes.Repeat([]byte{doNext, 0}, len(r.events)))
			f.Add(byte(len(calls)-1), bytes.Repeat([]byte{doNext, 0, doAny, 7, doWait, 2}, len(r.events)))
			f.Add(byte(len(calls)-1), slices.Concat(bytes.Repeat([]byte{doNext, 0}, len(r.events)/2), []byte{doLose, 0xff},
				bytes.Repeat([]byte{doNext, 0, doForge, 3}, len(r.events)/2)))
			f.Add(byte(len(calls)-1), slices.Concat(bytes.Repeat([]byte{doNext, 0, doSkip, 1}, len(r.events)/2), []byte{doMiss, 0xaa, doCancel, 0, doWait, 200}))
		}
	}
	for _, in := range [][]any{
		then(nestedOwn, up(own2), end(inner, own2, "ANSWER"), end(two, outer, "ANSWER"), originated(true, 4), enters(own2, "a"), enters(two, "a"), plays("PROGRESS"), gone(one, 1), gone(two, 1), gone(own2, 1)),
		then(nestedFar, enters(own, "a"), enters(two, "a"), up(trunk), end(inner, trunk, "ANSWER"), end(one, outer, "ANSWER"), enters(outer, "b"), enters(one, "b"), leaves(own, "a"), gone(own, 16), gone(one, 16), gone(two, 16), gone(trunk, 16)),
		then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), end(one, trunk, "NOANSWER"), gone(trunk, 19), end(ami.Channel{}, two, "BUSY"), begin(one, outer), rings(one, outer), end(one, outer, "CANCEL"), gone(outer, 16), gone(one, 17), gone(two, 16), gone(own, 16)),
		then(ringing, begin(two, own2), end(two, own2, "BUSY"), gone(own2, 17), born(taker), end(two, taker, "ANSWER"), gone(own, 26), originated(true, 4), begin(one, trunk), end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(trunk, 16), gone(taker, 16)),
	} {
		r := recordedCall{request: req()}
		for _, e := range in {
			if e, ok := e.(ami.Event); ok {
				r.events = append(r.events, e)
			}
		}
		r.channels = []ami.Channel{one, two, own, own2, taker, trunk, spare, outer, inner}
		calls = append(calls, r)
		f.Add(byte(len(calls)-1), bytes.Repeat([]byte{doNext, 0}, len(r.events)))
		f.Add(byte(len(calls)-1), bytes.Repeat([]byte{doNext, 0, doAny, 5, doWait, 15}, len(r.events)))
	}
	f.Add(byte(0), []byte{doRefuse, 0, doNext, 0})
	f.Fuzz(func(t *testing.T, which byte, script []byte) {
		r := calls[int(which)%len(calls)]
		now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
		c := New(r.request, now)
		w := witness{t: t, c: c, last: c.Snapshot(), before: c.Snapshot()}
		status := func(mask byte) (live []ami.ChannelStatus) {
			for i, ch := range r.channels {
				if mask>>(i%8)&1 == 1 {
					ch.State = []int{chanUp, chanRinging}[i/8%2]
					live = append(live, ami.ChannelStatus{Channel: ch})
				}
			}
			return live
		}
		next := 0
		for ; len(script) >= 2; script = script[2:] {
			arg := script[1]
			now = now.Add(time.Millisecond)
			switch script[0] % doings {
			case doNext:
				if next < len(r.events) {
					c.Apply(r.events[next], now)
					next++
				}
			case doAny:
				c.Apply(r.events[int(arg)%len(r.events)], now)
			case doSkip:
				next += int(arg) % 4
			case doWait:
				now = now.Add(time.Duration(arg) * time.Second / 10)
				c.Tick(now)
			case doCancel:
				c.Cancel()
			case doLose:
				c.ConnectionLost(now)
				w.look("the link is lost")
				w.found = true
				c.Restore(status(arg), now)
			case doMiss:
				c.Asking()
				c.Missed(status(arg), now)
			case doRefuse:
				w.found = true // it is known that there is none
				c.Refused(call.Refused, "no", now)
			case doForge:
				c.Apply(forged(r.events, arg), now)
			}
			w.look("a step")
		}

		// The PBX has nothing of it any more.
		c.Asking()
		c.Missed(nil, now)
		w.look("nothing is left")
		for range 10 {
			d := c.Deadline()
			if d.IsZero() {
				break
			}
			now = d
			c.Tick(now)
			w.look("time passed")
		}
		s := c.Snapshot()
		if s.Live() || len(c.legs) != 0 {
			t.Fatalf("%s for ever, %d channels known, deadline %v", s.State, len(c.legs), c.Deadline())
		}
		if s.State != call.Unknown && !c.Over() {
			t.Fatalf("%s, and not over", s.State)
		}
	})
}

// forged is an event with parts that do not belong together.
func forged(events []ami.Event, arg byte) ami.Event {
	one, two := ami.Channel{}, ami.Channel{Name: "Local/7101@c2c-0;1", UniqueID: "x"}
	for i, e := range events {
		if n, ok := e.(ami.Newchannel); ok && i%2 == int(arg>>3)%2 {
			one = n.Channel
		}
	}
	if arg&0x80 != 0 {
		one, two = two, one
	}
	switch arg % 8 {
	case 0:
		return ami.HangupEvent{Channel: one, Cause: -1}
	case 1:
		return ami.HangupEvent{}
	case 2:
		return ami.DialBegin{Src: one, Dest: two}
	case 3:
		return ami.DialEnd{Src: two, Dest: one, Status: []string{"ANSWER", "BUSY", "", "NONSENSE"}[arg>>3%4]}
	case 4:
		return ami.Bridge{One: one, Two: two}
	case 5:
		switch arg >> 4 & 3 {
		case 0:
			return ami.BridgeEnter{Channel: one, BridgeID: "a"}
		case 1:
			return ami.BridgeEnter{Channel: two, BridgeID: "a"}
		case 2:
			return ami.BridgeLeave{Channel: one, BridgeID: "a"}
		}
		return ami.Rename{Channel: one, NewName: ""}
	case 6:
		one.State = int(arg >> 3)
		return ami.Newstate{Channel: one}
	default:
		if arg&0x40 != 0 { // names one of the pairs, as ours or as another call's
			ch := ami.Channel{Name: "Local/7101@c2c-" + []string{"00000000", "0"}[arg>>3&1] + ";1", UniqueID: one.UniqueID}
			ch.CallerIDName = []clean.Foreign{CallerNames + "0", clean.Foreign(CallerNames + recorded[0].number)}[arg>>4&1]
			return ami.NewCallerid{Channel: ch}
		}
		switch arg >> 3 & 3 {
		case 0:
			return ami.DialState{Dest: one, Status: "PROGRESS"} // what the PBX plays
		case 1:
			return ami.DialEnd{Dest: one, Status: "BUSY"}
		}
		return ami.DialState{Src: one, Dest: two, Status: "RINGING"}
	}
}

// witness looks at a call after each step.
type witness struct {
	t      *testing.T
	c      *Call
	last   call.Snapshot
	before call.Snapshot // the last one that was not unknown
	found  bool          // the PBX lists channels in this step
}

func (w *witness) look(what string) {
	w.t.Helper()
	order := []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended}
	before, now := w.last, w.c.Snapshot()
	found := w.found
	w.found = false
	if now.State != call.Unknown && before.State == call.Unknown {
		// Only for a reason, and not to where it was before that.
		if before.Cause == call.ConnectionLost && !found {
			w.t.Fatalf("%s: %s after the connection was lost, and it was not found", what, now.State)
		}
		before = w.before
	}
	if now.State != call.Unknown {
		w.before = now
	}
	if (now.Change == w.last.Change) != (now == w.last) {
		w.t.Fatalf("%s: change %d became %d: %+v", what, w.last.Change, now.Change, now)
	}
	switch {
	case before.State == now.State, before.State == call.Unknown, now.State == call.Unknown:
	case !before.Live():
		w.t.Fatalf("%s: %s after it was %s", what, now.State, before.State)
	case !now.Live():
	case before.State == call.InCall && now.State == call.AnsweredOwn: // it was no service of the PBX after all
	case before.State == call.RingingFar && now.State == call.AnsweredOwn: // nobody answered, and the PBX goes on
	case slices.Index(order, now.State) < slices.Index(order, before.State):
		w.t.Fatalf("%s: %s after %s", what, now.State, before.State)
	}
	before = w.last
	if before.State == now.State && !now.Live() && (before.Cause != now.Cause || before.Ended != now.Ended) {
		w.t.Fatalf("%s: %s %q at %v became %q at %v", what, now.State, before.Cause, before.Ended, now.Cause, now.Ended)
	}
	if now.Live() == !now.Ended.IsZero() {
		w.t.Fatalf("%s: %s, ended at %v", what, now.State, now.Ended)
	}
	if spoken := now.State == call.Ended && now.ByPBX && now.Answered.IsZero(); spoken {
		// The PBX spoke, and nothing answered.
	} else if talked := now.State == call.InCall || now.State == call.Ended; now.State != call.Unknown && talked == now.Answered.IsZero() {
		w.t.Fatalf("%s: %s, answered at %v", what, now.State, now.Answered)
	}
	if now.State == call.Ended && before.State != call.Ended && w.c.has(sideOwn) {
		w.t.Fatalf("%s: ended while the own phone talks", what)
	}
	if before.Live() && !now.Live() && now.State != call.Unknown &&
		(before.State == call.AnsweredOwn || before.State == call.RingingFar) && len(w.c.legs) > 0 {
		w.t.Fatalf("%s: %s while %d of its channels live", what, now.State, len(w.c.legs))
	}
	if len(w.c.legs) > familyCap || len(w.c.gone) > familyCap {
		w.t.Fatalf("%s: %d channels", what, len(w.c.legs)+len(w.c.gone))
	}
	if now.Duration(now.Requested.Add(time.Hour)) < 0 {
		w.t.Fatalf("%s: lasted %v", what, now.Duration(now.Requested.Add(time.Hour)))
	}
	w.last = now
}
