//go:build unix

package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// patience is how long any wait lasts before a test is given up.
const patience = 30 * time.Second

// program writes a script for sh and returns the action that runs it.
func program(t *testing.T, script string, args ...string) Action {
	t.Helper()
	path := filepath.Join(t.TempDir(), "my hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	text := strconv.Quote(path)
	for _, a := range args {
		text += " " + strconv.Quote(a)
	}
	a, fault := Parse(text)
	if fault != "" {
		t.Fatalf("%s: %s", text, fault)
	}
	return a
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func example() Call { return Example(call.Ended, "7101", time.Unix(1_800_000_000, 0)) }

// TestProgram: it gets its arguments and the call, and nobody reads what it says.
func TestProgram(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	a := program(t, `{ printf '%s|' "$@"; cat; } > "$1"; echo noise; echo noise >&2`, out, "two words", "$HOME", "")
	if err := new(Runner).Do(t.Context(), a, example()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	args, input, _ := strings.Cut(string(got), "||")
	if args != out+"|two words|$HOME" {
		t.Errorf("the arguments are %q", args)
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(input), &keys); err != nil || strings.Count(input, "\n") != 1 {
		t.Fatalf("%q: %v", input, err)
	}
	for key, want := range map[string]any{"state": "ended", "number": "7101", "extension": "7101", "name": "Cornetta", "try": true, "duration_s": 0.0} {
		if keys[key] != want {
			t.Errorf("%s is %v, want %v", key, keys[key], want)
		}
	}
}

func TestFailures(t *testing.T) {
	missing, _ := Parse("/none/program")
	page, _ := Parse("https://crm.example/{number}")
	r := &Runner{Open: func(_ context.Context, url string) error { return fmt.Errorf("no browser for %s", url) }}
	for name, a := range map[string]Action{
		"is missing":        missing,
		"fails":             program(t, "exit 3"),
		"is killed":         program(t, "kill -9 $$"),
		"has no browser":    page,
		"is no program":     {argv: []string{t.TempDir()}},
		"may not be run":    {argv: []string{"/etc/passwd"}},
		"fails and is deaf": program(t, "exec 0<&-; exit 1"),
	} {
		err := r.Do(t.Context(), a, example())
		f := new(Failure)
		if !errors.As(err, &f) || f.Slow || f.State != call.Ended || f.Problem().Code != status.CodeHookFailed || f.Problem().Field != "on_ended" || f.Problem().Detail == "" {
			t.Errorf("one that %s: %v %+v", name, err, f)
		}
	}
	left := filepath.Join(t.TempDir(), "pid")
	t.Cleanup(func() { // the one that was left behind ends with the test
		text, err := os.ReadFile(left)
		pid, failed := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || failed != nil {
			t.Errorf("%q: %v", text, errors.Join(err, failed))
		} else if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("it had not stayed: %v", err)
		}
	})
	for name, a := range map[string]Action{
		"does not read the call":  program(t, "exec 0<&-"),
		"leaves another behind":   program(t, `sleep 60 0<&0 & echo $! > "$1"`, left),
		"was run by its own path": program(t, "exit 0"),
	} {
		if err := r.Do(t.Context(), a, example()); err != nil {
			t.Errorf("one that %s: %v", name, err)
		}
	}
}

// TestTime: what takes too long is ended with all that it has started, and is told.
func TestTime(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	a := program(t, `sleep 600 & echo $$ $! > "$1.new"; mv "$1.new" "$1"; wait`, pids)
	began := time.Now()
	const limit = 3 * time.Second
	err := (&Runner{limit: limit}).Do(t.Context(), a, example())
	f := new(Failure)
	if !errors.As(err, &f) || !f.Slow || f.Problem().Code != status.CodeHookSlow {
		t.Fatalf("%v", err)
	}
	if took := time.Since(began); took < limit || took > limit+patience {
		t.Errorf("it was ended after %v", took)
	}
	all, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(all)) {
		wait(t, pid+" to end", func() bool { return !alive(pid) })
	}
}

func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		n, _ := strconv.Atoi(pid)
		return n > 0 && syscall.Kill(n, 0) == nil && !errors.Is(err, os.ErrNotExist)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// TestAgentEnds: the agent waits for no hook, and the hook is left to do what it does.
func TestAgentEnds(t *testing.T) {
	dir := t.TempDir()
	begun, goOn, done := filepath.Join(dir, "begun"), filepath.Join(dir, "go"), filepath.Join(dir, "done")
	a := program(t, `: > "$1"; until [ -e "$2" ]; do sleep 0.05; done; : > "$3"`, begun, goOn, done)
	ctx, end := context.WithCancel(t.Context())
	r := &Runner{Done: func(_ call.State, err error) { t.Errorf("told: %v", err) }}
	r.Add(a, example())
	r.Add(a, example())
	over := make(chan struct{})
	go func() { defer close(over); r.Run(ctx) }()
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }
	wait(t, "the hook", func() bool { return exists(begun) })
	end()
	select {
	case <-over:
	case <-time.After(Time / 2):
		t.Fatal("the end waits for a hook")
	}
	if err := os.WriteFile(goOn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wait(t, "the hook to end by itself", func() bool { return exists(done) })
}

// TestOrder: one at a time, in the order in which they came, no more than there is room
// for; and nobody is left running when there is nothing to do.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened []string
		var failed []error
		going := 0
		r := &Runner{
			Open: func(ctx context.Context, url string) error {
				if going++; going > 1 {
					t.Error("two at a time")
				}
				time.Sleep(time.Second)
				going--
				opened = append(opened, url)
				return nil
			},
			Done: func(_ call.State, err error) {
				if err != nil {
					failed = append(failed, err)
				}
			},
		}
		a, _ := Parse("https://crm.example/{id}")
		var want []string
		for i := range maxQueued + 3 {
			c := example()
			c.ID = strconv.Itoa(i)
			if run := r.Add(a, c); run != (i == 0) {
				t.Errorf("%d: %v", i, run)
			}
			if i < maxQueued {
				want = append(want, "https://crm.example/"+c.ID)
			}
		}
		r.Run(t.Context())
		if fmt.Sprint(opened) != fmt.Sprint(want) {
			t.Errorf("%q\nwant %q", opened, want)
		}
		if len(failed) != 3 {
			t.Errorf("%d were left out and told", len(failed))
		}
		if !r.Add(a, example()) {
			t.Error("nobody would run the next one")
		}
		r.Run(t.Context())
	})
}
