//go:build linux

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// The tests here break a desktop under a running Cornetta, or start Cornetta on
// one that is broken.

// openEach opens each of the windows in turn, by what opens it for a person.
var openEach = []struct {
	window string
	open   func(*seat) *desktoptest.Window
}{
	{"dial", func(s *seat) *desktoptest.Window {
		s.ClickTray(s.tray("Ready"), 1)
		return s.Window("^Cornetta$")
	}},
	{"dial, in call", func(s *seat) *desktoptest.Window {
		s.must("")
		w := s.Window("^Cornetta$")
		s.must("", "dial", "--no-wait", "039050123407")
		s.waitState(call.InCall)
		return w
	}},
	{"settings", func(s *seat) *desktoptest.Window {
		item := s.tray("Ready")
		// Not by the mouse: the icon of an agent that was killed just before may
		// still move about in the panel.
		s.SendMenuClick(item, s.WaitTrayMenu(item, "Settings", func(m desktoptest.MenuItem) bool {
			return strings.HasPrefix(m.Label, "Settings")
		}))
		return s.Window("Settings")
	}},
	{"a link", func(s *seat) *desktoptest.Window { return s.link("tel:+390501234507") }},
}

// TestWindowsDieInEveryState: whatever is shown, the windows can be killed: the
// agent and a call go on, nothing is dialled, and the next window opens in a new
// process.
func TestWindowsDieInEveryState(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	for _, tc := range openEach {
		t.Run(tc.window, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			w := tc.open(s)
			before, calls := len(pbx.Originates()), pbx.Calls()
			kill(t, filepath.Join(programs, "cornetta-ui"))
			w.WaitGone()
			s.must("")
			next := s.Window("^Cornetta$")
			if n := len(pbx.Originates()); n != before {
				t.Errorf("%d calls were asked for when the window died", n-before)
			}
			if n := pbx.Calls(); n != calls {
				t.Errorf("%d calls go on, there were %d", n, calls)
			}
			kill(t, filepath.Join(programs, "cornetta-ui"))
			next.WaitGone()
			if calls > 0 {
				s.must("", "hangup")
				s.waitState(call.Ended)
			}
		})
	}
}

// TestAgentDiesInEveryState: when the agent is killed no window is left that
// looks alive, a call goes on, and the next start is one.
func TestAgentDiesInEveryState(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, tc := range openEach {
		t.Run(tc.window, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			agent := s.begin()
			s.tray("Ready")
			w := tc.open(s)
			calls := pbx.Calls()
			if err := agent.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-agent.ended
			w.WaitGone()
			s.Wait("the windows to end", func() bool { return !runs(filepath.Join(programs, "cornetta-ui")) })
			if n := pbx.Calls(); n != calls {
				t.Errorf("%d calls go on, there were %d", n, calls)
			}
			pbx.HangUpAll()
			s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
		})
	}
	// Killed again and again, it starts as if nothing had been.
	start := time.Now()
	s.begin()
	if d := time.Since(start); d > endTime {
		t.Errorf("it took %v to start", d)
	}
	s.tray("Ready")
}

