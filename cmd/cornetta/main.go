// Command cornetta is the agent in the tray and the command line. main only
// wires; the packages below ui, dialer and ami do the work.
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
	// A session that ends sends SIGHUP right behind SIGTERM (systemd's SendSIGHUP,
	// which logind sets), and it would cut short what SIGTERM began. Where it is
	// ignored already, as under nohup, it stays so.
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}
