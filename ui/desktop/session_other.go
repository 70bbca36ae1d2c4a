//go:build !windows

package desktop

// WantedInSession reports whether the present user wants Cornetta started with their
// session, where it is started with everybody's. Elsewhere the desktop itself knows.
func WantedInSession() bool { return true }
