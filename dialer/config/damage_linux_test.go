package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What cannot be read as a file is moved out of the way, and hangs nobody.
func TestNoFileInItsPlace(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a pipe":             func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a device":           func(path string) error { return os.Symlink("/dev/zero", path) },
		"a link to nowhere":  func(path string) error { return os.Symlink("nowhere", path) },
		"a link in a circle": func(path string) error { return os.Symlink("config.toml", path) },
		"a link to a pipe": func(path string) error {
			return errors.Join(syscall.Mkfifo(path+".pipe", 0o600), os.Symlink(path+".pipe", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				s, good := stored1(t)
				if err := errors.Join(os.Remove(s.Path()), put(s.Path())); err != nil {
					t.Error(err)
					return
				}
				was, err := os.Lstat(s.Path())
				if err != nil {
					t.Error(err)
					return
				}
				c, d, err := s.Restore()
				if err != nil || !same(c, whole()) || d == nil || d.Kept == "" {
					t.Errorf("%+v, %+v, %v", c, d, err)
					return
				}
				kept, err := os.Lstat(d.Kept)
				if err != nil || !os.SameFile(was, kept) || content(t, s.Path()) != string(good) {
					t.Errorf("it is not kept: %v", err)
				}
			}()
			select {
			case <-done:
			case <-time.After(20 * time.Second):
				t.Fatal("it hangs")
			}
		})
	}
}

// A damaged file behind a link is kept by its content, and the link stays.
func TestDamagedBehindALink(t *testing.T) {
	s, good := stored1(t)
	real := filepath.Join(t.TempDir(), "dotfiles.toml")
	if err := errors.Join(os.Remove(s.Path()), os.WriteFile(real, []byte("broken"), 0o600), os.Symlink(real, s.Path())); err != nil {
		t.Fatal(err)
	}
	c, d, err := s.Restore()
	if err != nil || !same(c, whole()) || content(t, d.Kept) != "broken" || content(t, real) != string(good) {
		t.Errorf("%+v, %+v, %v", c, d, err)
	}
	if info, err := os.Lstat(s.Path()); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info, err)
	}
}

// A file that only another user can read, as after a sudo, is moved away; where the
// folder cannot be changed either, the settings of before are in force all the same.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() != 0 && os.Getenv("CI") == "" {
		t.Skip("only root can give a file away")
	}
	const other = 65534
	for _, movable := range []bool{true, false} {
		s := NewStore(filepath.Join(t.TempDir(), "cornetta"))
		err := s.Save(whole())
		for up := filepath.Dir(s.Path()); up != os.TempDir() && err == nil; up = filepath.Dir(up) {
			err = os.Chmod(up, 0o755)
		}
		if movable {
			err = errors.Join(err, os.Chown(filepath.Dir(s.Path()), other, other))
		}
		if err = errors.Join(err, os.Chown(s.good(), other, other)); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // a thread with that user's rights on files, which ends with the goroutine
			defer close(done)
			runtime.LockOSThread()
			if err := unix.Setfsuid(other); err != nil {
				t.Error(err)
				return
			}
			c, d, err := s.Restore()
			if err != nil || !same(c, whole()) || d == nil || !d.Restored || (d.Kept != "") != movable {
				t.Errorf("it can be moved: %v: %+v, %+v, %v", movable, c, d, err)
			}
			if movable {
				return
			}
			if _, _, err := s.Change(func(c *Config) { c.Account.Prefix = "9" }); !errors.Is(err, ErrReadOnly) {
				t.Errorf("Change: %v", err)
			}
		}()
		<-done
	}
}
