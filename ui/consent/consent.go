// Package consent is how a person agrees to what is dialled. A text is parsed once,
// where it came in. What is shown of the plan is a status.Offer, and a yes to it is
// the id under which [Offers] keeps that very plan: what was shown is what is
// dialled, under the rules by which it was made, and no text is read twice.
//
// The agent keeps one Offers for each door by which an id can come back, so that the
// id of one is nothing at another; the command line has its own where no agent runs.
// The package has no goroutines. The tests are tables of texts; none reads a real
// clipboard.
package consent

import (
	"sync"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

// ReasonManyCalls is why a plan is asked about that by itself needs no question: many
// calls were made just now that nobody was asked about and nobody typed.
const ReasonManyCalls number.Reason = "many_calls"

// ReasonOtherAccount is why a plan is asked about that dials a number again which was
// dialled with another account: it may need other digits now.
const ReasonOtherAccount number.Reason = "other_account"

// Made is a plan and the time of the rules by which it was made: the Dialer refuses
// it in any other.
type Made struct {
	number.Plan
	In     dialer.Epoch
	Origin call.Origin // where it came from, for the history
}

// maxOffers is how many plans are kept: a list of all the numbers that can be picked
// from in a text, and a few dozen keystrokes.
const maxOffers = 64

// Offers are the plans that were shown last, each under the id of its offer. The
// oldest is forgotten first. The zero value is empty and ready. It is safe for
// concurrent use.
type Offers struct {
	mu   sync.Mutex // guards what follows
	last uint64     // the newest id; ids begin at 1
	kept [maxOffers]Made
}

// Offer keeps m, and each of its choices, and is what a person is shown of it. Of nil
// Offers, for where nobody can say yes, it keeps nothing.
func (o *Offers) Offer(m Made) status.Offer {
	v := OfferOf(m.Plan)
	if o == nil {
		return v
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if v.Problem == nil {
		v.ID = o.keepLocked(m)
	}
	for i := range v.Choices {
		from := m.Origin
		from.Given = "" // a choice has its own
		v.Choices[i].ID = o.keepLocked(Made{m.Choices[i], m.In, from})
	}
	return v
}

func (o *Offers) keepLocked(m Made) uint64 {
	if m.Origin.Given == "" {
		m.Origin.Given = clean.Foreign(m.Given()).Line()
	}
	m.Choices, m.Steps = nil, nil // of no use any more
	o.last++
	o.kept[o.last%maxOffers] = m
	return o.last
}

// Agreed is the plan that a person was shown under id, and said yes to with w. For an id
// that was never given, or is forgotten by now, the error is a *status.Problem with
// status.CodeConfirm: it has to be shown first.
func (o *Offers) Agreed(id uint64, w status.Wish) (Made, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id == 0 || id > o.last || o.last-id >= maxOffers {
		return Made{}, &status.Problem{Code: status.CodeConfirm}
	}
	m := o.kept[id%maxOffers]
	return m.Agreed(w)
}

// Agreed is m after a yes to it with w. The error is as that of [Offers.Agreed], where w
// has a code that was not offered.
func (m Made) Agreed(w status.Wish) (Made, error) {
	if w.Code != "" {
		coded, ok := m.Behind(w.Code)
		if !ok {
			return Made{}, &status.Problem{Code: status.CodeConfirm}
		}
		m.Plan = coded
	}
	m.Plan = m.Consented()
	if w.Then {
		m.Plan = m.Keyed()
	}
	return m, nil
}

// Behind is m behind the code with that key, to be offered so. The error is a
// *status.Problem where there is none.
func Behind(m Made, key string) (Made, error) {
	coded, ok := m.Plan.Behind(key)
	switch {
	case ok:
		m.Plan = coded
		return m, nil
	case m.Outcome == number.Error && len(m.Choices) == 0:
		return m, nil // which is told first
	case key == number.KeyWithhold:
		return m, &status.Problem{Code: status.CodeField, Field: "withhold_code", Fault: setting.CodeMissing}
	}
	return m, &status.Problem{Code: status.CodeField, Field: "account_codes", Fault: setting.CodeMissing}
}

func fronts(p number.Plan) (all []status.Front) {
	for _, c := range p.Codes {
		if coded, ok := p.Behind(c.Key); ok {
			all = append(all, status.Front{Key: c.Key, Name: c.Name, Shown: coded.Shown()})
		}
	}
	return all
}

// OfferOf is what a person is shown of p: what would be dialled, what there is to
// pick from, or why there is nothing to dial. No id stands in it.
func OfferOf(p number.Plan) status.Offer {
	v := status.Offer{Shown: p.Shown(), Reasons: p.Why(), Line: p.Line, Then: p.Then}
	if p.Outcome == number.Error {
		v.Problem = NotNumber(p.Error)
	}
	if v.Problem == nil && len(p.Choices) < 2 {
		v.Codes = fronts(p)
		return v
	}
	for _, c := range p.Choices {
		v.Choices = append(v.Choices, status.Offer{
			Shown: c.Shown(), Reasons: c.Why(), Line: c.Line, Then: c.Then,
			Text: clean.Text(c.Label+" "+c.Input, clean.Name),
		})
	}
	return v
}

// NotNumber is a text that is no number, or one that is never called; code is why.
func NotNumber(code number.Code) *status.Problem {
	p := &status.Problem{Code: status.CodeNotNumber, Fault: string(code)}
	switch code {
	case number.PremiumForbidden, number.PremiumOff, number.AbroadForbidden, number.AbroadOff,
		number.ServiceCodeForbidden, number.ServiceCodeOff:
		p.Code = status.CodeForbidden
	}
	return p
}

// Ask is what a person has to be asked before o is dialled, nil for nothing. The error
// is a *status.Problem: with status.CodeConfirm o is to be agreed to, with CodeSeveral
// one of its choices is to be picked, which is consent to it, and with CodeNotNumber
// there is nothing to dial.
func Ask(o status.Offer) error {
	switch {
	case len(o.Choices) > 0:
		fault := string(number.AmbiguousSeparator)
		if o.Problem != nil {
			fault = o.Problem.Fault
		}
		return &status.Problem{Code: status.CodeSeveral, Fault: fault, Offers: o.Choices}
	case o.Problem != nil:
		return o.Problem
	case len(o.Reasons) > 0:
		return &status.Problem{Code: status.CodeConfirm, Offers: []status.Offer{o}}
	}
	return nil
}
