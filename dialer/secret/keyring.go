package secret

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// service is what the secrets are filed under in the keyring.
const service = "cornetta"

// patience is how long a keyring may take when the context sets no deadline.
const patience = 5 * time.Second

// provider is what go-keyring does; its calls may block for ever.
type provider struct {
	get    func(key string) (string, error)
	set    func(key, secret string) error
	delete func(key string) error
}

// Keyring is the desktop's keyring: the Secret Service, macOS's Keychain, or
// Windows' Credential Manager.
func Keyring() Store {
	return newKeyring(provider{
		get: func(key string) (string, error) {
			if err := reachable(); err != nil {
				return "", err
			}
			return keyring.Get(service, key)
		},
		set: func(key, secret string) error {
			if err := reachable(); err != nil {
				return err
			}
			return keyring.Set(service, key, secret)
		},
		delete: func(key string) error {
			if err := reachable(); err != nil {
				return err
			}
			return keyring.Delete(service, key)
		},
	})
}

type keyringStore struct {
	provider provider
	turn     chan struct{} // holds one while a call is under way

	mu   sync.Mutex // guards what follows
	hung *request   // the call that has the turn and that nobody waits for any more
}

// request is one call of the provider.
type request struct {
	answer chan result
	done   bool // guarded by keyringStore.mu
}

type result struct {
	secret string
	err    error
}

func newKeyring(p provider) *keyringStore {
	return &keyringStore{provider: p, turn: make(chan struct{}, 1)}
}

func (k *keyringStore) Get(ctx context.Context, key string) (string, error) {
	return k.do(ctx, func() (string, error) { return k.provider.get(key) })
}

func (k *keyringStore) Set(ctx context.Context, key, secret string) error {
	if err := Check(secret); err != nil {
		return err
	}
	_, err := k.do(ctx, func() (string, error) { return "", k.provider.set(key, secret) })
	return err
}

func (k *keyringStore) Delete(ctx context.Context, key string) error {
	_, err := k.do(ctx, func() (string, error) { return "", k.provider.delete(key) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// do makes one call. A goroutine is lost to a call that hangs, for as long as
// it does; there is never a second one.
func (k *keyringStore) do(ctx context.Context, call func() (string, error)) (string, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	if k.isHung() {
		return "", ErrTimeout
	}
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ended(ctx)
	}
	r := &request{answer: make(chan result, 1)}
	go func() {
		secret, err := guarded(call)
		k.finish(r)
		r.answer <- result{secret, err}
	}()
	select {
	case a := <-r.answer:
		switch {
		case a.err == nil:
			return a.secret, nil
		case errors.Is(a.err, keyring.ErrNotFound):
			return "", ErrNotFound
		}
		return "", fmt.Errorf("%w: %w", ErrUnavailable, a.err)
	case <-ctx.Done():
		k.abandon(r)
		return "", ended(ctx)
	}
}

// guarded turns a panic into an error. go-keyring takes the answer of a prompt
// apart unchecked, and there is none when the message bus goes away meanwhile.
func guarded(call func() (string, error)) (secret string, err error) {
	defer func() {
		if p := recover(); p != nil {
			secret, err = "", fmt.Errorf("the keyring failed: %v", p)
		}
	}()
	return call()
}

func (k *keyringStore) isHung() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.hung != nil
}

func (k *keyringStore) finish(r *request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.done, k.hung = true, nil
	<-k.turn
}

func (k *keyringStore) abandon(r *request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !r.done {
		k.hung = r
	}
}

func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return fmt.Errorf("secret: %w", ctx.Err())
}
