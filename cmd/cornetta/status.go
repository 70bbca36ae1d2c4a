package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/ui/words"
)

type statusCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// statusJSON is `status --json`.
type statusJSON struct {
	Running bool `json:"running"`
	dialer.Snapshot
}

func (c *statusCmd) Run(e *env) error {
	s, err := e.status()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(s)
	}
	if !s.Running {
		fmt.Fprintln(e.out, "Cornetta is not running.")
		return nil
	}
	fmt.Fprintln(e.out, words.Status(s.Snapshot, time.Now()))
	return nil
}

// status asks the running agent. Without one nothing is known but whether
// there is an account.
func (e *env) status() (statusJSON, error) {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, control.ErrNotRunning) {
		cfg, err := e.store.Load()
		s := dialer.Snapshot{Link: dialer.LinkUnchecked, Extension: cfg.Account.Extension}
		if err == nil && cfg.Account.Validate() != nil {
			s.Link = dialer.LinkNotSetUp
		}
		return statusJSON{false, s}, err
	}
	if err != nil {
		return statusJSON{}, err
	}
	defer agent.Close()
	s, err := agent.Status(ctx)
	return statusJSON{true, s}, err
}
