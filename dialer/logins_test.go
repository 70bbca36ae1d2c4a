package dialer

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// loginsOfProgram is one of a person's programs, with a clock that can be set.
func loginsOfProgram(dir string, now *time.Time) *Logins {
	l := OpenLogins(dir)
	l.now = func() time.Time { return *now }
	return l
}

func TestThreeRefusedLogins(t *testing.T) {
	refused := fmt.Errorf("dialer: %w", ami.ErrAuthFailed)
	begin := time.UnixMilli(1_800_000_000_000)
	now := begin
	dir := filepath.Join(t.TempDir(), "state", "logins")
	a := config.Account{Host: "pbx.example", Port: 5038, Username: "ada"}
	try := func(a config.Account, asked bool, outcome error) error {
		t.Helper()
		// Each is a program of its own.
		attempt, err := loginsOfProgram(dir, &now).begin(a, asked)
		if err == nil {
			attempt.end(outcome)
		}
		return err
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	held := func(err error, until time.Time) {
		t.Helper()
		if te, ok := err.(*TroubleError); !ok || te.Trouble.Code != status.CodeLoginsHeld || !te.Trouble.Until.Equal(until) {
			t.Fatalf("%v, want held until %v", err, until)
		}
	}
	for range 3 {
		must(try(a, false, refused))
		now = now.Add(time.Minute)
	}
	held(try(a, false, nil), begin.Add(refusedWindow))

	// Another user, host or port is counted by itself.
	for _, other := range []config.Account{
		{Host: "pbx.example", Port: 5038, Username: "bob"},
		{Host: "pbx2.example", Port: 5038, Username: "ada"},
		{Host: "pbx.example", Port: 5039, Username: "ada"},
	} {
		must(try(other, false, refused))
	}
	upper := a
	upper.Host = "PBX.example"
	held(try(upper, false, nil), begin.Add(refusedWindow))

	// Who asks for it gets one try, and that counts.
	must(try(a, true, refused))
	held(try(a, false, nil), begin.Add(time.Minute+refusedWindow))

	// A changed account allows one more.
	loginsOfProgram(dir, &now).Pardon(a)
	must(try(a, false, refused))
	if err := try(a, false, nil); codeOf(err) != status.CodeLoginsHeld {
		t.Fatal(err)
	}

	// Each refusal that is old enough allows one more.
	now = begin.Add(3*time.Minute + refusedWindow)
	must(try(a, false, refused))

	// A clock that was set back stops nobody for a year.
	now = begin.Add(-24 * time.Hour)
	must(try(a, false, refused))

	// An accepted login ends the count.
	must(try(a, true, nil))
	for range 3 {
		must(try(a, false, refused))
	}
	if held := try(a, false, nil); held == nil {
		t.Error("the fourth was let through")
	}

	entries, err := os.ReadDir(dir)
	must(err)
	for _, e := range entries {
		if strings.Contains(e.Name(), "ada") || strings.Contains(e.Name(), "pbx") {
			t.Errorf("%s tells who logs in where", e.Name())
		}
		if info, err := e.Info(); err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v %v", e.Name(), info, err)
		}
	}
}

// TestKilledWhileLoggingIn: how the login came out nobody knows; it counts.
func TestKilledWhileLoggingIn(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	a := config.Account{Host: "pbx.example", Port: 5038, Username: "ada"}
	for range 3 {
		if _, err := loginsOfProgram(dir, &now).begin(a, false); err != nil { // and the program is gone
			t.Fatal(err)
		}
	}
	now = now.Add(2 * loginLongest)
	if _, err := loginsOfProgram(dir, &now).begin(a, false); err == nil {
		t.Error("the fourth was let through")
	}
}

