// Package sessionbus connects to the session bus of a freedesktop desktop. Each user
// has a connection of its own: godbus's shared one belongs to the tray library and
// to the keyring, whose prompt would take other programs' signals for its own.
package sessionbus
