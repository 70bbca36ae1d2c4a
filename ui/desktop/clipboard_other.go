//go:build !linux && !freebsd && !openbsd && !netbsd && !windows && !darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
)

func readClipboard(context.Context) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", ErrNoClipboard, errors.ErrUnsupported)
}

const (
	selectionTime   = clipboardTime
	copiesSelection = false
)

func readSelection(ctx context.Context, _ bool) ([]byte, error) { return readClipboard(ctx) }

func readsUnseen() bool { return true }
