//go:build linux

package main

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// diagnosis is `doctor --json`, with how long it took and its exit status.
type diagnosis struct {
	Checks []status.Finding
	OK     bool

	took time.Duration
	code int
	errs string
}

// doctor has everything checked, by a program with more in its environment.
func (s *seat) doctor(env []string, args ...string) diagnosis {
	s.t.Helper()
	cmd := s.cornetta(append([]string{"doctor", "--json"}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	var errs strings.Builder
	cmd.Stdout, cmd.Stderr = nil, &errs
	began := time.Now()
	out, err := cmd.Output()
	d := diagnosis{took: time.Since(began), code: cmd.ProcessState.ExitCode(), errs: errs.String()}
	if jerr := json.Unmarshal(out, &d); jerr != nil {
		s.t.Fatalf("doctor: %v, %v\n%s%s", err, jerr, out, errs.String())
	}
	return d
}

// wrong are the checks that found something.
func (d diagnosis) wrong() (ids []string) {
	for _, f := range d.Checks {
		if f.State != status.FindingOK {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func (d diagnosis) of(id string) status.Finding {
	for _, f := range d.Checks {
		if f.ID == id {
			return f
		}
	}
	return status.Finding{}
}

func (d diagnosis) String() string {
	var s strings.Builder
	for _, f := range d.Checks {
		fmt.Fprintf(&s, "%-14s %-8s %5d ms  %s\n", f.ID, f.State, f.TookMS, f.Seen)
	}
	return s.String()
}

// TestDoctorOnAHealthyMachine: with a real Asterisk and a whole desktop everything is
// well, which is told soon, and the echo service is called only where that is asked for.
func TestDoctorOnAHealthyMachine(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	s.agent()
	s.tray("Ready")
	d := s.doctor(nil)
	t.Logf("%v in all\n%v", d.took.Round(time.Millisecond), d)
	if d.code != exitOK || !d.OK || d.errs != "" {
		t.Errorf("exit status %d, ok %v: %q%s", d.code, d.OK, d.wrong(), d.errs)
	}
	if len(d.Checks) != 26 {
		t.Errorf("%d checks", len(d.Checks))
	}
	began := time.Now()
	out := s.must("", "doctor", "--call")
	t.Logf("with a call: %v", time.Since(began).Round(time.Millisecond))
	for _, says := range []string{
		"✓ OK  Login: The PBX accepts user and password\n", "✓ OK  Test call: Your phone rang and was picked up, and",
		"27 in order, 0 with a warning, 0 failed, 0 not tried.\n",
	} {
		if !strings.Contains(out, says) {
			t.Errorf("%q is not in\n%s", says, out)
		}
	}
	s.Wait("Asterisk to have no channel", func() bool {
		out, err := pbx.CLI(t.Context(), "core show channels")
		return err == nil && strings.Contains(out, "0 active channels")
	})
}

// named fails where other checks found something than those.
func (d diagnosis) named(t *testing.T, fault string, want ...string) {
	t.Helper()
	if got := d.wrong(); !slices.Equal(got, want) {
		t.Errorf("%s: named %q, want %q\n%v", fault, got, want, d)
	}
	for _, id := range want {
		f := d.of(id)
		t.Logf("%-36s %-14s %-8s %6.2f s  %s → %s", fault, id, f.State, d.took.Seconds(), f.Seen, f.Do)
		if f.Do == "" {
			t.Errorf("%s: nothing to do", id)
		}
	}
}

// TestDoctorNamesTheDesktopsFault: of each fault the one check that it is about.
func TestDoctorNamesTheDesktopsFault(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	// Without xdg-mime, which takes a second, where it is not about that.
	quick := "PATH=" + t.TempDir()
	fault := func(what string, env []string, want ...string) diagnosis {
		t.Helper()
		d := s.doctor(append([]string{quick}, env...))
		d.named(t, what, want...)
		return d
	}

	others, free := s.others()
	if !free {
		t.Fatal("somebody has the keys already")
	}
	fault("a key taken; not running", nil, "agent", "hotkeys")
	_ = others.Close()

	// The one that runs is replaced, as by an upgrade, and another one runs beside it.
	dir := t.TempDir()
	for _, name := range []string{"cornetta", "cornetta-ui"} {
		if out, err := exec.Command("cp", filepath.Join(programs, name), dir).CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
	}
	agent := s.Command(filepath.Join(dir, "cornetta"))
	s.agentOn(agent)
	s.tray("Ready")
	if err := os.Remove(filepath.Join(dir, "cornetta")); err != nil {
		t.Fatal(err)
	}
	fault("the one before the upgrade runs", nil, "others")
	s.must("", "quit")
	s.Wait("the old one to end", func() bool { return !s.status().Running })

	s.agent()
	s.tray("Ready")
	second := s.cornetta("activated") // which shows no window
	second.Env = append(second.Env, "XDG_RUNTIME_DIR="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	stopped := s.beginCommand(second)
	d := fault("a second Cornetta", nil, "others")
	if !strings.Contains(d.of("others").Seen, fmt.Sprint(second.Process.Pid)) {
		t.Errorf("others: %q", d.of("others").Seen)
	}
	stopped.end(syscall.SIGTERM)

	fault("no session bus", []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}, "session_bus")
	fault("no display", []string{"DISPLAY=:4711"}, "display")
	fault("no OpenGL", []string{"DISPLAY=" + s.displayWithoutGL()}, "opengl")

	s.Freeze("dunst")
	fault("xdg-mime hangs; notifications stopped", []string{"PATH=" + s.slowXDGMime() + ":" + os.Getenv("PATH")}, "notifications", "tel", "callto")
	s.Thaw("dunst")
	s.StopTrayHost()
	list := filepath.Join(s.ConfigHome(), "mimeapps.list")
	opens := func(name, exec string) {
		t.Helper()
		text := "[Desktop Entry]\nType=Application\nName=Another\nExec=" + exec + " %u\nMimeType=x-scheme-handler/tel;\n"
		if err := os.WriteFile(filepath.Join(s.DataHome(), "applications", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(list, []byte("[Default Applications]\nx-scheme-handler/tel="+name+"\nx-scheme-handler/callto=io.cornetta.Cornetta.Links.desktop\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opens("another.desktop", "/bin/true")
	d = fault("tel: opens with another; no tray host", []string{"PATH=" + os.Getenv("PATH")}, "tray", "tel")
	if seen := d.of("tel").Seen; !strings.Contains(seen, "“Another” (/bin/true), as xdg-mime says") {
		t.Errorf("tel: %q", seen)
	}
	s.LockKeyring()
	d = fault("the same without xdg-mime; keyring locked", nil, "keyring", "tray", "tel")
	if seen := d.of("tel").Seen; !strings.Contains(seen, "“Another” (/bin/true), as mimeapps.list says") {
		t.Errorf("tel: %q", seen)
	}
	if w := s.FindWindow("(?i)unlock|password"); w != nil {
		t.Errorf("there is a prompt: %v", w)
	}
	opens("gone.desktop", "/opt/gone/phone")
	s.Freeze("gnome-keyring-daemon")
	d = fault("tel: opens with what is gone; keyring stopped", nil, "keyring", "tray", "tel")
	if seen := d.of("tel").Seen; !strings.Contains(seen, "/opt/gone/phone, which is not there") {
		t.Errorf("tel: %q", seen)
	}
	s.Thaw("gnome-keyring-daemon")
}

// TestDoctorOnABareDesktop: all that is missing is named, and nothing else.
func TestDoctorOnABareDesktop(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutKeyring(), desktoptest.WithoutTrayHost(), desktoptest.WithoutNotifications())
	s.run(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...) // there is nowhere to keep the password
	s.must("", "install")
	s.doctor(nil).named(t, "no keyring, tray, notifications", "keyring", "agent", "tray", "notifications")
}

// displayWithoutGL is an X server that has no GLX, as some remote desktops.
func (s *seat) displayWithoutGL() string {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	x := s.Command("Xvfb", "-displayfd", "3", "-extension", "GLX", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset")
	x.ExtraFiles = []*os.File{w}
	if err := x.Start(); err != nil {
		s.t.Fatal(err)
	}
	w.Close()
	s.t.Cleanup(func() { _ = x.Wait() }) // the end of the test's context killed it
	_ = r.SetReadDeadline(time.Now().Add(time.Minute))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	return ":" + strings.TrimSpace(number)
}

// slowXDGMime is a folder with an xdg-mime that never answers.
func (s *seat) slowXDGMime() string {
	s.t.Helper()
	dir := s.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "xdg-mime"), []byte("#!/bin/sh\nsleep 600\n"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// TestDoctorsBundle: it has what helps and nothing that is nobody's business, belongs to
// the person alone, and is not written over another file.
func TestDoctorsBundle(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Username: "giovanna.bianchi"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	s := newSeat(t)
	flags := accountFlags(pbx.Addr(), "7101")
	for i, f := range flags {
		if f == "--user" {
			flags[i+1] = "giovanna.bianchi"
		}
	}
	s.must(pbxsim.Secret+"\n", flags...)
	s.agent()
	s.Wait("the agent", func() bool { return s.status().Running })
	s.run("", "dial", "039050123402")
	file := filepath.Join(t.TempDir(), "help.zip")
	out, errs, code := s.run("", "doctor", "--bundle", file)
	if code != exitWarnings || !strings.Contains(out, "checks.txt") || !strings.Contains(out, file) {
		t.Fatalf("exit status %d\n%s%s", code, out, errs) // links do not open with it
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", f.Name, len(text), err)
		}
		names = append(names, f.Name)
		all.Write(text)
	}
	if want := []string{"versions.txt", "checks.txt", "checks.json", "settings.txt", "log.txt"}; !slices.Equal(names, want) {
		t.Errorf("there are %q", names)
	}
	for _, private := range []string{pbxsim.Secret, "giovanna", "bianchi", "7101", "039050123402", pbxsim.Tenant, s.Home(), "Ada Rossi"} {
		if strings.Contains(all.String(), private) {
			t.Errorf("%q stands in it:\n%s", private, all.String())
		}
	}
	for _, helps := range []string{"127.0.0.1", "…101", "accepts user", "Debian", "level=INFO"} {
		if !strings.Contains(all.String(), helps) {
			t.Errorf("%q does not stand in it:\n%s", helps, all.String())
		}
	}
	if _, errs, code := s.run("", "doctor", "--bundle", file); code != exitUsage || !strings.Contains(errs, "is there already") {
		t.Errorf("a second time: exit status %d, %s", code, errs)
	}
}
