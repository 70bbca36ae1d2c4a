//go:build windows

package desktop

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The parts of the time that a read of what is highlighted may take; the rest is
// for reading before and after.
const (
	selectionTime   = 3 * time.Second
	keysHeldTime    = time.Second            // until the person lets go of the keys
	copyingTime     = 500 * time.Millisecond // until the program in front has copied
	copyingStep     = 10 * time.Millisecond
	copiesSelection = true
)

var (
	sendInput        = user32.NewProc("SendInput")
	getAsyncKeyState = user32.NewProc("GetAsyncKeyState")
	createWindowEx   = user32.NewProc("CreateWindowExW")
	destroyWindow    = user32.NewProc("DestroyWindow")

	getClipboardSequenceNumber = user32.NewProc("GetClipboardSequenceNumber")
	countClipboardFormats      = user32.NewProc("CountClipboardFormats")
	emptyClipboard             = user32.NewProc("EmptyClipboard")
	getClipboardData           = user32.NewProc("GetClipboardData")
	setClipboardData           = user32.NewProc("SetClipboardData")

	kernel32     = windows.NewLazySystemDLL("kernel32.dll")
	globalAlloc  = kernel32.NewProc("GlobalAlloc")
	globalFree   = kernel32.NewProc("GlobalFree")
	globalSize   = kernel32.NewProc("GlobalSize")
	globalLock   = kernel32.NewProc("GlobalLock")
	globalUnlock = kernel32.NewProc("GlobalUnlock")
)

const (
	unicodeText  = 13 // CF_UNICODETEXT
	globalMove   = 2  // GMEM_MOVEABLE
	inputKey     = 1  // INPUT_KEYBOARD
	keyExtended  = 1  // KEYEVENTF_EXTENDEDKEY
	keyUp        = 2  // KEYEVENTF_KEYUP
	vkControl    = 0x11
	vkInsert     = 0x2D
	scanControl  = 0x1D
	scanInsert   = 0x52
	keyIsDown    = 0x8000
	onlyMessages = ^uintptr(2) // HWND_MESSAGE, -3
)

// modifierKeys are Shift, Ctrl, Alt and both keys of Windows.
var modifierKeys = []uintptr{0x10, vkControl, 0x12, 0x5B, 0x5C}

// readSelection has the program in front copy what is highlighted, by Ctrl+Insert:
// Ctrl+C would end what runs in a console. It sends nothing where the clipboard
// holds what could not be put back, and puts the text back even when ctx has ended.
// A program that copies later than copyingTime is too late: what it copies stays.
func readSelection(ctx context.Context, mayCopy bool) ([]byte, error) {
	if !mayCopy {
		return nil, ErrMayNotCopy
	}
	select {
	case clipboardTurn <- struct{}{}:
		defer func() { <-clipboardTurn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if err := awaitKeysUp(ctx); err != nil {
		return nil, err
	}
	// Who has the clipboard open, and whose window is whose, go by the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, old, err := keepText(ctx)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil { // nobody waits for it any more: press no keys
		return nil, context.Cause(ctx)
	}
	if err := pressCopy(); err != nil {
		return nil, err
	}
	text, err := awaitCopied(ctx, before)
	if sequence() != before {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clipboardTime)
		defer cancel()
		if back := putText(ctx, old); back != nil && err == nil {
			err = back
		}
	}
	return text, err
}

