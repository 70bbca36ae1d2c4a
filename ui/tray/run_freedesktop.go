//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"cornetta/ui/words"
)

func (t *Tray) run(ctx context.Context, shown func()) error {
	nothing := func(err error) error {
		t.log.Debug("tray: nothing can be shown", "err", err)
		shown()
		<-ctx.Done()
		return nil
	}
	// The library would start a bus where there is none. Whether the one that
	// there is answers is not asked beforehand: that would be a connection more,
	// and a third of the time until the icon is there.
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nothing(err)
	}
	_ = conn.Close() // it was only to see

	var work sync.WaitGroup
	defer work.Wait()
	prepare(t)
	m := newMenu(ctx, t, &work)
	m.show(t.latest()) // so that the icon appears as it should be
	start, end := systray.RunWithExternalLoop(nil, nil)
	started := make(chan error, 1)
	// With a bus that never answers this goes on until the process ends: the
	// library offers no way to stop it.
	go func() { started <- guarded(start) }()
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
	shown()
	work.Go(func() { t.followOpening(ctx, m.refill) })
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

// roomy keeps room for what the line for the clipboard will say: a menu of GTK
// that is open does not grow, and would show a number without its end.
func roomy(title string) string {
	room := OfferRoom + utf8.RuneCountInString(words.CopiedNumber(" ", true))
	return title + strings.Repeat(figureSpace, max(0, room-utf8.RuneCountInString(title)))
}

// figureSpace is as wide as a digit.
const figureSpace = "\u2007"
