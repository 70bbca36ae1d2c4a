//go:build unix

package trail

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"cornetta/dialer/call"
)

// TestPrivate: what is kept can be read by its owner alone, whatever the umask.
func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "calls") // made before, or all others could write there
	defer syscall.Umask(syscall.Umask(0))
	tr := Open(dir)
	defer tr.Close()
	for i := range 2 {
		if err := tr.Begin(record(i, call.Requested)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.Update(record(1, call.InCall)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNotFollowed: a link or a pipe in the place of a file, of its lock or of the
// directory is no way out of it, and holds nobody up.
func TestNotFollowed(t *testing.T) {
	good, err := encode(record(7, call.RingingOwn))
	if err != nil {
		t.Fatal(err)
	}
	id := record(7, "").ID()
	outside := t.TempDir()
	target := filepath.Join(outside, id+fileExt)
	if err := os.WriteFile(target, good, 0o600); err != nil {
		t.Fatal(err)
	}
	untouched := func() {
		t.Helper()
		if data, err := os.ReadFile(target); err != nil || string(data) != string(good) {
			t.Errorf("what the link led to has changed: %v", err)
		}
	}
	for name, plant := range map[string]func(path string) error{
		"a link": func(path string) error { return os.Symlink(target, path) },
		"a pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		for _, ext := range []string{fileExt, lockExt} {
			t.Run(name+ext, func(t *testing.T) {
				dir := t.TempDir()
				if err := plant(filepath.Join(dir, id+ext)); err != nil {
					t.Fatal(err)
				}
				if got := Open(dir).Adopt(noon); len(got) != 0 {
					t.Errorf("taken for a call: %+v", got)
				}
				untouched()
			})
		}
	}
	t.Run("under a call that is kept", func(t *testing.T) {
		dir := t.TempDir()
		tr := Open(dir)
		defer tr.Close()
		if err := tr.Begin(record(7, call.Requested)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, id+fileExt)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(record(7, call.InCall)); err != nil {
			t.Fatal(err)
		}
		untouched()
	})
	t.Run("the directory", func(t *testing.T) {
		link := filepath.Join(t.TempDir(), "calls")
		if err := os.Symlink(outside, link); err != nil {
			t.Fatal(err)
		}
		if got := Open(link).Adopt(noon); got != nil || Open(link).Begin(record(1, call.Requested)) == nil {
			t.Errorf("followed: %v", got)
		}
		untouched()
	})
}
