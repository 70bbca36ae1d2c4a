//go:build linux

package main

import (
	"strings"
	"testing"

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
	s.Key("Down", "Down", "Return")
	s.entry("0050123403")
	s.Key("Escape")
	w.WaitGone()

	s.Copy("call Ada")
	open("Dial clipboard", false)
	s.Key("Escape")
	if n := originated(pbx); n != dialled {
		t.Errorf("dialled %q", n)
	}
}
