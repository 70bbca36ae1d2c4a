//go:build windows

package ami

import "golang.org/x/sys/windows"

// errReset is what the system says of a connection that the other side threw
// away.
const errReset = windows.WSAECONNRESET
