package control

import (
	"io"
	"slices"

	"cornetta/dialer/call"
)

// place puts the snapshot that came with the answer in front of those that may
// have come before it.
func (f *Call) place(placed call.Snapshot, followed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Placed = placed
	if followed {
		f.unread = slices.Insert(f.unread, 0, placed)
	} else {
		f.over = true
	}
}

// update takes one more snapshot, or with nil the end. It does not block.
func (f *Call) update(s *call.Snapshot) {
	f.mu.Lock()
	if s == nil {
		f.over = true
	} else {
		f.unread = append(f.unread, *s)
	}
	f.mu.Unlock()
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// take returns what Next returns, and whether there is anything to return.
func (f *Call) take() (s call.Snapshot, ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case len(f.unread) > 0:
		s, f.unread = f.unread[0], f.unread[1:]
		return s, true, nil
	case f.over:
		return s, true, io.EOF
	}
	return s, false, nil
}
