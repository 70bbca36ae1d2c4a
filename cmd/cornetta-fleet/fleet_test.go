//go:build linux

package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience only passes when a test fails.
const patience = 2 * time.Minute

// onEach runs a test against the built-in PBX and a real Asterisk.
func onEach(t *testing.T, test func(t *testing.T, addr string)) {
	t.Run("pbxsim", func(t *testing.T) { test(t, builtIn(t).Addr()) })
	t.Run(asterisktest.V22.String(), func(t *testing.T) { test(t, asterisktest.Start(t, asterisktest.V22).Addr()) })
}

func builtIn(t *testing.T) *pbxsim.PBX {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// text is what a run prints, for several goroutines.
type text struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (o *text) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *text) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// row returns what stands behind a name in the tables.
func (o *text) row(name string) string {
	for line := range strings.Lines(o.String()) {
		if rest, ok := strings.CutPrefix(line, name+"  "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func args(t *testing.T, addr string, more ...string) []string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"--host", host, "--port", port, "--user", pbxsim.Username, "--tenant", pbxsim.Tenant}, more...)
}

// fleetRun runs the program to its end with the right password.
func fleetRun(t *testing.T, ctx context.Context, addr string, more ...string) (code int, out *text) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out = &text{}
	code = run(ctx, args(t, addr, more...), strings.NewReader(pbxsim.Secret+"\n"), out, out)
	if strings.Contains(out.String(), pbxsim.Secret) {
		t.Error("the password is in what it prints")
	}
	return code, out
}

func wantRows(t *testing.T, code int, out *text, rows map[string]string) {
	t.Helper()
	ok := code == exitOK
	for name, want := range rows {
		ok = ok && out.row(name) == want
	}
	if !ok {
		t.Errorf("exit status %d, want rows %v in\n%s", code, rows, out)
	}
}

func TestCheck(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		code, out := fleetRun(t, t.Context(), addr, "check", "--count", "50", "--within", "1s")
		wantRows(t, code, out, map[string]string{"checks answered": "50 of 50", "connections": "50"})
	})
}

// TestDial: calls of many at once, each with the states of its own call. No
// more than three a second: where a real PBX is short of CPU its channels'
// events come seconds behind its OriginateResponse, and states are skipped.
func TestDial(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: three calls a second")
	}
	onEach(t, func(t *testing.T, addr string) {
		code, out := fleetRun(t, t.Context(), addr, "dial", "--count", "21", "--within", "7s", "--extension", "7101,7105,7103",
			"--to", "039050123402,039050123407", "--talk", "200ms")
		wantRows(t, code, out, map[string]string{
			"calls placed": "21 of 21", "with all their states": "21", "with a state of another call": "0",
			"connections": "21", "  requested failed (own_busy)": "7",
			"  requested ringing_own answered_own ringing_far in_call ended": "14",
		})
	})
}

// TestIdle: nobody's calls cost the PBX anything for those who are idle on
// demand; those who keep a session are sent all of them.
func TestIdle(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: measured for some seconds")
	}
	onEach(t, func(t *testing.T, addr string) {
		load := []string{"--for", "1s", "--rate", "5", "--extension", "7101", "--to", "039050123402"}
		code, out := fleetRun(t, t.Context(), addr, append([]string{"idle", "--count", "50"}, load...)...)
		if f := strings.Fields(out.row("50")); code != exitOK || len(f) != 6 || f[0] != "0" || f[2] != "0" || f[3] != "0" {
			t.Errorf("on demand: exit status %d\n%s", code, out)
		}
		code, out = fleetRun(t, t.Context(), addr, append([]string{"idle", "--link", "kept", "--count", "20"}, load...)...)
		if f := strings.Fields(out.row("20")); code != exitOK || len(f) != 6 || f[0] != "20" || f[2] != "0" || f[3] == "0" {
			t.Errorf("kept: exit status %d\n%s", code, out)
		}
	})
}

// TestReconnect: the PBX is restarted under fifty sessions.
func TestReconnect(t *testing.T) {
	p := asterisktest.Start(t, asterisktest.V22)
	out := reconnect(t, p.Addr(), "50", func() error { return p.Restart() })
	if out.row("  too_many") != "" {
		t.Errorf("the PBX's limit was met:\n%s", out)
	}
}

// TestCut: three hundred sessions end in one moment, and logins are taken all
// the while. They come back spread over three seconds; at once, all but the fifty that
// may log in at a time would meet the limit. A slow machine may bring some together.
func TestCut(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: three hundred sessions")
	}
	p := builtIn(t)
	out := reconnect(t, p.Addr(), "300", func() error { p.DropSessions(); return nil })
	if n, _ := strconv.Atoi(out.row("  too_many")); n > 100 {
		t.Errorf("the PBX's limit was met:\n%s", out)
	}
}

