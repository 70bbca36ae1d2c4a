//go:build linux && packaged

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// The life of the package on somebody's computer, from its installation to its end.
// packaging/linux/test-packages.sh runs it in the distributions that the package is
// for; it has to be on a computer that may be changed, as a user who may use sudo.

// asRoot runs a command that changes the computer.
func asRoot(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("sudo", append([]string{"-n", "--"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// apt installs or removes packages. Warnings of packages are faults of theirs.
func apt(t *testing.T, args ...string) {
	t.Helper()
	out := asRoot(t, append([]string{"apt-get", "-q", "-y", "--no-install-recommends", "--allow-downgrades"}, args...)...)
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "dpkg: warning") || strings.Contains(line, "cornetta") && strings.Contains(strings.ToLower(line), "error") {
			t.Errorf("apt-get %q: %s", args, line)
		}
	}
}

// systemFiles are all files of the computer but those of people, of the package
// manager itself, logs and caches. What makes a list of all entries is not a trace of
// ours while it does not name us.
func systemFiles(t *testing.T) []string {
	t.Helper()
	out := asRoot(t, "find", "/", "-xdev", "(", "-path", "/home", "-o", "-path", "/tmp", "-o", "-path", "/var/tmp", "-o",
		"-path", "/var/lib/dpkg", "-o", "-path", "/var/lib/apt", "-o", "-path", "/var/cache", "-o", "-path", "/var/log", "-o", "-path", "/run", "-o",
		"-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/dev", "-o", "-path", "/artefacts", ")", "-prune", "-o", "-print")
	files := strings.Split(strings.TrimSpace(out), "\n")
	slices.Sort(files)
	return files
}

// TestPackaged: the package is installed, started with the session, used, upgraded in
// mid-call, and taken away without a trace.
func TestPackaged(t *testing.T) {
	older, newer := os.Getenv("CORNETTA_OLDER"), os.Getenv("CORNETTA_NEWER")
	caches := []string{"/usr/share/applications/mimeinfo.cache", "/usr/share/icons/hicolor/icon-theme.cache"}
	before := systemFiles(t)
	pbx := startPBX(t)

	apt(t, "install", older)
	oldVersion := strings.TrimSpace(asRoot(t, "dpkg-query", "-W", "-f=${Version}", "cornetta"))
	for _, page := range []string{"cornetta", "cornetta-ui"} {
		if _, err := os.Stat("/usr/share/man/man1/" + page + ".1.gz"); err != nil {
			t.Error(err)
		}
	}

	t.Run("with a tray", func(t *testing.T) { life(t, pbx, oldVersion, newer) })
	t.Run("without a tray", func(t *testing.T) { noTray(t, pbx) })

	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.sessionStarts()
	s.tray("Ready")
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	apt(t, "remove", "cornetta") // while it runs
	if _, err := os.Stat(filepath.Join(programs, "cornetta")); err == nil {
		t.Error("the program is still there")
	}
	if _, err := os.Stat(autostartEntry); err != nil {
		t.Errorf("what an administrator may have changed is gone before the purge: %v", err)
	}
	s.end(s.onBus())
	apt(t, "purge", "cornetta")

	after := systemFiles(t)
	for _, path := range after {
		if !slices.Contains(before, path) && !slices.Contains(caches, path) {
			t.Errorf("%s is left", path)
		}
	}
	for _, path := range before {
		if !slices.Contains(after, path) {
			t.Errorf("%s is gone, and was not ours", path)
		}
	}
	for _, path := range caches {
		if content, _ := os.ReadFile(path); strings.Contains(string(content), "ornetta") {
			t.Errorf("%s still names Cornetta", path)
		}
	}
	if out := asRoot(t, "dpkg-query", "-W", "-f=${Package} ${db:Status-Abbrev}\n"); strings.Contains(out, "cornetta") {
		t.Errorf("dpkg still knows it:\n%s", out)
	}
}

const autostartEntry = "/etc/xdg/autostart/" + busName + ".desktop"

// service lets the desktop's bus start what the package says. No other service of the
// computer is to be started.
func (s *seat) service() {
	s.t.Helper()
	name := busName + ".service"
	content, err := os.ReadFile(filepath.Join("/usr/share/dbus-1/services", name))
	if err == nil {
		err = os.WriteFile(filepath.Join(filepath.Dir(s.DataHome()), "services", name), content, 0o600)
	}
	if err == nil {
		err = s.Bus().BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// sessionStarts does as a desktop does that starts a session.
func (s *seat) sessionStarts() {
	s.t.Helper()
	// What is started goes on, and would keep the pipe of its output.
	s.started("sh", "-c", "exec gio launch "+autostartEntry+" >/dev/null 2>&1")
}

// programOf is the program of a process, as the kernel tells it.
func programOf(t *testing.T, pid int) string {
	t.Helper()
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// life is a day of a person with a tray, in which the package is upgraded.
func life(t *testing.T, pbx *pbxsim.PBX, oldVersion, newer string) {
	s := newSeat(t)
	s.service()
	if version := s.must("", "--version"); !strings.Contains(oldVersion, strings.Fields(version)[1]) {
		t.Errorf("the package %s has %s", oldVersion, version)
	}

	// The session starts it: an icon, and nothing that asks.
	s.sessionStarts()
	item := s.tray("Not set up")
	if s.appears("", time.Second) {
		t.Errorf("the session shows %q", s.Titles())
	}
	s.ClickTray(item, 1)
	w := s.Window("^Set up Cornetta$")
	s.Wait("the assistant to have the focus", w.Focused)
	s.look("1-assistant")
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	w.Close()
	w.WaitGone()

	item = s.tray("Ready")
	s.ClickTray(item, 1)
	w = s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.typed("039050123407")
	s.waitState(call.InCall)
	s.told("In call")
	s.look("2-in-call")

	// The call goes on while the package is upgraded, and so does the program.
	apt(t, "install", newer)
	if st := s.status(); st.Call == nil || st.Call.State != call.InCall || pbx.Calls() != 1 {
		t.Errorf("after the upgrade it is %+v", st)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	s.end(s.onBus())

	// The menu starts the new one, with what the old one was told.
	s.busCall("Activate", "{}")
	w = s.Window("^Cornetta$")
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	if exe := programOf(t, s.onBus()); exe != filepath.Join(programs, "cornetta") {
		t.Errorf("what runs is %s", exe)
	}
	s.Wait("the dial window to have the focus", w.Focused)
	s.typed("039050123407")
	s.waitState(call.InCall)
	s.look("3-upgraded")
	s.must("", "hangup")
	s.waitState(call.Ended)
	w.Focus()
	s.Key("Escape")
	w.WaitGone()

	// Links are the package's, for every user.
	for _, opener := range [][]string{{"gio", "open"}, {"xdg-open"}, {"env", "XDG_CURRENT_DESKTOP=", "DESKTOP_SESSION=", "xdg-open"}} {
		s.started(opener[0], append(opener[1:], "tel:+390501234507")...)
		w = s.Window(confirmTitle)
		s.Key("Escape")
		w.WaitGone()
	}
	// What one user wants is kept beside that, and not twice.
	mine := []string{s.DataHome(), s.ConfigHome()}
	untouched := filesOf(t, mine...)
	wrote := s.must("", "install")
	list := filepath.Join(s.ConfigHome(), "mimeapps.list")
	if want := words.Wrote(list) + "\n" + words.Text(words.SayForAllUsers) + "\n"; wrote != want {
		t.Errorf("install says:\n%swant:\n%s", wrote, want)
	}
	s.must("", "install", "--no-autostart")
	entry := filepath.Join(s.ConfigHome(), "autostart", busName+".desktop")
	if content, err := os.ReadFile(entry); !strings.Contains(string(content), "\nHidden=true\n") {
		t.Errorf("the session starts it all the same: %v\n%s", err, content)
	}
	if out, err := s.output("desktop-file-validate", entry); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	s.must("", "uninstall")
	for path := range filesOf(t, mine...) {
		if _, there := untouched[path]; !there && strings.Contains(path, busName) {
			t.Errorf("%s is left", path)
		}
	}
	s.end(s.onBus())
}

// typed dials a number in the window, which takes no Enter in the moment after it came up.
func (s *seat) typed(number string) {
	s.t.Helper()
	s.Type(number)
	before := s.status().Call
	s.until("the call", func() { s.Key("Return") }, func() bool {
		now := s.status().Call
		return now != nil && (before == nil || now.State != before.State)
	})
}

// noTray is a person whose desktop shows no tray, as GNOME does not: the session
// starts Cornetta unseen, and the menu shows its window.
func noTray(t *testing.T, pbx *pbxsim.PBX) {
	s := newSeat(t, desktoptest.WithoutTrayHost())
	s.service()
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.sessionStarts()
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	pid := s.onBus()
	if s.appears("", time.Second) {
		t.Errorf("the session shows %q", s.Titles())
	}
	s.busCall("Activate", "{}")
	w := s.Window("^Cornetta$")
	s.Wait("the window to have the focus", w.Focused)
	s.typed("039050123402")
	s.waitState(call.Ended)
	s.look("no-tray")
	if now := s.onBus(); now != pid {
		t.Errorf("the menu started another one: %d, then %d", pid, now)
	}
	s.end(pid)
}
