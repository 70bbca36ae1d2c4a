//go:build linux

package desktoptest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Patience is how long any single wait lasts before the test is given up. It is
// generous because a machine that builds and tests at once can be slow to map a
// window; a wait that succeeds takes no longer than it has to.
const Patience = time.Minute

// KeyringPassword opens the keyring of every desktop.
const KeyringPassword = "open sesame"

// Bus names whose owner shows that a part of the desktop is ready.
const (
	nameTray          = "org.kde.StatusNotifierWatcher"
	nameHost          = "org.kde.StatusNotifierHost-desktoptest"
	nameNotifications = "org.freedesktop.Notifications"
	nameSecrets       = "org.freedesktop.secrets"
)

func init() {
	// The X library tells on standard error that a display has no authority
	// file, which is so by intent; every error that matters it also returns.
	xgb.Logger = log.New(io.Discard, "", 0)
}

// An Option leaves a part of the desktop out, or changes it.
type Option func(*options)

type options struct {
	tray, notifications, keyring, locked, opengl bool
}

func chosen(opts []Option) options {
	o := options{tray: true, notifications: true, keyring: true, opengl: true}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithoutOpenGL starts an X server on which no program can draw by OpenGL.
func WithoutOpenGL() Option { return func(o *options) { o.opengl = false } }

// WithoutTrayHost starts no panel: there is nobody to show a tray icon. A panel
// can still be started later with StartTrayHost.
func WithoutTrayHost() Option { return func(o *options) { o.tray = false } }

// WithoutNotifications starts no notification daemon.
func WithoutNotifications() Option { return func(o *options) { o.notifications = false } }

// WithoutKeyring starts no keyring: no secret service is on the bus, and none
// can be activated.
func WithoutKeyring() Option { return func(o *options) { o.keyring = false } }

// LockedKeyring leaves the keyring locked: who asks for a secret makes a prompt
// appear, which waits for KeyringPassword and as long as it takes.
func LockedKeyring() Option { return func(o *options) { o.locked = true } }

// A Desktop is a running private desktop. See Start.
type Desktop struct {
	tb    testing.TB
	opts  options
	dir   string // everything that belongs to this desktop
	env   []string
	procs *processes

	x       *xgb.Conn
	root    xproto.Window
	atoms   map[string]xproto.Atom
	display string
	bus     *dbus.Conn
	watch   *notificationWatch
	panel   *process
}

// requirement is a program the desktop needs and the Debian package it is in.
type requirement struct{ program, pkg string }

// Start starts a desktop of 1280×800 pixels and returns when all of its parts
// are ready. It is ended in tb's cleanup. Where a needed program is missing the
// test is skipped, except in CI (the variable CI is not empty), where it fails
// and names the package: there a skipped test would look like a passed one.
// With -short it is always skipped.
func Start(tb testing.TB, opts ...Option) *Desktop {
	tb.Helper()
	if testing.Short() {
		tb.Skip("-short: without a screen")
	}
	o := chosen(opts)
	requirePrograms(tb, o)

	d := takeAhead(o)
	if d == nil {
		d = newDesktop(tb, o)
		tb.Cleanup(d.end)
		d.start()
	} else {
		d.tb = tb
		tb.Cleanup(d.end)
	}
	makeAhead()
	return d
}

// newDesktop makes a desktop that is not started; end has to be called.
func newDesktop(tb testing.TB, o options) *Desktop {
	tb.Helper()
	// Not tb.TempDir: its path holds the test's name, and a socket's path must
	// stay under 108 bytes.
	dir, err := os.MkdirTemp("", "cdesk")
	if err != nil {
		tb.Fatalf("desktoptest: %v", err)
	}
	d := &Desktop{tb: tb, opts: o, dir: dir, atoms: map[string]xproto.Atom{}}
	d.procs = newProcesses(d.path("log"), marker+"="+dir)
	return d
}

// start returns when all parts are ready. Those that do not need each other are waited
// for together.
func (d *Desktop) start() {
	d.tb.Helper()
	if err := d.writeFiles(); err != nil {
		d.tb.Fatalf("desktoptest: %v", err)
	}
	d.env = d.baseEnv()
	d.startX()
	d.startBus()
	d.mustStart("openbox", nil, "openbox", "--sm-disable")
	if d.opts.keyring {
		d.startKeyring()
	}
	if d.opts.notifications {
		d.startDunst()
	}
	// A window that is mapped while the window manager is still taking over may
	// never be seen. The list of windows, empty so far, is the last thing that it
	// publishes before it is ready.
	d.Wait("the window manager", func() bool { return d.has(d.root, "_NET_CLIENT_LIST") })
	if d.opts.tray {
		d.StartTrayHost()
	}
	if d.opts.notifications {
		d.waitName(nameNotifications)
	}
	if d.opts.keyring {
		d.awaitKeyring()
	}
}

// requirePrograms skips or fails the test when the machine lacks a program.
func requirePrograms(tb testing.TB, o options) {
	tb.Helper()
	need := []requirement{
		{"Xvfb", "xvfb"}, {"dbus-daemon", "dbus"}, {"openbox", "openbox"}, {"xdotool", "xdotool"},
	}
	if o.tray {
		need = append(need, requirement{"xfce4-panel", "xfce4-panel"})
	}
	if o.notifications {
		need = append(need, requirement{"dunst", "dunst"})
	}
	if o.keyring {
		need = append(need, requirement{"gnome-keyring-daemon", "gnome-keyring"})
	}
	var missing []string
	for _, n := range need {
		if _, err := exec.LookPath(n.program); err != nil {
			missing = append(missing, fmt.Sprintf("%s (package %s)", n.program, n.pkg))
		}
	}
	if len(missing) == 0 {
		return
	}
	requireOrSkip(tb, strings.Join(missing, ", "))
}

// requireOrSkip skips the test for lack of a program, or fails it in CI.
func requireOrSkip(tb testing.TB, missing string) {
	tb.Helper()
	msg := "desktoptest: missing " + missing + "; packaging/linux/deps.sh test installs it"
	if os.Getenv("CI") != "" {
		tb.Fatal(msg)
	}
	tb.Skip(msg)
}

// startX starts the X server on a display it chooses itself, so that two tests
// never fight for a number, and connects to it.
func (d *Desktop) startX() {
	d.tb.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.tb.Fatalf("desktoptest: %v", err)
	}
	defer r.Close()
	args := []string{"-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"}
	if !d.opts.opengl {
		args = append(args, "-extension", "GLX")
	}
	d.mustStart("Xvfb", w, "Xvfb", args...)
	w.Close()
	_ = r.SetReadDeadline(time.Now().Add(Patience))
	buf := make([]byte, 0, 16)
	for !strings.HasSuffix(string(buf), "\n") {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil {
			d.tb.Fatalf("desktoptest: Xvfb did not say its display: %v\n%s", err, d.procs.log("Xvfb"))
		}
	}
	d.display = ":" + strings.TrimSpace(string(buf))
	d.env = append(d.env, "DISPLAY="+d.display)
	if d.x, err = xgb.NewConnDisplay(d.display); err != nil {
		d.tb.Fatalf("desktoptest: display %s: %v", d.display, err)
	}
	d.root = xproto.Setup(d.x).DefaultScreen(d.x).Root
	if err := d.paintBackground(); err != nil {
		d.tb.Fatalf("desktoptest: background: %v", err)
	}
}

