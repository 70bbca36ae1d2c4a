package main

import (
	"fmt"
	"strconv"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// pick has the person at the terminal pick one, where there is one to ask.
func (e *env) pick(several *status.Problem) (status.Offer, error) {
	if !e.atTerminal() {
		return status.Offer{}, several
	}
	fmt.Fprintln(e.err, words.NumberError(several.Fault).What+".")
	for i, c := range several.Offers {
		line := fmt.Sprintf("%4d  %s", i+1, c.Shown)
		if len(c.Reasons) > 0 {
			line += "  " + words.NumberReasons(c.Reasons)
		}
		fmt.Fprintln(e.err, line)
	}
	answer, ok := e.askLine(words.PickOne(len(several.Offers)))
	if !ok {
		return status.Offer{}, e.ctx.Err()
	}
	n, bad := strconv.Atoi(answer)
	if bad != nil || n < 1 || n > len(several.Offers) {
		return status.Offer{}, exit(exitNotNumber, words.NothingPicked())
	}
	return several.Offers[n-1], nil
}
