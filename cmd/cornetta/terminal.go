package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// askPassword asks at the terminal, where there is one.
func (e *env) askPassword() (string, bool) {
	f, ok := e.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", false
	}
	shown, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", false
	}
	fmt.Fprint(e.err, words.Text(words.SayAskPassword)+" ")
	p, err := await(e.ctx, func() ([]byte, error) { return term.ReadPassword(int(f.Fd())) })
	if e.ctx.Err() != nil {
		_ = term.Restore(int(f.Fd()), shown) // what is typed from now on is no password
	}
	fmt.Fprintln(e.err)
	return string(p), err == nil && len(p) > 0
}

// atTerminal tells whether there is somebody to ask.
func (e *env) atTerminal() bool {
	f, ok := e.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// askYes asks at the terminal, where there is one. Anything but a plain yes is a
// no, and so is the end of e.ctx.
func (e *env) askYes(question string) bool {
	if !e.atTerminal() {
		return false
	}
	answer, _ := e.askLine(question)
	return words.IsYes(answer)
}

// askLine asks at the terminal for a line. It is false where e.ctx ended before there was
// one, or the terminal did: Ctrl+D, and a window that was closed, are no Enter. What was
// typed before the question is no answer to it.
func (e *env) askLine(question string) (string, bool) {
	f := e.in.(*os.File)
	dropTyped(f)
	fmt.Fprint(e.err, question+" ")
	answer := make(chan string, 1)
	go func() { // a terminal's read cannot be ended: this one may last as long as the program
		defer close(answer)
		if line, err := bufio.NewReader(io.LimitReader(f, 256)).ReadString('\n'); err == nil {
			answer <- line
		}
	}()
	select {
	case line, ok := <-answer:
		if !ok {
			fmt.Fprintln(e.err)
		}
		return strings.TrimSpace(line), ok
	case <-e.ctx.Done():
		fmt.Fprintln(e.err)
		return "", false
	}
}

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
	if !ok && e.ctx.Err() != nil {
		return status.Offer{}, e.ctx.Err()
	}
	n, bad := strconv.Atoi(answer)
	if bad != nil || n < 1 || n > len(several.Offers) {
		return status.Offer{}, exit(exitNotNumber, words.NothingPicked())
	}
	return several.Offers[n-1], nil
}
