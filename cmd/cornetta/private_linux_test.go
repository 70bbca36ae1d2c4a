package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// TestPrivateAndRedial: a call that was to be private is nowhere when it is over: not in
// the history, not among the recent ones, not where the last number is called again, in no
// file; and that one alone is. The last number is called again by its key and from the menu.
func TestPrivateAndRedial(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	settings := regexp.MustCompile(`(?m)^redial = .*\n`).ReplaceAllString(s.settingsFile(), "")
	settings = replaced(t, settings, "[keys]\n", "[keys]\nredial = \"Ctrl+Alt+R\"\n")
	if err := os.WriteFile(s.settingsPath(), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s.agent()
	item := s.tray("Ready")
	hangUp := func(number string) {
		t.Helper()
		s.waitState(call.InCall)
		if c := s.status().Call; c.Number != number {
			t.Errorf("it called %q, not %q", c.Number, number)
		}
		s.must("", "hangup")
		s.waitState(call.Ended)
	}
	past := func() (all []history.Entry) {
		t.Helper()
		if err := json.Unmarshal([]byte(s.must("", "history", "--json")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	s.must("", "dial", "--no-wait", "050 123107")
	hangUp("0050123107")

	s.PickTrayMenu(item, words.Text(words.LabelPrivate))
	s.Wait("the next call to be private", func() bool { return s.status().Private })
	s.must("", "dial", "--no-wait", "050 123407")
	hangUp("0050123407")
	s.Wait("the calls after it not to be", func() bool { return !s.status().Private })
	s.must("", "dial", "--private", "--no-wait", "050 123207") // by the command line
	hangUp("0050123207")

	if all := past(); len(all) != 1 || all[0].Number != "0050123107" {
		t.Errorf("the history has %+v", all)
	}
	for _, dir := range []string{s.StateHome(), s.ConfigHome(), s.DataHome(), s.RuntimeDir()} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil //nolint:nilerr // what is gone holds nothing
			}
			data, _ := os.ReadFile(path)
			for _, digits := range []string{"50123407", "50123207"} {
				if strings.Contains(string(data), digits) {
					t.Errorf("%s holds a number that was private", path)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	var seen func(m desktoptest.MenuItem) bool
	seen = func(m desktoptest.MenuItem) bool {
		for _, i := range m.Items {
			if seen(i) {
				return true
			}
		}
		return strings.Contains(m.Label, "3407") || strings.Contains(m.Label, "3406")
	}
	if menu := s.TrayMenu(item); len(menu) == 0 {
		t.Error("there is no menu")
	} else {
		for _, m := range menu {
			if seen(m) {
				t.Errorf("the menu has %+v", m)
			}
		}
	}

	// The last number is the last one that is known.
	last := s.status().Call.ID
	s.until("the last number to be called by its key", func() { s.Key("ctrl+alt+r") }, func() bool { return s.status().Call.ID != last })
	hangUp("0050123107")
	s.PickTrayMenu(item, words.Redial(call.Snapshot{Number: "0050123107"}))
	hangUp("0050123107")
	if all := past(); len(all) != 3 {
		t.Errorf("the history has %+v", all)
	}
	if n := originated(pbx); strings.Count(n, "0050123107") != 3 {
		t.Errorf("dialled %s", n)
	}
}
