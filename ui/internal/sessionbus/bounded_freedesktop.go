//go:build linux || freebsd || openbsd || netbsd

package sessionbus

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	maxMessage = 64 << 10 // bytes of what another program sends
	writeTime  = 2 * time.Second
)

// ConnectBounded is Connect for who answers other programs: what they send that is longer
// than 64 KiB is passed over as it is read, where the library takes 128 MiB. A bus that
// takes nothing for two seconds ends a write, so that it cannot keep anybody from ending.
func ConnectBounded(ctx, life context.Context, patience time.Duration) (*dbus.Conn, error) {
	return connect(ctx, life, patience, func(ctx context.Context, opts ...dbus.ConnOption) (*dbus.Conn, error) {
		network, address, ok := unixSocket()
		if !ok { // by TCP or another program: only by hand
			return dbus.SessionBusPrivateNoAutoStartup(opts...)
		}
		var d net.Dialer
		c, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return dbus.NewConn(&bounded{Conn: c, in: bufio.NewReader(c)}, opts...)
	})
}

// unixSocket is where the session bus listens, where that is a socket.
func unixSocket() (network, address string, ok bool) {
	all := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if all == "" {
		if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
			return "unix", filepath.Join(dir, "bus"), true
		}
		return "", "", false
	}
	first, _, _ := strings.Cut(all, ";")
	kind, rest, _ := strings.Cut(first, ":")
	if kind != "unix" {
		return "", "", false
	}
	for key := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(key, "=")
		value, err := url.PathUnescape(value)
		switch {
		case err != nil:
		case name == "path":
			return "unix", value, true
		case name == "abstract":
			return "unix", "@" + value, true
		}
	}
	return "", "", false
}

// bounded passes messages on, but for those that are too long.
type bounded struct {
	net.Conn
	in     *bufio.Reader
	framed atomic.Bool // messages come, not the lines of the login any more

	// Of who reads.
	head [16]byte
	out  []byte // of head, not read yet
	left int    // bytes of the message, not read yet
}

var errNoMessage = errors.New("session bus: no message of D-Bus")

func (b *bounded) Write(p []byte) (int, error) {
	if string(p) == "BEGIN\r\n" {
		b.framed.Store(true) // it is answered with messages only
	}
	if err := b.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}

func (b *bounded) Read(p []byte) (int, error) {
	if !b.framed.Load() {
		return b.in.Read(p)
	}
	for len(b.out) == 0 && b.left == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	if len(b.out) > 0 {
		n := copy(p, b.out)
		b.out = b.out[n:]
		return n, nil
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// next begins with the next message, or passes over it.
func (b *bounded) next() error {
	if _, err := io.ReadFull(b.in, b.head[:]); err != nil {
		return err
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch b.head[0] {
	case 'l':
	case 'B':
		order = binary.BigEndian
	default:
		return errNoMessage
	}
	// The body, and the fields of the header, which end at a multiple of eight.
	left := uint64(order.Uint32(b.head[4:])) + (uint64(order.Uint32(b.head[12:]))+7)&^7
	if left > maxMessage {
		if _, err := io.CopyN(io.Discard, b.in, int64(left)); err != nil {
			return fmt.Errorf("session bus: %w", err)
		}
		return nil
	}
	b.out, b.left = b.head[:], int(left)
	return nil
}
