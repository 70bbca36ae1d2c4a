package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const insistVariable = "CORNETTA_TEST_INSIST"

// TestInsist: what hangs is ended, with the exit status of a failure, and what ends by
// itself is not.
func TestInsist(t *testing.T) {
	switch os.Getenv(insistVariable) {
	case "hangs":
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		insist(ctx, time.Millisecond)
		select {}
	case "ends":
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		insist(ctx, time.Hour)()
		return
	case "goes on": // nobody told it to end
		defer insist(context.Background(), 0)()
		return
	}
	for does, want := range map[string]int{"hangs": exitFailed, "ends": 0, "goes on": 0} {
		t.Run(does, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestInsist$")
			cmd.Env = append(os.Environ(), insistVariable+"="+does, "CORNETTA_PROGRAMS=none") // none are built
			if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
				t.Errorf("%v, want exit status %d", err, want)
			}
		})
	}
}

// TestATerminalThatTakesNoMore: the agent hangs where it writes, and SIGTERM ends it.
func TestATerminalThatTakesNoMore(t *testing.T) {
	s := newSeat(t)
	full, mine, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	defer mine.Close()
	if err := mine.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = mine.WriteString(strings.Repeat("x", 1<<12))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	cmd := s.cornetta()
	cmd.Stdout, cmd.Stderr = mine, mine
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	s.Wait("it to have begun", func() bool {
		_, err := os.Lstat(filepath.Join(s.RuntimeDir(), "cornetta", "cornetta.sock"))
		return err == nil
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	<-ended
	t.Logf("after %v: %v", time.Since(began), cmd.ProcessState)
	if code := cmd.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("exit status %d", code)
	}
}
