//go:build windows

package trail

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

func openPlain(path string) (*os.File, error) { return os.Open(path) }

// takeLock makes and takes a lock that goes with the process, however that ends;
// errTaken where another one has it.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		_ = f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			err = errTaken
		}
		return nil, err
	}
	return f, nil
}

// dropLock closes first: an open file cannot be removed here. Whoever takes the
// lock in between finds nothing to follow.
func dropLock(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
