//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/ui/desktoptest"
)

// The tests here are about where Cornetta runs: what lies on the disk, what the
// disk can take, the names of things, and who knocks.

func (s *seat) settingsPath() string { return filepath.Join(s.ConfigHome(), "cornetta", "config.toml") }

// TestDamagedSettings: whatever is in the settings' file, Cornetta starts, says so with
// the file's name, and leads out of it; nobody is told that nothing was set up.
func TestDamagedSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	good := s.settingsFile()
	for _, tc := range []struct {
		name, content, says string
	}{
		{"cut", good[:len(good)/2], ""},
		{"empty", "", ""},
		{"a million keys", good + strings.Repeat("a=1\n", 1_000_000), ""},
		{"binary", "\x00\xff\xfe", ""},
		{"a prefix that forwards", replaced(t, good, `prefix = '0'`, `prefix = '*21*333'`), "Outside line"},
		{"a host with a line break", replaced(t, good, "host = '127.0.0.1'", `host = "127.0.0.1\r\nAction: Command"`), "Host"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			damage := func() {
				if err := os.WriteFile(s.settingsPath(), []byte(tc.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			damage()
			kept := s.settingsPath() + ".damaged"
			_ = os.Remove(kept)
			_, errs, code := s.run("", "account", "show")
			if now, err := os.ReadFile(kept); code != exitOK || !strings.Contains(errs, kept) || string(now) != tc.content || s.settingsFile() != good {
				t.Errorf("restored by the command line: exit status %d: %s\n%v", code, errs, err)
			}

			// The agent is the same, and another copy that is damaged is of no use.
			damage()
			if err := os.WriteFile(s.settingsPath()+".good", []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			logins := pbx.Logins()
			_, errs, code = s.run("", "dial", "7102")
			if code == exitOK || !strings.Contains(errs, "damaged") || !strings.Contains(errs, tc.says) || !strings.Contains(errs, s.settingsPath()) {
				t.Errorf("dial alone: exit status %d: %s", code, errs)
			}
			agent := s.begin()
			s.Window("^Set up Cornetta$")
			s.look("assistant")
			if out := s.must("", "status"); !strings.Contains(out, "damaged") {
				t.Errorf("status says %s", out)
			}
			if _, errs, code := s.run("", "dial", "7102"); code == exitOK || !strings.Contains(errs, "damaged") {
				t.Errorf("dial through the agent: exit status %d: %s", code, errs)
			}
			if s.settingsFile() != tc.content || pbx.Logins() != logins {
				t.Error("the file was changed, or the PBX asked")
			}
			_, errs, code = s.run(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
			if code != exitOK || !strings.Contains(errs, ".damaged") || s.settingsFile() != good {
				t.Errorf("account set: exit status %d: %s\n%s", code, errs, s.settingsFile())
			}
			s.tray("Ready")
			agent.end(syscall.SIGTERM)
		})
	}
}

// TestAgentRestoresSettings: an agent that finds them damaged goes on with those of
// before, and shows them with the reason.
func TestAgentRestoresSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	good := s.settingsFile()
	if err := errors.Join(os.Remove(s.settingsPath()), syscall.Mkfifo(s.settingsPath(), 0o600)); err != nil {
		t.Fatal(err)
	}
	agent := s.begin()
	s.tray("Ready")
	s.Window("Settings$")
	s.look("restored")
	if now := s.settingsFile(); now != good {
		t.Errorf("the settings are\n%s", now)
	}
	agent.end(syscall.SIGTERM)
}

// TestAssistantLeadsOutOfDamage: it begins with what can be read, and its Save puts
// that in the place of the damaged file.
func TestAssistantLeadsOutOfDamage(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	good := s.settingsFile()
	bad := strings.Replace(good, "region = ", "region ", 1)
	if err := errors.Join(os.WriteFile(s.settingsPath(), []byte(bad), 0o600), os.Remove(s.settingsPath()+".good")); err != nil {
		t.Fatal(err)
	}
	f := s.firstRun()
	// All is there but the password, which has the focus.
	f.Type(pbxsim.Secret)
	f.turn("with the test", f.press("Return"))
	f.waitButton()
	f.look("2-test")
	f.turn("with the extensions", f.press("Return"))
	f.waitButton()
	f.look("3-extension")
	f.turn("with the outside line", f.press("Return"))
	f.waitButton()
	f.look("4-outside-line")
	f.until("the settings to be saved", f.press("Return"), func() bool { return s.settingsFile() == good })
	f.look("5-kept")
	if kept, err := os.ReadFile(s.settingsPath() + ".damaged"); err != nil || string(kept) != bad {
		t.Errorf("kept: %v\n%s", err, kept)
	}
	s.tray("Ready")
}

// TestNewerSettings: those of a later version are never taken for none, and nothing
// takes their place.
func TestNewerSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	newer := strings.Replace(s.settingsFile(), "version = ", "version = 9", 1)
	if err := os.WriteFile(s.settingsPath(), []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	set := accountFlags(pbx.Addr(), "7102")
	for _, through := range []string{"alone", "agent"} {
		if through == "agent" {
			agent := s.begin()
			defer agent.end(syscall.SIGTERM)
			s.Window("Settings$")
			s.look("newer")
			s.tray("later version")
			if out := s.must("", "status"); !strings.Contains(out, "later version") {
				t.Errorf("status says %s", out)
			}
		}
		for _, args := range [][]string{{"dial", "7102"}, {"account", "show"}, {"account", "remove"}, set} {
			_, errs, code := s.run(pbxsim.Secret, args...)
			if code != exitFailed || !strings.Contains(errs, "later version") {
				t.Errorf("%s: %q: exit status %d: %s", through, args, code, errs)
			}
		}
	}
	if s.settingsFile() != newer {
		t.Error("the file was changed")
	}
}

func replaced(t *testing.T, in, old, with string) string {
	t.Helper()
	if !strings.Contains(in, old) {
		t.Fatalf("there is no %s in\n%s", old, in)
	}
	return strings.Replace(in, old, with, 1)
}

// apart is an agent in a mount namespace of its own, after setup.
func (s *seat) apart(setup string) *running {
	s.t.Helper()
	return s.beginCommand(s.inside(setup, `exec "$0"`))
}

// inside is a shell's command in a mount namespace of its own, after setup; $0 is
// cornetta.
func (s *seat) inside(setup, command string, args ...string) *exec.Cmd {
	s.t.Helper()
	if os.Geteuid() != 0 {
		s.t.Skip("only root can mount")
	}
	// A root that is no mount point, as in a chroot, cannot be made private.
	private := "mount --make-rprivate / 2>/dev/null || true; "
	return s.Command("unshare", append([]string{"--mount", "--propagation", "unchanged", "sh", "-ec", private + setup + "; " + command, filepath.Join(programs, "cornetta")}, args...)...)
}

// fullDisk and readOnlyDisk are what has become of the disk with state and settings.
const (
	fullDisk = `for d in "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"; do
		cp -a "$d" "$TMPDIR/kept"; mount -t tmpfs -o size=256k,mode=700 tmpfs "$d"; cp -a "$TMPDIR/kept/." "$d"; rm -r "$TMPDIR/kept"
		head -c 1000000 /dev/zero > "$d/balloon" 2>/dev/null || true; done`
	readOnlyDisk = `for d in "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"; do
		mount --bind "$d" "$d"; mount -o remount,bind,ro "$d"; done`
)

// TestNoRoomInATerminal: what could not be written is told as a sentence with the path
// and what to do, and not as Go has it.
func TestNoRoomInATerminal(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	settings := s.settingsFile()
	other := accountFlags(pbx.Addr(), "7102")
	other = other[:len(other)-1] // without the password
	for _, tc := range []struct {
		name, setup, command string
		args                 []string
		code                 int
		says                 []string
	}{
		{"settings, full", fullDisk, `exec "$0" "$@"`, other, exitFailed, []string{"no room on the disk", "Make room", s.settingsPath()}},
		{"settings, read-only", readOnlyDisk, `exec "$0" "$@"`, other, exitFailed, []string{"cannot be written", s.settingsPath()}},
		{"a call, full", fullDisk, `exec "$0" "$@"`, []string{"dial", "039050123402"}, exitOK, []string{"the call is not remembered", "no room on the disk", s.StateHome()}},
		{"a call, read-only", readOnlyDisk, `exec "$0" "$@"`, []string{"dial", "039050123402"}, exitOK, []string{"the call is not remembered", s.StateHome()}},
		{
			"no folder for the socket", `mount -t tmpfs -o nr_inodes=1,mode=700 tmpfs "$XDG_STATE_HOME"; unset XDG_RUNTIME_DIR`,
			`exec "$0"`, nil, exitFailed,
			[]string{"could not start", "no room on the disk", s.StateHome()},
		},
		{"output", ":", `exec "$0" "$@" > /dev/full`, []string{"status"}, exitFailed, []string{"no room on the disk", "/dev/stdout"}},
		{"JSON", ":", `exec "$0" "$@" > /dev/full`, []string{"status", "--json"}, exitFailed, []string{"no room on the disk", "/dev/stdout"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := s.inside(tc.setup, tc.command, tc.args...)
			var errs bytes.Buffer
			cmd.Stderr = &errs
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit status %d", code)
			}
			for _, says := range tc.says {
				if !strings.Contains(errs.String(), says) {
					t.Errorf("it does not say %q", says)
				}
			}
			for _, raw := range []string{"no space left", "level=", "read-only file system"} {
				if strings.Contains(errs.String(), raw) {
					t.Errorf("it says %q", raw)
				}
			}
			t.Log(errs.String())
		})
	}
	if now := s.settingsFile(); now != settings {
		t.Errorf("the settings are not what they were:\n%s", now)
	}
}

// TestRemoveIsAllOrNothing: an account is not left without its password, nor a password
// without its account.
func TestRemoveIsAllOrNothing(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	cmd := s.inside(readOnlyDisk, `exec "$0" account remove`)
	cmd.Stdout, cmd.Stderr = nil, nil
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "cannot be written") {
		t.Errorf("%v: %s", err, out)
	}
	if a := s.account(); a.Host == "" || a.Secret != "keyring" {
		t.Errorf("after the disk refused: %+v", a)
	}
	s.Freeze("gnome-keyring-daemon")
	_, errs, code := s.run("", "account", "remove")
	s.Thaw("gnome-keyring-daemon")
	if code != exitNoLink || !strings.Contains(errs, "nothing was removed") {
		t.Errorf("exit status %d: %s", code, errs)
	}
	if a := s.account(); a.Host == "" || a.Secret != "keyring" {
		t.Errorf("after the keyring refused: %+v", a)
	}
	s.must("", "account", "remove")
	if _, errs, code := s.run("", "account", "show"); code != exitNoLink {
		t.Errorf("exit status %d: %s", code, errs)
	}
	flags := accountFlags(pbx.Addr(), "7101")
	s.must("", flags[:len(flags)-1]...) // without a password
	if a := s.account(); a.Secret != "none" {
		t.Errorf("the password of before: %+v", a)
	}
}

