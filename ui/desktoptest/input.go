//go:build linux

package desktoptest

import (
	"context"
	"os/exec"
	"strconv"
	"strings"

	"github.com/jezek/xgb/xproto"
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

// Copy puts text on the clipboard, as copying it in another program does. args
// are xclip's, such as "-t", "image/png".
func (d *Desktop) Copy(text string, args ...string) {
	d.tb.Helper()
	d.own("CLIPBOARD", text, args)
}

// Select makes text the primary selection, as highlighting it in another
// program does.
func (d *Desktop) Select(text string, args ...string) {
	d.tb.Helper()
	d.own("PRIMARY", text, args)
}

// own runs xclip, which goes on in the background for as long as it owns the
// selection.
func (d *Desktop) own(selection, text string, args []string) {
	d.tb.Helper()
	if _, err := exec.LookPath("xclip"); err != nil {
		requireOrSkip(d.tb, "xclip (package xclip)")
	}
	owner := func() xproto.Window {
		reply, err := xproto.GetSelectionOwner(d.x, d.atom(selection)).Reply()
		if err != nil {
			d.tb.Fatalf("desktoptest: the owner of %s: %v", selection, err)
		}
		return reply.Owner
	}
	before := owner()
	cmd := d.Command("xclip", append([]string{"-i", "-selection", selection}, args...)...)
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		d.tb.Fatalf("desktoptest: xclip: %v", err)
	}
	d.Wait("xclip to own "+selection, func() bool {
		now := owner()
		return now != before && now != xproto.WindowNone
	})
}
