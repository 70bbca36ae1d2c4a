// Package secret keeps the AMI user's password in the desktop's keyring, or,
// where there is none, in memory until the program ends. There is no third
// place: nothing here writes to a disk.
//
// A keyring can block for ever: one that is locked waits for a person who may not be
// there, and a service that hangs does not answer at all. Every call has a
// limit, and while one call hangs the next ones fail at once instead of
// piling up behind it.
//
// All stores are safe for concurrent use; their methods block until the keyring
// has answered, the context has ended, or five seconds are over, whichever
// comes first; but a keyring that shows a prompt may wait two minutes for the
// person. Cancelling the context takes the prompt away. The tests run against a real
// gnome-keyring, unlocked, locked and frozen, each on a message bus of its own.
package secret

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// Store holds secrets by key.
type Store interface {
	// Get returns the secret, or ErrNotFound.
	Get(ctx context.Context, key string) (string, error)
	// Set stores a secret in the place of an earlier one.
	Set(ctx context.Context, key, secret string) error
	// Delete removes a secret. It is no error if there is none.
	Delete(ctx context.Context, key string) error
}

// Awaiter is a Store that reports when to try again.
type Awaiter interface {
	// AwaitOpen blocks until a keyring that was locked, not there or frozen has
	// opened, and returns nil then; errors.ErrUnsupported where that is not known.
	AwaitOpen(ctx context.Context) error
}

var (
	// ErrNotFound: the store answered, and has no such secret.
	ErrNotFound = status.NewError(status.CodeSecretMissing, "secret: none stored")
	// ErrUnavailable is for a keyring that is not there, stays locked, or fails.
	ErrUnavailable = status.NewError(status.CodeKeyring, "secret: no keyring")
	// ErrNone is the ErrUnavailable of a session that has no keyring at all.
	ErrNone = status.NewError(status.CodeKeyring, "secret: no keyring in this session")
	// ErrTimeout is for a keyring that does not answer.
	ErrTimeout = status.NewError(status.CodeKeyring, "secret: the keyring does not answer")
	// ErrBadSecret: AMI could not transport this secret.
	ErrBadSecret = status.NewError(status.CodeSecretBad, "secret: not usable as a password")
)

// MaxLen is the length of the longest secret in bytes.
const MaxLen = 512

// Check tells whether secret can be sent over AMI at all: it may not be empty,
// longer than MaxLen, or hold a character that would end its header.
func Check(secret string) error {
	if secret == "" || len(secret) > MaxLen || strings.ContainsAny(secret, "\r\n\x00") || !utf8.ValidString(secret) {
		return ErrBadSecret
	}
	return nil
}

// Key is the name an account's secret is stored under: user@host:port. A
// person who changes one of the three is asked for the password again.
func Key(a config.Account) string {
	a = a.Normalized()
	return a.Username + "@" + net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
}

type memory struct {
	mu      sync.Mutex // guards secrets
	secrets map[string]string
}

// Memory is a store that ends with the program.
func Memory() Store { return newMemory() }

func newMemory() *memory { return &memory{secrets: make(map[string]string)} }

func (m *memory) Get(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.secrets[key]; ok {
		return s, nil
	}
	return "", ErrNotFound
}

func (m *memory) Set(_ context.Context, key, secret string) error {
	if err := Check(secret); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[key] = secret
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets, key)
	return nil
}
