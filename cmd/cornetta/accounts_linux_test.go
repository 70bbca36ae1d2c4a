//go:build linux

package main

import (
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// TestTwoAccounts: with two accounts the tray's menu says which is in use and puts the other
// in use; a number that stands in the window goes to the PBX of the account in use, and none
// to the other.
func TestTwoAccounts(t *testing.T) {
	office, lab := startPBX(t), startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(office.Addr(), "7101")...)
	s.agent()
	item := s.tray("Ready")
	for _, m := range s.TrayMenu(item) {
		if strings.HasPrefix(m.Label, "Account") && m.Visible {
			t.Error("there is nothing to choose, and a line for it")
		}
	}
	more := append([]string{"account", "add", "Lab"}, accountFlags(lab.Addr(), "7102")[2:]...)
	s.must(pbxsim.Secret, more...)
	s.must("", "account", "rename", "Office")
	line := func(label string) {
		t.Helper()
		s.WaitTrayMenu(item, label, func(m desktoptest.MenuItem) bool { return m.Visible && m.Label == label })
	}
	line("Account: Office")

	// A number stands in the window while another account is chosen in the tray.
	s.PickTrayMenu(item, "Dial…")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("7103")
	s.drawn(w)
	nth := 0
	for i, m := range chosen(s.TrayMenu(item)) {
		if m.Label == "Account: Office" {
			nth = i + 1
		}
	}
	s.OpenTraySubmenu(item, nth)
	s.look("1-accounts")
	s.Key("Return") // Lab comes first, and the keyboard is on it
	s.Wait("Lab to be in use", func() bool { return s.status().Account == "Lab" })
	line("Account: Lab")
	w.Focus()
	s.Wait("the dial window to have the focus again", w.Focused)
	s.drawn(w)
	s.Key("Return")
	s.waitState(call.InCall)
	if a, b := len(office.Originates()), len(lab.Originates()); a != 0 || b != 1 {
		t.Errorf("%d and %d calls", a, b)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.must("", "account", "use", "office")
	line("Account: Office")
	s.PickTrayMenu(item, "Settings…")
	s.Wait("the settings to have the focus", s.Window("Settings").Focused)
	s.look("2-settings")
}

// chosen are the lines at which the keyboard stops.
func chosen(all []desktoptest.MenuItem) (some []desktoptest.MenuItem) {
	for _, m := range all {
		if m.Visible && m.Enabled && !m.Separator {
			some = append(some, m)
		}
	}
	return some
}
