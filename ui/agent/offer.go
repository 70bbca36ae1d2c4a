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

// offerTime is how long the menu's line may name a number: for the person who opened
// the menu, not for the rest of the day.
const offerTime = time.Minute

// offerCopied puts the number that was copied into the tray's menu each time that it
// is opened, and takes it out after offerTime. Nothing is read before the menu is
// opened, and nothing of it is logged.
func (a *agent) offerCopied(ctx context.Context) {
	var over <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-over:
			over = nil
			a.tray.Offer(tray.Offer{})
		case <-a.opened:
			if desktop.ReadsUnseen() {
				a.tray.Offer(a.copiedOffer(ctx))
				over = time.After(offerTime)
			}
		}
	}
}

// menuOpening tells offerCopied that the menu is about to be seen.
func (a *agent) menuOpening() {
	select {
	case a.opened <- struct{}{}:
	default:
	}
}

// copiedOffer is what the menu says of what is on the clipboard now.
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
	return tray.Offer{Asks: true} // several numbers, or it cannot be read: the dial window says it
}

// dialOffered dials the number that the menu's line named, if that is still what is on
// the clipboard. Else the dial window shows what is.
func (a *agent) dialOffered(ctx context.Context, said string) {
	if _, err := a.placeCopied(ctx, control.Copied{From: control.Clipboard}, said); err != nil {
		a.Log.Info("the clipboard was not dialled", "err", err)
	}
}
