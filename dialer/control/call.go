package control

import (
	"context"
	"io"
	"slices"
	"sync"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
)

// maxUnread is how many snapshots wait for Next; a call has fewer than twenty. Of more
// the oldest are dropped.
const maxUnread = 256

// Call is a call that the PBX has taken.
type Call struct {
	Placed call.Snapshot // how it stood when it was taken

	client *Client
	news   chan struct{} // holds one when there may be something new

	mu     sync.Mutex // guards what follows
	unread []call.Snapshot
	over   bool // nothing comes after unread
}

// Next blocks for the next snapshot of the call; the first one is Placed. It
// returns io.EOF after the last one, at once for a call that is not followed,
// and ipc.ErrClosed when the connection was lost before: what became of the call is
// then not known.
func (f *Call) Next(ctx context.Context) (call.Snapshot, error) {
	for {
		// Before looking: what came before the end is read before the end.
		var gone bool
		select {
		case <-f.client.Done():
			gone = true
		default:
		}
		if s, ok, err := f.take(); ok {
			return s, err
		}
		if gone {
			return call.Snapshot{}, ipc.ErrClosed
		}
		select {
		case <-f.news:
		case <-f.client.Done():
		case <-ctx.Done():
			return call.Snapshot{}, ctx.Err()
		}
	}
}

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
		if len(f.unread) == maxUnread {
			f.unread = slices.Delete(f.unread, 0, 1)
		}
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
