package control

import (
	"context"
	"errors"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// tell has the agent tell the state numbered n.
func (a *fakeAgent) tell(n uint64, s call.State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n, a.now = n, &State{N: n, At: time.Unix(1_800_000_000, 0), Call: snapshot(s)}
	if !s.Live() {
		a.now = nil
	}
	a.watch(State{N: n, Call: snapshot(s)})
}

func watchFrom(t *testing.T, c *Client, before *Watch) *Watch {
	t.Helper()
	w, err := c.Watch(within(t, 10*time.Second), before)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func next(t *testing.T, w *Watch, n uint64, missed int) {
	t.Helper()
	s, m, err := w.Next(within(t, 10*time.Second))
	if err != nil || s.N != n || m != missed {
		t.Errorf("state %d after %d that were missed, %v; want %d after %d", s.N, m, err, n, missed)
	}
}

// TestWatch: several clients are told each state, who comes in mid-call where that stands,
// and who comes again what there was meanwhile.
func TestWatch(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a)
	c := client(t)
	w := watchFrom(t, c, nil)
	a.tell(1, call.Requested)
	a.tell(2, call.RingingOwn)
	next(t, w, 1, 0)
	next(t, w, 2, 0)

	d := client(t)
	other := watchFrom(t, d, nil)
	next(t, other, 2, 0)
	a.tell(3, call.AnsweredOwn) // the second one's, who came last
	next(t, other, 3, 0)
	a.tell(6, call.RingingFar) // as where two of them were dropped
	next(t, other, 6, 2)

	c.Close()
	if _, _, err := w.Next(t.Context()); !errors.Is(err, ipc.ErrClosed) {
		t.Errorf("of a connection that is gone: %v", err)
	}
	again := watchFrom(t, client(t), w)
	next(t, again, 6, 3) // 3, 4 and 5
	a.tell(7, call.Ended)
	next(t, again, 7, 0)
	nothing := watchFrom(t, client(t), again)
	a.tell(8, call.Requested)
	next(t, nothing, 8, 0)

	a.mu.Lock()
	a.fail = &status.Problem{Code: status.CodeWatchers}
	a.mu.Unlock()
	if _, err := client(t).Watch(within(t, 10*time.Second), nil); status.Find(err, status.CodeWatchers) == nil {
		t.Errorf("one too many: %v", err)
	}
}

// TestWatchTwice: asking again on the same connection costs the agent nothing.
func TestWatchTwice(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a)
	c := client(t)
	for range 100 {
		watchFrom(t, c, nil)
	}
	a.mu.Lock()
	n := len(a.asked)
	over := a.over
	a.mu.Unlock()
	if n != 1 {
		t.Errorf("the agent was asked %d times", n)
	}
	c.Close()
	select {
	case <-over.Done():
	case <-time.After(10 * time.Second):
		t.Error("it goes on after the client is gone")
	}
}

// TestWatchSlowly: who does not call Next, and who does not read at all, keeps nobody from
// telling, and learns how much there was.
func TestWatchSlowly(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a)
	w := watchFrom(t, client(t), nil)
	const all = 2000
	told := make(chan struct{})
	go func() {
		defer close(told)
		for n := uint64(1); n <= all; n++ {
			a.tell(n, call.RingingOwn)
		}
	}()
	select {
	case <-told:
	case <-time.After(30 * time.Second):
		t.Fatal("telling blocks")
	}
	read, missed, last := 0, 0, uint64(0)
	for last < all {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		s, m, err := w.Next(ctx)
		cancel()
		if err != nil || s.N <= last {
			t.Fatalf("after %d: %d, %v", last, s.N, err)
		}
		read, missed, last = read+1, missed+m, s.N
	}
	if read+missed != all {
		t.Errorf("%d were read and %d missed, of %d", read, missed, all)
	}
	if len(w.unread) > maxUnread {
		t.Errorf("%d wait", len(w.unread))
	}
}
