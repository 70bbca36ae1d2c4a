package consent

import (
	"context"
	"errors"
	"strings"

	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// CopiedError is why what was copied or highlighted could not be read.
type CopiedError struct{ Code string }

func (e *CopiedError) Error() string { return "cornetta: what was copied: " + e.Code }

// Sentence is it for a person.
func (e *CopiedError) Sentence() string { return words.Problem("copied", e.Code, "").String() }

// The codes of a CopiedError.
const (
	CopiedEmpty       = "empty"
	CopiedTimeout     = "timeout"
	CopiedTooLarge    = "too_large"
	CopiedUnavailable = "unavailable"
	CopiedWlPaste     = "wl-paste" // a program is missing
	CopiedOff         = "off"      // reading it has to be turned on
	CopiedNotText     = "not_text" // what was copied before would be lost
	CopiedKeysHeld    = "keys_held"
	CopiedSince       = "since" // something else is there than was shown
)

// PlanCopied reads the text in from, control.Clipboard or control.Selection, and is
// Plan for it; where it cannot be read the error is a *CopiedError. Consent to what
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
		return number.Plan{Source: number.Clipboard}, &CopiedError{readCode(err)}
	}
	return Plan(text, number.Clipboard, consent, s)
}

func readCode(err error) string {
	switch {
	case errors.Is(err, desktop.ErrClipboardEmpty):
		return CopiedEmpty
	case errors.Is(err, desktop.ErrClipboardTimeout):
		return CopiedTimeout
	case errors.Is(err, desktop.ErrClipboardTooLarge):
		return CopiedTooLarge
	case errors.Is(err, desktop.ErrMayNotCopy):
		return CopiedOff
	case errors.Is(err, desktop.ErrClipboardTaken):
		return CopiedNotText
	case errors.Is(err, desktop.ErrKeysHeld):
		return CopiedKeysHeld
	case errors.Is(err, desktop.ErrNoClipboard) && strings.Contains(err.Error(), "wl-clipboard"):
		return CopiedWlPaste
	}
	return CopiedUnavailable
}
