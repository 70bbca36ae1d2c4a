//go:build windows || darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.design/x/clipboard"
)

var (
	clipboardReady = sync.OnceValue(clipboard.Init)
	clipboardBusy  sync.Mutex // a read is under way
)

// readClipboard reads by golang.design/x/clipboard. It cannot be interrupted
// and, on Windows, spins for as long as another program holds the clipboard
// open; so there is one read at a time, and bounded does not wait for it.
func readClipboard(context.Context) ([]byte, error) {
	if !clipboardBusy.TryLock() {
		return nil, ErrClipboardTimeout
	}
	defer clipboardBusy.Unlock()
	if err := clipboardReady(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	return clipboard.Read(clipboard.FmtText), nil
}

func readSelection(context.Context) ([]byte, error) {
	return nil, fmt.Errorf("desktop: selection: %w", errors.ErrUnsupported)
}

func readsUnseen() bool { return true }
