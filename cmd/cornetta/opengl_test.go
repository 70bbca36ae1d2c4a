//go:build linux

package main

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// TestNoOpenGL is a day without windows, on an X server without GLX: whoever asks for one is
// told why there is none, and what has to be agreed to is asked by a notification.
func TestNoOpenGL(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutOpenGL())
	start := time.Now()
	s.agent()
	s.told("cornetta account set --host") // the first run leads on
	t.Logf("told %v after the start", time.Since(start).Round(time.Millisecond))
	s.look("0-first-run")
	s.CloseNotifications()
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	item := s.tray("Ready")

	// Each click is answered.
	for range 2 {
		start := time.Now()
		s.ClickTray(item, 1)
		told := s.told("there is no OpenGL")
		t.Logf("told %v after a click", told.At.Sub(start).Round(time.Millisecond))
		for _, want := range []string{"libgl1-mesa-dri", "clipboard", "cornetta account set"} {
			if !strings.Contains(told.Body, want) {
				t.Errorf("%q is not in %q", want, told.Body)
			}
		}
		s.look("1-told")
		s.CloseNotifications()
	}
	s.tray("there is no OpenGL")
	s.WaitTrayMenu(item, "the reason", func(m desktoptest.MenuItem) bool {
		return m.Visible && strings.Contains(m.Label, "there is no OpenGL")
	})
	s.OpenTrayMenu(item)
	s.look("1-menu")
	s.Key("Escape")
	if _, errs, code := s.run(""); code != exitFailed || !strings.Contains(errs, "there is no OpenGL") {
		t.Errorf("a second start: exit status %d, %q", code, errs)
	}
	if out := s.must("", "status"); !strings.Contains(out, "there is no OpenGL") {
		t.Errorf("status: %s", out)
	}
	if p := s.status().Windows; p == nil || p.Code != status.CodeNoOpenGL {
		t.Errorf("status --json: %v", p)
	}

	// What needs no question is dialled.
	s.waitGrabbed()
	s.Copy("050 123402")
	s.Key("ctrl+alt+g")
	s.Wait("the call", func() bool { return originated(pbx) == "0050123402" })
	s.told("Ended")
	s.CloseNotifications()

	// A link is asked about.
	const number, dials = "tel:+390501234507", "00501234507"
	question := func() desktoptest.Notification {
		t.Helper()
		n := s.told("Call this number?")
		if n.Action("Call "+dials) == "" || n.Action("Cancel") == "" || !strings.Contains(n.Body, "0 050 123 4507") {
			t.Fatalf("the question is %v", n)
		}
		return n
	}
	ask := func() desktoptest.Notification {
		t.Helper()
		s.must("", number)
		return question()
	}
	n := ask()
	s.look("2-question")
	s.must("", "tel:+390501234502")
	if n = s.told("1 more link"); !strings.Contains(n.Body, "0 050 123 4507") {
		t.Errorf("beside another link: %v", n)
	}
	s.InvokeAction(n, n.Action("Cancel"))
	s.Wait("the question to go", func() bool { return len(s.Displayed()) == 0 })
	n = ask()
	s.forge(n.ID, n.Action("Call "+dials))
	s.CloseNotifications() // as a person closes it: no
	if n := originated(pbx); n != "0050123402" {
		t.Fatalf("dialled %s", n)
	}
	n = ask()
	time.Sleep(time.Until(n.At.Add(time.Second))) // the wait
	s.InvokeAction(n, n.Action("Call "+dials))
	s.Wait("the call", func() bool { return originated(pbx) == "0050123402 "+dials })
}

// ownDaemon is a notification daemon of the test's.
type ownDaemon struct {
	conn  *dbus.Conn
	caps  []string
	hasty atomic.Bool // it answers yes by itself, at once

	mu    sync.Mutex // guards what follows
	notes []string   // summary and body of each, by its id less one
	yes   []string   // the key of its first action
}

func (d *ownDaemon) GetCapabilities() ([]string, *dbus.Error) { return d.caps, nil }

func (d *ownDaemon) CloseNotification(uint32) *dbus.Error { return nil }

func (d *ownDaemon) Notify(_ string, _ uint32, _, summary, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes, d.yes = append(d.notes, summary+"\n"+body), append(d.yes, strings.Join(actions[:min(1, len(actions))], ""))
	id := uint32(len(d.notes))
	if strings.Contains(summary, "Call this number?") && d.hasty.CompareAndSwap(true, false) {
		go d.invoke(id) // behind the answer
	}
	return id, nil
}

// invoke is the person's yes.
func (d *ownDaemon) invoke(id uint32) {
	d.mu.Lock()
	action := d.yes[id-1]
	d.mu.Unlock()
	_ = d.conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, action)
}

// with are the ids of the notifications with a text.
func (d *ownDaemon) with(text string) (ids []uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, n := range d.notes {
		if strings.Contains(n, text) {
			ids = append(ids, uint32(i+1))
		}
	}
	return ids
}

func (s *seat) daemon(caps ...string) *ownDaemon {
	s.t.Helper()
	d := &ownDaemon{caps: caps}
	var err error
	if d.conn, err = dbus.Connect(s.BusAddress()); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { d.conn.Close() })
	const name = "org.freedesktop.Notifications"
	if err := d.conn.Export(d, "/org/freedesktop/Notifications", name); err != nil {
		s.t.Fatal(err)
	}
	if r, err := d.conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		s.t.Fatal(r, err)
	}
	return d
}

// TestNoOpenGLDaemons: a daemon without buttons leads to the command line, and with one a yes
// that comes too early is none.
func TestNoOpenGLDaemons(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutOpenGL(), desktoptest.WithoutNotifications())
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()

	d := s.daemon("body")
	_, _, _ = s.run("", "tel:+390501234507")
	s.Wait("the refusal", func() bool { return len(d.with("cornetta dial 00501234507")) == 1 })
	d.conn.Close()

	d = s.daemon("body", "actions")
	d.hasty.Store(true)
	s.Copy("+33 1 23 45 67 89")
	s.Key("ctrl+alt+g")
	const question, dials = "0 00 33 1 23 45 67 89", "00033123456789"
	s.Wait("the question to come again", func() bool { return len(d.with(question)) == 2 })
	time.Sleep(2 * time.Second) // the long wait
	if n := originated(pbx); n != "" {
		t.Fatalf("too early a yes dialled %s", n)
	}
	d.invoke(d.with(question)[1])
	s.Wait("the call", func() bool { return originated(pbx) == dials })
}

// forge sends the signal of a notification's action as another program on the bus.
func (s *seat) forge(id uint32, action string) {
	s.t.Helper()
	conn, err := dbus.Connect(s.BusAddress())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	time.Sleep(time.Second)
	if err := conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, action); err != nil {
		s.t.Fatal(err)
	}
	// The bus has passed it on when it has answered this.
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		s.t.Fatal(err)
	}
}
