package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
)

// The limits of what can be asked for, so that a typing error does not become an
// attack.
const (
	mostDialers  = 5000
	mostStarts   = 50 // checks or logins a second
	mostCalls    = 20 // a second
	longest      = 24 * time.Hour
	answerWithin = 2 * time.Minute // what a check may take before it counts as unanswered
)

// fleet is a number of running dialers.
type fleet struct {
	dialers []*dialer.Dialer
	traffic traffic
	cancel  context.CancelFunc
	wg      sync.WaitGroup
}

// launch starts n dialers with the extensions in turn. Those that keep a connection
// log in at once, paced so that the PBX's limit of sessions that are not logged
// in is never near. It blocks until all are started or ctx ends; close must be
// called in any case.
func launch(ctx context.Context, e *env, n int, mode config.ConnectionMode, extensions []string) *fleet {
	f := &fleet{}
	// close ends them, not ctx: an interrupted scenario still hangs up.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel = cancel
	for i := range n {
		d := dialer.New(dialer.Options{Secrets: store(e.access.password), DialContext: f.traffic.dial})
		f.dialers = append(f.dialers, d)
		f.wg.Go(func() { _ = d.Run(running) })
		a := e.access.account
		if len(extensions) > 0 {
			a.Extension = extensions[i%len(extensions)]
		}
		_ = d.SetAccount(running, a, mode)
		if mode == config.ConnectionKept {
			wait(ctx, time.Second/mostStarts)
		}
	}
	return f
}

// close ends every dialer: sessions are logged off.
func (f *fleet) close() {
	f.cancel()
	f.wg.Wait()
}

// each runs do for every dialer, at a random moment within the time, and
// returns when all are through. Those whose moment ctx takes away do not run.
func (f *fleet) each(ctx context.Context, within time.Duration, do func(i int, d *dialer.Dialer)) {
	var wg sync.WaitGroup
	for i, d := range f.dialers {
		moment := rand.N(within + 1)
		wg.Go(func() {
			if wait(ctx, moment) {
				do(i, d)
			}
		})
	}
	wg.Wait()
}

// wait tells whether the time has passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// bounded refuses more of anything than is good for a PBX.
func bounded(count int, within time.Duration, most int, what string) error {
	switch {
	case count < 1 || count > mostDialers:
		return usage("--count is 1 to %d", mostDialers)
	case within < 0 || within > longest:
		return usage("times are at most %v", longest)
	case float64(count) > float64(most)*max(1, within.Seconds()):
		return usage("%d within %v are more than %d %s a second", count, within, most, what)
	}
	return nil
}

// trouble is what a table calls an error.
func trouble(err error) string {
	var t *dialer.TroubleError
	if errors.As(err, &t) {
		return string(t.Trouble.Code)
	}
	return fmt.Sprint(err)
}
