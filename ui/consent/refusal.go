package consent

import (
	"errors"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
)

// The reasons an agent refuses for, as control.Refusal carries them.
const (
	reasonNotNumber  = "not_a_number" // Detail: the code
	reasonSeveral    = "several"      // Detail: the code; Choices
	reasonCopied     = "copied"       // Detail: the code of a CopiedError
	reasonConfirm    = "confirm"      // Detail: as number.Plan.Shown; Why: its reasons
	reasonNotSetUp   = "not_set_up"
	reasonNoSecret   = "no_secret"
	reasonTrouble    = "trouble" // Detail: the status.Code
	reasonInProgress = "in_progress"
	reasonNoCall     = "no_call"
	reasonStale      = "stale"
	reasonChanged    = "account_changed"
)

// refusals maps the errors of a Dialer to reasons and back.
var refusals = []struct {
	err    error
	reason string
}{
	{dialer.ErrNotSetUp, reasonNotSetUp},
	{dialer.ErrNoSecret, reasonNoSecret},
	{dialer.ErrInProgress, reasonInProgress},
	{dialer.ErrNoCall, reasonNoCall},
	{dialer.ErrStale, reasonStale},
	{dialer.ErrAccountChanged, reasonChanged},
}

// Refusal names an error of this package or of a Dialer for the control socket.
func Refusal(err error) error {
	var trouble *dialer.TroubleError
	var ask *ConfirmError
	if errors.As(err, &ask) {
		return &control.Refusal{Reason: reasonConfirm, Detail: ask.Shown, Why: ask.Reasons}
	}
	if errors.As(err, &trouble) {
		return &control.Refusal{Reason: reasonTrouble, Detail: string(trouble.Trouble.Code)}
	}
	var several *SeveralError
	if errors.As(err, &several) {
		r := &control.Refusal{Reason: reasonSeveral, Detail: several.Code}
		for _, c := range several.Choices {
			r.Choices = append(r.Choices, control.Choice{Shown: c.Shown, Why: c.Reasons})
		}
		return r
	}
	var copied *CopiedError
	if errors.As(err, &copied) {
		return &control.Refusal{Reason: reasonCopied, Detail: copied.Code}
	}
	var bad *NumberError
	if errors.As(err, &bad) {
		return &control.Refusal{Reason: reasonNotNumber, Detail: bad.Code}
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return &control.Refusal{Reason: r.reason}
		}
	}
	return err
}

// FromRefusal is the way back.
func FromRefusal(err error) error {
	var refusal *control.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	switch refusal.Reason {
	case reasonNotNumber:
		return &NumberError{refusal.Detail}
	case reasonCopied:
		return &CopiedError{Code: refusal.Detail}
	case reasonConfirm:
		return &ConfirmError{Offer{Shown: refusal.Detail, Reasons: refusal.Why}}
	case reasonSeveral:
		several := &SeveralError{Code: refusal.Detail}
		for _, c := range refusal.Choices {
			several.Choices = append(several.Choices, Offer{Shown: c.Shown, Reasons: c.Why})
		}
		return several
	case reasonTrouble:
		return &dialer.TroubleError{Trouble: status.Trouble{Code: status.Code(refusal.Detail)}, Err: err}
	}
	for _, r := range refusals {
		if refusal.Reason == r.reason {
			return r.err
		}
	}
	return err
}
