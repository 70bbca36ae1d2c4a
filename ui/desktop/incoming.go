package desktop

import (
	"context"
	"log/slog"
	"slices"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// Incoming is what FollowIncoming needs from outside.
type Incoming struct {
	On       func() bool                        // calls that come in are told of: what shows them is made ready
	Quiet    func() bool                        // none is shown while it rings, and of the missed ones Digest is
	Digest   func(call.Snapshot) words.Sentence // what was missed, with the last one of them
	CallBack func(number string)                // is called where that was chosen of a missed one
	Dir      string                             // as in Options
	Log      *slog.Logger

	new func(Options) (Notifier, error) // for tests; nil: NewNotifier
}

// maxIncoming is how many of them are shown at a time. With one more the oldest goes.
const maxIncoming = 4

// incomingNote is the Note for a call that comes in. One of a call that is over leaves the
// screen by itself, but for a missed one.
func incomingNote(c call.Snapshot) Note {
	s := words.Incoming(c)
	n := Note{Key: c.ID, Title: s.What, Body: s.Do}
	switch c.State {
	case call.InRinging:
	case call.InAnswered:
		n.Expire, n.Minor = briefly, true
	case call.InMissed:
		if c.Cause == call.OwnDeclined {
			n.Gone = true
			break
		}
		if n.Number = c.Number; n.Number != "" {
			n.Offers = OfferCallBack
		}
	default:
		n.Gone = true
		if c.Cause != "" { // nobody saw how it ended
			n.Gone, n.Expire, n.Minor = false, briefly, true
		}
	}
	return n
}

// FollowIncoming shows every call that comes in, each in a notification of its own, until
// ctx ends. A call that was over before the first snapshot is not shown. It never blocks
// the sender.
func FollowIncoming(ctx context.Context, snapshots <-chan status.Snapshot, in Incoming) {
	f := incomingFollower{Incoming: in}
	if f.new == nil {
		f.new = NewNotifier
	}
	defer f.close()
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-snapshots:
			if !ok {
				return
			}
			if len(f.shown) == 0 && f.On() {
				f.room() // connects now, and not when the phone rings
			}
			for _, c := range s.Incoming {
				f.show(c)
			}
			f.began = true
		}
	}
}

// shownCall is a notification, and what it shows.
type shownCall struct {
	notes Notifier
	last  Note
}

type incomingFollower struct {
	Incoming
	began bool
	shown []*shownCall // the one that was used last comes last
}

// digestKey is the key of the one Note for all missed calls.
const digestKey = "missed"

func (f *incomingFollower) show(c call.Snapshot) {
	n := incomingNote(c)
	if f.Quiet() {
		if c.State != call.InMissed || c.Cause == call.OwnDeclined {
			return
		}
		s := f.Digest(c)
		n = Note{Key: digestKey, Title: s.What, Body: s.Do}
	}
	at := slices.IndexFunc(f.shown, func(s *shownCall) bool { return s.last.Key == n.Key })
	if at < 0 {
		if n.Gone || c.State != call.InRinging && c.State != call.InMissed || !f.began && !c.Live() {
			return
		}
		at = f.room()
		if at < 0 {
			return
		}
	}
	s := f.shown[at]
	if s.last == n {
		return
	}
	s.last = n
	f.shown = append(slices.Delete(f.shown, at, at+1), s)
	if err := s.notes.Show(n); err != nil {
		f.Log.Warn("no notification", slog.Any("err", err))
	}
}

// room is the place of a Notifier that shows nothing yet or any more, of a new one, or else of the
// one that was used longest ago; -1 where there is none on this system.
func (f *incomingFollower) room() int {
	at := slices.IndexFunc(f.shown, func(s *shownCall) bool { return s.last.Key == "" || s.last.Gone || s.last.Expire != 0 })
	switch {
	case at >= 0:
		return at
	case len(f.shown) >= maxIncoming:
		return 0
	}
	s := &shownCall{}
	notes, err := f.new(Options{
		Dir: f.Dir, Log: f.Log,
		OnOffer: func(n Note, _ Offer) { f.CallBack(n.Number) },
	})
	if err != nil {
		f.Log.Warn("no notifications", slog.Any("err", err))
		return -1
	}
	s.notes = notes
	f.shown = append(f.shown, s)
	return len(f.shown) - 1
}

func (f *incomingFollower) close() {
	for _, s := range f.shown {
		_ = s.notes.Close()
	}
}
