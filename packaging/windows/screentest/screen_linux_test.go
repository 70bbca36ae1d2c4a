//go:build linux

package screentest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/pbxsim"
	"cornetta/ui/desktoptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Variables that name what make test-wine has built: the folder of the programs for
// Windows, and winerun.
const (
	programsVariable = "CORNETTA_WINDOWS"
	winerunVariable  = "CORNETTA_WINERUN"
)

// seat is a person's computer with Windows and Cornetta on it.
type seat struct {
	*desktoptest.Desktop
	t        *testing.T
	programs string
	loader   string
	env      []string
}

func newSeat(t *testing.T, more ...desktoptest.Option) *seat {
	t.Helper()
	s := &seat{t: t, programs: os.Getenv(programsVariable)}
	if s.programs == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there are no programs: make test-wine builds them")
		}
		t.Skip("there are no programs: make test-wine builds them")
	}
	s.Desktop = desktoptest.Start(t, append(more, desktoptest.WithoutTrayHost(), desktoptest.WithoutNotifications(), desktoptest.WithoutKeyring())...)
	keeper := exec.Command(os.Getenv(winerunVariable), "-keep")
	end, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	keeper.Stderr = os.Stderr
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end.Close()
		if err := keeper.Wait(); err != nil {
			t.Error("winerun:", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if loader, ok := strings.CutPrefix(lines.Text(), "WINELOADER="); ok {
			s.loader = loader
			break
		}
		s.env = append(s.env, lines.Text())
	}
	return s
}

// windows is a Windows program, not yet started.
func (s *seat) windows(program string, args ...string) *exec.Cmd {
	cmd := s.Command(s.loader, append([]string{program}, args...)...)
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// start starts what Windows itself starts: for a person, or for a link.
func (s *seat) start(args ...string) {
	s.t.Helper()
	cmd := s.windows(filepath.Join(s.programs, "cornetta.exe"), args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Wait() })
}

func (s *seat) cornetta(args ...string) (string, error) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := s.windows(filepath.Join(s.programs, "cornetta.com"), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = errors.Join(err, errors.New(errs.String()))
	}
	return out.String(), err
}

// long waits like Wait, but as long as wine may take on a machine with other things to do.
func (s *seat) long(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %s; the windows are %q", what, s.Titles())
		}
	}
}

func (s *seat) window(title string) *desktoptest.Window {
	s.t.Helper()
	s.long("the window "+title, func() bool { return s.FindWindow(title) != nil })
	w := s.FindWindow(title)
	s.long(title+" to have the focus", w.Focused)
	s.drawn(w)
	return w
}

// drawn waits until something stands in the window, and it has come to rest.
func (s *seat) drawn(w *desktoptest.Window) {
	s.t.Helper()
	s.long("the window to be drawn", func() bool {
		colours := map[color.RGBA]bool{}
		img := s.part(w, 0, 0, -1, -1)
		for i := 0; i < len(img.Pix); i += 4 {
			colours[color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 0xff}] = true
		}
		return len(colours) > 20
	})
	before := s.part(w, 0, 0, -1, -1).Pix
	for same := 0; same < 3; {
		time.Sleep(100 * time.Millisecond)
		now := s.part(w, 0, 0, -1, -1).Pix
		if same++; !bytes.Equal(before, now) {
			before, same = now, 0
		}
	}
}

// part is a part of a window as it looks now; negative corners count from its far side.
func (s *seat) part(w *desktoptest.Window, x0, y0, x1, y1 int) *image.RGBA {
	b := w.Bounds()
	at := func(x, y int) image.Point {
		if x < 0 {
			x += b.Dx()
		}
		if y < 0 {
			y += b.Dy()
		}
		return b.Min.Add(image.Pt(x, y))
	}
	seen := s.Part(image.Rectangle{at(x0, y0), at(x1, y1)})
	seen.Rect = seen.Rect.Sub(seen.Rect.Min)
	return seen
}

// turn presses a key that leads to another page of the assistant, and waits for it and for
// its button to be one that can be pressed.
func (s *seat) turn(w *desktoptest.Window, page, key string) {
	s.t.Helper()
	heading := func() []byte { return s.part(w, 0, 0, 300, 80).Pix }
	before := heading()
	s.Key(key)
	s.long("the page "+page, func() bool { return !bytes.Equal(heading(), before) })
	s.long("a button to go on with", func() bool {
		img := s.part(w, -80, -50, -10, -10)
		coloured := 0
		for i := 0; i < len(img.Pix); i += 4 {
			r, g, b := img.Pix[i], img.Pix[i+1], img.Pix[i+2]
			if max(r, g, b)-min(r, g, b) > 60 {
				coloured++
			}
		}
		return coloured > 800
	})
	s.drawn(w)
}

func (s *seat) bright(w *desktoptest.Window) bool {
	img := s.part(w, 0, 0, 8, 8)
	return int(img.Pix[0])+int(img.Pix[1])+int(img.Pix[2]) > 3*128
}

