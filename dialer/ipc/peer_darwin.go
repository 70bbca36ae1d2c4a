//go:build darwin

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

func peerUID(fd int) (int, error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}

func runtimeDir() string { return "" }

// stateDir is where the socket goes: macOS has no $XDG_RUNTIME_DIR.
func stateDir() (string, error) { return os.UserCacheDir() }
