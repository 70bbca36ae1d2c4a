package main

import (
	"context"
	"errors"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
)

// controlTime bounds one exchange with the running agent.
const controlTime = 15 * time.Second

type hangupCmd struct{}

func (c *hangupCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, control.ErrNotRunning) {
		return e.hangUpLeft()
	}
	if err != nil {
		return err
	}
	defer agent.Close()
	return fromAgent(agent.Hangup(ctx))
}

// The reasons an agent refuses for, as control.Refusal carries them.
const (
	reasonNotNumber  = "not_a_number" // Detail: the code
	reasonSeveral    = "several"      // Detail: the code; Choices
	reasonCopied     = "copied"       // Detail: the code of a copiedError
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

// toClient names an error of the Dialer for the control socket.
func toClient(err error) error {
	var trouble *dialer.TroubleError
	var ask *confirmError
	if errors.As(err, &ask) {
		return &control.Refusal{Reason: reasonConfirm, Detail: ask.shown, Why: ask.reasons}
	}
	if errors.As(err, &trouble) {
		return &control.Refusal{Reason: reasonTrouble, Detail: string(trouble.Trouble.Code)}
	}
	var several *severalError
	if errors.As(err, &several) {
		r := &control.Refusal{Reason: reasonSeveral, Detail: several.code}
		for _, c := range several.choices {
			r.Choices = append(r.Choices, control.Choice{Shown: c.shown, Why: c.reasons})
		}
		return r
	}
	var copied *copiedError
	if errors.As(err, &copied) {
		return &control.Refusal{Reason: reasonCopied, Detail: copied.code}
	}
	var bad *numberError
	if errors.As(err, &bad) {
		return &control.Refusal{Reason: reasonNotNumber, Detail: bad.code}
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return &control.Refusal{Reason: r.reason}
		}
	}
	return err
}

// fromAgent is the way back.
func fromAgent(err error) error {
	var refusal *control.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	switch refusal.Reason {
	case reasonNotNumber:
		return notANumber(refusal.Detail)
	case reasonCopied:
		return &copiedError{code: refusal.Detail}
	case reasonConfirm:
		return &confirmError{offer{shown: refusal.Detail, reasons: refusal.Why}}
	case reasonSeveral:
		several := &severalError{code: refusal.Detail}
		for _, c := range refusal.Choices {
			several.choices = append(several.choices, offer{shown: c.Shown, reasons: c.Why})
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
