//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package desktop

import (
	"errors"
	"fmt"
)

// NewNotifier returns the Notifier of this system, which has none that
// Cornetta can use: the error is errors.ErrUnsupported.
func NewNotifier(Options) (Notifier, error) {
	return nil, fmt.Errorf("desktop: notifications: %w", errors.ErrUnsupported)
}
