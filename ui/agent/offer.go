package agent

import (
	"context"
	"errors"
	"time"

	"cornetta/dialer/control"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
)

// offerTime is how long the menu's line may name a number. It says it for whoever
// opened the menu, not for the rest of the day.
const offerTime = time.Minute

// offerCopied looks at what was copied and has the menu say what it would dial,
// for as long as somebody may be looking. Nothing is read before the menu is
// opened, and nothing of it is logged.
func (a *agent) offerCopied(ctx context.Context) {
	if !desktop.ReadsUnseen() {
		return
	}
	a.tray.Offer(a.copiedOffer(ctx))
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.offered != nil {
		a.offered.Stop()
	}
	a.offered = time.AfterFunc(offerTime, func() { a.tray.Offer(tray.Offer{}) })
}

func (a *agent) copiedOffer(ctx context.Context) tray.Offer {
	p, err := consent.PlanCopied(ctx, control.Clipboard, "", false, a.rules().numbers)
	var ask *consent.ConfirmError
	var copied *consent.CopiedError
	var bad *consent.NumberError
	switch {
	case err == nil && len(p.Shown()) > tray.OfferRoom:
		return tray.Offer{}
	case err == nil:
		return tray.Offer{Shown: p.Shown(), Dial: p.Dial}
	case errors.As(err, &ask) && len(ask.Shown) <= tray.OfferRoom:
		return tray.Offer{Shown: ask.Shown, Dial: ask.Dial(), Asks: true}
	case errors.As(err, &copied) && copied.Code == consent.CopiedEmpty, errors.As(err, &bad):
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
