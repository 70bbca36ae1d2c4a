package main

import (
	"errors"
	"strings"

	"cornetta/dialer"
	"cornetta/dialer/number"
	"cornetta/ui/words"
)

// offer is what would be dialled, and why it has to be asked about first.
type offer struct {
	shown   string   // as number.Plan.Shown
	reasons []string // dialer/number's
	written string   // what it was made of, with the word beside it; "" where nobody needs it
	line    string   // as number.Plan.Line
}

func offerOf(p number.Plan) offer { return offer{shown: p.Shown(), reasons: names(p), line: p.Line} }

// dial is the dial string: what a yes is a yes to.
func (o offer) dial() string { return strings.ReplaceAll(o.shown, " ", "") }

// confirmError is a plan that has to be asked about first.
type confirmError struct{ offer }

// Error may reach a log: it is not the sentence for a person, and has no whole
// number in it.
func (e *confirmError) Error() string {
	return "to be asked first: " + dialer.Redact(e.dial()) + " (" + strings.Join(e.reasons, ", ") + ")"
}

// plan is what dialling text as it was typed means. consent is the dial string
// that a person has seen and said yes to, "" where they saw none. Where they are
// to be asked, or have seen another one, the error is a *confirmError.
func plan(text, consent string, s number.Settings) (number.Plan, error) {
	return planOf(text, number.Typed, consent, s)
}

func planOf(text string, src number.Source, consent string, s number.Settings) (number.Plan, error) {
	p := number.Parse(text, src, s)
	if p.Outcome == number.Error || len(p.Choices) > 1 {
		return pickOf(p, consent)
	}
	if p.Dial == consent {
		p = p.Consented()
	}
	if !p.MayDial() || consent != "" && p.Dial != consent {
		return p, &confirmError{offerOf(p)}
	}
	return p, nil
}

// asked tries do without anybody's consent and, where that is what it lacks,
// once more with it. Who picks one of several numbers has seen what there is to
// see of it.
func asked[T any](c *dialCmd, e *env, do func(consent string) (T, error)) (T, error) {
	v, err := do("")
	var ask *confirmError
	var several *severalError
	switch {
	case errors.As(err, &ask):
		if err := c.consent(e, ask); err != nil {
			return v, err
		}
		return do(ask.dial())
	case errors.As(err, &several):
		picked, err := e.pick(several)
		if err != nil {
			return v, err
		}
		return do(picked.dial())
	}
	return v, err
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
