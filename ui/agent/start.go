package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// iconFirst is how long everything else waits for the icon, which needs a few
// milliseconds where the session bus answers.
const iconFirst = 100 * time.Millisecond

// start starts everything but the icon and the Dialer. The icon comes first: read at
// the same time, even the settings would delay it, and they are soon enough there to
// make it look right.
func (a *agent) start(ctx context.Context, owner *ipc.Owner) {
	select {
	case <-a.tray.Shown():
	case <-time.After(iconFirst):
	case <-ctx.Done():
		return
	}
	snapshots, cancel := a.dialer.Subscribe() // before there is anything to show
	loaded := a.begin(ctx)
	if loaded == nil {
		a.resumeLeft(ctx)
	}
	// Not before: whoever connects finds the settings in force.
	a.tasks.Go(func(ctx context.Context) {
		if err := control.Serve(ctx, owner, &socketHandler{agent: a}); err != nil {
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
	a.tasks.Go(a.followPolicy)
	a.tasks.Go(a.offerCopied)
	a.tasks.Go(a.followPast)
	a.tasks.Go(a.followNetwork)
	a.showFavourites()
	if a.Contacts != nil {
		a.tasks.Go(a.readPeople)
	}
	a.tasks.Go(func(ctx context.Context) {
		defer cancel()
		a.notify(ctx, snapshots, owner.Dir())
	})
	a.tasks.Go(func(ctx context.Context) {
		if err := desktop.FollowChanges(ctx, a.Log, func() {
			a.lookAtNetwork()
			_ = a.dialer.Changed(ctx)
		}); err != nil {
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
	a.showFirstWindow(ctx, loaded)
}

// hostTime is how long a desktop that is just starting may take until it shows icons.
const hostTime = 3 * time.Second

// showFirstWindow shows the window that this start is for, if any; err is what was
// wrong with the settings.
func (a *agent) showFirstWindow(ctx context.Context, err error) {
	if err != nil {
		problem := dialer.ProblemOf(err, status.AttemptLoad)
		show := channel.Show{Window: channel.WindowSettings, Reason: words.ProblemText(problem)}
		if problem.Code == status.CodeSettingsSyntax { // it leads out of it
			show.Window = channel.WindowAssistant
		}
		a.showWindow(show)
		return
	}
	if a.Enrolment != "" {
		_ = a.askEnrolment(a.Enrolment) // the person has been told
		return
	}
	if a.Link != "" {
		_ = a.askLink(a.Link) // the person has been told
		return
	}
	if a.Activated {
		return // the session bus says what to show
	}
	waiting, cancel := context.WithTimeout(ctx, hostTime)
	defer cancel()
	hostErr := tray.WaitHost(waiting)
	switch {
	case ctx.Err() != nil:
	case a.account().Validate() != nil, a.given(ctx):
		a.showWindow(channel.Show{Window: channel.WindowAssistant})
	case a.Welcome != "":
		a.showWindow(channel.Show{Window: channel.WindowDial, Reason: a.Welcome})
	case hostErr != nil:
		a.showWindow(channel.Show{Window: channel.WindowDial})
	}
}
