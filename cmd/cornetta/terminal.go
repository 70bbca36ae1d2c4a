package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// askPassword asks at the terminal, where there is one.
func (e *env) askPassword() (string, bool) {
	f, ok := e.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", false
	}
	fmt.Fprint(e.err, "Password of the PBX account (it is not kept): ")
	p, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(e.err)
	return string(p), err == nil && len(p) > 0
}
