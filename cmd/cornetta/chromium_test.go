//go:build linux

package main

import (
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
)

// aPage is nothing but a link.
const aPage = `<!doctype html><meta charset="utf-8"><title>Our office</title>
<body style="background:#fff"><a style="position:fixed;inset:0;font-size:80px" href="tel:+39-050-1234507">Call us</a>`

// TestChromium: a link that is clicked in a real browser passes through its own
// question, through xdg-open and whatever that calls, and is asked about; Call
// dials it, and nothing does before.
func TestChromium(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no chromium; packaging/linux/deps.sh test installs it")
		}
		t.Skip("there is no chromium")
	}
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	s.agent()
	s.tray("Ready")
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(aPage))
	}))
	defer page.Close()
	browser := s.Command("chromium", "--user-data-dir="+filepath.Join(s.Home(), "chromium"),
		"--no-sandbox", // it refuses to run as root with one
		"--no-first-run", "--no-default-browser-check", "--password-store=basic", "--disable-gpu",
		"--window-size=900,600", "--window-position=50,80", page.URL)
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = browser.Wait() })
	w := s.Window("^Our office")
	s.Wait("the browser to have the focus", w.Focused)
	bottom := func() color.RGBA { // of the page, where there is nothing
		b := w.Bounds()
		return s.Pixel(image.Pt(b.Min.X+b.Dx()/2, b.Max.Y-40))
	}
	white := color.RGBA{0xff, 0xff, 0xff, 0xff}
	s.Wait("the page", func() bool { return bottom() == white })
	click := func() { w.Click(w.Bounds().Dx()/2, w.Bounds().Dy()-40) }
	click()
	asking := func() bool { return bottom() != white } // the page is dimmed
	s.Wait("the browser's question", asking)
	s.look("1-the-browser-asks")
	if n := len(s.Windows()); n != 1 {
		t.Errorf("%d windows before the browser was answered: %q", n, s.Titles())
	}
	// The question takes no answer for a moment, and a key that comes too early
	// may be lost or be a no: what was without effect is done again. A browser on
	// a machine with other things to do takes its time, hence the long limit.
	onOpen, pause := false, time.Second
	for limit := time.Now().Add(2 * time.Minute); !s.appears(confirmTitle, pause); {
		if time.Now().After(limit) {
			s.look("failed-to-open")
			t.Fatalf("the link was not opened; there are %q", s.Titles())
		}
		pause = time.Second
		switch {
		case !asking():
			click()
			onOpen = false
		case !onOpen:
			s.Key("Tab") // from Cancel to Open
			onOpen = true
		default:
			s.Key("Return")
			pause = 5 * time.Second // it is handed through several programs
		}
	}

	asks := s.Window(confirmTitle)
	s.Wait("the window that asks to have the focus", asks.Focused)
	s.drawn(asks)
	s.look("2-cornetta-asks")
	s.Wait("the PBX to be ready for the call", func() bool { return pbx.Sessions() == 1 })
	if n := originated(pbx); n != "" {
		t.Fatalf("dialled %s before anybody said yes", n)
	}
	s.sayYes(asks)
	s.Wait("the call", func() bool { return len(pbx.Originates()) > 0 })
	asks.WaitGone()
	s.told("In call")
	s.look("3-in-call")
	if n := originated(pbx); n != "00501234507" {
		t.Errorf("dialled %s", n)
	}
}

// appears reports whether a window comes up within a time.
func (s *seat) appears(title string, within time.Duration) bool {
	for end := time.Now().Add(within); s.FindWindow(title) == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
