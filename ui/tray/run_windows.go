//go:build windows

package tray

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"fyne.io/systray"
)

func (t *Tray) run(ctx context.Context, shown func()) error {
	var work sync.WaitGroup
	defer work.Wait()
	prepare(t)
	made := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The window that gets the clicks belongs to the thread that made it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		systray.Run(func() { close(made) }, nil)
	}()
	select {
	case <-made:
		shown()
		newMenu(ctx, t, &work).follow(ctx)
	case <-ctx.Done():
	}
	systray.Quit()
	select {
	case <-ended:
	case <-time.After(2 * time.Second): // where it could not be made it cannot be ended
	}
	return nil
}

// escapeLabel keeps an ampersand from becoming an access key.
func escapeLabel(s string) string { return strings.ReplaceAll(s, "&", "&&") }

// cutTooltip keeps room for the end of the string: the system's own buffer
// holds 128 units.
func cutTooltip(s string) string {
	for len(utf16.Encode([]rune(s))) > 127 {
		r := []rune(s)
		s = string(r[:len(r)-1])
	}
	return s
}

// Hosted reports whether a tray icon would be seen: always, here.
func Hosted(context.Context) (bool, error) { return true, nil }

// WaitHost returns nil when a tray icon would be seen: at once, here.
func WaitHost(context.Context) error { return nil }
