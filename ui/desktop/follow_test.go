package desktop

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var answered = time.Date(2025, 3, 4, 10, 58, 37, 0, time.UTC)

func at(state call.State, cause call.Cause) call.Snapshot {
	c := call.Snapshot{ID: "c1", Number: "0039012", Extension: "7101", State: state, Cause: cause}
	if state == call.InCall || state == call.Ended {
		c.Answered = answered
	}
	if state == call.Ended {
		c.Ended = answered.Add(83 * time.Second)
	}
	return c
}

// moved is a call that is transferred to 7105.
func moved(s call.State, t call.TransferState, attended bool) call.Snapshot {
	c := at(s, "")
	c.Transfer = call.Transfer{Number: "7105", Attended: attended, State: t}
	if t == call.TransferFailed {
		c.Transfer.Cause = call.Busy
	}
	return c
}

func TestNoteFor(t *testing.T) {
	named := at(call.RingingFar, "")
	named.FarName = "<b>Anna</b>\u202e & Co"
	refused := at(call.Failed, call.Refused)
	refused.Detail = "<img src=x>"
	for _, c := range []struct {
		call call.Snapshot
		want Note
	}{
		{at(call.Requested, ""), Note{Title: "Calling your phone…", Body: "Pick up to call 0039012", HangUp: true, Minor: true}},
		{at(call.RingingOwn, ""), Note{Title: "Your phone rings", Body: "Pick up to call 0039012", HangUp: true}},
		{at(call.AnsweredOwn, ""), Note{Title: "Calling…", Body: "0039012", HangUp: true, Minor: true}},
		{named, Note{Title: "Ringing at the other side…", Body: "0039012 (<b>Anna</b> & Co)", HangUp: true, Minor: true}},
		{at(call.AnsweredOwn, call.Busy), Note{Title: "Busy", Body: "0039012\nThe line is still open: wait for what the PBX does, or hang up.", HangUp: true}},
		{at(call.Ended, call.NoSuchNumber), Note{Title: "No such number", Body: "0039012", Expire: readable}},
		{at(call.InCall, ""), Note{Title: "In call", Body: "0039012", HangUp: true, Offers: OfferTransfer, Minor: true}},
		{moved(call.InCall, call.TransferRinging, true), Note{Title: "In call", Body: "The phone of 7105 rings. 0039012 waits.", HangUp: true, Offers: OfferTakeBack}},
		{moved(call.InCall, call.TransferTalking, true), Note{Title: "Before the transfer", Body: "You speak to 7105. 0039012 waits.", HangUp: true, Offers: OfferHandOver | OfferTakeBack}},
		{moved(call.InCall, call.TransferFailed, true), Note{Title: "In call", Body: "7105 was not reached (Busy). You have 0039012 again.", HangUp: true, Offers: OfferTransfer}},
		{moved(call.Ended, call.TransferFailed, false), Note{Title: "The transfer was in vain", Body: "7105 was not reached (Busy), and the PBX has ended the call of 0039012. Call them back.", Expire: readable, Offers: OfferCallBack, Number: "0039012"}},
		{at(call.Ended, ""), Note{Title: "Ended 01:23", Body: "0039012", Expire: briefly, Minor: true}},
		{at(call.Cancelled, ""), Note{Title: "Call cancelled", Body: "The call to 0039012 was hung up before it was answered.", Expire: briefly, Minor: true}},
		{at(call.Failed, call.OwnNoAnswer), Note{Title: "You did not pick up", Body: "0039012\nCall again and pick up your phone when it rings.", Expire: readable}},
		{refused, Note{Title: "The PBX refused the call", Body: "0039012\nCheck the extension, the tenant and the syntax in Settings.\nThe PBX said: “<img src=x>”", Expire: readable}},
		{at(call.Unknown, call.ConnectionLost), Note{Title: "The call is out of sight", Body: "The link to the PBX was lost during the call to 0039012. Look at your phone: it may still be going on.", Expire: readable}},
	} {
		c.want.Key = "c1"
		if got := noteFor(c.call, answered); got != c.want {
			t.Errorf("%s %s:\n got %+v\nwant %+v", c.call.State, c.call.Cause, got, c.want)
		}
	}
}

// The passing of time alone is no news.
func TestNoteForDoesNotTick(t *testing.T) {
	for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended, call.Failed} {
		if c := at(s, ""); noteFor(c, answered) != noteFor(c, answered.Add(time.Hour)) {
			t.Errorf("%s changes with the clock", s)
		}
	}
}

