//go:build !linux

package ami

import "net"

// newDialer is a plain one where there is no TCP_USER_TIMEOUT: a dead connection is
// noticed later, by the Ping of package dialer.
func newDialer() *net.Dialer { return new(net.Dialer) }
