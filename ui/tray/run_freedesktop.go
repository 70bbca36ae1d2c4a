//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"
)

func (t *Tray) run(ctx context.Context, shown func()) error {
	shown = sync.OnceFunc(shown)
	if err := t.serve(ctx, shown); err != nil && ctx.Err() == nil {
		t.log.Debug("tray: nothing can be shown", "err", err)
		shown()
		<-ctx.Done()
	}
	return nil
}

// serve shows the icon until ctx ends; it fails where there is no session bus,
// and when that goes away, as sessions end.
func (t *Tray) serve(ctx context.Context, shown func()) error {
	conn, err := sessionBus(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // the icon goes with it
	panels := make(chan *dbus.Signal, 8)
	conn.Signal(panels)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName))
	if err != nil {
		return err
	}
	it, err := newIndicator(conn, t, t.latest())
	if err != nil {
		return err
	}
	it.register()
	shown()
	return it.follow(ctx, panels)
}
