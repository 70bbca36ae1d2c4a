package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"cornetta/ui/words"
	"golang.org/x/term"
)

// askPassword asks at the terminal, where there is one.
func (e *env) askPassword() (string, bool) {
	f, ok := e.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", false
	}
	fmt.Fprint(e.err, words.Text(words.SayAskPassword)+" ")
	p, err := term.ReadPassword(int(f.Fd()))
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
	return strings.EqualFold(answer, "y")
}

// askLine asks at the terminal for a line. It is false where e.ctx ended before
// there was one.
func (e *env) askLine(question string) (string, bool) {
	f := e.in.(*os.File)
	fmt.Fprint(e.err, question+" ")
	answer := make(chan string, 1)
	go func() { // a terminal's read cannot be ended: this one may last as long as the program
		line, _ := bufio.NewReader(io.LimitReader(f, 64)).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		return strings.TrimSpace(line), true
	case <-e.ctx.Done():
		fmt.Fprintln(e.err)
		return "", false
	}
}
