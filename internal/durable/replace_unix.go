//go:build unix

package durable

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// patiently need not wait: an open file can be replaced here.
func patiently(do func() error) error { return do() }

func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	// The directory is named because renameio otherwise tries /tmp first;
	// renameio.WriteFile would keep the permissions of the old file.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(data); err != nil {
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
