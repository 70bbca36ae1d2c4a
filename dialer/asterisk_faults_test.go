//go:build linux

package dialer

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// originateCounter counts the Originates that a Dialer writes. (It writes each action in
// one piece.)
type originateCounter struct {
	net.Conn
	originates *atomic.Int32
}

func (w originateCounter) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("Action: Originate\r\n")) {
		w.originates.Add(1)
	}
	return w.Conn.Write(b)
}

// startCounted starts a Dialer for the extension whose Originates are counted.
func startCounted(t *testing.T, addr, ext string, mode config.ConnectionMode) (*Dialer, *atomic.Int32) {
	t.Helper()
	d := startDialer(t, config.Account{}, mode)
	n := new(atomic.Int32)
	d.reach = dialWith(func(ctx context.Context, network, addr string) (net.Conn, error) { // before its first use
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return originateCounter{conn, n}, nil
	})
	if err := d.SetAccount(t.Context(), accountAt(t, addr, ext, config.SyntaxVariables), mode); err != nil {
		t.Fatal(err)
	}
	return d, n
}

// within is until with a limit for what an Asterisk or a timeout takes.
func within(t *testing.T, d *Dialer, limit time.Duration, what string, ok func(status.Snapshot) bool) time.Duration {
	t.Helper()
	snapshots, cancel := d.Subscribe()
	defer cancel()
	begin := time.Now()
	late := time.After(limit)
	for {
		select {
		case s := <-snapshots:
			if ok(s) {
				return time.Since(begin)
			}
		case <-late:
			t.Fatalf("not %s within %v; now %+v %+v", what, limit, d.Snapshot(), d.Snapshot().Call)
		}
	}
}

// TestAsteriskDiesInACall ends a real Asterisk, as a power cut does and as an
// administrator does, in each state of a call: the call is unknown, for nobody
// saw how it ended, the connection comes back with the PBX, and nothing is dialled
// again.
func TestAsteriskDiesInACall(t *testing.T) {
	t.Parallel()
	p := asterisktest.Start(t, asterisktest.V22)
	for _, tt := range []struct {
		state  call.State
		ext    string
		number string
	}{
		{call.RingingOwn, "7102", "039050123407"},
		{call.RingingFar, "7101", "7102"},
		{call.InCall, "7101", "039050123407"},
	} {
		for name, end := range map[string]func() error{"killed": p.Kill, "restarted": func() error { return nil }} {
			t.Run(string(tt.state)+"/"+name, func(t *testing.T) {
				d, originates := startCounted(t, p.Addr(), tt.ext, config.ConnectionKept)
				within(t, d, 10*time.Second, "connected", linkIs(status.Connected))
				if _, err := d.Dial(t.Context(), planFor(tt.number)); err != nil {
					t.Fatal(err)
				}
				within(t, d, 10*time.Second, string(tt.state), inState(tt.state))
				if err := end(); err != nil {
					t.Fatal(err)
				}
				if name == "killed" {
					within(t, d, 5*time.Second, "unknown", inState(call.Unknown))
				}
				if err := p.Restart(); err != nil {
					t.Fatal(err)
				}
				within(t, d, time.Minute, "connected again", linkIs(status.Connected))
				switch s := d.Snapshot().Call; {
				case s.State == call.Unknown && s.Cause == call.ConnectionLost:
				case name == "restarted" && !s.Live():
					// An Asterisk that is asked to end hangs up its calls first, with events.
				default:
					t.Errorf("it became %s %q", s.State, s.Cause)
				}
				if n := originates.Load(); n != 1 {
					t.Errorf("%d Originates", n)
				}
			})
		}
	}
}

// TestAsteriskReloads reloads the manager interface during a call.
func TestAsteriskReloads(t *testing.T) {
	t.Parallel()
	p := asterisktest.Start(t, asterisktest.V22)
	for _, command := range []string{"manager reload", "module reload manager", "core reload"} {
		t.Run(command, func(t *testing.T) {
			d, originates := startCounted(t, p.Addr(), "7101", config.ConnectionOnDemand)
			if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
				t.Fatal(err)
			}
			within(t, d, 10*time.Second, "in call", inState(call.InCall))
			if out, err := p.CLI(t.Context(), command); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if err := d.Check(t.Context()); err != nil {
				t.Errorf("checked: %v", err)
			}
			within(t, d, 10*time.Second, "in call", inState(call.InCall))
			if err := d.Hangup(t.Context()); err != nil {
				t.Fatal(err)
			}
			within(t, d, 10*time.Second, "ended", inState(call.Ended))
			if n := originates.Load(); n != 1 {
				t.Errorf("%d Originates", n)
			}
		})
	}
}

// TestAsteriskStopped: a PBX that is stopped (SIGSTOP) during a call is noticed
// within 15 s, and when it goes on, so does the call.
func TestAsteriskStopped(t *testing.T) {
	t.Parallel()
	p := asterisktest.Start(t, asterisktest.V22)
	d, originates := startCounted(t, p.Addr(), "7101", config.ConnectionOnDemand)
	if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
		t.Fatal(err)
	}
	within(t, d, 10*time.Second, "in call", inState(call.InCall))
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	took := within(t, d, 30*time.Second, "unknown", inState(call.Unknown))
	t.Logf("noticed after %v", took)
	if took > 15*time.Second {
		t.Errorf("noticed after %v", took)
	}
	if err := p.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := d.Changed(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, d, 10*time.Second, "in call again", inState(call.InCall))
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, d, 10*time.Second, "ended", inState(call.Ended))
	eventually(t, "without a channel at the PBX", func() bool {
		out, err := p.CLI(t.Context(), "core show channels count")
		return err == nil && strings.HasPrefix(out, "0 active channels")
	})
	if n := originates.Load(); n != 1 {
		t.Errorf("%d Originates", n)
	}
}
