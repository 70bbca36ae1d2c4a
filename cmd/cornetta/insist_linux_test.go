package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
	if testing.Short() {
		t.Skip("-short: the programs are not built")
	}
	var pipe [2]int // of the kind that waits
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	out := os.NewFile(uintptr(pipe[1]), "pipe")
	defer func() { _ = syscall.Close(pipe[0]); _ = out.Close() }()
	if err := syscall.SetNonblock(pipe[1], true); err != nil {
		t.Fatal(err)
	}
	for _, piece := range [][]byte{make([]byte, 1<<12), {0}} {
		for {
			if _, err := syscall.Write(pipe[1], piece); errors.Is(err, syscall.EAGAIN) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := syscall.SetNonblock(pipe[1], false); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cx") // not TempDir: a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command(filepath.Join(programs, "cornetta"))
	// Without a desktop it has to say so.
	cmd.Env = []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PATH=" + os.Getenv("PATH")}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for late := time.Now().Add(time.Minute); !writes(cmd.Process.Pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("it does not hang")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_ = cmd.Wait()
	t.Logf("after %v: %v", time.Since(began), cmd.ProcessState)
	if code := cmd.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("exit status %d", code)
	}
}

// writes reports whether a process waits in a write to its standard output or errors.
func writes(pid int) bool {
	calls, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	for _, path := range calls {
		text, _ := os.ReadFile(path)
		f := strings.Fields(string(text))
		if len(f) > 1 && f[0] == strconv.Itoa(syscall.SYS_WRITE) && (f[1] == "0x1" || f[1] == "0x2") {
			return true
		}
	}
	return false
}
