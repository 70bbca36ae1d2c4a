//go:build linux

package main

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// TestTrayOffersTheClipboard: the menu says what it would dial, dials that and
// nothing else, and says so where there is nothing to dial.
func TestTrayOffersTheClipboard(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	item := s.tray("Ready")
	s.waitGrabbed() // from here on the test reads this desktop's clipboard, too
	line := func(label string, enabled bool) {
		t.Helper()
		s.WaitTrayMenu(item, label, func(m desktoptest.MenuItem) bool {
			return m.Visible && strings.TrimRight(m.Label, "\u2007") == label && m.Enabled == enabled
		})
	}
	open := func(label string, enabled bool) {
		t.Helper()
		s.OpenTrayMenu(item)
		line(label, enabled)
		s.look(label)
	}
	line("Dial clipboard", true) // before anybody looked nothing was read

	open("Dial clipboard", false) // nothing was copied
	s.Key("Escape")
	s.Copy(copiedNumber)
	open("Dial clipboard: 0 050 123407", true)
	s.Key("Down", "Down", "Return")
	s.waitState(call.InCall)
	if n := originated(pbx); n != dialled {
		t.Errorf("dialled %q", n)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)

	// Copied since: what was read is not what would be dialled, so nothing is.
	s.Copy("050 123402")
	open("Dial clipboard: 0 050 123402", true)
	s.Copy("050 123403")
	s.Key("Down", "Down", "Return")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	s.look("copied since")
	s.entry("0050123403")
	s.Key("Escape")
	w.WaitGone()

	s.Copy(premium)
	open("Dial clipboard: 0 899 123 407…", true)
	s.Key("Down", "Down", "Return")
	s.entry("0899123407")
	s.Key("Escape")
	w.WaitGone()

	s.Copy(signature)
	open("Dial clipboard…", true)
	s.Key("Down", "Down", "Return")
	w = s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	s.look("several")
	s.Key("Down", "Down")
	s.until("one to be picked", func() { s.Key("Return") }, func() bool {
		b := w.Bounds()
		return s.lit(image.Rect(b.Max.X-125, b.Min.Y+5, b.Max.X-10, b.Min.Y+120))
	})
	s.entry("0050123403")
	s.Key("Escape")
	w.WaitGone()

	s.Copy("call Ada")
	open("Dial clipboard", false)
	s.Key("Escape")

	// Another program on the bus owns the clipboard, says that the menu opens, and clicks
	// each of its lines but the last, which quits.
	calls := len(pbx.Originates())
	s.Copy(copiedNumber)
	stranger, err := dbus.Connect(s.BusAddress())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	menu := stranger.Object(item.Service, item.Menu)
	var revision uint32
	var layout struct {
		ID    int32
		Props map[string]dbus.Variant
		Items []dbus.Variant
	}
	if err := menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &layout); err != nil {
		t.Fatal(err)
	}
	if read := fmt.Sprint(layout); strings.Contains(read, "050") || strings.Contains(read, "123407") || !strings.Contains(read, "Quit") {
		t.Errorf("a stranger reads %s", read)
	}
	lines := map[int32]string{}
	s.WaitTrayMenu(item, "its lines", func(m desktoptest.MenuItem) bool { lines[m.ID] = m.Label; return m.Label == "Quit" })
	for id, label := range lines {
		if label == "Quit" {
			continue
		}
		err := menu.Call("com.canonical.dbusmenu.AboutToShow", 0, int32(0)).Err
		if err == nil {
			err = menu.Call("com.canonical.dbusmenu.Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
		}
		if err != nil {
			t.Errorf("%q: %v", label, err)
		}
		s.must("", "status") // whatever it led to has been asked for by now
	}
	s.Window("^Cornetta$")
	if n := len(pbx.Originates()) - calls; n != 0 {
		t.Errorf("a stranger's clicks made %d calls", n)
	}
	if n := originated(pbx); n != dialled {
		t.Errorf("dialled %q", n)
	}
}
