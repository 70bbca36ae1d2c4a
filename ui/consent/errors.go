package consent

import (
	"strconv"
	"strings"

	"cornetta/dialer/number"
	"cornetta/ui/words"
)

// NumberError is a text that is no number; Code is one of package number's.
type NumberError struct{ Code string }

func (e *NumberError) Error() string { return "not a number: " + e.Code }

// SeveralError is a text that holds several numbers, one beside more than a number,
// or one that can be read in two ways: a person picks the one that is meant.
type SeveralError struct {
	Code    string // why the text as a whole is no number, dialer/number's
	Choices []Offer
}

// Error may reach a log: there is no number in it.
func (e *SeveralError) Error() string {
	return "not a number: " + e.Code + ", with " + strconv.Itoa(len(e.Choices)) + " to pick from"
}

// Sentence names the numbers for whoever cannot be asked.
func (e *SeveralError) Sentence() string {
	var shown []string
	for _, c := range e.Choices {
		shown = append(shown, c.Shown)
	}
	return words.NumbersIn(e.Code, shown)
}

// Pick is the plan for the one of p's choices that a person picked: consent is
// its dial string. Without one the error says what there is to pick from.
func Pick(p number.Plan, consent string) (number.Plan, error) {
	several := &SeveralError{Code: string(p.Error)}
	if p.Outcome == number.Confirm {
		several.Code = string(number.AmbiguousSeparator)
	}
	for _, c := range p.Choices {
		if c.Dial == consent {
			return c.Consented(), nil
		}
		o := OfferOf(c)
		o.Written = strings.TrimSpace(c.Label + " " + c.Input)
		several.Choices = append(several.Choices, o)
	}
	if len(several.Choices) == 0 {
		return p, &NumberError{several.Code}
	}
	return p, several
}
