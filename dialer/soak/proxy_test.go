//go:build linux

package soak

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// proxy is the network between a Dialer and its PBX: a relay that can be disturbed.
// In clear it passes on whole messages, so that it can lose part of one,
// repeat it or let another overtake it; what is encrypted it passes on as it
// comes. Its methods may be called from any goroutine and do not block.
type proxy struct {
	ln     net.Listener
	opaque bool
	wg     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	pbx    string     // where it leads
	greet  connectMode
	conns  map[*proxyConn]struct{}
	placed map[string]int // Originates handed to the PBX, by the number in them
}

// connectMode is what becomes of new connections.
type connectMode int

const (
	connectPBX    connectMode = iota // to the PBX
	connectClosed                    // closed without a word, as by a PBX with too many sessions
	connectSilent                    // accepted, and silent
	connectNoAMI                     // something else than an AMI answers
)

// proxyConn is one connection through the proxy. It has a goroutine for each
// direction; run ends when both have.
type proxyConn struct {
	w      *proxy
	client *net.TCPConn
	pbx    *net.TCPConn
	cut    chan struct{} // closed with the connections
	once   sync.Once

	writing sync.Mutex // a message to the client is written whole

	mu             sync.Mutex // guards what follows
	heldUntil      time.Time  // nothing passes until then
	throttledUntil time.Time  // until then a few bytes at a time
	mangle         tampering
}

// tampering is how many of the next messages to the client are treated so.
type tampering struct{ tear, repeat, swap int }

func newProxy(opaque bool) (*proxy, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &proxy{ln: ln, opaque: opaque, conns: map[*proxyConn]struct{}{}, placed: map[string]int{}}
	w.wg.Go(w.accept)
	return w, nil
}

func (w *proxy) addr() *net.TCPAddr { return w.ln.Addr().(*net.TCPAddr) }

func (w *proxy) close() {
	_ = w.ln.Close()
	w.reset()
	w.wg.Wait()
}

// leadTo is where new connections go.
func (w *proxy) leadTo(pbx string) { w.do(func() { w.pbx = pbx }) }

func (w *proxy) receive(g connectMode) { w.do(func() { w.greet = g }) }

// takePlaced is how often each number was handed to the PBX since the last
// time.
func (w *proxy) takePlaced() (placed map[string]int) {
	w.do(func() { placed, w.placed = w.placed, map[string]int{} })
	return placed
}

func (w *proxy) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// live is how many connections there are.
func (w *proxy) live() (n int) {
	w.do(func() { n = len(w.conns) })
	return n
}

// each does something to all connections.
func (w *proxy) each(f func(*proxyConn)) {
	var all []*proxyConn
	w.do(func() {
		for c := range w.conns {
			all = append(all, c)
		}
	})
	for _, c := range all {
		f(c)
	}
}

// reset ends all connections as a firewall does that forgot them.
func (w *proxy) reset() { w.each((*proxyConn).reset) }

// hangUp ends them as a server does that has had enough.
func (w *proxy) hangUp() {
	w.each(func(c *proxyConn) { _ = c.client.CloseWrite() })
}

// hold lets nothing pass for so long, in either direction.
func (w *proxy) hold(d time.Duration) {
	w.each(func(c *proxyConn) { c.do(func() { c.heldUntil = time.Now().Add(d) }) })
}

// throttle lets a few bytes pass at a time, for so long.
func (w *proxy) throttle(d time.Duration) {
	w.each(func(c *proxyConn) { c.do(func() { c.throttledUntil = time.Now().Add(d) }) })
}

func (w *proxy) damage(m tampering) {
	w.each(func(c *proxyConn) { c.do(func() { c.mangle = m }) })
}

// inject slips text in between two messages.
func (w *proxy) inject(text string) {
	w.each(func(c *proxyConn) { _ = c.toClient([]byte(text)) })
}

// restore ends every disturbance.
func (w *proxy) restore() {
	w.receive(connectPBX)
	w.each(func(c *proxyConn) {
		c.do(func() { c.heldUntil, c.throttledUntil, c.mangle = time.Time{}, time.Time{}, tampering{} })
	})
}

func (w *proxy) accept() {
	for {
		conn, err := w.ln.Accept()
		if err != nil {
			return
		}
		var pbx string
		var g connectMode
		w.do(func() { pbx, g = w.pbx, w.greet })
		c := &proxyConn{w: w, client: conn.(*net.TCPConn), cut: make(chan struct{})}
		switch g {
		case connectClosed:
			_ = conn.Close()
			continue
		case connectNoAMI:
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n")
		case connectPBX:
			to, err := net.DialTimeout("tcp", pbx, 5*time.Second)
			if err != nil {
				_ = conn.Close()
				continue
			}
			c.pbx = to.(*net.TCPConn)
		}
		w.do(func() { w.conns[c] = struct{}{} })
		w.wg.Go(c.run)
	}
}

func (c *proxyConn) do(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *proxyConn) run() {
	var wg sync.WaitGroup
	if c.pbx != nil {
		wg.Go(func() { c.down(); c.drop() })
	}
	c.up()
	c.drop()
	wg.Wait()
	c.w.do(func() { delete(c.w.conns, c) })
}

