//go:build !linux && !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// watchChanges is not supported here. The Dialer itself notices within a minute that
// the computer slept, and pings a session that it keeps open.
func watchChanges(context.Context, *slog.Logger, func(change)) (wait func(), err error) {
	return nil, fmt.Errorf("desktop: changes: %w", errors.ErrUnsupported)
}

func waysOut() []string { return nil }
