//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
)

func canTry() bool { return true }

func openHotkeys(context.Context, HotkeyOptions) (backend, error) {
	return nil, fmt.Errorf("%w: %w", errNoHotkeys, errors.ErrUnsupported)
}
