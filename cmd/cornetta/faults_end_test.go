//go:build linux

package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/internal/freeport"
)

// The tests here end one of the two programs, or a part of the desktop, while
// something is going on.

// endTime is what a desktop that logs out gives a program, and what scripts that
// stop one expect.
const endTime = 2 * time.Second

// running is an agent that the test ends itself.
type running struct {
	s     *seat
	cmd   *exec.Cmd
	ended chan struct{}
	log   string
}

// begin starts an agent.
func (s *seat) begin(args ...string) *running {
	s.t.Helper()
	return s.beginCommand(s.cornetta(args...))
}

// beginCommand starts an agent with a log of its own, as cmd says.
func (s *seat) beginCommand(cmd *exec.Cmd) *running {
	s.t.Helper()
	r := &running{s: s, cmd: cmd, ended: make(chan struct{}), log: filepath.Join(s.t.TempDir(), "log")}
	f, err := os.Create(r.log)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	r.cmd.Stdout, r.cmd.Stderr = f, f
	if err := r.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.cmd.Wait()
	}()
	s.t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
	})
	// Or the next program that the test starts may be the agent.
	s.Wait("the agent", func() bool { _, runs := s.snapshot(); return runs })
	return r
}

// end sends signals, the first without a moment between it and the next, and
// checks that the agent goes in time, in good order, and with its windows.
func (r *running) end(signals ...os.Signal) {
	r.s.t.Helper()
	start := time.Now()
	for i, sig := range signals {
		err := r.cmd.Process.Signal(sig)
		if i > 0 && errors.Is(err, os.ErrProcessDone) {
			break // it went by the one before
		}
		if err != nil {
			<-r.ended
			log, _ := os.ReadFile(r.log)
			r.s.t.Fatalf("it has ended before: %v\n%s", r.cmd.ProcessState, log)
		}
	}
	select {
	case <-r.ended:
	case <-time.After(10 * endTime):
		_ = r.cmd.Process.Signal(syscall.SIGQUIT)
		<-r.ended
		log, _ := os.ReadFile(r.log)
		r.s.t.Fatalf("it does not end:\n%s", log)
	}
	took := time.Since(start)
	if took > endTime {
		r.s.t.Errorf("it took %v to end", took)
	}
	if code := r.cmd.ProcessState.ExitCode(); code != exitOK {
		log, _ := os.ReadFile(r.log)
		r.s.t.Errorf("exit status %d: %v\n%s", code, r.cmd.ProcessState, log)
	}
	r.s.Wait("the windows to end", func() bool { return !runs(filepath.Join(programs, "cornetta-ui")) })
	r.s.t.Logf("ended in %v", took.Round(time.Millisecond))
}

// runs tells whether a process runs the program.
func runs(program string) bool { return len(pidsOf(program)) > 0 }

