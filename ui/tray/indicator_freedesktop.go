//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"cornetta/assets"
	"cornetta/ui/words"
)

// The icon on the session bus: KDE's StatusNotifierItem, which every panel that
// has a tray understands by now.
const (
	itemName = "org.kde.StatusNotifierItem"
	itemPath = dbus.ObjectPath("/StatusNotifierItem")
	menuPath = itemPath + "/menu"
)

// indicator is the icon, its tooltip and its menu as they are on the bus. It belongs
// to one goroutine; what others ask for goes through menu and props, which have
// locks of their own.
type indicator struct {
	tray  *Tray
	conn  *dbus.Conn
	props atomic.Pointer[map[string]dbus.Variant] // as anybody may read them now
	menu  *menu
	shown view
}

// newIndicator puts the icon for v on conn. It is not seen before register.
func newIndicator(conn *dbus.Conn, t *Tray, v view) (*indicator, error) {
	it := &indicator{tray: t, conn: conn, shown: v}
	it.menu = newMenu(conn, t, v)
	it.set(v)
	err := exportProperties(conn, itemPath, itemName, func() map[string]dbus.Variant { return *it.props.Load() })
	if err != nil {
		return nil, err
	}
	open := func(_, _ int32) *dbus.Error {
		t.click(t.actions.Dial)
		return nil
	}
	nothing := func(_, _ int32) *dbus.Error { return nil }
	err = conn.ExportMethodTable(map[string]any{
		"Activate": open, "SecondaryActivate": open, "ContextMenu": nothing, // the panel has our menu
		"Scroll": func(int32, string) *dbus.Error { return nil },
	}, itemPath, itemName)
	if err == nil {
		err = it.menu.export()
	}
	if err == nil {
		_, err = conn.RequestName(fmt.Sprintf("%s-%d-1", itemName, os.Getpid()), dbus.NameFlagDoNotQueue)
	}
	return it, err
}

// set makes v what is read of the icon.
func (it *indicator) set(v view) {
	name := words.Text(words.LabelApp)
	it.props.Store(&map[string]dbus.Variant{
		"Category": dbus.MakeVariant("ApplicationStatus"), "Id": dbus.MakeVariant(name), "Title": dbus.MakeVariant(name),
		"Status": dbus.MakeVariant("Active"), "WindowId": dbus.MakeVariant(int32(0)), "IconName": dbus.MakeVariant(""),
		"IconThemePath": dbus.MakeVariant(""), "ItemIsMenu": dbus.MakeVariant(false), "Menu": dbus.MakeVariant(menuPath),
		"IconPixmap": dbus.MakeVariant(pixmaps(assets.Tray(v.icon))), "ToolTip": dbus.MakeVariant(tip{Title: v.tooltip}),
	})
}

// exportProperties lets others read what now returns. (The library's own
// properties are changed in place while they are being sent.)
func exportProperties(conn *dbus.Conn, path dbus.ObjectPath, name string, now func() map[string]dbus.Variant) error {
	const properties = "org.freedesktop.DBus.Properties"
	err := conn.ExportMethodTable(map[string]any{
		"GetAll": func(of string) (map[string]dbus.Variant, *dbus.Error) {
			if of != name {
				return map[string]dbus.Variant{}, nil
			}
			return now(), nil
		},
		"Get": func(of, property string) (dbus.Variant, *dbus.Error) {
			if v, ok := now()[property]; ok && of == name {
				return v, nil
			}
			return dbus.MakeVariant(""), dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{property})
		},
		"Set": func(_, property string, _ dbus.Variant) *dbus.Error {
			return dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly", []any{property})
		},
	}, path, properties)
	if err != nil {
		return err
	}
	var declared []introspect.Property
	for property, v := range now() {
		declared = append(declared, introspect.Property{Name: property, Type: v.Signature().String(), Access: "read"})
	}
	return conn.Export(introspect.NewIntrospectable(&introspect.Node{Interfaces: []introspect.Interface{
		introspect.IntrospectData, {Name: name, Properties: declared},
	}}), path, "org.freedesktop.DBus.Introspectable")
}

// follow brings the icon into line with each Update and tells every panel that
// comes of it, until ctx ends. It fails when the bus is gone.
func (it *indicator) follow(ctx context.Context, panels <-chan *dbus.Signal) error {
	var again <-chan time.Time
	for {
		select {
		case <-it.menu.first:
			again = time.After(gtkPause)
		case <-again:
			again = nil
			it.menu.lookAgain()
		case <-ctx.Done():
			return nil
		case <-it.conn.Context().Done():
			return dbus.ErrClosed
		case _, ok := <-panels:
			if !ok {
				return dbus.ErrClosed
			}
			it.register()
		case <-it.tray.wake:
			it.show(it.tray.latest())
		}
	}
}

// register asks for a place. Nobody waits for the answer: where there is no
// panel there is none, and the next one is heard of.
func (it *indicator) register() {
	it.conn.Object(watcherName, "/StatusNotifierWatcher").
		Go(watcherName+".RegisterStatusNotifierItem", dbus.FlagNoReplyExpected|dbus.FlagNoAutoStart, nil, string(itemPath))
}

// show changes what differs from what is shown.
func (it *indicator) show(v view) {
	if it.shown.icon != v.icon || it.shown.tooltip != v.tooltip {
		it.set(v)
	}
	if it.shown.icon != v.icon {
		it.emit(itemPath, itemName+".NewIcon")
	}
	if it.shown.tooltip != v.tooltip {
		it.emit(itemPath, itemName+".NewToolTip")
	}
	it.menu.show(v)
	it.shown = v
}

// emit tells whoever listens; that the bus is gone is heard of elsewhere.
func (it *indicator) emit(path dbus.ObjectPath, signal string, args ...any) {
	_ = it.conn.Emit(path, signal, args...)
}

// pixmap is the specification's (iiay): rows of alpha, red, green, blue.
type pixmap struct {
	Width, Height int32
	Pixels        []byte
}

// tip is the specification's (sa(iiay)ss).
type tip struct {
	Icon  string
	Icons []pixmap
	Title string
	Text  string
}

func pixmaps(picture []byte) []pixmap {
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil // they are compiled in, and a test shows each
	}
	img := image.NewNRGBA(decoded.Bounds())
	draw.Draw(img, img.Rect, decoded, img.Rect.Min, draw.Src)
	p := pixmap{Width: int32(img.Rect.Dx()), Height: int32(img.Rect.Dy()), Pixels: make([]byte, len(img.Pix))}
	for i := 0; i < len(img.Pix); i += 4 {
		copy(p.Pixels[i:], []byte{img.Pix[i+3], img.Pix[i], img.Pix[i+1], img.Pix[i+2]})
	}
	return []pixmap{p}
}
