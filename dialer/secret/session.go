package secret

import (
	"context"
	"errors"
	"sync"
)

// Where is the place a secret is kept in.
type Where string

const (
	InKeyring Where = "keyring"
	InSession Where = "session" // gone when the program ends
	Nowhere   Where = ""
)

// SessionStore is a keyring, and memory that replaces it, until the program ends,
// where the keyring fails.
type SessionStore struct {
	keyring Store
	memory  *memory

	mu    sync.Mutex // guards where
	where map[string]Where
}

// Session makes a SessionStore. With nil it has only memory.
func Session(keyring Store) *SessionStore {
	return &SessionStore{keyring: keyring, memory: newMemory(), where: make(map[string]Where)}
}

// Where reports where the secret of key was last stored or found.
func (s *SessionStore) Where(key string) Where {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.where[key]
}

func (s *SessionStore) put(key string, w Where) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.where[key] = w
}

// Get looks into memory first: what is there was typed after the keyring failed.
func (s *SessionStore) Get(ctx context.Context, key string) (string, error) {
	secret, err := s.memory.Get(ctx, key)
	if err == nil {
		s.put(key, InSession)
		return secret, nil
	}
	if s.keyring == nil {
		return "", ErrNotFound
	}
	secret, err = s.keyring.Get(ctx, key)
	switch {
	case err == nil:
		s.put(key, InKeyring)
	case errors.Is(err, ErrNotFound):
		s.put(key, Nowhere)
	}
	return secret, err
}

// Set puts the secret into the keyring, or into memory where the keyring does
// not take it. Only a bad secret, or the end of ctx, is an error; Where reports which
// of the two it was.
func (s *SessionStore) Set(ctx context.Context, key, secret string) error {
	if err := Check(secret); err != nil {
		return err
	}
	if s.keyring != nil {
		err := s.keyring.Set(ctx, key, secret)
		if err == nil {
			s.put(key, InKeyring)
			return s.memory.Delete(ctx, key) // otherwise Get would find the old one there
		}
		if !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrTimeout) {
			return err
		}
	}
	s.put(key, InSession)
	return s.memory.Set(ctx, key, secret)
}

// Recheck drops what is remembered for key if the keyring has a secret for it
// by now: another program put a newer one there.
func (s *SessionStore) Recheck(ctx context.Context, key string) {
	if s.keyring == nil {
		return
	}
	if _, err := s.keyring.Get(ctx, key); err == nil {
		_ = s.memory.Delete(ctx, key)
	}
}

// Delete forgets the secret in both places. An error means that the keyring
// may still have it.
func (s *SessionStore) Delete(ctx context.Context, key string) error {
	if err := s.memory.Delete(ctx, key); err != nil {
		return err
	}
	s.put(key, Nowhere)
	if s.keyring == nil {
		return nil
	}
	return s.keyring.Delete(ctx, key)
}

// AwaitOpen implements Awaiter.
func (s *SessionStore) AwaitOpen(ctx context.Context) error {
	if a, ok := s.keyring.(Awaiter); ok {
		return a.AwaitOpen(ctx)
	}
	return errors.ErrUnsupported
}
