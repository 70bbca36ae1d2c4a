//go:build windows

package desktop

import (
	"context"
	"runtime"
	"time"
)

var (
	openClipboard  = user32.NewProc("OpenClipboard")
	closeClipboard = user32.NewProc("CloseClipboard")
)

// waitClipboard waits until no other program has the clipboard open. The library
// would wait too, but without a pause and without an end.
func waitClipboard(ctx context.Context) error {
	// Who opened it is known by the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := takeClipboard(ctx, 0); err != nil {
		return err
	}
	closeClipboard.Call()
	return nil
}

// takeClipboard opens the clipboard for this thread, in the name of a window.
func takeClipboard(ctx context.Context, window uintptr) error {
	for {
		if ok, _, _ := openClipboard.Call(window); ok != 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