func (c *proxyConn) reset() {
	_ = c.client.SetLinger(0)
	c.drop()
}

func (c *proxyConn) drop() {
	c.once.Do(func() {
		close(c.cut)
		_ = c.client.Close()
		if c.pbx != nil {
			_ = c.pbx.Close()
		}
	})
}

// pass waits while the proxy is held, and reports whether the connection still lives.
func (c *proxyConn) pass() bool {
	for {
		var until time.Time
		c.do(func() { until = c.heldUntil })
		wait := time.Until(until)
		if wait <= 0 {
			return true
		}
		// A hold may be lifted early: look again now and then.
		t := time.NewTimer(min(wait, 20*time.Millisecond))
		select {
		case <-t.C:
		case <-c.cut:
			t.Stop()
			return false
		}
	}
}

// up carries what the client says.
func (c *proxyConn) up() {
	if c.pbx == nil {
		_, _ = io.Copy(io.Discard, c.client)
		return
	}
	in := bufio.NewReader(c.client)
	for {
		text, err := c.unit(in)
		if err != nil || !c.pass() {
			return
		}
		if number, ok := originateTo(text); ok {
			// Before it is written: what may have arrived counts.
			c.w.do(func() { c.w.placed[number]++ })
		}
		if _, err := c.pbx.Write(text); err != nil {
			return
		}
	}
}

// unit is the next message, or what there is of something encrypted.
func (c *proxyConn) unit(in *bufio.Reader) ([]byte, error) {
	if c.w.opaque {
		return chunk(in)
	}
	var message []byte
	for {
		line, err := in.ReadBytes('\n')
		message = append(message, line...)
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return message, nil
		}
	}
}

func chunk(in *bufio.Reader) ([]byte, error) {
	if _, err := in.Peek(1); err != nil {
		return nil, err
	}
	text := make([]byte, in.Buffered())
	_, err := io.ReadFull(in, text)
	return text, err
}

// originateTo is the number that an Originate asks for.
func originateTo(message []byte) (number string, ok bool) {
	for line := range strings.Lines(string(message)) {
		switch key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ": "); key {
		case "Action":
			ok = value == "Originate"
		case "Exten":
			number = value
		}
	}
	return number, ok
}

// overtaken is how long a message is held back for the next one to overtake.
const overtaken = 50 * time.Millisecond

// down carries what the PBX says, and does to it what was asked for.
func (c *proxyConn) down() {
	in := bufio.NewReader(c.pbx)
	var part, held []byte // of a message; a message to be overtaken
	banner := !c.w.opaque
	for {
		if held != nil {
			_ = c.pbx.SetReadDeadline(time.Now().Add(overtaken))
		} else {
			_ = c.pbx.SetReadDeadline(time.Time{})
		}
		var err error
		if c.w.opaque {
			part, err = chunk(in)
		} else {
			var line []byte
			line, err = in.ReadBytes('\n')
			part = append(part, line...)
			if err == nil && !banner && len(bytes.TrimRight(line, "\r\n")) > 0 {
				continue
			}
		}
		var send [][]byte
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			send, held = [][]byte{held}, nil
		case err != nil:
			if held != nil {
				_ = c.toClient(held)
			}
			_ = c.toClient(part) // a server that was killed leaves half a message
			return
		default:
			send, held = c.tamper(part, held)
			part, banner = nil, false
		}
		for _, text := range send {
			if !c.pass() || c.toClient(text) != nil {
				return
			}
		}
	}
}

// tamper is what becomes of a message: what to send now, and what to hold
// back for the next one to overtake it.
func (c *proxyConn) tamper(message, held []byte) (send [][]byte, hold []byte) {
	var m tampering
	c.do(func() {
		m = c.mangle
		if !c.w.opaque {
			c.mangle = tampering{max(0, m.tear-1), max(0, m.repeat-1), max(0, m.swap-1)}
		}
	})
	switch {
	case c.w.opaque:
		return [][]byte{message}, nil
	case held != nil:
		return [][]byte{message, held}, nil
	case m.tear > 0:
		lines := bytes.SplitAfter(message, []byte("\n"))
		return [][]byte{bytes.Join(lines[:max(1, len(lines)/2)], nil)}, nil
	case m.repeat > 0:
		return [][]byte{message, message}, nil
	case m.swap > 0:
		return nil, message
	}
	return [][]byte{message}, nil
}

func (c *proxyConn) toClient(text []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	for len(text) > 0 {
		var slow bool
		c.do(func() { slow = time.Now().Before(c.throttledUntil) })
		n := len(text)
		if slow {
			n = min(n, 3)
		}
		_ = c.client.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.client.Write(text[:n]); err != nil {
			return err
		}
		if text = text[n:]; !slow {
			continue
		}
		t := time.NewTimer(time.Millisecond)
		select {
		case <-t.C:
		case <-c.cut:
			t.Stop()
			return net.ErrClosed
		}
	}
	return nil
}
