package dialer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// lockedStore is a keyring whose prompt is dismissed each time it is asked.
type lockedStore struct {
	failingStore
	asked atomic.Int32
	opens atomic.Bool
}

func (s *lockedStore) Get(context.Context, string) (string, error) {
	s.asked.Add(1)
	if s.opens.Load() {
		return pbxsim.Secret, nil
	}
	return "", secret.ErrUnavailable
}

// TestKeyringIsAskedOnce: a prompt that was dismissed comes back when a person
// wants to dial or to see the login, and for nothing else within ten minutes.
func TestKeyringIsAskedOnce(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(noSpecialAnswer))
		keyring := &lockedStore{}
		d.secrets = keyring // before its first use
		asked := func(what string, want int32) {
			t.Helper()
			if n := keyring.asked.Load(); n != want {
				t.Errorf("%s: the keyring was asked %d times, want %d", what, n, want)
			}
		}
		isSealed := func(err error) {
			t.Helper()
			var trouble *TroubleError
			if !errors.As(err, &trouble) || trouble.Trouble.Code != status.CodeKeyring {
				t.Errorf("%v, want keyring trouble", err)
			}
		}
		isSealed(d.Check(t.Context()))
		asked("the start", 1)
		for range 9 { // minutes
			isSealed(d.Recheck(t.Context()))
			if err := errors.Join(d.Changed(t.Context()), d.Prepare(t.Context())); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		asked("nine minutes of other networks and windows", 1)
		if l := d.Snapshot().Connection; l != status.Trouble {
			t.Errorf("meanwhile the link is %s", l)
		}
		_, err := d.Dial(t.Context(), planFor("7102"))
		isSealed(err)
		asked("a dial", 2)
		time.Sleep(keyringPause)
		isSealed(d.Recheck(t.Context()))
		asked("ten minutes later", 3)

		keyring.opens.Store(true)
		for _, check := range []func(context.Context) error{d.Check, d.Recheck} {
			var trouble *TroubleError // the PBX here grants nothing
			if err := check(t.Context()); !errors.As(err, &trouble) || trouble.Trouble.Code == status.CodeKeyring {
				t.Errorf("with an open keyring: %v", err)
			}
		}
		asked("the keyring was opened", 5)
	})
}

// promptingStore is a keyring that asks a person for its password, who answers when the
// test says.
type promptingStore struct {
	failingStore
	answer chan error
	opened chan struct{} // AwaitOpen waits for it
	gaveUp atomic.Int32
}

func (a *promptingStore) Get(ctx context.Context, _ string) (string, error) {
	secret.Prompting(ctx, true)
	defer secret.Prompting(ctx, false)
	select {
	case err := <-a.answer:
		return pbxsim.Secret, err
	case <-ctx.Done():
		a.gaveUp.Add(1)
		return "", ctx.Err()
	}
}

func (a *promptingStore) AwaitOpen(ctx context.Context) error {
	select {
	case <-a.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestKeyringWaitsForThePerson: a call that needs the keyring's password is placed
// when it was typed, and meanwhile the Snapshot says what is waited for; a new network
// does not take the prompt away.
func TestKeyringWaitsForThePerson(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(noSpecialAnswer))
		keyring := &promptingStore{answer: make(chan error)}
		d.secrets = keyring
		done := make(chan error)
		go func() {
			_, err := d.Dial(t.Context(), planFor("7102"))
			done <- err
		}()
		for range 11 {
			time.Sleep(10 * time.Second)
			if err := d.Changed(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := d.Snapshot(); s.Connection != status.Trouble || s.Trouble == nil || s.Trouble.Code != status.CodeKeyringAsks {
				t.Fatalf("while it asks: %s, %+v", s.Connection, s.Trouble)
			}
		}
		keyring.answer <- nil
		if err := <-done; err != nil || keyring.gaveUp.Load() != 0 {
			t.Errorf("the call: %v; the prompt was taken away %d times", err, keyring.gaveUp.Load())
		}
		if s := d.Snapshot(); s.Connection != status.Connected || s.Trouble != nil {
			t.Errorf("afterwards: %s, %+v", s.Connection, s.Trouble)
		}
	})
}

// TestKeyringOpensLater: the trouble with the keyring ends by itself when it opens.
func TestKeyringOpensLater(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(rightsHandler))
		keyring := &promptingStore{answer: make(chan error), opened: make(chan struct{})}
		d.secrets = keyring
		go func() { keyring.answer <- secret.ErrUnavailable }()
		if err := d.Check(t.Context()); err == nil {
			t.Fatal("it works with a locked keyring")
		}
		time.Sleep(time.Hour)
		if s := d.Snapshot(); s.Trouble == nil || s.Trouble.Code != status.CodeKeyring {
			t.Errorf("while it is locked: %s, %+v", s.Connection, s.Trouble)
		}
		close(keyring.opened)
		keyring.answer <- nil
		synctest.Wait()
		time.Sleep(time.Second)
		if s := d.Snapshot(); s.Connection != status.Ready || s.Trouble != nil {
			t.Errorf("after it opened: %s, %+v", s.Connection, s.Trouble)
		}
	})
}

// TestKeyringAsksForNobody: the prompt is taken away when the call that needed it is
// given up, unless something else waits for it.
func TestKeyringAsksForNobody(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(noSpecialAnswer))
		keyring := &promptingStore{answer: make(chan error)}
		d.secrets = keyring
		dial := func() {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := d.Dial(ctx, planFor("7102")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("given up: %v", err)
			}
			synctest.Wait()
		}
		dial()
		if s := d.Snapshot(); keyring.gaveUp.Load() != 1 || s.Trouble == nil || s.Trouble.Code != status.CodeKeyring {
			t.Errorf("given up %d times: %s, %+v", keyring.gaveUp.Load(), s.Connection, s.Trouble)
		}
		go func() { _ = d.Check(t.Context()) }()
		dial()
		if s := d.Snapshot(); keyring.gaveUp.Load() != 1 || s.Trouble == nil || s.Trouble.Code != status.CodeKeyringAsks {
			t.Errorf("given up %d times, but the check waits: %s, %+v", keyring.gaveUp.Load(), s.Connection, s.Trouble)
		}
		keyring.answer <- nil
		synctest.Wait()
	})
}
