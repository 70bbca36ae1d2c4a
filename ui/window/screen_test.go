//go:build linux

package window

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// screen is a desktop with the real cornetta-ui on it, started by a fake agent
// the way the agent starts it.
type screen struct {
	*desktoptest.Desktop
	t      *testing.T
	ui     *exec.Cmd
	exited chan struct{} // closed at the end of cornetta-ui
	server *channel.Server
	seq    uint64
}

// built is the program of the windows: that of `make build` where there is one, or one
// that is built once for all tests.
var built = sync.OnceValues(func() (program string, err error) {
	if dir := os.Getenv("CORNETTA_PROGRAMS"); dir != "" {
		return filepath.Join(dir, "cornetta-ui"), nil
	}
	if scratch, err = os.MkdirTemp("", "cornetta-window-"); err != nil {
		return "", err
	}
	program = filepath.Join(scratch, "cornetta-ui")
	// The Makefile's flags, so that its build cache serves.
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "cornetta/cmd/cornetta-ui")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program, nil
})

func newScreen(t *testing.T, a *fakeAgent) *screen {
	t.Helper()
	s := &screen{
		Desktop: desktoptest.Start(t, desktoptest.WithoutTrayHost(), desktoptest.WithoutNotifications(), desktoptest.WithoutKeyring()),
		t:       t, exited: make(chan struct{}),
	}
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	ui := s.Command(program)
	ui.Env = append(ui.Env, channel.Environment)
	in, err := ui.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Not StdoutPipe: Wait would close it under the reader.
	out, childOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ui.Stdout = childOut
	s.ui = ui
	err = ui.Start()
	_ = childOut.Close()
	if err != nil {
		t.Fatal(err)
	}
	s.server = channel.Serve(t.Context(), out, in, a.table)
	go func() {
		defer close(s.exited)
		_ = s.server.Wait()
		_ = ui.Wait()
	}()
	t.Cleanup(func() {
		s.server.Close()
		<-s.exited // Command sees to it that it ends
	})
	return s
}

// window waits until a window with that title has the focus and is drawn.
func (s *screen) window(title string) *desktoptest.Window {
	s.t.Helper()
	w := s.Window("^" + title + "$")
	s.Wait("the window "+title+" to have the focus", w.Focused)
	// Its frame is there; the content follows.
	in := w.Bounds().Inset(4)
	s.Wait("the window "+title+" to be drawn", func() bool {
		img := s.Part(in)
		for y := in.Min.Y; y < in.Max.Y; y++ {
			for x := in.Min.X; x < in.Max.X; x++ {
				if img.RGBAAt(x, y) != img.RGBAAt(in.Min.X, in.Min.Y) {
					return true
				}
			}
		}
		return false
	})
	return w
}

// settle waits until the screen no longer looks as before and then keeps
// still. Not everything that is done changes the picture, and a clock or a
// cursor never keeps still: both waits have an end.
func (s *screen) settle(before []byte) {
	s.t.Helper()
	for end := time.Now().Add(time.Second); bytes.Equal(s.Screen().Pix, before) && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	last, same := before, 0
	for end := time.Now().Add(900 * time.Millisecond); same < 2 && time.Now().Before(end); {
		time.Sleep(70 * time.Millisecond)
		if now := s.Screen().Pix; bytes.Equal(now, last) {
			same++
		} else {
			last, same = now, 0
		}
	}
}

// click moves the mouse there first: Fyne takes a click that comes with the
// movement for one at the place where the mouse was before.
func (s *screen) click(w *desktoptest.Window, x, y int) {
	s.t.Helper()
	before := s.Screen().Pix
	s.MoveTo(w.Bounds().Min.X+x, w.Bounds().Min.Y+y)
	s.settle(before)
	w.Click(x, y)
}

// key presses keys one after the other, and write types text; both wait until
// it shows.
func (s *screen) key(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		before := s.Screen().Pix
		s.Key(k)
		s.settle(before)
	}
}

// until presses a key until it has had its effect: a window takes no yes in the moment
// after it came up, nor does a question in it.
func (s *screen) until(what, key string, done func() bool) {
	s.t.Helper()
	var pressed time.Time
	s.Wait(what, func() bool {
		if !done() && time.Since(pressed) > 3*time.Second {
			s.key(key)
			pressed = time.Now()
		}
		return done()
	})
}

func (s *screen) write(text string) {
	s.t.Helper()
	before := s.Screen().Pix
	s.Type(text)
	s.settle(before)
}

func (s *screen) push(link status.Connection, tr *status.Problem, c *call.Snapshot) {
	s.t.Helper()
	before := s.Screen().Pix
	s.seq++
	s.server.PushSnapshot(status.Snapshot{Seq: s.seq, Connection: link, Trouble: tr, Call: c, Extension: "7101"})
	s.settle(before)
}

