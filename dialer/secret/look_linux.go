package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Look finds out how the keyring stands. It never asks the person, and reads no secret.
// It blocks for five seconds at most. The errors are ErrNone, ErrTimeout and
// ErrUnavailable.
func Look(ctx context.Context) (Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := look(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = ErrTimeout
	case !errors.Is(err, ErrNone):
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return s, err
}

func look(ctx context.Context) (s Standing, err error) {
	type connected struct {
		conn *dbus.Conn
		err  error
	}
	made := make(chan connected, 1)
	go func() { // a bus that is frozen keeps it until ctx ends
		conn, err := connect(dbus.WithContext(ctx))
		made <- connected{conn, err}
	}()
	var c connected
	select {
	case c = <-made:
	case <-ctx.Done():
		return s, ctx.Err()
	}
	if c.err != nil {
		return s, fmt.Errorf("%w: %w", ErrNone, c.err)
	}
	defer c.conn.Close()
	var locked dbus.Variant
	err = c.conn.Object(secretsName, collectionOn(ctx, c.conn, 0)).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, collInterface, "Locked").Store(&locked)
	if isError(err, "org.freedesktop.DBus.Error.ServiceUnknown") {
		return s, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if err != nil && ctx.Err() != nil {
		return s, err
	}
	var pid uint32
	if c.conn.BusObject().CallWithContext(ctx, busName+".GetConnectionUnixProcessID", 0, secretsName).Store(&pid) == nil {
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // without it the kind is not told
		name, _, _ = bytes.Cut(name, []byte{0})
		s.Kind = filepath.Base(strings.TrimSpace(string(name)))
	}
	s.Locked, _ = locked.Value().(bool)
	return s, err
}