func awaitKeysUp(ctx context.Context) error {
	for end := time.Now().Add(keysHeldTime); held(); {
		if time.Now().After(end) {
			return ErrKeysHeld
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

func held() bool {
	for _, key := range modifierKeys {
		if state, _, _ := getAsyncKeyState.Call(key); state&keyIsDown != 0 {
			return true
		}
	}
	return false
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(copyingStep):
		return nil
	}
}

func sequence() uint32 {
	n, _, _ := getClipboardSequenceNumber.Call()
	return uint32(n)
}

// keepText returns the text on the clipboard as it is there, nil where nothing is,
// and the number that changes with whatever is copied.
func keepText(ctx context.Context) (number uint32, old []uint16, err error) {
	if err := takeClipboard(ctx, 0); err != nil {
		return 0, nil, err
	}
	defer closeClipboard.Call()
	number = sequence()
	if n, _, _ := countClipboardFormats.Call(); n == 0 {
		return number, nil, nil
	}
	data, _, _ := getClipboardData.Call(unicodeText)
	if data == 0 {
		return 0, nil, ErrClipboardTaken
	}
	size, _, _ := globalSize.Call(data)
	at, _, err := globalLock.Call(data)
	if at == 0 {
		return 0, nil, fmt.Errorf("%w: GlobalLock: %w", ErrNoClipboard, err)
	}
	defer globalUnlock.Call(data)
	old = make([]uint16, size/2)
	copy(old, unsafe.Slice(*(**uint16)(unsafe.Pointer(&at)), len(old)))
	return number, old, nil
}

// keyInput is Windows' INPUT with a KEYBDINPUT in it.
type keyInput struct {
	kind uint32
	key  struct {
		vk, scan    uint16
		flags, time uint32
		extra       uintptr
	}
	_ [8]byte // what a MOUSEINPUT has more
}

func pressCopy() error {
	var inputs [4]keyInput
	for i, k := range []struct {
		vk, scan uint16
		flags    uint32
	}{
		{vkControl, scanControl, 0},
		{vkInsert, scanInsert, keyExtended},
		{vkInsert, scanInsert, keyExtended | keyUp},
		{vkControl, scanControl, keyUp},
	} {
		inputs[i].kind = inputKey
		inputs[i].key.vk, inputs[i].key.scan, inputs[i].key.flags = k.vk, k.scan, k.flags
	}
	n, _, err := sendInput.Call(uintptr(len(inputs)), uintptr(unsafe.Pointer(&inputs)), unsafe.Sizeof(inputs[0]))
	if int(n) != len(inputs) {
		return fmt.Errorf("%w: SendInput: %w", ErrNoClipboard, err)
	}
	return nil
}

// awaitCopied returns the text that is copied after before. Some programs empty the
// clipboard a moment before they fill it.
func awaitCopied(ctx context.Context, before uint32) ([]byte, error) {
	for end := time.Now().Add(copyingTime); time.Now().Before(end); {
		if sequence() != before {
			if text, err := readInTurn(ctx); len(text) > 0 || err != nil {
				return text, err
			}
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	return nil, ErrClipboardEmpty // nothing is highlighted
}

// putText makes old all that is on the clipboard, and nil nothing.
func putText(ctx context.Context, old []uint16) error {
	// Only who has a window can own what is on the clipboard.
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		return err
	}
	window, _, err := createWindowEx.Call(0, uintptr(unsafe.Pointer(class)), 0, 0, 0, 0, 0, 0, onlyMessages, 0, 0, 0)
	if window == 0 {
		return fmt.Errorf("%w: CreateWindowEx: %w", ErrNoClipboard, err)
	}
	defer destroyWindow.Call(window)
	if err := takeClipboard(ctx, window); err != nil {
		return err
	}
	defer closeClipboard.Call()
	emptyClipboard.Call()
	if len(old) == 0 {
		return nil
	}
	data, _, err := globalAlloc.Call(globalMove, uintptr(2*len(old)))
	if data == 0 {
		return fmt.Errorf("%w: GlobalAlloc: %w", ErrNoClipboard, err)
	}
	at, _, _ := globalLock.Call(data)
	copy(unsafe.Slice(*(**uint16)(unsafe.Pointer(&at)), len(old)), old)
	globalUnlock.Call(data)
	if ok, _, err := setClipboardData.Call(unicodeText, data); ok == 0 {
		globalFree.Call(data)
		return fmt.Errorf("%w: SetClipboardData: %w", ErrNoClipboard, err)
	}
	return nil
}
