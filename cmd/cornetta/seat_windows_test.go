//go:build windows

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// The tests here are the program as a person has it on Windows: its processes,
// pipe, registry, keyring and clipboard, with windows that only say what they
// would show. They run in wine (make test-wine), and on Windows.

// programs is the folder with the programs.
var programs string

// programsVariable names the folder with the programs to test, as they are
// shipped; without it the test binary is both.
const programsVariable = "CORNETTA_PROGRAMS"

func TestMain(m *testing.M) {
	os.Setenv(words.Variable, "en") // whatever this machine speaks
	switch strings.ToLower(filepath.Base(os.Args[0])) {
	case "cornetta.exe", "cornetta.com":
		main()
	case "cornetta-ui.exe":
		playWindows()
	}
	code, err := withPrograms(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withPrograms(run func() int) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	if programs, err = os.MkdirTemp("", "cornetta test è "); err != nil {
		return 0, err
	}
	defer os.RemoveAll(programs)
	exe, com := self, self
	if shipped := os.Getenv(programsVariable); shipped != "" {
		exe, com = filepath.Join(shipped, "cornetta.exe"), filepath.Join(shipped, "cornetta.com")
	}
	for name, from := range map[string]string{"cornetta.exe": exe, "cornetta.com": com, "cornetta-ui.exe": self} {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(programs, name), content, 0o700)
		}
		if err != nil {
			return 0, err
		}
	}
	return run(), nil
}

// shownVariable names the file in which the windows say what they show; with
// answerVariable they say yes to every link.
const (
	shownVariable  = "CORNETTA_TEST_SHOWN"
	answerVariable = "CORNETTA_TEST_YES"
)

// playWindows is cornetta-ui.
func playWindows() {
	w := &shownWindows{ready: make(chan struct{})}
	w.client = channel.Connect(os.Stdin, os.Stdout, w)
	close(w.ready)
	select {} // until Gone
}

type shownWindows struct {
	client *channel.Client
	ready  chan struct{} // closed when client is set
}

func (w *shownWindows) say(format string, args ...any) {
	f, err := os.OpenFile(os.Getenv(shownVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		fmt.Fprintf(f, format+"\n", args...)
		f.Close()
	}
}

func (w *shownWindows) Snapshot(status.Snapshot)    {}
func (w *shownWindows) CheckStep(channel.CheckStep) {}
func (w *shownWindows) Language(string)             {}
func (*shownWindows) Finding(channel.Examined)      {}
func (w *shownWindows) Show(s channel.Show)         { w.say("show %s %q %q", s.Window, s.Text, s.Reason) }
func (w *shownWindows) Gone(error)                  { w.say("gone"); os.Exit(0) }

func (w *shownWindows) Ask(q channel.Ask) {
	w.say("ask %q %d %d", q.Offer.Shown, q.More, q.Ignored)
	if os.Getenv(answerVariable) != "" {
		go func() {
			<-w.ready
			w.say("answered %v", channel.Do(context.Background(), w.client, channel.Answer, channel.AnswerParams{ID: q.Offer.ID, Yes: true}))
		}()
	}
}

// seat is a person's computer with Cornetta on it.
type seat struct {
	t     *testing.T
	dir   string // of the settings and all else that is per user
	shown string
	env   []string
}

func newSeat(t *testing.T) *seat {
	t.Helper()
	dir := t.TempDir()
	s := &seat{t: t, dir: dir, shown: filepath.Join(dir, "shown")}
	s.env = append(os.Environ(), "APPDATA="+dir, "LOCALAPPDATA="+dir, shownVariable+"="+s.shown)
	return s
}

// patience is how long any wait lasts before the test is given up.
const patience = 60 * time.Second

func (s *seat) wait(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			shown, _ := os.ReadFile(s.shown)
			s.t.Fatalf("waited in vain for %s\n%s", what, shown)
		}
	}
}

// cornetta is the program that a shell starts.
func (s *seat) cornetta(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "cornetta.com"), args...)
	cmd.Env = s.env
	cmd.WaitDelay = time.Second
	return cmd
}

func (s *seat) run(stdin string, args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := s.cornetta(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = cmd.Wait()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func (s *seat) must(stdin string, args ...string) string {
	s.t.Helper()
	out, errs, code := s.run(stdin, args...)
	if code != 0 {
		s.t.Fatalf("cornetta %s: exit status %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// status is what `status` tells, of the agent that is asked from here, at a hundredth of
// what one more program costs.
func (s *seat) status() (st statusJSON) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, ipc.ErrNotRunning) {
		return st
	}
	if err == nil {
		defer agent.Close()
		st.Running = true
		st.Snapshot, err = control.Status.Call(ctx, agent, ipc.None{})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

func (s *seat) waitState(want call.State) {
	s.t.Helper()
	s.wait("a call that is "+string(want), func() bool {
		c := s.status().Call
		return c != nil && c.State == want
	})
}

// windowsShow waits until the windows have said line.
func (s *seat) windowsShow(line string) {
	s.t.Helper()
	s.wait(line, func() bool {
		said, _ := os.ReadFile(s.shown)
		return strings.Contains("\n"+string(said), "\n"+line)
	})
}

// running is an agent.
type running struct {
	seat *seat
	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex // guards log
	log bytes.Buffer
}

func (r *running) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// agent starts the program in the tray and waits until it has checked the
// account. It is closed, and has to end well, when the test ends.
func (s *seat) agent(args ...string) *running {
	s.t.Helper()
	r := s.start(args...)
	s.wait("the agent to be ready", func() bool {
		st := s.status()
		return st.Running && st.Connection == status.Ready
	})
	return r
}

// start starts the program that Windows starts, of which it takes its links.
func (s *seat) start(args ...string) *running {
	s.t.Helper()
	r := &running{seat: s, cmd: exec.Command(filepath.Join(programs, "cornetta.exe"), args...), done: make(chan struct{})}
	r.cmd.Env, r.cmd.Stderr = s.env, r
	r.cmd.Stdout = io.Discard
	r.cmd.WaitDelay = time.Second
	if err := r.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		_ = r.cmd.Wait()
	}()
	s.t.Cleanup(func() {
		r.close()
		if s.t.Failed() {
			s.t.Logf("the agent said:\n%s", r.said())
		}
	})
	return r
}

// close closes the agent as the task manager and the end of the session do, and
// checks how it ends.
func (r *running) close() {
	r.seat.t.Helper()
	select {
	case <-r.done:
		return
	default:
	}
	out, err := exec.Command("taskkill", "/pid", fmt.Sprint(r.cmd.Process.Pid)).CombinedOutput()
	if err != nil {
		r.seat.t.Errorf("taskkill: %v\n%s", err, out)
	}
	select {
	case <-r.done:
		if code := r.cmd.ProcessState.ExitCode(); code != 0 {
			r.seat.t.Errorf("the agent ended with %d", code)
		}
	case <-time.After(20 * time.Second):
		_ = r.cmd.Process.Kill()
		r.seat.t.Error("the agent does not end when it is closed")
		<-r.done
	}
}
