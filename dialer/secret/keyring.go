package secret

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// service is the name of our items in the keyring.
const service = "cornetta"

const (
	// patience is how long a keyring has to answer.
	patience = 5 * time.Second
	// promptTime is how long it may wait for a person whom it asks for its password.
	promptTime = 2 * time.Minute
)

// provider is the system's keyring. Its calls may block for ever; where they can be
// cancelled they end with ctx. prompting is called when the keyring begins to ask a
// person, and when it no longer does.
type provider struct {
	patience  time.Duration
	get       func(ctx context.Context, key string, prompting func(bool)) (string, error)
	set       func(ctx context.Context, key, secret string, prompting func(bool)) error
	delete    func(ctx context.Context, key string, prompting func(bool)) error
	awaitOpen func(ctx context.Context) error // nil: not possible on this system
}

// Keyring is the desktop's keyring: the Secret Service, macOS's Keychain, or
// Windows' Credential Manager.
func Keyring() Store { return newKeyring(systemKeyring()) }

// Standing is how a keyring stands.
type Standing struct {
	Kind   string // the program behind it, or the system's name for it; "" where that is not known
	Locked bool   // a read would ask the person for its password
}

type keyringStore struct {
	provider provider
	token    chan struct{} // full while a call is under way

	mu      sync.Mutex    // guards what follows
	hung    *request      // the call under way, once nobody waits for it any more
	prompt  bool          // the call under way waits for a person
	changed chan struct{} // closed when prompt changes
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
	return &keyringStore{provider: p, token: make(chan struct{}, 1), changed: make(chan struct{})}
}

func (k *keyringStore) Get(ctx context.Context, key string) (string, error) {
	return k.do(ctx, func(ctx context.Context) (string, error) { return k.provider.get(ctx, key, k.prompting) })
}

func (k *keyringStore) Set(ctx context.Context, key, secret string) error {
	if err := Check(secret); err != nil {
		return err
	}
	_, err := k.do(ctx, func(ctx context.Context) (string, error) { return "", k.provider.set(ctx, key, secret, k.prompting) })
	return err
}

func (k *keyringStore) Delete(ctx context.Context, key string) error {
	_, err := k.do(ctx, func(ctx context.Context) (string, error) { return "", k.provider.delete(ctx, key, k.prompting) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// AwaitOpen implements Awaiter.
func (k *keyringStore) AwaitOpen(ctx context.Context) error {
	if k.provider.awaitOpen == nil {
		return errors.ErrUnsupported
	}
	return k.provider.awaitOpen(ctx)
}

// do makes one call. A call that hangs keeps a goroutine for as long as it does; there
// is never a second one.
func (k *keyringStore) do(ctx context.Context, call func(context.Context) (string, error)) (string, error) {
	if k.isHung(ctx) {
		return "", ErrTimeout
	}
	w := k.newWait(ctx)
	defer w.end()
	for turn := k.token; turn != nil; {
		select {
		case turn <- struct{}{}:
			turn = nil
		case <-w.changed:
			w.update()
		case <-w.timer.C:
			return "", ErrTimeout
		case <-ctx.Done():
			return "", ended(ctx)
		}
	}
	w.update() // from now on the prompt is this call's
	r := &request{answer: make(chan result, 1)}
	calling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer cancel()
		secret, err := guarded(calling, call)
		k.finish(r)
		r.answer <- result{secret, err}
	}()
	for {
		select {
		case a := <-r.answer:
			if a.err == nil || errors.Is(a.err, ErrNotFound) {
				return a.secret, a.err
			}
			return "", fmt.Errorf("%w: %w", ErrUnavailable, a.err)
		case <-w.changed:
			w.update()
		case <-w.timer.C:
			k.abandon(r)
			return "", ErrTimeout
		case <-ctx.Done():
			if w.prompt && errors.Is(ctx.Err(), context.Canceled) {
				cancel() // takes the prompt away before the next call
				select {
				case <-r.answer:
				case <-time.After(time.Second):
				}
			}
			k.abandon(r)
			return "", ended(ctx)
		}
	}
}

// guarded turns a panic into an error: go-keyring does not check the answers it gets.
func guarded(ctx context.Context, call func(context.Context) (string, error)) (secret string, err error) {
	defer func() {
		if p := recover(); p != nil {
			secret, err = "", fmt.Errorf("the keyring failed: %v", p)
		}
	}()
	return call(ctx)
}

// wait is how long a caller waits for a call: until its context ends, or patience,
// or, while the keyring asks a person, as long as the provider allows.
type wait struct {
	k       *keyringStore
	limited bool // by the context
	timer   *time.Timer
	changed <-chan struct{}
	ctx     context.Context
	prompt  bool
}

func (k *keyringStore) newWait(ctx context.Context) *wait {
	w := &wait{k: k, ctx: ctx, timer: time.NewTimer(k.provider.patience)}
	_, w.limited = ctx.Deadline()
	w.update()
	return w
}

// update notes that a prompt appeared or went away; from then on the keyring has
// patience again.
func (w *wait) update() {
	w.k.mu.Lock()
	prompt := w.k.prompt
	w.changed = w.k.changed
	w.k.mu.Unlock()
	if prompt || w.limited {
		w.timer.Stop()
	} else {
		w.timer.Reset(w.k.provider.patience)
	}
	w.report(prompt)
}

func (w *wait) report(prompt bool) {
	if w.prompt != prompt {
		Prompting(w.ctx, prompt)
	}
	w.prompt = prompt
}

func (w *wait) end() {
	w.timer.Stop()
	w.report(false)
}

type hookKey struct{}

// OnPrompt returns a context whose calls to a Store tell f when the keyring begins
// to wait for a person, and when it no longer does. f is called by the goroutine
// that calls the Store.
func OnPrompt(ctx context.Context, f func(open bool)) context.Context {
	return context.WithValue(ctx, hookKey{}, f)
}

// Prompting calls the function that was given to OnPrompt for ctx, if any. Stores
// call it.
func Prompting(ctx context.Context, open bool) {
	if f, ok := ctx.Value(hookKey{}).(func(bool)); ok {
		f(open)
	}
}

// prompting is called by the provider when its prompt appears or goes away.
func (k *keyringStore) prompting(open bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.prompt = open
	close(k.changed)
	k.changed = make(chan struct{})
}

// isHung reports whether a call would wait for a call that hangs. It can wait for one
// whose prompt nobody waits for any more, because that is taken away.
func (k *keyringStore) isHung(ctx context.Context) bool {
	_, short := ctx.Deadline()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.hung != nil && (short || !k.prompt)
}

func (k *keyringStore) finish(r *request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.done, k.hung = true, nil
	<-k.token
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
