//go:build windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

const cfUnicodeText = 13

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	kernel32         = windows.NewLazySystemDLL("kernel32.dll")
	openClipboard    = user32.NewProc("OpenClipboard")
	closeClipboard   = user32.NewProc("CloseClipboard")
	formatAvailable  = user32.NewProc("IsClipboardFormatAvailable")
	getClipboardData = user32.NewProc("GetClipboardData")
	globalLock       = kernel32.NewProc("GlobalLock")
	globalUnlock     = kernel32.NewProc("GlobalUnlock")
	globalSize       = kernel32.NewProc("GlobalSize")
	moveMemory       = kernel32.NewProc("RtlMoveMemory")
)

// readClipboard asks Windows itself rather than by golang.design/x/clipboard,
// which spins for as long as another program holds the clipboard and takes
// whatever is there, however long.
func readClipboard(ctx context.Context) ([]byte, error) {
	// A clipboard belongs to the thread that opened it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if ok, _, _ := formatAvailable.Call(cfUnicodeText); ok == 0 {
		return nil, ErrClipboardEmpty
	}
	for {
		if ok, _, _ := openClipboard.Call(0); ok != 0 {
			break
		}
		select { // another program has it open, which rarely lasts
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	defer closeClipboard.Call()
	// The program the text was copied in may be asked for it only now, and hang.
	handle, _, err := getClipboardData.Call(cfUnicodeText)
	if handle == 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	size, _, _ := globalSize.Call(handle)
	from, _, err := globalLock.Call(handle)
	if from == 0 || size < 2 {
		return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	defer globalUnlock.Call(handle)
	// In UTF-8 the text has at least one byte for each unit here.
	units := make([]uint16, min(int(size)/2, clipboardMax+1))
	moveMemory.Call(uintptr(unsafe.Pointer(&units[0])), from, uintptr(2*len(units)))
	for i, u := range units {
		if u == 0 {
			return []byte(string(utf16.Decode(units[:i]))), nil
		}
	}
	if len(units) > clipboardMax {
		return nil, ErrClipboardTooLarge
	}
	return []byte(string(utf16.Decode(units))), nil
}

func readSelection(context.Context) ([]byte, error) {
	return nil, fmt.Errorf("desktop: selection: %w", errors.ErrUnsupported)
}
