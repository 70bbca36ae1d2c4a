package agent

import (
	"context"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// errCopiedSince says that something else is on the clipboard than was shown.
var errCopiedSince = status.NewError(status.CodeCopiedSince, "agent: something else was copied")

// shownText is a text of unknown origin as it is put into a field, to be corrected.
func shownText(text string) string { return clean.Text(text, clean.Detail) }

// placeCopied dials the number that was copied or is highlighted, as c says. What
// cannot be dialled is shown in the dial window, with the reason. So is what a person
// has to agree to or to pick from, unless c says that the caller asks them. said is
// the dial string that the person was told this would dial: nothing else is dialled
// then; "" where they were told none.
func (a *agent) placeCopied(ctx context.Context, c control.Copied, said string) (call.Snapshot, error) {
	a.prepare()    // while the text is read, so that it costs no time
	r := a.rules() // before the text is read: should the rules change, it is not dialled
	p, err := consent.PlanCopied(ctx, c.From, c.Consent, a.mayCopy(), r.numbers)
	if err == nil && said != "" && p.Dial != said {
		err = errCopiedSince
	}
	var placed call.Snapshot
	if err == nil {
		placed, err = a.dialer.DialIn(ctx, r.epoch, p)
	}
	if err == nil || ctx.Err() != nil {
		return placed, err
	}
	show := channel.Show{Window: channel.WindowDial, Text: p.Dial}
	switch problem := dialer.ProblemOf(err, status.AttemptDial); problem.Code {
	case status.CodeConfirm:
		if c.Asks {
			return placed, err
		}
		show.Reason = words.NumberReasons(problem.Offers[0].Reasons)
	case status.CodeSeveral:
		if c.Picks {
			return placed, err
		}
		show.Choices = problem.Offers
	default:
		show.Reason = words.ProblemText(problem)
	}
	if p.Dial == "" {
		show.Text = shownText(p.Input)
	}
	a.showWindow(show)
	return placed, err
}
