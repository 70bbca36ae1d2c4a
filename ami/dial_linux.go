//go:build linux

package ami

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// userTimeout is how long written bytes may stay unacknowledged before the
// kernel gives the connection up. Without it a write to a PBX that is gone
// "succeeds" for minutes.
const userTimeout = 15_000 // ms

func newDialer() *net.Dialer {
	return &net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var sockErr error
		err := raw.Control(func(fd uintptr) {
			sockErr = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout)
		})
		if err != nil {
			return err
		}
		return sockErr
	}}
}
