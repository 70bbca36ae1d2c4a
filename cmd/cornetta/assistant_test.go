//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"image"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// The first run, as a new user has it: the assistant on a real desktop against
// a real Asterisk, with keyboard and mouse alone. What the PBX was told is read
// off the wire.

// firstRun is a person in front of a window, mostly the assistant.
type firstRun struct {
	*seat
	window *desktoptest.Window
}

// firstRun starts Cornetta for the first time.
func (s *seat) firstRun(args ...string) *firstRun {
	s.t.Helper()
	s.agent(args...)
	f := &firstRun{s, s.Window("^Set up Cornetta$")}
	s.Wait("the assistant to have the focus", f.window.Focused)
	f.waitButton()
	f.look("1-account")
	return f
}

// part is a part of the window as it looks now, by its corners in the window;
// negative ones count from its far side.
func (f *firstRun) part(x0, y0, x1, y1 int) *image.RGBA {
	b := f.window.Bounds()
	at := func(x, y int) image.Point {
		if x < 0 {
			x += b.Dx()
		}
		if y < 0 {
			y += b.Dy()
		}
		return b.Min.Add(image.Pt(x, y))
	}
	seen := f.Part(image.Rectangle{at(x0, y0), at(x1, y1)})
	seen.Rect = seen.Rect.Sub(seen.Rect.Min)
	return seen
}

// waitButton waits until the button at the lower right can be pressed: it is
// coloured then, and grey while it cannot.
func (f *firstRun) waitButton() {
	f.t.Helper()
	b := f.window.Bounds()
	f.waitLit("a button to go on with", image.Rectangle{b.Max.Sub(image.Pt(80, 50)), b.Max.Sub(image.Pt(10, 10))})
}

// turn does something that leads to another page, and waits for that one.
func (f *firstRun) turn(page string, do func()) {
	f.t.Helper()
	heading := func() []byte { return f.part(0, 0, 300, 80).Pix }
	before := heading()
	f.until("the page "+page, do, func() bool { return !bytes.Equal(heading(), before) })
}

// click moves the mouse to a place in the window, waits until what is there
// lights up, and clicks it: Fyne takes a click that comes with the movement
// for one at the place where the mouse was before.
func (f *firstRun) click(x, y int) {
	f.t.Helper()
	b := f.window.Bounds()
	place := func() []byte { return f.part(x-8, y-8, x+8, y+8).Pix }
	f.MoveTo(b.Min.X+b.Dx()/2, b.Max.Y-4) // nothing is there
	before := f.rest(place)
	f.MoveTo(b.Min.X+x, b.Min.Y+y)
	f.Wait("what is under the mouse to light up", func() bool { return !bytes.Equal(place(), before) })
	f.window.Click(x, y)
}

// rest is what a part of the window looks like once it has come to rest.
func (f *firstRun) rest(part func() []byte) []byte {
	before := part()
	for same, n := 0, 0; same < 3 && n < 40; n++ { // a cursor that blinks never rests
		time.Sleep(50 * time.Millisecond)
		if now := part(); bytes.Equal(now, before) {
			same++
		} else {
			before, same = now, 0
		}
	}
	return before
}

func (f *firstRun) press(key string) func() { return func() { f.Key(key) } }

// account fills the first page.
func (f *firstRun) account(addr string, tls bool, password string) {
	host, port, _ := net.SplitHostPort(addr)
	f.Type(host)
	f.Key("Tab", "ctrl+a")
	f.Type(port)
	f.Key("Tab")
	if tls {
		f.Key("space")
	}
	f.Key("Tab")
	f.Type(pbxsim.Username)
	f.Key("Tab")
	f.Type(password)
	f.Key("Tab", "Tab") // over the button that shows it
	f.Type(pbxsim.Tenant)
}

// waitCheck waits for the end of the check with which the number of closed
// connections becomes n.
func (f *firstRun) waitCheck(w *wire, n int) {
	f.t.Helper()
	f.Wait("the check to be over", func() bool { return w.over() >= n })
	f.waitButton()
}

// compared ticks that the fingerprints were compared, once that can be ticked: the
// words beside, so far up from the window's lower edge, are grey until then.
func (f *firstRun) compared(up int) {
	f.t.Helper()
	f.Wait("the question to take an answer", func() bool {
		white := 0
		for pix := f.part(46, -up-8, 350, -up+8).Pix; len(pix) > 0; pix = pix[4:] {
			if min(pix[0], pix[1], pix[2]) > 200 {
				white++
			}
		}
		return white > 100
	})
	f.Key("space")
}

