//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cornetta/ami/pbxsim"
)

// watchRun is a `cornetta watch` that runs.
type watchRun struct {
	s    *seat
	cmd  *exec.Cmd
	errs lockedBuffer
	out  lockedBuffer
	over chan struct{}
}

type lockedBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (s *seat) watch(args ...string) *watchRun {
	s.t.Helper()
	w := &watchRun{s: s, cmd: s.cornetta(append([]string{"watch"}, args...)...), over: make(chan struct{})}
	w.cmd.Stdout, w.cmd.Stderr = &w.out, &w.errs
	if err := w.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { defer close(w.over); _ = w.cmd.Wait() }()
	s.t.Cleanup(func() { _ = w.cmd.Process.Kill(); <-w.over })
	return w
}

// says waits until it has printed the states, all in all.
func (w *watchRun) says(states string) {
	w.s.t.Helper()
	w.s.Wait("the states "+states, func() bool { return statesOf(w.s.t, w.whole()) == states })
}

// whole is what it has printed, but for a line that is not whole yet.
func (w *watchRun) whole() string {
	out := w.out.String()
	return out[:strings.LastIndexByte(out, '\n')+1]
}

// end interrupts it, which is no failure.
func (w *watchRun) end() {
	w.s.t.Helper()
	_ = w.cmd.Process.Signal(os.Interrupt)
	<-w.over
	if code := w.cmd.ProcessState.ExitCode(); code != exitOK {
		w.s.t.Errorf("interrupted it ends with %d: %s", code, w.errs.String())
	}
}

// TestWatch: it waits for Cornetta, tells all calls of now on as `dial` does, whoever placed
// them, and goes on with the next Cornetta; several do so, and one that reads nothing is in
// nobody's way.
func TestWatch(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	first := s.watch("--json")
	plain, stopped := s.watch(), s.watch("--json")
	all := []*watchRun{first, plain, stopped}
	say := func(what string, times int) {
		t.Helper()
		for _, w := range all {
			s.Wait("it to say "+what, func() bool { return strings.Count(w.errs.String(), what) == times })
		}
	}
	say("not running", 1)
	agent := s.agent()
	s.tray("Ready")
	say("runs now", 1)
	const answered = "requested ringing_own answered_own ringing_far in_call ended"
	s.must("", "dial", "039050123402")
	first.says(answered)
	s.Wait("sentences", func() bool { return strings.Contains(plain.out.String(), "\nEnded ") })
	stopped.says(answered)

	// What dial prints, watch prints.
	dialled := s.must("", "dial", "--json", "039050123402")
	first.says(answered + " " + answered)
	lines := strings.Split(strings.TrimSpace(first.whole()), "\n")
	keys := func(line string) string {
		var v map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(v, "at")
		delete(v, "duration_s")
		text, _ := json.Marshal(v)
		return string(text)
	}
	for i, line := range strings.Split(strings.TrimSpace(dialled), "\n") {
		if got, want := keys(lines[6+i]), keys(line); got != want {
			t.Errorf("watch prints %s, dial %s", got, want)
		}
	}

	// Who comes in the middle of a call is told where it stands.
	_ = stopped.cmd.Process.Signal(syscall.SIGSTOP)
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState("in_call")
	late := s.watch("--json")
	late.says("in_call")
	s.must("", "hangup")
	late.says("in_call ended")
	for range 3 {
		s.must("", "dial", "039050123402")
	}
	_ = stopped.cmd.Process.Signal(syscall.SIGCONT)
	first.says(answered + strings.Repeat(" "+answered, 5)) // it may be behind dial by a line
	before := strings.Count(first.whole(), "\n")
	s.Wait("the one that was stopped to have caught up", func() bool { return strings.Count(stopped.whole(), "\n") == before })
	late.end()

	_ = agent.Process.Signal(syscall.SIGTERM)
	say("not running", 2)
	s.agent()
	s.tray("Ready")
	say("runs now", 2)
	s.must("", "dial", "--json", "039050123402")
	s.Wait("the call", func() bool { return strings.Count(first.whole(), "\n") == before+6 })
	if strings.Contains(first.out.String(), "missed") {
		t.Errorf("something was missed: %s", first.out.String())
	}
	first.end()
	plain.end()
	stopped.end()
}
