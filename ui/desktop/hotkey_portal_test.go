//go:build linux

package desktop

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"cornetta/ui/desktoptest"
)

// portal is a stand-in for the desktop's portal: it records, and answers as
// told.
type portal struct {
	t       *testing.T
	conn    *dbus.Conn
	code    uint32 // the response to BindShortcuts
	noBack  bool   // no GlobalShortcuts: there is no backend for it
	oldPath bool   // answers at a path of its own, as portals did

	mu       sync.Mutex      // guards what follows
	refuse   map[string]bool // names that get no keys
	silent   bool            // no response at all
	appID    string
	asker    string // who made the newest session
	sessions []dbus.ObjectPath
	closed   []dbus.ObjectPath
	bound    [][]shortcut
	requests int
}

func (p *portal) start() *portal {
	p.t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn = conn
	p.t.Cleanup(p.stop)
	if !p.noBack {
		if err := conn.Export(p, portalPath, shortcutsName); err != nil {
			p.t.Fatal(err)
		}
		_, err = prop.Export(conn, portalPath, prop.Map{shortcutsName: {"version": {Value: uint32(1)}}})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	if err := conn.Export(registry{p}, portalPath, hostRegistry); err != nil {
		p.t.Fatal(err)
	}
	if r, err := conn.RequestName(portalName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		p.t.Fatalf("%v, %v", r, err)
	}
	return p
}

func (p *portal) stop() { _ = p.conn.Close() }

type registry struct{ *portal }

func (r registry) Register(id string, _ map[string]dbus.Variant) *dbus.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.appID = id
	return nil
}

// respond answers a request a moment after it was made.
func (p *portal) respond(sender dbus.Sender, options map[string]dbus.Variant, code uint32, results map[string]dbus.Variant) dbus.ObjectPath {
	token, _ := options["handle_token"].Value().(string)
	unique := strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_")
	path := dbus.ObjectPath(portalPath + "/request/" + unique + "/" + token)
	if p.oldPath {
		p.requests++
		path = dbus.ObjectPath(fmt.Sprintf("%s/request/old%d", portalPath, p.requests))
	}
	if !p.silent {
		time.AfterFunc(10*time.Millisecond, func() { _ = p.conn.Emit(path, portalRequest+".Response", code, results) })
	}
	return path
}

func (p *portal) CreateSession(sender dbus.Sender, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token, _ := options["session_handle_token"].Value().(string)
	session := dbus.ObjectPath(portalPath + "/session/1_1/" + token)
	p.sessions, p.asker = append(p.sessions, session), string(sender)
	_ = p.conn.Export(portalSessionOf{p, session}, session, portalSession)
	return p.respond(sender, options, 0, map[string]dbus.Variant{"session_handle": dbus.MakeVariant(string(session))}), nil
}

type portalSessionOf struct {
	p    *portal
	path dbus.ObjectPath
}

func (s portalSessionOf) Close() *dbus.Error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.closed = append(s.p.closed, s.path)
	return nil
}

func (p *portal) BindShortcuts(sender dbus.Sender, _ dbus.ObjectPath, list []shortcut, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bound = append(p.bound, list)
	granted := []shortcut{}
	for _, s := range list {
		if !p.refuse[s.ID] {
			granted = append(granted, shortcut{s.ID, map[string]dbus.Variant{"trigger_description": dbus.MakeVariant("Press it")}})
		}
	}
	return p.respond(sender, options, p.code, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(granted)}), nil
}

// session is the newest one.
func (p *portal) session() dbus.ObjectPath {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions[len(p.sessions)-1]
}

// client is who has asked for keys, by its name on the bus.
func (p *portal) client() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asker
}

func (p *portal) activate(session dbus.ObjectPath, id string) {
	p.t.Helper()
	err := p.conn.Emit(portalPath, portalActivated, session, id, uint64(12345), map[string]dbus.Variant{})
	if err != nil {
		p.t.Fatal(err)
	}
}

type told struct {
	*Hotkeys
	pressed, troubles chan string
}

func newTold(t *testing.T) told {
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	k := told{pressed: make(chan string, 100), troubles: make(chan string, 100)}
	k.Hotkeys = newHotkeys(HotkeyOptions{
		OnPress:   func(name string) { k.pressed <- name },
		OnTrouble: func(name string, err error) { k.troubles <- fmt.Sprint(name, ": ", err) },
		Describe:  func(name string) string { return "Dial the " + name },
	}, openHotkeys, 10*time.Millisecond)
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// next is what comes next, or the test's end.
func next(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case s := <-from:
		return s
	case <-time.After(desktoptest.Patience):
		t.Fatal("waited in vain")
		return ""
	}
}

