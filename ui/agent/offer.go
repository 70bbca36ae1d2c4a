package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
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
			a.tray.Offer(status.Offer{})
		case <-a.opened:
			a.showFavourites()
			if desktop.ReadsUnseen() {
				a.tray.Offer(a.copiedOffer(ctx))
				over = time.After(offerTime)
			}
		}
	}
}

// menuOpening tells offerCopied that the menu is about to be seen.
func (a *agent) menuOpening() {
	a.retell() // another program may have changed the history
	select {
	case a.opened <- struct{}{}:
	default:
	}
}

// copiedOffer is what is on the clipboard now.
func (a *agent) copiedOffer(ctx context.Context) status.Offer {
	text, err := consent.Copied(ctx, control.Clipboard, false)
	if err != nil {
		return status.Offer{Problem: dialer.ProblemOf(err, status.AttemptCopied)}
	}
	return a.copied.Offer(a.plan(text, number.Clipboard))
}

// dialOffered dials the number that the menu's line named, the offer with that id, if
// its text is still what is on the clipboard. Else the dial window shows what is. With
// 0, where the line named none, it is whatever is there.
func (a *agent) dialOffered(ctx context.Context, id uint64) {
	var told *consent.Made
	if id != 0 {
		m, _ := a.copied.Agreed(id, status.Wish{})
		told = &m // of one that is forgotten there is no text
	}
	if _, err := a.placeCopied(ctx, control.Copied{From: control.Clipboard}, nil, told); err != nil {
		// As a Problem, whose text for logs has no words of the PBX in it.
		a.Log.Info("the clipboard was not dialled", slog.Any("err", dialer.ProblemOf(err, status.AttemptDial)))
	}
}
