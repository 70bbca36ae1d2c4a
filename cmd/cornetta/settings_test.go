//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/ui/desktop"
)

// openSettings opens them from the tray, which says tip, as a person does.
func (s *seat) openSettings(tip string) *firstRun {
	s.t.Helper()
	s.PickTrayMenu(s.tray(tip), "Settings…")
	f := &firstRun{s, s.Window("Settings")}
	s.Wait("the settings to have the focus", f.window.Focused)
	f.waitButton()
	return f
}

// onward turns to the section that many behind the one that is shown.
func (f *firstRun) onward(n int) {
	f.t.Helper()
	for range n {
		f.Key("ctrl+Next")
	}
}

// saved presses Enter and waits for the window to go.
func (f *firstRun) saved() {
	f.t.Helper()
	f.until("the settings to be saved", f.press("Return"), func() bool { return !f.window.Visible() })
}

// TestSettingsTakeEffect: another country, outside line and keys, chosen with
// keyboard and mouse, are in force without a restart, on a real Asterisk.
func TestSettingsTakeEffect(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()
	const german = "+49 30 1234507"
	s.Copy(german)

	f := s.openSettings("Ready")
	f.onward(1)
	f.Key("ctrl+a")
	f.Type("germ")
	f.look("1-country")
	list := func() []byte { return f.part(200, 100, -20, 300).Pix }
	shown := f.rest(list)
	f.until("the country to be taken", f.press("Return"), func() bool { return !bytes.Equal(list(), shown) })
	f.Key("Tab", "ctrl+a")
	f.Type("00")
	f.Key("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab") // to the tester
	f.Type(german)
	f.rest(func() []byte { return f.part(10, 440, -10, 640).Pix })
	f.look("2-tester")

	f.onward(1)
	f.Key("Return")
	f.look("3-press-the-keys")
	f.Key("ctrl+alt+g") // those in force reach the agent alone, and dial nothing now
	f.look("4-as-before")
	f.Key("Return", "ctrl+shift+j")
	f.look("5-other-keys")
	if c := s.status().Call; c != nil {
		t.Errorf("keys that were chosen called %+v", c)
	}
	f.Key("Tab") // off the keys, where Enter is not Save
	f.click(f.window.Bounds().Dx()-30, f.window.Bounds().Dy()-30)
	f.window.WaitGone()

	old, free := s.others()
	if !free {
		t.Error("the keys of before are still taken")
	} else {
		_ = old.Close()
	}
	s.Key("ctrl+shift+j")
	s.told("Your phone rings")
	if out, err := pbx.CLI(t.Context(), "core show channels"); err != nil || !strings.Contains(out, "PJSIP/7101") {
		t.Errorf("Asterisk does not ring the phone: %v\n%s", err, out)
	}
	s.waitState(call.InCall)
	if c := s.status().Call; c.Number != "000301234507" {
		t.Errorf("dialled %s", c.Number)
	}

	// Settings that have nothing to do with the account leave the call alone.
	f = s.openSettings("In call")
	f.onward(1)
	f.Key("Tab", "Tab", "Tab", "ctrl+a")
	f.Type("5")
	f.saved()
	if c := s.status().Call; c == nil || c.State != call.InCall {
		t.Errorf("the call became %+v", c)
	}
	if text := s.settingsFile(); !strings.Contains(text, "region = 'DE'") || !strings.Contains(text, "ext_max_len = 5") || !strings.Contains(text, "prefix = '00'") {
		t.Errorf("settings:\n%s", text)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)

	// The command line reads the same rules, also without an agent.
	out, errs, code := s.run("", "dial", "--no-wait", "--json", "--clipboard")
	if code != exitOK || !strings.Contains(out, "000301234507") {
		t.Errorf("exit status %d, %s %s", code, out, errs)
	}
	s.must("", "hangup")
}

