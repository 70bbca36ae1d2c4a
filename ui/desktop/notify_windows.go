//go:build windows

package desktop

import (
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
	"github.com/go-ole/go-ole"
)

// NewNotifier returns the Notifier of this system. Toasts cannot be replaced in
// place here, so that Minor Notes are left out.
func NewNotifier(o Options) (Notifier, error) {
	t := &toaster{notes: toasts.add(o), log: o.log(), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	go t.run()
	return t, nil
}

type toaster struct {
	notes *toastNotes
	log   *slog.Logger
	ended chan struct{}
	wake  chan struct{} // capacity 1: something changed below
	began bool          // run's: the Windows Runtime was set up for its thread

	mu     sync.Mutex // guards what follows
	next   *Note
	closed bool
}

func (t *toaster) Show(n Note) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	if !t.notes.note(n) || n.Minor || n.Gone {
		return nil
	}
	t.next = &n
	t.poke()
	return nil
}

func (t *toaster) Close() error {
	t.mu.Lock()
	t.closed = true
	t.poke()
	t.mu.Unlock()
	t.notes.close()
	<-t.ended
	return nil
}

func (t *toaster) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *toaster) run() {
	defer close(t.ended)
	// The Windows Runtime is set up for a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := toastsAsInstalled(func() error {
		return wintoast.SetAppData(wintoast.AppData{AppID: userModelID, GUID: toastClass})
	}); err != nil {
		t.log.Debug("desktop: toasts", "err", err)
	}
	hearToasts()
	defer t.leave()
	for range t.wake {
		t.mu.Lock()
		n, closed := t.next, t.closed
		t.next = nil
		t.mu.Unlock()
		if closed {
			return
		}
		if n == nil {
			continue
		}
		// Push's other method, PowerShell, is not used: it puts the text into a
		// script, where a caller's name could become a command.
		if toastsBegun.CompareAndSwap(false, true) {
			t.began = true
		}
		if err := wintoast.Push(t.notes.xml(*n)); err != nil {
			t.log.Debug("desktop: toasts are out of reach", "err", err)
		}
	}
}

// hearToasts has the one callback of the library serve all Notifiers.
var hearToasts = sync.OnceFunc(func() {
	wintoast.SetActivationCallback(func(_, args string, _ []wintoast.UserData) { toasts.activated(args) })
})

// toastsBegun: the first Push sets the Windows Runtime up, for the thread that it
// is called on.
var toastsBegun atomic.Bool

// leave gives the Windows Runtime back where it was set up for this thread. It
// is not left to the end of the process: what is registered with it is Go, which
// the system then must not call any more. (Wine does, and the program crashes.)
func (t *toaster) leave() {
	if t.began {
		ole.CoUninitialize()
	}
}
