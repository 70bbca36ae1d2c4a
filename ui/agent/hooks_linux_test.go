//go:build linux

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/hook"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// hookScript writes a program that appends what it is given to a file, and ends as fails
// says.
func hookScript(t *testing.T, fails string) (command, out string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "hook")
	out = filepath.Join(dir, "out")
	script := fmt.Sprintf("#!/bin/sh\n/bin/cat >> '%s'\n%s\n", out, fails)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, out
}

func linesOf(t *testing.T, path string) (all []hook.Call) {
	t.Helper()
	data, _ := os.ReadFile(path)
	for line := range strings.Lines(string(data)) {
		var c hook.Call
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			if strings.HasSuffix(line, "\n") {
				t.Fatalf("%q: %v", line, err)
			}
			continue // it is being written
		}
		all = append(all, c)
	}
	return all
}

func startAgentWith(t *testing.T, change func(*config.Config)) *started {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return startAgentAt(t, p.Addr(), slog.New(slog.NewTextHandler(t.Output(), nil)), change)
}

func dialAndFollow(t *testing.T, s *started, c *control.Client, number string) {
	t.Helper()
	placed, err := c.Dial(s.ctx, number, true)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = placed.Next(s.ctx)
	}
}

// TestHooks: of a call each state that has a hook is told to it, once and in order; what the
// person switches off is not.
func TestHooks(t *testing.T) {
	program, out := hookScript(t, "")
	s := startAgentWith(t, func(c *config.Config) {
		c.Numbers.Region = "IT"
		c.Hooks = hook.Settings{On: true, RingingOwn: program, InCall: program, Ended: program, Failed: program}
	})
	c := s.client()
	dialAndFollow(t, s, c, "3331234502")
	dialAndFollow(t, s, c, "3331234503") // busy
	s.wait("the hooks", func() bool { return len(linesOf(t, out)) == 5 })
	var got []string
	for _, l := range linesOf(t, out) {
		got = append(got, string(l.State)+" "+l.Number+" "+l.International+" "+string(l.Cause))
		if l.Try || l.ID == "" || l.Extension == "" {
			t.Errorf("%+v", l)
		}
	}
	want := []string{
		"ringing_own 03331234502 +393331234502 ", "in_call 03331234502 +393331234502 ", "ended 03331234502 +393331234502 ",
		"ringing_own 03331234503 +393331234503 ", "failed 03331234503 +393331234503 busy",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q\nwant %q", got, want)
	}

	if _, err := s.agent.change(s.ctx, false, func(c *config.Config) { c.Hooks.On = false }); err != nil {
		t.Fatal(err)
	}
	dialAndFollow(t, s, c, "3331234502")
	if _, err := s.agent.change(s.ctx, false, func(c *config.Config) { c.Hooks.On, c.Hooks.RingingOwn, c.Hooks.InCall = true, "", "" }); err != nil {
		t.Fatal(err)
	}
	dialAndFollow(t, s, c, "3331234503")
	s.wait("the last hook", func() bool { return len(linesOf(t, out)) > 5 })
	if all := linesOf(t, out); len(all) != 6 || all[5].State != call.Failed {
		t.Errorf("%+v", all[5:])
	}
	s.end()
	if err := <-s.over; err != nil {
		t.Error(err)
	}
}

