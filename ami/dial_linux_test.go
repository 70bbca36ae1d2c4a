//go:build linux

package ami

import (
	"context"
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUserTimeout: the kernel gives up on a peer that acknowledges nothing.
func TestUserTimeout(t *testing.T) {
	addr := listen(t, func(p *peer) { _, _ = io.Copy(io.Discard, p.in) })
	conn, err := newDialer().DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		if ms, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT); err != nil || ms != userTimeout {
			t.Errorf("TCP_USER_TIMEOUT is %d, %v", ms, err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}
