// Command cornetta-fleet is many Cornettas in one process, for those who run a
// PBX and want to know what a company full of them costs it. They are real
// ones, with the engine of the program in the tray, each with sessions and
// calls of its own. It prints what the PBX had to do for them.
//
// Whatever makes phones ring needs the extensions and the numbers named, and is
// bounded in count, rate and length. Interrupting it hangs up what it placed,
// and every session ends with a Logoff. Its tests run against the built-in PBX
// and a real Asterisk, on this machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit statuses, as far as they apply those of cornetta.
const (
	exitOK     = 0
	exitUsage  = 2
	exitFailed = 4
)

const about = `Many Cornettas in one process, to find out what they cost a PBX.

The account's password is read from standard input, or from CORNETTA_FLEET_SECRET. Without --host it is the saved account of 'cornetta account set' and its password in the keyring.

Exit status: 0 all went as it should, 2 usage, 4 something did not, or it was interrupted.`

// cli is the command line.
type cli struct {
	accountFlags

	PBXPID int `name:"pbx-pid" placeholder:"PID" help:"Process of an Asterisk on this machine, to tell the CPU it uses."`

	Idle      idleCmd      `cmd:"" help:"Let them do nothing, and compare the PBX with and without them."`
	Check     checkCmd     `cmd:"" help:"Let each log in and off again once, as at the start of a computer."`
	Dial      dialCmd      `cmd:"" help:"Let each place one call. Phones ring."`
	Reconnect reconnectCmd `cmd:"" help:"Watch them while you restart the PBX."`
}

// env is what every scenario gets.
type env struct {
	ctx    context.Context
	out    io.Writer
	cli    *cli
	access access
}

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var c cli
	code, exited := exitOK, false
	parser, err := kong.New(&c,
		kong.Name("cornetta-fleet"),
		kong.Description(about),
		kong.Writers(out, errs),
		kong.Exit(func(n int) { code, exited = n, true }),
		kong.UsageOnError(),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	k, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(errs, "cornetta-fleet: %v\nTry: cornetta-fleet --help\n", err)
		return exitUsage
	}
	e := &env{ctx: ctx, out: out, cli: &c}
	if e.access, err = c.access(ctx, in); err == nil {
		err = k.Run(e)
	}
	if err == nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintf(errs, "cornetta-fleet: %v\n", err)
		var usage *usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailed
	}
	return exitOK
}

// usageError is a mistake on the command line that kong cannot see.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }
