package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/secret"
	"cornetta/dialer/trail"
	"cornetta/ui/desktop"
)

// What becomes of a call when the program that placed it ends before it: the PBX
// goes on with it, and whoever starts next takes it up. A call's line in the
// history is written by who sees its end, and then its file is removed; between
// the two a program may be killed, and the line is not written twice.

// trailDir is where the calls that go on are kept: beside the history.
func trailDir() string {
	path, err := history.DefaultPath()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(path), "calls")
}

// book is where calls are written down: while they go on, and for good.
type book struct {
	trail *trail.Trail
	past  *history.History
	log   *slog.Logger
}

// settled reports whether nothing more will become known of a call.
func settled(c call.Snapshot) bool {
	switch {
	case c.Live():
		return false
	case c.State == call.Unknown:
		return c.Cause == call.EndedUnseen || c.Cause == call.OtherAccount
	}
	return true
}

// note puts a call that is over, or that nobody will hear of any more, into the
// history, and forgets what was kept of it.
func (b book) note(c call.Snapshot) {
	if c.Live() {
		c.State, c.Cause, c.Ended = call.Unknown, call.LinkLost, time.Now()
	}
	err := b.past.Add(history.Entry{
		At: c.Requested, Number: c.Number, State: c.State,
		Cause: c.Cause, ByPBX: c.ByPBX, Duration: c.Duration(c.Ended),
	})
	if err != nil {
		b.log.Warn("the call is not remembered", slog.Any("err", err))
		return // the next start tries again
	}
	b.trail.End(c.ID)
}

// resume has d take up the call that was left behind by a program that ended.
// Of several it is the newest that goes on: one phone has one call of ours at a
// time. It blocks until the PBX was asked. What the Snapshots tell from then on
// is for who listens to them to note. It returns how many there were.
func (b book) resume(ctx context.Context, d *dialer.Dialer) int {
	left := b.trail.Adopt(time.Now())
	for _, r := range left {
		if !r.Lately(time.Now()) {
			b.note(tracker.Recall(r.Call).Snapshot())
			continue
		}
		s, err := d.Resume(ctx, r)
		switch {
		case errors.Is(err, dialer.ErrInProgress):
			b.note(tracker.Recall(r.Call).Snapshot())
		case err != nil: // it stays for the next start
		case s.Cause == call.EndedUnseen:
			b.note(s)
		}
	}
	return len(left)
}

// resumeTime is how long a start waits for what became of a call, so that who
// asks for it by the socket finds it.
const resumeTime = time.Second

// resumeLeft takes up what was left behind while ctx lasts, and blocks for a
// moment if there is something.
func (a *agent) resumeLeft(ctx context.Context) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.book().resume(ctx, a.dialer)
	}()
	select {
	case <-done:
	case <-time.After(resumeTime):
	case <-ctx.Done():
	}
	return func() { <-done }
}

func (a *agent) book() book { return book{a.trail, a.past, a.log} }

// hangUp ends the call. Where there is none it may be one that the command line
// had placed by itself, and was killed.
func (a *agent) hangUp(ctx context.Context) error {
	err := a.dialer.Hangup(ctx)
	if errors.Is(err, dialer.ErrNoCall) && a.book().resume(ctx, a.dialer) > 0 {
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

// solo is a Dialer in a program that ends with its command.
type solo struct {
	*dialer.Dialer
	book book
	stop context.CancelFunc
	done chan struct{} // Run has ended
}

// newSolo runs one for a, and takes up what was left behind. It outlives e.ctx,
// since interrupting a command hangs up first; close ends it.
func (e *env) newSolo(a config.Account, password string) (*solo, error) {
	path, err := history.DefaultPath()
	if err != nil {
		return nil, err
	}
	past, err := history.Open(path)
	if err != nil {
		e.log.Warn("the calls made before cannot be read", slog.Any("err", err))
	}
	keys := secret.Memory()
	if err := keys.Set(e.ctx, secret.Key(a), password); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(e.ctx))
	s := &solo{
		Dialer: dialer.New(dialer.Options{Secrets: keys, Logins: e.logins, Log: e.log, Trail: e.trail}),
		book:   book{e.trail, past, e.log}, stop: stop, done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.Run(ctx)
	}()
	if err := s.SetAccount(e.ctx, a, config.LinkOnDemand); err != nil {
		s.close()
		return nil, err
	}
	s.book.resume(e.ctx, s.Dialer)
	if c := s.Snapshot().Call; c != nil && settled(*c) {
		s.book.note(*c)
	}
	return s, nil
}

// close logs off. A call that is still going on goes on, and is left for the next
// program.
func (s *solo) close() {
	s.stop()
	<-s.done
	if c := s.Snapshot().Call; c != nil && settled(*c) {
		s.book.note(*c)
	}
	s.book.trail.Close()
}

// hangUpLeft is `hangup` where no agent runs: it ends a call that goes on without
// one.
func (e *env) hangUpLeft() error {
	none := exit(exitFailed, "Cornetta is not running, so there is no call to hang up.")
	if !e.trail.Any() {
		return none
	}
	cfg, err := e.settings()
	if err != nil {
		return err
	}
	password, err := e.password(cfg.Account)
	if err != nil {
		return err
	}
	s, err := e.newSolo(cfg.Account, password)
	if err != nil {
		return err
	}
	defer s.close()
	snapshots, cancel := s.Subscribe()
	defer cancel()
	ctx, stop := context.WithTimeout(e.ctx, controlTime)
	defer stop()
	switch err := s.Hangup(ctx); {
	case errors.Is(err, dialer.ErrNoCall):
		return exit(exitFailed, "there is no call to hang up any more.")
	case err != nil:
		return err
	}
	for {
		select {
		case now := <-snapshots:
			if now.Call == nil || settled(*now.Call) {
				return nil
			}
		case <-ctx.Done():
			return exit(exitUnknown, "the PBX was asked to hang up and has not done so yet: look at the phone.")
		}
	}
}
