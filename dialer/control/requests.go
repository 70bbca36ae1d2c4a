package control

import "net"

// requests is the agent's end of a connection. It reads no further request
// while a number of them wait for their answers, so that a client cannot fill
// the agent's memory: jrpc2 itself queues without bound.
type requests struct {
	*lines
	waiting chan struct{}   // holds one for each request without an answer
	gone    <-chan struct{} // closed with the connection
	onEnd   func()          // called when the reading side has ended
}

func newRequests(conn net.Conn, l limits, gone <-chan struct{}, onEnd func()) *requests {
	c := &requests{waiting: make(chan struct{}, l.pending), gone: gone, onEnd: onEnd}
	c.lines = newLines(conn, l, c.request)
	return c
}

// request admits only what gets exactly one answer: no notifications, no
// answers to what was never asked, no ids that JSON-RPC does not know.
func (c *requests) request(h head) (bool, error) {
	if h.other || h.Method == "" || len(h.ID) == 0 || h.ID[0] != '"' && h.ID[0] != '-' && (h.ID[0] < '0' || h.ID[0] > '9') {
		return false, errNotOurs
	}
	select {
	case c.waiting <- struct{}{}:
		return true, nil
	case <-c.gone:
		return false, net.ErrClosed
	}
}

// Recv implements channel.Channel. Its end ends the handlers that are at work
// for this client: jrpc2 waits for them before it reports the end.
func (c *requests) Recv() ([]byte, error) {
	line, err := c.lines.Recv()
	if err != nil {
		c.onEnd()
	}
	return line, err
}

// Send implements channel.Channel.
func (c *requests) Send(line []byte) error {
	err := c.lines.Send(line)
	if err != nil {
		_ = c.Close() // a client that misses an answer would wait for ever
	}
	if h, ok := headOf(line); ok && h.Method == "" {
		<-c.waiting
	}
	return err
}
