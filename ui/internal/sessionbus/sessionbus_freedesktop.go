//go:build linux || freebsd || openbsd || netbsd

package sessionbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// ErrNone says that no bus is there, or that it takes no connection.
var ErrNone = errors.New("no session bus")

// Connect makes a connection that lasts until it is closed or life ends. It blocks
// for patience at most, or until ctx ends. It never starts a bus, which would be one
// that no other program uses. Without a bus the error is ErrNone. It is safe for
// concurrent use. A message of another program that is longer than 64 KiB comes without
// its body, and a bus that takes nothing for two seconds ends the connection.
func Connect(ctx, life context.Context, patience time.Duration) (*dbus.Conn, error) {
	life, cancel := context.WithCancel(life)
	ctx, inTime := context.WithTimeout(ctx, patience)
	defer inTime()
	stop := context.AfterFunc(ctx, cancel) // ends a handshake that takes too long
	conn, err := dialBounded(ctx, dbus.WithContext(life))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !stop() {
		err = context.Cause(ctx) // the connection was closed by cancel
	}
	if err != nil {
		_ = conn.Close()
		cancel()
		return nil, fmt.Errorf("session bus: %w", err)
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}
