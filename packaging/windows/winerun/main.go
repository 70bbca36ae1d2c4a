//go:build linux

// Command winerun runs a Windows program on Linux, as go test's -exec:
//
//	GOOS=windows CGO_ENABLED=0 go test -exec .../winerun ./...
//
// The program gets a Windows of its own, by wine, on a screen of its own that
// nobody sees; both are gone when winerun ends, with every process in them.
// What that Windows begins with is made once, in the user's cache, and again
// when wine or this program's part in it has changed.
//
// A test that has a screen itself, and starts more than one program in one Windows, keeps
// that Windows with
//
//	winerun -keep
//
// which prints what to start them with, in lines of NAME=VALUE: the environment, and
// WINELOADER. It ends all of it when its standard input ends.
//
// Standard streams, environment, working directory and exit status are passed
// through. The exit status is 125 where the program could not be run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// patience is more than go test gives a test binary.
const patience = 30 * time.Minute

func main() {
	// Linux ends a child with the thread that started it.
	runtime.LockOSThread()
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: winerun PROGRAM.exe [ARGUMENT]... | winerun -keep")
		os.Exit(125)
	}
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "winerun:", err)
		os.Exit(125)
	}
	os.Exit(code)
}

func run(command []string) (code int, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	wine, err := findWine()
	if err != nil {
		return 0, err
	}
	master, err := wine.prefix(ctx)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "winerun-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := clone(master, dir); err != nil {
		return 0, fmt.Errorf("copying %s: %w", master, err)
	}
	if command[0] == "-keep" {
		defer func() { err = errors.Join(err, wine.end(dir)) }()
		fmt.Println(strings.Join(append(wine.env(dir), "WINELOADER="+wine.loader, ""), "\n"))
		return 0, waitForEnd(ctx, os.Stdin)
	}
	display, closeScreen, err := startScreen(ctx)
	if err != nil {
		return 0, err
	}
	defer closeScreen()
	defer func() { err = errors.Join(err, wine.end(dir)) }()

	cmd := wine.command(ctx, dir, command...)
	cmd.Env = append(cmd.Env, "DISPLAY="+display)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if exited := new(exec.ExitError); errors.As(err, &exited) && exited.Exited() {
		return exited.ExitCode(), nil
	}
	return 0, err
}

// waitForEnd waits until nothing more comes from r, or ctx ends. What reads is left behind
// then, to the end of the program.
func waitForEnd(ctx context.Context, r io.Reader) error {
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, r)
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}