func TestDialOnAScreen(t *testing.T) {
	a := newFakeAgent()
	s := newScreen(t, a)
	s.push(status.Ready, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowDial})
	w := s.window(words.Text(words.LabelApp))
	s.Screenshot("empty")

	s.write("+39 0555 0123")
	s.Screenshot("typed")
	s.key("ctrl+a")
	s.write("call me")
	s.Screenshot("invalid")

	now := time.Now()
	a.recent = []history.Entry{
		{At: now.Add(-time.Minute), Number: "0390505550123", State: call.Ended, Duration: 83 * time.Second},
		{At: now.Add(-26 * time.Hour), Number: "7102", State: call.Failed, Cause: call.NoAnswer},
		{At: now.Add(-50 * time.Hour), Number: "000390505550199", State: call.Cancelled},
		{At: now.Add(-900 * time.Hour), Number: "*401", State: call.Failed, Cause: call.NotPermitted},
	}
	s.key("ctrl+a")
	s.write("0390505550123")
	s.key("Return", "Return")
	s.Wait("one dial", func() bool { return a.count("dial 0390505550123") == 1 })
	s.push(status.Connected, nil, ringing("1", "0390505550123", "", call.RingingOwn))
	s.Screenshot("ringing-own")
	s.push(status.Connected, nil, ringing("1", "0390505550123", "Mario Rossi", call.RingingFar))
	s.Screenshot("ringing-far")
	s.key("Return")
	s.push(status.Connected, nil, ringing("1", "0390505550123",
		"Dr. Maximilian-Alexander von und zu Hohenstein-Wittelsbach \u202egnp.exe", call.InCall))
	s.Screenshot("in-call-long-name")
	if n := a.count("dial 0390505550123"); n != 1 {
		t.Errorf("dialled %d times", n)
	}

	s.key("Tab", "Tab", "Return") // the button to hang up comes behind that to transfer
	s.Wait("hang-up", func() bool { return a.count("hangup") == 1 })
	failed := ringing("1", "0390505550123", "Mario Rossi", call.Failed)
	failed.Cause = call.OwnUnreachable
	s.push(status.Ready, nil, failed)
	s.Screenshot("failed")
	s.push(status.Trouble, &status.Problem{Code: status.CodeUnreachable}, nil)
	s.Screenshot("trouble")

	s.key("Escape")
	w.WaitGone()
	s.server.Show(channel.Show{Window: channel.WindowDial, Text: "7102"})
	s.window(words.Text(words.LabelApp))
	s.write("9") // what was there is selected, so this replaces it
	s.Screenshot("again")
	s.until("the typed number", "Return", func() bool { return a.count("dial 9") == 1 })

	s.server.Close()
	select {
	case <-s.exited:
	case <-time.After(2 * time.Second):
		t.Error("the windows outlive the agent")
	}
}

func TestAssistantOnAScreen(t *testing.T) {
	a := newFakeAgent()
	a.check = checkUpTo(status.StepLogin, trouble(status.CodeLoginRefused))
	a.extensions = []status.Extension{
		{Number: "7101", Hint: "PJSIP/7101"},
		{Number: "7102", Hint: "PJSIP/7102", Status: 1},
		{Number: "7103", Hint: "PJSIP/7103", Status: 4},
		{Number: "7104", Hint: "PJSIP/7104", Status: 8},
		{Number: "7201", Hint: "PJSIP/7201"},
		{Number: "7202", Hint: "Dr. Maximilian-Alexander von und zu Hohenstein-Wittelsbach", Status: 16},
	}
	a.save = channel.Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}
	s := newScreen(t, a)
	s.push(status.NotSetUp, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowAssistant})
	w := s.window(words.Text(words.TitleAssistant))
	s.Screenshot("1-account")

	s.key("Return")
	s.Screenshot("1-missing")
	s.write("pbx.example.com")
	s.key("Tab", "Tab") // over the port
	s.key("space")      // TLS
	s.key("Tab")
	s.write("c2c")
	s.key("Tab")
	s.write("secret")
	s.key("Tab", "Tab") // over the button that shows it
	s.write("0f3c2a54-9a1b")
	s.key("Tab")
	s.Screenshot("1-tenant")
	s.key("shift+Tab", "End")
	s.write("-4f6e-8d52-1c0e5b7a9d11")
	s.key("Return")
	s.Screenshot("2-login-refused")

	a.check = selfSigned
	s.key("Tab", "Return") // from Back to Try again
	s.Screenshot("2-certificate")
	ticked := func() bool {
		corner := image.Pt(w.Bounds().Min.X, w.Bounds().Max.Y)
		// Inside the box, between the lines of the ring that shows the focus.
		return accents(s.Desktop, image.Rectangle{corner.Add(image.Pt(26, -300)), corner.Add(image.Pt(36, -70))}) > 60
	}
	s.until("the tick", "space", ticked)
	s.key("Tab", "Return")
	s.Screenshot("2-works")
	s.key("Return")
	s.Screenshot("3-extensions")
	s.write("72")
	s.Screenshot("3-narrowed")
	s.key("Down", "Return")
	s.Screenshot("4-prefix")
	s.key("Return")
	s.Screenshot("5-done")
	s.key("shift+Tab", "Return")
	s.Wait("the test call", func() bool { return a.count("test call") == 1 })
	s.push(status.Connected, nil, ringing("t", "800", "", call.RingingOwn))
	s.Screenshot("5-test-call")

	if len(a.saved) != 1 || a.saved[0].Account.Extension != "7201" || a.saved[0].Secret == nil ||
		*a.saved[0].Secret != "secret" || !a.saved[0].Account.TLS || a.saved[0].Account.TLSPin == "" {
		t.Errorf("saved %+v", a.saved)
	}
	s.key("Escape")
	w.WaitGone()
}

