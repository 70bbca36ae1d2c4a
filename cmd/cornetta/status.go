package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type statusCmd struct {
	JSON bool `name:"json"`
}

// statusJSON is `status --json`.
type statusJSON struct {
	Running bool `json:"running"`
	status.Snapshot
}

func (c *statusCmd) Run(e *env) error {
	s, err := e.status()
	if err != nil {
		return err
	}
	if c.JSON {
		s.Snapshot = clean(s.Snapshot)
		return json.NewEncoder(e.out).Encode(s)
	}
	if s.Trouble != nil {
		defer pointToGuide(e.err, s.Trouble.Code) // below how things stand
	}
	if !s.Running {
		fmt.Fprintln(e.out, words.Text(words.SayNotRunning))
		return nil
	}
	fmt.Fprintln(e.out, words.StatusOf(s.Account, words.Status(s.Snapshot, time.Now())))
	if s.Windows != nil {
		fmt.Fprintln(e.out, words.NoWindows(*s.Windows, "", s.Connection == status.NotSetUp))
	}
	return nil
}

// clean is s with the texts of the PBX fit for a terminal.
func clean(s status.Snapshot) status.Snapshot {
	if s.Call != nil {
		c := *s.Call
		c.Detail, c.FarName = c.Detail.Line(), c.FarName.Line()
		s.Call = &c
	}
	if s.Windows != nil {
		w := *s.Windows
		w.Detail = w.Detail.Line()
		s.Windows = &w
	}
	if s.Trouble != nil {
		t := *s.Trouble
		t.Detail = t.Detail.Line()
		if t.Cert != nil {
			cert := *t.Cert
			cert.Subject = cert.Subject.Line()
			t.Cert = &cert
		}
		s.Trouble = &t
	}
	return s
}

// status asks the running agent. Where none runs it only tells whether there is an
// account.
func (e *env) status() (statusJSON, error) {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, ipc.ErrNotRunning) {
		cfg, err := e.load()
		s := status.Snapshot{Connection: status.Unchecked, Account: cfg.Account.Name, Extension: cfg.Account.Extension}
		if err == nil && cfg.Account.Validate() != nil {
			s.Connection = status.NotSetUp
		}
		return statusJSON{false, s}, err
	}
	if err != nil {
		return statusJSON{}, err
	}
	defer agent.Close()
	s, err := control.Status.Call(ctx, agent, ipc.None{})
	return statusJSON{true, s}, err
}
