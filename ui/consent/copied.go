package consent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/desktop"
)

// Copied is the text in from, control.Clipboard or control.Selection. mayCopy is the
// setting copy_highlighted. It blocks for as long as the desktop takes, at most until
// ctx ends. The error is a *status.Problem.
func Copied(ctx context.Context, from string, mayCopy bool) (string, error) {
	read := desktop.ReadClipboard
	if from == control.Selection {
		read = func(ctx context.Context) (string, error) { return desktop.ReadSelection(ctx, mayCopy) }
	}
	text, err := read(ctx)
	if err != nil {
		return "", dialer.ProblemOf(err, status.AttemptCopied)
	}
	return text, nil
}
