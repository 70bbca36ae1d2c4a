//go:build unix

package trail

import (
	"os"

	"golang.org/x/sys/unix"
)

// openPlain opens a file without following a link or waiting for a pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
}
