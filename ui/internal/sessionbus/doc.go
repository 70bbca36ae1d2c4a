// Package sessionbus connects to the session bus of a freedesktop desktop. Who
// listens there has a connection of their own: godbus's shared one is the tray's
// and the keyring's, whose prompt takes whatever signal comes first.
package sessionbus