// finish goes from a check that went well to the last page.
func (f *firstRun) finish() {
	f.t.Helper()
	f.look("2-works")
	f.turn("with the extensions", f.press("Return"))
	rows := func() []byte { return f.part(20, 210, 300, 400).Pix }
	f.Wait("the PBX's list", func() bool {
		pix := rows()
		return !bytes.Equal(pix, bytes.Repeat(pix[:4], len(pix)/4))
	})
	f.look("3-extensions")
	// The mouse takes the first row, which Enter confirms.
	f.click(60, 222)
	f.look("3-picked")
	f.turn("with the outside line", f.press("Return"))
	f.look("4-outside-line")
	f.Key("ctrl+a")
	f.Type(pbxsim.OutboundPrefix)
	f.turn("at the end", f.press("Return"))
	f.waitButton()
	f.look("5-done")
}

// done closes the assistant with its last button; the tray is ready then.
func (f *firstRun) done(press func()) {
	f.t.Helper()
	f.until("the window to go", press, func() bool { return !f.window.Visible() })
	f.tray("Ready")
}

func (s *seat) account() accountJSON {
	s.t.Helper()
	var a accountJSON
	if err := json.Unmarshal([]byte(s.must("", "account", "show", "--json")), &a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// settingsFile is what stands in the settings file.
func (s *seat) settingsFile() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.ConfigHome(), "cornetta", "config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestFirstRun(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	w := tap(t, pbx.Addr())
	s := newSeat(t)
	f := s.firstRun()
	f.account(w.addr(), false, pbxsim.Secret)
	f.look("1-filled")
	f.turn("with the test", f.press("Return"))
	f.waitCheck(w, 1)
	f.finish()

	f.Key("shift+Tab", "Return") // the button before Done
	s.Wait("Asterisk to ring the phone", func() bool {
		out, err := pbx.CLI(t.Context(), "core show channels")
		return err == nil && strings.Contains(out, "PJSIP/7101")
	})
	s.look("6-test-call-rings")
	s.waitState(call.InCall)
	if n := s.status().Call.Number; n != pbxsim.EchoService {
		t.Errorf("the test call went to %s", n)
	}
	s.look("7-test-call")
	s.Key("Tab", "Return") // Hang up
	s.waitState(call.Ended)
	s.look("8-test-call-ended")
	f.done(func() { f.click(f.window.Bounds().Dx()-30, f.window.Bounds().Dy()-30) })
	s.look("9-ready")

	a := s.account()
	if a.Extension != "7101" || a.Secret != "keyring" || a.Prefix != pbxsim.OutboundPrefix || a.TLS != "off" {
		t.Errorf("stored: %+v", a)
	}
	if text := s.settingsFile(); !strings.Contains(text, pbxsim.Tenant) || !strings.Contains(text, "link = 'on-demand'") {
		t.Errorf("settings:\n%s", text)
	}
	if n := s.secretOnDisk(); n != "" {
		t.Errorf("the password is in %s", n)
	}
	if asked, refused := w.logins(); asked == 0 || refused != 0 {
		t.Errorf("%d logins, %d refused", asked, refused)
	}
}

// TestFirstRunForALink: who clicked a link before anything was set up is asked
// about it in the end, once.
func TestFirstRunForALink(t *testing.T) {
	pbx := startPBX(t)
	w := tap(t, pbx.Addr())
	s := newSeat(t)
	f := s.firstRun("tel:+390501234507")
	s.must("", "tel:+390501234508") // dropped, and counted
	f.account(w.addr(), false, pbxsim.Secret)
	f.turn("with the test", f.press("Return"))
	f.waitCheck(w, 1)
	f.finish()
	if s.FindWindow(confirmTitle) != nil {
		t.Error("asked before the assistant was read to its end")
	}
	f.done(f.press("Return"))
	c := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", c.Focused)
	s.drawn(c)
	s.look("6-the-link")
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
	s.sayYes(c)
	s.Wait("the call", func() bool { return len(pbx.Originates()) > 0 })
	c.WaitGone()
	if n := originated(pbx); n != "00501234507" {
		t.Errorf("dialled %s", n)
	}
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7102")...) // the settings are read anew
	if s.FindWindow(confirmTitle) != nil {
		t.Error("asked again")
	}
}

// TestAccountForALink: the command line sets up as well as the assistant does.
func TestAccountForALink(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.agent("tel:+390501234507")
	s.Window("^Set up Cornetta$")
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.Window(confirmTitle)
}

// TestFirstRunWrongPassword: it is said, not repeated, and corrected.
func TestFirstRunWrongPassword(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	w := tap(t, pbx.Addr())
	s := newSeat(t)
	f := s.firstRun()
	f.account(w.addr(), false, "wrong")
	f.turn("with the test", f.press("Return"))
	f.waitCheck(w, 1)
	f.look("2-refused")
	if asked, refused := w.logins(); asked != 1 || refused != 1 {
		t.Fatalf("%d logins, %d refused, want one", asked, refused)
	}
	if link := s.status().Connection; link != status.NotSetUp {
		t.Errorf("the link is %s before anything was saved", link)
	}

	f.turn("with the account", f.press("Return")) // on Back
	f.look("3-back")
	f.Type(pbxsim.Secret) // the password has the focus and is selected
	f.turn("with the test again", f.press("Return"))
	f.waitCheck(w, 2)
	if asked, refused := w.logins(); asked != 2 || refused != 1 {
		t.Errorf("%d logins, %d refused, want one more that is not", asked, refused)
	}
	f.finish()
	f.done(f.press("Return"))
	if a := s.account(); a.Secret != "keyring" {
		t.Errorf("stored: %+v", a)
	}
}

// TestFirstRunOwnCertificate: nothing is said to a PBX whose certificate
// nobody vouches for, until the person does.
func TestFirstRunOwnCertificate(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	w := tap(t, pbx.TLSAddr())
	s := newSeat(t)
	f := s.firstRun()
	f.account(w.addr(), true, pbxsim.Secret)
	f.turn("with the test", f.press("Return"))
	f.waitCheck(w, 1)
	f.look("2-certificate")
	if begun, agreed := w.handshakes(t); begun != 1 || agreed != 0 {
		t.Fatalf("%d handshakes, %d agreed before the yes", begun, agreed)
	}
	f.compared(148)
	f.look("2-compared")
	if begun, _ := w.handshakes(t); begun != 1 {
		t.Error("the tick alone made a connection")
	}
	f.Key("Tab", "Return") // Trust
	f.waitCheck(w, 2)
	if begun, agreed := w.handshakes(t); begun != 2 || agreed != 1 {
		t.Errorf("%d handshakes, %d agreed after the yes", begun, agreed)
	}
	f.finish()
	f.done(f.press("Return"))
	if a := s.account(); a.TLS != "on" || a.TLSPin != pbx.Fingerprint() {
		t.Errorf("stored: %+v, want the pin %s", a, pbx.Fingerprint())
	}
}

// TestFirstRunNoKeyring: the password is kept in memory, which is said.
func TestFirstRunNoKeyring(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	w := tap(t, pbx.Addr())
	s := newSeat(t, desktoptest.WithoutKeyring())
	f := s.firstRun()
	f.account(w.addr(), false, pbxsim.Secret)
	f.turn("with the test", f.press("Return"))
	f.waitCheck(w, 1)
	f.finish()
	f.done(f.press("Return"))
	if n := s.secretOnDisk(); n != "" {
		t.Errorf("the password is in %s", n)
	}
	if a := s.account(); a.Extension != "7101" || a.Secret == "keyring" {
		t.Errorf("stored: %+v", a)
	}
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.waitState(call.Ended)
}

// TestKeepTheLink: who asks for a link that is kept has one.
func TestKeepTheLink(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.PickTrayMenu(s.tray("Ready"), "Settings…")
	w := s.Window("Settings")
	s.Wait("the settings to have the focus", w.Focused)
	s.look("1-settings")
	s.Wait("no session while idle", func() bool { return pbx.Sessions() == 0 })
	s.Key("shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab", "space") // from the first field backwards
	s.look("2-choices")
	s.Key("Down", "Down", "Return")
	s.look("3-kept")
	(&firstRun{s, w}).saved()
	if text := s.settingsFile(); !strings.Contains(text, "link = 'kept'") {
		t.Errorf("settings:\n%s", text)
	}
	s.Wait("a session", func() bool { return pbx.Sessions() == 1 })
	s.tray("Ready")
}