// TestHooksOnce: a state that is told twice is news once; a call from before the agent is
// taken up where it stands.
func TestHooksOnce(t *testing.T) {
	var mu sync.Mutex
	var opened []string
	a := &agent{}
	a.cfg = config.Default()
	a.cfg.Hooks = hook.Settings{On: true, InCall: "https://crm.example/{id}/in", Ended: "https://crm.example/{id}/over"}
	ctx, end := context.WithCancel(t.Context())
	a.tasks = newTasks(ctx)
	h := newHooks(a)
	h.runner.Open = func(_ context.Context, url string) error {
		mu.Lock()
		defer mu.Unlock()
		opened = append(opened, strings.TrimPrefix(url, "https://crm.example/"))
		return nil
	}
	n := uint64(0)
	tell := func(id string, s call.State, before bool) {
		n++
		c := call.Snapshot{ID: id, State: s, Number: "7102", FarName: "Ada", Requested: time.Now().Add(time.Hour)}
		if before {
			c.Requested = time.Now().Add(-time.Hour)
		}
		h.state(control.State{N: n, At: time.Now(), Call: c})
	}
	tell("a", call.InCall, true) // its card was shown by the agent of that time
	tell("a", call.Ended, true)
	tell("b", call.InCall, false)
	tell("b", call.AnsweredOwn, false)
	tell("b", call.InCall, false)
	tell("b", call.Ended, false)
	tell("c", call.Ended, true) // it ended while no agent was there
	want := "[a/over b/in b/over c/over]"
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		mu.Lock()
		got := fmt.Sprint(opened)
		mu.Unlock()
		if got == want {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	end()
	a.tasks.wait()
}

// TestTryHook: the windows can have a hook tried, and hear how it went; not where an
// administrator has switched hooks off.
func TestTryHook(t *testing.T) {
	program, out := hookScript(t, "")
	bad, _ := hookScript(t, "exit 3")
	s := startAgentWith(t, func(*config.Config) {})
	s.client() // it is there
	h := &windowHandler{agent: s.agent}
	try := func(state call.State, text string) error {
		_, err := h.tryHook(s.ctx, channel.TryHookParams{State: string(state), Text: text})
		return err
	}
	if err := try(call.Ended, program); err != nil {
		t.Error(err)
	}
	if all := linesOf(t, out); len(all) != 1 || !all[0].Try || all[0].State != call.Ended {
		t.Errorf("%+v", all)
	}
	if p := status.Find(try(call.Ended, bad), status.CodeHookFailed); p == nil || p.Field != "on_ended" {
		t.Errorf("one that fails: %v", p)
	}
	for text, state := range map[string]call.State{"log-call": call.Ended, "": call.Failed, program: call.Cancelled} {
		if err := try(state, text); status.Find(err, status.CodeField) == nil {
			t.Errorf("%q at %s: %v", text, state, err)
		}
	}
	s.agent.mu.Lock()
	s.agent.cfg.Locked = map[string]string{"hooks": "policy.toml:1"}
	s.agent.mu.Unlock()
	if err := try(call.Ended, program); status.Find(err, status.CodePolicyLocked) == nil {
		t.Errorf("locked: %v", err)
	}
	s.end()
	if err := <-s.over; err != nil {
		t.Error(err)
	}
}

// TestFailuresAreToldOnce: until that hook does well again, or is another one.
func TestFailuresAreToldOnce(t *testing.T) {
	h := &hooks{told: map[string]bool{}}
	failed := fmt.Errorf("failed")
	var got []bool
	for _, step := range []struct {
		text string
		err  error
	}{{"a", failed}, {"a", failed}, {"b", failed}, {"a", failed}, {"b", nil}, {"b", failed}, {"a", nil}, {"a", failed}} {
		got = append(got, h.news(step.text, step.err))
	}
	if want := "[true false true false false true false true]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestManyWatchers: as many as may follow the calls, and the next is refused; who goes makes
// room.
func TestManyWatchers(t *testing.T) {
	s := startAgentWith(t, func(*config.Config) {})
	var all []*control.Client
	var err error
	for range maxFollowers + 1 {
		c := s.client()
		if _, err = c.Watch(s.ctx, nil); err != nil {
			break
		}
		all = append(all, c)
	}
	if status.Find(err, status.CodeWatchers) == nil || len(all) < 8 {
		t.Fatalf("after %d: %v", len(all), err)
	}
	if _, err := control.Status.Call(s.ctx, s.client(), ipc.None{}); err != nil {
		t.Errorf("nobody else is answered: %v", err)
	}
	all[0].Close()
	s.wait("room", func() bool {
		c := s.client()
		_, err := c.Watch(s.ctx, nil)
		if err != nil {
			c.Close()
		}
		return err == nil
	})
	s.end()
	if err := <-s.over; err != nil {
		t.Error(err)
	}
}
