//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// onWayland is a program of the seat that takes the desktop for one of Wayland.
// The seat's tray and windows stay what they are.
func onWayland(cmd *exec.Cmd, display string) *exec.Cmd {
	cmd.Env = append(cmd.Env, "WAYLAND_DISPLAY="+display, "XDG_SESSION_TYPE=wayland")
	return cmd
}

// TestHotkeyOnWayland: a number is copied, the desktop's portal says that its
// keys were pressed, and it is dialled, once for a press.
func TestHotkeyOnWayland(t *testing.T) {
	pbx := startPBX(t)
	display := desktoptest.StartSway(t)
	s := newSeat(t)
	portal := s.StartPortal(true)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agentOn(onWayland(s.cornetta(), display))
	s.tray("Ready")
	s.Wait("the keys to be asked for", func() bool { return len(portal.Bound()) > 0 })
	if got, want := portal.Bound()[0].Description, "Dial the number that was copied"; got != want {
		t.Errorf("the person is asked about %q, want %q", got, want)
	}
	copied := onWayland(s.Command("wl-copy"), display)
	copied.Stdin = strings.NewReader("050 123402")
	if err := copied.Run(); err != nil {
		t.Fatal(err)
	}
	portal.Press("clipboard")
	s.told("Ended")
	if got := originated(pbx); got != "0050123402" {
		t.Errorf("dialled %q", got)
	}

	// The session's services are restarted.
	portal.End()
	s.Wait("the keys to be asked for again", func() bool { return len(portal.Bound()) > 0 })
	portal.Press("clipboard")
	s.Wait("the second call", func() bool { return originated(pbx) == "0050123402 0050123402" })
	s.waitState(call.Ended)
	if n := portal.Binds(); n != 2 {
		t.Errorf("the keys were asked for %d times", n)
	}
}

// TestHotkeyOnWaylandWithout: where the desktop gives programs no keys the
// person is told which command to bind one to.
func TestHotkeyOnWaylandWithout(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.StartPortal(false)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agentOn(onWayland(s.cornetta(), "wayland-9"))
	item := s.tray("bind a key to “cornetta dial --clipboard”")
	s.HoverTray(item)
	s.look("the command")
}
