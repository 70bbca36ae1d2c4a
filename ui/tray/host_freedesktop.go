//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ui/internal/sessionbus"
)

// The name under which a panel, or something on its behalf, takes icons.
const watcherName = "org.kde.StatusNotifierWatcher"

// busPatience is how long the session bus may take to answer.
const busPatience = 3 * time.Second

// sessionBus makes a connection of our own to the session bus, which lasts
// until it is closed. It never starts a bus.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := sessionbus.Connect(ctx, context.Background(), busPatience)
	if err != nil {
		return nil, fmt.Errorf("tray: %w", err)
	}
	return conn, nil
}

// hosted reports whether something is there to show a tray icon now. It blocks for
// busPatience at most.
func hosted(ctx context.Context, conn *dbus.Conn) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, busPatience)
	defer cancel()
	var owned bool
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&owned)
	if err != nil {
		return false, fmt.Errorf("tray: asking for a tray host: %w", err)
	}
	return owned, nil
}

// WaitHost blocks until something is there to show a tray icon, and then
// returns nil; it returns ctx's error when that ends first, and another where
// nothing can come (there is no session bus, or it went away). A panel may need
// some seconds after the start of a session.
func WaitHost(ctx context.Context) error {
	conn, err := sessionBus(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	changes := make(chan *dbus.Signal, 8)
	conn.Signal(changes)
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)); err != nil {
		return fmt.Errorf("tray: listening for a tray host: %w", err)
	}
	for {
		if ok, err := hosted(ctx, conn); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, ok := <-changes:
			if !ok {
				return fmt.Errorf("tray: listening for a tray host: %w", dbus.ErrClosed)
			}
		}
	}
}

// Hosted reports whether something is there to show a tray icon now. It blocks for some
// seconds at most; without a session bus it is an error.
func Hosted(ctx context.Context) (bool, error) {
	conn, err := sessionBus(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	return hosted(ctx, conn)
}
