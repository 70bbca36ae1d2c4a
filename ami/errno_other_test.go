//go:build !windows

package ami

import "syscall"

// What the system says of a port on which nobody listens, and of a connection
// that the other side threw away.
const (
	refused = syscall.ECONNREFUSED
	reset   = syscall.ECONNRESET
)