// TestFirstRunToACall: with the keyboard alone, from the assistant to calls from the dial
// window and for a link, in one instance whose password outlives its process; in light and
// in dark.
func TestFirstRunToACall(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	s := newSeat(t)
	dialled := func(n int) func() bool { return func() bool { return len(pbx.Originates()) == n } }

	s.start()
	w := s.window("^Set up Cornetta$")
	host, port, _ := net.SplitHostPort(pbx.Addr())
	s.Type(host)
	s.Key("Tab", "ctrl+a")
	s.Type(port)
	s.Key("Tab", "Tab")
	s.Type(pbxsim.Username)
	s.Key("Tab")
	s.Type(pbxsim.Secret)
	s.Key("Tab", "Tab") // over the button that shows it
	s.Type(pbxsim.Tenant)
	s.drawn(w)
	s.Screenshot("1-account")
	s.turn(w, "with the test", "Return")
	s.long("the check", func() bool { return pbx.Logins() > 0 && pbx.Sessions() == 0 })
	s.drawn(w)
	s.Screenshot("2-works")
	s.turn(w, "with the extensions", "Return")
	s.Type("7101")
	s.drawn(w)
	s.Screenshot("3-extension")
	s.turn(w, "with the outside line", "Return")
	s.Key("ctrl+a")
	s.Type(pbxsim.OutboundPrefix)
	s.turn(w, "at the end", "Return")
	s.Screenshot("4-done")
	s.Key("Return")
	w.WaitGone()

	// The second start is the first one's dial window.
	s.start()
	w = s.window("^Cornetta$")
	if !s.bright(w) {
		t.Error("the window is dark")
	}
	s.Type("050 123407")
	s.drawn(w)
	s.Screenshot("5-dial")
	s.Key("Return")
	s.long("the call", dialled(1))
	s.long("the call to be in progress", func() bool { return s.state() == "in_call" })
	s.drawn(w)
	s.Screenshot("6-in-call")
	if _, err := s.cornetta("hangup"); err != nil {
		t.Error(err)
	}
	s.long("the end of the call", func() bool { return pbx.Calls() == 0 })

	s.settings()

	// Another process finds the password; dark, as the person has it for all programs.
	if _, err := s.cornetta("quit"); err != nil {
		t.Error(err)
	}
	dark := s.windows("reg", "add", `HKCU\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`,
		"/v", "AppsUseLightTheme", "/t", "REG_DWORD", "/d", "0", "/f")
	if err := dark.Run(); err != nil {
		t.Fatal(err)
	}
	s.start("tel:+390501234502")
	w = s.window("^Cornetta – A link$")
	if s.bright(w) {
		t.Error("the window is bright")
	}
	s.Screenshot("9-link-dark")
	if len(pbx.Originates()) != 1 {
		t.Error("a link was dialled unasked")
	}
	s.long("Call to be live", func() bool { // it is grey until then, and no Tab reaches it
		coloured := 0
		for pix := s.part(w, -135, -45, -12, -12).Pix; len(pix) > 0; pix = pix[4:] {
			if int(pix[2])-int(pix[0]) > 64 {
				coloured++
			}
		}
		return coloured > 1000
	})
	s.Key("Tab")
	s.long("the call", func() bool { // a key that is pressed too soon is none
		if !dialled(1)() {
			return true
		}
		s.Key("Return")
		time.Sleep(time.Second)
		return !dialled(1)()
	})
	all := pbx.Originates()
	if got := all[len(all)-1].Get("Exten"); got != "00501234502" {
		t.Errorf("the link dials %s", got)
	}
	s.start()
	w = s.window("^Cornetta$")
	s.Screenshot("10-dial-dark")
	if _, err := s.cornetta("quit"); err != nil {
		t.Error(err)
	}
	w.WaitGone()
}

// settings opens the settings by the menu of the icon in the tray, which wine shows in a
// window of its own where the desktop has no place for it.
func (s *seat) settings() {
	s.t.Helper()
	icon := s.FindWindow("^Wine System Tray$").Bounds().Min.Add(image.Pt(10, 10))
	before := s.Screen()
	// bottom is that of what is new at the upper left of the screen.
	bottom := func() (y int) {
		now := s.Screen()
		for at := range before.Pix {
			if at/4%before.Rect.Dx() < 320 && before.Pix[at] != now.Pix[at] {
				y = at / before.Stride
			}
		}
		return y
	}
	s.ClickAt(icon.X, icon.Y, 3)
	last := 0
	s.long("the tray's menu", func() bool { // to be there, and to grow no more
		y := bottom()
		grown := y != last
		last = y
		return !grown && y > icon.Y+20
	})
	s.Screenshot("7-tray-menu")
	s.ClickAt(icon.X+40, last-26, 1) // the last line is Quit, the one before Settings
	w := s.window("^Cornetta – Settings$")
	s.Screenshot("8-settings")
	s.Key("Escape")
	w.WaitGone()
}

// state is that of the call.
func (s *seat) state() string {
	s.t.Helper()
	out, err := s.cornetta("status", "--json")
	if err != nil {
		s.t.Fatal(err)
	}
	var st struct {
		Call struct {
			State string `json:"state"`
		} `json:"call"`
	}
	if err := json.Unmarshal([]byte(out), &st); err != nil {
		s.t.Fatal(err)
	}
	return st.Call.State
}