// TestKeysTakenInSettings: it is said at the keys, before and after Save.
func TestKeysTakenInSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	other, free := s.others()
	if !free {
		t.Fatal("somebody has the keys on a new desktop")
	}
	s.agent()
	s.tray("Another program has these keys")
	f := s.openSettings("Ready")
	f.onward(2)
	f.look("1-taken")
	f.Key("Tab", "Return", "ctrl+alt+g") // goes to the program that has them
	f.look("2-still-waiting")
	f.Key("super+F9", "shift+Tab", "Return", "Delete")
	f.look("3-others")
	f.Key("Tab", "Tab")
	f.click(f.window.Bounds().Dx()-30, f.window.Bounds().Dy()-30)
	f.window.WaitGone()
	s.Wait("the tooltip to be as usual", func() bool {
		items := s.TrayItems()
		return len(items) == 1 && !strings.Contains(items[0].ToolTip, "Another program")
	})
	s.Select(copiedNumber)
	s.Key("super+F9")
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.waitState(call.Ended)
	_ = other.Close()

	// Saved all the same, they are said not to work.
	const theirs = "Ctrl+Alt+Shift+K"
	h := desktop.NewHotkeys(desktop.HotkeyOptions{})
	defer h.Close()
	c, err := desktop.ParseCombination(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := h.Set(t.Context(), map[string]desktop.Combination{"x": c}); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	s.changeSettings(func(c *config.Config) { c.Keys = config.Keys{Clipboard: theirs} })
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...) // has the agent read it
	s.tray("Another program has these keys")
	f = s.openSettings("Ready")
	f.onward(2)
	f.look("4-taken-again")
	f.Key("Escape")
	f.window.WaitGone()
}

// TestRegisterInSettings: the switches show what the desktop has now, and are
// what xdg-mime says after Save.
func TestRegisterInSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for path, content := range map[string]string{
		filepath.Join(s.DataHome(), "applications", "other.desktop"): "[Desktop Entry]\nType=Application\nName=Other Phone\nExec=false %u\nMimeType=x-scheme-handler/tel;\n",
		filepath.Join(s.ConfigHome(), "mimeapps.list"):               "[Default Applications]\nx-scheme-handler/tel=other.desktop\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opens := func() string {
		out, err := s.output("xdg-mime", "query", "default", "x-scheme-handler/tel")
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(out)
	}
	autostart := filepath.Join(s.ConfigHome(), "autostart", "io.cornetta.Cornetta.desktop")
	started := func() bool { _, err := os.Stat(autostart); return err == nil }
	s.agent()
	for _, step := range []struct {
		name  string
		keys  []string
		opens string
		start bool
	}{
		{"1-another-program", []string{"space"}, "io.cornetta.Cornetta.Links.desktop", false},
		{"2-ours", []string{"Tab", "space"}, "io.cornetta.Cornetta.Links.desktop", true},
		{"3-both", []string{"space"}, "other.desktop", true},
		{"4-start-alone", []string{"Tab", "space"}, "other.desktop", false},
	} {
		f := s.openSettings("Ready")
		f.onward(3)
		f.look(step.name)
		f.Key(step.keys...)
		f.look(step.name + "-switched")
		f.saved()
		if got := opens(); got != step.opens || started() != step.start {
			t.Errorf("%s: links open with %s, started with the session: %v", step.name, got, started())
		}
	}
	if out, err := s.output("xdg-mime", "query", "default", "x-scheme-handler/callto"); err != nil || strings.TrimSpace(out) != "" {
		t.Errorf("callto: %q, %v", out, err)
	}

	// What is in the way is said, and left alone.
	if err := os.WriteFile(autostart, []byte("[Desktop Entry]\nName=Mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := s.openSettings("Ready")
	f.onward(3)
	f.Key("space", "Return")
	f.look("5-in-the-way")
	if opens() != "other.desktop" || !f.window.Visible() {
		t.Errorf("links open with %s, the window is there: %v", opens(), f.window.Visible())
	}
}

// TestSettingsWithALockedKeyring: they are there at once, and what is not the
// password's can be changed.
func TestSettingsWithALockedKeyring(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.LockKeyring()
	f := s.openSettings("Ready")
	f.look("1-at-once")
	f.onward(1)
	f.Key("Tab", "Tab", "Tab", "ctrl+a")
	f.Type("6")
	f.saved()
	if text := s.settingsFile(); !strings.Contains(text, "ext_max_len = 6") {
		t.Errorf("settings:\n%s", text)
	}
}
