package agent

import (
	"context"
	"errors"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/logbook"
	"cornetta/ui/desktop"
)

// resumeTime is how long a start waits for what became of a call, so that who
// asks for it by the socket finds it.
const resumeTime = time.Second

// resumeLeft takes up what was left behind, and blocks for a moment if there is
// something.
func (a *agent) resumeLeft(ctx context.Context) {
	done := make(chan struct{})
	a.tasks.Go(func(ctx context.Context) {
		defer close(done)
		a.book().Resume(ctx, a.dialer)
	})
	select {
	case <-done:
	case <-time.After(resumeTime):
	case <-ctx.Done():
	}
}

func (a *agent) book() logbook.Book { return logbook.Book{Trail: a.Trail, Past: a.Past, Log: a.Log} }

// hangUp ends the call. Where there is none it may be one that the command line
// had placed by itself, and was killed.
func (a *agent) hangUp(ctx context.Context) error {
	err := a.dialer.Hangup(ctx)
	if errors.Is(err, dialer.ErrNoCall) && a.book().Resume(ctx, a.dialer) > 0 {
		err = a.dialer.Hangup(ctx)
	}
	return err
}

// goesOn tells somebody who quits in a call what becomes of it.
func (a *agent) goesOn(to desktop.Notifier) {
	if c := a.dialer.Snapshot().Call; a.quitByPerson.Load() && c != nil && c.Live() {
		_ = to.Show(desktop.GoesOn(*c))
	}
}
