//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
)

const busName = "io.cornetta.Cornetta"

// onBus is the process that has Cornetta's name on the session bus, 0 for none.
func (s *seat) onBus() int {
	s.t.Helper()
	var pid uint32
	if s.Bus().BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, busName).Store(&pid) != nil {
		return 0
	}
	return int(pid)
}

// end ends the agent that the session bus started, and waits for that.
func (s *seat) end(pid int) {
	s.t.Helper()
	if pid == 0 {
		s.t.Fatal("nobody has the name on the bus")
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	s.Wait("the agent to end", func() bool {
		_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
		return os.IsNotExist(err) && s.onBus() == 0
	})
}

// started runs another program of the desktop that has to succeed.
func (s *seat) started(name string, args ...string) {
	s.t.Helper()
	if out, err := s.output(name, args...); err != nil {
		s.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// busCall asks Cornetta for something over the session bus, as a desktop does.
func (s *seat) busCall(method string, args ...string) {
	s.t.Helper()
	s.started("gdbus", append([]string{
		"call", "--session", "--dest", busName, "--object-path", "/io/cornetta/Cornetta",
		"--method", "org.freedesktop.Application." + method,
	}, args...)...)
}

// overheard is the folder of a cornetta whose windows are listened to: they are
// the real ones, and what they are told is also written to the file told.
func overheard(t *testing.T) (dir, told string) {
	t.Helper()
	dir = t.TempDir()
	told = filepath.Join(dir, "told")
	program, err := os.ReadFile(filepath.Join(programs, "cornetta"))
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\ntee '%s' | '%s'\n", told, filepath.Join(programs, "cornetta-ui"))
	for name, content := range map[string][]byte{"cornetta": program, "cornetta-ui": []byte(script)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir, told
}

// TestNoLinkIsLost: each of the desktop's programs hands each link over, however
// soon it ends, while Cornetta runs and is on the bus.
func TestNoLinkIsLost(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	dir, told := overheard(t)
	cornetta := filepath.Join(dir, "cornetta")
	s.started(cornetta, "install")
	s.agentOn(s.Command(cornetta))
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })

	const links = 20 // one is asked about, the rest is dropped and counted
	for range links {
		s.started("xdg-open", "tel:+390501234507")
	}
	w := s.Window(confirmTitle)
	var counts []string
	s.Wait(fmt.Sprintf("all of %d links", links), func() bool {
		all, _ := os.ReadFile(told)
		counts = regexp.MustCompile(`"more":\d+`).FindAllString(string(all), -1)
		return len(counts) > 0 && counts[len(counts)-1] == fmt.Sprintf(`"more":%d`, links-1)
	})
	s.look("counted")
	w.Close()
	w.WaitGone()

	for _, program := range [][]string{{"gio", "open"}, {"gtk-launch", busName + ".Links"}} {
		s.started(program[0], append(program[1:], "tel:+390501234507")...)
		w := s.Window(confirmTitle)
		w.Close()
		w.WaitGone()
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestMenu: our own entry shows the window, over the bus for whoever reads that it
// can, whether Cornetta runs or not; by its command line, for others, that of one
// that runs.
func TestMenu(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	shown := func(launch func()) (pid int, command string) {
		t.Helper()
		launch()
		w := s.Window("^Cornetta$")
		s.Wait("the window to have the focus", w.Focused)
		s.Wait("the agent on the bus", func() bool { pid = s.onBus(); return pid != 0 })
		words, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil {
			t.Fatal(err)
		}
		s.until("the window to go", func() { s.Key("Escape") }, func() bool { return !w.Visible() })
		return pid, string(words)
	}
	byBus := func() {
		for range 20 { // some may end before they asked
			s.started("gtk-launch", busName)
			if s.appears("^Cornetta$", time.Second) {
				return
			}
		}
	}
	byCommand := func() { // gio reads the entry as any file
		cmd := s.Command("gio", "launch", filepath.Join(s.DataHome(), "applications", busName+".desktop"))
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
	}

	first, command := shown(byBus)
	if !strings.HasSuffix(command, "\x00activated\x00") {
		t.Errorf("it was not the bus that started %q", command)
	}
	for name, launch := range map[string]func(){"by the bus": byBus, "by its command": byCommand} {
		if pid, _ := shown(launch); pid != first {
			t.Errorf("%s: process %d has the name after %d", name, pid, first)
		}
	}
	s.end(first)
}

// TestActivation: what is asked for over the session bus, while Cornetta does not
// run and while it does.
func TestActivation(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")

	s.busCall("Activate", "{}")
	w := s.Window("^Cornetta$")
	s.Wait("the window to have the focus", w.Focused)
	s.tray("Ready")
	first := s.onBus()
	s.end(first)
	w.WaitGone()

	s.busCall("Open", "['tel:+390501234507']", "{}")
	w = s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	s.drawn(w)
	s.look("asked")
	second := s.onBus()
	if second == 0 || second == first {
		t.Errorf("process %d has the name after %d", second, first)
	}
	s.busCall("Open", "['callto:+390501234508']", "{}") // dropped, and counted
	s.look("counted")
	s.Key("Escape")
	w.WaitGone()
	if n := len(s.Windows()); n != 0 {
		t.Errorf("%d windows beside the question: %q", n, s.Titles())
	}

	// Started by hand it is the same one.
	s.must("")
	w = s.Window("^Cornetta$")
	if n := s.onBus(); n != second {
		t.Errorf("process %d has the name after %d", n, second)
	}
	s.Key("Escape")
	w.WaitGone()
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}

	s.must("", "uninstall")
	s.end(second)
	if out, err := s.output("gdbus", "call", "--session", "--dest", busName, "--object-path", "/io/cornetta/Cornetta",
		"--method", "org.freedesktop.Application.Activate", "{}"); err == nil {
		t.Errorf("after uninstall the bus still starts it: %s", out)
	}
}

// TestActivationHostile: any program of the session can ask, and gets what a
// link gets.
func TestActivationHostile(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	obj := s.Bus().Object(busName, "/io/cornetta/Cornetta")
	none := map[string]dbus.Variant{}
	call := func(method string, args ...any) error {
		return obj.Call("org.freedesktop.Application."+method, 0, args...).Err
	}
	for _, uris := range [][]string{
		{},
		{""},
		{"--help"},
		{"dial"},
		{"file:///etc/passwd"},
		{"https://example.com/tel:1"},
		{"+390501234507"},
		{strings.Repeat("x", 1<<10)},
	} {
		if err := call("Open", uris, none); err != nil {
			t.Errorf("Open %.20q: %v", uris, err)
		}
	}
	for _, action := range []string{"dial", "quit", ""} {
		if err := call("ActivateAction", action, []dbus.Variant{dbus.MakeVariant("050123402")}, none); err == nil {
			t.Errorf("the action %q is done", action)
		}
	}
	if err := call("Open", []string{strings.Repeat("x", 1<<20)}, none); err == nil {
		t.Error("Open takes a million bytes")
	}
	if err := obj.Call("org.freedesktop.Application.Open", 0, 7).Err; err == nil {
		t.Error("Open takes a number")
	}
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("tel:+3905012345%03d", i)
	}
	many[0] = "tel:+390501234507"
	for range 100 { // some are refused, as more than are worked off
		_ = call("Open", many, none)
	}
	w := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	s.drawn(w)
	s.look("one of many")
	if n := len(s.Windows()); n != 1 {
		t.Errorf("%d windows: %q", n, s.Titles())
	}
	s.sayNo(w)
	s.must("", "status") // whatever it led to has been asked for by now
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestActivationOutsideTheSession: an agent that is not on the bus, because it
// was started without one, is handed what the bus starts another for; one that
// finds its name taken gets it later.
func TestActivationOutsideTheSession(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	cmd := s.cornetta("tel:+390501234507")
	for i, v := range cmd.Env {
		if strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") {
			cmd.Env[i] = "DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(t.TempDir(), "none")
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	w := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	s.Key("Escape")
	w.WaitGone()

	s.busCall("Open", "['tel:+390501234508']", "{}")
	w = s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	between := s.onBus()
	if between == 0 || between == cmd.Process.Pid {
		t.Errorf("process %d is between the bus and %d", between, cmd.Process.Pid)
	}
	if s.status().Connection == "" {
		t.Error("no agent")
	}
	s.Key("Escape")
	w.WaitGone()

	// While that one has the name, the agent that is in its place next waits.
	_ = cmd.Process.Signal(syscall.SIGTERM)
	s.Wait("the agent to end", func() bool {
		out, _, _ := s.run("", "status")
		return strings.Contains(out, "not running")
	})
	agent := s.agent()
	s.tray("Ready")
	start := time.Now()
	s.Wait("the agent to have the name", func() bool { return s.onBus() == agent.Process.Pid })
	t.Logf("the agent had the name %v after it was there", time.Since(start))
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
