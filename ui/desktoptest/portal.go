//go:build linux

package desktoptest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// The desktop's portal, and what stands behind it here.
const (
	portalName     = "org.freedesktop.portal.Desktop"
	portalProgram  = "/usr/libexec/xdg-desktop-portal"
	backendName    = "org.freedesktop.impl.portal.desktop.cornettatest"
	backendPath    = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	backendKeys    = "org.freedesktop.impl.portal.GlobalShortcuts"
	backendSession = "org.freedesktop.impl.portal.Session"
)

// A Portal is the real xdg-desktop-portal, which the bus starts when it is first
// spoken to, with the part that belongs to a Wayland desktop played by the test:
// it is told which keys a program wants, and "presses" them.
type Portal struct {
	d    *Desktop
	conn *dbus.Conn

	mu       sync.Mutex // guards what follows
	answer   uint32
	bound    []Shortcut
	binds    int
	sessions []dbus.ObjectPath
}

// Shortcut is what a program told the desktop of one combination.
type Shortcut struct{ ID, Description, Trigger string }

// StartPortal lets the bus start a portal that gives programs keys or, without a
// backend, one that does not. Where the portal is not installed the test is
// skipped, or fails in CI.
func (d *Desktop) StartPortal(backend bool) *Portal {
	d.tb.Helper()
	if _, err := os.Stat(portalProgram); err != nil {
		requireOrSkip(d.tb, portalProgram+" (package xdg-desktop-portal)")
	}
	p := &Portal{d: d}
	if err := os.MkdirAll(d.path("portals"), 0o700); err != nil {
		d.tb.Fatalf("desktoptest: portal: %v", err)
	}
	files := map[string]string{
		d.path("services", portalName+".service"): fmt.Sprintf(
			"[D-BUS Service]\nName=%s\nExec=/usr/bin/env XDG_CURRENT_DESKTOP=test XDG_DESKTOP_PORTAL_DIR=%s %s\n",
			portalName, d.path("portals"), portalProgram),
	}
	if backend {
		files[d.path("portals", "test.portal")] = fmt.Sprintf("[portal]\nDBusName=%s\nInterfaces=%s;\nUseIn=test\n", backendName, backendKeys)
		p.serve()
	}
	for path, content := range files {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			d.tb.Fatalf("desktoptest: portal: %v", err)
		}
	}
	if err := d.bus.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		d.tb.Fatalf("desktoptest: portal: %v", err)
	}
	return p
}

// serve plays the backend.
func (p *Portal) serve() {
	p.d.tb.Helper()
	conn, err := dbus.Connect(p.d.BusAddress())
	if err == nil {
		p.conn = conn
		p.d.tb.Cleanup(func() { _ = conn.Close() })
		err = conn.ExportMethodTable(map[string]any{
			"CreateSession": p.createSession, "BindShortcuts": p.bindShortcuts,
		}, backendPath, backendKeys)
	}
	if err == nil {
		_, err = prop.Export(conn, backendPath, prop.Map{backendKeys: {"version": {Value: uint32(1)}}})
	}
	if err == nil {
		_, err = conn.RequestName(backendName, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		p.d.tb.Fatalf("desktoptest: portal's backend: %v", err)
	}
}

func (p *Portal) createSession(_, session dbus.ObjectPath, _ string, _ map[string]dbus.Variant) (uint32, map[string]dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions = append(p.sessions, session)
	_ = p.conn.ExportMethodTable(map[string]any{"Close": func() *dbus.Error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.forget(session)
		return nil
	}}, session, backendSession)
	return 0, map[string]dbus.Variant{}, nil
}

type wireShortcut struct {
	ID    string
	About map[string]dbus.Variant
}

func (p *Portal) bindShortcuts(_, session dbus.ObjectPath, list []wireShortcut, _ string, _ map[string]dbus.Variant) (uint32, map[string]dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.binds++
	if p.answer != 0 {
		return p.answer, map[string]dbus.Variant{}, nil
	}
	p.bound = nil
	text := func(s wireShortcut, key string) string {
		v, _ := s.About[key].Value().(string)
		return v
	}
	granted := []wireShortcut{}
	for _, s := range list {
		p.bound = append(p.bound, Shortcut{s.ID, text(s, "description"), text(s, "preferred_trigger")})
		granted = append(granted, wireShortcut{s.ID, map[string]dbus.Variant{
			"description":         dbus.MakeVariant(text(s, "description")),
			"trigger_description": dbus.MakeVariant("as it was asked for"),
		}})
	}
	return 0, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(granted)}, nil
}

// forget is called with mu held.
func (p *Portal) forget(session dbus.ObjectPath) {
	var left []dbus.ObjectPath
	for _, s := range p.sessions {
		if s != session {
			left = append(left, s)
		}
	}
	p.sessions = left
	if len(left) == 0 {
		p.bound = nil
	}
}

// Refuse has the person say no to keys from now on, or yes again.
func (p *Portal) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = 0
	if on {
		p.answer = 1
	}
}

// Bound are the combinations that are listened to now.
func (p *Portal) Bound() []Shortcut {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Shortcut(nil), p.bound...)
}

// Sessions is how many programs have keys.
func (p *Portal) Sessions() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sessions)
}

// Binds is how often keys were asked for.
func (p *Portal) Binds() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.binds
}

// Press presses and releases the keys that the newest session has for id.
func (p *Portal) Press(id string) {
	p.d.tb.Helper()
	p.mu.Lock()
	if len(p.sessions) == 0 {
		p.mu.Unlock()
		p.d.tb.Fatalf("desktoptest: nobody has keys to press for %q", id)
	}
	session := p.sessions[len(p.sessions)-1]
	p.mu.Unlock()
	for _, signal := range []string{"Activated", "Deactivated"} {
		err := p.conn.Emit(backendPath, backendKeys+"."+signal, session, id, uint64(1), map[string]dbus.Variant{})
		if err != nil {
			p.d.tb.Fatalf("desktoptest: portal: %v", err)
		}
	}
}

// CloseSessions takes the keys away, as a desktop does whose settings the person
// changed.
func (p *Portal) CloseSessions() {
	p.d.tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sessions {
		if err := p.conn.Emit(s, backendSession+".Closed"); err != nil {
			p.d.tb.Fatalf("desktoptest: portal: %v", err)
		}
	}
	p.sessions, p.bound = nil, nil
}

// End ends the portal's process. The bus starts another when one is spoken to.
func (p *Portal) End() {
	p.d.tb.Helper()
	var pid uint32
	if err := p.d.bus.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, portalName).Store(&pid); err != nil {
		p.d.tb.Fatalf("desktoptest: no portal runs: %v", err)
	}
	var owner string
	if err := p.d.bus.BusObject().Call("org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&owner); err != nil {
		p.d.tb.Fatalf("desktoptest: no portal runs: %v", err)
	}
	if err := syscall.Kill(int(pid), syscall.SIGKILL); err != nil {
		p.d.tb.Fatalf("desktoptest: ending the portal: %v", err)
	}
	p.d.Wait("the end of the portal", func() bool {
		var now string
		err := p.d.bus.BusObject().Call("org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&now)
		return err != nil || !strings.EqualFold(now, owner)
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions, p.bound = nil, nil
}
