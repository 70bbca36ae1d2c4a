//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// TestTwoAccounts: with two accounts the tray's menu says which is in use, and puts the
// other in use, as Settings do; nothing that was begun with one goes to the PBX of the other, and a call
// stays where it is.
func TestTwoAccounts(t *testing.T) {
	office, lab := startPBX(t), startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(office.Addr(), "7101")...)
	s.set(map[string]string{"region": "'IT'"})
	s.agent()
	item := s.tray("Ready")
	for _, m := range s.TrayMenu(item) {
		if strings.HasPrefix(m.Label, "Account") && m.Visible {
			t.Error("there is nothing to choose, and a line for it")
		}
	}
	more := append([]string{"account", "add", "Lab"}, accountFlags(lab.Addr(), "7102")[2:]...)
	s.must(pbxsim.Secret, append(more, "--prefix", "9")...)
	s.must("", "account", "rename", "Office")
	inUse := func(name string) {
		t.Helper()
		s.Wait(name+" to be in use", func() bool { return s.status().Account == name })
		s.WaitTrayMenu(item, name, func(m desktoptest.MenuItem) bool { return m.Visible && m.Label == "Account: "+name })
	}
	dialled := func(what, office1, lab1 string) {
		t.Helper()
		if a, b := originated(office), originated(lab); a != office1 || b != lab1 {
			t.Errorf("%s: called were %q and %q, want %q and %q", what, a, b, office1, lab1)
		}
	}
	inUse("Office")

	// A number stands in the window while another account is chosen in the tray.
	s.PickTrayMenu(item, "Dial…")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("7103")
	s.drawn(w)
	s.OpenTraySubmenu(item, "Account: Office")
	s.look("1-accounts")
	s.Key("Return") // Lab comes first, and the keyboard is on it
	inUse("Lab")
	s.Wait("the dial window to have the focus again", w.Focused)
	s.callLive(w) // or it was, and waits anew: the keyboard has come back
	s.until("the call", func() { s.Key("Return") }, func() bool { return originated(lab) != "" })
	dialled("typed with one, called with the other", "", "7103")
	s.Wait("the end of the call", func() bool { c := s.status().Call; return c != nil && !c.Live() })
	s.Key("Escape")
	w.WaitGone()

	// A link is asked about while another one is put in use: a yes to what was shown calls
	// nobody, and it is asked about anew.
	w = s.link("tel:+390501234507")
	s.drawn(w)
	s.look("2-asked-with-lab")
	s.must("", "account", "use", "office")
	inUse("Office")
	s.sayYes(w)
	said := time.Now()
	s.Wait("it to be asked anew", func() bool { return !s.callable(w) || time.Since(said) > 3*time.Second })
	s.until("the call", func() { s.sayYes(w) }, func() bool { return originated(office) != "" })
	s.waitState(call.InCall)

	// The call goes on where it is.
	s.must("", "account", "use", "lab")
	inUse("Lab")
	if c := s.status().Call; c == nil || c.State != call.InCall || c.Account != "Office" {
		t.Errorf("the call: %+v", c)
	}
	if _, errs, code := s.run("", "dial", "--no-wait", "7105"); code == exitOK {
		t.Errorf("another call beside it: %s", errs)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	_, _, _ = s.run("", "dial", "--no-wait", "0501234508") // the sim knows no outside line 9
	s.Wait("the last call", func() bool { return strings.Contains(originated(lab), " ") })
	dialled("in the end", "00501234507", "7103 90501234508")

	// In Settings the list is above the name, the network and the address.
	f := s.openSettings("")
	for range 5 {
		f.Key("shift+Tab")
	}
	f.Key("Right")
	inUse("Office")
	f.waitButton() // Save, for what is shown now
	s.look("3-settings")
}
