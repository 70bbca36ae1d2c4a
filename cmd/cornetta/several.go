package main

import (
	"fmt"
	"strconv"

	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// pick has the person at the terminal pick one, where there is one to ask.
func (e *env) pick(err *consent.SeveralError) (consent.Offer, error) {
	if !e.atTerminal() {
		return consent.Offer{}, err
	}
	fmt.Fprintln(e.err, words.NumberError(err.Code).What+".")
	for i, c := range err.Choices {
		line := fmt.Sprintf("%4d  %s", i+1, c.Shown)
		if len(c.Reasons) > 0 {
			line += "  " + words.NumberReasons(c.Reasons)
		}
		fmt.Fprintln(e.err, line)
	}
	answer, ok := e.askLine(words.PickOne(len(err.Choices)))
	if !ok {
		return consent.Offer{}, e.ctx.Err()
	}
	n, bad := strconv.Atoi(answer)
	if bad != nil || n < 1 || n > len(err.Choices) {
		return consent.Offer{}, exit(exitNotNumber, words.NothingPicked())
	}
	return err.Choices[n-1], nil
}
