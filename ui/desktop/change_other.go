//go:build !linux && !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// watchChanges: nobody tells here. The Dialer itself notices that the computer
// slept, within a minute, and pings what it keeps open.
func watchChanges(context.Context, *slog.Logger, func(change)) (wait func(), err error) {
	return nil, fmt.Errorf("desktop: changes: %w", errors.ErrUnsupported)
}

func waysOut() []string { return nil }
