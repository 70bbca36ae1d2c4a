//go:build linux

package desktop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"cornetta/ui/desktoptest"
)

func readPrimary(ctx context.Context) (string, error) { return ReadSelection(ctx, false) }

// x11Desktop is a desktop that the code under test takes for its own.
func x11Desktop(t *testing.T) *desktoptest.Desktop {
	t.Helper()
	d := desktoptest.Start(t, desktoptest.WithoutTrayHost(), desktoptest.WithoutKeyring(), desktoptest.WithoutNotifications())
	t.Setenv("DISPLAY", d.Display())
	t.Setenv("WAYLAND_DISPLAY", "")
	return d
}

// readers are both reads and the selection each is for.
var readers = []struct {
	selection string
	read      func(context.Context) (string, error)
	put       func(d *desktoptest.Desktop, text string, args ...string)
}{
	{"CLIPBOARD", ReadClipboard, (*desktoptest.Desktop).Copy},
	{"PRIMARY", readPrimary, (*desktoptest.Desktop).Select},
}

func TestClipboardX11(t *testing.T) {
	d := x11Desktop(t)
	for _, r := range readers {
		if text, err := r.read(t.Context()); !errors.Is(err, ErrClipboardEmpty) {
			t.Errorf("%s, that nobody owns: %q, %v", r.selection, text, err)
		}
	}
	long := strings.Repeat("0123456789abcdef", clipboardMax/16)
	for _, tc := range []struct {
		name string
		text string
		args []string
		want string
		err  error
	}{
		{"a number", "050 1234567", nil, "050 1234567", nil},
		{"a number and a line end", "050 1234567\r\n", nil, "050 1234567\r\n", nil},
		{"UTF-8", "Tél. ٠٥٠", nil, "Tél. ٠٥٠", nil},
		{"what is not UTF-8", "050\xff\x00\xc3", nil, "050\xff\x00\xc3", nil},
		{"Latin-1", "050\xa0123", []string{"-noutf8"}, "050\u00a0123", nil},
		{"UTF-8 that is called Latin-1", "050\u00a0123", []string{"-noutf8"}, "050\u00a0123", nil},
		{"nothing", "", nil, "", ErrClipboardEmpty},
		{"a picture", "\x89PNG", []string{"-t", "image/png"}, "", ErrClipboardEmpty},
		{"as much as may be", long, nil, long, nil},
		{"a byte more", long + "x", nil, "", ErrClipboardTooLarge},
		{"a book", strings.Repeat(long, 512), nil, "", ErrClipboardTooLarge},
		{"a number again", "050 7654321", nil, "050 7654321", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, r := range readers {
				r.put(d, tc.text, tc.args...)
				start := time.Now()
				text, err := r.read(t.Context())
				if text != tc.want || !errors.Is(err, tc.err) {
					t.Errorf("%s: %.80q, %v", r.selection, text, err)
				}
				t.Logf("%s in %v", r.selection, time.Since(start))
			}
		})
	}
}

// odd is an owner of the clipboard that does as it is told.
type odd struct {
	conn   *xgb.Conn
	window xproto.Window
	ended  chan struct{}
}

// startOdd takes the clipboard and answers requests for the text with answer;
// without one it is hung.
func startOdd(t *testing.T, answer func(o *odd, ev xproto.SelectionRequestEvent)) *odd {
	t.Helper()
	conn, err := xgb.NewConnDisplay(os.Getenv("DISPLAY"))
	if err != nil {
		t.Fatal(err)
	}
	o := &odd{conn: conn, ended: make(chan struct{})}
	o.window, _ = xproto.NewWindowId(conn)
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	if err := xproto.CreateWindowChecked(conn, 0, o.window, root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	if err := xproto.SetSelectionOwnerChecked(conn, o.window, o.atom("CLIPBOARD"), xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		<-o.ended
	})
	go func() {
		defer close(o.ended)
		for {
			ev, err := conn.WaitForEvent()
			if ev == nil && err == nil {
				return
			}
			if ask, ok := ev.(xproto.SelectionRequestEvent); ok && answer != nil {
				if ask.Target == o.atom("TARGETS") {
					o.notify(ask, xproto.AtomNone)
				} else {
					answer(o, ask)
				}
			}
		}
	}()
	return o
}

func (o *odd) atom(name string) xproto.Atom {
	reply, err := xproto.InternAtom(o.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0
	}
	return reply.Atom
}

func (o *odd) notify(ask xproto.SelectionRequestEvent, property xproto.Atom) {
	xproto.SendEvent(o.conn, false, ask.Requestor, 0, string(xproto.SelectionNotifyEvent{
		Time: ask.Time, Requestor: ask.Requestor, Selection: ask.Selection, Target: ask.Target, Property: property,
	}.Bytes()))
}

func (o *odd) put(ask xproto.SelectionRequestEvent, kind xproto.Atom, data []byte) {
	xproto.ChangeProperty(o.conn, xproto.PropModeReplace, ask.Requestor, ask.Property, kind, 8, uint32(len(data)), data)
}

// incr announces a transfer in pieces.
func (o *odd) incr(ask xproto.SelectionRequestEvent) {
	xproto.ChangeProperty(o.conn, xproto.PropModeReplace, ask.Requestor, ask.Property, o.atom("INCR"), 32, 1, []byte{1, 0, 0, 0})
	o.notify(ask, ask.Property)
}

