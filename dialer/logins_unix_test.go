//go:build unix

package dialer

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cornetta/ami"
)

// TestLoginsInAnotherPlace: where the directory is none, or others can write in it, nothing
// is written there either, and each program counts for itself.
func TestLoginsInAnotherPlace(t *testing.T) {
	for name, put := range map[string]func(dir string) error{
		"a link to a folder": func(dir string) error {
			return errors.Join(os.Mkdir(dir+"-other", 0o700), os.Symlink(dir+"-other", dir))
		},
		"anybody's": func(dir string) error { return errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)) },
		"a file":    func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			now := time.UnixMilli(1_800_000_000_000)
			dir := filepath.Join(t.TempDir(), "logins")
			if err := put(dir); err != nil {
				t.Fatal(err)
			}
			l := loginsOfProgram(dir, &now)
			for range maxRefused {
				attempt, err := l.begin(t.Context(), ada, false)
				if err != nil {
					t.Fatal(err)
				}
				attempt.end(ami.ErrAuthFailed, true)
			}
			var held *TroubleError
			if _, err := l.begin(t.Context(), ada, false); !errors.As(err, &held) {
				t.Errorf("it does not count: %v", err)
			}
			for _, at := range []string{dir, dir + "-other"} {
				if list, _ := os.ReadDir(at); len(list) > 0 {
					t.Errorf("it wrote %d files", len(list))
				}
			}
		})
	}
}
