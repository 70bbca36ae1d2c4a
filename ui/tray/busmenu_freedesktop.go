//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	menuPath      = dbus.ObjectPath("/StatusNotifierItem/menu") // where the library says it is
	menuInterface = "com.canonical.dbusmenu"
	menuVersion   = 3 // of the interface
)

// A panel owns a name that begins in one of these ways, or that of the watcher.
var hostPrefixes = []string{"org.kde.StatusNotifierHost-", "org.freedesktop.StatusNotifierHost-"}

const (
	// openingOnce is how close the two signs are by which a menu that is opened is known:
	// some panels give both.
	openingOnce = 300 * time.Millisecond
	// openFor is how long after it was opened a click in a menu may come.
	openFor = time.Minute

	maxPanels = 8   // that are known at a time
	maxHosts  = 32  // names of panels that are looked up for one question
	maxEvents = 64  // of one group
	maxAsked  = 256 // lines, in one question; there are fewer
)

// busMenu is the menu as it is offered on the session bus, in the place of the
// library's: that one tells whoever asks, and even who does not, each line's text, and
// does not tell who clicked. Any program on the bus may call its methods. Those of the
// panel get the numbers, and their click dials; all others get a menu without, and
// their click is good for a window.
//
// A program that takes a panel's name on the bus cannot be told from a panel.
//
// Its lines are changed by one goroutine; the methods are called by those of the bus.
type busMenu struct {
	opening func()        // a person is about to see the menu; it must not block
	anew    chan struct{} // capacity 1: a panel came that has not been told all

	mu       sync.Mutex // guards what follows, and what the lines say
	conn     *dbus.Conn // nil: it is not offered yet
	lines    []*busLine // in the place of their ids, of which 0 is the menu itself
	revision uint32
	panels   []string             // who is told of changes, by their unique names, the newest last
	opened   map[string]time.Time // when a panel opened the menu, until a click in it
	told     time.Time            // when opening was called last
}

// busLine is a line of a busMenu.
type busLine struct {
	menu     *busMenu
	id       int32
	clicked  func(byPerson bool)
	children []*busLine

	separator, disabled, hidden bool
	title, toOthers             string
}

// firstRevision is above those that the library may have told before.
const firstRevision = 1000

func newBusMenu(opening func()) *busMenu {
	m := &busMenu{opening: opening, anew: make(chan struct{}, 1), revision: firstRevision, opened: map[string]time.Time{}}
	m.lines = []*busLine{{menu: m}}
	return m
}

// serve offers the menu on conn from now on.
func (m *busMenu) serve(conn *dbus.Conn) error {
	_, err := prop.Export(conn, menuPath, prop.Map{menuInterface: {
		"Version":       {Value: uint32(menuVersion)},
		"TextDirection": {Value: "ltr"},
		"Status":        {Value: "normal"},
		"IconThemePath": {Value: []string{}},
	}})
	if err == nil {
		err = conn.ExportMethodTable(map[string]any{
			"GetLayout": m.getLayout, "GetGroupProperties": m.getGroupProperties, "GetProperty": m.getProperty,
			"Event": m.event, "EventGroup": m.eventGroup,
			"AboutToShow": m.aboutToShow, "AboutToShowGroup": m.aboutToShowGroup,
		}, menuPath, menuInterface)
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.conn = conn
	m.mu.Unlock()
	m.retell()
	return nil
}

func (m *busMenu) add(parent line, clicked func(bool)) line {
	return m.put(parent, &busLine{clicked: clicked})
}

func (m *busMenu) separator() { m.put(nil, &busLine{separator: true}) }

func (m *busMenu) put(parent line, l *busLine) *busLine {
	m.mu.Lock()
	defer m.mu.Unlock()
	above := m.lines[0]
	if parent != nil {
		above = parent.(*busLine)
	}
	l.menu, l.id = m, int32(len(m.lines))
	m.lines = append(m.lines, l)
	above.children = append(above.children, l)
	return l
}

func (m *busMenu) again() <-chan struct{} { return m.anew }

// retell has all panels read the menu anew. The signal says nothing of what is in it:
// everybody hears it.
func (m *busMenu) retell() {
	m.mu.Lock()
	m.revision++
	conn, revision := m.conn, m.revision
	m.mu.Unlock()
	if conn != nil {
		_ = conn.Emit(menuPath, menuInterface+".LayoutUpdated", revision, int32(0)) // the bus went away
	}
}

func (l *busLine) SetTitle(title, toOthers string) {
	l.change(func() { l.title, l.toOthers = title, toOthers })
}
func (l *busLine) Enable()  { l.change(func() { l.disabled = false }) }
func (l *busLine) Disable() { l.change(func() { l.disabled = true }) }
func (l *busLine) Show()    { l.change(func() { l.hidden = false }) }
func (l *busLine) Hide()    { l.change(func() { l.hidden = true }) }

func (l *busLine) Disabled() bool {
	l.menu.mu.Lock()
	defer l.menu.mu.Unlock()
	return l.disabled
}

// change does set and tells the panels, each alone what the line says now.
func (l *busLine) change(set func()) {
	m := l.menu
	m.mu.Lock()
	set()
	conn, panels := m.conn, slices.Clone(m.panels)
	now := []properties{{l.id, l.propertiesLocked(true)}}
	m.mu.Unlock()
	if conn == nil {
		return
	}
	body := []any{now, []removed{}}
	for _, panel := range panels {
		conn.Send(&dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath:        dbus.MakeVariant(menuPath),
			dbus.FieldInterface:   dbus.MakeVariant(menuInterface),
			dbus.FieldMember:      dbus.MakeVariant("ItemsPropertiesUpdated"),
			dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(body...)),
			dbus.FieldDestination: dbus.MakeVariant(panel),
		}}, nil)
	}
	m.retell()
}

