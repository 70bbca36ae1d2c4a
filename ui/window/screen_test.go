package window

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/ui/channel"
)

// screen is an X server of our own with a window manager and the real
// cornetta-ui on it, started by a fake agent the way the agent starts it.
type screen struct {
	t      *testing.T
	shots  string
	env    []string
	ui     *exec.Cmd
	exited chan error // the end of ui
	server *channel.Server
	seq    uint64
}

func newScreen(t *testing.T, a *fakeAgent) *screen {
	shots := os.Getenv("CORNETTA_SHOTS")
	if shots == "" {
		t.Skip("CORNETTA_SHOTS names no folder for screenshots")
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, shots: shots}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "900x760x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{w}
	s.start(xvfb)
	_ = w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	_ = r.Close()
	home := t.TempDir()
	s.env = append(os.Environ(), "DISPLAY=:"+strings.TrimSpace(line), "WAYLAND_DISPLAY=",
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_RUNTIME_DIR="+home, "LC_ALL=en_US.UTF-8")
	wm := exec.Command("openbox")
	wm.Env = s.env
	s.start(wm)

	bin := os.Getenv("CORNETTA_UI")
	if bin == "" {
		bin = filepath.Join(t.TempDir(), "cornetta-ui")
		if out, err := exec.Command("go", "build", "-o", bin, "cornetta/cmd/cornetta-ui").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	s.ui = exec.Command(bin)
	s.ui.Env, s.ui.Stderr = s.env, os.Stderr
	in, err := s.ui.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.ui.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ui.Start(); err != nil {
		t.Fatal(err)
	}
	s.exited = make(chan error, 1)
	s.server = channel.Serve(context.Background(), out, in, a)
	go func() { _ = s.server.Wait(); s.exited <- s.ui.Wait() }()
	t.Cleanup(func() {
		_ = s.server.Close()
		select {
		case <-s.exited:
		case <-time.After(5 * time.Second):
			_ = s.ui.Process.Kill()
		}
	})
	return s
}

func (s *screen) start(c *exec.Cmd) {
	s.t.Helper()
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
}

func (s *screen) run(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Env = s.env
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// window waits until a window with that title is visible and has the focus.
func (s *screen) window(title string) {
	s.t.Helper()
	s.until("the window "+title, func() bool {
		id, err := s.run("xdotool", "getactivewindow", "getwindowname")
		return err == nil && id == title
	})
	s.settle(s.picture()) // its frame is there; the content follows
}

func (s *screen) gone(title string) {
	s.t.Helper()
	s.until("no window "+title, func() bool {
		_, err := s.run("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$")
		return err != nil
	})
}

// picture is a sum over all pixels of the screen.
func (s *screen) picture() string {
	s.t.Helper()
	sum, err := s.run("sh", "-c", "import -window root -depth 8 rgb:- | cksum")
	if err != nil {
		s.t.Fatal(sum, err)
	}
	return sum
}

// settle waits until the screen no longer looks as before and then keeps
// still. Not everything that is done changes the picture, and a clock or a
// cursor never keeps still: both waits have an end.
func (s *screen) settle(before string) {
	s.t.Helper()
	for end := time.Now().Add(time.Second); s.picture() == before && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	last, same := "", 0
	for end := time.Now().Add(900 * time.Millisecond); same < 2 && time.Now().Before(end); {
		time.Sleep(70 * time.Millisecond)
		if now := s.picture(); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
}

func (s *screen) key(keys ...string) {
	s.t.Helper()
	before := s.picture()
	if out, err := s.run("xdotool", append([]string{"key", "--delay", "30"}, keys...)...); err != nil {
		s.t.Fatal(out, err)
	}
	s.settle(before)
}

func (s *screen) write(text string) {
	s.t.Helper()
	before := s.picture()
	if out, err := s.run("xdotool", "type", "--delay", "15", "--", text); err != nil {
		s.t.Fatal(out, err)
	}
	s.settle(before)
}

func (s *screen) shot(name string) {
	s.t.Helper()
	if out, err := s.run("import", "-window", "root", filepath.Join(s.shots, name+".png")); err != nil {
		s.t.Fatal(out, err)
	}
}

func (s *screen) until(what string, cond func() bool) {
	s.t.Helper()
	for end := time.Now().Add(15 * time.Second); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.shot("failed")
			s.t.Fatalf("%s: not within 15 s", what)
		}
	}
}

func (s *screen) push(link dialer.Link, tr *dialer.Trouble, c *call.Snapshot) {
	before := s.picture()
	s.seq++
	s.server.PushSnapshot(dialer.Snapshot{Seq: s.seq, Link: link, Trouble: tr, Call: c, Extension: "7101"})
	s.settle(before)
}

func account() channel.AccountView {
	a := config.Default().Account
	a.Host, a.Username, a.Extension = "pbx.example.com", "c2c", "7101"
	a.Tenant = "0f3c2a54-9a1b-4f6e-8d52-1c0e5b7a9d11"
	return channel.AccountView{Account: a, HasSecret: true, SecretWhere: channel.SecretKeyring}
}

func TestDialOnAScreen(t *testing.T) {
	a := newFakeAgent()
	s := newScreen(t, a)
	s.push(dialer.LinkReady, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowDial})
	s.window(titleDial)
	s.shot("dial-empty")

	s.write("+39 0555 0123")
	s.shot("dial-typed")
	s.key("ctrl+a")
	s.write("call me")
	s.shot("dial-invalid")

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
	s.until("one dial", func() bool { return a.count("dial 0390505550123") == 1 })
	s.push(dialer.LinkConnected, nil, ringing("1", "0390505550123", "", call.RingingOwn))
	s.shot("dial-ringing-own")
	s.push(dialer.LinkConnected, nil, ringing("1", "0390505550123", "Mario Rossi", call.RingingFar))
	s.shot("dial-ringing-far")
	s.key("Return")
	s.push(dialer.LinkConnected, nil, ringing("1", "0390505550123",
		"Dr. Maximilian-Alexander von und zu Hohenstein-Wittelsbach \u202egnp.exe", call.InCall))
	s.shot("dial-in-call-long-name")
	if n := a.count("dial 0390505550123"); n != 1 {
		t.Errorf("dialled %d times", n)
	}

	s.key("Tab", "Return") // the button to hang up is the next that can be pressed
	s.until("hang-up", func() bool { return a.count("hangup") == 1 })
	failed := ringing("1", "0390505550123", "Mario Rossi", call.Failed)
	failed.Cause = call.OwnUnreachable
	s.push(dialer.LinkReady, nil, failed)
	s.shot("dial-failed")
	s.push(dialer.LinkTrouble, &dialer.Trouble{Code: dialer.CodeUnreachable}, nil)
	s.shot("dial-trouble")

	s.key("Escape")
	s.gone(titleDial)
	s.server.Show(channel.Show{Window: channel.WindowDial, Text: "7102"})
	s.window(titleDial)
	s.write("9") // what was there is selected, so this replaces it
	s.shot("dial-again")
	s.key("Return")
	s.until("the typed number", func() bool { return a.count("dial 9") == 1 })

	_ = s.server.Close()
	select {
	case <-s.exited:
	case <-time.After(2 * time.Second):
		t.Error("the windows outlive the agent")
	}
	s.exited <- nil
}

func TestAssistantOnAScreen(t *testing.T) {
	a := newFakeAgent()
	a.check = checkUpTo(channel.StepLogin, trouble(dialer.CodeLoginRefused))
	a.extensions = []channel.Extension{
		{Number: "7101", Hint: "PJSIP/7101"},
		{Number: "7102", Hint: "PJSIP/7102", Status: 1},
		{Number: "7103", Hint: "PJSIP/7103", Status: 4},
		{Number: "7104", Hint: "PJSIP/7104", Status: 8},
		{Number: "7201", Name: "Reception", Hint: "PJSIP/7201"},
		{Number: "7202", Name: "Dr. Maximilian-Alexander von und zu Hohenstein-Wittelsbach", Status: 16},
	}
	a.save = channel.Saved{Warning: &channel.Problem{Kind: channel.KindSecret, Code: channel.SecretUnavailable}}
	s := newScreen(t, a)
	s.push(dialer.LinkNotSetUp, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowAssistant})
	s.window(titleAssistant)
	s.shot("assistant-1-account")

	s.key("Return")
	s.shot("assistant-1-missing")
	s.write("pbx.example.com")
	s.key("Tab", "Tab") // over the port
	s.key("space")      // TLS
	s.key("Tab")
	s.write("c2c")
	s.key("Tab")
	s.write("secret")
	s.key("Tab")
	s.write("0f3c2a54-9a1b")
	s.key("Tab")
	s.shot("assistant-1-tenant")
	s.key("shift+Tab", "End")
	s.write("-4f6e-8d52-1c0e5b7a9d11")
	s.key("Return")
	s.shot("assistant-2-login-refused")

	a.check = selfSigned
	s.key("Return")
	s.shot("assistant-2-certificate")
	s.key("Tab", "space", "Tab", "Return")
	s.shot("assistant-2-works")
	s.key("Return")
	s.shot("assistant-3-extensions")
	s.write("72")
	s.shot("assistant-3-narrowed")
	s.key("Down", "Return")
	s.shot("assistant-4-prefix")
	s.key("Return")
	s.shot("assistant-5-done")
	s.key("shift+Tab", "Return")
	s.until("the test call", func() bool { return a.count("test call") == 1 })
	s.push(dialer.LinkConnected, nil, ringing("t", "800", "", call.RingingOwn))
	s.shot("assistant-5-test-call")

	if len(a.saved) != 1 || a.saved[0].Account.Extension != "7201" || a.saved[0].Secret == nil ||
		*a.saved[0].Secret != "secret" || !a.saved[0].Account.TLS || a.saved[0].Account.TLSPin == "" {
		t.Errorf("saved %+v", a.saved)
	}
	s.key("Escape")
	s.gone(titleAssistant)
}

func TestSettingsOnAScreen(t *testing.T) {
	a := newFakeAgent()
	a.account = account()
	s := newScreen(t, a)
	s.push(dialer.LinkReady, nil, nil)
	s.server.Show(channel.Show{Window: channel.WindowSettings})
	s.window(titleSettings)
	s.shot("settings")
	s.key("ctrl+a")
	s.write("nowhere .example")
	s.key("Return")
	s.shot("settings-invalid")
	s.key("ctrl+a")
	s.write("pbx2.example.com")
	s.key("Return")
	s.gone(titleSettings)
	if len(a.saved) != 1 || a.saved[0].Account.Host != "pbx2.example.com" || a.saved[0].Secret != nil {
		t.Errorf("saved %+v", a.saved)
	}
}
