//go:build linux

package desktop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/assets"
)

// wait polls for a condition that other processes bring about.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// bareBus is a session bus that starts nothing by itself: a program that is
// installed here would take the name of one that a test has ended.
const bareBus = `<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// privateBus starts a session bus for this test alone and makes it the
// session's. It lasts until the end of the test or until stop.
func privateBus(t *testing.T) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, bareBus, filepath.Join(dir, "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("dbus-daemon (package dbus): %v", err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	return stop
}

// sent is one call of Notify as it came over the bus.
type sent struct {
	App      string
	Replaces uint32
	Icon     string
	Summary  string
	Body     string
	Actions  []string
	Hints    map[string]dbus.Variant
	Expire   int32
}

// daemon is a stand-in for a notification daemon: it records, and answers as
// told.
type daemon struct {
	conn *dbus.Conn
	caps []string
	hang chan struct{} // Notify waits for it to be closed

	mu     sync.Mutex // guards what follows
	sent   []sent
	closed []uint32
	next   uint32
}

func startDaemon(t *testing.T, caps ...string) *daemon {
	t.Helper()
	return (&daemon{caps: caps}).start(t)
}

func (d *daemon) start(t *testing.T) *daemon {
	t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	d.conn = conn
	t.Cleanup(d.stop)
	if err := conn.Export(d, notificationsPath, notificationsName); err != nil {
		t.Fatal(err)
	}
	d.own(t)
	return d
}

func (d *daemon) own(t *testing.T) {
	t.Helper()
	if r, err := d.conn.RequestName(notificationsName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v, %v", r, err)
	}
}

func (d *daemon) stop() { _ = d.conn.Close() }

func (d *daemon) GetCapabilities() ([]string, *dbus.Error) { return d.caps, nil }

func (d *daemon) Notify(app string, replaces uint32, icon, summary, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	if d.hang != nil {
		<-d.hang
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, sent{app, replaces, icon, summary, body, actions, hints, expire})
	if replaces != 0 {
		return replaces, nil
	}
	d.next++
	return 40 + d.next, nil
}

func (d *daemon) CloseNotification(id uint32) *dbus.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = append(d.closed, id)
	return nil
}

func (d *daemon) emit(t *testing.T, member string, args ...any) {
	t.Helper()
	if err := d.conn.Emit(notificationsPath, notificationsName+"."+member, args...); err != nil {
		t.Fatal(err)
	}
}

func (d *daemon) all() []sent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.sent)
}

// last waits until n calls of Notify came and returns the last.
func (d *daemon) last(t *testing.T, n int) sent {
	t.Helper()
	wait(t, fmt.Sprintf("notification %d", n), func() bool { return len(d.all()) >= n })
	if all := d.all(); len(all) != n {
		t.Fatalf("%d notifications, want %d; the last is %q", len(all), n, all[len(all)-1].Summary)
	}
	return d.all()[n-1]
}

// journal is a log that counts its messages.
type journal struct {
	mu    sync.Mutex // guards what follows
	lines map[string]int
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithAttrs([]slog.Attr) slog.Handler       { return j }
func (j *journal) WithGroup(string) slog.Handler            { return j }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lines == nil {
		j.lines = make(map[string]int)
	}
	j.lines[r.Message]++
	return nil
}

// wait waits until the message was logged n times.
func (j *journal) wait(t *testing.T, message string, n int) {
	t.Helper()
	wait(t, message, func() bool {
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.lines["desktop: "+message] >= n
	})
}

// notifier is a Notifier with a deadline short enough to wait for, and the
// Keys it was told to hang up.
func notifier(t *testing.T, patience time.Duration) (Notifier, chan string) {
	t.Helper()
	n, keys, _ := logging(t, patience)
	return n, keys
}

// logging is notifier with its log.
func logging(t *testing.T, patience time.Duration) (Notifier, chan string, *journal) {
	t.Helper()
	keys := make(chan string, 8)
	log := new(journal)
	dir := filepath.Join(t.TempDir(), "a b%20ü")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	n := newBusNotifier(Options{OnHangUp: func(key string) { keys <- key }, Dir: dir, Log: slog.New(log)}, patience)
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n, keys, log
}

func show(t *testing.T, n Notifier, note Note) {
	t.Helper()
	if err := n.Show(note); err != nil {
		t.Fatal(err)
	}
}

func TestReplacedInPlace(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions", "body", "body-markup")
	n, _ := notifier(t, patience)

	show(t, n, Note{Key: "c1", Title: "Your phone rings", Body: "Pick up", HangUp: true})
	got := d.last(t, 1)
	if got.App != "Cornetta" || got.Replaces != 0 || got.Icon != "" || got.Summary != "Your phone rings" || got.Body != "Pick up" {
		t.Errorf("%q, %q replaces %d", got.Summary, got.Body, got.Replaces)
	}
	if !slices.Equal(got.Actions, []string{"hangup", "Hang up"}) || got.Expire != 0 {
		t.Errorf("actions %q, expire %d", got.Actions, got.Expire)
	}
	if got.Hints["urgency"] != dbus.MakeVariant(byte(1)) || got.Hints["transient"] != (dbus.Variant{}) {
		t.Errorf("hints %v, %v", got.Hints["urgency"], got.Hints["transient"])
	}
	var icon string
	if err := got.Hints["image-path"].Store(&icon); err != nil {
		t.Errorf("image-path: %v", err)
	}
	if u, err := url.Parse(icon); err != nil || u.Scheme != "file" {
		t.Errorf("image-path is %q", icon)
	} else if png, err := os.ReadFile(u.Path); err != nil || !bytes.Equal(png, assets.AppIconSmall) {
		t.Errorf("%s: %v, %d bytes", icon, err, len(png))
	}

	show(t, n, Note{Key: "c1", Title: "In call", HangUp: true, Minor: true})
	if got := d.last(t, 2); got.Replaces != 41 || got.Summary != "In call" {
		t.Errorf("%q, %q replaces %d", got.Summary, got.Body, got.Replaces)
	}
	show(t, n, Note{Key: "c1", Title: "Ended 01:23", Expire: briefly, Minor: true})
	got = d.last(t, 3)
	if got.Replaces != 41 || len(got.Actions) != 0 || got.Expire != 5000 {
		t.Errorf("%q, %q replaces %d", got.Summary, got.Body, got.Replaces)
	}
	if got.Hints["urgency"] != dbus.MakeVariant(byte(1)) || got.Hints["transient"] != dbus.MakeVariant(true) {
		t.Errorf("hints %v, %v", got.Hints["urgency"], got.Hints["transient"])
	}

	// The next call is news: a notification of its own.
	show(t, n, Note{Key: "c2", Title: "Busy", Expire: readable})
	if got := d.last(t, 4); got.Replaces != 0 || got.Expire != 15000 {
		t.Errorf("%q, %q replaces %d", got.Summary, got.Body, got.Replaces)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.closed, []uint32{41}) {
		t.Errorf("closed %v", d.closed)
	}
}

func TestBytes(t *testing.T) {
	const hostile = "<b>A&B</b> \"x\" 'y' <img src=\"file:///etc/passwd\"/>"
	for _, c := range []struct {
		name, body, want string
		caps             []string
	}{
		{"a daemon that reads markup", hostile, "&lt;b&gt;A&amp;B&lt;/b&gt; &quot;x&quot; &apos;y&apos; &lt;img src=&quot;file:///etc/passwd&quot;/&gt;", []string{"body-markup", "actions"}},
		{"a daemon that does not", hostile, hostile, []string{"body"}},
		{"a daemon that says nothing", hostile, hostile, nil},
		{"what the bus would cut us off for", "a\x00b\xffc", "ab\ufffdc", nil},
		{"already escaped", "&amp;", "&amp;amp;", []string{"body-markup"}},
		{"nothing", "", "", []string{"body-markup"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			privateBus(t)
			d := startDaemon(t, c.caps...)
			n, _ := notifier(t, patience)
			show(t, n, Note{Key: "c1", Title: "T", Body: c.body, HangUp: true})
			got := d.last(t, 1)
			if got.Body != c.want {
				t.Errorf("body %q, want %q", got.Body, c.want)
			}
			if offered := len(got.Actions) == 2; offered != slices.Contains(c.caps, "actions") {
				t.Errorf("actions %q from a daemon with %q", got.Actions, c.caps)
			}
		})
	}
}

func TestHangUpOnlyForOurs(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	n, keys := notifier(t, patience)
	show(t, n, Note{Key: "c1", Title: "In call", HangUp: true})
	d.last(t, 1)

	stranger, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	// None of these is a person's choice; the last two are also no signal that
	// a daemon would send.
	for _, s := range []struct {
		from   *dbus.Conn
		member string
		args   []any
	}{
		{d.conn, "ActionInvoked", []any{uint32(7), "hangup"}},
		{d.conn, "ActionInvoked", []any{uint32(41), "default"}},
		{d.conn, "ActionInvoked", []any{uint32(0), "hangup"}},
		{stranger, "ActionInvoked", []any{uint32(41), "hangup"}},
		{d.conn, "ActionInvoked", []any{"41", "hangup"}},
		{d.conn, "ActionInvoked", nil},
	} {
		if err := s.from.Emit(notificationsPath, notificationsName+"."+s.member, s.args...); err != nil {
			t.Fatal(err)
		}
	}
	// A signal sent to us alone passes the bus's filter, whoever sent it.
	unicast := &dbus.Message{Type: dbus.TypeSignal, Body: []any{uint32(41), "hangup"}, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(notificationsPath)),
		dbus.FieldInterface:   dbus.MakeVariant(notificationsName),
		dbus.FieldMember:      dbus.MakeVariant("ActionInvoked"),
		dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(uint32(0), "")),
		dbus.FieldDestination: dbus.MakeVariant(addressOf(t, stranger, d)),
	}}
	stranger.Send(unicast, nil)
	// A round trip through the bus, so that what was sent before has arrived.
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}

	show(t, n, Note{Key: "c1", Title: "In call, still", HangUp: true})
	d.last(t, 2)
	d.emit(t, "ActionInvoked", uint32(41), "hangup")
	if key := <-keys; key != "c1" {
		t.Errorf("hang up %q", key)
	}
	// A call that is over has nothing to hang up, whatever the daemon says.
	show(t, n, Note{Key: "c1", Title: "Ended", Expire: briefly})
	d.last(t, 3)
	d.emit(t, "ActionInvoked", uint32(41), "hangup")
	show(t, n, Note{Key: "c2", Title: "In call", HangUp: true})
	d.last(t, 4)
	d.emit(t, "ActionInvoked", uint32(42), "hangup")
	if key := <-keys; key != "c2" {
		t.Errorf("hang up %q", key)
	}
	if len(keys) != 0 {
		t.Errorf("%d more", len(keys))
	}
}

// addressOf finds the unique name of the Notifier: the one name on the bus that
// is neither the daemon nor the stranger.
func addressOf(t *testing.T, stranger *dbus.Conn, d *daemon) string {
	t.Helper()
	var names []string
	if err := stranger.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, ":") && name != stranger.Names()[0] && name != d.conn.Names()[0] {
			return name
		}
	}
	t.Fatalf("nobody else among %q", names)
	return ""
}

// Who dismisses a notification does not want it back with every step of the
// call, but how it ended is told.
func TestDismissed(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	n, keys, log := logging(t, patience)
	show(t, n, Note{Key: "c1", Title: "Your phone rings", HangUp: true})
	d.last(t, 1)
	d.emit(t, "NotificationClosed", uint32(41), uint32(closedByPerson))
	log.wait(t, "the notification was closed", 1)
	show(t, n, Note{Key: "c1", Title: "In call", HangUp: true})
	log.wait(t, "the notification stays dismissed", 1)
	d.emit(t, "ActionInvoked", uint32(41), "hangup") // it is gone
	show(t, n, Note{Key: "c1", Title: "Ended", Expire: briefly})
	if got := d.last(t, 2); got.Summary != "Ended" || got.Replaces != 0 {
		t.Errorf("%q replaces %d", got.Summary, got.Replaces)
	}
	show(t, n, Note{Key: "c2", Title: "Your phone rings", HangUp: true})
	d.last(t, 3)
	if len(keys) != 0 {
		t.Error("a notification that was gone hung up")
	}
}

// One that expired is not dismissed: the next step of the call is shown anew.
func TestExpired(t *testing.T) {
	privateBus(t)
	d := startDaemon(t)
	n, _, log := logging(t, patience)
	show(t, n, Note{Key: "c1", Title: "1", HangUp: true})
	d.last(t, 1)
	d.emit(t, "NotificationClosed", uint32(99), uint32(1)) // somebody else's
	d.emit(t, "NotificationClosed", uint32(41), uint32(1))
	log.wait(t, "the notification was closed", 1)
	show(t, n, Note{Key: "c1", Title: "2", HangUp: true})
	if got := d.last(t, 2); got.Replaces != 0 || got.Summary != "2" {
		t.Errorf("%q replaces %d", got.Summary, got.Replaces)
	}
}

func TestDaemonRestarts(t *testing.T) {
	privateBus(t)
	old := startDaemon(t, "actions", "body-markup")
	n, keys := notifier(t, patience)
	show(t, n, Note{Key: "c1", Title: "In call", Body: "<", HangUp: true})
	old.last(t, 1)
	old.stop()

	// The new one shows the call that is still going on, as its own.
	d := startDaemon(t, "actions")
	got := d.last(t, 1)
	if got.Replaces != 0 || got.Summary != "In call" || got.Body != "<" {
		t.Errorf("%q, %q replaces %d", got.Summary, got.Body, got.Replaces)
	}
	d.emit(t, "ActionInvoked", uint32(41), "hangup")
	if key := <-keys; key != "c1" {
		t.Errorf("hang up %q", key)
	}
}

// No daemon, no bus, a bus that never answers, a daemon that never answers:
// Show returns at once, Close ends, and when things are well again so are we.
func TestFaults(t *testing.T) {
	const short = 100 * time.Millisecond
	quick := func(t *testing.T, n Notifier) {
		t.Helper()
		began := time.Now()
		for range 50 {
			show(t, n, Note{Key: "c1", Title: "Your phone rings", HangUp: true})
		}
		if took := time.Since(began); took > short {
			t.Errorf("Show took %v for 50", took)
		}
	}
	t.Run("no bus", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
		n, _ := notifier(t, short)
		quick(t, n)
		privateBus(t)
		d := startDaemon(t)
		wait(t, "the notification", func() bool { quick(t, n); return len(d.all()) > 0 })
	})
	t.Run("a bus that is silent", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bus")
		l, err := net.Listen("unix", path) // accepts and never answers
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
		n, _ := notifier(t, short)
		quick(t, n)
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		// The Notifier gives up by itself: what it sent is followed by the end.
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for buf := make([]byte, 256); err == nil; {
			_, err = c.Read(buf)
		}
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			t.Error("it still waits")
		}
	})
	t.Run("no daemon", func(t *testing.T) {
		privateBus(t)
		n, _, log := logging(t, short)
		quick(t, n)
		log.wait(t, "no notification was shown", 1)
		// It is not asked again: a daemon that comes is shown the call.
		startDaemon(t).last(t, 1)
	})
	t.Run("a daemon that hangs", func(t *testing.T) {
		privateBus(t)
		d := (&daemon{hang: make(chan struct{})}).start(t)
		n, _, log := logging(t, short)
		quick(t, n)
		log.wait(t, "notifications are out of reach", 1)
		quick(t, n)
		log.wait(t, "notifications are out of reach", 2)
		close(d.hang)
		wait(t, "the notification", func() bool { quick(t, n); return len(d.all()) > 0 })
	})
	t.Run("the bus goes away", func(t *testing.T) {
		stop := privateBus(t)
		d := startDaemon(t)
		n, _ := notifier(t, short)
		quick(t, n)
		wait(t, "the notification", func() bool { return len(d.all()) > 0 })
		stop()
		privateBus(t)
		d = startDaemon(t)
		wait(t, "the notification", func() bool { quick(t, n); return len(d.all()) > 0 })
	})
}

func TestClose(t *testing.T) {
	privateBus(t)
	d := startDaemon(t)
	n := newBusNotifier(Options{Dir: filepath.Join(t.TempDir(), "missing")}, patience)
	show(t, n, Note{Key: "c1", Title: "In call", HangUp: true})
	got := d.last(t, 1)
	if len(got.Actions) != 0 {
		t.Errorf("Hang up is offered to nobody: %q", got.Actions)
	}
	if icon, ok := got.Hints["image-path"]; ok {
		t.Errorf("an icon that could not be written: %v", icon)
	}
	for range 2 {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.closed, []uint32{41}) {
		t.Errorf("closed %v: its Hang up does nothing any more", d.closed)
	}
	if err := n.Show(Note{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Show after Close: %v", err)
	}
}

func TestNeverUsed(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	n, err := NewNotifier(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
