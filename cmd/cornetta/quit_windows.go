//go:build windows

package main

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// waitEnd waits for the end of a process that is none of our children.
func waitEnd(ctx context.Context, p *os.Process) error {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(p.Pid))
	if err != nil {
		return nil // it has ended
	}
	defer windows.CloseHandle(h)
	left := controlTime
	if end, ok := ctx.Deadline(); ok {
		left = max(time.Until(end), 0)
	}
	if happened, _ := windows.WaitForSingleObject(h, uint32(left.Milliseconds())); happened != windows.WAIT_OBJECT_0 {
		return context.DeadlineExceeded
	}
	return nil
}
