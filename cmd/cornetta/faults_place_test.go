//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// TestDamagedSettings: whatever is in the settings' file, Cornetta starts, shows
// its settings with the reason, logs in nowhere and changes nothing. There is no
// other way in for settings from outside: nothing imports any.
func TestDamagedSettings(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	good := s.settingsFile()
	logins := pbx.Logins()
	for _, tc := range []struct {
		name, content, says string
	}{
		{"newer", strings.Replace(good, "version = ", "version = 9", 1), "later version"},
		{"cut", good[:len(good)/2], "damaged"},
		{"too large", good + strings.Repeat("# more\n", 10_000), "damaged"},
		{"a million keys", good + strings.Repeat("a=1\n", 1_000_000), "damaged"},
		{"binary", "\x00\xff\xfe", "damaged"},
		{"a prefix that forwards", replaced(t, good, `prefix = '0'`, `prefix = '*21*333'`), "Outside line"},
		{"a host with a line break", replaced(t, good, "host = '127.0.0.1'", `host = "127.0.0.1\r\nAction: Command"`), "Host"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			if err := os.WriteFile(s.settingsPath(), []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, errs, code := s.run("", "dial", "7102"); code == exitOK || !strings.Contains(strings.ToLower(errs), strings.ToLower(tc.says)) {
				t.Errorf("dial alone: exit status %d: %s", code, errs)
			}
			agent := s.begin()
			w := s.Window("Settings")
			s.look("settings")
			if _, _, code := s.run("", "dial", "7102"); code == exitOK {
				t.Error("it dials")
			}
			w.Close()
			agent.end(syscall.SIGTERM)
			if s.settingsFile() != tc.content {
				t.Error("the file was changed")
			}
		})
	}
	if n := pbx.Logins() - logins; n != 0 {
		t.Errorf("%d logins", n)
	}
}

func replaced(t *testing.T, in, old, with string) string {
	t.Helper()
	if !strings.Contains(in, old) {
		t.Fatalf("there is no %s in\n%s", old, in)
	}
	return strings.Replace(in, old, with, 1)
}

// apart is a command in a mount namespace of its own, after setup.
func (s *seat) apart(setup string, args ...string) *running {
	s.t.Helper()
	if os.Geteuid() != 0 {
		s.t.Skip("only root can mount")
	}
	// A root that is no mount point, as in a chroot, cannot be made private.
	private := "mount --make-rprivate / 2>/dev/null || true; "
	cmd := s.Command("unshare", append([]string{"--mount", "--propagation", "unchanged", "sh", "-ec", private + setup + `; exec "$0" "$@"`, filepath.Join(programs, "cornetta")}, args...)...)
	return s.beginCommand(cmd)
}

// TestFullDisk: with no room for its state and its settings Cornetta calls as
// ever, remembers the call while it runs, and says what it could not keep.
func TestFullDisk(t *testing.T) {
	pbx := startPBX(t)
	for _, tc := range []struct{ name, setup, says string }{
		{"full", `for d in "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"; do
			cp -a "$d" "$TMPDIR/kept"; mount -t tmpfs -o size=256k,mode=700 tmpfs "$d"; cp -a "$TMPDIR/kept/." "$d"; rm -r "$TMPDIR/kept"
			head -c 1000000 /dev/zero > "$d/balloon" 2>/dev/null || true; done`, "no space left"},
		{"read-only", `for d in "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"; do
			mount --bind "$d" "$d"; mount -o remount,bind,ro "$d"; done`, "read-only"},
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
	s.Key("Return") // Cancel has the focus
	w.WaitGone()
	s.must("", "status")
	if titles := s.Titles(); len(titles) != 0 {
		t.Errorf("a dropped link came back: %q", titles)
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