// TestKeyringNeverStarts: a secret service that the bus starts, and that never comes.
// Who waits is told what for, can end it at once, and it ends by itself.
func TestKeyringNeverStarts(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutKeyring())
	path := filepath.Join(s.DataHome(), "dbus-1", "services", "org.freedesktop.secrets.service")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sleep 600\n"), 0o600),
		s.Bus().BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err); err != nil {
		t.Fatal(err)
	}
	for _, interrupted := range []bool{true, false} {
		cmd := s.cornetta(accountFlags(pbx.Addr(), "7101")...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(pbxsim.Secret), nil
		errs, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said, more := make([]byte, 4096), ""
		n, _ := errs.Read(said)
		told := time.Since(began)
		if !strings.Contains(string(said[:n]), "waiting for the keyring") {
			t.Errorf("it says %s", said[:n])
		}
		if interrupted {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
		rest, _ := io.ReadAll(errs)
		more = string(rest)
		_ = cmd.Wait()
		took := time.Since(began)
		t.Logf("told after %v, ended after %v: %s", told.Round(time.Millisecond), took.Round(time.Millisecond), more)
		switch code := cmd.ProcessState.ExitCode(); {
		case interrupted && (code != exitFailed || took-told > endTime || !strings.Contains(more, "interrupted")):
			t.Errorf("interrupted: exit status %d, %v later: %s", code, took-told, more)
		case !interrupted && (code != exitNoLink || !strings.Contains(more, "no keyring answered")):
			t.Errorf("exit status %d: %s", code, more)
		}
	}
}

// TestBlockedStart: what stands in the place of a file or a folder of Cornetta's holds
// up nobody, and a signal ends what waits for a person or for a reader.
func TestBlockedStart(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, name := range []string{"config.toml", "config.toml.good"} {
		if err := os.RemoveAll(filepath.Join(s.ConfigHome(), "cornetta", name)); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(filepath.Join(s.ConfigHome(), "cornetta", name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"history.jsonl", "keys-told", "logins", "calls"} {
		if err := errors.Join(os.RemoveAll(filepath.Join(s.StateHome(), "cornetta", name)), os.MkdirAll(filepath.Join(s.StateHome(), "cornetta"), 0o700),
			syscall.Mkfifo(filepath.Join(s.StateHome(), "cornetta", name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, errs, code := s.run("", "dial", "7102"); code != exitFailed || !strings.Contains(errs, "damaged") {
		t.Errorf("dial: exit status %d: %s", code, errs)
	}
	s.begin().end(syscall.SIGTERM)
	if _, errs, code := s.run(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...); code != exitOK || !strings.Contains(errs, ".damaged") {
		t.Errorf("account set: exit status %d: %s", code, errs)
	}
	if _, errs, code := s.run("", "dial", "039050123402"); code != exitOK {
		t.Errorf("dial: exit status %d: %s", code, errs)
	}
	if lines := s.lines(); len(lines) != 1 {
		t.Errorf("the history has %v", lines)
	}

	for name, args := range map[string][]string{
		"a password that is not typed": accountFlags(pbx.Addr(), "7101"), "a text that does not come": {"explain", "-"},
	} {
		cmd := s.cornetta(args...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		r := &running{s: s, cmd: cmd, ended: make(chan struct{})}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.Wait("the program to be there", func() bool { return catches(t, cmd.Process.Pid, syscall.SIGTERM) })
		_ = cmd.Process.Signal(syscall.SIGTERM)
		go func() {
			defer close(r.ended)
			_ = cmd.Wait()
		}()
		select {
		case <-r.ended:
		case <-time.After(10 * endTime):
			_ = cmd.Process.Kill()
			t.Errorf("%s: SIGTERM does not end it", name)
		}
		_ = in.Close()
	}
}

// catches reports whether a process has a handler for sig.
func catches(t *testing.T, pid int, sig syscall.Signal) bool {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "SigCgt:")
	mask, err := strconv.ParseUint(strings.Fields(rest)[0], 16, 64)
	return err == nil && mask&(1<<(sig-1)) != 0
}

// TestFullDisk: with no room for its state and its settings Cornetta calls as
// ever, remembers the call while it runs, and says what it could not keep.
func TestFullDisk(t *testing.T) {
	pbx := startPBX(t)
	for _, tc := range []struct{ name, setup, says string }{
		{"full", fullDisk, "no space left"},
		{"read-only", readOnlyDisk, "read-only"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSeat(t)
			s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
			settings := s.settingsFile()
			agent := s.apart(tc.setup)
			item := s.tray("Ready")
			s.must("", "dial", "--no-wait", "039050123407")
			s.waitState(call.InCall)
			s.must("", "hangup")
			s.waitState(call.Ended)
			s.WaitTrayMenu(item, "the call under Recent", func(m desktoptest.MenuItem) bool {
				return m.Label == "Recent" && slices.ContainsFunc(m.Items, func(i desktoptest.MenuItem) bool {
					return i.Visible && strings.Contains(i.Label, "039050123407")
				})
			})
			agent.end(syscall.SIGTERM)
			log, err := os.ReadFile(agent.log)
			if err != nil || !bytes.Contains(log, []byte("not remembered")) || !bytes.Contains(log, []byte(tc.says)) {
				t.Errorf("the log does not say %q: %v\n%s", tc.says, err, log)
			}
			if now := s.settingsFile(); now != settings {
				t.Errorf("the settings are not what they were:\n%s", now)
			}
		})
	}
}

// TestOddPlace: a home whose path has blanks and other letters, a language in
// which i is no small I, and the time zone farthest from UTC change nothing.
func TestOddPlace(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	home := filepath.Join(s.Home(), "zzà è", "x")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	odd := []string{
		"HOME=" + home, "TZ=Pacific/Kiritimati", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8",
		"XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=",
	}
	must := func(stdin string, args ...string) string {
		t.Helper()
		cmd := s.cornetta(args...)
		cmd.Env = append(cmd.Env, odd...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), nil, nil
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("cornetta %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	if out := must("", "extensions"); !strings.Contains(out, "7102") {
		t.Errorf("extensions: %s", out)
	}
	const calls = "requested ringing_own answered_own ringing_far in_call ended"
	if got := statesOf(t, must("", "dial", "--json", "039050123402")); got != calls {
		t.Errorf("by the command line alone: %s", got)
	}
	cmd := s.cornetta()
	cmd.Env = append(cmd.Env, odd...)
	agent := s.beginCommand(cmd)
	s.tray("Ready")
	if got := statesOf(t, must("", "dial", "--json", "039050123402")); got != calls {
		t.Errorf("through the agent: %s", got)
	}
	s.link("tel:+390501234507")
	s.look("1-a-link")
	s.Key("Escape")
	must("")
	s.Window("^Cornetta$")
	s.look("2-dial")
	agent.end(syscall.SIGTERM)
	for _, file := range []string{".config/cornetta/config.toml", ".local/state/cornetta/history.jsonl"} {
		if _, err := os.Stat(filepath.Join(home, file)); err != nil {
			t.Error(err)
		}
	}
}

// TestLinkFlood: a thousand links handed over in no time are one window, no call
// and no memory.
func TestLinkFlood(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.begin()
	s.tray("Ready")
	t.Setenv("XDG_RUNTIME_DIR", s.RuntimeDir()) // to be this user's program, too
	w := s.link("tel:+390501234507")
	before := processOf(t, agent.cmd.Process.Pid)
	start := time.Now()
	var taken atomic.Int32
	var work sync.WaitGroup
	for worker := range 6 {
		work.Go(func() {
			c, err := control.Connect(t.Context(), instance)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for i := range 170 {
				if _, err := control.Link.Call(t.Context(), c, control.LinkParams{URI: fmt.Sprintf("tel:+39050%03d%04d", worker, i)}); err != nil {
					t.Error(err)
					return
				}
				taken.Add(1)
			}
		})
	}
	work.Wait()
	after := processOf(t, agent.cmd.Process.Pid)
	grown := after.rss - before.rss
	t.Logf("%d links in %v: %.1f MB more, %v of CPU", taken.Load(), time.Since(start).Round(time.Millisecond), float64(grown)/1e6, after.cpu-before.cpu)
	if grown > 16<<20 {
		t.Errorf("they cost %d bytes", grown)
	}
	if titles := s.Titles(); len(titles) != 1 || !w.Visible() {
		t.Errorf("windows: %q", titles)
	}
	s.look("counted")
	s.sayNo(w)
	s.must("", "status")
	if titles := s.Titles(); len(titles) != 0 {
		t.Errorf("a dropped link came back: %q", titles)
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
