//go:build linux

package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/channel"
	"cornetta/ui/desktoptest"
)

// TestDialsAtOnce: of several commands that dial at the same moment without an agent
// one makes the call, and the others say so.
func TestDialsAtOnce(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutTrayHost(), desktoptest.WithoutNotifications())
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, numbers := range [][]string{
		{"039050123407", "039050123407"}, // as a script that was started twice
		{"039050123407", "039050999907", "039050123407", "039050999907", "039050123407"},
	} {
		before := len(pbx.Originates())
		var all []*exec.Cmd
		var said []*bytes.Buffer
		ended := make(chan int, len(numbers)) // their places
		for i, number := range numbers {
			cmd, out := s.cornetta("dial", number), new(bytes.Buffer)
			cmd.Stdout, cmd.Stderr = out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			all, said = append(all, cmd), append(said, out)
			go func() {
				_ = cmd.Wait()
				ended <- i
			}()
		}
		left := make(map[int]bool)
		for i := range all {
			left[i] = true
		}
		for len(left) > 1 {
			var i int
			select {
			case i = <-ended:
			case <-time.After(desktoptest.Patience):
				t.Fatalf("%q: %d calls at once", numbers, len(pbx.Originates())-before)
			}
			delete(left, i)
			if code := all[i].ProcessState.ExitCode(); code != exitFailed || !strings.Contains(said[i].String(), "another 'cornetta dial'") {
				t.Errorf("%q: exit status %d, %s", numbers[i], code, said[i])
			}
		}
		s.Wait("the call", func() bool { return len(pbx.Originates()) > before })
		for i := range left {
			_ = all[i].Process.Signal(syscall.SIGINT) // which hangs up
		}
		<-ended
		if n := len(pbx.Originates()) - before; n != 1 {
			t.Errorf("%q: %d calls", numbers, n)
		}
		s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
	}

	// One that lives keeps others out, an agent that came later among them.
	cmd := s.cornetta("dial", "039050123407")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s.Wait("the call", func() bool { return pbx.Calls() == 1 })
	before := len(pbx.Originates())
	if _, errs, code := s.run("", "dial", "7102"); code != exitFailed || !strings.Contains(errs, "another 'cornetta dial'") {
		t.Errorf("beside a call that goes on: %d, %s", code, errs)
	}
	s.agent()
	s.Wait("the agent", func() bool { return s.status().Running })
	if _, errs, code := s.run("", "dial", "7102"); code != exitFailed || !strings.Contains(errs, "in progress") {
		t.Errorf("through an agent: %d, %s", code, errs)
	}
	if n := len(pbx.Originates()); n != before {
		t.Errorf("%d calls more", n-before)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	s.must("", "hangup")
	s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "hangup")
}

// TestNoDisplay: without a display, or with one that takes no connection, cornetta-ui
// says so in one line, and the agent tells who wants a window.
func TestNoDisplay(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: without the programs")
	}
	dir, err := os.MkdirTemp("", "cx") // not TempDir: a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	// A display that lets nobody in.
	closed, err := net.Listen("unix", filepath.Join(dir, "x:0"))
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan struct{})
	go func() {
		defer close(refused)
		for {
			conn, err := closed.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(conn, make([]byte, 12))
			_, _ = conn.Write([]byte{0, 4, 11, 0, 0, 0, 1, 0, 'n', 'o', 'p', 'e'})
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = closed.Close(); <-refused })
	for name, env := range map[string][]string{
		"none":                       nil,
		"X, gone":                    {"DISPLAY=:9999"},
		"X, nobody let in":           {"DISPLAY=" + filepath.Join(dir, "x") + ":0"},
		"Wayland, gone":              {"WAYLAND_DISPLAY=wayland-9", "XDG_SESSION_TYPE=wayland"},
		"Wayland, gone, and X, gone": {"WAYLAND_DISPLAY=/none", "DISPLAY=:9999"},
	} {
		cmd := exec.Command(filepath.Join(programs, "cornetta-ui"))
		cmd.Env = append(env, "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "PATH="+os.Getenv("PATH"))
		in, err := cmd.StdinPipe() // the agent's end, which stays open
		if err != nil {
			t.Fatal(err)
		}
		out, _ := cmd.CombinedOutput()
		_ = in.Close()
		if code := cmd.ProcessState.ExitCode(); code != channel.ExitNoDisplay || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "no display") {
			t.Errorf("%s: exit status %d\n%s", name, code, out)
		}
	}

	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	cmd := s.cornetta()
	cmd.Env = append(cmd.Env, "DISPLAY=:9999")
	agent := s.beginCommand(cmd)
	s.must("", "tel:+390501234507")
	s.told("no display")
	if _, errs, code := s.run(""); code != exitFailed || !strings.Contains(errs, "no display") {
		t.Errorf("a second start: exit status %d, %q", code, errs)
	}
	s.told("Call this number?")
	agent.end(syscall.SIGTERM)
	log, _ := os.ReadFile(agent.log)
	if said := string(log); !strings.Contains(said, "cornetta-ui: no display") || strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
		t.Errorf("the log:\n%s", said)
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
