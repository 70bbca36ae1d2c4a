// Command run starts a real Asterisk, configured as a KalliopePBX, and keeps
// it until it is interrupted: to try cornetta against it by hand, or
// cornetta-fleet. SIGHUP restarts Asterisk, on the same ports.
//
//	go run ./ami/asterisktest/run -v 22
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run blocks until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	version := flags.Int("v", int(asterisktest.V22), "version of Asterisk: 16 or 22")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "cornetta-asterisk-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := asterisktest.Launch(dir, asterisktest.Version(*version))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()

	fmt.Fprintf(out, "AMI       %s\nAMI TLS   %s\npin       %s\nusername  %s\nsecret    %s\ntenant    %s\nprefix    %s\necho      %s\n",
		p.Addr(), p.TLSAddr(), p.Fingerprint(), p.Username(), p.Secret(), p.Tenant(), pbxsim.OutboundPrefix, pbxsim.EchoService)
	for _, e := range pbxsim.Extensions {
		fmt.Fprintf(out, "phone     %s %s\n", e.Number, e.Name)
	}
	for _, f := range pbxsim.Far {
		fmt.Fprintf(out, "far       %s…%s %s\n", pbxsim.OutboundPrefix, f.Suffix, f.About)
	}
	for _, d := range pbxsim.OwnPlans {
		fmt.Fprintf(out, "phones    %s %s\n", d.Extension, d.About)
	}
	for _, b := range pbxsim.FarPlans {
		fmt.Fprintf(out, "far       %s %s\n", b.Number, b.About)
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	fmt.Fprintf(out, "restart   kill -HUP %d\n", os.Getpid())
	fmt.Fprintf(out, "%v runs in %s until interrupted, as process %d.\n", p.Version(), dir, p.PID())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			if err := p.Restart(); err != nil {
				return err
			}
			fmt.Fprintf(out, "It was restarted and runs as process %d.\n", p.PID())
		}
	}
}
