package agent

import (
	"context"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

const (
	// colleaguesTime is how long a window waits for news before it asks again.
	colleaguesTime = 20 * time.Second
	// colleaguesLinger is how long the phones are followed after the last question: the next
	// one comes at once where a window is still open.
	colleaguesLinger = 3 * time.Second
	// maxColleagues is how many fit a frame for certain.
	maxColleagues = 150
)

// colleagueSettings are those in force.
func (a *agent) colleagueSettings() config.Colleagues {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Colleagues
}

// look has the phones of colleagues followed until leave is called, where that is switched
// on.
func (a *agent) look(ctx context.Context) (b *phone.Board, leave func(), err error) {
	a.renewPolicy()
	if !a.colleagueSettings().Show {
		return nil, nil, &status.Problem{Code: status.CodeColleaguesOff}
	}
	return a.dialer.Look(ctx)
}

func (h *windowHandler) colleagues(ctx context.Context, p channel.ColleaguesParams) (v channel.ColleaguesView, err error) {
	board, leave, err := h.look(ctx)
	if err != nil {
		return v, refusal(err, status.AttemptList)
	}
	defer h.tasks.Go(func(ctx context.Context) {
		select {
		case <-time.After(colleaguesLinger):
		case <-ctx.Done():
		}
		leave()
	})
	late := time.NewTimer(colleaguesTime)
	defer late.Stop()
	for {
		changed, later := board.Changed(), h.later.changed()
		v, news := h.colleaguesSince(board, p)
		if news {
			return v, nil
		}
		select {
		case <-changed:
		case <-later:
		case <-late.C:
			return v, nil
		case <-ctx.Done():
			return v, nil
		}
	}
}

// colleaguesSince is what p does not know yet.
func (h *windowHandler) colleaguesSince(board *phone.Board, p channel.ColleaguesParams) (v channel.ColleaguesView, news bool) {
	s := board.Since(p.Since, maxColleagues)
	v = channel.ColleaguesView{Seq: s.Seq, Anew: s.Anew, More: s.More, Live: s.Live, Cut: s.Cut, Problem: s.Problem}
	v.Waited, v.Told = h.later.waited()
	set := h.colleagueSettings()
	v.Pickup, v.Minutes = set.PickupCode, set.RemindAfter
	if v.Told == 0 {
		v.Told = 1 // 0 is who knows nothing
	}
	code := status.Code("")
	if s.Problem != nil {
		code = s.Problem.Code
	}
	if len(s.Changed) > 0 {
		v.Changed = h.named(s.Changed)
	}
	return v, len(s.Changed) > 0 || s.Anew || s.Live != p.Live || code != p.Code || v.Told != p.Told
}

// named are those with what they are called by the person's own directories and favourites.
func (a *agent) named(all []status.Colleague) []channel.Colleague {
	name := contacts.Names(a.People, a.Marked, a.rules().numbers)
	out := make([]channel.Colleague, len(all))
	for i, c := range all {
		out[i].Colleague = c
		out[i].Name, out[i].Favourite = name(c.Number)
	}
	return out
}

func (h *windowHandler) callLater(ctx context.Context, p channel.CallLaterParams) (r channel.CallLaterResult, err error) {
	switch {
	case p.Off:
		h.later.remove(p.Number)
	case p.Free:
		r.At, err = h.later.whenFree(ctx, p.Number)
	default:
		r.At, err = h.later.remindIn(p.Number, time.Duration(h.colleagueSettings().RemindAfter)*time.Minute)
	}
	return r, refusal(err, status.AttemptDial)
}

// remindAfter is in how many minutes the person can be reminded of a call, which found the
// line busy; 0 for never.
func (a *agent) remindAfter(c call.Snapshot) int {
	if c.State != call.Failed || c.Cause != call.Busy {
		return 0
	}
	return a.colleagueSettings().RemindAfter
}

// remindOrTell has the person reminded of a call, as they chose in its notification, or says
// why not.
func (a *agent) remindOrTell(number string) {
	if _, err := a.later.remindIn(number, time.Duration(a.colleagueSettings().RemindAfter)*time.Minute); err != nil {
		a.notices.show("later", words.Problem(*dialer.ProblemOf(err, status.AttemptDial)))
	}
}
