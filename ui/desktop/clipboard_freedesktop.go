//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"fmt"
	"os"
	"strings"
)

func readClipboard(ctx context.Context) ([]byte, error) {
	if onWayland() {
		return readWayland(ctx)
	}
	return readX11(ctx, "CLIPBOARD")
}

const (
	selectionTime   = clipboardTime
	copiesSelection = false
)

func readSelection(ctx context.Context, _ bool) ([]byte, error) {
	if onWayland() {
		return readWayland(ctx, "--primary")
	}
	return readX11(ctx, "PRIMARY")
}

// onWayland tells whether the desktop is Wayland's. X11 answers there too, for
// old programs, but does not see what the others do.
func onWayland() bool { return os.Getenv("WAYLAND_DISPLAY") != "" }

func readsUnseen() bool {
	return !onWayland() || !strings.Contains(os.Getenv("XDG_CURRENT_DESKTOP"), "GNOME")
}

// display is the X server to ask.
func display() (string, error) {
	name := os.Getenv("DISPLAY")
	if name == "" {
		return "", fmt.Errorf("%w: neither WAYLAND_DISPLAY nor DISPLAY is set", ErrNoClipboard)
	}
	return name, nil
}

// readWayland leaves the clipboard's protocol to wl-paste: compositors differ
// in which one they let a program without a window use.
func readWayland(ctx context.Context, args ...string) ([]byte, error) {
	args = append([]string{"--no-newline", "--type", "text"}, args...)
	return readCommand(ctx, "wl-clipboard", nil, []string{
		"Nothing is copied", "No selection", "No suitable type", "not available as requested type",
	}, "wl-paste", args...)
}
