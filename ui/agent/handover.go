package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
)

// handOverTime bounds the exchange with an agent that runs already.
const handOverTime = 15 * time.Second

// handOver gives the running agent of that name a link or an enrolment to ask about, or
// has it show its window where there is neither.
func handOver(ctx context.Context, name, link, enrolment string) error {
	ctx, cancel := context.WithTimeout(ctx, handOverTime)
	defer cancel()
	c, err := control.Connect(ctx, name)
	if err != nil {
		return err
	}
	defer c.Close()
	switch {
	case link != "":
		_, err = control.Link.Call(ctx, c, control.LinkParams{URI: link})
	case enrolment != "":
		_, err = control.Enrol.Call(ctx, c, control.EnrolParams{Path: enrolment})
	default:
		_, err = control.Show.Call(ctx, c, control.ShowParams{})
	}
	return err
}

// application is the agent as the session bus sees it: it can be activated, which
// shows the dial window, and asked to open links.
func (a *agent) application() desktop.Application {
	app := a.onBus(func() { a.showWindow(channel.Show{Window: channel.WindowDial}) },
		func(link, enrolment string) { // of what goes wrong the person has been told
			if enrolment != "" {
				_ = a.askEnrolment(enrolment)
			} else {
				_ = a.askLink(link)
			}
		})
	app.Calls = &socketHandler{agent: a} // what the control socket is answered
	app.States = func(ctx context.Context, told func(time.Time, call.Snapshot)) {
		a.states.follow(ctx, func(s control.State) { told(s.At, s.Call) })
	}
	app.Numbers = func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.cfg.BusNumbers
	}
	return app
}

// throughAgent is what programs ask about calls, passed on to the agent that runs.
type throughAgent struct{ name string }

func relayed[P, R any](ctx context.Context, name string, m ipc.Method[P, R], p P) (r R, err error) {
	c, err := control.Connect(ctx, name)
	if err != nil {
		return r, err
	}
	defer c.Close()
	return m.Call(ctx, c, p)
}

func (t throughAgent) Link(ctx context.Context, uri string) error {
	_, err := relayed(ctx, t.name, control.Link, control.LinkParams{URI: uri})
	return err
}

func (t throughAgent) Hangup(ctx context.Context) error {
	_, err := relayed(ctx, t.name, control.Hangup, ipc.None{})
	return err
}

func (t throughAgent) Status(ctx context.Context) (status.Snapshot, error) {
	return relayed(ctx, t.name, control.Status, ipc.None{})
}

// relayTime is how long a program lasts that the session bus started although an
// agent runs. The bus starts another when it needs one.
const relayTime = 10 * time.Second

// relay passes on what the session bus asks for, to the agent that runs. That one is
// not on this bus: it was started outside the session, or lost its connection.
func (a *agent) relay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, relayTime)
	defer cancel()
	pass := func(link, enrolment string) {
		if err := handOver(ctx, a.Name, link, enrolment); err != nil {
			a.Log.Error("the running Cornetta does not answer", slog.Any("err", err))
		}
	}
	app := a.onBus(func() { pass("", "") }, pass)
	app.Calls = throughAgent{a.Name}
	return app.Serve(ctx)
}

// onBus is an application that opens telephone links and enrolments, and nothing else.
func (a *agent) onBus(activate func(), open func(link, enrolment string)) desktop.Application {
	return desktop.Application{
		Activate: activate,
		Open: func(uri string) {
			if link, ok := LinkOf([]string{uri}); ok {
				open(link, "")
			} else if path, ok := EnrolmentOf([]string{uri}); ok {
				open("", path)
			}
		},
		Log: a.Log,
	}
}
