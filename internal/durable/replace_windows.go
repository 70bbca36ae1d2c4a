//go:build windows

package durable

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// unwaiting is nothing here: a path in a folder is a file or a folder.
const unwaiting = 0

// Private has nothing to refuse: a person's folders have access lists of their own.
func Private(string) error { return nil }

// replace relies on os.Rename replacing an existing file in one step, which it
// does on NTFS; renameio makes no promise on Windows and leaves WriteFile out.
func replace(path string, fill func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = fill(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return patiently(func() error { return os.Rename(f.Name(), path) })
}

// patience is how long another program, such as a virus scanner or another
// Cornetta, may keep a file open.
const patience = 2 * time.Second

// patiently repeats what fails while another program has the file open, as the go
// command does (cmd/internal/robustio).
func patiently(do func() error) error {
	for end := time.Now().Add(patience); ; {
		err := do()
		held := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !held || !time.Now().Before(end) {
			return err
		}
		time.Sleep(time.Millisecond + rand.N(10*time.Millisecond))
	}
}

var noRoom = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL}
