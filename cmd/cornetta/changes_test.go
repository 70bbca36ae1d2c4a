//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
)

// TestWakesUp: logind says that the computer was asleep, and within five
// seconds the tray knows whether dialling works.
func TestWakesUp(t *testing.T) {
	p := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(p.Addr(), "7101")...)
	cmd := s.cornetta()
	// The desktop's own bus is the system's too, for this program alone.
	var bus string
	for _, e := range cmd.Env {
		if address, ok := strings.CutPrefix(e, "DBUS_SESSION_BUS_ADDRESS="); ok {
			bus = address
		}
	}
	cmd.Env = append(cmd.Env, "DBUS_SYSTEM_BUS_ADDRESS="+bus)
	logind, err := dbus.Connect(bus)
	if err != nil {
		t.Fatal(err)
	}
	defer logind.Close()
	if _, err := logind.RequestName("org.freedesktop.login1", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	wake := func() {
		t.Helper()
		if err := logind.Emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", false); err != nil {
			t.Fatal(err)
		}
	}
	s.agentOn(cmd)
	s.tray("Ready")

	logins := p.Logins()
	p.SetSecret("another") // it was changed overnight
	begin := time.Now()
	wake()
	s.tray("Login refused")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("known after %v", took)
	}
	if n := p.Logins() + p.LoginsRefused() - logins; n != 1 {
		t.Errorf("%d logins for it", n)
	}
	// A login that was refused waits for the person, however often it wakes.
	wake()
	s.must(pbxsim.Secret+"x\n", accountFlags(p.Addr(), "7101")...)
	s.Wait("the changed account to be tried", func() bool { return p.LoginsRefused() == 2 })
	p.SetSecret(pbxsim.Secret)
	s.must(pbxsim.Secret+"\n", accountFlags(p.Addr(), "7101")...)
	s.tray("Ready")
}
