//go:build !windows

package ami

import "syscall"

// errReset is what the system says of a connection that the other side threw
// away.
const errReset = syscall.ECONNRESET
