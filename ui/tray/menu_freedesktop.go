//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"cornetta/ui/words"
)

// menuName is the interface by which a panel draws our menu and tells what was
// clicked.
const menuName = "com.canonical.dbusmenu"

// gtkPause is how long after a panel's first look at the menu it is told to look
// again. GTK's side of the interface asks for the lines of a submenu before it
// has made the submenu, and shows an empty one; so the first look is at the top
// lines only. Seen with libdbusmenu-gtk3 16.04.
const gtkPause = 150 * time.Millisecond

// node is a line of the menu. One that was made is never changed: another takes
// its place.
type node struct {
	id       int32
	props    map[string]dbus.Variant
	children []*node
	click    func()
}

// wire is the specification's (ia{sv}av).
type wire struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// menu serves the lines to the panel.
type menu struct {
	tray  *Tray
	conn  *dbus.Conn
	first chan struct{} // capacity 1: a panel looked at the menu for the first time

	mu       sync.Mutex // guards what follows
	root     *node
	revision uint32
	ids      map[promise]int32 // of lines that name a number
	last     int32
	gone     []*node              // lines that a menu may still show that is open
	looked   map[dbus.Sender]bool // who was shown the top lines
	opened   time.Time
}

// promise is what a line that names a number says and does. A line with another
// promise is another line: what was read under the pointer is what is dialled,
// also when the list changed before the click.
type promise struct{ title, dial string }

// Ids up to fixedIDs are those of lines that always mean the same.
const fixedIDs = 100

// openingOnce is how close the signs are by which a menu that is opened is known.
const openingOnce = 300 * time.Millisecond

// maxGone is how many lines of the past can be clicked. Recent has ten.
const maxGone = 64

func newMenu(conn *dbus.Conn, t *Tray, v view) *menu {
	m := &menu{
		tray: t, conn: conn, first: make(chan struct{}, 1), revision: 1, last: fixedIDs,
		ids: map[promise]int32{}, looked: map[dbus.Sender]bool{},
	}
	m.root = m.build(v)
	return m
}

func (m *menu) export() error {
	fixed := map[string]dbus.Variant{
		"Version": dbus.MakeVariant(uint32(3)), "TextDirection": dbus.MakeVariant("ltr"),
		"Status": dbus.MakeVariant("normal"), "IconThemePath": dbus.MakeVariant([]string{}),
	}
	err := exportProperties(m.conn, menuPath, menuName, func() map[string]dbus.Variant { return fixed })
	if err == nil {
		err = m.conn.ExportMethodTable(map[string]any{
			"GetLayout": m.getLayout, "GetGroupProperties": m.getGroupProperties, "GetProperty": m.getProperty,
			"Event": m.event, "EventGroup": m.eventGroup, "AboutToShow": m.aboutToShow, "AboutToShowGroup": m.aboutToShowGroup,
		}, menuPath, menuName)
	}
	return err
}

// build makes the lines of v. It is called with mu held, or before anybody else
// has m.
func (m *menu) build(v view) *node {
	root := &node{props: map[string]dbus.Variant{"children-display": dbus.MakeVariant("submenu")}}
	do := map[entry]func(){
		entryDial: m.tray.actions.Dial, entryHangUp: m.tray.actions.Hangup,
		entrySettings: m.tray.actions.Settings, entryQuit: m.tray.actions.Quit,
	}
	for i, group := range groups {
		if i > 0 {
			root.children = append(root.children, &node{
				id: int32(entries) + int32(i), props: map[string]dbus.Variant{"type": dbus.MakeVariant("separator")},
			})
		}
		for _, e := range group {
			n := &node{id: int32(e) + 1, props: lineProps(v.items[e]), click: do[e]}
			switch e {
			case entryClipboard:
				it := v.items[e]
				it.title = padded(it.title)
				n.props = lineProps(it)
				n.id = m.idOf(promise{v.items[e].title, "copied " + v.copied})
				n.click = func() {
					if m.tray.actions.DialCopied != nil {
						m.tray.actions.DialCopied(v.copied)
					}
				}
			case entryRecent:
				n.props["children-display"] = dbus.MakeVariant("submenu")
				for _, r := range v.recent {
					n.children = append(n.children, &node{
						id:    m.idOf(promise(r)),
						props: lineProps(item{title: r.title, enabled: true}),
						click: func() {
							if m.tray.actions.Redial != nil {
								m.tray.actions.Redial(r.dial)
							}
						},
					})
				}
			}
			root.children = append(root.children, n)
		}
	}
	return root
}

