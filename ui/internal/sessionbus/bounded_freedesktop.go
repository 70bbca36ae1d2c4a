//go:build linux || freebsd || openbsd || netbsd

package sessionbus

import (
	"bufio"
	"cmp"
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

// dialBounded connects so that what others send that is longer than maxMessage is passed
// over as it is read, where the library takes 128 MiB, and so that a bus that takes
// nothing for writeTime ends a write: it cannot keep anybody from ending.
func dialBounded(ctx context.Context, opts ...dbus.ConnOption) (*dbus.Conn, error) {
	var first error
	for _, s := range unixSockets() {
		var d net.Dialer
		c, err := d.DialContext(ctx, "unix", s)
		if err == nil {
			return dbus.NewConn(&bounded{Conn: c, in: bufio.NewReader(c)}, opts...)
		}
		first = cmp.Or(first, err)
	}
	if first != nil {
		return nil, first
	}
	return dbus.SessionBusPrivateNoAutoStartup(opts...) // by TCP or another program: only by hand
}

// unixSockets are where the session bus may listen, where that is a socket.
func unixSockets() (paths []string) {
	all := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if all == "" {
		if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
			paths = append(paths, filepath.Join(dir, "bus"))
		}
		return paths
	}
	for address := range strings.SplitSeq(all, ";") {
		kind, rest, _ := strings.Cut(address, ":")
		if kind != "unix" {
			continue
		}
		for key := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(key, "=")
			value, err := url.PathUnescape(value)
			switch {
			case err != nil:
			case name == "path":
				paths = append(paths, value)
			case name == "abstract":
				paths = append(paths, "@"+value)
			}
		}
	}
	return paths
}

// bounded passes messages on, but for those that are too long.
type bounded struct {
	net.Conn
	in     *bufio.Reader
	framed atomic.Bool // messages come, not the lines of the login any more

	// Of who reads.
	head [16]byte
	bare []byte // a message that was too long, without its body
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
		return b.withoutBody(order, left)
	}
	b.out, b.left = b.head[:], int(left)
	return nil
}

// withoutBody begins with a message whose body is passed over, or passes over all of it
// where its header is too long as well, or strange. left is the length behind head.
func (b *bounded) withoutBody(order binary.ByteOrder, left uint64) error {
	length := order.Uint32(b.head[12:])
	fields := make([]byte, min(uint64(length), maxMessage))
	if _, err := io.ReadFull(b.in, fields); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, b.in, int64(left)-int64(len(fields))); err != nil {
		return fmt.Errorf("session bus: %w", err)
	}
	if length > maxMessage {
		return nil
	}
	bare := append(b.bare[:0], b.head[:]...)
	for len(fields) > 0 {
		n := fieldLength(order, fields)
		if n == 0 {
			return nil
		}
		if code := fields[0]; code != byte(dbus.FieldSignature) && code != byte(dbus.FieldUnixFDs) {
			bare = append(bare, fields[:n]...)
			order.PutUint32(bare[12:], uint32(len(bare)-16)) // without what fills it up
			bare = append(bare, make([]byte, -n&7)...)
		}
		fields = fields[min(len(fields), (n+7)&^7):]
	}
	order.PutUint32(bare[4:], 0)
	b.bare, b.out = bare, bare
	return nil
}

// fieldLength is how long the first field of a header is; 0: it is none. It begins with
// its code and the type of its value.
func fieldLength(order binary.ByteOrder, fields []byte) int {
	const value = 4
	if len(fields) <= value || fields[1] != 1 || fields[3] != 0 {
		return 0
	}
	var n uint64
	switch of := fields[value:]; {
	case fields[2] == 'g': // which may be shorter than a number
		n = value + 1 + uint64(of[0]) + 1
	case len(of) < 4:
	case fields[2] == 's', fields[2] == 'o':
		n = value + 4 + uint64(order.Uint32(of)) + 1
	case fields[2] == 'u':
		n = value + 4
	}
	if n > uint64(len(fields)) {
		return 0
	}
	return int(n)
}
