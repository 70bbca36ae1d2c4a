package freeport

import "testing"

// TestUDP is for Linux, where the servers are that have such a port: wine's sockets refuse it.
func TestUDP(t *testing.T) {
	port, err := UDP()
	below(t, port, err)
}
