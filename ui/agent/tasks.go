package agent

import (
	"context"
	"sync"
)

// tasks are the goroutines of an agent: each ends with ctx, and the agent is not
// over before they are.
type tasks struct {
	ctx context.Context

	mu      sync.Mutex // guards what follows
	running int
	none    sync.Cond // running has come down to 0
	over    bool
}

func newTasks(ctx context.Context) *tasks {
	t := &tasks{ctx: ctx}
	t.none.L = &t.mu
	return t
}

// Go runs f, which has to return soon after ctx ended, on a goroutine of its own.
// A task may begin others at any time; for everybody else nothing begins once wait
// has returned.
func (t *tasks) Go(f func(ctx context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.running++
	go func() {
		defer t.done()
		f(t.ctx)
	}()
}

func (t *tasks) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running--; t.running == 0 {
		t.none.Broadcast()
	}
}

// wait returns when no task is left; ctx should have ended.
func (t *tasks) wait() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.running > 0 {
		t.none.Wait()
	}
	t.over = true
}