// reconnect runs the scenario with a restart in the middle; all must come back.
func reconnect(t *testing.T, addr, count string, restart func() error) *text {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out := &text{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, args(t, addr, "reconnect", "--count", count), strings.NewReader(pbxsim.Secret), out, out)
	}()
	for !strings.Contains(out.String(), "Restart the PBX now") {
		select {
		case code := <-done:
			t.Fatalf("exit status %d\n%s", code, out)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := restart(); err != nil {
		t.Fatal(err)
	}
	wantRows(t, <-done, out, map[string]string{"lost their session": count, "came back": count})
	return out
}

// TestInterrupted: what was placed is hung up, and nobody stays logged in.
func TestInterrupted(t *testing.T) {
	p := builtIn(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan int, 1)
	out := &text{}
	go func() {
		done <- run(ctx, args(t, p.Addr(), "dial", "--count", "5", "--within", "1ms", "--extension", "7101", "--to", "039050123407", "--talk", "1h"),
			strings.NewReader(pbxsim.Secret), out, out)
	}()
	until(t, "five calls", func() bool { return p.Calls() == 5 })
	cancel()
	if code := <-done; code != exitFailed || !strings.Contains(out.String(), "interrupted") && !strings.Contains(out.String(), "not every call") {
		t.Errorf("exit status %d\n%s", code, out)
	}
	until(t, "no call and no session", func() bool { return p.Calls() == 0 && p.Sessions() == 0 })
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never %s", what)
		}
	}
}

// TestRefuses: none of these reaches the PBX.
func TestRefuses(t *testing.T) {
	p := builtIn(t)
	call := []string{"--extension", "7101", "--to", "039050123402"}
	for _, tc := range []struct {
		name   string
		secret string
		args   []string
		say    string
	}{
		{"calls without an extension", pbxsim.Secret, []string{"dial", "--to", "039050123402"}, "--extension"},
		{"calls to nobody", pbxsim.Secret, []string{"dial", "--extension", "7101"}, "--to"},
		{"load without an extension", pbxsim.Secret, []string{"idle", "--rate", "1", "--to", "039050123402"}, "--extension"},
		{"an emergency number", pbxsim.Secret, []string{"dial", "--extension", "7101", "--to", "112"}, "emergency"},
		{"one with the prefix", pbxsim.Secret, []string{"dial", "--extension", "7101", "--to", "0 112"}, "emergency"},
		{"one of another country", pbxsim.Secret, []string{"dial", "--extension", "7101", "--to", "911"}, "emergency"},
		{"a premium number", pbxsim.Secret, []string{"dial", "--extension", "7101", "--to", "0899123456"}, "without asking"},
		{"a number that is none", pbxsim.Secret, []string{"dial", "--extension", "7101", "--to", "x"}, "not a number"},
		{"an extension that is none", pbxsim.Secret, []string{"dial", "--extension", "7101@x", "--to", "039050123402"}, "--extension"},
		{"too many", pbxsim.Secret, []string{"check", "--count", "5001"}, "--count"},
		{"too fast", pbxsim.Secret, append([]string{"dial", "--count", "100", "--within", "1s"}, call...), "a second"},
		{"too much load", pbxsim.Secret, append([]string{"idle", "--rate", "21"}, call...), "--rate"},
		{"no password", "", []string{"check"}, "password"},
		{"no such command", pbxsim.Secret, []string{"ring"}, "ring"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := &text{}
			code := run(t.Context(), args(t, p.Addr(), tc.args...), strings.NewReader(tc.secret), out, out)
			if code != exitUsage || !strings.Contains(out.String(), tc.say) {
				t.Errorf("exit status %d\n%s", code, out)
			}
		})
	}
	if p.Logins() != 0 || len(p.Originates()) != 0 {
		t.Errorf("%d logins, %d calls", p.Logins(), len(p.Originates()))
	}
}

// TestWrongPassword: each asks once, and no more.
func TestWrongPassword(t *testing.T) {
	p := builtIn(t)
	out := &text{}
	code := run(t.Context(), args(t, p.Addr(), "check", "--count", "2", "--within", "1ms"), strings.NewReader("wrong"), out, out)
	if code != exitFailed || out.row("  login_refused") != "2" || p.LoginsRefused() != 2 {
		t.Errorf("exit status %d, %d refused\n%s", code, p.LoginsRefused(), out)
	}
}

// TestNobodyGivesThePassword: told to end, it does not wait for it.
func TestNobodyGivesThePassword(t *testing.T) {
	in, mine, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mine.Close(); _ = in.Close() }) // and with it ends the read
	ctx, end := context.WithCancel(t.Context())
	var out, errs text
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"--host", "127.0.0.1", "--user", "x", "--tenant", pbxsim.Tenant, "check"}, in, &out, &errs)
	}()
	end()
	select {
	case got := <-code:
		if got != exitFailed || !strings.Contains(errs.String(), "interrupted") {
			t.Errorf("exit status %d: %s", got, &errs)
		}
	case <-time.After(patience):
		t.Fatal("it waits for ever")
	}
}
