package agent

import (
	"cmp"
	"context"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// errCopiedSince says that something else is on the clipboard than was shown.
var errCopiedSince = status.NewError(status.CodeCopiedSince, "agent: something else was copied")

// shownText is a text of unknown origin as it is put into a field, to be corrected.
func shownText(text string) string { return clean.Text(text, clean.Detail) }

// placeCopied dials the number that was copied, is highlighted or was called last, as c
// says. What
// cannot be dialled is shown in the dial window, with the reason. So is what a person
// has to agree to or to pick from, unless c says that the caller asks them, about what
// offers keeps. told is the plan that a person was told this would dial, nil where
// they were told none: while the same text is there nothing else is dialled.
func (a *agent) placeCopied(ctx context.Context, c control.Copied, offers *consent.Offers, told *consent.Made) (call.Snapshot, error) {
	if c.From == control.Redial {
		return a.redialLast(ctx, c, offers)
	}
	a.prepare() // while the text is read, so that it costs no time
	var m consent.Made
	var placed call.Snapshot
	text, err := consent.Copied(ctx, c.From, a.mayCopy())
	if err == nil {
		m = a.plan(text, number.Clipboard)
		if c.From == control.Selection {
			m = by(call.BySelection, m)
		}
		m.Origin.Private = c.Private
		if told != nil && told.Input == text {
			m, told = *told, nil
		}
		if told != nil { // something else was, and what is now has to be shown in any case
			err = cmp.Or(consent.Ask(offers.Offer(m)), errCopiedSince)
		} else {
			placed, err = a.placeUntyped(ctx, m, offers)
		}
	}
	if err != nil && ctx.Err() == nil {
		a.showCopied(m, c, err)
	}
	return placed, err
}

// showCopied shows what was copied in the dial window, unless the caller asks about it.
func (a *agent) showCopied(m consent.Made, c control.Copied, err error) {
	show := channel.Show{Window: channel.WindowDial, Text: m.Dial}
	problem := dialer.ProblemOf(err, status.AttemptDial)
	switch problem.Code {
	case status.CodeConfirm:
		if c.Asks {
			return
		}
		show.Reason = words.NumberReasons(problem.Offers[0].Reasons)
	case status.CodeSeveral:
		if c.Picks {
			return
		}
		show.Choices = consent.OfferOf(m.Plan).Choices
	default:
		show.Reason = words.ProblemText(problem)
	}
	if m.Dial == "" {
		show.Text = shownText(m.Input)
	}
	a.showOrAsk(show, m, problem)
}
