//go:build windows

package desktop

import (
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/go-ole/go-ole"
)

// TestToastChosen: what Windows calls when a button of a notification is chosen is there under
// our class, and hangs up the call whose notification it was, and no other. Wine shows no
// notification; the class is Windows' own way back.
func TestToastChosen(t *testing.T) {
	t.Cleanup(func() { _, _ = Unregister() }) // of what showing one has put into the registry
	hungUp := make(chan string, 2)
	n, err := NewNotifier(Options{OnHangUp: func(key string) { hungUp <- key }})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Show(Note{Key: "call-1", Title: "Your phone rings", HangUp: true}); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := ole.CoInitializeEx(0, ole.COINIT_MULTITHREADED); err != nil {
		t.Fatal(err)
	}
	defer ole.CoUninitialize()
	iid := ole.NewGUID("{53E31837-6600-4A81-9395-75CFFE746F94}") // INotificationActivationCallback
	var class *ole.IUnknown
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if class, err = ole.CreateInstance(ole.NewGUID(toastClass), iid); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("nobody has the class: %v", err)
		}
	}
	activate := (*[4]uintptr)(unsafe.Pointer(class.RawVTable))[3]
	id := toasts.last
	for _, args := range []string{
		"", strconv.Itoa(id) + ":hangup:call-2", strconv.Itoa(id+1) + ":hangup:call-1", strconv.Itoa(id) + ":hangup:call-1",
	} {
		app, text := utf16Pointer(userModelID), utf16Pointer(args)
		if r, _, _ := syscall.SyscallN(activate, uintptr(unsafe.Pointer(class)), uintptr(unsafe.Pointer(app)), uintptr(unsafe.Pointer(text)), 0, 0); r != 0 {
			t.Errorf("%q: %#x", args, r)
		}
	}
	if got := <-hungUp; got != "call-1" || len(hungUp) > 0 {
		t.Errorf("hung up %q, and %d more", got, len(hungUp))
	}
}
