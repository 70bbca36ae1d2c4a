//go:build linux

package desktoptest

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"regexp"
	"strconv"
	"strings"

	"github.com/jezek/xgb/xproto"
)

// A Window is a window of a program on the desktop. It is a handle: what it
// tells is asked of the X server each time.
type Window struct {
	d  *Desktop
	id xproto.Window
}

// Window waits for a visible window whose title matches the regular expression
// and returns it; a test that waits in vain ends with the list of titles that
// were there.
func (d *Desktop) Window(title string) *Window {
	d.tb.Helper()
	var w *Window
	re := regexp.MustCompile(title)
	if err := poll(context.Background(), Patience, func() bool {
		w = d.find(re)
		return w != nil
	}); err != nil {
		d.tb.Fatalf("desktoptest: no window titled %q; there are %q (%v)", title, d.Titles(), err)
	}
	return w
}

// FindWindow returns the visible window whose title matches, or nil, now.
func (d *Desktop) FindWindow(title string) *Window { return d.find(regexp.MustCompile(title)) }

func (d *Desktop) find(title *regexp.Regexp) *Window {
	for _, w := range d.Windows() {
		if title.MatchString(w.Title()) {
			return w
		}
	}
	return nil
}

// Windows returns the visible application windows: those the window manager
// manages, without panels.
func (d *Desktop) Windows() []*Window {
	var ws []*Window
	for _, id := range d.windowProperty(d.root, "_NET_CLIENT_LIST") {
		w := &Window{d, id}
		if w.Visible() && !w.isDock() {
			ws = append(ws, w)
		}
	}
	return ws
}

// Titles returns the titles of Windows.
func (d *Desktop) Titles() []string {
	var titles []string
	for _, w := range d.Windows() {
		titles = append(titles, w.Title())
	}
	return titles
}

// FocusedWindow returns the window that keys go to, or nil if none has them.
func (d *Desktop) FocusedWindow() *Window {
	reply, err := xproto.GetInputFocus(d.x).Reply()
	if err != nil {
		d.tb.Fatalf("desktoptest: input focus: %v", err)
	}
	// The focus may be on a window inside the one the person sees.
	for id := reply.Focus; id > xproto.InputFocusPointerRoot && id != d.root; {
		for _, w := range d.Windows() {
			if w.id == id {
				return w
			}
		}
		tree, err := xproto.QueryTree(d.x, id).Reply()
		if err != nil {
			return nil
		}
		id = tree.Parent
	}
	return nil
}

// ID is the X window id.
func (w *Window) ID() uint32 { return uint32(w.id) }

// String describes the window for a failed test.
func (w *Window) String() string {
	if w == nil {
		return "no window"
	}
	return fmt.Sprintf("window %#x %q", w.ID(), w.Title())
}

// Title is what the title bar shows; empty once the window is gone.
func (w *Window) Title() string {
	for _, name := range []string{"_NET_WM_NAME", "WM_NAME"} {
		if p, err := w.d.property(w.id, name); err == nil {
			return string(p.Value)
		}
	}
	return ""
}

// Visible tells whether the window is on the screen.
func (w *Window) Visible() bool {
	a, err := xproto.GetWindowAttributes(w.d.x, w.id).Reply()
	return err == nil && a.MapState == xproto.MapStateViewable
}

// Focused tells whether the window has the keyboard.
func (w *Window) Focused() bool {
	f := w.d.FocusedWindow()
	return f != nil && f.id == w.id
}

// Bounds is where on the screen the window's content is, without its frame.
func (w *Window) Bounds() image.Rectangle {
	r, err := w.d.bounds(w.id)
	if err != nil {
		w.d.tb.Fatalf("desktoptest: %v: %v", w, err)
	}
	return r
}

// Click presses and releases the left button at a point inside the window.
func (w *Window) Click(x, y int) {
	w.d.tb.Helper()
	at := w.Bounds().Min.Add(image.Pt(x, y))
	w.d.ClickAt(at.X, at.Y, 1)
}

// Focus gives the window the keyboard, as the window list of a desktop does.
func (w *Window) Focus() {
	w.d.tb.Helper()
	w.d.input("windowactivate", strconv.Itoa(int(w.id)))
	w.d.Wait(w.String()+" to have the focus", w.Focused)
}

// Resize asks for another size, as a person who drags the frame does, and waits
// until the window has some other one; the program may want more than asked for.
func (w *Window) Resize(width, height int) {
	w.d.tb.Helper()
	before := w.Bounds().Size()
	w.d.input("windowsize", strconv.Itoa(int(w.id)), strconv.Itoa(width), strconv.Itoa(height))
	w.d.Wait(w.String()+" to have another size", func() bool { return w.Bounds().Size() != before })
}