// lineProps are a line's properties; all of them, so that none is left from
// before.
func lineProps(it item) map[string]dbus.Variant {
	return map[string]dbus.Variant{
		"label":   dbus.MakeVariant(strings.ReplaceAll(it.title, "_", "__")), // one alone marks an access key
		"enabled": dbus.MakeVariant(it.enabled),
		"visible": dbus.MakeVariant(!it.hidden),
	}
}

// padded keeps room for what a line will say: a menu of GTK that is open does not
// grow, and would show a number without its end.
func padded(title string) string {
	return title + strings.Repeat(figureSpace, max(0, OfferRoom+utf8.RuneCountInString(words.CopiedNumber(" ", true))-utf8.RuneCountInString(title)))
}

// figureSpace is as wide as a digit.
const figureSpace = "\u2007"

func (m *menu) idOf(p promise) int32 {
	if id, ok := m.ids[p]; ok {
		return id
	}
	m.last++
	m.ids[p] = m.last
	return m.last
}

// show changes what differs, and tells the panel.
func (m *menu) show(v view) {
	m.mu.Lock()
	was := m.root
	m.root = m.build(v)
	changed, moved := differences(was, m.root)
	if len(changed) == 0 && !moved {
		m.root = was
		m.mu.Unlock()
		return
	}
	m.retire(was)
	m.revision++
	revision := m.revision
	m.mu.Unlock()
	if len(changed) > 0 {
		_ = m.conn.Emit(menuPath, menuName+".ItemsPropertiesUpdated", changed, []struct {
			ID    int32
			Names []string
		}{})
	}
	// Some panels look at this signal only.
	_ = m.conn.Emit(menuPath, menuName+".LayoutUpdated", revision, int32(0))
}

// retire keeps the lines that are gone for a click that is on its way, and
// forgets those that are gone for long. It is called with mu held.
func (m *menu) retire(was *node) {
	was.each(func(n *node) {
		if n.id > fixedIDs && m.root.find(n.id) == nil {
			m.gone = append(m.gone, n)
		}
	})
	m.gone = slices.DeleteFunc(m.gone, func(n *node) bool { return m.root.find(n.id) != nil })
	m.gone = m.gone[max(0, len(m.gone)-maxGone):]
	for p, id := range m.ids {
		if m.root.find(id) == nil && !slices.ContainsFunc(m.gone, func(n *node) bool { return n.id == id }) {
			delete(m.ids, p)
		}
	}
}

// changedProps is the specification's (ia{sv}).
type changedProps struct {
	ID    int32
	Props map[string]dbus.Variant
}

// differences are the properties of lines that stay and changed, and whether
// other lines are there, or in another order.
func differences(was, now *node) (changed []changedProps, moved bool) {
	var ids [2][]int32
	for i, root := range []*node{was, now} {
		root.each(func(n *node) { ids[i] = append(ids[i], n.id, int32(len(n.children))) })
	}
	now.each(func(n *node) {
		if old := was.find(n.id); old != nil && !reflect.DeepEqual(old.props, n.props) {
			changed = append(changed, changedProps{n.id, n.props})
		}
	})
	return changed, !slices.Equal(ids[0], ids[1])
}

func (n *node) each(f func(*node)) {
	f(n)
	for _, c := range n.children {
		c.each(f)
	}
}

