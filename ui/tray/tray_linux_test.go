package tray

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// childVariable makes the test binary a program with a tray icon: a process has
// one icon, once, and every test wants its own.
const childVariable = "CORNETTA_TRAY_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m)
}

// update is a line on the child's standard input.
type update struct {
	Snapshot status.Snapshot
	Recent   []history.Entry
	Offer    *status.Offer // nil: no other than before
}

// child shows what it is told on standard input and tells on standard output
// what was clicked, until its input ends.
func child() int {
	say := func(s string) { fmt.Println(s) }
	tr := New(Actions{
		Do: map[Entry]func(){
			EntryDial: func() { say("dial") }, EntryHangUp: func() { say("hangup") },
			EntrySettings: func() { say("settings") }, EntryQuit: func() { say("quit") },
		},
		Redial:     func(n string) { say("redial " + n) },
		DialCopied: func(id uint64) { say(fmt.Sprint("dial copied ", id)) },
		Opening: func() {
			if os.Getenv(childVariable) == "opening" {
				say("opening")
			}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		in := json.NewDecoder(os.Stdin)
		for {
			var u update
			if in.Decode(&u) != nil {
				return
			}
			tr.Update(u.Snapshot, u.Recent)
			if u.Offer != nil {
				tr.Offer(*u.Offer)
			}
		}
	}()
	if err := tr.Run(ctx); err != nil {
		say("run: " + err.Error())
		return 1
	}
	if err := tr.Run(ctx); !errors.Is(err, ErrUsed) {
		say("run again: " + fmt.Sprint(err))
		return 1
	}
	var waits []goleak.Option
	if os.Getenv(childVariable) == "silent" { // see run: such a bus keeps the library waiting
		waits = append(waits, goleak.IgnoreAnyFunction("fyne.io/systray.nativeStart"),
			goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.newConn.func1"))
	}
	if err := goleak.Find(waits...); err != nil {
		say(err.Error())
		return 1
	}
	say("bye")
	return 0
}

// program is a running child.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
}

func start(t *testing.T, cmd *exec.Cmd) *program { return startAs(t, cmd, "1") }

// startAs is start of a child that tells more where kind is "opening", and may
// leave the library's connection behind where it is "silent".
func startAs(t *testing.T, cmd *exec.Cmd, kind string) *program {
	t.Helper()
	p := &program{t: t, cmd: cmd, lines: make(chan string, 64)}
	cmd.Env = append(cmd.Environ(), childVariable+"="+kind)
	cmd.Stdout, cmd.Stderr = nil, os.Stderr // a desktop sends them to its log
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		for range p.lines { // until its output ends
		}
		_ = cmd.Wait()
	})
	return p
}

func (p *program) update(s status.Snapshot, recent ...history.Entry) {
	p.t.Helper()
	p.tell(update{Snapshot: s, Recent: recent})
}

func (p *program) offer(o status.Offer) {
	p.t.Helper()
	p.tell(update{Snapshot: ready, Offer: &o})
}

func (p *program) tell(u update) {
	p.t.Helper()
	if err := json.NewEncoder(p.in).Encode(u); err != nil {
		p.t.Fatal(err)
	}
}

// says waits for the next line.
func (p *program) says(want string) {
	p.t.Helper()
	select {
	case got, ok := <-p.lines:
		if !ok || got != want {
			p.t.Errorf("it says %q, want %q", got, want)
		}
	case <-time.After(desktoptest.Patience):
		p.t.Fatalf("it never said %q", want)
	}
}

// saysBeside is says, whatever it says of another thing before.
func (p *program) saysBeside(another, want string) {
	p.t.Helper()
	for {
		select {
		case got, ok := <-p.lines:
			if ok && got == another {
				continue
			}
			if !ok || got != want {
				p.t.Errorf("it says %q, want %q", got, want)
			}
		case <-time.After(desktoptest.Patience):
			p.t.Fatalf("it never said %q", want)
		}
		return
	}
}

// quit ends the program by its context and expects that it ends well.
func (p *program) quit() {
	p.t.Helper()
	_ = p.in.Close()
	p.says("bye")
}

var (
	ready   = status.Snapshot{Connection: status.Ready, Extension: "7101"}
	someday = time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
)

func during(s call.State) status.Snapshot {
	return status.Snapshot{Connection: status.Connected, Extension: "7101", Call: &call.Snapshot{ID: "c1", Number: "00390612345", State: s, Answered: someday}}
}

func entryOf(n string) history.Entry { return history.Entry{At: someday, Number: n, State: call.Ended} }

