package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// iconFirst is how long everything else waits for the icon. It takes a few
// milliseconds, where the session bus is well.
const iconFirst = 100 * time.Millisecond

// serve is everything but the icon, until ctx ends. The icon comes first: beside
// its start even the settings are in its way, and a moment later they are time
// enough to make it look right.
func (a *agent) start(ctx context.Context, owner *control.Owner) {
	select {
	case <-a.tray.Shown():
	case <-time.After(iconFirst):
	case <-ctx.Done():
		return
	}
	snapshots, cancel := a.dialer.Subscribe() // before there is anything to show
	settings := a.load(ctx)
	if settings == nil {
		a.resumeLeft(ctx)
	}
	// Only now: who knocks at the socket finds a set-up Cornetta.
	a.tasks.Go(func(ctx context.Context) {
		if err := owner.Serve(ctx, &socketHandler{a}); err != nil {
			a.Log.Error("the control socket", slog.Any("err", err))
		}
	})
	select {
	case <-a.tray.Shown():
	case <-ctx.Done():
		cancel()
		return
	}
	a.checkAccount(a.dialer.Recheck)
	a.tasks.Go(a.runHotkeys)
	a.tasks.Go(a.offerCopied)
	a.tasks.Go(func(ctx context.Context) {
		defer cancel()
		a.notify(ctx, snapshots, owner.Dir())
	})
	a.tasks.Go(func(ctx context.Context) {
		if err := desktop.FollowChanges(ctx, a.Log, func() { _ = a.dialer.Changed(ctx) }); err != nil {
			a.Log.Debug("nobody tells of sleep and networks", slog.Any("err", err))
		}
	})
	if a.OnBus {
		a.tasks.Go(func(ctx context.Context) {
			if err := a.application().Serve(ctx); err != nil {
				a.Log.Info("nothing is heard from the session bus", slog.Any("err", err))
			}
		})
	}
	a.showFirstWindow(ctx, settings)
}

// hostTime is how long a desktop that is just starting may take to show its
// tray.
const hostTime = 3 * time.Second

// begin shows what a start has to show; err is what was wrong with the
// settings.
func (a *agent) showFirstWindow(ctx context.Context, err error) {
	if err != nil {
		a.Log.Error("the settings cannot be read", slog.Any("err", err))
		a.showWindow(channel.Show{Window: channel.WindowSettings, Reason: words.ProblemText(dialer.ProblemOf(err, status.AttemptLoad))})
		return
	}
	if a.Link != "" {
		a.askLink(a.Link)
		return
	}
	if a.Activated {
		return // what to show is being told
	}
	waiting, cancel := context.WithTimeout(ctx, hostTime)
	defer cancel()
	hostErr := tray.WaitHost(waiting)
	switch {
	case ctx.Err() != nil:
	case a.account().Validate() != nil:
		a.showWindow(channel.Show{Window: channel.WindowAssistant})
	case a.Welcome != "":
		a.showWindow(channel.Show{Window: channel.WindowDial, Reason: a.Welcome})
	case hostErr != nil:
		a.showWindow(channel.Show{Window: channel.WindowDial})
	}
}
