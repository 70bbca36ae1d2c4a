//go:build windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	modAlt      = 0x1
	modControl  = 0x2
	modShift    = 0x4
	modWin      = 0x8
	modNoRepeat = 0x4000

	wmQuit   = 0x0012
	wmHotkey = 0x0312
	wmApp    = 0x8000 // ours: there is a request

	errorHotkeyAlreadyRegistered = windows.Errno(1409)
)

var (
	user32            = windows.NewLazySystemDLL("user32.dll")
	registerHotKey    = user32.NewProc("RegisterHotKey")
	unregisterHotKey  = user32.NewProc("UnregisterHotKey")
	getMessage        = user32.NewProc("GetMessageW")
	peekMessage       = user32.NewProc("PeekMessageW")
	postThreadMessage = user32.NewProc("PostThreadMessageW")
)

// message is Windows' MSG.
type message struct {
	window  uintptr
	message uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	x, y    int32
	private uint32
}

// winKeys listens by RegisterHotKey. A combination belongs to the thread that
// registered it and comes as a message to that thread, so that there is one for
// nothing else.
type winKeys struct {
	thread uint32
	evs    chan any // names
	binds  chan winBind
	done   chan struct{} // closed by close
}

type winBind struct {
	wanted map[string]Combination
	answer chan map[string]error
}

func canTry() bool { return true }

func openHotkeys(context.Context, HotkeyOptions) (backend, error) {
	w := &winKeys{evs: make(chan any), binds: make(chan winBind, 1), done: make(chan struct{})}
	started := make(chan uint32)
	go w.loop(started)
	w.thread = <-started
	return w, nil
}

func (w *winKeys) loop(started chan<- uint32) {
	runtime.LockOSThread() // and never unlocked: the thread ends with this function
	defer close(w.evs)
	var m message
	peekMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0, 0) // makes the thread's queue
	started <- windows.GetCurrentThreadId()
	var names []string // by id
	defer func() { release(names) }()
	for {
		r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0)
		if int32(r) <= 0 { // WM_QUIT, or an error that will not go away
			return
		}
		switch m.message {
		case wmApp:
			select {
			case b := <-w.binds:
				release(names)
				var wrong map[string]error
				names, wrong = grab(b.wanted)
				b.answer <- wrong
			default:
			}
		case wmHotkey:
			if id := int(m.wParam); id < len(names) && names[id] != "" {
				select {
				case w.evs <- names[id]:
				case <-w.done:
				}
			}
		}
	}
}

func grab(wanted map[string]Combination) (names []string, wrong map[string]error) {
	wrong = map[string]error{}
	names = slices.Sorted(maps.Keys(wanted))
	for id, name := range names {
		c := wanted[name]
		mods := uintptr(modNoRepeat)
		for _, m := range []struct {
			held bool
			mask uintptr
		}{{c.Ctrl, modControl}, {c.Alt, modAlt}, {c.Shift, modShift}, {c.Super, modWin}} {
			if m.held {
				mods |= m.mask
			}
		}
		ok, _, err := registerHotKey.Call(0, uintptr(id), mods, uintptr(keys[c.Key].vk))
		switch {
		case ok != 0:
			continue
		case errors.Is(err, errorHotkeyAlreadyRegistered):
			wrong[name] = ErrHotkeyTaken
		default:
			wrong[name] = fmt.Errorf("desktop: RegisterHotKey: %w", err)
		}
		names[id] = ""
	}
	return names, wrong
}

func release(names []string) {
	for id, name := range names {
		if name != "" {
			unregisterHotKey.Call(0, uintptr(id))
		}
	}
}

func (w *winKeys) events() <-chan any { return w.evs }

func (w *winKeys) bind(ctx context.Context, wanted map[string]Combination) map[string]error {
	b := winBind{maps.Clone(wanted), make(chan map[string]error, 1)}
	w.binds <- b // it has room: the one before was answered
	postThreadMessage.Call(uintptr(w.thread), wmApp, 0, 0)
	for {
		select {
		case wrong := <-b.answer:
			return wrong
		case _, ok := <-w.evs: // pressed while the keys were changing
			if !ok {
				return all(wanted, ErrHotkeysLost)
			}
		case <-ctx.Done():
			return all(wanted, context.Cause(ctx))
		}
	}
}

func (w *winKeys) take(_ context.Context, event any) (pressed string, wrong map[string]error, changed bool) {
	return event.(string), nil, false
}

func (w *winKeys) close() {
	close(w.done)
	postThreadMessage.Call(uintptr(w.thread), wmQuit, 0, 0)
	for range w.evs { // closed by the thread's end
	}
}