// startBus starts the session bus, a connection to it for questions and another
// that listens to the notifications. The first has the name of a panel, so that a
// program shows it what it shows the panel.
func (d *Desktop) startBus() {
	d.tb.Helper()
	d.mustStart("dbus-daemon", nil, "dbus-daemon", "--nofork", "--nopidfile", "--config-file="+d.path("session.conf"))
	d.Wait("the session bus", func() bool {
		conn, err := dbus.Connect(d.BusAddress())
		d.bus = conn
		return err == nil
	})
	_, err := d.bus.RequestName(nameHost, dbus.NameFlagDoNotQueue)
	if err != nil {
		d.tb.Fatalf("desktoptest: the name of a panel: %v", err)
	}
	if d.watch, err = watchNotifications(d.BusAddress()); err != nil {
		d.tb.Fatalf("desktoptest: watching notifications: %v", err)
	}
}

// StartTrayHost starts the panel and waits until it is the tray's host. It is
// for tests of a tray that appears late or comes back.
func (d *Desktop) StartTrayHost() {
	d.tb.Helper()
	d.panel = d.mustStart("xfce4-panel", nil, "xfce4-panel", "--disable-wm-check")
	d.waitName(nameTray)
	// The name is there before the panel has found its place on the screen.
	d.Wait("the panel", func() bool {
		_, ok := d.trayWindow()
		return ok
	})
}

// StopTrayHost ends the panel and waits until nobody hosts the tray.
func (d *Desktop) StopTrayHost() {
	d.tb.Helper()
	d.procs.stop(d.panel)
	d.Wait("the end of the tray host", func() bool { return !d.owned(nameTray) })
}

// Freeze stops a part of the desktop ("dbus-daemon", "dunst",
// "gnome-keyring-daemon", "xfce4-panel"): it is there and answers nobody. Thaw
// lets it go on, as does the end of the desktop.
func (d *Desktop) Freeze(part string) { d.tb.Helper(); d.signal(part, syscall.SIGSTOP) }

// Thaw is the end of Freeze.
func (d *Desktop) Thaw(part string) { d.tb.Helper(); d.signal(part, syscall.SIGCONT) }

// Kill ends a part of the desktop without a warning.
func (d *Desktop) Kill(part string) {
	d.tb.Helper()
	proc := d.signal(part, syscall.SIGKILL)
	<-proc.done
	d.procs.stop(proc)
}

func (d *Desktop) signal(part string, sig syscall.Signal) *process {
	d.tb.Helper()
	proc := d.procs.find(part)
	if proc == nil {
		d.tb.Fatalf("desktoptest: there is no %s", part)
	}
	if err := proc.cmd.Process.Signal(sig); err != nil {
		d.tb.Fatalf("desktoptest: %s: %v", part, err)
	}
	return proc
}

