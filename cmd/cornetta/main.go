// Command cornetta is the agent in the tray (ui/agent) and the command line, one file
// for each subcommand. It only wires; the packages in ui, dialer and ami do the work.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	forbidCoreDumps()
	forgetGoDebug()
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// When a session ends, SIGHUP follows SIGTERM at once (systemd's SendSIGHUP, which
	// logind sets), and would end the program before it has ended in good order. Where
	// SIGHUP is ignored already, as under nohup, it stays so.
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	ended := insist(ctx, commandEndTime)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	ended()
	stop()
	os.Exit(code)
}

// forgetGoDebug has Go behave as it was built to: GODEBUG can bring back what is too
// weak, such as TLS's exchange of keys by RSA.
func forgetGoDebug() { _ = os.Unsetenv("GODEBUG") }

// commandEndTime is how long a command may take to end once it is told to: one that hangs up
// first waits for the PBX twice, for ten seconds each.
const commandEndTime = 25 * time.Second

// insist ends the program d after ctx where it has not ended by itself until then: it
// may hang in a disk or in a terminal that takes no more, which nothing interrupts.
func insist(ctx context.Context, d time.Duration) (ended func()) {
	over := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		select {
		case <-time.After(d):
			os.Exit(exitFailed)
		case <-over:
		}
	}()
	return func() { close(over) }
}
