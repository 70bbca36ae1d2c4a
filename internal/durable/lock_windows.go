//go:build windows

package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Lock makes and takes a lock that goes with the process, however that ends; ErrLocked
// where another one has it.
func Lock(path string) (*os.File, error) {
	var f *os.File
	err := patiently(func() (err error) { // its owner may be removing it
		f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		return err
	})
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		_ = f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			err = ErrLocked
		}
		return nil, err
	}
	return f, nil
}

// Unlock closes first: an open file cannot be removed here. Whoever takes the
// lock in between finds nothing to follow.
func Unlock(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
