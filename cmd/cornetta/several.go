package main

import (
	"fmt"
	"strconv"
	"strings"

	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// severalError is a text that holds several numbers, one beside more than a number,
// or one that can be read in two ways: a person picks the one that is meant.
type severalError struct {
	code    string // why the text as a whole is no number, dialer/number's
	choices []offer
}

// Error may reach a log: there is no number in it.
func (e *severalError) Error() string {
	return "not a number: " + e.code + ", with " + strconv.Itoa(len(e.choices)) + " to pick from"
}

// sentence names the numbers for whoever cannot be asked.
func (e *severalError) sentence() string {
	var shown []string
	for _, c := range e.choices {
		shown = append(shown, c.shown)
	}
	return words.NumbersIn(e.code, shown)
}

// pickOf is the plan for the one of p's choices that a person picked: consent is
// its dial string. Without one the error says what there is to pick from.
func pickOf(p number.Plan, consent string) (number.Plan, error) {
	several := &severalError{code: string(p.Error)}
	if p.Outcome == number.Confirm {
		several.code = string(number.AmbiguousSeparator)
	}
	for _, c := range p.Choices {
		if c.Dial == consent {
			return c.Consented(), nil
		}
		o := offerOf(c)
		o.written = strings.TrimSpace(c.Label + " " + c.Input)
		several.choices = append(several.choices, o)
	}
	if len(several.choices) == 0 {
		return p, notANumber(several.code)
	}
	return p, several
}

// offered are the choices as the dial window takes them.
func offered(list []offer) []channel.Choice {
	var out []channel.Choice
	for _, o := range list {
		out = append(out, channel.Choice{
			Text: channel.Plain(o.written, channel.MaxText), Dial: o.dial(), Shown: o.shown, Reasons: o.reasons, Line: o.line,
		})
	}
	return out
}

// pick has the person at the terminal pick one, where there is one to ask.
func (e *env) pick(err *severalError) (offer, error) {
	if !e.atTerminal() {
		return offer{}, err
	}
	fmt.Fprintln(e.err, words.NumberError(err.code).What+".")
	for i, c := range err.choices {
		line := fmt.Sprintf("%4d  %s", i+1, c.shown)
		if len(c.reasons) > 0 {
			line += "  " + words.NumberReasons(c.reasons)
		}
		fmt.Fprintln(e.err, line)
	}
	answer, ok := e.askLine(words.PickOne(len(err.choices)))
	if !ok {
		return offer{}, e.ctx.Err()
	}
	n, bad := strconv.Atoi(answer)
	if bad != nil || n < 1 || n > len(err.choices) {
		return offer{}, exit(exitNotNumber, words.NothingPicked())
	}
	return err.choices[n-1], nil
}
