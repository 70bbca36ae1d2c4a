//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeStdout keeps stdout for the channel: whatever else prints there from now
// on, a graphics driver's C code included, prints to stderr.
func takeStdout() (*os.File, error) {
	fd, err := unix.Dup(1)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.Dup2(2, 1); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	return os.NewFile(uintptr(fd), "channel"), nil
}
