//go:build linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/ui/desktoptest"
)

// The limits of ui/agent: what somebody has to refuse before links are muted, and
// how many are called unasked.
const (
	maxRefusals = 3
	maxTrusted  = 3
	maxUnasked  = 6
)

const confirmTitle = "^Cornetta – A link$"

func (s *seat) link(uri string) *desktoptest.Window {
	s.t.Helper()
	s.must("", uri)
	w := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	return w
}

// sayYes calls the link's number as a person does who has read it: with the mouse, by
// one click, once Call is live.
func (s *seat) sayYes(w *desktoptest.Window) {
	s.t.Helper()
	at := w.Bounds().Max.Sub(image.Pt(80, 30))
	s.MoveTo(at.X-150, at.Y-50)
	s.answerable(w)
	// Fyne takes a click that comes with the movement for one at the place where the mouse
	// was before; by then the button lights up, unless it had not gone dark yet.
	around := image.Rectangle{at.Sub(image.Pt(20, 10)), at.Add(image.Pt(20, 10))}
	before, moved := s.Part(around), time.Now()
	s.MoveTo(at.X, at.Y)
	s.Wait("Call to light up under the mouse", func() bool {
		return !bytes.Equal(s.Part(around).Pix, before.Pix) || time.Since(moved) > time.Second
	})
	s.ClickAt(at.X, at.Y, 1)
}

// answerable waits until a link's window takes an answer. One that comes before makes it
// wait all the longer, a no as well.
func (s *seat) answerable(w *desktoptest.Window) {
	s.t.Helper()
	s.Wait("Call to be live", func() bool { return s.callable(w) })
}

func (s *seat) callable(w *desktoptest.Window) bool {
	b := w.Bounds()
	return s.lit(image.Rectangle{b.Max.Sub(image.Pt(130, 50)), b.Max.Sub(image.Pt(10, 10))})
}

// sayNo presses Enter, with Cancel in focus, until that counts.
func (s *seat) sayNo(w *desktoptest.Window) {
	s.t.Helper()
	s.answerable(w)
	s.until("the window to go", func() { s.Key("Return") }, func() bool { return !w.Visible() })
}

// callLive waits until Enter in the dial window calls what stands there.
func (s *seat) callLive(w *desktoptest.Window) {
	s.t.Helper()
	b := w.Bounds()
	corner := image.Pt(b.Max.X, b.Min.Y)
	s.waitLit("Call", image.Rectangle{corner.Add(image.Pt(-125, 5)), corner.Add(image.Pt(-10, 120))})
}

// waitLit waits until a button has its colour: it can be pressed.
func (s *seat) waitLit(what string, in image.Rectangle) {
	s.t.Helper()
	s.Wait(what+" to be live", func() bool { return s.lit(in) })
}

func (s *seat) lit(in image.Rectangle) bool {
	img, coloured := s.Part(in), 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if c := img.RGBAAt(x, y); max(c.R, c.G, c.B)-min(c.R, c.G, c.B) > 60 {
				coloured++
			}
		}
	}
	return coloured > 800
}

