package desktop

import (
	"context"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// How long a Note about a call that is over stays.
const (
	briefly  = 5 * time.Second  // it went as wanted
	readable = 15 * time.Second // there is something to do about it
)

// phoneRings is how long a call that does not ring yet is not shown. Mostly it rings
// before that; a Note that is replaced at once would flicker, and keep the daemon busy
// when the phone rings.
const phoneRings = 300 * time.Millisecond

// noteFor is the Note for a call as it stands. It tells nothing that changes
// with the clock, so that a call is as many Notes as it has states.
func noteFor(c call.Snapshot, now time.Time) Note {
	n := Note{Key: c.ID, Title: words.CallTitle(c), Body: words.CallBody(c, now)}
	if c.Transfer.State == call.TransferDone { // not that it ended: it goes on, without us
		n.Title = words.Text(words.TitleTransferred)
	}
	switch {
	case c.Live():
		n.HangUp, n.Offers = true, offersFor(c)
		n.Minor = c.State != call.RingingOwn && c.Cause == "" && c.Transfer.State == "" && (c.State != call.InCall || c.Keying != call.KeyedByHand)
	case c.Lost():
		n.Expire, n.Offers, n.Number = readable, OfferCallBack, c.Number
	case c.Success(), c.State == call.Cancelled:
		n.Expire = briefly
		n.Minor = c.Transfer.State == "" // whom the other side speaks with now is news
	default:
		n.Expire = readable
	}
	return n
}

// offersFor is what can be done about a call that lives.
func offersFor(c call.Snapshot) Offer {
	switch t := c.Transfer; {
	case t.State == call.TransferTalking:
		return OfferHandOver | OfferTakeBack
	case t.State.Pending() && t.Attended && t.State != call.TransferRecalled:
		return OfferTakeBack
	case c.State == call.InCall && !c.ByPBX && c.Transfers.Why == "" && !t.State.Pending():
		return OfferTransfer
	}
	return 0
}

// Handed is the Note for a call that was left to the PBX before the one in hand.
func Handed(c call.Snapshot, now time.Time) Note {
	n := noteFor(c, now)
	n.Minor = false
	return n
}

// GoesOn is the Note for a call that goes on when the person quits: the last one
// that is shown.
func GoesOn(c call.Snapshot) Note {
	s := words.GoesOn(c)
	return Note{Key: c.ID, Title: s.What, Body: s.Do, Expire: readable}
}

// Follow shows every call that snapshots tell of, until the channel is closed
// or ctx ends. A call that was over before the first snapshot is not shown, and
// one that was only requested not before phoneRings. It never blocks the sender. remind
// says in how many minutes one may be reminded of a call that is over, 0 for never.
func Follow(ctx context.Context, snapshots <-chan status.Snapshot, remind func(call.Snapshot) int, to Notifier) {
	f := follower{remind: remind}
	var held *Note // of a call that does not ring yet
	late := time.NewTimer(phoneRings)
	late.Stop()
	defer late.Stop()
	for {
		var show *Note
		select {
		case <-ctx.Done():
			return
		case <-late.C:
			show, held = held, nil
		case s, ok := <-snapshots:
			if !ok {
				return
			}
			n, news := f.next(s, time.Now())
			switch {
			case !news:
			case s.Call.State == call.Requested:
				held = &n
				late.Reset(phoneRings)
			default:
				show, held = &n, nil
			}
		}
		if show != nil && to.Show(*show) != nil {
			return // it was closed, or there are none on this system
		}
	}
}

// follower remembers the last Note, to tell what is news.
type follower struct {
	began  bool
	last   Note
	remind func(call.Snapshot) int
}

func (f *follower) next(s status.Snapshot, now time.Time) (n Note, news bool) {
	first := !f.began
	f.began = true
	if s.Call == nil {
		return Note{}, false
	}
	n = noteFor(*s.Call, now)
	if n.Minutes = f.remind(*s.Call); n.Minutes > 0 {
		n.Number, n.Offers = s.Call.Number, n.Offers|OfferRemind
	}
	if n == f.last {
		return Note{}, false
	}
	f.last = n
	return n, !first || s.Call.Live()
}
