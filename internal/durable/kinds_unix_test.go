//go:build unix

package durable_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cornetta/internal/durable"
)

// intime fails the test where f waits for something.
func intime(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal(what, "hangs")
	}
}

// What stands in the place of a file and is none is never waited for, read, written to
// or replaced; it can be moved out of the way.
func TestRegularFilesOnly(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"socket": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err == nil {
				l.SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		},
		"device that is read for ever": func(path string) error { return os.Symlink("/dev/zero", path) },
		"terminal":                     func(path string) error { return os.Symlink("/dev/tty", path) },
		"pipe behind a link": func(path string) error {
			return errors.Join(syscall.Mkfifo(path+".pipe", 0o600), os.Symlink(path+".pipe", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, flag := range []int{os.O_RDONLY, os.O_WRONLY | os.O_APPEND | os.O_CREATE, os.O_RDWR | os.O_CREATE} {
				intime(t, "OpenFile", func() {
					f, err := durable.OpenFile(path, flag, 0o600)
					if !errors.Is(err, durable.ErrNotFile) || !durable.Spoiled(path, err) {
						t.Errorf("OpenFile with %#x: %v", flag, err)
					}
					if f != nil {
						_ = f.Close()
					}
				})
			}
			intime(t, "Write", func() {
				if err := durable.Write(path, []byte("x")); !errors.Is(err, durable.ErrNotFile) {
					t.Errorf("Write: %v", err)
				}
			})
			if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
				t.Errorf("it was replaced: %v", err)
			}
			kept, err := durable.MoveAside(path)
			if after, statErr := os.Lstat(kept); err != nil || statErr != nil || !os.SameFile(before, after) {
				t.Errorf("moved to %s: %v, %v", kept, err, statErr)
			}
			if err := durable.Write(path, []byte("x")); err != nil {
				t.Error("with the way free:", err)
			}
		})
	}
}

// A link that leads in a circle, or nowhere, is spoiled too; nothing at all is not.
func TestSpoiledLinks(t *testing.T) {
	dir := t.TempDir()
	for name, target := range map[string]string{"circle": "circle", "nowhere": "elsewhere"} {
		path := filepath.Join(dir, name)
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		_, err := durable.OpenFile(path, os.O_RDONLY, 0)
		if err == nil || !durable.Spoiled(path, err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := filepath.Join(dir, "none")
	if _, err := durable.OpenFile(path, os.O_RDONLY, 0); !errors.Is(err, fs.ErrNotExist) || durable.Spoiled(path, err) {
		t.Error(err)
	}
}

// In a folder in which others can write, or in whose place they can put another,
// nothing is read or written.
func TestSharedFolder(t *testing.T) {
	us := os.Getuid()
	for _, tc := range []struct {
		name         string
		above, mode  fs.FileMode
		group        int
		refused, own bool
	}{
		{"one's own", 0o755, 0o700, us, false, true},
		{"that others can read", 0o755, 0o755, us, false, true},
		{"of one's own group", 0o755, 0o775, us, false, true},
		{"of another group", 0o755, 0o775, us + 1, true, true},
		{"everybody's", 0o755, 0o777, us, true, true},
		{"everybody's, with the sticky bit", 0o755, 0o777 | fs.ModeSticky, us, true, true},
		{"in everybody's", 0o777, 0o700, us, true, true},
		{"in a place like /tmp", 0o777 | fs.ModeSticky, 0o700, us, false, true},
		{"somebody else's in a place like /tmp", 0o777 | fs.ModeSticky, 0o755, us, true, false},
		{"somebody else's", 0o755, 0o755, us, false, false}, // such as an administrator's
	} {
		t.Run(tc.name, func(t *testing.T) {
			above := t.TempDir()
			dir := filepath.Join(above, "cornetta")
			path := filepath.Join(dir, "file")
			owner := us
			if !tc.own {
				owner++
			}
			if (owner != us || tc.group != us) && us != 0 && os.Getenv("CI") == "" {
				t.Skip("only root can give a folder away")
			}
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(path, nil, 0o600), os.Chown(dir, owner, tc.group),
				os.Chmod(dir, tc.mode), os.Chmod(above, tc.above)); err != nil {
				t.Fatal(err)
			}
			for what, do := range map[string]func() error{
				"OpenFile": func() error {
					f, err := durable.OpenFile(path, os.O_RDONLY, 0)
					_ = f.Close()
					return err
				},
				"Write": func() error { return durable.Write(path, nil) },
			} {
				if err := do(); errors.Is(err, durable.ErrShared) != tc.refused || !tc.refused && err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
