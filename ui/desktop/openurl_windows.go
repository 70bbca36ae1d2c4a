//go:build windows

package desktop

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
)

func openURL(ctx context.Context, url string) error {
	page, err := windows.UTF16PtrFromString(url)
	if err != nil {
		return fmt.Errorf("desktop: %w", err)
	}
	verb, _ := windows.UTF16PtrFromString("open")
	over := make(chan error, 1)
	go func() { // the shell may ask another program, which may hang
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE) == nil {
			defer windows.CoUninitialize()
		}
		over <- windows.ShellExecute(0, verb, page, nil, nil, windows.SW_SHOWNORMAL)
	}()
	select {
	case err := <-over:
		if err != nil {
			return fmt.Errorf("desktop: %w", err)
		}
		return nil
	case <-ctx.Done():
		return nil
	}
}
