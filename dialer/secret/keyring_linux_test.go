//go:build linux

package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// partVariable makes a copy of the test program use the keyring, on a
// session bus that is given to a process for its life.
const partVariable = "CORNETTA_SECRET_TEST_PART"

const (
	canary          = "canary-Zq7-è"
	keyringPassword = "open sesame"
	key             = "c2c@pbx.example.com:5038"
)

// report is what the copy prints.
type report struct {
	Secret     string
	Error      string // the name of the exported error
	Text       string
	Took       time.Duration
	Goroutines int
}

func play(part string) int {
	in, err := io.ReadAll(os.Stdin) // the secret: not in the environment, which others can read
	if err != nil {
		return 1
	}
	k := Keyring()
	act := func() (r report) {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		began := time.Now()
		var err error
		switch part {
		case "give up": // as soon as a person is asked
			ctx, cancel := context.WithCancel(context.Background())
			ctx = OnPrompt(ctx, func(open bool) {
				if open {
					cancel()
				}
			})
			_, err = k.Get(ctx, key)
		case "get", "tries":
			r.Secret, err = k.Get(ctx, key)
		case "set":
			err = k.Set(ctx, key, string(in))
		case "delete":
			err = k.Delete(ctx, key)
		}
		r.Took, r.Goroutines = time.Since(began), runtime.NumGoroutine()
		for name, e := range map[string]error{
			"not found": ErrNotFound, "unavailable": ErrUnavailable, "timeout": ErrTimeout,
		} {
			if errors.Is(err, e) {
				r.Error = name
			}
		}
		if err != nil {
			r.Text = err.Error()
		}
		return r
	}
	r := act()
	if part == "tries" {
		for range 50 {
			r = act()
		}
		if os.Getenv("WAIT") != "" { // for the bus to go away
			fmt.Println("tried")
			for r.Error == "timeout" {
				r = act()
			}
		}
	}
	return map[bool]int{true: 0, false: 1}[json.NewEncoder(os.Stdout).Encode(r) == nil]
}

