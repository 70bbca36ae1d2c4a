//go:build !linux && !freebsd && !openbsd && !netbsd

package display

// Named returns nil: there is always a display here.
func Named() error { return nil }

// Usable returns nil.
func Usable() error { return nil }
