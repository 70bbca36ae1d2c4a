// Package consent makes of a text the plan that may be dialled: under the rules of
// the settings, with what a person has said yes to. A yes is one to a dial string,
// the digits that were shown; where there is none yet, or it was one to other
// digits, the error says what there is to ask, and whoever can ask does so and
// comes again with the answer.
//
// The agent and the command line make their plans here. It holds no state and has no
// goroutines. The tests are tables of texts; none reads a real clipboard.
package consent

import (
	"strings"

	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

// OfferOf is what a person is shown of p.
func OfferOf(p number.Plan) status.Offer {
	return status.Offer{Shown: p.Shown(), Reasons: Reasons(p), Line: p.Line}
}

// NotNumber is a text that is no number; code is why.
func NotNumber(code number.Code) *status.Problem {
	return &status.Problem{Code: status.CodeNotNumber, Fault: string(code)}
}

// Confirm is a plan that has to be asked about first.
func Confirm(p number.Plan) *status.Problem {
	return &status.Problem{Code: status.CodeConfirm, Offers: []status.Offer{OfferOf(p)}}
}

// Plan is what dialling a text from src means. consent is the dial string that a
// person has seen and said yes to, "" where they saw none. Where they are to be
// asked, or have seen another one, the error is a *status.Problem with
// status.CodeConfirm; where they are to pick one of several, with CodeSeveral;
// where there is no number in the text, with CodeNotNumber. The Plan beside an
// error is as complete as it can be.
func Plan(text string, src number.Source, consent string, s number.Settings) (number.Plan, error) {
	p := number.Parse(text, src, s)
	if p.Outcome == number.Error || len(p.Choices) > 1 {
		return Pick(p, consent)
	}
	if p.Dial == consent {
		p = p.Consented()
	}
	if !p.MayDial() || consent != "" && p.Dial != consent {
		return p, Confirm(p)
	}
	return p, nil
}

// Pick is the plan for the one of p's choices that a person picked: consent is
// its dial string. Without one the error says what there is to pick from.
func Pick(p number.Plan, consent string) (number.Plan, error) {
	several := &status.Problem{Code: status.CodeSeveral, Fault: string(p.Error)}
	if p.Outcome == number.Confirm {
		several.Fault = string(number.AmbiguousSeparator)
	}
	for _, c := range p.Choices {
		if c.Dial == consent {
			return c.Consented(), nil
		}
		o := OfferOf(c)
		o.Text = strings.TrimSpace(c.Label + " " + c.Input)
		several.Offers = append(several.Offers, o)
	}
	if len(several.Offers) == 0 {
		return p, NotNumber(number.Code(several.Fault))
	}
	return p, several
}

// Offers are what there is to pick from in a text that is no number by itself, or
// can be read in two ways.
func Offers(p number.Plan) []status.Offer {
	_, err := Pick(p, "")
	if several := status.Find(err, status.CodeSeveral); several != nil {
		return several.Offers
	}
	return nil
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
