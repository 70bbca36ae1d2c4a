//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// menuInterface is the D-Bus interface of a tray icon's menu.
const menuInterface = "com.canonical.dbusmenu"

// A MenuItem is an entry of a tray icon's menu, as it was when it was read.
type MenuItem struct {
	ID        int32
	Label     string // without mnemonic underscores
	Separator bool
	Enabled   bool
	Visible   bool
	Checked   bool
	Items     []MenuItem // of the submenu
}

// TrayMenu reads the menu of an icon as its program offers it.
func (d *Desktop) TrayMenu(item TrayItem) []MenuItem {
	d.tb.Helper()
	items, err := d.trayMenu(item)
	if err != nil {
		d.tb.Fatalf("desktoptest: menu of %s: %v", item.ID, err)
	}
	return items
}

func (d *Desktop) trayMenu(item TrayItem) ([]MenuItem, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	var revision uint32
	var root menuNode
	err := d.bus.Object(item.Service, item.Menu).
		CallWithContext(ctx, menuInterface+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		return nil, err
	}
	m, err := root.item()
	return m.Items, err
}

// WaitTrayMenu waits until an icon's menu has an entry with a label for which
// ok holds, and returns that entry.
func (d *Desktop) WaitTrayMenu(item TrayItem, what string, ok func(MenuItem) bool) MenuItem {
	d.tb.Helper()
	var found MenuItem
	if err := poll(context.Background(), Patience, func() bool {
		items, err := d.trayMenu(item)
		if err != nil {
			return false
		}
		var hit bool
		found, hit = searchMenu(items, ok)
		return hit
	}); err != nil {
		d.tb.Fatalf("desktoptest: no %s in the menu %s", what, labels(d.TrayMenu(item)))
	}
	return found
}

// PickTrayMenu opens an icon's menu with a right click and chooses a top-level
// entry by its label with the keyboard, as a person can.
func (d *Desktop) PickTrayMenu(item TrayItem, label string) {
	d.tb.Helper()
	d.WaitTrayMenu(item, label, func(m MenuItem) bool { return m.Label == label && m.Enabled && m.Visible })
	d.OpenTrayMenu(item)
	d.goToLine(item, label)
	d.Key("Return")
}

// goToLine brings the keyboard to a top-level entry of the menu that is open.
func (d *Desktop) goToLine(item TrayItem, label string) {
	d.tb.Helper()
	// A program may change its menu as it is opened.
	last, same := "", 0
	d.Wait("the menu of "+item.ID+" to keep still", func() bool {
		now := labels(d.TrayMenu(item))
		if now == last {
			same++
		} else {
			last, same = now, 0
		}
		return same >= 10
	})
	down, all := 0, 0
	for _, m := range d.TrayMenu(item) {
		// The keyboard stops only at entries that can be chosen.
		if m.Visible && m.Enabled && !m.Separator {
			all++
			if m.Label == label {
				down = all
			}
		}
	}
	key, steps := "Down", down
	if up := all - down + 1; up < down {
		key, steps = "Up", up
	}
	for range steps {
		d.Key(key)
	}
}

// OpenTrayMenu opens an icon's menu with a right click and waits until it is on
// the screen. Key("Escape") closes it.
func (d *Desktop) OpenTrayMenu(item TrayItem) {
	d.tb.Helper()
	before := d.popups()
	d.ClickTray(item, 3)
	d.waitPopup("the menu of "+item.ID, before)
}

// OpenTraySubmenu opens a tray item's menu, as OpenTrayMenu does, and in it, with the
// keyboard, the submenu of the entry with that label. The panel fills a submenu when it is
// asked for it, too late for some that are just being opened: then the menu is closed and
// opened again.
func (d *Desktop) OpenTraySubmenu(item TrayItem, label string) {
	d.tb.Helper()
	for range 5 {
		none := d.popups()
		d.OpenTrayMenu(item)
		before := d.popups()
		d.goToLine(item, label)
		for range 4 {
			d.Key("Right")
			err := poll(d.tb.Context(), 500*time.Millisecond, func() bool {
				for id, r := range d.popups() {
					if _, old := before[id]; !old && r.Dy() > 50 { // a tool tip has a line or two
						return true
					}
				}
				return false
			})
			if err == nil {
				return
			}
		}
		d.Wait("the menu to go", func() bool {
			d.Key("Escape")
			return len(d.popups()) <= len(none)
		})
		time.Sleep(500 * time.Millisecond) // from then on it is another opening
	}
	d.tb.Fatalf("desktoptest: no submenu %q in the menu of %s", label, item.ID)
}

// SendMenuClick tells the program that its menu was opened and an entry chosen, as a
// panel does, without a mouse: for tests whose subject is not the tray itself.
func (d *Desktop) SendMenuClick(item TrayItem, m MenuItem) {
	d.tb.Helper()
	menu := d.bus.Object(item.Service, item.Menu)
	err := menu.Call(menuInterface+".AboutToShow", 0, int32(0)).Err
	if err == nil {
		err = menu.Call(menuInterface+".Event", 0,
			m.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(time.Now().Unix())).Err
	}
	if err != nil {
		d.tb.Fatalf("desktoptest: choosing %q: %v", m.Label, err)
	}
}

// menuNode is an entry as it travels.
type menuNode struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (n menuNode) item() (MenuItem, error) {
	m := MenuItem{ID: n.ID, Enabled: true, Visible: true}
	if s, ok := n.Props["label"].Value().(string); ok {
		m.Label = stripMnemonic(s)
	}
	if s, ok := n.Props["type"].Value().(string); ok {
		m.Separator = s == "separator"
	}
	if b, ok := n.Props["enabled"].Value().(bool); ok {
		m.Enabled = b
	}
	if b, ok := n.Props["visible"].Value().(bool); ok {
		m.Visible = b
	}
	if i, ok := n.Props["toggle-state"].Value().(int32); ok {
		m.Checked = i == 1
	}
	for _, c := range n.Children {
		var child menuNode
		if err := dbus.Store([]any{c.Value()}, &child); err != nil {
			return m, fmt.Errorf("entry below %q: %w", m.Label, err)
		}
		sub, err := child.item()
		if err != nil {
			return m, err
		}
		m.Items = append(m.Items, sub)
	}
	return m, nil
}

// stripMnemonic removes the underscore before an access key; a doubled one
// stands for itself.
func stripMnemonic(label string) string {
	parts := strings.Split(label, "__")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "_", "")
	}
	return strings.Join(parts, "_")
}

// searchMenu finds the first entry, submenus included, for which ok holds.
func searchMenu(items []MenuItem, ok func(MenuItem) bool) (MenuItem, bool) {
	for _, m := range items {
		if ok(m) {
			return m, true
		}
		if sub, hit := searchMenu(m.Items, ok); hit {
			return sub, true
		}
	}
	return MenuItem{}, false
}

// labels lists a menu for a failed test.
func labels(items []MenuItem) string {
	var out []string
	for _, m := range items {
		if m.Separator {
			out = append(out, "—")
			continue
		}
		s := fmt.Sprintf("%q", m.Label)
		if !m.Enabled {
			s += " (off)"
		}
		if !m.Visible {
			s += " (hidden)"
		}
		if len(m.Items) > 0 {
			s += labels(m.Items)
		}
		out = append(out, s)
	}
	return "[" + strings.Join(out, " ") + "]"
}
