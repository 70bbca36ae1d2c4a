//go:build unix

package durable

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// patiently need not wait: an open file can be replaced here.
func patiently(do func() error) error { return do() }

// unwaiting opens a pipe without waiting for its other end, and a device without
// waiting for its line.
const unwaiting = syscall.O_NONBLOCK | syscall.O_NOCTTY

// Private refuses a directory in which other users can write, or in whose place they
// can put another one: what lies there may be theirs. The group may write where it is
// the owner's alone, as it is by custom where it has the owner's number.
func Private(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return nil // whoever opens a file in it finds out
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if mode := info.Mode().Perm(); mode&0o002 != 0 || mode&0o020 != 0 && st.Gid != st.Uid {
		return &fs.PathError{Op: "open", Path: dir, Err: ErrShared}
	}
	above := filepath.Dir(dir)
	up, err := os.Stat(above)
	if err != nil || up.Mode().Perm()&0o002 == 0 {
		return nil
	}
	if up.Mode()&fs.ModeSticky == 0 || int(st.Uid) != os.Geteuid() {
		return &fs.PathError{Op: "open", Path: above, Err: ErrShared}
	}
	return nil
}

func replace(path string, fill func(io.Writer) error) error {
	dir := filepath.Dir(path)
	// The directory is named because renameio otherwise tries /tmp first;
	// renameio.WriteFile would keep the permissions of the old file.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if err := fill(f); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	// renameio syncs the file; the rename itself lasts only once the directory
	// is synced as well.
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

var noRoom = []error{syscall.ENOSPC, syscall.EDQUOT}
