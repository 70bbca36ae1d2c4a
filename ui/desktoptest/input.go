//go:build linux

package desktoptest

import (
	"context"
	"os/exec"
	"strconv"
)

// Type types text on the keyboard; it goes to whatever has the focus.
func (d *Desktop) Type(text string) {
	d.tb.Helper()
	d.input("type", "--delay", "12", "--", text)
}

// Key presses and releases keys one after the other, by their X names:
// "Return", "Escape", "ctrl+a".
func (d *Desktop) Key(names ...string) {
	d.tb.Helper()
	d.input(append([]string{"key", "--delay", "12", "--"}, names...)...)
}

// ClickAt presses and releases a mouse button (1 left, 2 middle, 3 right) at a
// point of the screen.
func (d *Desktop) ClickAt(x, y, button int) {
	d.tb.Helper()
	d.input("mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", strconv.Itoa(button))
}

// MoveTo moves the mouse pointer.
func (d *Desktop) MoveTo(x, y int) {
	d.tb.Helper()
	d.input("mousemove", strconv.Itoa(x), strconv.Itoa(y))
}

// input runs xdotool.
func (d *Desktop) input(args ...string) {
	d.tb.Helper()
	ctx, cancel := context.WithTimeout(d.tb.Context(), Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = d.Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		d.tb.Fatalf("desktoptest: xdotool %q: %v\n%s", args, err, out)
	}
}
