//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb/xproto"
)

// itemInterface is the D-Bus interface of an icon in the tray.
const itemInterface = "org.kde.StatusNotifierItem"

// A TrayItem is an icon that a program registered with the tray, as it was when
// it was read.
type TrayItem struct {
	Service string          // the program's bus name, well known or unique
	Path    dbus.ObjectPath // of the item

	ID, Title, Status string
	ToolTip           string // title and text of the tool tip, one under the other
	IconName          string
	Icon              *image.NRGBA    // the largest pixmap; nil when there is none
	IsMenu            bool            // a left click opens the menu
	Menu              dbus.ObjectPath // of the dbusmenu
}

// TrayItems reads the icons that are registered with the tray host now. An item
// whose program does not answer is left out.
func (d *Desktop) TrayItems() []TrayItem {
	d.tb.Helper()
	v, err := d.bus.Object(nameTray, "/StatusNotifierWatcher").GetProperty(nameTray + ".RegisteredStatusNotifierItems")
	if err != nil {
		return nil // no host: no items
	}
	names, ok := v.Value().([]string)
	if !ok {
		d.tb.Fatal(errUnexpected("RegisteredStatusNotifierItems", v))
	}
	var items []TrayItem
	for _, name := range names {
		if item, err := d.readItem(name); err == nil {
			items = append(items, item)
		}
	}
	return items
}

// WaitTrayItem waits for an icon for which ok holds; with ok nil, for any. It
// returns ctx's error when that ends first, and an error after Patience.
func (d *Desktop) WaitTrayItem(ctx context.Context, ok func(TrayItem) bool) (TrayItem, error) {
	var found TrayItem
	err := poll(ctx, Patience, func() bool {
		for _, item := range d.TrayItems() {
			if ok == nil || ok(item) {
				found = item
				return true
			}
		}
		return false
	})
	if err != nil {
		var have []string
		for _, item := range d.TrayItems() {
			have = append(have, fmt.Sprintf("%s %q %q", item.ID, item.Title, item.ToolTip))
		}
		err = fmt.Errorf("desktoptest: no such tray item among %q: %w", have, err)
	}
	return found, err
}

// readItem reads an item by its registered name: a bus name, followed by the
// path unless it is the usual one.
func (d *Desktop) readItem(name string) (TrayItem, error) {
	item := TrayItem{Service: name, Path: "/StatusNotifierItem"}
	if i := strings.IndexByte(name, '/'); i >= 0 {
		item.Service, item.Path = name[:i], dbus.ObjectPath(name[i:])
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience/10)
	defer cancel()
	var p map[string]dbus.Variant
	err := d.bus.Object(item.Service, item.Path).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, itemInterface).Store(&p)
	if err != nil {
		return item, err
	}
	text := func(key string) string { s, _ := p[key].Value().(string); return s }
	item.ID, item.Title, item.Status, item.IconName = text("Id"), text("Title"), text("Status"), text("IconName")
	item.IsMenu, _ = p["ItemIsMenu"].Value().(bool)
	item.Menu, _ = p["Menu"].Value().(dbus.ObjectPath)
	var tip struct {
		IconName    string
		Icon        []pixmap
		Title, Text string
	}
	if v, ok := p["ToolTip"]; ok && v.Store(&tip) == nil {
		item.ToolTip = strings.Trim(tip.Title+"\n"+tip.Text, "\n")
	}
	var icons []pixmap
	if v, ok := p["IconPixmap"]; ok && v.Store(&icons) == nil && len(icons) > 0 {
		item.Icon = slices.MaxFunc(icons, func(a, b pixmap) int { return int(a.Width - b.Width) }).image()
	}
	return item, nil
}

// pixmap is an icon as it travels: rows of alpha, red, green, blue.
type pixmap struct {
	Width, Height int32
	Pixels        []byte
}

func (p pixmap) image() *image.NRGBA {
	w, h := int(p.Width), int(p.Height)
	if w <= 0 || h <= 0 || len(p.Pixels) != w*h*4 {
		return nil
	}
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		b := p.Pixels[i*4:]
		img.SetNRGBA(i%w, i/w, color.NRGBA{b[1], b[2], b[3], b[0]})
	}
	return img
}

// trayWindow is the part of the panel that holds the icons. The panel runs the
// tray as a process of its own, whose window has a class of its own.
func (d *Desktop) trayWindow() (xproto.Window, bool) {
	return d.windowWithClass(d.root, "Wrapper-2.0")
}