func TestSettingsOnAScreen(t *testing.T) {
	a := newFakeAgent()
	a.settings, a.secret = account(), inKeyring
	a.settings.KeyTroubles = map[string]channel.KeyTrouble{fieldClipboard: {Problem: status.Problem{Code: status.CodeKeysTaken}}}
	a.registered = channel.Registered{Other: "Linphone"}
	s := newScreen(t, a)
	s.push(status.Ready, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowSettings})
	w := s.window(words.Text(words.TitleSettings))
	s.Screenshot("account")
	s.key("ctrl+a")
	s.write("nowhere .example")
	s.key("Return")
	s.Screenshot("account-invalid")
	s.key("ctrl+a")
	s.write("pbx2.example.com")

	look := func(name string, do func()) {
		before := s.Screen().Pix
		do()
		s.settle(before)
		s.Screenshot(name)
	}
	look("numbers", func() { s.Key("ctrl+Next") })
	look("country-list", func() { s.Key("ctrl+a"); s.Type("uni") })
	look("country-picked", func() { s.Key("Down", "Down", "Return") })
	s.key("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "space", "Down", "Down", "Down", "Return") // only what is risky
	s.Screenshot("trusted")
	s.key("Tab", "Tab")
	look("tester", func() { s.Type("+44 20 7946 0018") })
	look("tester-risk", func() { s.Key("ctrl+a"); s.Type("899 123456") })
	look("tester-wrong", func() { s.Key("ctrl+a"); s.Type("call me") })
	look("tester-long", func() { s.Key("ctrl+a"); s.Type(strings.Repeat("0123456789 ", 8)) })
	look("keys", func() { s.Key("ctrl+Next") })
	look("keys-capturing", func() { s.Key("Return") })
	look("keys-taken", func() { s.Key("ctrl+alt+t") })
	look("keys-alone", func() { s.Key("Return", "j") })
	look("keys-set", func() { s.Key("shift+ctrl+j") })
	look("keys-none", func() { s.Key("Tab", "Return", "Delete") })
	look("start", func() { s.Key("ctrl+Next") })
	s.key("space")
	w.Resize(480, 420)
	look("small", func() { s.Key("ctrl+Prior") })
	look("tabs", func() { s.Key("ctrl+Prior", "shift+Tab") })
	s.click(w, 40, 30) // the first tab
	s.key("Return")
	w.WaitGone()
	if len(a.saved) != 1 {
		t.Fatalf("saved %+v", a.saved)
	}
	e := a.saved[0]
	if e.Account.Host != "pbx2.example.com" || e.Secret != nil || e.Numbers.Region != "US" ||
		e.Numbers.Confirm != number.ConfirmTrusted || e.Keys == nil || e.Keys.Clipboard != "Ctrl+Shift+J" ||
		e.Register == nil || !e.Register.Links || e.Register.Autostart {
		t.Errorf("saved %+v, numbers %+v, keys %+v, %+v", e, e.Numbers, e.Keys, e.Register)
	}
}

