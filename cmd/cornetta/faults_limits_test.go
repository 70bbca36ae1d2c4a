//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// calmly fails the test if the agent spins while f runs: takes more than a
// twentieth of a core.
func (r *running) calmly(f func()) {
	r.s.t.Helper()
	before, start := processOf(r.s.t, r.cmd.Process.Pid), time.Now()
	f()
	cpu, took := processOf(r.s.t, r.cmd.Process.Pid).cpu-before.cpu, time.Since(start)
	r.s.t.Logf("%v of CPU in %v", cpu, took.Round(time.Millisecond))
	if cpu > took/20 {
		r.s.t.Errorf("it spins: %v of CPU in %v", cpu, took)
	}
}

// TestFewDescriptors: a process that may open no more files does not spin, who
// asks it is told, and it goes on when it may.
func TestFewDescriptors(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	r := s.begin()
	s.tray("Ready")
	pid := r.cmd.Process.Pid
	// Only from outside: Go raises the limit that it is started with.
	var usual unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &usual); err != nil {
		t.Fatal(err)
	}
	few := unix.Rlimit{Cur: 0, Max: usual.Max}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		t.Fatal(err)
	}
	r.calmly(func() {
		out, errs, code := s.run("", "status")
		if code == exitOK || errs == "" {
			t.Errorf("status: exit status %d: %s%s", code, out, errs)
		}
		s.ClickTray(s.tray("Ready"), 1) // a window needs descriptors, too
		s.Wait("the click to have been in vain", func() bool {
			log, _ := os.ReadFile(r.log)
			return strings.Contains(string(log), "the windows cannot be started")
		})
	})
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &usual, nil); err != nil {
		t.Fatal(err)
	}
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.ClickTray(s.tray("Ready"), 1)
	s.Window("^Cornetta$")
	r.end(syscall.SIGTERM)
}

// TestFewProcesses: an agent that may start no more processes tells why there is
// no window, does not spin, and shows it when it may. The limit is a control
// group's, because that of a user does not bind root.
func TestFewProcesses(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for try := 1; !s.fewProcesses(); try++ {
		if try == 5 {
			t.Fatal("Go ended it each time")
		}
	}
}

// fewProcesses reports whether the agent lived to tell. The limit is on threads,
// too, and Go ends a program that is denied one that it wants in that moment.
func (s *seat) fewProcesses() bool {
	s.t.Helper()
	r := s.begin()
	s.tray("Ready")
	most := confine(s.t, r.cmd.Process.Pid)
	most("0") // it has more, and gets no other
	s.ClickTray(s.tray("Ready"), 1)
	ended := false
	defer func() {
		if s.t.Failed() {
			log, _ := os.ReadFile(r.log)
			s.t.Logf("ended: %v, its log:\n%s", ended, log)
		}
	}()
	s.Wait("the person to be told", func() bool {
		select {
		case <-r.ended:
			ended = true
		default:
		}
		return ended || slices.ContainsFunc(s.Displayed(), func(n desktoptest.Notification) bool {
			return strings.Contains(n.Body, words.Problem(status.Problem{Code: status.CodeNoRoom}).Do)
		})
	})
	if ended {
		if log, _ := os.ReadFile(r.log); !strings.Contains(string(log), "failed to create new OS thread") {
			s.t.Fatal(r.cmd.ProcessState)
		}
		s.t.Log("Go ended it")
		return false
	}
	s.look("told")
	r.calmly(func() { time.Sleep(2 * time.Second) })
	most("max")
	s.ClickTray(s.tray("Ready"), 1)
	s.Window("^Cornetta$")
	r.end(syscall.SIGTERM)
	return true
}

// confine puts a process into a control group of its own, and returns what sets
// how many processes and threads may be in it.
func confine(t testing.TB, pid int) (most func(string)) {
	t.Helper()
	dir := filepath.Join("/sys/fs/cgroup/pids", fmt.Sprintf("cornetta-test-%d", pid))
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		t.Skipf("no control group can be made: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	write := func(dir, file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		inside, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		for _, p := range strings.Fields(string(inside)) { // whom the test has left
			_ = os.WriteFile(filepath.Join(filepath.Dir(dir), "cgroup.procs"), []byte(p), 0o600)
		}
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	write(dir, "cgroup.procs", strconv.Itoa(pid))
	return func(n string) { write(dir, "pids.max", n) }
}

// TestLittleMemory: told to make do with less memory than it has, the agent
// collects garbage for a call, not all day.
func TestLittleMemory(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	cmd := s.cornetta()
	cmd.Env = append(cmd.Env, "GOMEMLIMIT=1MiB")
	r := s.beginCommand(cmd)
	s.tray("Ready")
	pid := r.cmd.Process.Pid
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil || !bytes.Contains(environ, []byte("GOMEMLIMIT=1MiB")) {
		t.Fatalf("not limited: %v", err)
	}
	time.Sleep(time.Second) // what a start takes
	r.calmly(func() { time.Sleep(5 * time.Second) })
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.waitState(call.Ended)
	r.end(syscall.SIGTERM)
}
