package agent

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// noticeTime is how long a notice stays.
const noticeTime = 15 * time.Second

// notices are the notifications that are about no call; the call's own is desktop.Follow's.
// Their Notifier is made when the first is shown: most people never see one.
type notices struct {
	log *slog.Logger
	dir string // for the icon

	redial func(number string) // calls whom a notice is about

	mu     sync.Mutex // guards what follows
	notes  desktop.Notifier
	closed bool
}

// show shows s in the place of the last notice of that key, and reports whether it
// could. It does not block.
func (n *notices) show(key string, s words.Sentence) bool { return n.showFor(key, s, noticeTime) }

// showFor is show for what stays longer, or shorter.
func (n *notices) showFor(key string, s words.Sentence, stays time.Duration) bool {
	return n.note(desktop.Note{Key: key, Title: s.What, Body: s.Do, Expire: stays})
}

// note is show for what can offer to call somebody.
func (n *notices) note(note desktop.Note) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	if n.notes == nil {
		notes, err := desktop.NewNotifier(desktop.Options{
			OnOffer: func(note desktop.Note, _ desktop.Offer) { n.redial(note.Number) },
			Dir:     n.dir, Log: n.log,
		})
		if err != nil {
			n.log.Warn("no notification", slog.Any("err", err))
			return false
		}
		n.notes = notes
	}
	err := n.notes.Show(note)
	if err != nil && !errors.Is(err, desktop.ErrClosed) {
		n.log.Warn("no notification", slog.Any("err", err))
	}
	return err == nil
}

// close takes all notices away.
func (n *notices) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.notes != nil {
		_ = n.notes.Close()
	}
}
