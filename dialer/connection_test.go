package dialer

import (
	"context"
	"errors"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

func startPBX(t *testing.T) *pbxsim.PBX {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// until waits for a Snapshot that satisfies ok.
func until(t *testing.T, d *Dialer, what string, ok func(status.Snapshot) bool) status.Snapshot {
	t.Helper()
	snapshots, cancel := d.Subscribe()
	defer cancel()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case s := <-snapshots:
			if ok(s) {
				return s
			}
		case <-deadline:
			t.Fatalf("never %s; now %+v %+v", what, d.Snapshot(), d.Snapshot().Call)
		}
	}
}

func inState(want call.State) func(status.Snapshot) bool {
	return func(s status.Snapshot) bool { return s.Call != nil && s.Call.State == want }
}

func linkIs(want status.Connection) func(status.Snapshot) bool {
	return func(s status.Snapshot) bool { return s.Connection == want }
}

// eventually polls what is counted on the PBX's side.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("never " + what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestNoSessionWhileIdle(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	until(t, d, "unchecked", linkIs(status.Unchecked))
	if err := d.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ready", linkIs(status.Ready))
	eventually(t, "without a session after the check", func() bool { return p.Sessions() == 0 })
	if p.Logins() != 1 {
		t.Errorf("%d logins for one check", p.Logins())
	}
}

func TestSessionOpenedAheadServesTheCallAndClosesLater(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	d.idleClose = 50 * time.Millisecond // read by the loop only after Prepare
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "connected", linkIs(status.Connected))
	if _, err := d.Dial(t.Context(), planFor("039050123402")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ended", inState(call.Ended))
	until(t, d, "ready", linkIs(status.Ready))
	eventually(t, "logged off", func() bool { return p.Sessions() == 0 })
	if p.Logins() != 1 {
		t.Errorf("%d logins, want one for the window and the call", p.Logins())
	}
}

func TestKeptSessionComesBack(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionKept)
	until(t, d, "connected", linkIs(status.Connected))
	p.DropSessions()
	eventually(t, "logged in twice", func() bool { return p.Logins() == 2 })
	until(t, d, "connected again", linkIs(status.Connected))
}

func TestRefusedLoginWaitsForThePerson(t *testing.T) {
	p := startPBX(t)
	p.SetSecret("another")
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionKept)
	s := until(t, d, "trouble", linkIs(status.Trouble))
	if s.Trouble.Code != status.CodeLoginRefused {
		t.Errorf("code %q, want %q", s.Trouble.Code, status.CodeLoginRefused)
	}
	for range 2 { // what the first one began has happened when the second returns
		if err := d.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, l := p.LoginsRefused(), d.Snapshot().Connection; n != 1 || l != status.Trouble {
		t.Errorf("%d refused logins, link %s: opening a window must not try again", n, l)
	}
	// Setting the secret right and checking is what the person does.
	p.SetSecret(pbxsim.Secret)
	if err := d.Check(t.Context()); err != nil {
		t.Errorf("check after the secret was put right: %v", err)
	}
}

func TestDialWithoutAnAccountOrASecret(t *testing.T) {
	p := startPBX(t)
	a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
	d := startDialer(t, a, config.ConnectionOnDemand)
	d.secrets = failingStore{secret.ErrNotFound} // before the first use
	if _, err := d.Dial(t.Context(), planFor("7102")); !errors.Is(err, ErrNoSecret) {
		t.Errorf("without a secret: %v", err)
	}
	until(t, d, "no secret", linkIs(status.NoSecret))
	a.Extension = ""
	if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Dial(t.Context(), planFor("7102")); !errors.Is(err, ErrNotSetUp) {
		t.Errorf("without an extension: %v", err)
	}
	if n := len(p.Originates()); n != 0 {
		t.Errorf("%d Originates sent", n)
	}
}

// failingStore is a secret.Store that cannot.
type failingStore struct{ err error }

func (f failingStore) Get(context.Context, string) (string, error) { return "", f.err }
func (f failingStore) Set(context.Context, string, string) error   { return f.err }
func (f failingStore) Delete(context.Context, string) error        { return f.err }

func TestKeyringTrouble(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	d.secrets = failingStore{secret.ErrTimeout}
	var trouble *TroubleError
	if err := d.Check(t.Context()); !errors.As(err, &trouble) || trouble.Trouble.Code != status.CodeKeyring {
		t.Errorf("check: %v, want keyring trouble", err)
	}
}

