//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// openingOnce is how close the two signs are by which a menu that is opened is
// known: some panels give both.
const openingOnce = 300 * time.Millisecond

// followOpening calls Opening whenever the menu is about to be seen, until ctx
// ends; for a panel that came anew it sends on refill, too. The library tells of
// panels that say so afterwards; those on GTK only ask beforehand, which the library
// does not report, so that overhear listens for it.
func (t *Tray) followOpening(ctx context.Context, refill chan<- struct{}) {
	asked, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(done)
		if err := overhear(ctx, asked, refill); err != nil && ctx.Err() == nil {
			t.log.Debug("tray: it is not told that the menu opens", "err", err)
		}
	}()
	defer func() { <-done }()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		case <-systray.TrayOpenedCh:
		}
		if now := time.Now(); now.Sub(last) >= openingOnce {
			last = now
			t.click(t.actions.Opening)
		}
	}
}

// What is overheard, and nothing else: for anything else the bus does not wake us.
const (
	toShow = "type='method_call',interface='com.canonical.dbusmenu',path='/StatusNotifierItem/menu',destination='%s',member='%s'"
	panels = "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" + watcherName + "'"
)

// overhear sends on asked whenever a panel asks whether the menu is ready to be
// shown, and for the first time of a panel that came since then on refill, until
// ctx ends. It fails where the bus lets nobody listen, and when the bus goes away.
func overhear(ctx context.Context, asked, refill chan<- struct{}) error {
	conn, err := sessionBus(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	inTime, cancel := context.WithTimeout(ctx, busPatience)
	defer cancel()
	var library string // its connection
	err = conn.BusObject().CallWithContext(inTime, "org.freedesktop.DBus.GetNameOwner", 0,
		fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid())).Store(&library)
	if err != nil {
		return fmt.Errorf("tray: asking for our icon: %w", err)
	}
	rules := []string{
		// The library counts its changes where the version of the interface belongs;
		// after a few GTK's side takes it for one in which several lines are asked for at once.
		fmt.Sprintf(toShow, library, "AboutToShow"), fmt.Sprintf(toShow, library, "AboutToShowGroup"), panels,
	}
	err = conn.BusObject().CallWithContext(inTime, "org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err
	if err != nil {
		return fmt.Errorf("tray: listening for the menu: %w", err)
	}
	messages := make(chan *dbus.Message, 8)
	conn.Eavesdrop(messages)
	defer conn.Eavesdrop(nil) // before Close, after which the library may still send on it
	anew := false             // a panel came that has not asked yet
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, ok := <-messages:
			if !ok {
				return fmt.Errorf("tray: listening for the menu: %w", dbus.ErrClosed)
			}
			switch {
			case m.Type == dbus.TypeSignal:
				anew = anew || m.Headers[dbus.FieldMember].Value() == "NameOwnerChanged"
			case m.Type == dbus.TypeMethodCall && asksForMenu(m.Body):
				if anew {
					anew = false
					notify(refill)
				}
				notify(asked)
			}
		}
	}
}

// asksForMenu reports whether the arguments are those for the menu itself, not for
// a submenu.
func asksForMenu(args []any) bool {
	if len(args) != 1 {
		return false
	}
	switch ids := args[0].(type) {
	case int32:
		return ids == 0
	case []int32:
		return slices.Contains(ids, 0)
	}
	return false
}

// notify sends on a channel of capacity 1 without ever blocking.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
