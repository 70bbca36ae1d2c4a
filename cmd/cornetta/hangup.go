package main

import (
	"context"
	"errors"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/ui/words"
)

// controlTime bounds one exchange with the running agent.
const controlTime = 15 * time.Second

type hangupCmd struct{}

func (c *hangupCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, ipc.ErrNotRunning) {
		return e.hangUpLeft()
	}
	if err != nil {
		return err
	}
	defer agent.Close()
	return hangUpThrough(ctx, agent)
}

func hangUpThrough(ctx context.Context, agent *control.Client) error {
	_, err := control.Hangup.Call(ctx, agent, ipc.None{})
	return err
}

// hangUpLeft is `hangup` where no agent runs: it ends a call that goes on without
// one.
func (e *env) hangUpLeft() error {
	none := exit(exitFailed, words.Text(words.SayNoneToHangUp))
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
		return exit(exitFailed, words.Text(words.SayNoneAnyMore))
	case err != nil:
		return err
	}
	for {
		select {
		case now := <-snapshots:
			if now.Call == nil || now.Call.Settled() {
				return nil
			}
		case <-ctx.Done():
			return exit(exitUnknown, words.Text(words.SayNotYetHungUp))
		}
	}
}