// TestHostileLogins: what somebody else put into the directory.
func TestHostileLogins(t *testing.T) {
	a := config.Account{Host: "pbx.example", Port: 5038, Username: "ada"}
	dir := t.TempDir()
	key := loginKey(a)
	for _, name := range []string{
		"x", "-", "--.refused", key + ".refused", key + "-1-2-3.refused", key + "-99999999999999999999-a.refused",
		key + "--5-a.refused", strings.Repeat("f", 200) + ".tried", key + "-1-a.refused", "..refused", "a\nb-1-c.tried",
	} {
		if runtime.GOOS == "windows" && strings.Contains(name, "\n") {
			continue // no file can be called that
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, key+"-1-b.refused"), 0o700); err != nil {
		t.Fatal(err)
	}
	l := OpenLogins(dir)
	attempt, err := l.begin(a, false)
	if err != nil {
		t.Fatal(err)
	}
	attempt.end(ami.ErrAuthFailed)
	if _, err := os.Stat(filepath.Join(dir, "x")); err != nil {
		t.Errorf("a file that is not ours: %v", err)
	}

	// Where it cannot be written it is counted all the same.
	file := filepath.Join(dir, "x")
	l = OpenLogins(file)
	for range 3 {
		attempt, err := l.begin(a, false)
		if err != nil {
			t.Fatal(err)
		}
		attempt.end(ami.ErrLoginClosed)
	}
	if _, err := l.begin(a, false); err == nil {
		t.Error("the fourth was let through")
	}
}

// TestLoginsAtOnce: of many programs with one account few log in once a login was
// refused.
func TestLoginsAtOnce(t *testing.T) {
	dir := t.TempDir()
	a := config.Account{Host: "pbx.example", Port: 5038, Username: "ada"}
	first, err := OpenLogins(dir).begin(a, false)
	if err != nil {
		t.Fatal(err)
	}
	first.end(ami.ErrAuthFailed)
	var wg sync.WaitGroup
	var mu sync.Mutex
	knocked := 1
	for range 20 {
		wg.Go(func() {
			attempt, err := OpenLogins(dir).begin(a, false)
			if err != nil {
				return
			}
			mu.Lock()
			knocked++
			mu.Unlock()
			attempt.end(ami.ErrAuthFailed)
		})
	}
	wg.Wait()
	if knocked > maxRefused {
		t.Errorf("%d logins", knocked)
	}
}

// TestAskedForWhileHeld: a check that somebody asks for is made, also where a
// login that nobody asked for has just begun.
func TestAskedForWhileHeld(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		logins := OpenLogins("")
		a := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
		for range maxRefused {
			attempt, err := logins.begin(a, false)
			if err != nil {
				t.Fatal(err)
			}
			attempt.end(ami.ErrAuthFailed)
		}
		s := new(bubble)
		d := newBubble(t, s, Options{Secrets: &slowStore{fixedStore(pbxsim.Secret), time.Second}, Logins: logins}, scripted(rightsHandler))
		if err := d.SetAccount(t.Context(), a, config.ConnectionKept); err != nil { // begins to log in
			t.Fatal(err)
		}
		if err := d.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if n := s.logins.Load(); n != 1 {
			t.Errorf("%d logins", n)
		}
	})
}

// TestDialersShareTheCount: a wrong password in three programs, on a real
// socket; the person's check goes through, whatever else does not.
func TestDialersShareTheCount(t *testing.T) {
	p := startPBX(t)
	p.SetSecret("another")
	a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
	logins := OpenLogins(t.TempDir())
	start := func() *Dialer {
		d := startDialer(t, config.Account{}, config.ConnectionOnDemand)
		d.logins = logins // before its first use
		if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for range 3 {
		if err := start().Recheck(t.Context()); codeOf(err) != status.CodeLoginRefused {
			t.Fatal(err)
		}
	}
	d := start()
	if err := d.Recheck(t.Context()); codeOf(err) != status.CodeLoginsHeld {
		t.Errorf("a fourth program: %v", err)
	}
	await(t, d, 5*time.Second, "held", func(s status.Snapshot) bool {
		return troubleIs(status.CodeLoginsHeld)(s) && s.Trouble.Until.After(time.Now())
	})
	if _, err := d.Dial(t.Context(), planFor("7102")); codeOf(err) != status.CodeLoginsHeld {
		t.Errorf("dialling: %v", err)
	}
	if n := p.LoginsRefused(); n != 3 {
		t.Errorf("%d logins reached the PBX", n)
	}
	p.SetSecret(pbxsim.Secret)
	if err := d.Check(t.Context()); err != nil {
		t.Errorf("checked by the person: %v", err)
	}
	if err := start().Recheck(t.Context()); err != nil {
		t.Errorf("and the next: %v", err)
	}
}
