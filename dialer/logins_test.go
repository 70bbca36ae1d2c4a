package dialer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
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

// pbxAt is the target of a user's logins at addresses, as a resolver gives them.
func pbxAt(user, port string, addrs ...string) target { return targetOf(user, machines(addrs), port) }

var ada = pbxAt("ada", "5038", "192.0.2.1")

func TestThreeRefusedLogins(t *testing.T) {
	begin := time.UnixMilli(1_800_000_000_000)
	now := begin
	dir := filepath.Join(t.TempDir(), "state", "logins")
	try := func(at target, asked bool, outcome error) error {
		t.Helper()
		// Each is a program of its own.
		attempt, err := loginsOfProgram(dir, &now).begin(t.Context(), at, asked)
		if err == nil {
			attempt.end(outcome, outcome != nil)
		}
		return err
	}
	refused := ami.ErrAuthFailed
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
		must(try(ada, false, refused))
		now = now.Add(time.Minute)
	}
	held(try(ada, false, nil), begin.Add(refusedWindow))

	// Another address or port is counted by itself; another user is not, nor the same
	// address under another name.
	must(try(pbxAt("ada", "5038", "192.0.2.2"), false, refused))
	must(try(pbxAt("ada", "5039", "192.0.2.1"), false, refused))
	for _, same := range []target{
		pbxAt("bob", "5038", "192.0.2.1"), pbxAt("ADA", "5038", "192.0.2.1"), pbxAt("ada", "5038", "::ffff:192.0.2.1"),
		pbxAt("ada", "5038", "::ffff:c000:201"), pbxAt("ada", "5038", "2001:db8::1", "192.0.2.1"),
	} {
		held(try(same, false, nil), begin.Add(refusedWindow))
	}

	// Who asks for it gets one try, and that counts.
	must(try(ada, true, refused))
	held(try(ada, false, nil), begin.Add(time.Minute+refusedWindow))

	// Another password allows one more, of that user.
	loginsOfProgram(dir, &now).Pardon(config.Account{Username: "bob"})
	held(try(ada, false, nil), begin.Add(time.Minute+refusedWindow))
	loginsOfProgram(dir, &now).Pardon(config.Account{Username: "Ada"})
	must(try(ada, false, refused))
	if err := try(ada, false, nil); codeOf(err) != status.CodeLoginsHeld {
		t.Fatal(err)
	}

	// Each refusal that is old enough allows one more.
	now = begin.Add(3*time.Minute + refusedWindow)
	must(try(ada, false, refused))

	// A clock that was set back stops nobody for a year.
	now = begin.Add(-24 * time.Hour)
	must(try(ada, false, refused))

	// An accepted login ends the count of that user, and of no other.
	must(try(ada, true, nil))
	bob := pbxAt("bob", "5038", "192.0.2.1")
	must(try(bob, false, refused))
	must(try(ada, false, refused))
	must(try(ada, false, nil))
	must(try(bob, false, refused))
	must(try(ada, false, nil))
	must(try(bob, false, refused))
	if held := try(ada, false, nil); held == nil {
		t.Error("the fourth was let through")
	}

	entries, err := os.ReadDir(dir)
	must(err)
	for _, e := range entries {
		if strings.Contains(e.Name(), "ada") || strings.Contains(e.Name(), "192") {
			t.Errorf("%s tells who logs in where", e.Name())
		}
		if info, err := e.Info(); err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v %v", e.Name(), info, err)
		}
	}
}

// TestOneMachine: all addresses of this computer are one PBX.
func TestOneMachine(t *testing.T) {
	want := machines([]string{"127.0.0.1"})
	own := []string{"127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "0:0:0:0:0:0:0:1"}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			own = append(own, n.IP.String())
		}
	}
	for _, addr := range own {
		if got := machines([]string{addr, "127.0.0.1"}); len(got) != 1 || got[0] != want[0] {
			t.Errorf("%s is %v", addr, got)
		}
	}
	if got := machines([]string{"fe80::1%eth0", "fe80::1", "192.0.2.1", "::ffff:192.0.2.1", "no address"}); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// TestKilledWhileLoggingIn: how the login came out nobody knows; it counts.
func TestKilledWhileLoggingIn(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	for range 3 {
		if _, err := loginsOfProgram(dir, &now).begin(t.Context(), ada, false); err != nil { // and the program is gone
			t.Fatal(err)
		}
	}
	now = now.Add(2 * loginLongest)
	if _, err := loginsOfProgram(dir, &now).begin(t.Context(), ada, false); codeOf(err) != status.CodeLoginsHeld {
		t.Errorf("the fourth: %v", err)
	}
}