func TestConfirmOnAScreen(t *testing.T) {
	a := newFakeAgent()
	s := newScreen(t, a)
	s.push(status.Ready, nil, nil)
	ask := func(id uint64, name string, o status.Offer, more, ignored int) *desktoptest.Window {
		before := s.Screen().Pix
		o.ID = id
		s.server.PushAsk(channel.Ask{Offer: o, More: more, Ignored: ignored})
		w := s.window(words.Text(words.TitleLink))
		s.settle(before)
		s.Screenshot(name)
		return w
	}
	plain := status.Offer{Shown: "0 0501234507", Reasons: []string{"link"}}
	w := ask(1, "one", plain, 0, 0)
	ask(1, "counted", plain, 12, 0)
	s.key("Return")
	s.Wait("the refusal", func() bool { return a.count("answer 1 false") == 1 })
	w.WaitGone()

	long := "0039" + "01234567890123456789012345678901234567"
	w = ask(2, "long", status.Offer{Shown: "0 " + long[1:], Reasons: []string{
		"ambiguous_trunk_zero", "extension_dropped", "international", "link",
		"params_ignored", "policy", "post_dial_dropped", "premium",
	}}, 987, 12)
	s.key("Escape")
	w.WaitGone()

	a.dial = &status.Problem{Code: status.CodeCallInProgress}
	w = ask(4, "again", plain, 0, 0)
	s.Wait("Call to be live", func() bool { return callIsLive(s.Desktop, w) })
	s.key("Tab", "space")
	s.Wait("the yes", func() bool { return a.count("answer 4 true") == 1 })
	s.Screenshot("failed")
	a.dial = nil
	s.Wait("Call to be live again", func() bool { return callIsLive(s.Desktop, w) })
	s.key("Tab", "space")
	s.Wait("the second yes", func() bool { return a.count("answer 4 true") == 2 })
	w.WaitGone()
}

// TestAPasswordLeavesTheMemory of the windows: what was typed is gone once it was handed
// over, and once the window is closed without that.
func TestAPasswordLeavesTheMemory(t *testing.T) {
	const typed = "Xq7mTypedPasswordOf24kB9"
	a := newFakeAgent()
	a.settings, a.secret = account(), inKeyring
	a.save = channel.Saved{Warning: &status.Problem{Code: status.CodeSecretSession}} // the window stays
	s := newScreen(t, a)
	s.push(status.Ready, nil, nil)
	for _, last := range []string{"Return", "Escape"} {
		s.server.Show(channel.Show{Window: channel.WindowSettings})
		w := s.window(words.Text(words.TitleSettings))
		s.key("Tab", "Tab", "Tab", "Tab") // over port, TLS and user
		s.Type(typed)
		s.Wait("the password to be in memory", func() bool { return s.inMemory(typed) > 0 })
		s.key(last)
		if last == "Return" {
			s.Wait("Save", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.saved) == 1 })
			if p := a.saved[0].Secret; p == nil || *p != typed {
				t.Fatal("something else was typed")
			}
		}
		s.Wait("the password to be gone", func() bool { return s.inMemory(typed) == 0 })
		s.key("Escape")
		w.WaitGone()
	}
}

// inMemory counts a text in what the windows' program may write to.
func (s *screen) inMemory(text string) int {
	s.t.Helper()
	proc := fmt.Sprintf("/proc/%d/", s.ui.Process.Pid)
	maps, err := os.ReadFile(proc + "maps")
	if err != nil {
		s.t.Fatal(err)
	}
	mem, err := os.Open(proc + "mem")
	if err != nil {
		s.t.Fatal(err)
	}
	defer mem.Close()
	n := 0
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var may string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &may); err != nil || !strings.HasPrefix(may, "rw") {
			continue
		}
		part := make([]byte, to-from)
		read, _ := mem.ReadAt(part, from) // some parts cannot be read
		n += bytes.Count(part[:read], []byte(text))
	}
	return n
}

// callIsLive sees it by the colour of the button in the lower right corner.
func callIsLive(d *desktoptest.Desktop, w *desktoptest.Window) bool {
	c := d.Pixel(w.Bounds().Max.Sub(image.Pt(120, 30)))
	return int(c.B)-int(c.R) > 60
}

// TestAWindowRests: a window that is left alone does not look for something to do sixty
// times a second.
func TestAWindowRests(t *testing.T) {
	a := newFakeAgent()
	s := newScreen(t, a)
	s.push(status.Ready, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowDial})
	s.window(words.Text(words.LabelApp))
	// How often its main thread has had nothing more to do.
	paused := func() int {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.ui.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(data), "\nvoluntary_ctxt_switches:")
		n := 0
		if _, err := fmt.Sscan(rest, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.Wait("two seconds of rest", func() bool {
		before := paused()
		time.Sleep(2 * time.Second)
		return paused()-before < 50
	})
	s.write("7102") // and hears of what happens
	s.until("the call", "Return", func() bool { return a.count("dial 7102") == 1 })
}
