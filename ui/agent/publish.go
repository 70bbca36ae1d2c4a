package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// restAfter is how long nothing has changed when the memory that the start, a call or a
// search took goes back to the system: Go would keep it for as long as nobody does
// anything, which is a fifth of what an idle agent has of its own.
const restAfter = 10 * time.Second

// publish carries each Snapshot to the tray and the windows, and each call that is
// over into the history, until ctx ends.
func (a *agent) publish(ctx context.Context) {
	snapshots, cancel := a.dialer.Subscribe()
	defer cancel()
	var open *call.Snapshot // the call that has no line in the history yet
	var noted string        // the id of the last one that has
	in, left := arrivals{agent: a}, handed{agent: a}
	note := func(s status.Snapshot) {
		c := s.Call
		if open != nil && (c == nil || c.ID != open.ID) {
			a.writeDown(*open) // nobody will tell any more what became of it
		}
		switch {
		case c == nil, c.ID == noted:
			open = nil
		case c.Settled():
			a.writeDown(*c)
			noted, open = c.ID, nil
		default:
			open = c
		}
	}
	show := func(s status.Snapshot) {
		s = a.standing(s)
		a.tray.Update(s, a.Past.Recent(10))
		a.windows.push(s)
	}
	rest := time.NewTimer(restAfter)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			for {
				select {
				case s := <-snapshots:
					note(s)
					in.see(s)
					continue
				default:
				}
				break
			}
			in.over()
			if open != nil && !a.Trail.Holds(open.ID) {
				a.writeDown(*open) // one that the trail holds is the next start's
			}
			return
		case s := <-snapshots:
			a.states.see(s, time.Now())
			a.trustedCallEnded(s.Call)
			a.sawCode(s, time.Now())
			note(s)
			in.see(s)
			left.see(s)
			show(s)
			if s.Call != nil && !s.Call.Live() {
				select {
				case a.idle <- struct{}{}:
				default:
				}
			}
			rest.Reset(restAfter)
		case <-a.news:
			show(a.dialer.Snapshot())
			rest.Reset(restAfter)
		case <-a.searched:
			rest.Reset(restAfter)
		case <-rest.C:
			giveBack()
		}
	}
}

// writeDown puts a call that is over into the history. The person is told where there
// is no room for it.
func (a *agent) writeDown(c call.Snapshot) {
	if err := a.book().Note(c); err != nil {
		a.notices.show("history", words.Problem(*dialer.ProblemOf(err, status.AttemptRemember)))
	}
}

// notify shows each call in a notification, with an icon that is put into dir.
func (a *agent) notify(ctx context.Context, snapshots <-chan status.Snapshot, dir string) {
	notifier, err := desktop.NewNotifier(desktop.Options{
		OnHangUp: func(id string) {
			if c := a.dialer.Snapshot().Call; c != nil && c.ID == id {
				a.hangUpOrTell(ctx)
			}
		},
		OnOffer: func(n desktop.Note, chosen desktop.Offer) {
			c := a.dialer.Snapshot().Call
			switch {
			case chosen == desktop.OfferRemind:
				a.remindOrTell(n.Number)
			case chosen == desktop.OfferCallBack:
				a.redialLater(n.Number)
			case c != nil && c.ID == n.Key:
				a.transferOrTell(ctx, chosen)
			}
		},
		Dir: dir, Log: a.Log,
	})
	if err != nil {
		a.Log.Warn("no notifications", slog.Any("err", err))
		return
	}
	desktop.Follow(ctx, snapshots, a.remindAfter, notifier)
	a.tellCallGoesOn(notifier)
	_ = notifier.Close()
}

// tellCallGoesOn tells a person who quits in a call that the call goes on.
func (a *agent) tellCallGoesOn(to desktop.Notifier) {
	if c := a.dialer.Snapshot().Call; a.quitByPerson.Load() && c != nil && c.Live() {
		_ = to.Show(desktop.GoesOn(*c))
	}
}
