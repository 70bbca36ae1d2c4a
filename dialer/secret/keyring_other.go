//go:build !linux

package secret

import (
	"context"
	"errors"
	"runtime"

	"github.com/zalando/go-keyring"
)

// systemKeyring is go-keyring's, which cannot be cancelled. macOS may ask the person
// without our knowing.
func systemKeyring() provider {
	p := provider{
		patience: patience,
		get: func(_ context.Context, key string, _ func(bool)) (string, error) {
			s, err := keyring.Get(service, key)
			return s, ours(err)
		},
		set: func(_ context.Context, key, secret string, _ func(bool)) error {
			return ours(keyring.Set(service, key, secret))
		},
		delete: func(_ context.Context, key string, _ func(bool)) error { return ours(keyring.Delete(service, key)) },
	}
	if runtime.GOOS == "darwin" {
		p.patience = promptTime
	}
	return p
}

func ours(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
