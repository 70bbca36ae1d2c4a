package secret

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cornetta/dialer/config"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		os.Exit(play(part))
	}
	goleak.VerifyTestMain(m)
}

func TestCheck(t *testing.T) {
	for _, good := range []string{"x", "p4ss word;\"'\\", "pässwörd", strings.Repeat("x", 512)} {
		if err := Check(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	stores := map[string]Store{"memory": Memory(), "keyring": Keyring(), "session": Session(nil)}
	for _, bad := range []string{"", "a\r\nAction: Command", "a\n", "a\r", "a\x00", strings.Repeat("x", 513), "\xff"} {
		if err := Check(bad); !errors.Is(err, ErrBadSecret) {
			t.Errorf("%q: %v", bad, err)
		}
		for name, s := range stores {
			if err := s.Set(t.Context(), "k", bad); !errors.Is(err, ErrBadSecret) {
				t.Errorf("%s took %q: %v", name, bad, err)
			}
		}
	}
}

func TestKey(t *testing.T) {
	for want, a := range map[string]config.Account{
		"c2c@pbx.example.com:5038": {Username: "c2c", Host: " PBX.example.com", Port: 5038},
		"c2c@[2001:db8::7]:5039":   {Username: "c2c", Host: "[2001:db8::7]", Port: 5039},
	} {
		if got := Key(a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMemory(t *testing.T) {
	m, ctx := Memory(), t.Context()
	if _, err := m.Get(ctx, "k"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	for _, s := range []string{"one", "two"} {
		if err := m.Set(ctx, "k", s); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Get(ctx, "k"); got != s || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := m.Get(ctx, "other"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	for range 2 {
		if err := m.Delete(ctx, "k"); err != nil {
			t.Error(err)
		}
	}
	if _, err := m.Get(ctx, "k"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// fake is a provider whose calls wait for a word before they end.
func fake(answer func() (string, error)) *keyringStore {
	return newKeyring(provider{
		patience: patience,
		get:      func(context.Context, string, func(bool)) (string, error) { return answer() },
		set:      func(context.Context, string, string, func(bool)) error { _, err := answer(); return err },
		delete:   func(context.Context, string, func(bool)) error { _, err := answer(); return err },
	})
}

func TestKeyringErrors(t *testing.T) {
	broken := errors.New("failed to unlock correct collection")
	for _, c := range []struct {
		err, get, set, delete error
	}{
		{nil, nil, nil, nil},
		{ErrNotFound, ErrNotFound, ErrNotFound, nil},
		{broken, ErrUnavailable, ErrUnavailable, ErrUnavailable},
	} {
		k := fake(func() (string, error) { return "s", c.err })
		_, err := k.Get(t.Context(), "k")
		if !errors.Is(err, c.get) || !errors.Is(err, c.err) && c.get != ErrNotFound {
			t.Errorf("%v: Get: %v", c.err, err)
		}
		if err := k.Set(t.Context(), "k", "s"); !errors.Is(err, c.set) {
			t.Errorf("%v: Set: %v", c.err, err)
		}
		if err := k.Delete(t.Context(), "k"); !errors.Is(err, c.delete) {
			t.Errorf("%v: Delete: %v", c.err, err)
		}
	}
	k := fake(func() (string, error) { panic("nil signal") })
	if _, err := k.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a panic in the library: %v", err)
	}
	if _, err := k.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("the call after it: %v", err)
	}
}

// A keyring that does not answer costs five seconds once, then nothing, until
// it has answered after all.
func TestHungKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unblock := make(chan struct{})
		var calls atomic.Int32
		k := fake(func() (string, error) {
			calls.Add(1)
			<-unblock
			return "s", nil
		})
		took := func(f func() error, want time.Duration) {
			t.Helper()
			began := time.Now()
			if err := f(); !errors.Is(err, ErrTimeout) {
				t.Errorf("got %v", err)
			}
			if d := time.Since(began); d != want {
				t.Errorf("took %v, want %v", d, want)
			}
		}
		get := func() error { _, err := k.Get(t.Context(), "k"); return err }
		took(get, 5*time.Second)
		for range 50 {
			took(get, 0)
			took(func() error { return k.Set(t.Context(), "k", "s") }, 0)
			took(func() error { return k.Delete(t.Context(), "k") }, 0)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls were made", n)
		}
		close(unblock)
		synctest.Wait()
		if got, err := k.Get(t.Context(), "k"); got != "s" || err != nil {
			t.Errorf("after it came back: %q, %v", got, err)
		}
	})
}

// The context's deadline holds where there is one, also a later one: a person
// may be typing the keyring's password.
func TestContextDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unblock := make(chan struct{})
		k := fake(func() (string, error) { <-unblock; return "s", nil })
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		time.AfterFunc(time.Minute, func() { close(unblock) })
		// One that comes meanwhile waits its turn, no longer than it may.
		go func() {
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := k.Get(short, "k"); !errors.Is(err, ErrTimeout) {
				t.Errorf("the one that waits its turn: %v", err)
			}
		}()
		began := time.Now()
		if got, err := k.Get(ctx, "k"); got != "s" || err != nil || time.Since(began) > time.Minute+time.Second {
			t.Errorf("%q, %v after %v", got, err, time.Since(began))
		}
		canceled, stop := context.WithCancel(t.Context())
		stop()
		k = fake(func() (string, error) { <-t.Context().Done(); return "", nil })
		if _, err := k.Get(canceled, "k"); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

// prompter is a provider that asks a person: it answers when they have, which the
// test says, or is cancelled.
func prompter(answer <-chan error) (*keyringStore, *atomic.Int32) {
	var prompts atomic.Int32
	ask := func(ctx context.Context, prompting func(bool)) (string, error) {
		prompts.Add(1)
		prompting(true)
		defer prompting(false)
		select {
		case err := <-answer:
			return "s", err
		case <-time.After(promptTime):
			return "", errors.New("nobody came")
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return newKeyring(provider{
		patience: patience,
		get:      func(ctx context.Context, _ string, p func(bool)) (string, error) { return ask(ctx, p) },
		set:      func(ctx context.Context, _, _ string, p func(bool)) error { _, err := ask(ctx, p); return err },
	}), &prompts
}

// While a person is asked there is time for them, and whoever comes meanwhile has
// it too; then it is over, or they are given up by whoever wanted the secret.
func TestPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan error)
		k, prompts := prompter(answer)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				var told []bool
				ctx := OnPrompt(t.Context(), func(open bool) { told = append(told, open) })
				if got, err := k.Get(ctx, "k"); got != "s" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				if len(told) == 0 || len(told)%2 != 0 || !told[0] || told[len(told)-1] {
					t.Errorf("told of the prompt: %v", told)
				}
			})
		}
		for range 3 {
			time.Sleep(promptTime - time.Second)
			answer <- nil
		}
		wg.Wait()
		if n := prompts.Load(); n != 3 { // one after the other, as the provider here asks each time
			t.Errorf("%d prompts", n)
		}

		began := time.Now()
		if _, err := k.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) || time.Since(began) != promptTime {
			t.Errorf("nobody came: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began = time.Now()
		if _, err := k.Get(ctx, "k"); !errors.Is(err, context.Canceled) || time.Since(began) != time.Minute {
			t.Errorf("given up: %v after %v", err, time.Since(began))
		}
		// The next one is asked at once, it is not taken for one that hangs.
		go func() { answer <- nil }()
		if _, err := k.Get(t.Context(), "k"); err != nil {
			t.Error(err)
		}

		// One who cannot wait leaves the prompt to whoever comes and can.
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := k.Get(short, "k"); !errors.Is(err, ErrTimeout) {
			t.Error(err)
		}
		wg.Go(func() {
			if got, err := k.Get(t.Context(), "k"); got != "s" || err != nil {
				t.Errorf("behind the prompt of another: %q, %v", got, err)
			}
		})
		time.Sleep(time.Minute)
		answer <- nil
		answer <- nil
		wg.Wait()
	})
}

// switchable is a keyring that can be switched off.
type switchable struct {
	Store
	err error
}

func (s *switchable) Get(ctx context.Context, key string) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	return s.Store.Get(ctx, key)
}

