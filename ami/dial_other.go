//go:build !linux

package ami

import "net"

// newDialer has nothing to add where there is no TCP_USER_TIMEOUT; the
// dialer's Ping finds a dead link there too, only later.
func newDialer() *net.Dialer { return new(net.Dialer) }
