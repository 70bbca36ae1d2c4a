package main

import (
	"errors"
	"strings"

	"cornetta/dialer"
	"cornetta/dialer/number"
	"cornetta/ui/words"
)

// confirmError is a plan that has to be asked about first.
type confirmError struct {
	shown   string   // as number.Plan.Shown
	reasons []string // dialer/number's
}

// Error may reach a log: it is not the sentence for a person, and has no whole
// number in it.
func (e *confirmError) Error() string {
	return "to be asked first: " + dialer.Redact(e.dial()) + " (" + strings.Join(e.reasons, ", ") + ")"
}

// dial is the dial string: what a yes is a yes to.
func (e *confirmError) dial() string { return strings.ReplaceAll(e.shown, " ", "") }

// plan is what dialling text as it was typed means. consent
// is the dial string that a person said yes to; where they did not and are to
// be asked, the error is a *confirmError.
func plan(text, consent string, s number.Settings) (number.Plan, error) {
	return planOf(number.Parse(text, number.Typed, s), consent)
}

func planOf(p number.Plan, consent string) (number.Plan, error) {
	if p.Outcome == number.Error {
		return p, notANumber(string(p.Error))
	}
	if p.Dial == consent {
		p = p.Consented()
	}
	if !p.MayDial() {
		return p, &confirmError{p.Shown(), names(p.Reasons)}
	}
	return p, nil
}

// asked tries do without anybody's consent and, where that is what it lacks,
// once more with it.
func asked[T any](c *dialCmd, e *env, do func(consent string) (T, error)) (T, error) {
	v, err := do("")
	var ask *confirmError
	if !errors.As(err, &ask) {
		return v, err
	}
	if err := c.consent(e, ask); err != nil {
		return v, err
	}
	return do(ask.dial())
}

// consent asks the person at the terminal about err. Without a terminal there
// is only what the command line said.
func (c *dialCmd) consent(e *env, err *confirmError) error {
	why := words.NumberReasons(err.reasons)
	if c.Yes || e.askYes(words.DialIt(err.shown, why)) {
		return nil
	}
	if e.ctx.Err() != nil {
		return e.ctx.Err()
	}
	return exit(exitFailed, why+" Nothing was dialled; --yes dials "+err.shown+".")
}