// The types of the interface.
type (
	properties struct {
		ID     int32
		Values map[string]dbus.Variant
	}
	removed struct {
		ID    int32
		Names []string
	}
	layout struct {
		ID       int32
		Values   map[string]dbus.Variant
		Children []dbus.Variant
	}
	event struct {
		ID   int32
		What string
		Data dbus.Variant
		Time uint32
	}
)

// propertiesLocked are a line's, as a panel or somebody else is told them. It is called
// with mu held.
func (l *busLine) propertiesLocked(toPanel bool) map[string]dbus.Variant {
	if l.id == 0 {
		return map[string]dbus.Variant{"children-display": dbus.MakeVariant("submenu")}
	}
	if l.separator {
		return map[string]dbus.Variant{"type": dbus.MakeVariant("separator")}
	}
	title, hidden := l.title, l.hidden
	if !toPanel {
		title, hidden = l.toOthers, hidden || l.toOthers == ""
	}
	p := map[string]dbus.Variant{
		"label": dbus.MakeVariant(title), "enabled": dbus.MakeVariant(!l.disabled), "visible": dbus.MakeVariant(!hidden),
	}
	if len(l.children) > 0 && toPanel {
		p["children-display"] = dbus.MakeVariant("submenu")
	}
	return p
}

// layoutLocked is a line with depth levels of what is below it, -1 for all. It is
// called with mu held.
func (l *busLine) layoutLocked(depth int32, toPanel bool) layout {
	v := layout{l.id, l.propertiesLocked(toPanel), []dbus.Variant{}}
	if depth == 0 || !toPanel && l.id != 0 {
		return v
	}
	for _, c := range l.children {
		v.Children = append(v.Children, dbus.MakeVariant(c.layoutLocked(depth-1, toPanel)))
	}
	return v
}

// lineLocked is the line with that id, nil for none. It is called with mu held.
func (m *busMenu) lineLocked(id int32) *busLine {
	if id < 0 || int(id) >= len(m.lines) {
		return nil
	}
	return m.lines[id]
}

func (m *busMenu) getLayout(sender dbus.Sender, parent, depth int32, _ []string) (revision uint32, v layout, failed *dbus.Error) {
	panel := m.isPanel(string(sender))
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.lineLocked(parent)
	if l == nil {
		return 0, layout{Values: map[string]dbus.Variant{}, Children: []dbus.Variant{}}, &dbus.ErrMsgInvalidArg
	}
	// GTK's side of the menu drops the lines of a submenu that it hears of together with
	// the submenu. So a panel first gets the menu alone.
	if panel && !slices.Contains(m.panels, string(sender)) {
		m.panels = append(m.panels, string(sender))
		m.panels = m.panels[max(0, len(m.panels)-maxPanels):]
		notify(m.anew)
		depth = 1
	}
	return m.revision, l.layoutLocked(depth, panel), nil
}

