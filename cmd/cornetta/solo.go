package main

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/logbook"
	"cornetta/dialer/secret"
)

// solo is a Dialer in a program that ends with its command.
type solo struct {
	*dialer.Dialer
	book logbook.Book
	stop context.CancelFunc
	done chan struct{} // Run has ended
}

// newSolo runs a Dialer for a, which takes up the call of a program that ended before
// it. It goes on after e.ctx has ended, because a command that is interrupted hangs up
// first; close ends it.
func (e *env) newSolo(a config.Account, password string) (*solo, error) {
	past, err := e.openPast()
	if err != nil {
		return nil, err
	}
	keys := secret.Memory()
	if err := keys.Set(e.ctx, secret.Key(a), password); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(e.ctx))
	s := &solo{
		Dialer: dialer.New(dialer.Options{Secrets: keys, Logins: e.logins, Networks: e.networks, Log: e.log, Trail: e.trail}),
		book:   logbook.Book{Trail: e.trail, Past: past, Log: e.log}, stop: stop, done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.Run(ctx)
	}()
	if err := s.SetAccount(e.ctx, a, config.ConnectionOnDemand); err != nil {
		s.close()
		return nil, err
	}
	s.book.Resume(e.ctx, s.Dialer)
	if c := s.Snapshot().Call; c != nil && c.Settled() {
		_ = s.book.Note(*c)
	}
	return s, nil
}

// close logs off. A call that is still going on goes on, and is left for the next
// program.
func (s *solo) close() {
	s.stop()
	<-s.done
	if c := s.Snapshot().Call; c != nil && c.Settled() {
		_ = s.book.Note(*c)
	}
	s.book.Trail.Close()
}
