//go:build linux

package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/ui/desktop"
)

// copiedNumber is one as people copy them, and dialled what it is to the PBX.
const (
	copiedNumber = " 050 123407\n"
	dialled      = "0050123407"
	premium      = "899 123407" // one to ask about first
)

// TestHotkey is the way most calls are made: a number is copied, the keys are
// pressed, with NumLock on as it mostly is, and the phone on a real Asterisk
// rings.
func TestHotkey(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()
	s.Copy(copiedNumber)
	s.Key("Num_Lock")
	start := time.Now()
	s.Key("ctrl+alt+g")
	s.told("Your phone rings")
	t.Logf("told of the ringing phone %v after the keys", time.Since(start))
	if out, err := pbx.CLI(t.Context(), "core show channels"); err != nil || !strings.Contains(out, "PJSIP/7101") {
		t.Errorf("Asterisk does not ring the phone: %v\n%s", err, out)
	}
	s.waitState(call.InCall)
	if c := s.status().Call; c.Number != dialled {
		t.Errorf("dialled %s, want %s", c.Number, dialled)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.Wait("Asterisk to have no channel", func() bool {
		out, err := pbx.CLI(t.Context(), "core show channels")
		return err == nil && strings.Contains(out, "0 active channels")
	})
}

// others is another program that has the usual keys, or nil and false where
// somebody has them already.
func (s *seat) others() (*desktop.Hotkeys, bool) {
	s.t.Helper()
	s.t.Setenv("DISPLAY", s.Display())
	s.t.Setenv("WAYLAND_DISPLAY", "")
	h := desktop.NewHotkeys(desktop.HotkeyOptions{})
	keys, err := desktop.ParseCombination(config.Default().Keys.Clipboard)
	if err != nil {
		s.t.Fatal(err)
	}
	wrong := h.Set(s.t.Context(), map[string]desktop.Combination{"x": keys})
	if len(wrong) == 0 {
		s.t.Cleanup(func() { _ = h.Close() })
		return h, true
	}
	if err := h.Close(); err != nil || !errors.Is(wrong["x"], desktop.ErrHotkeyTaken) {
		s.t.Fatal(err, wrong)
	}
	return nil, false
}

// waitGrabbed waits until the agent has the usual keys.
func (s *seat) waitGrabbed() {
	s.t.Helper()
	s.Wait("the keys to be taken", func() bool {
		h, free := s.others()
		if free {
			_ = h.Close()
		}
		return !free
	})
}

// entry is what stands in the entry of the dial window, as copying it tells.
func (s *seat) entry(want string) {
	s.t.Helper()
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Wait("the entry to hold "+want, func() bool {
		s.Key("ctrl+a", "ctrl+c")
		text, err := desktop.ReadClipboard(s.t.Context())
		return err == nil && text == want
	})
}

// TestHotkeyNoNumber: what cannot be called is shown with the reason, and can
// be corrected.
func TestHotkeyNoNumber(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()

	s.Key("ctrl+alt+g")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("5")
	s.entry("5")
	s.look("1-nothing-copied")
	s.Key("Escape")
	w.WaitGone()

	s.Copy("call Ada\nat noon")
	s.Key("ctrl+alt+g")
	w = s.Window("^Cornetta$")
	s.look("2-no-number")
	s.entry("call Ada at noon")
	if n := s.status().Call; n != nil {
		t.Errorf("it called %+v", n)
	}
	s.Type("039050123402")
	s.callLive(w)
	s.Key("Return")
	s.told("Ended")
	s.Key("Escape")

	// A number to look at first is shown as it would be dialled, with the reason.
	s.Copy(premium)
	s.Key("ctrl+alt+g")
	s.entry("0899123407")
	s.look("3-to-be-asked-first")
	if c := s.status().Call; c.Live() || c.Number == "0899123407" {
		t.Errorf("it called %+v", c)
	}
}

// TestHotkeyTaken: the person is told in the tray's tooltip, and once in a
// notification and the dial window.
func TestHotkeyTaken(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	other, free := s.others()
	if !free {
		t.Fatal("somebody has the keys on a new desktop")
	}
	dir, told := overheard(t)
	first := s.agentOn(s.Command(filepath.Join(dir, "cornetta")))
	s.tray("Ctrl+Alt+G: Another program has these keys")
	s.told("Ctrl+Alt+G: Another program has these keys. Choose others in Settings.")
	s.must("")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	s.look("1-told")
	s.must("") // once is enough
	if all, err := os.ReadFile(told); strings.Count(string(all), "Another program has these keys") != 1 {
		t.Errorf("the windows were told %s, %v", all, err)
	}
	_ = first.Process.Signal(syscall.SIGTERM)
	s.Wait("the agent to be gone", func() bool { return len(s.TrayItems()) == 0 })
	before := len(s.Notifications())
	s.agent()
	s.tray("Ctrl+Alt+G: Another program has these keys")
	if now := s.Notifications(); len(now) != before {
		t.Errorf("told again at the next start: %+v", now[before:])
	}
	// Other keys are taken up while the agent runs.
	s.setKeys("Super+F9", "Ctrl+Alt+S")
	s.Wait("the tooltip to be as usual", func() bool {
		items := s.TrayItems()
		return len(items) == 1 && !strings.Contains(items[0].ToolTip, "Another program")
	})
	_ = other.Close()
	s.Select(copiedNumber)
	s.Key("ctrl+alt+s")
	s.waitState(call.InCall)
	if c := s.status().Call; c.Number != dialled {
		t.Errorf("dialled %s, want %s", c.Number, dialled)
	}
}

// setKeys changes the settings file as a person would, and has the agent read
// it as the command line does.
func (s *seat) setKeys(clipboard, selection string) {
	s.t.Helper()
	var cfg config.Config
	s.changeSettings(func(c *config.Config) {
		c.Keys = config.Keys{Clipboard: clipboard, Selection: selection}
		cfg = *c
	})
	s.must(pbxsim.Secret, accountFlags(net.JoinHostPort(cfg.Account.Host, strconv.Itoa(cfg.Account.Port)), "7101")...)
}

// TestDialCopied is the command line that a key can be bound to where programs
// get none, by itself and through the running agent.
func TestDialCopied(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, through := range []string{"alone", "agent"} {
		t.Run(through, func(t *testing.T) {
			if through == "agent" {
				s.agent()
				s.tray("Ready")
			}
			for _, tc := range []struct {
				name, clipboard, selection string
				args                       []string
				code                       int
				says                       string
			}{
				{"no number", "Ada", copiedNumber, []string{"--clipboard"}, exitNotNumber, "not a telephone number"},
				{"another no number", copiedNumber, "Ada", []string{"--selection"}, exitNotNumber, "not a telephone number"},
				{"a book", strings.Repeat("0501234567\n", 1000), "", []string{"--clipboard"}, exitFailed, "too long"},
				{"to be asked first", premium, "", []string{"--clipboard"}, exitFailed, "--yes"},
				{"two places", copiedNumber, copiedNumber, []string{"--selection", "--clipboard"}, exitUsage, "either"},
				{"two numbers", copiedNumber, "", []string{"--clipboard", "7102"}, exitUsage, "either"},
			} {
				s.Copy(tc.clipboard)
				s.Select(tc.selection)
				_, errs, code := s.run("", append([]string{"dial"}, tc.args...)...)
				if code != tc.code || !strings.Contains(errs, tc.says) {
					t.Errorf("%s: exit status %d: %s", tc.name, code, errs)
				}
			}
			for flag, put := range map[string]func(string, ...string){"--clipboard": s.Copy, "--selection": s.Select} {
				put("050 123402")
				out, errs, code := s.run("", "dial", "--no-wait", "--json", flag)
				if code != exitOK || !strings.Contains(out, "0050123402") {
					t.Errorf("%s: exit status %d, %s %s", flag, code, out, errs)
				}
				s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
				s.Wait("the agent to know", func() bool { c := s.status().Call; return c == nil || !c.Live() })
				put("899 123402")
				out, errs, code = s.run("", "dial", "--no-wait", "--json", "--yes", flag)
				if code != exitOK || !strings.Contains(out, "0899123402") {
					t.Errorf("%s --yes: exit status %d, %s %s", flag, code, out, errs)
				}
				s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
			}
		})
	}
}