// pidsOf are the processes that run a program.
func pidsOf(program string) (pids []int) {
	exes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range exes {
		if target, err := os.Readlink(exe); err == nil && target == program {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(exe)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// openLines are the sessions that a PBX behind the wire saw logged in and not
// logged off.
func (w *wire) loggedIn() (open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		in := bytes.Contains(l.received, []byte("Authentication accepted"))
		if in && !bytes.Contains(l.sent, []byte("Action: Logoff\r\n")) {
			open++
		}
	}
	return open
}

// TestEndInEveryState: SIGTERM, alone, twice and with the SIGHUP that systemd
// sends behind it, in every state of the link and of a call. The agent goes
// within two seconds, with status 0, and logs off; no call ends with it.
func TestEndInEveryState(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Speed: pbxsim.Real}) // phones ring for seconds
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := freeport.TCP()
	if err != nil {
		t.Fatal(err)
	}
	s := newSeat(t)
	w := tap(t, pbx.Addr())
	// Who runs the tests under nohup has SIGHUP ignored, in what they start, too;
	// what is caught here is not ignored there.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)

	const number = "039050123407"
	dial := func(s *seat) { s.must("", "dial", "--no-wait", number) }
	inCall := func(s *seat) {
		dial(s)
		s.waitState(call.RingingOwn)
		s.Wait("the own phone to be picked up", func() bool { return pbx.Pickup("7101") })
		s.waitState(call.RingingFar)
		s.Wait("the far side to be picked up", pbx.FarAnswers)
		s.waitState(call.InCall)
	}
	link := func(want status.Connection) func(*seat) {
		return func(s *seat) {
			s.Wait("the link to be "+string(want), func() bool { return s.status().Connection == want })
		}
	}
	term, hup := os.Signal(syscall.SIGTERM), os.Signal(syscall.SIGHUP)
	for _, tc := range []struct {
		state   string
		addr    string // "": no account
		reach   func(*seat)
		signals []os.Signal
		calls   int // that go on
	}{
		{"not set up", "", func(s *seat) { s.Window("^Set up Cornetta$") }, []os.Signal{term}, 0},
		{"connecting", silent.Addr().String(), link(status.Checking), []os.Signal{term}, 0},
		{"trouble", net.JoinHostPort("127.0.0.1", strconv.Itoa(closed)), link(status.Trouble), []os.Signal{term}, 0},
		{"idle", w.addr(), link(status.Ready), []os.Signal{term, term}, 0},
		{"interrupted", w.addr(), link(status.Ready), []os.Signal{os.Interrupt}, 0},
		{"the session ends", w.addr(), link(status.Ready), []os.Signal{term, hup}, 0},
		{"the terminal closes", w.addr(), link(status.Ready), []os.Signal{hup}, 0},
		{"connected, with a window", w.addr(), func(s *seat) { s.must(""); s.Window("^Cornetta$"); link(status.Connected)(s) }, []os.Signal{term, hup}, 0},
		{"a link is asked about", w.addr(), func(s *seat) { s.link("tel:+390501234507"); link(status.Connected)(s) }, []os.Signal{term}, 0},
		{"your phone rings", w.addr(), func(s *seat) { dial(s); s.waitState(call.RingingOwn) }, []os.Signal{term, term}, 1},
		{"the other side rings", w.addr(), func(s *seat) {
			dial(s)
			s.waitState(call.RingingOwn)
			s.Wait("the own phone to be picked up", func() bool { return pbx.Pickup("7101") })
			s.waitState(call.RingingFar)
		}, []os.Signal{term}, 1},
		{"in call", w.addr(), inCall, []os.Signal{term, hup, term}, 1},
		{"hung up", w.addr(), func(s *seat) { inCall(s); s.must("", "hangup"); s.waitState(call.Ended) }, []os.Signal{term}, 0},
		{"unknown", w.addr(), func(s *seat) {
			inCall(s)
			pbx.SetSecret("another") // so that it does not come back
			pbx.DropSessions()
			s.waitState(call.Unknown)
		}, []os.Signal{term}, 1},
	} {
		t.Run(tc.state, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			defer pbx.SetSecret(pbxsim.Secret)
			if tc.addr != "" {
				s.must(pbxsim.Secret, accountFlags(tc.addr, "7101")...)
			}
			agent := s.begin()
			tc.reach(s)
			agent.end(tc.signals...)
			if n := pbx.Calls(); n != tc.calls {
				t.Errorf("%d calls go on, want %d", n, tc.calls)
			}
			s.Wait("the PBX to see the logoff", func() bool { return pbx.Sessions() == 0 })
			if tc.state != "unknown" { // there the PBX ended it
				if n := w.loggedIn(); n != 0 {
					t.Errorf("%d sessions ended without a Logoff", n)
				}
			}
			if out, _, code := s.run("", "status"); code != 0 || !strings.Contains(out, "not running") {
				t.Errorf("status afterwards: %q, exit status %d", out, code)
			}
			pbx.HangUpAll()
			s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
		})
	}
}

// TestEndOnABrokenDesktop: what hangs there does not hold the agent up.
func TestEndOnABrokenDesktop(t *testing.T) {
	pbx := startPBX(t)
	for _, part := range []string{"dunst", "gnome-keyring-daemon", "xfce4-panel", "dbus-daemon", "Xvfb"} {
		t.Run(part, func(t *testing.T) {
			s := newSeat(t)
			s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
			agent := s.begin()
			s.tray("Ready")
			s.must("", "dial", "--no-wait", "039050123407")
			s.waitState(call.InCall)
			s.told("In call")
			s.Freeze(part)
			agent.end(syscall.SIGTERM)
			s.Thaw(part)
			if pbx.Calls() != 1 {
				t.Error("the call ended with the agent")
			}
			pbx.HangUpAll()
			s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
		})
	}
}

// TestLogReaderEnds: an agent whose log nobody reads any more goes on, and so do
// its calls.
func TestLogReaderEnds(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.Command("sh", "-c", `exec "$0" 2>&3`, filepath.Join(programs, "cornetta"))
	cmd.ExtraFiles = []*os.File{write}
	agent := s.beginCommand(cmd)
	_ = write.Close()
	_ = read.Close()
	s.must("", "dial", "--no-wait", "039050123407") // this writes into the log
	s.waitState(call.InCall)
	s.must("")
	s.Window("^Cornetta$")
	s.must("", "hangup")
	s.waitState(call.Ended)
	agent.end(syscall.SIGTERM)
}
