//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"cornetta/ami/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	asterisktest.Start(t, asterisktest.V22) // skips where there is none
	t.Setenv("TMPDIR", t.TempDir())
	out, in := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-v", "16"}, in)
		in.CloseWithError(err)
		done <- err
	}()
	var said strings.Builder
	buf := make([]byte, 4096)
	untilSaid := func(what string) {
		t.Helper()
		for !strings.Contains(said.String(), what) {
			n, err := out.Read(buf)
			said.Write(buf[:n])
			if err != nil {
				t.Fatalf("%v; it said %q", err, said.String())
			}
		}
	}
	untilSaid("until interrupted")
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGHUP)
	}
	if err != nil {
		t.Fatal(err)
	}
	untilSaid("It was restarted")
	addr := strings.Fields(said.String())[1]
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("Asterisk outlived the program")
	}
}

func TestRunUsage(t *testing.T) {
	if err := run(context.Background(), []string{"-v", "1"}, io.Discard); !errors.Is(err, asterisktest.ErrNotSetUp) {
		t.Errorf("a version that there is not: %v", err)
	}
}
