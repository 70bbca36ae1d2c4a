// Command cornetta-ui draws Cornetta's windows. It is started by cornetta,
// which holds the other end of its stdin and stdout, and ends with it.
package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"cornetta/internal/display"
	"cornetta/ui/channel"
	"cornetta/ui/window"
	"cornetta/ui/words"
)

// version is set by the build.
var version = "development"

func main() {
	if len(os.Args) == 2 && os.Args[1] == channel.ArgProbe {
		os.Exit(probe())
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprintln(os.Stderr, "cornetta-ui is started by cornetta")
		os.Exit(2)
	}
	if err := display.Usable(); err != nil { // Fyne would panic
		fmt.Fprintln(os.Stderr, "cornetta-ui:", err)
		os.Exit(channel.ExitNoDisplay)
	}
	words.Choose("")
	out, err := takeStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cornetta-ui:", err)
		os.Exit(1)
	}
	window.Run(os.Stdin, out, func() { os.Exit(0) }, func() { os.Exit(channel.ExitNoOpenGL) })
}