func (m *busMenu) getGroupProperties(sender dbus.Sender, ids []int32, _ []string) ([]properties, *dbus.Error) {
	panel := m.isPanel(string(sender))
	m.mu.Lock()
	defer m.mu.Unlock()
	found := []properties{}
	if len(ids) > maxAsked {
		return found, &dbus.ErrMsgInvalidArg
	}
	for _, id := range ids {
		if l := m.lineLocked(id); l != nil {
			found = append(found, properties{id, l.propertiesLocked(panel)})
		}
	}
	return found, nil
}

func (m *busMenu) getProperty(sender dbus.Sender, id int32, name string) (dbus.Variant, *dbus.Error) {
	panel := m.isPanel(string(sender))
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.lineLocked(id); l != nil {
		if v, ok := l.propertiesLocked(panel)[name]; ok {
			return v, nil
		}
	}
	return dbus.MakeVariant(""), &dbus.ErrMsgInvalidArg
}

func (m *busMenu) aboutToShow(sender dbus.Sender, id int32) (update bool, failed *dbus.Error) {
	if id == 0 {
		m.openedIn(string(sender))
	}
	return false, nil
}

func (m *busMenu) aboutToShowGroup(sender dbus.Sender, ids []int32) (updates, unknown []int32, failed *dbus.Error) {
	if slices.Contains(ids, 0) {
		m.openedIn(string(sender))
	}
	return []int32{}, []int32{}, nil
}

func (m *busMenu) event(sender dbus.Sender, id int32, what string, _ dbus.Variant, _ uint32) *dbus.Error {
	m.take(string(sender), id, what)
	return nil
}

func (m *busMenu) eventGroup(sender dbus.Sender, events []event) (unknown []int32, failed *dbus.Error) {
	for _, e := range events[:min(len(events), maxEvents)] {
		m.take(string(sender), e.ID, e.What)
	}
	return []int32{}, nil
}

// take is one event.
func (m *busMenu) take(sender string, id int32, what string) {
	switch {
	case what == "opened" && id == 0:
		m.openedIn(sender)
	case what == "clicked":
		m.mu.Lock()
		var clicked func(bool)
		if l := m.lineLocked(id); l != nil {
			clicked = l.clicked
		}
		at, opened := m.opened[sender]
		delete(m.opened, sender) // a menu that is opened is good for one click
		m.mu.Unlock()
		if clicked != nil {
			clicked(opened && time.Since(at) < openFor)
		}
	}
}

// openedIn notes that a panel is about to show the menu. What others say of it is
// nothing.
func (m *busMenu) openedIn(sender string) {
	if !m.isPanel(sender) {
		return
	}
	m.mu.Lock()
	now := time.Now()
	if len(m.opened) >= maxPanels {
		clear(m.opened) // more than there can be
	}
	m.opened[sender] = now
	fresh := now.Sub(m.told) >= openingOnce
	if fresh {
		m.told = now
	}
	m.mu.Unlock()
	if fresh {
		m.opening()
	}
}

// isPanel reports whether a connection is that of a panel: it owns the name of the
// watcher, or one of a host's. It asks the bus each time, since names come and go.
func (m *busMenu) isPanel(sender string) bool {
	m.mu.Lock()
	conn := m.conn
	m.mu.Unlock()
	if conn == nil || sender == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), busPatience)
	defer cancel()
	owns := func(name string) bool {
		var owner string
		err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, name).Store(&owner)
		return err == nil && owner == sender
	}
	if owns(watcherName) {
		return true
	}
	var names []string
	if conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListNames", 0).Store(&names) != nil {
		return false
	}
	looked := 0
	for _, name := range names {
		if !slices.ContainsFunc(hostPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		if looked++; looked > maxHosts {
			return false
		}
		if owns(name) {
			return true
		}
	}
	return false
}

// notify sends on a channel of capacity 1 without ever blocking.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
