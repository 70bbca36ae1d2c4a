package tray

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// caller is a program on the session bus that calls the menu's methods.
type caller struct {
	t    *testing.T
	conn *dbus.Conn
	item string // the program's name
}

// caller connects another program to the bus.
func (p *program) caller() caller {
	p.t.Helper()
	conn, err := sessionBus(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return caller{p.t, conn, p.itemName()}
}

// panel makes the caller one.
func (c caller) panel() caller {
	c.t.Helper()
	r, err := c.conn.RequestName(hostPrefixes[0]+"1234", dbus.NameFlagDoNotQueue)
	if err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		c.t.Fatal(r, err)
	}
	return c
}

func (c caller) call(method string, args ...any) *dbus.Call {
	return c.conn.Object(c.item, menuPath).Call(menuInterface+"."+method, 0, args...)
}

func (c caller) must(method string, args ...any) *dbus.Call {
	c.t.Helper()
	r := c.call(method, args...)
	if r.Err != nil {
		c.t.Fatalf("%s: %v", method, r.Err)
	}
	return r
}

func (c caller) open() { c.t.Helper(); c.must("AboutToShow", int32(0)) }

func (c caller) click(id int32) {
	c.t.Helper()
	c.must("Event", id, "clicked", dbus.MakeVariant(int32(0)), uint32(0))
}

// read is all that the menu says to the caller, in every way in which it can be asked.
func (c caller) read() string {
	c.t.Helper()
	ids := make([]int32, busLines)
	said := ""
	for i := range ids {
		ids[i] = int32(i)
		said += fmt.Sprint(c.call("GetProperty", int32(i), "label").Body)
	}
	c.must("GetLayout", int32(0), int32(1), []string{}) // a panel gets no more the first time
	said += fmt.Sprint(c.must("GetLayout", int32(0), int32(-1), []string{}).Body)
	for id := range ids[:busLines/2] {
		said += fmt.Sprint(c.call("GetLayout", int32(id), int32(-1), []string{"label"}).Body)
	}
	said += fmt.Sprint(c.must("GetGroupProperties", ids, []string{}).Body)
	for _, path := range []dbus.ObjectPath{menuPath, "/StatusNotifierItem", menuPath + "/1"} {
		for _, of := range []string{menuInterface, "org.kde.StatusNotifierItem"} {
			said += fmt.Sprint(c.conn.Object(c.item, path).Call("org.freedesktop.DBus.Properties.GetAll", 0, of).Body)
		}
		said += fmt.Sprint(c.conn.Object(c.item, path).Call(menuInterface+".GetLayout", 0, int32(0), int32(-1), []string{}).Body)
	}
	return said
}

// busLines is more than the menu has.
const busLines = 48

