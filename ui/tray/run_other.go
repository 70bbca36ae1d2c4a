//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package tray

import (
	"context"
	"errors"
	"fmt"
)

var errNoTray = fmt.Errorf("tray: %w", errors.ErrUnsupported)

func (t *Tray) run(context.Context) error { return errNoTray }

// Hosted reports whether a tray icon would be seen: never, here.
func Hosted(context.Context) (bool, error) { return false, errNoTray }

// WaitHost returns nil when a tray icon would be seen: never, here.
func WaitHost(context.Context) error { return errNoTray }
