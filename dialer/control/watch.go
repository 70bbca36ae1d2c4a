package control

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
)

// State is a state of a call, as Watch has it.
type State struct {
	N    uint64        `json:"n"` // counts the states since the agent was started
	At   time.Time     `json:"at"`
	Call call.Snapshot `json:"call"`
}

// watching is what Watch answers: where the states stand that come now.
type watching struct {
	PID int    `json:"pid"`
	N   uint64 `json:"n"`             // of the last state before those that come
	Now *State `json:"now,omitempty"` // that one, where its call goes on
}

// maxQueued is how many states wait for a client that does not read; the newest count.
const maxQueued = 64

var (
	// watch has the agent tell all states of calls from now on.
	watch = ipc.Method[ipc.None, watching]{Name: "Watch"}
	state = ipc.Push[State]{Name: "State", Keep: maxQueued}
)

// watch has states sent until the client goes. Of one that reads too slowly some are left
// out, which it finds by their numbers.
func (s *session) watch(context.Context, ipc.None) (watching, error) {
	w := watching{PID: os.Getpid()}
	if s.watches.Swap(true) {
		return w, nil // they come already
	}
	n, now, err := s.handler.Watch(s.conn.Context(), func(v State) {
		v.Call = clipCall(v.Call)
		state.Post(s.conn, v)
	})
	if w.N = n; now != nil {
		v := *now
		v.Call = clipCall(v.Call)
		w.Now = &v
	}
	return w, err
}

// Watch are the states of calls that the agent tells.
type Watch struct {
	client *Client
	news   chan struct{} // holds one when there may be something new

	mu     sync.Mutex // guards what follows
	unread []State
	pid    int
	last   uint64 // the number of the one that Next returned last
}

// Watch has all states of calls told, beginning with that of the call that goes on. before
// is a Watch of an earlier connection, nil for none: what was missed since is found where
// the agent is still the same. There is one Watch at a time for a Client.
func (c *Client) Watch(ctx context.Context, before *Watch) (*Watch, error) {
	w := &Watch{client: c, news: make(chan struct{}, 1)}
	c.mu.Lock()
	c.watch = w
	c.mu.Unlock()
	r, err := watch.Call(ctx, c, ipc.None{})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pid, w.last = r.PID, r.N
	if r.Now != nil {
		w.last-- // it is told first
	}
	if before != nil && before.pid == r.PID {
		w.last = before.last
	}
	if r.Now != nil && r.N > w.last {
		w.unread = slices.Insert(w.unread, 0, *r.Now)
	}
	return w, nil
}

// Next blocks for the next state. missed is how many there were before it that are not told,
// because they came faster than Next was called. The error is ctx's, or ipc.ErrClosed when
// the connection is gone and all that came has been returned.
func (w *Watch) Next(ctx context.Context) (s State, missed int, err error) {
	for {
		gone := false
		select {
		case <-w.client.Done():
			gone = true // what came before the end is read before it
		default:
		}
		if s, missed, ok := w.take(); ok {
			return s, missed, nil
		}
		if gone {
			return State{}, 0, ipc.ErrClosed
		}
		select {
		case <-w.news:
		case <-w.client.Done():
		case <-ctx.Done():
			return State{}, 0, ctx.Err()
		}
	}
}

func (w *Watch) take() (s State, missed int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.unread) == 0 {
		return s, 0, false
	}
	s, w.unread = w.unread[0], w.unread[1:]
	if s.N > w.last+1 {
		missed = int(s.N - w.last - 1)
	}
	w.last = s.N
	return s, missed, true
}

// heard takes a state. It does not block.
func (w *Watch) heard(s State) {
	w.mu.Lock()
	if len(w.unread) == maxUnread {
		w.unread = w.unread[1:]
	}
	w.unread = append(w.unread, s)
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}
