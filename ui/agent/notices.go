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

// notices are the notifications that are about no call. The calls have one of
// their own, which shows one thing at a time; that of these is made for the
// first one, because most people never see any.
type notices struct {
	log *slog.Logger
	dir string // for the icon

	mu     sync.Mutex // guards what follows
	notes  desktop.Notifier
	closed bool
}

// show puts s where the last notice of that key was. It does not block. Where
// there are no notifications it does nothing, and reports that.
func (n *notices) show(key string, s words.Sentence) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	if n.notes == nil {
		notes, err := desktop.NewNotifier(desktop.Options{Dir: n.dir, Log: n.log})
		if err != nil {
			n.log.Warn("no notification", slog.Any("err", err))
			return false
		}
		n.notes = notes
	}
	err := n.notes.Show(desktop.Note{Key: key, Title: s.What, Body: s.Do, Expire: noticeTime})
	if err != nil && !errors.Is(err, desktop.ErrClosed) {
		n.log.Warn("no notification", slog.Any("err", err))
	}
	return err == nil
}

// close takes them away and waits for it.
func (n *notices) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.notes != nil {
		_ = n.notes.Close()
	}
}
