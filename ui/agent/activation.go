package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/ui/channel"
	"cornetta/ui/desktop"
)

// application is the agent on the session bus. Whatever is opened there is a
// link, or nothing.
func (a *agent) application() desktop.Application {
	return desktop.Application{
		Activate: func() { a.showWindow(channel.Show{Window: channel.WindowDial}) },
		Open: func(uri string) {
			if link, ok := LinkOf([]string{uri}); ok {
				a.askLink(link)
			}
		},
		Log: a.Log,
	}
}

// relayTime is how long one of those lasts that the session bus starts although
// an agent runs. It starts another when it needs one.
const relayTime = 10 * time.Second

// relay passes what the session bus asks on to the agent that runs, which is
// not on that bus: it was started outside the session, or lost it.
func (a *agent) relay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, relayTime)
	defer cancel()
	pass := func(link string) {
		if err := (&agent{Options: Options{Name: a.Name, Link: link}}).showFirst(ctx); err != nil {
			a.Log.Error("the running Cornetta does not answer", slog.Any("err", err))
		}
	}
	return desktop.Application{
		Activate: func() { pass("") },
		Open: func(uri string) {
			if link, ok := LinkOf([]string{uri}); ok {
				pass(link)
			}
		},
		Log: a.Log,
	}.Serve(ctx)
}
