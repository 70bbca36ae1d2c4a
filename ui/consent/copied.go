package consent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/desktop"
)

// PlanCopied reads the text in from, control.Clipboard or control.Selection, and is
// Plan for it; where it cannot be read the error is a *status.Problem, too. Consent to what
// was copied a moment ago is none to what was copied since. mayCopy is the setting
// copy_highlighted. It blocks for as long as the desktop takes, at most until ctx
// ends.
func PlanCopied(ctx context.Context, from, consent string, mayCopy bool, s number.Settings) (number.Plan, error) {
	read := desktop.ReadClipboard
	if from == control.Selection {
		read = func(ctx context.Context) (string, error) { return desktop.ReadSelection(ctx, mayCopy) }
	}
	text, err := read(ctx)
	if err != nil {
		return number.Plan{Source: number.Clipboard}, dialer.ProblemOf(err, status.AttemptCopied)
	}
	return Plan(text, number.Clipboard, consent, s)
}
