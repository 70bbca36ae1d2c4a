package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// limits are the bounds on what a peer can cost. Tests shorten the times.
type limits struct {
	frame   int           // bytes of a line, its end included
	arrive  time.Duration // from a line's first byte to its end, and for the first line from the connection on
	write   time.Duration // for one line
	clients int
	pending int // requests of one client that wait for an answer
}

var defaultLimits = limits{
	frame: 4 << 10, arrive: 2 * time.Second, write: 2 * time.Second,
	clients: 8, pending: 4,
}

var errNotOurs = errors.New("control: not a message of this protocol")

// head is what both sides look at before jrpc2 does.
type head struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	other  bool // it has keys besides these
}

// headOf reads a line as jrpc2 does: one object, its keys by their exact names,
// of two alike the last. encoding/json takes "iD" for "id", too, and what is a
// request to it and a notification to jrpc2 1.3.6 ends the program: the library
// answers a wrong notification that is still queued when the connection ends,
// and has nothing to answer it on (nextRequest in its server.go). FuzzFrame
// found it.
func headOf(line []byte) (h head, ok bool) {
	var keys map[string]json.RawMessage
	if line[0] != '{' || json.Unmarshal(line, &keys) != nil { // arrays are batches: many requests in one line
		return head{}, false
	}
	for key, value := range keys {
		switch key {
		case "jsonrpc":
		case "id":
			h.ID = value
		case "params":
			h.Params = value
		case "method":
			if json.Unmarshal(value, &h.Method) != nil {
				return head{}, false
			}
		default:
			h.other = true
		}
	}
	return h, true
}

// lines is one end of a connection as a jrpc2 channel: one JSON object a line.
// Recv is for one goroutine; Send and Close are for any.
type lines struct {
	conn   net.Conn
	in     *bufio.Reader
	limits limits
	// accept looks at each line that was received: whether it goes on to jrpc2,
	// is dealt with, or ends the connection.
	accept func(head) (pass bool, err error)

	mu sync.Mutex // serialises writes
}

func newLines(conn net.Conn, l limits, accept func(head) (bool, error)) *lines {
	return &lines{conn: conn, in: bufio.NewReaderSize(conn, l.frame), limits: l, accept: accept}
}

// Recv implements channel.Channel. Any error is final.
func (c *lines) Recv() ([]byte, error) {
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		h, ok := headOf(line)
		if !ok {
			return nil, errNotOurs
		}
		pass, err := c.accept(h)
		if err != nil {
			return nil, err
		}
		if pass {
			return line, nil
		}
	}
}

func (c *lines) line() ([]byte, error) {
	// Between two lines there may be any length of time, within one there may
	// not.
	if c.in.Buffered() == 0 {
		if _, err := c.in.Peek(1); err != nil {
			return nil, err
		}
	}
	if err := c.conn.SetReadDeadline(time.Now().Add(c.limits.arrive)); err != nil {
		return nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, ErrTooLong
	}
	if err != nil {
		return nil, err
	}
	if err := c.conn.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil, errNotOurs
	}
	return bytes.Clone(line), nil
}

// Send implements channel.Channel. When it fails the connection is closed:
// part of a line may have gone out.
func (c *lines) Send(line []byte) error {
	if len(line)+1 > c.limits.frame {
		return ErrTooLong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.conn.SetWriteDeadline(time.Now().Add(c.limits.write))
	if err == nil {
		_, err = c.conn.Write(append(line, '\n'))
	}
	if err != nil {
		c.conn.Close()
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return nil
}

// Close implements channel.Channel.
func (c *lines) Close() error { return c.conn.Close() }
