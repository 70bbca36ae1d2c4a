//go:build windows

package ami

import "golang.org/x/sys/windows"

// What the system says of a port on which nobody listens, and of a connection
// that the other side threw away.
const (
	refused = windows.WSAECONNREFUSED
	reset   = windows.WSAECONNRESET
)