// TestStartOnABrokenDesktop: with any part missing or hanging Cornetta starts,
// answers the command line, says what it can, and ends.
func TestStartOnABrokenDesktop(t *testing.T) {
	pbx := startPBX(t)
	const nowhere = "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"
	for _, tc := range []struct {
		name   string
		freeze string
		env    []string
		link   status.Connection // what status says in the end; "" for any
	}{
		{"all is well", "", nil, status.Ready},
		{"no session bus", "", []string{nowhere}, status.Trouble},
		{"no bus, no display", "", []string{nowhere, "DISPLAY=", "XAUTHORITY="}, status.Trouble},
		{"a bus that hangs", "dbus-daemon", nil, status.Trouble},
		{"a keyring that hangs", "gnome-keyring-daemon", nil, status.Trouble},
		{"a tray that hangs", "xfce4-panel", nil, status.Ready},
		{"notifications that hang", "dunst", nil, status.Ready},
		{"a display that hangs", "Xvfb", nil, status.Ready},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSeat(t)
			s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
			if tc.freeze != "" {
				s.Freeze(tc.freeze)
			}
			start := time.Now()
			cmd := s.cornetta()
			cmd.Env = append(cmd.Env, tc.env...)
			r := s.beginCommand(cmd)
			if d := time.Since(start); d > endTime {
				t.Errorf("it took %v to answer", d)
			}
			s.Wait("the link to be "+string(tc.link), func() bool { return s.status().Connection == tc.link })
			if tc.link == status.Ready {
				s.must("", "dial", "--no-wait", "039050123407")
				s.waitState(call.InCall)
				s.must("", "hangup")
			} else if what := s.must("", "status"); !strings.Contains(what, "keyring") {
				t.Errorf("status: %s", what)
			}
			start = time.Now()
			if slices.Contains(tc.env, "DISPLAY=") {
				for _, args := range [][]string{{"tel:+390501234507"}, nil} {
					if _, errs, code := s.run("", args...); code != exitFailed || !strings.Contains(errs, "no display") {
						t.Errorf("%q without a display: exit status %d, %q", args, code, errs)
					}
				}
			} else {
				s.must("", "tel:+390501234507")
			}
			if d := time.Since(start); d > endTime {
				t.Errorf("it took %v to take a link", d)
			}
			r.end(syscall.SIGTERM)
			if tc.freeze != "" {
				s.Thaw(tc.freeze)
			}
			if found := s.secretOnDisk(); found != "" {
				t.Errorf("the password is in %s", found)
			}
		})
	}
}

// watcher is a host of the tray that can die and return as often as it likes.
type watcher struct{ items atomic.Int32 }

func (w *watcher) RegisterStatusNotifierItem(string) *dbus.Error {
	w.items.Add(1)
	return nil
}

func (*watcher) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// TestTrayHostReturns, twenty times: the icon is registered again within two
// seconds each time.
func TestTrayHostReturns(t *testing.T) {
	const name, path = "org.kde.StatusNotifierWatcher", dbus.ObjectPath("/StatusNotifierWatcher")
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutTrayHost())
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.begin()
	// come has a host come, stay until enough says so, and go.
	come := func(enough func(w *watcher) bool) {
		t.Helper()
		conn, err := dbus.Connect(s.BusAddress())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		w := &watcher{}
		if err := conn.Export(w, path, name); err != nil {
			t.Fatal(err)
		}
		if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatal(reply, err)
		}
		s.Wait("the icon to be registered", func() bool { return enough(w) })
	}
	// fyne.io/systray 1.12.2 looks for a host and then begins to listen for one
	// (stayRegistered): one that comes in between it misses. That is over once it
	// has seen one.
	for tries, seen := 0, false; !seen && tries < 10; tries++ {
		begun := time.Now()
		come(func(w *watcher) bool {
			seen = w.items.Load() > 0
			return seen || time.Since(begun) > time.Second
		})
	}
	var longest time.Duration
	for range 20 {
		start := time.Now()
		come(func(w *watcher) bool { return w.items.Load() > 0 })
		longest = max(longest, time.Since(start))
	}
	t.Logf("the longest of 20 took %v", longest.Round(time.Millisecond))
	if longest > 2*time.Second {
		t.Errorf("the icon took %v to return", longest)
	}
}

// TestNotificationDaemonReturns in mid-call, after one that was killed and after
// one that hung: the call is shown again, once.
func TestNotificationDaemonReturns(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.begin()
	s.tray("Ready")
	s.must("", "dial", "--no-wait", "039050123407")
	s.told("In call")
	s.Kill("dunst")
	s.StartNotifications()
	s.Wait("the call to be shown again", func() bool {
		shown := s.Displayed()
		return len(shown) == 1 && strings.Contains(shown[0].Summary, "In call")
	})
	s.Freeze("dunst")
	s.must("", "hangup")
	s.waitState(call.Ended) // whatever the notifications do
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.Thaw("dunst")
	s.must("", "hangup")
	s.told("Ended")
}
