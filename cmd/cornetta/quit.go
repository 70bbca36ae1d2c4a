package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/ui/agent"
)

type quitCmd struct {
	ForUpgrade bool // an installer is about to replace the programs
}

// Run ends the agent and waits until it has ended; where none runs there is nothing to
// do. A call goes on.
func (c *quitCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, ipc.ErrNotRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	defer agent.Close()
	if c.ForUpgrade {
		if err := os.WriteFile(dataPath(againName), nil, 0o600); err != nil {
			e.log.Warn("that it ran is not kept", slog.Any("err", err))
		}
	}
	quitting, err := control.Quit.Call(ctx, agent, ipc.None{})
	if err != nil {
		return err
	}
	p, err := os.FindProcess(quitting.PID)
	if err != nil {
		return nil // it has ended
	}
	defer p.Release()
	agent.Close() // for which it waits
	return waitEnd(ctx, p)
}

// againName is a file beside the history: Cornetta ran when an installer had it end.
const againName = "start-again"

type resumeCmd struct{}

// Run is what an installer starts when it is done: the agent, where it ran before.
func (resumeCmd) Run(e *env) error {
	if os.Remove(dataPath(againName)) != nil {
		return nil
	}
	return runAgent(e, agent.Options{Activated: true})
}

// forgetAll deletes what Cornetta keeps for the present user: the password, the
// settings, and the calls that were made.
func (e *env) forgetAll() error {
	if cfg, err := e.store.Load(); err == nil {
		for _, key := range secret.Keys(cfg) {
			e.forget(key)
		}
	}
	e.forgetSources()
	settings, err := config.DefaultDir()
	if err == nil {
		err = os.RemoveAll(settings)
	}
	past, pastErr := history.DefaultPath()
	if pastErr == nil {
		pastErr = os.RemoveAll(filepath.Dir(past))
	}
	return errors.Join(err, pastErr)
}
