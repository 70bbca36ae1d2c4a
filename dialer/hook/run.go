package hook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

const (
	// Time is how long one may take.
	Time = 10 * time.Second
	// maxQueued is how many wait for the one that runs. A call has three.
	maxQueued = 16
	// endTime is how long a program that was ended may take to be gone.
	endTime = 2 * time.Second
)

// Failure is that something was not done, or did not end in time.
type Failure struct {
	State call.State // the hook of that state
	Slow  bool       // it took more than Time and was ended, or too many were waiting for it
	Err   error      // else why, nil with Slow
}

func (f *Failure) Error() string {
	if f.Slow {
		return "hook: " + KeyOf(f.State) + " is too slow"
	}
	return "hook: " + KeyOf(f.State) + " failed"
}

func (f *Failure) Unwrap() error { return f.Err }

// Problem implements status.Problematic.
func (f *Failure) Problem() status.Problem {
	p := status.Problem{Code: status.CodeHookFailed, Field: KeyOf(f.State)}
	if f.Slow {
		p.Code = status.CodeHookSlow
	}
	if f.Err != nil {
		p.Detail = clean.Foreign(f.Err.Error())
	}
	return p
}

// Runner does what is to be done, one after the other. Its methods are safe for concurrent
// use.
type Runner struct {
	// Open shows a URL in the browser. It returns when that is certain, failed, or cannot
	// be known in time, which ends with ctx.
	Open func(ctx context.Context, url string) error
	// Done is told what became of each: nil, or a *Failure. It is called on the goroutine
	// that runs Run, or by Add where there is no room for any more.
	Done func(state call.State, err error)

	limit time.Duration // for tests; 0: Time

	mu      sync.Mutex // guards what follows
	waiting []job
	running bool // somebody is in Run, or about to be
}

type job struct {
	action Action
	call   Call
}

// Add has a done for a call as soon as all that was added before it is. It does not block.
// Where it returns true its caller has somebody run Run.
func (r *Runner) Add(a Action, c Call) (run bool) {
	r.mu.Lock()
	full := len(r.waiting) >= maxQueued
	if !full {
		r.waiting = append(r.waiting, job{a, c})
		run, r.running = !r.running, true
	}
	r.mu.Unlock()
	if full {
		r.Done(c.State, &Failure{State: c.State, Slow: true})
	}
	return run
}

// Run does what was added, until there is nothing more or ctx ends. The one that runs then
// is left to itself, and those that wait are forgotten.
func (r *Runner) Run(ctx context.Context) {
	for {
		r.mu.Lock()
		if len(r.waiting) == 0 || ctx.Err() != nil {
			r.waiting, r.running = nil, false
			r.mu.Unlock()
			return
		}
		next := r.waiting[0]
		r.waiting = r.waiting[1:]
		r.mu.Unlock()
		err := r.Do(ctx, next.action, next.call)
		if ctx.Err() == nil {
			r.Done(next.call.State, err)
		}
	}
}

// Do does a for a call and blocks until that is over, for [Time] at most. The error is a
// *Failure, or ctx's: then a program that runs goes on by itself.
//
// A program that takes longer is ended, and on Unix with it all that it has started and
// that has not left its process group.
func (r *Runner) Do(ctx context.Context, a Action, c Call) error {
	var err error
	limit := cmp.Or(r.limit, Time)
	if a.template != nil {
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err = r.Open(limited, a.URL(c))
	} else {
		err = run(ctx, limit, a.argv, c)
	}
	switch failure := new(Failure); {
	case err == nil, ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &failure):
		failure.State = c.State
		return failure
	}
	return &Failure{State: c.State, Err: err}
}

func run(ctx context.Context, limit time.Duration, argv []string, c Call) error {
	input, err := json.Marshal(c)
	if err != nil {
		return err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = bytes.NewReader(append(input, '\n'))
	cmd.Dir, _ = os.UserHomeDir()
	cmd.WaitDelay = time.Second // for who has inherited its input, and does not read it
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	// Nothing can end the wait for a process. This one is over with it: at the latest
	// soon after limit, but where the agent ends before.
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-over:
		if errors.Is(err, exec.ErrWaitDelay) {
			return nil
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	end(cmd)
	select {
	case <-over:
	case <-time.After(endTime): // it hangs in the system
	}
	return &Failure{Slow: true}
}
