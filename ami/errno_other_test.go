//go:build !windows

package ami

import "syscall"

// refused is what the system says of a port on which nobody listens.
const refused = syscall.ECONNREFUSED
