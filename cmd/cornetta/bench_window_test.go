//go:build linux

package main

import (
	"bytes"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"cornetta/ui/desktoptest"
)

// BenchmarkWindow measures from a click on the icon, as the panel passes it on,
// until the dial window can be used: it has the focus and something is drawn in
// it. Cold is with cornetta-ui to be started, warm is with one that has shown a
// window before. It is compared, in turns, with a program that shows a Fyne
// window and nothing else, from its start.
func BenchmarkWindow(b *testing.B) {
	pbx := startPBX(b)
	s := benchSeat(b, pbx.Addr())
	see := eyes(b, s.Display())
	agent := s.start(filepath.Join(programs, "cornetta"))
	defer agent.end()
	item := s.tray("Ready")
	took := map[string]durations{}
	other := bare(b, "barewindow", "1")
	measure := func(name, title string, open func()) {
		began := time.Now()
		open()
		took[name] = append(took[name], see(title).Sub(began))
	}
	click := func() {
		err := s.Bus().Object(item.Service, item.Path).Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err
		if err != nil {
			b.Fatal(err)
		}
	}
	shut := func() {
		s.Wait("the window to close", func() bool {
			s.Key("Escape") // again, should it have come before the window listened
			return s.FindWindow("^Cornetta$") == nil
		})
	}
	ui := filepath.Join(programs, "cornetta-ui")
	for range *benchTimes/2 + 1 {
		var r *child
		measure("bare", "Bare", func() { r = s.start(other) })
		r.end()
		s.Wait("the bare window to go", func() bool { return s.FindWindow("^Bare$") == nil })

		measure("cold", "Cornetta", click)
		shut()
		measure("warm", "Cornetta", click)
		shut()
		time.Sleep(2 * time.Second) // one that dies sooner is started again, with its window
		kill(b, ui)
		s.Wait("the windows to be gone", func() bool { return !runs(ui) })
	}
	for name, d := range took {
		took[name] = d[1:]
		took[name].report(b, name)
	}
	b.ReportMetric(float64(took["cold"].median())/float64(took["bare"].median()), "cold-x-bare")
}

// eyes returns a function that waits until the window with a title can be used,
// and says when that was. It looks every two milliseconds.
func eyes(b *testing.B, display string) func(title string) time.Time {
	b.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(x.Close)
	root := xproto.Setup(x).DefaultScreen(x).Root
	atom := func(name string) xproto.Atom {
		reply, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			b.Fatal(err)
		}
		return reply.Atom
	}
	active, name := atom("_NET_ACTIVE_WINDOW"), atom("_NET_WM_NAME")
	property := func(w xproto.Window, a xproto.Atom) []byte {
		reply, err := xproto.GetProperty(x, false, w, a, xproto.GetPropertyTypeAny, 0, 64).Reply()
		if err != nil {
			return nil
		}
		return reply.Value
	}
	usable := func(title string) bool {
		v := property(root, active)
		if len(v) < 4 {
			return false
		}
		w := xproto.Window(xgb.Get32(v))
		if string(property(w, name)) != title {
			return false
		}
		size, err := xproto.GetGeometry(x, xproto.Drawable(w)).Reply()
		if err != nil {
			return false
		}
		picture, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, xproto.Drawable(w), 0, 0, size.Width, min(size.Height, 120), ^uint32(0)).Reply()
		return err == nil && !bytes.Equal(picture.Data[4:], picture.Data[:len(picture.Data)-4])
	}
	return func(title string) time.Time {
		late := time.Now().Add(desktoptest.Patience)
		for !usable(title) {
			if time.Now().After(late) {
				b.Fatalf("no window %s in %v", strconv.Quote(title), desktoptest.Patience)
			}
			time.Sleep(2 * time.Millisecond)
		}
		return time.Now()
	}
}