// StartNotifications starts a notification daemon, for tests of one that comes
// late or comes back.
func (d *Desktop) StartNotifications() {
	d.tb.Helper()
	d.startDunst()
	d.waitName(nameNotifications)
}

func (d *Desktop) startDunst() {
	d.tb.Helper()
	d.mustStart("dunst", nil, "dunst", "-config", d.path("config", "dunst", "dunstrc"))
}

// BusAddress is the address of the desktop's session bus.
func (d *Desktop) BusAddress() string { return "unix:path=" + d.path("run", "bus") }

// Bus is the desktop's own connection to its session bus, for reading. It is
// closed with the desktop.
func (d *Desktop) Bus() *dbus.Conn { return d.bus }

// Display is the X display, such as ":99".
func (d *Desktop) Display() string { return d.display }

// Home is the desktop's home directory; it is removed with the desktop.
func (d *Desktop) Home() string { return d.path("home") }

// ConfigHome is XDG_CONFIG_HOME.
func (d *Desktop) ConfigHome() string { return d.path("config") }

// RuntimeDir is XDG_RUNTIME_DIR.
func (d *Desktop) RuntimeDir() string { return d.path("run") }

// DataHome is XDG_DATA_HOME.
func (d *Desktop) DataHome() string { return d.path("data") }

// StateHome is XDG_STATE_HOME.
func (d *Desktop) StateHome() string { return d.path("state") }

// Env is the whole environment of a program on this desktop; nothing of the
// test's own environment is in it but PATH and what Go's coverage needs.
func (d *Desktop) Env() []string { return append([]string(nil), d.env...) }

// Command returns a command that runs on this desktop, not yet started. Its
// standard output and error go to a log that is shown when the test fails,
// unless the caller sets them. It is a process group of its own; it is killed
// when the test ends or dies. Callers that started it should Wait for it.
func (d *Desktop) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(d.tb.Context(), name, args...)
	cmd.Env = d.Env()
	cmd.Dir = d.Home()
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = graceToExit
	if f, err := d.procs.openLog(filepath.Base(name)); err == nil {
		cmd.Stdout, cmd.Stderr = f, f
	}
	return cmd
}

// Wait waits until ok holds, asking about fifty times a second, and ends the
// test after Patience, naming what it waited for.
func (d *Desktop) Wait(what string, ok func() bool) {
	d.tb.Helper()
	if err := poll(context.Background(), Patience, ok); err != nil {
		d.tb.Fatalf("desktoptest: waited %v for %s", Patience, what)
	}
}

// errDeadline says that a condition did not come true in time.
var errDeadline = errors.New("desktoptest: deadline exceeded")

// poll asks ok until it holds, ctx ends or limit has passed. Who asks may start a program
// for it, or read the whole screen; so that this does not keep a processor from what is
// waited for, the pause is twice as long as the question took, and grows to a 25th of a
// second.
func poll(ctx context.Context, limit time.Duration, ok func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errDeadline)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(pause*5/4, 40*time.Millisecond) {
		began := time.Now()
		if ok() {
			return nil
		}
		select {
		case <-time.After(max(pause, 2*time.Since(began))):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// path joins names to the desktop's directory.
func (d *Desktop) path(names ...string) string {
	return filepath.Join(append([]string{d.dir}, names...)...)
}

// mustStart starts a part of the desktop, with extra as its file 3 when given.
func (d *Desktop) mustStart(name string, extra *os.File, program string, args ...string) *process {
	d.tb.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = d.Env(), d.Home()
	if extra != nil {
		cmd.ExtraFiles = []*os.File{extra}
	}
	p, err := d.procs.start(name, cmd)
	if err != nil {
		d.tb.Fatalf("desktoptest: starting %s: %v", name, err)
	}
	return p
}

// owned tells whether somebody owns a name on the session bus.
func (d *Desktop) owned(name string) bool {
	var has bool
	err := d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&has)
	return err == nil && has
}

// waitName waits until somebody owns a name on the session bus.
func (d *Desktop) waitName(name string) {
	d.tb.Helper()
	if err := poll(context.Background(), Patience, func() bool { return d.owned(name) }); err != nil {
		d.tb.Fatalf("desktoptest: nobody took the bus name %s\n%s", name, d.procs.allLogs())
	}
}

// end shows what happened if the test failed, then takes the desktop down.
func (d *Desktop) end() {
	if d.tb.Failed() {
		d.leaveEvidence()
	}
	if d.watch != nil {
		d.watch.close()
	}
	if d.bus != nil {
		d.bus.Close()
	}
	if d.x != nil {
		d.x.Close()
	}
	if left := d.procs.end(); len(left) > 0 {
		d.tb.Errorf("desktoptest: processes %v outlived the desktop", left)
	}
	for _, report := range d.races() {
		d.tb.Errorf("desktoptest: %s", report)
	}
	if err := os.RemoveAll(d.dir); err != nil {
		d.tb.Errorf("desktoptest: %v", err)
	}
}
