//go:build unix

package durable

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Lock makes and takes a lock that goes with the process, however that ends; ErrLocked
// where another one has it.
func Lock(path string) (*os.File, error) {
	for range 3 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
		if err != nil {
			return nil, err
		}
		for err = unix.EINTR; errors.Is(err, unix.EINTR); {
			err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		}
		if err != nil {
			_ = f.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				err = ErrLocked
			}
			return nil, err
		}
		// Who had it before may have removed the file in between.
		ours, err := f.Stat()
		there, errThere := os.Lstat(path)
		if err == nil && errThere == nil && os.SameFile(ours, there) {
			return f, nil
		}
		_ = f.Close()
		if err = errors.Join(err, errThere); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, ErrLocked
}

// Unlock removes the lock while it is held, so that nobody takes it for one
// without an owner.
func Unlock(f *os.File) {
	_ = os.Remove(f.Name())
	_ = f.Close()
}