// shown waits until the icon says so in its tooltip.
func shown(t *testing.T, d *desktoptest.Desktop, want string) desktoptest.TrayItem {
	t.Helper()
	item, err := d.WaitTrayItem(t.Context(), func(i desktoptest.TrayItem) bool { return i.ToolTip == "Cornetta: "+want })
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// seen lists what a menu shows, as the program offers it.
func seen(items []desktoptest.MenuItem) string {
	var s []string
	for _, m := range items {
		if !m.Visible {
			continue
		}
		text := strings.TrimRight(m.Label, "\u2007")
		if m.Separator {
			text = "——"
		} else if !m.Enabled {
			text = "[" + text + "]"
		}
		if sub := seen(m.Items); sub != "" {
			text += "{" + sub + "}"
		}
		s = append(s, text)
	}
	return strings.Join(s, " ")
}

func desktop(t *testing.T, opts ...desktoptest.Option) *desktoptest.Desktop {
	t.Helper()
	return desktoptest.Start(t, append(opts, desktoptest.WithoutKeyring(), desktoptest.WithoutNotifications())...)
}

// settled waits until a menu that was opened is drawn and keeps still, and returns
// how many pixels it covers.
func settled(d *desktoptest.Desktop) int {
	n, same := 0, 0
	d.Wait("the menu to be drawn", func() bool {
		now := covered(d)
		if now == n && n > 0 {
			same++
		} else {
			n, same = now, 0
		}
		return same >= 4
	})
	return n
}

// inked is how much of the screen is nearly black, as the text of a menu is.
func inked(d *desktoptest.Desktop) (n int) {
	screen := d.Screen()
	for i := 0; i < len(screen.Pix); i += 4 {
		if max(screen.Pix[i], screen.Pix[i+1], screen.Pix[i+2]) < 0x40 {
			n++
		}
	}
	return n
}

// covered is how many pixels below the panel are not the empty desktop.
func covered(d *desktoptest.Desktop) int {
	screen, n := d.Screen(), 0
	r := screen.Bounds()
	empty := screen.RGBAAt(r.Max.X-1, r.Max.Y-1)
	for y := r.Min.Y + 40; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if screen.RGBAAt(x, y) != empty {
				n++
			}
		}
	}
	return n
}

// noMenu waits until the panel's menu is gone: one that is about to go looks
// like one that came.
func noMenu(d *desktoptest.Desktop) {
	d.Wait("the menu to go", func() bool { return covered(d) == 0 })
	time.Sleep(openingOnce) // from now on it is another opening
}

func TestPanel(t *testing.T) {
	d := desktop(t)
	p := start(t, d.Command(os.Args[0]))

	item := shown(t, d, "Not set up yet")
	if item.ID != "Cornetta" || item.Title != "Cornetta" || item.IsMenu || item.Icon == nil || item.Icon.Rect.Dx() != 44 {
		t.Errorf("%+v", item)
	}
	if got, want := seen(d.TrayMenu(item)), "[Not set up yet] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Set up… Quit"; got != want {
		t.Errorf("menu %s, want %s", got, want)
	}
	d.HoverTray(item)
	d.Screenshot("tooltip")
	d.MoveTo(600, 600)
	// cell is the panel's picture of the icon, as a person sees it.
	cell := func() string {
		at := d.TrayPosition(item)
		return string(d.Part(image.Rect(-11, -11, 11, 11).Add(at)).Pix)
	}
	pictures := map[string]string{}
	drawn := ""
	for _, c := range []struct {
		name, status string
		s            status.Snapshot
	}{
		{"not set up", "Not set up yet", status.Snapshot{Connection: status.NotSetUp}},
		{"checking", "Checking the PBX…", status.Snapshot{Connection: status.Checking}},
		{"ready", "Ready — extension 7101", ready},
		{"calling", "Your phone rings", during(call.RingingOwn)},
		{"in call", "In call", during(call.InCall)},
		{"trouble", "Login refused", status.Snapshot{Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeLoginRefused}}},
	} {
		p.update(c.s)
		item = shown(t, d, c.status)
		pixels := string(item.Icon.Pix)
		if other := pictures[pixels]; other != "" {
			t.Errorf("%s looks like %s", c.name, other)
		}
		pictures[pixels] = c.name
		d.Wait("the icon for "+c.name+" on the panel", func() bool { return cell() != drawn })
		drawn = cell()
		d.Screenshot(c.name)
	}

	p.update(ready, entryOf("201"), entryOf("00390612345"), history.Entry{Number: "7*_1", State: call.Failed, Cause: call.Busy})
	item = shown(t, d, "Ready — extension 7101")
	d.ClickTray(item, 1)
	p.says("dial")
	d.WaitTrayMenu(item, "a recent number", func(m desktoptest.MenuItem) bool { return m.Label == "201" && m.Visible })
	if got, want := seen(d.TrayMenu(item)), "[Ready — extension 7101] —— Dial… Dial clipboard —— Call 201 again Recent{201 00390612345 7*_1 — Busy} History… Next call not in the history —— Settings… Quit"; got != want {
		t.Errorf("menu %s, want %s", got, want)
	}
	d.PickTrayMenu(item, "Settings…")
	p.says("settings")
	noMenu(d)
	d.PickTrayMenu(item, "Dial…")
	p.says("dial")
	noMenu(d)

	// A number of the submenu.
	d.OpenTraySubmenu(item, "Recent")
	settled(d)
	d.Screenshot("menu with recent numbers")
	d.Key("Down", "Return")
	p.says("redial 00390612345")
	noMenu(d)

	p.update(during(call.InCall), entryOf("201"))
	item = shown(t, d, "In call")
	d.WaitTrayMenu(item, "the number of the call", func(m desktoptest.MenuItem) bool {
		return m.Label == "In call since "+someday.Local().Format("15:04")+" — 00390612345"
	})
	d.WaitTrayMenu(item, "hang up", func(m desktoptest.MenuItem) bool { return m.Label == "Hang up" && m.Visible })
	d.OpenTrayMenu(item)
	d.Screenshot("menu in a call")
	d.Key("Escape")
	noMenu(d)
	d.PickTrayMenu(item, "Hang up")
	p.says("hangup")
	noMenu(d)
	d.PickTrayMenu(item, "Quit")
	p.says("quit")
	p.quit()
	d.Wait("the icon to go", func() bool { return len(d.TrayItems()) == 0 })
}

