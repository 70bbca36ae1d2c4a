//go:build linux || freebsd || openbsd || netbsd

package sessionbus

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// Connect makes a connection that lasts until it is closed or life ends. It fails
// within patience, or when ctx ends. It never starts a bus: one that nobody
// listens on helps nobody.
func Connect(ctx, life context.Context, patience time.Duration) (*dbus.Conn, error) {
	life, cancel := context.WithCancel(life)
	ctx, inTime := context.WithTimeout(ctx, patience)
	defer inTime()
	keep := context.AfterFunc(ctx, cancel) // ends a handshake that takes too long
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(life))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("session bus: %w", err)
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !keep() {
		err = context.Cause(ctx) // what came of it is a connection that is closed
	}
	if err != nil {
		_ = conn.Close()
		cancel()
		return nil, fmt.Errorf("session bus: %w", err)
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}
