package agent

import (
	"context"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
)

// maxFollowers is how many can follow the states of calls at a time: those at the control
// socket, the session bus and the hooks.
const maxFollowers = 18

// states has each state of each call told to whoever follows them: once and in order, and
// numbered from the agent's start. It costs nothing while nobody does.
type states struct {
	mu        sync.Mutex // guards what follows; it is held while followers are told
	news      dialer.States
	last      control.State
	followers map[*func(control.State)]struct{}
}

// see takes the next Snapshot.
func (t *states) see(s status.Snapshot, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.news.Next(s) {
		t.last = control.State{N: t.last.N + 1, At: now, Call: c}
		for told := range t.followers {
			(*told)(t.last)
		}
	}
}

// follow calls told, which must not block, with each state until ctx ends. last is the one
// before those. Where as many follow already as can, ok is false.
func (t *states) follow(ctx context.Context, told func(control.State)) (last control.State, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.followers) >= maxFollowers {
		return t.last, false
	}
	if t.followers == nil {
		t.followers = map[*func(control.State)]struct{}{}
	}
	t.followers[&told] = struct{}{}
	context.AfterFunc(ctx, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.followers, &told)
	})
	return t.last, true
}

// Watch implements control.Handler.
func (h *socketHandler) Watch(ctx context.Context, told func(control.State)) (n uint64, now *control.State, err error) {
	last, ok := h.states.follow(ctx, told)
	switch {
	case !ok:
		return 0, nil, &status.Problem{Code: status.CodeWatchers}
	case last.N > 0 && last.Call.Live():
		now = &last
	}
	return last.N, now, nil
}
