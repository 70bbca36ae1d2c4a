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
}

// UnmarshalJSON knows the members by their very names, as jrpc2 does, and no
// others. encoding/json would take "ID" for "id"; then a line that is a request
// here is an invalid notification to jrpc2 1.3.6, which answers it also when
// the connection has ended meanwhile, and panics.
func (h *head) UnmarshalJSON(line []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return err
	}
	*h = head{}
	var version string
	for name, value := range members {
		var err error
		switch name {
		case "jsonrpc":
			err = json.Unmarshal(value, &version)
		case "id":
			h.ID = value
		case "method":
			err = json.Unmarshal(value, &h.Method)
		case "params":
			h.Params = value
		case "result", "error":
		default:
			err = errNotOurs
		}
		if err != nil {
			return err
		}
	}
	if version != "2.0" {
		return errNotOurs
	}
	return nil
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
		var h head
		// Arrays are batches to JSON-RPC: many requests in one line.
		if line[0] != '{' || json.Unmarshal(line, &h) != nil {
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
