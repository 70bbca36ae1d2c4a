//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
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
	if len(d.with("That press did not count")) != 1 {
		t.Error("nobody says that the press did not count")
	}
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

// TestNoOpenGLQuestions: what a window would ask is asked by the notification daemon, or refused
// with words that say what helps: every kind of text that may have to be agreed to, and what
// may become of the question.
func TestNoOpenGLQuestions(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutOpenGL())
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.set(map[string]string{"premium": "'never'"})
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()
	enrolment := filepath.Join(t.TempDir(), "company"+config.EnrolmentExt)
	if err := os.WriteFile(enrolment, []byte("enrolment = 1\n[account]\nprefix = \"9\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		link    string // what is clicked
		copied  string // or copied, and the key pressed
		said    []string
		buttons []string // each calls
	}{
		{name: "one number", link: "tel:+390501234507", said: []string{"Call this number?", "0 050 123 4507", "A link asks"}, buttons: []string{"Call 00501234507"}},
		{name: "several numbers", link: "tel:0501234507/3331234502", said: []string{"Which number?", "0 050 123 4507", "It comes from a link"}, buttons: []string{"Call 00501234507", "Call 03331234502"}},
		{name: "an emergency", link: "tel:112", said: []string{"Call this number?", "emergency number"}, buttons: []string{"Call 112"}},
		{name: "abroad", link: "tel:+33123456789", said: []string{"France"}, buttons: []string{"Call 00033123456789"}},
		{name: "digits after the answer", link: "tel:+390501234507,,1234%23", said: []string{"Then key in", "1 2 3 4 #"}, buttons: []string{"Call 00501234507"}},
		{name: "no number", link: "tel:call-me", said: []string{"cannot be called as it is", "letters"}},
		{name: "what is forbidden", link: "tel:899123456", said: []string{"Premium numbers are switched off"}},
		{name: "an enrolment", link: enrolment, said: []string{"there is no OpenGL", "cornetta account enroll"}},
		{name: "one number that was copied", copied: "+33 1 23 45 67 89", said: []string{"Call this number?", "France"}, buttons: []string{"Call 00033123456789"}},
		{
			name: "more numbers than buttons", copied: "050 1234501 or 050 1234502 or 050 1234503 or 050 1234504 or 050 1234505 or 050 1234506 or 050 1234507",
			said:    []string{"Which number?", "There are 2 more numbers"},
			buttons: []string{"Call 00501234501", "Call 00501234502", "Call 00501234503", "Call 00501234504", "Call 00501234505"},
		},
		{name: "no number that was copied", copied: "call me", said: []string{"not a telephone number"}},
		{name: "a forbidden one that was copied", copied: "899 123456", said: []string{"Premium numbers are switched off"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &seat{s.Desktop, t}
			before := originated(pbx)
			if tc.link != "" {
				_, _, _ = s.run("", tc.link)
			} else {
				s.Copy(tc.copied)
				s.Key("ctrl+alt+g")
			}
			n := s.told(tc.said[0])
			for _, said := range tc.said {
				if !strings.Contains(n.Summary+"\n"+n.Body, said) {
					t.Errorf("%q is not in %v", said, n)
				}
			}
			var calls []string
			for _, a := range n.Actions {
				if strings.HasPrefix(a.Label, "Call ") {
					calls = append(calls, a.Label)
				}
			}
			if !slices.Equal(calls, tc.buttons) || len(calls) > 0 && n.Action("Cancel") == "" {
				t.Errorf("the buttons are %v", n.Actions)
			}
			if len(calls) == 0 {
				s.CloseNotifications()
				return
			}
			last := calls[len(calls)-1]
			time.Sleep(time.Until(n.At.Add(time.Second))) // the wait
			s.InvokeAction(n, n.Action(last))
			s.Wait("the call", func() bool {
				return strings.TrimSpace(strings.TrimPrefix(originated(pbx), before)) == strings.TrimPrefix(last, "Call ")
			})
			_, _, _ = s.run("", "hangup") // it may be over
			s.Wait("the call to end", func() bool { c := s.status().Call; return c == nil || !c.State.Live() })
			s.CloseNotifications()
		})
	}

	s.must(pbxsim.Secret, append([]string{"account", "add", "Lab"}, accountFlags(pbx.Addr(), "7102")[2:]...)...)
	s.must("", "tel:+390501234507")
	n := s.told("Call this number?")
	if !strings.Contains(n.Body, "Account: ") {
		t.Errorf("with two accounts: %v", n)
	}
	s.must("", "quit")
	s.Wait("the question to go with Cornetta", func() bool { return len(s.Displayed()) == 0 })

	s.agent()
	s.tray("Ready")
	s.must("", "tel:+390501234507")
	s.told("Call this number?")
	before, started := originated(pbx), time.Now()
	s.Kill("dunst")
	s.StartNotifications()
	n = s.WaitNotification("the question anew", func(n desktoptest.Notification) bool {
		return n.At.After(started) && n.Summary == "Call this number?"
	})
	time.Sleep(time.Until(n.At.Add(time.Second)))
	s.InvokeAction(n, n.Action("Call 00501234507"))
	s.Wait("the call", func() bool { return originated(pbx) == before+" 00501234507" })
}