// TestLinkAsks: a link is shown, and nothing but Call dials it, once, with the
// digits that were shown.
func TestLinkAsks(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")

	w := s.link("tel:+390501234507")
	s.sayNo(w)
	s.must("", "status") // whatever it led to has been asked for by now
	if n := originated(pbx); n != "" {
		t.Fatalf("Enter dialled %s", n)
	}

	w = s.link("TEL:+39-050-1234507")
	s.must("", "tel:+390501234508") // dropped, and counted
	s.must("", "callto:+390501234509")
	s.look("1-counted")
	s.Wait("the PBX to be ready for the call", func() bool { return pbx.Sessions() == 1 })
	s.sayYes(w)
	s.Wait("the call", func() bool { return len(pbx.Originates()) > 0 })
	w.WaitGone()
	s.told("In call")
	if got := originated(pbx); got != "00501234507" {
		t.Errorf("dialled %q", got)
	}
	if n := len(s.Windows()); n != 0 {
		t.Errorf("%d windows: %q; a dropped link came back", n, s.Titles())
	}
	s.must("", "hangup")

	w = s.link("tel:*21*7102%23") // a service code is none of a link's business
	s.look("2-no-number")
	s.sayNo(w)
	if n := len(pbx.Originates()); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// TestLinksAreMuted after three refusals, and that is said.
func TestLinksAreMuted(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	for _, no := range []func(*desktoptest.Window){
		func(*desktoptest.Window) { s.Key("Escape") },
		func(w *desktoptest.Window) { w.Close() },
		s.sayNo,
	} {
		w := s.link("tel:+390501234507")
		no(w)
		w.WaitGone()
	}
	s.told("Links are muted")
	s.look("muted")
	s.must("", "tel:+390501234507")
	s.must("") // its window comes after whatever the link would have shown
	s.Window("^Cornetta$")
	if s.FindWindow(confirmTitle) != nil {
		t.Error("a fourth link is asked about")
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestLinksThatCannotBeRead are shown in the dial window, to be corrected. They
// mute nothing, raise one window at a time, and are never dialled as they are.
func TestLinksThatCannotBeRead(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	unread := func(uri string) *desktoptest.Window {
		s.must("", uri)
		w := s.Window("^Cornetta$")
		s.Wait("the window to have the focus", w.Focused)
		s.drawn(w)
		return w
	}
	w := unread("tel:050-CALL-ME")
	s.look("0-shown")
	s.must("", "tel:") // counted, beside it
	s.must("", "callto:somebody")
	s.look("1-counted")
	s.Key("Return", "Return")
	w.Close()
	w.WaitGone()
	w = unread("tel:+39%00050")
	s.Key("Escape")
	w.WaitGone()

	// What is made of the third is asked about, and dialled.
	w = unread("tel:050\u202e1234507")
	s.look("2-to-be-corrected")
	s.Key("ctrl+a")
	s.Type("7102\r")
	s.look("3-asked")
	if n := originated(pbx); n != "" {
		t.Fatalf("dialled %s at the first Enter", n)
	}
	var last time.Time
	s.Wait("the call", func() bool { // a key that is held down is no second yes
		if time.Since(last) > time.Second {
			s.Key("Return")
			last = time.Now()
		}
		return originated(pbx) != ""
	})
	if got := originated(pbx); got != "7102" {
		t.Errorf("dialled %q", got)
	}
	s.must("", "hangup")
	s.Wait("the end of the call", func() bool { c := s.status().Call; return c != nil && !c.Live() })
	w.Close()
	w.WaitGone()

	// A fourth within a minute raises no window; one that can be read is asked about.
	s.must("", "tel:???")
	q := s.link("tel:+390501234507")
	if s.FindWindow("^Cornetta$") != nil {
		t.Error("a fourth raised a window")
	}
	s.Key("Escape")
	q.WaitGone()
	if n := len(pbx.Originates()); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// TestNoWindows: without the program that draws them the person is told so, and asked
// otherwise; nothing is dialled.
func TestNoWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	alone := filepath.Join(t.TempDir(), "cornetta")
	program, err := os.ReadFile(filepath.Join(programs, "cornetta"))
	if err == nil {
		err = os.WriteFile(alone, program, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.agentOn(s.Command(alone))
	s.tray("Ready")
	for _, args := range [][]string{{"tel:???"}, nil} {
		if out, errs, code := s.run("", args...); out != "" || !strings.Contains(errs, "cannot open its windows") || code != exitFailed {
			t.Errorf("%q: exit status %d, %q, %q", args, code, out, errs)
		}
	}
	s.told("cannot open its windows")
	s.CloseNotifications()
	s.must("", "tel:+390501234507")
	s.told("Call this number?")
	s.look("told")
	s.CloseNotifications()
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestLinkStartsTheAgent where none runs, and the window's end takes nothing
// with it: the next link is asked about.
func TestLinkStartsTheAgent(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent("tel:+390501234507")
	s.Window(confirmTitle)
	s.tray("Ready")
	kill(t, filepath.Join(programs, "cornetta-ui"))
	s.Wait("the window to be gone", func() bool { return s.FindWindow(confirmTitle) == nil })
	s.Wait("the next link to be asked about", func() bool {
		s.must("", "tel:+390501234502")
		return s.FindWindow(confirmTitle) != nil
	})
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestTrustedLinks: what the settings trust is called at once, one at a time;
// what has a risk is asked about all the same, and refusals mute it, too.
func TestTrustedLinks(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.changeSettings(func(c *config.Config) { c.Numbers.Confirm = number.ConfirmTrusted })
	s.agent()
	s.tray("Ready")

	s.must("", "tel:+390501234507")
	s.waitState(call.InCall)
	if w := s.FindWindow(confirmTitle); w != nil || originated(pbx) != "00501234507" {
		t.Errorf("%v, dialled %q", w, originated(pbx))
	}
	for range maxRefusals { // while the call goes on
		w := s.link("tel:+390501234508")
		s.look("in-a-call")
		s.Key("Escape")
		w.WaitGone()
	}
	s.told("Links are muted")
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.must("", "tel:+390501234508")
	s.must("", "status") // whatever it led to has been asked for by now
	if n := originated(pbx); n != "00501234507" {
		t.Errorf("dialled %s while links are muted", n)
	}
}

// TestTrustedLinksAreLimited: three a minute are called unasked, and who hangs one
// up before the answer has refused it.
func TestTrustedLinksAreLimited(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.changeSettings(func(c *config.Config) { c.Numbers.Confirm = number.ConfirmTrusted })
	s.agent()
	s.tray("Ready")
	over := func() {
		s.must("", "hangup")
		s.Wait("the end of the call", func() bool { c := s.status().Call; return c != nil && !c.Live() })
	}
	for i := range maxTrusted {
		s.must("", "tel:+390501234507")
		s.waitState(call.InCall)
		over()
		if n := len(pbx.Originates()); n != i+1 {
			t.Fatalf("%d calls", n)
		}
	}
	w := s.link("tel:+390501234507")
	s.look("the-fourth")
	for range 10 - maxTrusted - 1 {
		s.must("", "tel:+390501234507")
	}
	s.Key("Escape")
	w.WaitGone()
	if n := len(pbx.Originates()); n != maxTrusted {
		t.Errorf("%d calls", n)
	}
}

// TestTrustedLinksThatAreHungUp are refused: three times, and links are muted.
func TestTrustedLinksThatAreHungUp(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Speed: pbxsim.Real})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7102")...) // which nobody picks up
	s.changeSettings(func(c *config.Config) { c.Numbers.Confirm = number.ConfirmTrusted })
	s.agent()
	s.tray("Ready")
	for range maxRefusals {
		s.must("", "tel:+390501234507")
		s.waitState(call.RingingOwn)
		s.must("", "hangup")
		s.waitState(call.Cancelled)
	}
	s.told("Links are muted")
	s.must("", "tel:+390501234507")
	s.must("", "status") // whatever it led to has been asked for by now
	if n := len(pbx.Originates()); n != maxRefusals || s.FindWindow(confirmTitle) != nil {
		t.Errorf("%d calls", n)
	}
}

// TestTrustedLinksWithARisk are asked about.
func TestTrustedLinksWithARisk(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.changeSettings(func(c *config.Config) { c.Numbers.Confirm = number.ConfirmTrusted })
	s.agent()
	s.tray("Ready")
	for _, uri := range []string{"tel:899123456", "tel:+442079460018"} {
		w := s.link(uri)
		s.Key("Escape")
		w.WaitGone()
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// changeSettings changes the settings file as a person would, before there is an
// agent.
func (s *seat) changeSettings(edit func(*config.Config)) {
	s.t.Helper()
	store := config.NewStore(filepath.Join(s.ConfigHome(), "cornetta"))
	cfg, err := store.Load()
	if err == nil {
		edit(&cfg)
		err = store.Save(cfg)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestManyStartsAtOnce: one of them is the agent, the others hand their links
// over and end well, and there is one window.
func TestManyStartsAtOnce(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	const starts = 50
	type end struct{ which, code int }
	ended := make(chan end, starts)
	running := map[int]*exec.Cmd{}
	for i := range starts {
		cmd := s.cornetta(fmt.Sprintf("tel:+3905012345%02d", i))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running[i] = cmd
		go func() {
			_ = cmd.Wait()
			ended <- end{i, cmd.ProcessState.ExitCode()}
		}()
	}
	limit := time.After(30 * time.Second)
	for len(running) > 1 {
		select {
		case e := <-ended:
			delete(running, e.which)
			if e.code != 0 {
				t.Errorf("start %d: exit status %d", e.which, e.code)
			}
		case <-limit:
			t.Fatalf("%d still run", len(running))
		}
	}
	w := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", w.Focused)
	if n := len(s.Windows()); n != 1 {
		t.Errorf("%d windows: %q", n, s.Titles())
	}
	for _, agent := range running {
		_ = agent.Process.Signal(syscall.SIGTERM)
	}
	if e := <-ended; e.code != 0 {
		t.Errorf("the agent: exit status %d", e.code)
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
