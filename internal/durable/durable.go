// Package durable replaces small files so that a crash, a full disk or a power
// cut leaves either the old file or the new one, never a part of one.
//
// Its functions block on the disk and may be called from any goroutine; two
// writers of one path end with the content of one of them. On Windows a file
// that somebody is reading cannot be replaced, and one that is being replaced
// cannot be read: there Write and OpenFile try again for up to two seconds. The
// tests write the files of dialer/config and dialer/history, killed at each
// system call, on a disk that is full, fails or is read-only, and as another
// user.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write makes data the content of path, with permissions 0600, creating its
// directory with 0700 where it is missing. A symbolic link at path is followed,
// for people who keep their settings in a repository of their own.
func Write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return replace(path, data)
}

// Swap is Write, with permissions perm, for what has to survive the end of the
// program but not a power cut: it syncs nothing, and takes no longer than memory
// does. The directory has to exist. A link at path is replaced, not followed.
func Swap(path string, data []byte, perm fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(perm), f.Close()); err != nil {
		return err
	}
	return patiently(func() error { return os.Rename(f.Name(), path) })
}

// ErrLocked is Lock's where another program, or another part of this one, has the lock.
var ErrLocked = errors.New("durable: locked")

// Leftovers are the temporary files of a program that was killed in Write or Swap
// for path.
func Leftovers(path string) []string {
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"*"))
	return names
}

// OpenFile is os.OpenFile for a path that Write may be replacing.
func OpenFile(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	err = patiently(func() error {
		f, err = os.OpenFile(path, flag, perm)
		return err
	})
	return f, err
}

// ReadOnly reports whether err means that this place cannot be written at all; a
// full or failing disk is not that.
func ReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR)
}

// Full reports whether err means that the disk is full.
func Full(err error) bool {
	for _, full := range noRoom {
		if errors.Is(err, full) {
			return true
		}
	}
	return false
}