// TestHostileLogins: what somebody else put into the directory, or in its place.
func TestHostileLogins(t *testing.T) {
	key := ada.pbx[0] + "-" + userKey(ada.pbx[0], ada.user)
	count := func(t *testing.T, l *Logins) {
		t.Helper()
		for range 3 {
			attempt, err := l.begin(t.Context(), ada, false)
			if err != nil {
				t.Fatal(err)
			}
			attempt.end(ami.ErrLoginClosed, true)
		}
		if _, err := l.begin(t.Context(), ada, false); codeOf(err) != status.CodeLoginsHeld {
			t.Errorf("the fourth: %v", err)
		}
	}
	t.Run("in it", func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{
			"x", "-", "---.refused", key + ".refused", key + "-1-2-3.refused", key + "-99999999999999999999-a.refused",
			key + "--5-a.refused", key + "-+5-a.refused", strings.Repeat("f", 200) + ".tried", key + "-1-a.refused", "..refused", "a\nb-1-c.tried",
			strings.Repeat("f", 16) + "-1800000000000-abcd.refused", // of an earlier version
		} {
			if runtime.GOOS == "windows" && strings.Contains(name, "\n") {
				continue // no file can be called that
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{key + "-1-b.refused", "lock"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		count(t, OpenLogins(dir))
		if _, err := os.Stat(filepath.Join(dir, "x")); err != nil {
			t.Errorf("a file that is not ours: %v", err)
		}
	})
	// Where it cannot be written it is counted all the same.
	t.Run("a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		count(t, OpenLogins(file))
		count(t, OpenLogins(filepath.Join(file, "below")))
	})
}

// TestLoginsAtOnce: of many programs that begin at one moment only as many log in as may
// be refused, and where none is all get their turn.
func TestLoginsAtOnce(t *testing.T) {
	for name, outcome := range map[string]error{"refused": ami.ErrAuthFailed, "accepted": nil} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var wg sync.WaitGroup
			var knocked, under, most atomic.Int32
			ready := make(chan struct{})
			for range 20 {
				wg.Go(func() {
					<-ready
					attempt, err := OpenLogins(dir).begin(t.Context(), ada, false)
					if err != nil {
						if codeOf(err) != status.CodeLoginsHeld {
							t.Error(err)
						}
						return
					}
					knocked.Add(1)
					for n := under.Add(1); n > most.Load(); n = under.Load() {
						most.Store(n)
					}
					runtime.Gosched()
					under.Add(-1)
					attempt.end(outcome, outcome != nil)
				})
			}
			close(ready)
			wg.Wait()
			if n := knocked.Load(); outcome != nil && n != maxRefused || outcome == nil && n != 20 {
				t.Errorf("%d logins", n)
			}
			if n := most.Load(); n > maxRefused {
				t.Errorf("%d at one time", n)
			}
		})
	}
}

// TestGivenUpLogin: a login that was sent counts as refused also where nobody waited for
// the answer; one that was not sent counts for nothing.
func TestGivenUpLogin(t *testing.T) {
	s := runScript(t, func(_ net.Conn, h map[string]string) bool { return h["Action"] == "Login" }) // it does not answer
	logins := OpenLogins(t.TempDir())
	for range maxRefused {
		ctx, cancel := context.WithCancel(t.Context())
		cfg, err := amiConfig(s.account(t), "wrong", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		sent := s.logins.Load()
		stop := make(chan struct{})
		go func() {
			defer close(stop)
			for s.logins.Load() == sent {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		if _, err := logins.dial(ctx, s.account(t), false, cfg); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		<-stop
	}
	cfg, err := amiConfig(s.account(t), "wrong", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := logins.dial(t.Context(), s.account(t), false, cfg); codeOf(err) != status.CodeLoginsHeld {
		t.Errorf("the fourth: %v", err)
	}
	closed := accountAt(t, "127.0.0.1:1", "7101", config.SyntaxVariables)
	for range maxRefused + 1 {
		if cfg, err = amiConfig(closed, "wrong", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := logins.dial(t.Context(), closed, false, cfg); codeOf(troubled(err)) != status.CodeRefused {
			t.Fatal(err)
		}
	}
}

// TestAskedForWhileHeld: a check that somebody asks for is made, also where a
// login that nobody asked for has just begun.
func TestAskedForWhileHeld(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		logins := OpenLogins("")
		a := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
		for range maxRefused {
			attempt, err := logins.begin(t.Context(), pbxAt(a.Username, "5038", "127.0.0.1"), false)
			if err != nil {
				t.Fatal(err)
			}
			attempt.end(ami.ErrAuthFailed, true)
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