func (s *switchable) Set(ctx context.Context, key, secret string) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Set(ctx, key, secret)
}

func (s *switchable) Delete(ctx context.Context, key string) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Delete(ctx, key)
}

func TestSession(t *testing.T) {
	ctx := t.Context()
	k := &switchable{Store: Memory()}
	s := Session(k)
	expect := func(secret string, where Where, want error) {
		t.Helper()
		got, err := s.Get(ctx, "k")
		if got != secret || !errors.Is(err, want) || s.Where("k") != where {
			t.Errorf("got %q in %q, %v; want %q in %q, %v", got, s.Where("k"), err, secret, where, want)
		}
	}
	set := func(secret string, where Where) {
		t.Helper()
		if err := s.Set(ctx, "k", secret); err != nil || s.Where("k") != where {
			t.Fatalf("put in %q, %v", s.Where("k"), err)
		}
	}
	expect("", Nowhere, ErrNotFound)
	set("one", InKeyring)
	expect("one", InKeyring, nil)

	for _, k.err = range []error{ErrUnavailable, ErrTimeout} {
		if _, err := s.Get(ctx, "k"); !errors.Is(err, k.err) {
			t.Errorf("nothing in memory, and %v: %v", k.err, err)
		}
		set("two", InSession)
		expect("two", InSession, nil)
		if err := s.Delete(ctx, "k"); !errors.Is(err, k.err) {
			t.Errorf("Delete with %v: %v", k.err, err)
		}
	}
	set("two", InSession)
	k.err = nil
	expect("two", InSession, nil) // not the old one, which the keyring still has
	set("three", InKeyring)
	expect("three", InKeyring, nil)
	if err := s.Delete(ctx, "k"); err != nil {
		t.Error(err)
	}
	expect("", Nowhere, ErrNotFound)

	k.err = context.Canceled
	if err := s.Set(ctx, "k", "four"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s = Session(nil)
	set("five", InSession)
	expect("five", InSession, nil)
}

func TestConcurrentUse(t *testing.T) {
	s := Session(fake(func() (string, error) { return "s", nil }))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if got, err := s.Get(t.Context(), "k"); got != "s" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				s.Where("k")
			}
		})
	}
	wg.Wait()
}