func TestOneCallAtATime(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7102", config.SyntaxVariables), config.ConnectionOnDemand)
	first, err := d.Dial(t.Context(), planFor("039050123407"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Dial(t.Context(), planFor("039050123407"))
	if err != nil || again.ID != first.ID {
		t.Errorf("the same number at once: id %s, %v; want the same call %s", again.ID, err, first.ID)
	}
	if _, err := d.Dial(t.Context(), planFor("7105")); !errors.Is(err, ErrInProgress) {
		t.Errorf("another number meanwhile: %v", err)
	}
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "cancelled", inState(call.Cancelled))
	eventually(t, "without anything left to hang up", func() bool {
		return errors.Is(d.Hangup(t.Context()), ErrNoCall)
	})
	if n := len(p.Originates()); n != 1 {
		t.Errorf("%d Originates for one consent", n)
	}
}

// TestConcurrentRequestsAreOneCall: both wait for the same session.
func TestConcurrentRequestsAreOneCall(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7102", config.SyntaxVariables), config.ConnectionOnDemand)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			_, err := d.Dial(t.Context(), planFor("039050123407"))
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := len(p.Originates()); n != 1 {
		t.Errorf("%d Originates for one number asked for at once", n)
	}
}

func TestRefusedByThePBX(t *testing.T) {
	for message, want := range map[string]call.Cause{
		"Permission denied":         call.NoRight,
		"Extension does not exist.": call.NoSuchNumber,
		"Originate failed":          call.Refused,
	} {
		t.Run(message, func(t *testing.T) {
			p := startPBX(t)
			d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxWrapper), config.ConnectionOnDemand)
			p.Refuse(message)
			s, err := d.Dial(t.Context(), planFor("039050123402"))
			if err != nil {
				t.Fatal(err)
			}
			if s.State != call.Failed || s.Cause != want || s.Detail.Text() != message {
				t.Errorf("%s %q %q, want failed %q %q", s.State, s.Cause, s.Detail, want, message)
			}
		})
	}
}

func TestLinkLostInACallIsPutRight(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "in call", inState(call.InCall))
	snapshots, cancel := d.Subscribe()
	defer cancel()
	p.DropSessions()
	sawUnknown := false
	for s := range snapshots {
		if s.Call.State == call.Unknown {
			sawUnknown = true
			if s.Call.Cause != call.ConnectionLost {
				t.Errorf("cause %q", s.Call.Cause)
			}
		}
		if sawUnknown && s.Call.State == call.InCall {
			break
		}
	}
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ended", inState(call.Ended))
	if n := len(p.Originates()); n != 1 {
		t.Errorf("%d Originates: a lost call must never be dialled again", n)
	}
}

func TestLinkLostAndTheCallGone(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	g := &blockedStore{Store: d.secrets}
	d.secrets = g // before its first use
	if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "in call", inState(call.InCall))
	logins := p.Logins()
	g.mu.Lock() // no connection until the call is gone
	p.DropSessions()
	p.HangUpAll()
	until(t, d, "unknown", inState(call.Unknown))
	eventually(t, "no call left", func() bool { return p.Calls() == 0 })
	g.mu.Unlock()
	eventually(t, "asked for the state", func() bool { return p.Logins() > logins })
	until(t, d, "connected", linkIs(status.Connected))
	// Another call is possible, and the lost one is still unknown.
	if s := d.Snapshot().Call; s.State != call.Unknown {
		t.Errorf("the lost call became %s", s.State)
	}
	if _, err := d.Dial(t.Context(), planFor("039050123402")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ended", inState(call.Ended))
}

func TestEndingTheProgramLeavesTheCallAlone(t *testing.T) {
	p := startPBX(t)
	t.Run("program", func(t *testing.T) {
		d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
		if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
			t.Fatal(err)
		}
		until(t, d, "in call", inState(call.InCall))
	})
	if p.Calls() != 1 {
		t.Errorf("%d calls go on, want 1", p.Calls())
	}
	eventually(t, "logged off", func() bool { return p.Sessions() == 0 })
}

func TestNothingIsDialledUnlessItMayBe(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	bad := planFor("039050123402")
	bad.Outcome = "error"
	if _, err := d.Dial(t.Context(), bad); !errors.Is(err, ErrNotDialable) {
		t.Errorf("a plan that is an error: %v", err)
	}
	risky := number.Parse("899123456", number.Typed, number.DefaultSettings())
	if _, err := d.Dial(t.Context(), risky); risky.Outcome != number.Confirm || !errors.Is(err, ErrNotDialable) {
		t.Errorf("a plan that nobody was asked about: %s, %v", risky.Outcome, err)
	}
	if _, err := d.Dial(t.Context(), bad.Consented()); !errors.Is(err, ErrNotDialable) {
		t.Errorf("a yes to an error: %v", err)
	}
	bad = planFor("1,EVIL=2")
	s, err := d.Dial(t.Context(), bad)
	if err != nil || s.State != call.Failed {
		t.Errorf("a dial string that no header may hold: %+v %v", s, err)
	}
	if n := len(p.Originates()); n != 0 {
		t.Errorf("%d Originates sent", n)
	}
	if s, err := d.Dial(t.Context(), risky.Consented()); err != nil || s.Number != risky.Dial {
		t.Errorf("a plan that was asked about: %+v %v", s, err)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]Redacted{"0390501234502": "…502", "112": "…", "": "…"} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}
