// Package durable replaces small files so that a crash, a full disk or a power
// cut leaves either the old file or the new one, never a part of one. It opens
// regular files only: what else can stand in the place of one, such as a pipe or a
// device, is neither waited for nor read. And but for Open it opens none in a folder in
// which other users of the machine can write.
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
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

var (
	// ErrNotFile is for a path at which something else is than a regular file.
	ErrNotFile = errors.New("durable: not a regular file")
	// ErrLarge is for a file that is larger than what is to be read can be.
	ErrLarge = errors.New("durable: the file is too large")
	// ErrShared is for a folder in which other users of the machine can write.
	ErrShared = errors.New("durable: others can write in the folder")
)

// Write makes data the content of path, with permissions 0600, creating its
// directory with 0700 where it is missing. A symbolic link at path is followed,
// for people who keep their settings in a repository of their own. An error is a
// *fs.PathError with that path, or that of a directory of ErrShared.
func Write(path string, data []byte) error {
	return WriteBy(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteBy is Write for content that fill writes, which is too large to be held in memory.
// Where fill fails the old file stays, and the error is fill's in a *fs.PathError.
func WriteBy(path string, fill func(io.Writer) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := Private(dir); err != nil {
		return err
	}
	real := path
	if link, err := filepath.EvalSymlinks(path); err == nil {
		real = link
	}
	if info, err := os.Lstat(real); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "write", Path: path, Err: ErrNotFile}
	}
	if err := replace(real, fill); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err} // not that of a file that nobody knows
	}
	return nil
}

// Swap is Write, with permissions perm, for what has to survive the end of the
// program but not a power cut: it syncs nothing, and takes no longer than memory
// does. The directory has to exist. A link at path is replaced, not followed. An error
// is a *fs.PathError with that path.
func Swap(path string, data []byte, perm fs.FileMode) error {
	if err := swap(path, data, perm); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

func swap(path string, data []byte, perm fs.FileMode) (err error) {
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

// OpenFile is os.OpenFile for a path that Write may be replacing. It does not wait for
// what is no regular file: that is ErrNotFile.
func OpenFile(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	if err := Private(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return openRegular(path, flag, perm)
}

// Read is os.ReadFile for a regular file of limit bytes at most, whoever can write in its
// folder. It waits for nothing else, as OpenFile; a larger one is ErrLarge.
func Read(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrLarge}
	}
	return data, err
}

// Open opens a file of others to be read, such as an export on a shared disk: also one
// in a folder in which others can write. It does not wait for what is no regular file.
func Open(path string) (*os.File, error) { return openRegular(path, os.O_RDONLY, 0) }

// Append opens a file to write at its end, and makes it where there is none: also one
// in a folder in which others can write, as Open.
func Append(path string) (*os.File, error) {
	return openRegular(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

func openRegular(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	err = patiently(func() error {
		f, err = os.OpenFile(path, flag|unwaiting, perm)
		return err
	})
	if err != nil {
		// Some of what is none cannot be opened at all.
		if info, statErr := os.Stat(path); statErr == nil && !info.Mode().IsRegular() {
			err = &fs.PathError{Op: "open", Path: path, Err: ErrNotFile}
		}
		return nil, err
	}
	// Asked of what was opened, which nobody can change for something else.
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotFile}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// MoveAside gives what is at path, whatever it is, another name beside it, which it
// returns. A link is moved, not followed.
func MoveAside(path string) (kept string, err error) {
	kept = Aside(path)
	return kept, patiently(func() error { return os.Rename(path, kept) })
}

// Spoiled reports whether err, of OpenFile for path, means that there is something at
// path that can be moved, but not be read as a file.
func Spoiled(path string, err error) bool {
	if errors.Is(err, ErrShared) {
		return false
	}
	if _, there := os.Lstat(path); there != nil {
		return false
	}
	return errors.Is(err, ErrNotFile) || errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) // a link that leads nowhere
}

// Names are the names of what is in a directory, limit of them at most. What stands in
// its place and is none is not waited for.
func Names(dir string, limit int) ([]string, error) {
	if err := Private(dir); err != nil {
		return nil, err
	}
	d, err := os.OpenFile(dir, os.O_RDONLY|unwaiting, 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(limit)
}

// Entries is what is in a directory of anybody's, limit of it at most; nothing of it is
// opened. What stands in its place and is none is not waited for.
func Entries(dir string, limit int) ([]fs.DirEntry, error) {
	d, err := os.OpenFile(dir, os.O_RDONLY|unwaiting, 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	all, err := d.ReadDir(limit)
	if errors.Is(err, io.EOF) { // it is empty
		err = nil
	}
	return all, err
}

// maxAside is how many files are kept aside; the next takes the place of the last.
const maxAside = 9

// Aside is a name beside path, under which what is there can be kept when something
// else is to take its place.
func Aside(path string) string {
	for n := 1; ; n++ {
		aside := path + ".damaged"
		if n > 1 {
			aside += "-" + strconv.Itoa(n)
		}
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) || n == maxAside {
			return aside
		}
	}
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
