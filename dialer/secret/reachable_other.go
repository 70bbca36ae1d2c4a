//go:build !linux

package secret

// reachable has nothing to look at: the keyring is part of the system.
func reachable() error { return nil }