// desk is a session of its own: home, runtime directory and message bus.
type desk struct {
	t       *testing.T
	home    string
	bus     *exec.Cmd
	address string
	keyring *exec.Cmd
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	home, err := os.MkdirTemp("", "cornetta") // short: there are sockets below
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, home: home, address: "unix:path=" + filepath.Join(home, "bus")}
	t.Cleanup(func() {
		d.end(d.keyring)
		d.end(d.bus)
		os.RemoveAll(home)
	})
	// Nothing is started on demand on this bus.
	conf := filepath.Join(home, "bus.conf")
	if err := os.WriteFile(conf, []byte(`<busconfig><type>session</type><listen>`+d.address+`</listen>
<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	d.bus = exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--config-file="+conf)
	d.start(d.bus)
	d.until("the bus to listen", func() bool {
		conn, err := dbus.Connect(d.address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return d
}

func (d *desk) env() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.home, "XDG_RUNTIME_DIR=" + d.home,
		"XDG_DATA_HOME=" + filepath.Join(d.home, "data"), "DBUS_SESSION_BUS_ADDRESS=" + d.address,
		"GODEBUG=" + os.Getenv("GODEBUG"),
	}
}

func (d *desk) start(cmd *exec.Cmd) {
	d.t.Helper()
	cmd.Env, cmd.Dir = d.env(), d.home
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // not to outlive a test that is killed
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) end(cmd *exec.Cmd) {
	if cmd != nil && cmd.ProcessState == nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			d.t.Fatal("waited in vain for", what)
		}
	}
}

// connect is this process's own connection, apart from go-keyring's.
func (d *desk) connect() *dbus.Conn {
	d.t.Helper()
	conn, err := dbus.Connect(d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return conn
}

// startKeyring starts the daemon, with its keyring open or as it lies on disk.
func (d *desk) startKeyring(open bool) {
	d.t.Helper()
	d.keyring = exec.Command("gnome-keyring-daemon", "--foreground", "--components=secrets")
	if open {
		d.keyring.Args = append(d.keyring.Args, "--unlock")
		d.keyring.Stdin = strings.NewReader(keyringPassword)
	}
	d.start(d.keyring)
	conn := d.connect()
	login := conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login")
	d.until("the keyring", func() bool {
		v, err := login.GetProperty("org.freedesktop.Secret.Collection.Locked")
		return err == nil && v.Value() == !open
	})
}

// command is a copy of the test program on this desk.
func (d *desk) command(part, secret string, env ...string) *exec.Cmd {
	d.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	d.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, exe)
	// The race detector would have each copy sleep a second before it exits.
	cmd.Env = append(append(d.env(), partVariable+"="+part, "GORACE=atexit_sleep_ms=0"), env...)
	cmd.Stdin = strings.NewReader(secret)
	return cmd
}

func (d *desk) run(part, secret string, env ...string) report {
	d.t.Helper()
	cmd := d.command(part, secret, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", part, err, &stderr)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		d.t.Fatalf("%q: %v", out, err)
	}
	return r
}

func (d *desk) expect(part, secret string, want report) {
	d.t.Helper()
	got := d.run(part, secret)
	if got.Secret != want.Secret || got.Error != want.Error {
		d.t.Errorf("%s: %+v, want %+v", part, got, want)
	}
	if got.Took > 3*time.Second { // the deadline is 500 ms; the machine may be busy
		d.t.Errorf("%s took %v", part, got.Took)
	}
}

func TestRealKeyring(t *testing.T) {
	d := newDesk(t)
	d.startKeyring(true)
	d.expect("get", "", report{Error: "not found"})
	d.expect("delete", "", report{})
	d.expect("set", "an older one", report{})
	d.expect("set", canary, report{})
	d.expect("get", "", report{Secret: canary})
	long := strings.Repeat("x", MaxLen)
	d.expect("set", long, report{})
	d.expect("get", "", report{Secret: long})
	d.expect("delete", "", report{})
	d.expect("get", "", report{Error: "not found"})
}

// The secret survives the daemon, and lies nowhere in plain.
func TestNothingInPlain(t *testing.T) {
	d := newDesk(t)
	d.startKeyring(true)
	d.expect("set", canary, report{})
	d.end(d.keyring)
	files := 0
	err := filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(canary)) {
			t.Errorf("it is in %s", path)
		}
		return err
	})
	if err != nil || files < 2 { // the bus's own, and the keyring
		t.Errorf("looked into %d files: %v", files, err)
	}
	d.startKeyring(true)
	d.expect("get", "", report{Secret: canary})
}

// Locked, and nobody there who could unlock it.
func TestLockedKeyring(t *testing.T) {
	d := newDesk(t)
	d.startKeyring(true)
	d.expect("set", canary, report{})
	d.end(d.keyring)
	d.startKeyring(false)
	for _, part := range []string{"get", "set", "delete"} {
		got := d.run(part, canary)
		if got.Error != "unavailable" && got.Error != "timeout" || got.Secret != "" || got.Took > 3*time.Second {
			t.Errorf("%s: %+v", part, got)
		}
	}
}

// A service that hangs costs one deadline, not one goroutine a call.
func TestFrozenKeyring(t *testing.T) {
	d := newDesk(t)
	d.startKeyring(true)
	d.expect("set", canary, report{})
	if err := d.keyring.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	d.expect("get", "", report{Error: "timeout"})
	got := d.run("tries", "")
	if got.Error != "timeout" || got.Took > 400*time.Millisecond || got.Goroutines > 15 {
		t.Errorf("after 50 tries: %+v", got)
	}
	if err := d.keyring.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	d.expect("get", "", report{Secret: canary})
}

func TestNoService(t *testing.T) {
	d := newDesk(t)
	for _, part := range []string{"get", "set", "delete"} {
		d.expect(part, canary, report{Error: "unavailable"})
	}
}

func TestNoBus(t *testing.T) {
	d := newDesk(t)
	d.end(d.bus)
	d.expect("get", "", report{Error: "unavailable"})

	// Nothing is known of a bus: none is started for the occasion.
	usual := fmt.Sprintf("/run/user/%d/", os.Getuid())
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(usual + name); err == nil {
			t.Skip("this user has a bus at its usual place")
		}
	}
	launched := filepath.Join(d.home, "launched")
	script := "#!/bin/sh\ntouch " + launched + "\n"
	if err := os.WriteFile(filepath.Join(d.home, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	got := d.run("get", "", "DBUS_SESSION_BUS_ADDRESS=", "PATH="+d.home+":"+os.Getenv("PATH"))
	if got.Error != "unavailable" || got.Took > 400*time.Millisecond {
		t.Errorf("got %+v", got)
	}
	if _, err := os.Stat(launched); err == nil {
		t.Error("dbus-launch was started")
	}
}

// promptForEver is a secret service whose keyring is locked and whose prompt is
// shown and never answered.
type promptForEver struct{ prompts, dismissed atomic.Int32 }

const promptPath = dbus.ObjectPath("/org/freedesktop/secrets/prompt/1")

func (*promptForEver) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return nil, promptPath, nil
}

func (p *promptForEver) Prompt(string) *dbus.Error {
	p.prompts.Add(1)
	return nil
}

func (p *promptForEver) Dismiss() *dbus.Error {
	p.dismissed.Add(1)
	return nil
}

// Whoever no longer wants the secret takes the prompt away.
func TestPromptIsGivenUp(t *testing.T) {
	d := newDesk(t)
	service := &promptForEver{}
	offer(t, d.connect(), service)
	got := d.run("give up", "")
	if !strings.Contains(got.Text, "canceled") || got.Took > 3*time.Second {
		t.Errorf("got %+v", got)
	}
	if p, n := service.prompts.Load(), service.dismissed.Load(); p != 1 || n != 1 {
		t.Errorf("%d prompts, %d dismissed", p, n)
	}
}

// dismissing is a secret service whose prompt the person waves away.
type dismissing struct {
	promptForEver
	conn *dbus.Conn
}

func (d *dismissing) Prompt(string) *dbus.Error {
	d.prompts.Add(1)
	_ = d.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", true, dbus.MakeVariant(""))
	return nil
}

// A prompt that is dismissed is one prompt, and an error at once; not to ask
// again before somebody wants it is the Dialer's.
func TestDismissedPrompt(t *testing.T) {
	d := newDesk(t)
	conn := d.connect()
	service := &dismissing{conn: conn}
	offer(t, conn, service)
	got := d.run("get", "")
	if got.Error != "unavailable" || got.Took > 3*time.Second {
		t.Errorf("got %+v", got)
	}
	if n := service.prompts.Load(); n != 1 {
		t.Errorf("%d prompts", n)
	}
}

// offer makes service the session's secret service.
func offer(t *testing.T, conn *dbus.Conn, service any) {
	t.Helper()
	for path, name := range map[dbus.ObjectPath]string{
		"/org/freedesktop/secrets": "org.freedesktop.Secret.Service", promptPath: "org.freedesktop.Secret.Prompt",
	} {
		if err := conn.Export(service, path, name); err != nil {
			t.Fatal(err)
		}
	}
	if reply, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
}

// A prompt that is never answered is one prompt, and costs one goroutine; and
// when the bus goes away below it, the program does not go too.
func TestUnansweredPrompt(t *testing.T) {
	d := newDesk(t)
	service := &promptForEver{}
	offer(t, d.connect(), service)
	got := d.run("tries", "")
	if got.Error != "timeout" || got.Took > 400*time.Millisecond || got.Goroutines > 15 {
		t.Errorf("after 50 tries: %+v", got)
	}
	if n := service.prompts.Load(); n != 1 {
		t.Errorf("%d prompts", n)
	}

	cmd := d.command("tries", "", "WAIT=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("tried\n"))
	if _, err := io.ReadFull(out, said); err != nil {
		t.Fatal(err)
	}
	d.end(d.bus)
	var r report
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		t.Errorf("after the bus was gone: %v", err)
	}
	if err := cmd.Wait(); err != nil || r.Error != "unavailable" {
		t.Errorf("after the bus was gone: %+v, %v", r, err)
	}
}