// A line that was clicked dials the number that was read, also when the list
// changed in between.
func TestRecentNeverBecomesAnotherNumber(t *testing.T) {
	d := desktop(t)
	p := start(t, d.Command(os.Args[0]))
	p.update(ready, entryOf("201"), entryOf("202"))
	item := shown(t, d, "Ready — extension 7101")
	is := func(label string) func(desktoptest.MenuItem) bool {
		return func(m desktoptest.MenuItem) bool { return m.Label == label && m.Visible }
	}
	read := d.WaitTrayMenu(item, "201", is("201"))
	p.update(ready, entryOf("203"), entryOf("201"), entryOf("202"))
	now := d.WaitTrayMenu(item, "203", is("203"))
	if read.ID == now.ID {
		t.Error("the line that said 201 says 203")
	}
	d.SendMenuClick(item, read)
	p.says("redial 201")
	d.SendMenuClick(item, now)
	p.says("redial 203")
	p.update(ready)
	d.WaitTrayMenu(item, "an empty list", func(m desktoptest.MenuItem) bool { return m.Label == "Recent" && !m.Enabled })
	p.quit()
}

// The menu says what would be dialled while it is open, and what was read there
// is what a click means.
func TestOfferWhileTheMenuIsOpen(t *testing.T) {
	d := desktop(t)
	p := startAs(t, d.Command(os.Args[0]), "opening")
	p.update(ready)
	item := shown(t, d, "Ready — extension 7101")
	line := func(what, label string, enabled bool) desktoptest.MenuItem {
		t.Helper()
		return d.WaitTrayMenu(item, what, func(m desktoptest.MenuItem) bool {
			return strings.TrimRight(m.Label, "\u2007") == label && m.Enabled == enabled && m.Visible
		})
	}
	line("no offer", "Dial clipboard", true)
	d.OpenTrayMenu(item)
	p.says("opening")
	d.Key("Down", "Down", "Return")
	p.says("dial copied 0")
	noMenu(d)

	d.OpenTrayMenu(item)
	p.says("opening")
	d.Screenshot("opening")
	settled(d)
	ink := inked(d)
	p.offer(status.Offer{ID: 4, Shown: "0 0501234567"})
	read := line("the first number", "Dial clipboard: 0 0501234567", true)
	d.Wait("the open menu to say it", func() bool { return inked(d) > ink })
	d.Screenshot("a number")
	p.offer(status.Offer{ID: 5, Shown: "0 899123456", Reasons: []string{"premium"}})
	now := line("the second number", "Dial clipboard: 0 899123456…", true)
	settled(d)
	d.Screenshot("another")
	d.SendMenuClick(item, read)
	p.saysBeside("opening", "dial copied 4")
	d.SendMenuClick(item, now)
	p.saysBeside("opening", "dial copied 5")
	d.Key("Down", "Down", "Return") // what is on the screen now
	p.says("dial copied 5")
	noMenu(d)

	p.offer(status.Offer{Problem: &status.Problem{Code: status.CodeCopiedEmpty}})
	line("nothing", "Dial clipboard", false)
	d.OpenTrayMenu(item)
	p.says("opening")
	d.Screenshot("nothing")
	d.Key("Escape")
	noMenu(d)
	p.quit()
}

