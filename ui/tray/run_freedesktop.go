//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"fyne.io/systray"
)

func (t *Tray) run(ctx context.Context) error {
	// The library would start a bus where there is none and falls over when it
	// ends without one, so that it is only let near a bus that answers.
	conn, err := sessionBus(ctx)
	if err != nil {
		t.log.Debug("tray: nothing can be shown", "err", err)
		<-ctx.Done()
		return nil
	}
	_ = conn.Close() // it was only to see

	var work sync.WaitGroup
	defer work.Wait()
	prepare(t)
	m := newMenu(ctx, t, &work)
	m.show(t.latest()) // so that the icon appears as it should be
	start, end := systray.RunWithExternalLoop(nil, nil)
	start()
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
