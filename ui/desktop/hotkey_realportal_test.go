//go:build linux

package desktop

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cornetta/ui/desktoptest"
)

// portalDesktop is a desktop with the real xdg-desktop-portal that the code
// under test takes for its own, and for one of Wayland.
func portalDesktop(t *testing.T, backend bool) *desktoptest.Portal {
	t.Helper()
	d := desktoptest.Start(t, desktoptest.WithoutTrayHost(), desktoptest.WithoutKeyring(), desktoptest.WithoutNotifications())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.BusAddress())
	return d.StartPortal(backend)
}

// TestHotkeyRealPortal: what the stand-in of the other tests promises is what
// the real portal does.
func TestHotkeyRealPortal(t *testing.T) {
	p := portalDesktop(t, true)
	k := newTold(t)
	wanted := map[string]Combination{"clipboard": ctrlAltD, "selection": {Super: true, Shift: true, Key: "PageUp"}}
	if wrong := k.Set(t.Context(), wanted); len(wrong) > 0 {
		t.Fatalf("wrong: %v", wrong)
	}
	want := []desktoptest.Shortcut{
		{ID: "clipboard", Description: "Dial the clipboard", Trigger: "CTRL+ALT+d"},
		{ID: "selection", Description: "Dial the selection", Trigger: "SHIFT+LOGO+Prior"},
	}
	if diff := cmp.Diff(want, p.Bound()); diff != "" {
		t.Error(diff)
	}
	p.Press("selection")
	p.Press("clipboard")
	for _, want := range []string{"selection", "clipboard"} {
		if got := next(t, k.pressed); got != want {
			t.Errorf("pressed %s, want %s", got, want)
		}
	}

	// Other keys are another session; the first one's are given back.
	if wrong := k.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD}); len(wrong) > 0 || p.Sessions() != 1 {
		t.Errorf("wrong %v, %d sessions", wrong, p.Sessions())
	}

	// The portal is restarted: the bus starts it again for us.
	p.End()
	if got := next(t, k.troubles); got != "clipboard: "+ErrHotkeysLost.Error() {
		t.Errorf("told %s", got)
	}
	if got := next(t, k.troubles); got != "clipboard: <nil>" {
		t.Errorf("told %s", got)
	}
	p.Press("clipboard")
	if got := next(t, k.pressed); got != "clipboard" || len(k.pressed) > 0 {
		t.Errorf("pressed %s and %d more", got, len(k.pressed))
	}

	p.CloseSessions()
	if got := next(t, k.troubles); got != "clipboard: "+ErrHotkeyRefused.Error() {
		t.Errorf("after the desktop took the keys away: %s", got)
	}
	p.Refuse(true)
	if wrong := k.Set(t.Context(), wanted); !errors.Is(wrong["clipboard"], ErrHotkeyRefused) {
		t.Errorf("the person said no: %v", wrong)
	}
	p.Refuse(false)
	if wrong := k.Set(t.Context(), wanted); len(wrong) > 0 {
		t.Errorf("the person thought again: %v", wrong)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	wait(t, "the keys to be given back", func() bool { return p.Sessions() == 0 })
}

// TestHotkeyRealPortalWithoutBackend is most Wayland desktops of today.
func TestHotkeyRealPortalWithoutBackend(t *testing.T) {
	portalDesktop(t, false)
	k := newTold(t)
	if wrong := k.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD}); !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("wrong: %v", wrong)
	}
}
