package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/ui/words"
)

type watchCmd struct {
	JSON bool `name:"json"`
}

// watchJSON is one line of `watch --json`: one of `dial --json`, and how many states were
// left out before it.
type watchJSON struct {
	call.Line
	Missed int `json:"missed,omitempty"`
}

// watchEvery is how often it is looked whether an agent runs by now.
const watchEvery = 500 * time.Millisecond

// Run ends with an interruption, which is no failure: there is no other end.
func (c *watchCmd) Run(e *env) error {
	var w *control.Watch
	waits := false
	for {
		agent, err := control.Connect(e.ctx, instance)
		switch {
		case e.ctx.Err() != nil:
			if err == nil {
				agent.Close()
			}
			return nil
		case errors.Is(err, ipc.ErrNotRunning):
			if !waits {
				waits = true
				complain(e.err, words.Text(words.SayWatchWaits))
			}
			select {
			case <-time.After(watchEvery):
			case <-e.ctx.Done():
			}
			continue
		case err != nil:
			return err
		}
		w, err = c.follow(e, agent, w, &waits)
		agent.Close()
		switch {
		case e.ctx.Err() != nil:
			return nil
		case !errors.Is(err, ipc.ErrClosed):
			return err
		}
	}
}

// follow prints the states that the agent tells until it is gone, which is ipc.ErrClosed,
// or e is over; it always returns an error. waits says that it was told that there is none, which is over then.
func (c *watchCmd) follow(e *env, agent *control.Client, before *control.Watch, waits *bool) (*control.Watch, error) {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	w, err := agent.Watch(ctx, before)
	cancel()
	if err != nil {
		return before, err
	}
	if *waits {
		*waits = false
		complain(e.err, words.Text(words.SayWatchGoesOn))
	}
	for {
		s, missed, err := w.Next(e.ctx)
		if err != nil {
			return w, err
		}
		if missed > 0 && !c.JSON {
			if _, err := fmt.Fprintln(e.out, words.Missed(missed)); err != nil {
				return w, err
			}
		}
		if err := printState(e, s.Call, watchJSON{s.Call.LineAt(s.At), missed}, c.JSON); err != nil {
			return w, err
		}
	}
}
