// Command cornetta is the agent in the tray (ui/agent) and the command line, one file
// for each subcommand. It only wires; the packages in ui, dialer and ami do the work.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	forbidCoreDumps()
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// When a session ends, SIGHUP follows SIGTERM at once (systemd's SendSIGHUP, which
	// logind sets), and would end the program before it has ended in good order. Where
	// SIGHUP is ignored already, as under nohup, it stays so.
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}
