//go:build windows

package ami

import "golang.org/x/sys/windows"

// refused is what the system says of a port on which nobody listens.
const refused = windows.WSAECONNREFUSED
