//go:build windows

package desktop

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	setFocus         = user32.NewProc("SetFocus")
	translateMessage = user32.NewProc("TranslateMessage")
	dispatchMessage  = user32.NewProc("DispatchMessageW")
)

// editor is a program's window with a text in it, in front of all others.
type editor struct{ window uintptr }

// newEditor opens one, and closes it with the test. Its thread does what a
// program's does.
func newEditor(t *testing.T, text string) *editor {
	t.Helper()
	e := &editor{}
	opened, done := make(chan error), make(chan struct{})
	var thread uint32
	go func() {
		defer close(done)
		runtime.LockOSThread() // the window is this thread's, which ends with it
		const visible = 0x10000000
		const overlapped = 0x00CF0000
		class, what := utf16("EDIT"), utf16(text)
		var err error
		e.window, _, err = createWindowEx.Call(0, uintptr(unsafe.Pointer(&class[0])), uintptr(unsafe.Pointer(&what[0])),
			visible|overlapped, 0, 0, 300, 100, 0, 0, 0, 0)
		thread = windows.GetCurrentThreadId()
		if e.window == 0 {
			opened <- err
			return
		}
		defer destroyWindow.Call(e.window)
		setForegroundWindow.Call(e.window)
		setFocus.Call(e.window)
		opened <- nil
		var m message
		for {
			if r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(r) <= 0 {
				return
			}
			translateMessage.Call(uintptr(unsafe.Pointer(&m)))
			dispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
		}
	}()
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		postThreadMessage.Call(uintptr(thread), wmQuit, 0, 0)
		<-done
	})
	eventually(t, "the window to be in front", func() bool {
		front, _, _ := user32.NewProc("GetForegroundWindow").Call()
		return front == e.window
	})
	return e
}

// highlight highlights the characters from and up to to.
func (e *editor) highlight(from, to uintptr) {
	const emSetSel = 0x00B1
	sendMessage.Call(e.window, emSetSel, from, to)
}

// copied is the text on the clipboard, and how many formats there are.
func copied(t *testing.T) ([]uint16, int) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, text, err := keepText(t.Context())
	if err != nil && !errors.Is(err, ErrClipboardTaken) {
		t.Fatal(err)
	}
	n, _, _ := countClipboardFormats.Call()
	return text, int(n)
}

// What is highlighted is read, and what was copied before is there again.
func TestHighlightedTextOfWindows(t *testing.T) {
	e := newEditor(t, "call 050 1234567 today")
	for _, tc := range []struct {
		name     string
		before   []uint16
		from, to uintptr
		want     string
		err      error
	}{
		{"with a text copied before", utf16("☎ before"), 5, 16, "050 1234567", nil},
		{"with nothing copied before", nil, 5, 16, "050 1234567", nil},
		{"the same as before", utf16("050 1234567"), 5, 16, "050 1234567", nil},
		{"nothing highlighted", utf16("before"), 0, 0, "", ErrClipboardEmpty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			copyUnits(t, tc.before)
			e.highlight(tc.from, tc.to)
			start := time.Now()
			got, err := ReadSelection(t.Context(), true)
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%q, %v", got, err)
			}
			t.Logf("in %v", time.Since(start))
			if now, n := copied(t); !slices.Equal(now, tc.before) || (n == 0) != (tc.before == nil) {
				t.Errorf("on the clipboard are now %v, in %d formats", now, n)
			}
			if held() {
				t.Error("a key is held down")
			}
		})
	}
}

// Where it may not copy, or would lose what was copied, nothing is touched.
func TestHighlightedTextIsLeftAlone(t *testing.T) {
	e := newEditor(t, "050 1234567")
	e.highlight(0, 11)
	const dib = 8 // CF_DIB, a picture
	copyAs(t, dib, make([]uint16, 40))
	before := sequence()
	if got, err := ReadSelection(t.Context(), true); !errors.Is(err, ErrClipboardTaken) {
		t.Errorf("a picture: %q, %v", got, err)
	}
	copyUnits(t, utf16("before"))
	if before == sequence() {
		t.Fatal("the number does not change")
	}
	before = sequence()
	if got, err := ReadSelection(t.Context(), false); !errors.Is(err, ErrMayNotCopy) {
		t.Errorf("not allowed: %q, %v", got, err)
	}
	if before != sequence() {
		t.Error("something was copied although it may not")
	}
	// Wine lets go of a key that no keyboard holds down whenever it hears from the
	// screen, for instance late that the window came to the front: then that attempt
	// shows nothing.
	for range 10 {
		before = sequence()
		press(t, vkControl, 0)
		got, err := ReadSelection(t.Context(), true)
		if !held() {
			continue
		}
		press(t, vkControl, keyUp)
		if !errors.Is(err, ErrKeysHeld) {
			t.Errorf("with Ctrl held: %q, %v", got, err)
		}
		if before != sequence() {
			t.Error("something was copied")
		}
		return
	}
	t.Fatal("no key stays down")
}

// A person who has not let go yet is waited for.
func TestHighlightedTextOnceTheKeysAreUp(t *testing.T) {
	e := newEditor(t, "050 1234567")
	e.highlight(0, 11)
	copyUnits(t, utf16("before"))
	press(t, vkControl, 0)
	time.AfterFunc(100*time.Millisecond, func() { strike(vkControl, keyUp) })
	if got, err := ReadSelection(t.Context(), true); got != "050 1234567" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// strike presses a key, or lets go of it.
func strike(vk uint16, flags uint32) {
	var in keyInput
	in.kind, in.key.vk, in.key.flags = inputKey, vk, flags
	sendInput.Call(1, uintptr(unsafe.Pointer(&in)), unsafe.Sizeof(in))
}

// press is strike until it is known: as a keyboard does, which repeats.
func press(t *testing.T, vk uint16, flags uint32) {
	t.Helper()
	eventually(t, "the key", func() bool {
		strike(vk, flags)
		return held() == (flags == 0)
	})
}