// find is the line with that id, nil where there is none.
func (n *node) find(id int32) (found *node) {
	n.each(func(c *node) {
		if c.id == id {
			found = c
		}
	})
	return found
}

// wire is n with depth levels below it; a negative depth is all of them.
func (n *node) wire(depth int32) wire {
	w := wire{ID: n.id, Props: n.props, Children: []dbus.Variant{}}
	if depth != 0 {
		for _, c := range n.children {
			w.Children = append(w.Children, dbus.MakeVariant(c.wire(depth-1)))
		}
	}
	return w
}

func noLine(id int32) *dbus.Error {
	return dbus.NewError(menuName+".Error", []any{"there is no such line", id})
}

func (m *menu) getLayout(from dbus.Sender, parent, depth int32, _ []string) (uint32, wire, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.root.find(parent)
	if n == nil {
		return 0, wire{Props: map[string]dbus.Variant{}, Children: []dbus.Variant{}}, noLine(parent)
	}
	if !m.looked[from] {
		if len(m.looked) > 16 { // panels that came and went
			clear(m.looked)
		}
		m.looked[from] = true
		if depth < 0 || depth > 1 {
			depth = 1
		}
		select {
		case m.first <- struct{}{}:
		default:
		}
	}
	return m.revision, n.wire(depth), nil
}

// lookAgain has panels that know the top lines only look at the rest.
func (m *menu) lookAgain() {
	m.mu.Lock()
	m.revision++
	revision := m.revision
	m.mu.Unlock()
	_ = m.conn.Emit(menuPath, menuName+".LayoutUpdated", revision, int32(0))
}

func (m *menu) getGroupProperties(ids []int32, _ []string) ([]changedProps, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []changedProps{}
	if len(ids) == 0 { // all of them, by the specification
		m.root.each(func(n *node) { out = append(out, changedProps{n.id, n.props}) })
		return out, nil
	}
	for _, id := range ids[:min(len(ids), 256)] {
		if n := m.root.find(id); n != nil {
			out = append(out, changedProps{id, n.props})
		}
	}
	return out, nil
}

func (m *menu) getProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.root.find(id); n != nil {
		if v, ok := n.props[name]; ok {
			return v, nil
		}
	}
	return dbus.MakeVariant(""), noLine(id)
}

func (m *menu) event(id int32, what string, _ dbus.Variant, _ uint32) *dbus.Error {
	switch {
	case what == "clicked":
		m.clicked(id)
	case what == "opened" && id == 0:
		m.opening()
	}
	return nil
}

func (m *menu) eventGroup(events []struct {
	ID   int32
	What string
	Data dbus.Variant
	At   uint32
},
) ([]int32, *dbus.Error) {
	for _, e := range events[:min(len(events), 16)] {
		_ = m.event(e.ID, e.What, e.Data, e.At)
	}
	return []int32{}, nil
}

func (m *menu) clicked(id int32) {
	m.mu.Lock()
	n := m.root.find(id)
	for _, old := range m.gone {
		if old.id == id {
			n = old
		}
	}
	m.mu.Unlock()
	if n != nil {
		m.tray.click(n.click)
	}
}

// aboutToShow is called by some panels when the menu is opened; others send the
// event, and some do both.
func (m *menu) aboutToShow(id int32) (bool, *dbus.Error) {
	if id == 0 {
		m.opening()
	}
	return false, nil
}

func (m *menu) aboutToShowGroup(ids []int32) ([]int32, []int32, *dbus.Error) {
	if slices.Contains(ids, 0) {
		m.opening()
	}
	return []int32{}, []int32{}, nil
}

func (m *menu) opening() {
	m.mu.Lock()
	again := time.Since(m.opened) < openingOnce
	if !again {
		m.opened = time.Now()
	}
	m.mu.Unlock()
	if !again {
		m.tray.click(m.tray.actions.Opening)
	}
}
