//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"cornetta/ui/words"
)

// panelTakes is how long a panel may take to have the icon before it is taken to
// be there all the same.
const panelTakes = 50 * time.Millisecond

func (t *Tray) run(ctx context.Context) error {
	nothing := func(err error) error {
		t.log.Debug("tray: nothing can be shown", "err", err)
		t.isShown()
		<-ctx.Done()
		return nil
	}
	if err := busNamed(); err != nil {
		return nothing(err)
	}
	prepare(t)
	list := newBusMenu(func() { t.click(t.actions.Opening) })
	m := newMenu(t, list)
	m.show(t.latest()) // so that the icon appears as it should be
	start, end := systray.RunWithExternalLoop(nil, nil)
	started := make(chan error, 1)
	// With a bus that never answers this goes on until the process ends: the
	// library offers no way to stop it.
	go func() {
		err := guarded(start)
		if err == nil {
			var conn *dbus.Conn
			conn, err = dbus.SessionBus() // what the library has, or had no luck with and only logs
			if err == nil {
				err = list.serve(conn) // until now there was the library's menu, with nothing in it
			}
			if err == nil {
				// The library is just registering the icon. A question right behind that
				// is answered when the panel has it.
				soon, cancel := context.WithTimeout(ctx, panelTakes)
				_ = conn.Object(watcherName, "/StatusNotifierWatcher").CallWithContext(soon, "org.freedesktop.DBus.Properties.Get",
					dbus.FlagNoAutoStart, watcherName, "IsStatusNotifierHostRegistered").Err
				cancel()
			}
		}
		started <- err
	}()
	var err error
	select {
	case err = <-started:
	case <-ctx.Done():
		return nil
	case <-time.After(busPatience):
		err = errors.New("the session bus does not answer")
	}
	if err != nil {
		return nothing(err)
	}
	t.isShown()
	err = guarded(func() { m.follow(ctx) })
	if err != nil {
		t.log.Debug("tray: the session bus went away", "err", err)
		<-ctx.Done()
	}
	if err := guarded(end); err != nil {
		t.log.Debug("tray: the end", "err", err)
	}
	return nil
}

// busNamed makes sure that the library does not start a bus, which it would where
// the environment names none and none is found. One that is named is not tried
// beforehand: the bus would be busy with that connection when the library comes
// with its own, and the icon there a twentieth later.
func busNamed() error {
	if named := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); named != "" && named != "autolaunch:" {
		return nil
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup() // names it, too
	if err != nil {
		return err
	}
	return conn.Close()
}

// guarded calls f and returns its panic as an error: the library panics when
// the session bus is gone, which is the way sessions end.
func guarded(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("tray: %v", r)
		}
	}()
	f()
	return nil
}

// escapeLabel keeps an underscore from becoming an access key.
func escapeLabel(s string) string { return strings.ReplaceAll(s, "_", "__") }

func cutTooltip(s string) string { return s }

// roomy makes the title as wide as the longest number: an open menu of GTK does not
// grow, and would cut a number off.
func roomy(title string) string {
	room := OfferRoom + utf8.RuneCountInString(words.CopiedNumber(" ", true))
	return title + strings.Repeat(figureSpace, max(0, room-utf8.RuneCountInString(title)))
}

// figureSpace is as wide as a digit.
const figureSpace = "\u2007"