// A panel that was restarted fills its submenus, too.
func TestSubmenuAfterThePanelCameBack(t *testing.T) {
	d := desktop(t)
	p := start(t, d.Command(os.Args[0]))
	p.update(ready, entryOf("201"), entryOf("202"))
	shown(t, d, "Ready — extension 7101")
	for _, when := range []string{"first", "again"} {
		item := shown(t, d, "Ready — extension 7101")
		d.OpenTrayMenu(item)
		alone := settled(d)
		d.Key("Down", "Down", "Down", "Down")
		d.Wait("the submenu", func() bool {
			if covered(d) > alone+1500 {
				return true
			}
			d.Key("Right")
			return false
		})
		d.Screenshot("submenu " + when)
		d.Key("Down", "Return")
		p.says("redial 202")
		noMenu(d)
		d.StopTrayHost()
		d.StartTrayHost()
	}
	p.quit()
}

// The panel starts late, ends and starts again.
func TestHostComesAndGoes(t *testing.T) {
	d := desktop(t, desktoptest.WithoutTrayHost())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.BusAddress())
	hosted := func() bool {
		t.Helper()
		conn, err := sessionBus(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ok, err := hosted(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if hosted() {
		t.Error("hosted without a panel")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := WaitHost(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("WaitHost: %v", err)
	}
	p := start(t, d.Command(os.Args[0]))
	p.update(ready)

	came := make(chan error, 1)
	go func() { came <- WaitHost(t.Context()) }()
	d.StartTrayHost()
	if err := <-came; err != nil || !hosted() {
		t.Errorf("WaitHost: %v, hosted %v", err, hosted())
	}
	shown(t, d, "Ready — extension 7101")
	d.StopTrayHost()
	d.Wait("no host", func() bool { return !hosted() })
	p.update(during(call.InCall))
	d.StartTrayHost()
	item := shown(t, d, "In call")
	d.ClickTray(item, 1)
	p.says("dial")
	p.quit()
}

func TestNoBus(t *testing.T) {
	silent, err := net.Listen("unix", filepath.Join(t.TempDir(), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, address := range map[string]string{
		"none": "unix:path=" + filepath.Join(t.TempDir(), "none"), "nonsense": "nonsense", "silent": "unix:path=" + silent.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			if err := WaitHost(t.Context()); err == nil {
				t.Error("WaitHost waits for nothing")
			}
			p := startAs(t, exec.Command(os.Args[0]), name)
			p.update(ready)
			p.update(during(call.InCall))
			p.quit()
		})
	}
}

// A session that ends takes its bus away before its programs.
func TestBusGoesAway(t *testing.T) {
	bus := startBus(t, "--session")
	p := start(t, exec.Command(os.Args[0]))
	conn := p.waitItem()
	_ = bus.Process.Kill()
	_ = bus.Wait()
	<-conn.Context().Done() // the end of the bus has been seen here, and so soon there
	for i := range 40 {
		s := ready
		s.Extension = fmt.Sprint(7100 + i)
		if i%2 == 0 {
			s = during(call.InCall)
		}
		p.update(s, entryOf(fmt.Sprint(i)))
	}
	p.quit()
}

// startBus starts a session bus of its own, which is the one that programs started
// from here on use.
func startBus(t *testing.T, kind string) *exec.Cmd {
	t.Helper()
	address := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	bus := exec.Command("dbus-daemon", kind, "--nofork", "--print-address", "--address="+address)
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatalf("dbus-daemon (package dbus): %v", err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Kill()
		_ = bus.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return bus
}

// itemName is the program's name on the bus.
func (p *program) itemName() string {
	return fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", p.cmd.Process.Pid)
}

// waitItem waits until the program has its icon on the bus, and returns the
// connection by which that was seen.
func (p *program) waitItem() *dbus.Conn {
	p.t.Helper()
	conn, err := sessionBus(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	for deadline := time.Now().Add(desktoptest.Patience); ; {
		var v map[string]any
		if conn.Object(p.itemName(), "/StatusNotifierItem").Call("org.freedesktop.DBus.Properties.GetAll", 0, "org.kde.StatusNotifierItem").Store(&v) == nil {
			return conn
		}
		if time.Now().After(deadline) {
			p.t.Fatal("no item")
		}
	}
}
