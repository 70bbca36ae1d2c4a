package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
	"cornetta/ui/agent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// instance is the name that the one agent of a user and desktop goes by.
const instance = "cornetta"

type agentCmd struct{}

func (agentCmd) Run(e *env) error { return runAgent(e, agent.Options{}) }

// activatedCmd is the agent as the session bus starts it: what it is wanted for
// comes over the bus. Where there is none, as on Windows, everybody's session starts it.
type activatedCmd struct{}

func (activatedCmd) Run(e *env) error {
	if !desktop.WantedInSession() {
		return nil
	}
	return runAgent(e, agent.Options{Activated: true})
}

// runLink hands link to the running agent, or becomes the agent and asks about
// it.
func runLink(ctx context.Context, s streams, link string) int {
	return start(ctx, s, status.AttemptStart, func(e *env) error { return runAgent(e, agent.Options{Link: link}) })
}

// runEnrolment hands an enrolment to the running agent, or becomes the agent and asks
// about it.
func runEnrolment(ctx context.Context, s streams, path string) int {
	return start(ctx, s, status.AttemptStart, func(e *env) error {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		return runAgent(e, agent.Options{Enrolment: path})
	})
}

// agentEndTime is how long the agent may take to end.
const agentEndTime = 4 * time.Second

// runAgent is the agent; o says what it was started for.
func runAgent(e *env, o agent.Options) error {
	defer insist(e.ctx, agentEndTime)()
	path, err := history.DefaultPath()
	if err != nil {
		return err
	}
	past, err := history.Open(path)
	if err != nil {
		e.log.Warn("the calls made before cannot be read", slog.Any("err", err))
	}
	o.Log = e.runLog()
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if os.Getenv(name) != "" {
			o.Log.Warn("certificates are trusted as the environment says, not as the system does", slog.Any("by", safelog.Own(name)))
		}
	}
	runs := words.SayRuns
	if o.Link != "" {
		runs = words.SayRunsLink
	}
	o.Runs = func() { fmt.Fprintln(e.out, words.Text(runs)) }
	o.Tail, o.Version = e.tail, version
	o.Name, o.OnBus, o.KeysTold = instance, true, dataPath("keys-told")
	o.People, o.Contacts = contacts.Open(peoplePath()), runContacts
	if all, err := favourites(); err == nil {
		o.Marked = all
	}
	if all, err := sources(config.Config{}); err == nil {
		o.PeopleFrom = all.Path()
	}
	o.Store, o.Keys, o.Logins, o.Networks, o.Past, o.Trail = e.store, e.keys, e.logins, e.networks, past, e.trail
	return agent.Run(e.ctx, o)
}
