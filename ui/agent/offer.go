package agent

import (
	"context"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
)

// offerTime is how long the menu's line may name a number. It says it for whoever
// opened the menu, not for the rest of the day.
const offerTime = time.Minute

// offerCopied has the menu say, each time that it is opened, what would be dialled
// of what was copied, for as long as somebody may be looking. Nothing is read before
// the menu is opened, and nothing of it is logged.
func (a *agent) offerCopied(ctx context.Context) {
	var past <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-past:
			past = nil
			a.tray.Offer(tray.Offer{})
		case <-a.opened:
			if desktop.ReadsUnseen() {
				a.tray.Offer(a.copiedOffer(ctx))
				past = time.After(offerTime)
			}
		}
	}
}

// tellOpened says that the menu is about to be seen.
func (a *agent) tellOpened() {
	select {
	case a.opened <- struct{}{}:
	default:
	}
}

func (a *agent) copiedOffer(ctx context.Context) tray.Offer {
	p, err := consent.PlanCopied(ctx, control.Clipboard, "", false, a.rules().numbers)
	problem := dialer.ProblemOf(err, status.AttemptCopied)
	switch {
	case err == nil && len(p.Shown()) > tray.OfferRoom:
		return tray.Offer{}
	case err == nil:
		return tray.Offer{Shown: p.Shown(), Dial: p.Dial}
	case problem.Code == status.CodeConfirm && len(problem.Offers[0].Shown) <= tray.OfferRoom:
		return tray.Offer{Shown: problem.Offers[0].Shown, Dial: problem.Offers[0].Dial(), Asks: true}
	case problem.Code == status.CodeCopiedEmpty, problem.Code == status.CodeNotNumber:
		return tray.Offer{Nothing: true}
	}
	return tray.Offer{Asks: true} // several, or it could not be read: the window says why
}

// dialOffered dials what the menu's line said, if that is still what was copied;
// else it is shown first.
func (a *agent) dialOffered(ctx context.Context, said string) {
	if _, err := a.placeCopied(ctx, control.Copied{From: control.Clipboard}, said); err != nil {
		a.Log.Info("the clipboard was not dialled", "err", err)
	}
}