// recorder is a Notifier that keeps what it is shown.
type recorder struct {
	notes []Note
	err   error
}

func (r *recorder) Show(n Note) error { r.notes = append(r.notes, n); return r.err }
func (r *recorder) Close() error      { return nil }

func (r *recorder) titles() string {
	var s []string
	for _, n := range r.notes {
		s = append(s, n.Key+" "+n.Title)
	}
	return strings.Join(s, "; ")
}

func TestFollow(t *testing.T) {
	second := at(call.Failed, call.Busy)
	second.ID = "c2"
	snap := func(cs ...call.Snapshot) (out []status.Snapshot) {
		for _, c := range cs {
			out = append(out, status.Snapshot{Call: &c})
		}
		return out
	}
	for _, c := range []struct {
		name string
		in   []status.Snapshot
		want string
	}{
		{"no call", []status.Snapshot{{Connection: status.Ready}, {Connection: status.Trouble}}, ""},
		{
			"one call", snap(at(call.Requested, ""), at(call.RingingOwn, ""), at(call.AnsweredOwn, ""), at(call.InCall, ""), at(call.Ended, "")),
			"c1 Your phone rings; c1 Calling…; c1 In call; c1 Ended 01:23",
		},
		{
			"the link changes during a call", append(append(snap(at(call.InCall, "")), status.Snapshot{Connection: status.Trouble, Call: new(at(call.InCall, ""))}), snap(at(call.Ended, ""))...),
			"c1 In call; c1 Ended 01:23",
		},
		{
			"yesterday's call is no news, the next one is", append(append(snap(at(call.Ended, "")), status.Snapshot{Connection: status.Ready, Call: new(at(call.Ended, ""))}), snap(second)...),
			"c2 Busy",
		},
		{"a call that failed before anybody looked", append([]status.Snapshot{{Connection: status.Ready}}, snap(second)...), "c2 Busy"},
		{"a call going on at the start", snap(at(call.InCall, "")), "c1 In call"},
	} {
		ch := make(chan status.Snapshot, len(c.in))
		for _, s := range c.in {
			ch <- s
		}
		close(ch)
		var r recorder
		Follow(t.Context(), ch, never, &r)
		if got := r.titles(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestFollowReminds: where one may be reminded of a call that is over, its Note offers it.
func TestFollowReminds(t *testing.T) {
	ch := make(chan status.Snapshot, 2)
	ch <- status.Snapshot{Call: new(at(call.RingingOwn, ""))}
	busy := at(call.Failed, call.Busy)
	ch <- status.Snapshot{Call: &busy}
	close(ch)
	var r recorder
	Follow(t.Context(), ch, func(c call.Snapshot) int {
		if c.Live() {
			return 0
		}
		return 10
	}, &r)
	first, last := r.notes[0], r.notes[len(r.notes)-1]
	if first.Offers&OfferRemind != 0 {
		t.Error("it is offered while the call lives")
	}
	if last.Offers&OfferRemind == 0 || last.Number != busy.Number || last.Minutes != 10 {
		t.Errorf("%+v", last)
	}
}

// A call is shown before the phone rings only where the PBX takes its time.
func TestFollowBeforeTheRing(t *testing.T) {
	for _, c := range []struct {
		rings time.Duration
		want  string
	}{
		{phoneRings - 1, "c1 Your phone rings"},
		{phoneRings + 1, "c1 Calling your phone…; c1 Your phone rings"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ch := make(chan status.Snapshot)
			go func() {
				defer close(ch)
				ch <- status.Snapshot{Call: new(at(call.Requested, ""))}
				time.Sleep(c.rings)
				ch <- status.Snapshot{Call: new(at(call.RingingOwn, ""))}
				time.Sleep(time.Hour)
			}()
			var r recorder
			Follow(t.Context(), ch, never, &r)
			if got := r.titles(); got != c.want {
				t.Errorf("rings after %v:\n got %s\nwant %s", c.rings, got, c.want)
			}
		})
	}
}

func TestFollowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go Follow(ctx, make(chan status.Snapshot), never, &recorder{})
		synctest.Wait()
		cancel() // synctest fails the test if the goroutine stays

		ch := make(chan status.Snapshot, 2)
		c := at(call.InCall, "")
		ch <- status.Snapshot{Call: &c}
		r := recorder{err: ErrClosed}
		Follow(t.Context(), ch, never, &r) // returns although the channel is open
		if len(r.notes) != 1 {
			t.Errorf("%d notes", len(r.notes))
		}
	})
}

// never is of a program that reminds nobody.
func never(call.Snapshot) int { return 0 }
