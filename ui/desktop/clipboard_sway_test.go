//go:build linux

package desktop

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"cornetta/ui/desktoptest"
)

// startSway makes a Wayland compositor without a screen the desktop of the code
// under test.
func startSway(t *testing.T) {
	t.Helper()
	t.Setenv("WAYLAND_DISPLAY", desktoptest.StartSway(t))
	t.Setenv("DISPLAY", "")
	wait(t, "sway", func() bool {
		_, err := ReadClipboard(t.Context())
		return errors.Is(err, ErrClipboardEmpty)
	})
}

func TestClipboardSway(t *testing.T) {
	startSway(t)
	copied := func(text string, args ...string) {
		t.Helper()
		cmd := exec.Command("wl-copy", args...) // it goes on in the background
		cmd.Stdin = strings.NewReader(text)
		if err := cmd.Run(); err != nil {
			t.Fatalf("wl-copy %q: %v", args, err)
		}
	}
	long := strings.Repeat("0123456789abcdef", clipboardMax/16)
	for _, tc := range []struct {
		name, text string
		args       []string
		want       string
		err        error
	}{
		{"a number", "050 1234567", nil, "050 1234567", nil},
		{"a number and a line end", "050 1234567\n", nil, "050 1234567\n", nil},
		{"what is not UTF-8", "050\xff", nil, "050\xff", nil},
		{"a picture", "\x89PNG", []string{"--type", "image/png"}, "", ErrClipboardEmpty},
		{"as much as may be", long, nil, long, nil},
		{"a byte more", long + "x", nil, "", ErrClipboardTooLarge},
		{"nothing", "", []string{"--clear"}, "", ErrClipboardEmpty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, r := range readers {
				args := tc.args
				if r.selection == "PRIMARY" {
					args = append([]string{"--primary"}, args...)
				}
				copied(tc.text, args...)
				var text string
				var err error
				// wl-copy is back before the compositor has told everybody.
				wait(t, "the text that was copied", func() bool {
					text, err = r.read(t.Context())
					return text == tc.want && errors.Is(err, tc.err)
				})
			}
		})
	}
}

// On Wayland an X11 grab is answered and never fires: it must not be tried even
// where there is an X server too.
func TestHotkeyNeverByX11OnWayland(t *testing.T) {
	d := x11Desktop(t)
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.BusAddress()) // without a portal
	h := NewHotkeys(HotkeyOptions{})
	defer h.Close()
	wrong := h.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD})
	if !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("without a portal: %v", wrong)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	wrong = h.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD})
	if !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("without a bus: %v", wrong)
	}
}