// TrayPosition waits until the panel shows an item's icon and returns the
// icon's middle on the screen.
func (d *Desktop) TrayPosition(item TrayItem) image.Point {
	d.tb.Helper()
	var at image.Point
	var why error
	if err := poll(context.Background(), Patience, func() bool {
		at, why = d.trayPosition(item)
		return why == nil
	}); err != nil {
		d.tb.Fatalf("desktoptest: the panel does not show %s: %v", item.ID, why)
	}
	return at
}

func (d *Desktop) trayPosition(item TrayItem) (image.Point, error) {
	// The panel lays the icons out in the order in which it remembers them.
	var v dbus.Variant
	err := d.bus.Object("org.xfce.Xfconf", "/org/xfce/Xfconf").Call("org.xfce.Xfconf.GetProperty", 0,
		"xfce4-panel", fmt.Sprintf("/plugins/plugin-%d/known-items", panelPlugin)).Store(&v)
	if err != nil {
		return image.Point{}, err
	}
	var known []string
	switch list := v.Value().(type) {
	case []dbus.Variant:
		for _, e := range list {
			s, _ := e.Value().(string)
			known = append(known, s)
		}
	case []string:
		known = list
	default:
		return image.Point{}, errUnexpected("known-items", v)
	}
	items := d.TrayItems()
	place := func(id string) int { return slices.Index(known, id) }
	if place(item.ID) < 0 {
		return image.Point{}, fmt.Errorf("it knows %q", known)
	}
	index := 0
	for _, other := range items {
		if p := place(other.ID); p >= 0 && p < place(item.ID) {
			index++
		}
	}
	id, ok := d.trayWindow()
	if !ok {
		return image.Point{}, fmt.Errorf("there is no panel")
	}
	r, err := d.bounds(id)
	if err != nil {
		return image.Point{}, err
	}
	// Every icon has a square of the same size.
	if r.Dx() < len(items)*r.Dy()/2 {
		return image.Point{}, fmt.Errorf("%d items in %v", len(items), r)
	}
	return image.Pt(r.Min.X+(2*index+1)*r.Dx()/(2*len(items)), r.Min.Y+r.Dy()/2), nil
}

// ClickTray clicks an item's icon on the panel: 1 left, 2 middle, 3 right. It
// returns when the click was made, not when the program has heard of it.
func (d *Desktop) ClickTray(item TrayItem, button int) {
	d.tb.Helper()
	at := d.enterTray(item)
	d.ClickAt(at.X, at.Y, button)
}

// enterTray moves the mouse onto an icon and waits until the panel lights it
// up. A panel that is still arranging itself loses a click, and a button that
// appeared under a resting pointer does not take one; one that lit up does.
func (d *Desktop) enterTray(item TrayItem) image.Point {
	d.tb.Helper()
	at := d.TrayPosition(item)
	d.MoveTo(at.X, at.Y+200)
	cell := image.Rect(-14, -14, 14, 14).Add(at)
	look := func() *image.RGBA { return d.Part(cell) }

	// Lighting up and going dark take some frames: the picture to compare with
	// is one that has been the same for a while and has an icon in it.
	resting := look()
	same := 0
	d.Wait("the icon of "+item.ID+" on the panel", func() bool {
		now := look()
		if equalImages(now, resting) && !plain(now) {
			same++
		} else {
			resting, same = now, 0
		}
		return same >= 4
	})
	d.MoveTo(at.X, at.Y)
	d.Wait("the icon of "+item.ID+" to light up under the mouse", func() bool { return !equalImages(look(), resting) })
	return at
}

// equalImages compares two pictures of the same part of the screen.
func equalImages(a, b *image.RGBA) bool {
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				return false
			}
		}
	}
	return true
}

// plain tells whether a picture has only one colour.
func plain(m *image.RGBA) bool {
	r := m.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if m.RGBAAt(x, y) != m.RGBAAt(r.Min.X, r.Min.Y) {
				return false
			}
		}
	}
	return true
}

// HoverTray puts the mouse over an item's icon and waits for the tool tip.
func (d *Desktop) HoverTray(item TrayItem) {
	d.tb.Helper()
	before := d.popups()
	d.enterTray(item)
	d.waitPopup("the tool tip", before)
}

// waitPopup waits for a menu or tool tip that was not there before.
func (d *Desktop) waitPopup(what string, before map[xproto.Window]image.Rectangle) image.Rectangle {
	d.tb.Helper()
	var found image.Rectangle
	d.Wait(what, func() bool {
		for id, r := range d.popups() {
			if _, old := before[id]; !old && r.Dx() > 8 && r.Dy() > 8 {
				found = r
				return true
			}
		}
		return false
	})
	return found
}

// errUnexpected reports an answer of a type that nobody should give.
func errUnexpected(what string, v dbus.Variant) error {
	return fmt.Errorf("desktoptest: %s is %s", what, v.Signature())
}