// Close asks the program to close the window, as its close button does. It does
// not wait: the program may want to ask first.
func (w *Window) Close() {
	w.d.tb.Helper()
	ev := xproto.ClientMessageEvent{
		Format: 32, Window: w.id, Type: w.d.atom("_NET_CLOSE_WINDOW"),
		Data: xproto.ClientMessageDataUnionData32New([]uint32{0, 2, 0, 0, 0}),
	}
	mask := uint32(xproto.EventMaskSubstructureNotify | xproto.EventMaskSubstructureRedirect)
	if err := xproto.SendEventChecked(w.d.x, false, w.d.root, mask, string(ev.Bytes())).Check(); err != nil {
		w.d.tb.Fatalf("desktoptest: closing %v: %v", w, err)
	}
}

// WaitGone waits until the window is no longer on the screen.
func (w *Window) WaitGone() {
	w.d.tb.Helper()
	w.d.Wait(w.String()+" to go", func() bool { return !w.Visible() })
}

// isDock tells a panel from an application's window.
func (w *Window) isDock() bool {
	dock := w.d.atom("_NET_WM_WINDOW_TYPE_DOCK")
	for _, a := range w.d.windowProperty(w.id, "_NET_WM_WINDOW_TYPE") {
		if xproto.Atom(a) == dock {
			return true
		}
	}
	return false
}

// popups returns the places of visible windows that the window manager does not
// manage (menus, tool tips, notifications), the topmost last.
func (d *Desktop) popups() map[xproto.Window]image.Rectangle {
	found := map[xproto.Window]image.Rectangle{}
	tree, err := xproto.QueryTree(d.x, d.root).Reply()
	if err != nil {
		return found
	}
	for _, id := range tree.Children {
		a, err := xproto.GetWindowAttributes(d.x, id).Reply()
		if err != nil || !a.OverrideRedirect || a.MapState != xproto.MapStateViewable || a.Class == xproto.WindowClassInputOnly {
			continue
		}
		if r, err := d.bounds(id); err == nil && r.Overlaps(d.desktopBounds()) {
			found[id] = r
		}
	}
	return found
}

func (d *Desktop) desktopBounds() image.Rectangle {
	s := xproto.Setup(d.x).DefaultScreen(d.x)
	return image.Rect(0, 0, int(s.WidthInPixels), int(s.HeightInPixels))
}

// bounds is a window's place on the screen.
func (d *Desktop) bounds(id xproto.Window) (image.Rectangle, error) {
	g, err := xproto.GetGeometry(d.x, xproto.Drawable(id)).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	t, err := xproto.TranslateCoordinates(d.x, id, d.root, 0, 0).Reply()
	if err != nil {
		return image.Rectangle{}, err
	}
	min := image.Pt(int(t.DstX), int(t.DstY))
	return image.Rectangle{min, min.Add(image.Pt(int(g.Width), int(g.Height)))}, nil
}

// windowWithClass finds a mapped window below parent by its class.
func (d *Desktop) windowWithClass(parent xproto.Window, class string) (xproto.Window, bool) {
	tree, err := xproto.QueryTree(d.x, parent).Reply()
	if err != nil {
		return 0, false
	}
	for _, id := range tree.Children {
		if p, err := d.property(id, "WM_CLASS"); err == nil {
			a, err := xproto.GetWindowAttributes(d.x, id).Reply()
			if err == nil && a.MapState == xproto.MapStateViewable && strings.HasSuffix(string(p.Value), "\x00"+class+"\x00") {
				return id, true
			}
		}
		if found, ok := d.windowWithClass(id, class); ok {
			return found, true
		}
	}
	return 0, false
}

// atom returns the number of a name that X knows, making it if need be.
func (d *Desktop) atom(name string) xproto.Atom {
	if a, ok := d.atoms[name]; ok {
		return a
	}
	reply, err := xproto.InternAtom(d.x, false, uint16(len(name)), name).Reply()
	if err != nil {
		d.tb.Fatalf("desktoptest: atom %s: %v", name, err)
	}
	d.atoms[name] = reply.Atom
	return reply.Atom
}

// property reads a window's property; one that is absent or empty is an error.
func (d *Desktop) property(w xproto.Window, name string) (*xproto.GetPropertyReply, error) {
	reply, err := xproto.GetProperty(d.x, false, w, d.atom(name), xproto.GetPropertyTypeAny, 0, 4096).Reply()
	if err != nil {
		return nil, err
	}
	if len(reply.Value) == 0 {
		return nil, fmt.Errorf("window %#x has no %s", uint32(w), name)
	}
	return reply, nil
}

// has tells whether a window has a property, be it an empty one.
func (d *Desktop) has(w xproto.Window, name string) bool {
	reply, err := xproto.GetProperty(d.x, false, w, d.atom(name), xproto.GetPropertyTypeAny, 0, 0).Reply()
	return err == nil && reply.Type != xproto.AtomNone
}

// windowProperty reads a property that is a list of 32-bit ids.
func (d *Desktop) windowProperty(w xproto.Window, name string) []xproto.Window {
	p, err := d.property(w, name)
	if err != nil || p.Format != 32 {
		return nil
	}
	var ids []xproto.Window
	for b := p.Value; len(b) >= 4; b = b[4:] {
		ids = append(ids, xproto.Window(binary.LittleEndian.Uint32(b)))
	}
	return ids
}
