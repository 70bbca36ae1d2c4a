//go:build linux

package secret

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

var errNoBus = errors.New("there is no session bus")

// reachable keeps go-keyring from a machine without a session bus, where it
// would have dbus-launch start one: a keyring nobody else could see, and a
// daemon that stays behind.
func reachable() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	// The places godbus looks into; it does not ask XDG_RUNTIME_DIR.
	dir := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return nil
		}
	}
	return errNoBus
}