func TestHotkeyPortal(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprint("old paths ", old), func(t *testing.T) {
			privateBus(t)
			p := (&portal{t: t, oldPath: old, refuse: map[string]bool{"selection": true}}).start()
			k := newTold(t)
			wanted := map[string]Combination{
				"clipboard": ctrlAltD, "selection": {Super: true, Shift: true, Key: "PageUp"}, "off": {},
			}
			wrong := k.Set(t.Context(), wanted)
			if len(wrong) != 1 || !errors.Is(wrong["selection"], ErrHotkeyRefused) {
				t.Errorf("wrong: %v", wrong)
			}
			p.mu.Lock()
			if p.appID != appID {
				t.Errorf("it says it is %q", p.appID)
			}
			asked := fmt.Sprint(p.bound)
			for _, s := range []string{`"CTRL+ALT+d"`, `"SHIFT+LOGO+Prior"`, `"Dial the clipboard"`} {
				if !strings.Contains(asked, s) || len(p.bound[0]) != 2 {
					t.Errorf("asked for %s, want %s in it", asked, s)
				}
			}
			p.mu.Unlock()
			first := p.session()
			p.activate(first, "clipboard")
			p.activate(first, "unheard of")
			p.activate("/org/freedesktop/portal/desktop/session/1_1/another", "clipboard")
			// Any program can send what looks like the portal's signals.
			stranger, err := dbus.ConnectSessionBus()
			if err != nil {
				t.Fatal(err)
			}
			defer stranger.Close()
			_ = stranger.Emit(portalPath, portalActivated, first, "clipboard", uint64(1), map[string]dbus.Variant{})
			// One that is sent to us alone passes the bus's filter, whoever sent it.
			body := []any{first, "clipboard", uint64(1), map[string]dbus.Variant{}}
			stranger.Send(&dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(portalPath)),
				dbus.FieldInterface:   dbus.MakeVariant(shortcutsName),
				dbus.FieldMember:      dbus.MakeVariant("Activated"),
				dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(body...)),
				dbus.FieldDestination: dbus.MakeVariant(p.client()),
			}}, nil)
			// A round trip through the bus, so that what was sent before has arrived.
			if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
				t.Fatal(err)
			}
			_ = p.conn.Emit(portalPath, portalActivated, first)
			if got := next(t, k.pressed); got != "clipboard" { // while keys change, presses are not heard
				t.Errorf("pressed %s", got)
			}
			p.mu.Lock()
			p.refuse = nil
			p.mu.Unlock()
			if wrong := k.Set(t.Context(), wanted); len(wrong) > 0 {
				t.Errorf("the second time: %v", wrong)
			}
			p.mu.Lock()
			if len(p.closed) != 1 || p.closed[0] != first {
				t.Errorf("closed sessions: %v", p.closed)
			}
			p.mu.Unlock()
			p.activate(first, "selection")
			p.activate(p.session(), "selection")
			if got := next(t, k.pressed); got != "selection" || len(k.pressed) > 0 {
				t.Errorf("pressed %s and %d more", got, len(k.pressed))
			}
			if err := p.conn.Emit(p.session(), portalSession+".Closed", map[string]dbus.Variant{}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"clipboard", "selection"} {
				if got := next(t, k.troubles); got != name+": "+ErrHotkeyRefused.Error() {
					t.Errorf("after the desktop closed the session: %s", got)
				}
			}
		})
	}
}

// The portal ends and comes back, as it does when the session's services are
// restarted.
func TestHotkeyPortalRestarts(t *testing.T) {
	privateBus(t)
	p := (&portal{t: t}).start()
	k := newTold(t)
	if wrong := k.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD}); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	p.stop()
	if got := next(t, k.troubles); got != "clipboard: "+ErrHotkeysLost.Error() {
		t.Errorf("told %s", got)
	}
	// It takes its time, so that some tries find none.
	<-time.After(50 * time.Millisecond)
	again := (&portal{t: t}).start()
	if got := next(t, k.troubles); got != "clipboard: <nil>" {
		t.Errorf("told %s", got)
	}
	again.activate(again.session(), "clipboard")
	if got := next(t, k.pressed); got != "clipboard" {
		t.Errorf("pressed %s", got)
	}
}

func TestHotkeyPortalRefuses(t *testing.T) {
	privateBus(t)
	p := &portal{t: t, noBack: true}
	p.start()
	k := newTold(t)
	wanted := map[string]Combination{"clipboard": ctrlAltD}
	if wrong := k.Set(t.Context(), wanted); !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("without a backend: %v", wrong)
	}
	p.stop()
	p = (&portal{t: t, code: 1}).start()
	if wrong := k.Set(t.Context(), wanted); !errors.Is(wrong["clipboard"], ErrHotkeyRefused) {
		t.Errorf("the person said no: %v", wrong)
	}
	// A person who does not answer keeps nobody from closing.
	p.mu.Lock()
	p.silent = true
	before := len(p.sessions)
	p.mu.Unlock()
	set := make(chan map[string]error, 1)
	go func() { set <- k.Set(t.Context(), wanted) }()
	wait(t, "the request", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.sessions) > before
	})
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if wrong := <-set; wrong["clipboard"] == nil {
		t.Error("Set told that all is well")
	}
}
