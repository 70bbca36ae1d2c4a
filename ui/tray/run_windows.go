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
	"golang.org/x/sys/windows"
)

// leaveTime is what the program gets to end in order when the session ends.
const leaveTime = 2 * time.Second

// run also returns when somebody else closes the icon: a taskkill, or the end
// of the session.
func (t *Tray) run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	prepare(t)
	made, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		// The window that gets the clicks belongs to the thread that made it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		systray.Run(func() { close(made) }, func() {
			cancel() // unless it is we who close it, somebody else does
			if sessionEnds() {
				// Windows ends the process once its window has answered.
				time.Sleep(leaveTime)
			}
		})
	}()
	select {
	case <-made:
		t.isShown()
		newMenu(t, windowsMenu{ctx, &work}).follow(ctx)
	case <-ctx.Done():
	}
	systray.Quit()
	if sessionEnds() {
		return nil
	}
	select {
	case <-ended:
	case <-time.After(2 * time.Second): // where it could not be made it cannot be ended
	}
	return nil
}

// windowsMenu makes the library's lines. Nobody but the person clicks them, or reads them.
type windowsMenu struct {
	ctx  context.Context // ends the listening to clicks
	work *sync.WaitGroup
}

func (w windowsMenu) add(parent line, clicked func(bool)) line {
	var it *systray.MenuItem
	if parent == nil {
		it = systray.AddMenuItem("", "")
	} else {
		it = parent.(windowsLine).AddSubMenuItem("", "")
	}
	if clicked != nil {
		w.work.Go(func() {
			for {
				select {
				case <-w.ctx.Done():
					return
				case <-it.ClickedCh:
					clicked(true)
				}
			}
		})
	}
	return windowsLine{it}
}

func (windowsMenu) separator()             { systray.AddSeparator() }
func (windowsMenu) again() <-chan struct{} { return nil }
func (windowsMenu) retell()                {}

type windowsLine struct{ *systray.MenuItem }

func (l windowsLine) SetTitle(title, _ string) { l.MenuItem.SetTitle(title) }

// sessionEnds reports whether the person is logging off.
func sessionEnds() bool {
	const shuttingDown = 0x2000
	yes, _, _ := windows.NewLazySystemDLL("user32.dll").NewProc("GetSystemMetrics").Call(shuttingDown)
	return yes != 0
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

// roomy is the title: nothing tells here that the menu opens, so that the line for
// the clipboard never grows.
func roomy(title string) string { return title }

// Hosted reports whether a tray icon would be seen: always, here.
func Hosted(context.Context) (bool, error) { return true, nil }

// WaitHost returns nil when a tray icon would be seen: at once, here.
func WaitHost(context.Context) error { return nil }