// Whatever the owner of the clipboard does, the answer comes in time.
func TestClipboardOddOwners(t *testing.T) {
	d := x11Desktop(t)
	for _, tc := range []struct {
		name   string
		answer func(o *odd, ask xproto.SelectionRequestEvent)
		want   string
		err    error
	}{
		{"hung", nil, "", ErrClipboardTimeout},
		{"refuses everything", func(o *odd, ask xproto.SelectionRequestEvent) { o.notify(ask, xproto.AtomNone) }, "", ErrClipboardEmpty},
		{"knows only STRING and tells no targets", func(o *odd, ask xproto.SelectionRequestEvent) {
			if ask.Target != xproto.AtomString {
				o.notify(ask, xproto.AtomNone)
				return
			}
			o.put(ask, xproto.AtomString, []byte("050 1234567"))
			o.notify(ask, ask.Property)
		}, "050 1234567", nil},
		{"answers with no property", func(o *odd, ask xproto.SelectionRequestEvent) { o.notify(ask, ask.Property) }, "", ErrClipboardEmpty},
		{"hangs in the middle of the pieces", func(o *odd, ask xproto.SelectionRequestEvent) { o.incr(ask) }, "", ErrClipboardTimeout},
		{"small pieces", func(o *odd, ask xproto.SelectionRequestEvent) {
			o.pieces(t, ask, []string{"050 ", "12345", "67", ""})
		}, "050 1234567", nil},
		{"pieces without end", func(o *odd, ask xproto.SelectionRequestEvent) {
			pieces := make([]string, 100)
			for i := range pieces {
				pieces[i] = strings.Repeat("1", 1000)
			}
			o.pieces(t, ask, pieces)
		}, "", ErrClipboardTooLarge},
		{"answers twice, and for others", func(o *odd, ask xproto.SelectionRequestEvent) {
			o.put(ask, o.atom("UTF8_STRING"), []byte("050 1234567"))
			other := ask
			other.Selection = xproto.AtomPrimary
			o.notify(other, ask.Property)
			o.notify(ask, ask.Property)
			o.notify(ask, ask.Property)
		}, "050 1234567", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			startOdd(t, tc.answer)
			start := time.Now()
			text, err := ReadClipboard(t.Context())
			if text != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%.80q, %v", text, err)
			}
			if took := time.Since(start); took > clipboardTime+250*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
	d.Copy("050 7654321")
	if text, err := ReadClipboard(t.Context()); text != "050 7654321" {
		t.Errorf("afterwards: %q, %v", text, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	startOdd(t, nil)
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := ReadClipboard(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up by the caller: %v", err)
	}
}

// pieces hands the text over as the conventions want it: the next one when the
// one before was taken away.
func (o *odd) pieces(t *testing.T, ask xproto.SelectionRequestEvent, pieces []string) {
	xproto.ChangeWindowAttributes(o.conn, ask.Requestor, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
	o.incr(ask)
	for len(pieces) > 0 {
		ev, err := o.conn.WaitForEvent()
		if err != nil || ev == nil {
			return // who asked has gone, as it may
		}
		if p, ok := ev.(xproto.PropertyNotifyEvent); ok && p.State == xproto.PropertyDelete {
			o.put(ask, o.atom("UTF8_STRING"), []byte(pieces[0]))
			pieces = pieces[1:]
		}
	}
}

func TestNoClipboard(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if _, err := ReadClipboard(t.Context()); !errors.Is(err, ErrNoClipboard) {
		t.Errorf("without a desktop: %v", err)
	}
	t.Setenv("DISPLAY", ":9999")
	if _, err := ReadClipboard(t.Context()); !errors.Is(err, ErrNoClipboard) {
		t.Errorf("no such display: %v", err)
	}
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	t.Setenv("PATH", t.TempDir())
	if _, err := readPrimary(t.Context()); !errors.Is(err, ErrNoClipboard) || !strings.Contains(err.Error(), "wl-clipboard") {
		t.Errorf("without wl-paste: %v", err)
	}
}

// wl-paste stands for any program here: what it prints and how it ends.
func TestWaylandCommand(t *testing.T) {
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	dir := t.TempDir()
	path := os.Getenv("PATH")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+path)
	for _, tc := range []struct {
		name, script, want string
		err                error
	}{
		{"text", `printf '050 1234567'`, "050 1234567", nil},
		{"nothing", `echo 'Nothing is copied' >&2; exit 1`, "", ErrClipboardEmpty},
		{"a picture", `echo 'No suitable type of content copied' >&2; exit 1`, "", ErrClipboardEmpty},
		{"no compositor", `echo 'Failed to connect to a Wayland server' >&2; exit 1`, "", ErrNoClipboard},
		{"hangs", `sleep 60`, "", ErrClipboardTimeout},
		{"prints for ever", `yes`, "", ErrClipboardTooLarge},
		{"leaves another to print", `sleep 60 & printf 050; exec sleep 60`, "", ErrClipboardTimeout},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "wl-paste"), []byte("#!/bin/sh\n"+tc.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			text, err := ReadClipboard(t.Context())
			if text != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%.80q, %v", text, err)
			}
			if took := time.Since(start); took > clipboardTime+250*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
}
