package dialer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/ami/amitest"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// sealed is a keyring whose prompt is dismissed each time it is asked.
type sealed struct {
	failing
	asked atomic.Int32
	opens atomic.Bool
}

func (s *sealed) Get(context.Context, string) (string, error) {
	s.asked.Add(1)
	if s.opens.Load() {
		return amitest.Secret, nil
	}
	return "", secret.ErrUnavailable
}

// TestKeyringIsAskedOnce: a prompt that was dismissed comes back when a person
// wants to dial or to see the login, and for nothing else within ten minutes.
func TestKeyringIsAskedOnce(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.LinkOnDemand, scripted(obedient))
		keyring := &sealed{}
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
		if l := d.Snapshot().Link; l != status.LinkTrouble {
			t.Errorf("meanwhile the link is %s", l)
		}
		_, err := d.Dial(t.Context(), planFor("7102"))
		isSealed(err)
		asked("a dial", 2)
		time.Sleep(keyringQuiet)
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