// onABus is a program with a menu of numbers, on a bus of its own: a call, a recent
// number and one that was copied. The line with which each dials is found by a panel.
func onABus(t *testing.T) (p *program, host caller, redial, copied int32) {
	t.Helper()
	startBus(t, "--session")
	p = startAs(t, exec.Command(os.Args[0]), "opening")
	p.waitItem()
	host = p.caller().panel()
	p.tell(update{
		Snapshot: during(call.InCall), Recent: []history.Entry{entryOf("777201")},
		Offer: &status.Offer{ID: 4, Shown: "0 777301"},
	})
	for deadline := time.Now().Add(desktoptest.Patience); redial == 0 || copied == 0; {
		var found []properties
		ids := make([]int32, busLines)
		for i := range ids {
			ids[i] = int32(i)
		}
		_ = host.call("GetGroupProperties", ids, []string{}).Store(&found)
		for _, f := range found {
			switch label, _ := f.Values["label"].Value().(string); {
			case label == "777201":
				redial = f.ID
			case strings.Contains(label, "0 777301"):
				copied = f.ID
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the panel is not told the numbers: %v", found)
		}
	}
	return p, host, redial, copied
}

// numbers are those that the program of onABus shows.
var numbers = []string{"777201", "777301", "0612345"}

// A program on the bus that is not the panel reads no number, neither when it asks nor
// when it listens.
func TestOthersReadNoNumbers(t *testing.T) {
	p, host, _, _ := onABus(t)
	stranger := p.caller()
	heard := make(chan *dbus.Signal, 1000)
	stranger.conn.Signal(heard)
	if err := stranger.conn.AddMatchSignal(dbus.WithMatchSender(p.itemName())); err != nil {
		t.Fatal(err)
	}
	said := stranger.read()
	if !strings.Contains(said, "Dial clipboard") || !strings.Contains(said, "In call") || !strings.Contains(said, "Quit") {
		t.Errorf("others get no menu: %s", said)
	}
	all := host.read()
	for _, n := range numbers {
		if strings.Contains(said, n) {
			t.Errorf("%s is read by others", n)
		}
		if !strings.Contains(all, n) {
			t.Errorf("%s is not read by the panel", n)
		}
	}
	// Everything changes, and changes back; then a line that can be seen to have changed.
	p.tell(update{Snapshot: ready, Recent: []history.Entry{entryOf("777202")}, Offer: &status.Offer{ID: 5, Shown: "0 777302"}})
	p.tell(update{Snapshot: during(call.RingingFar), Recent: []history.Entry{entryOf("777201")}, Offer: &status.Offer{ID: 4, Shown: "0 777301"}})
	for deadline := time.Now().Add(desktoptest.Patience); !strings.Contains(stranger.read(), "Ringing at the other side"); {
		if time.Now().After(deadline) {
			t.Fatal("the menu does not change")
		}
	}
	signals := 0
	for len(heard) > 0 {
		s := fmt.Sprint(*<-heard)
		signals++
		for _, n := range append(numbers, "777202", "777302") {
			if strings.Contains(s, n) {
				t.Errorf("everybody hears %s", s)
			}
		}
	}
	if signals == 0 {
		t.Error("nothing is heard of the menu")
	}
	// Who was a panel reads nothing any more.
	if _, err := host.conn.ReleaseName(hostPrefixes[0] + "1234"); err != nil {
		t.Fatal(err)
	}
	if said := host.read(); strings.Contains(said, "777") {
		t.Errorf("who is no panel any more reads %s", said)
	}
	p.quit()
}

// A click dials where the panel said shortly before that the menu was opened. Any other
// one is good for a window.
func TestOthersDialNothing(t *testing.T) {
	p, host, redial, copied := onABus(t)
	stranger := p.caller()
	lines := []int32{redial, copied}
	asked := func(by caller, why string) {
		t.Helper()
		for _, id := range lines {
			by.click(id)
			p.says("dial") // the window
		}
		by.must("EventGroup", []event{
			{redial, "clicked", dbus.MakeVariant(int32(0)), 0}, {-1, "clicked", dbus.MakeVariant(int32(0)), 0},
		})
		p.says("dial")
		if t.Failed() {
			t.Fatal(why)
		}
	}
	// The attack: opened and clicked by one program, in each of the ways.
	stranger.open()
	asked(stranger, "a stranger who opened the menu")
	stranger.must("AboutToShowGroup", []int32{0})
	asked(stranger, "a stranger who opened it among others")
	stranger.must("Event", int32(0), "opened", dbus.MakeVariant(int32(0)), uint32(0))
	asked(stranger, "a stranger who says that it is open")
	asked(host, "a panel that did not open it")

	// A person opens the menu, and a stranger clicks.
	host.open()
	p.says("opening")
	asked(stranger, "a stranger in the menu that a person opened")
	host.click(redial)
	p.says("redial 777201")
	asked(host, "a second click in a menu")
	host.open()
	host.click(copied)
	p.saysBeside("opening", "dial copied 4")

	// Whatever else can be sent.
	for _, id := range []int32{-1, -1 << 31, 1<<31 - 1, busLines} {
		stranger.click(id)
		host.click(id)
		_ = stranger.call("GetLayout", id, int32(-1), []string{})
		_ = host.call("GetProperty", id, "label")
	}
	many := make([]event, 10_000)
	ids := make([]int32, 10_000)
	for i := range many {
		many[i] = event{redial, "clicked", dbus.MakeVariant(int32(0)), 0}
		ids[i] = redial
	}
	if stranger.call("GetGroupProperties", ids, []string{}).Err == nil {
		t.Error("ten thousand lines are listed")
	}
	stranger.must("EventGroup", many)
	for _, args := range [][]any{{}, {"1"}, {int32(1), "clicked"}} {
		if stranger.call("Event", args...).Err == nil {
			t.Errorf("Event%v is done", args)
		}
	}
	// Of clicks that come faster than they are handled some are dropped.
	for deadline, dialled := time.Now().Add(desktoptest.Patience), false; !dialled; {
		host.open()
		host.click(redial)
		for quiet := false; !quiet && !dialled; {
			select {
			case said := <-p.lines:
				dialled = said == "redial 777201"
				if !dialled && said != "dial" && said != "opening" {
					t.Fatalf("it says %q", said)
				}
			case <-time.After(100 * time.Millisecond):
				quiet = true
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the panel's click does not count any more")
		}
	}
	p.quit()
}

// The icon itself takes four methods, of which one opens a window.
func TestOthersOnTheIcon(t *testing.T) {
	p, host, _, _ := onABus(t)
	icon := p.caller().conn.Object(p.itemName(), "/StatusNotifierItem")
	for method, args := range map[string][]any{
		"ContextMenu": {int32(0), int32(0)}, "SecondaryActivate": {int32(0), int32(0)}, "Scroll": {int32(1), "vertical"},
	} {
		if icon.Call("org.kde.StatusNotifierItem."+method, 0, args...).Err == nil {
			t.Errorf("%s does something", method)
		}
	}
	if err := icon.Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Error(err)
	}
	p.says("dial") // the window
	host.open()
	p.says("opening") // and nothing came in between
	p.quit()
}
