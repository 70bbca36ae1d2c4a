// Package consent makes of a text the plan that may be dialled: under the rules of
// the settings, with what a person has said yes to. A yes is one to a dial string,
// the digits that were shown; where there is none yet, or it was one to other
// digits, the error says what there is to ask, and whoever can ask does so and
// comes again with the answer.
//
// The agent and the command line make their plans here, and the errors that only
// this package knows cross the control socket by it. It holds no state and has no
// goroutines. The tests are tables of texts; none reads a real clipboard.
package consent

import (
	"strings"

	"cornetta/dialer"
	"cornetta/dialer/number"
)

// Offer is what would be dialled, and why it has to be asked about first.
type Offer struct {
	Shown   string   // as number.Plan.Shown
	Reasons []string // as Reasons returns them
	Written string   // what it was made of, with the word beside it; "" where nobody needs it
	Line    string   // as number.Plan.Line
}

// OfferOf is what a person is shown of p.
func OfferOf(p number.Plan) Offer { return Offer{Shown: p.Shown(), Reasons: Reasons(p), Line: p.Line} }

// Dial is the dial string: what a yes is a yes to.
func (o Offer) Dial() string { return strings.ReplaceAll(o.Shown, " ", "") }

// ConfirmError is a plan that has to be asked about first.
type ConfirmError struct{ Offer }

// Error may reach a log: it is not the sentence for a person, and has no whole
// number in it.
func (e *ConfirmError) Error() string {
	return "to be asked first: " + dialer.Redact(e.Dial()) + " (" + strings.Join(e.Reasons, ", ") + ")"
}

// Plan is what dialling a text from src means. consent is the dial string that a
// person has seen and said yes to, "" where they saw none. Where they are to be
// asked, or have seen another one, the error is a *ConfirmError; where they are to
// pick one of several, a *SeveralError; where there is no number in the text, a
// *NumberError. The Plan beside an error is as complete as it can be.
func Plan(text string, src number.Source, consent string, s number.Settings) (number.Plan, error) {
	p := number.Parse(text, src, s)
	if p.Outcome == number.Error || len(p.Choices) > 1 {
		return Pick(p, consent)
	}
	if p.Dial == consent {
		p = p.Consented()
	}
	if !p.MayDial() || consent != "" && p.Dial != consent {
		return p, &ConfirmError{OfferOf(p)}
	}
	return p, nil
}

// Reasons are the reasons for asking about p as ui/words and ui/channel take them.
// Behind that it is abroad stands where, as words.NumberReason wants it.
func Reasons(p number.Plan) []string {
	out := make([]string, len(p.Reasons))
	for i, r := range p.Reasons {
		out[i] = string(r)
		if r == number.ReasonInternational && p.Region != "" {
			out[i] += ":" + p.Region
		}
	}
	return out
}
