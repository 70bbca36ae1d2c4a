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

// wire is the network between a Dialer and its PBX: a relay that can be hurt.
// In clear it passes on whole messages, so that it can lose part of one,
// repeat it or let another overtake it; what is encrypted it passes on as it
// comes. Its methods may be called from any goroutine and do not block.
type wire struct {
	ln     net.Listener
	opaque bool
	wg     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	pbx    string     // where it leads
	greet  greeting
	cables map[*cable]struct{}
	placed map[string]int // Originates handed to the PBX, by the number in them
}

// greeting is what becomes of new connections.
type greeting int

const (
	connect greeting = iota // to the PBX
	slam                    // closed without a word, as by a PBX with too many sessions
	mute                    // accepted, and silent
	babble                  // something else than an AMI answers
)

// cable is one connection through the wire. It has a goroutine for each
// direction; run ends when both have.
type cable struct {
	w      *wire
	client *net.TCPConn
	pbx    *net.TCPConn
	cut    chan struct{} // closed with the connections
	once   sync.Once

	writing sync.Mutex // a message to the client is written whole

	mu      sync.Mutex // guards what follows
	held    time.Time  // nothing passes until then
	trickle time.Time  // until then a few bytes at a time
	mangle  mangling
}

// mangling is how many of the next messages to the client are treated so.
type mangling struct{ tear, repeat, swap int }

func newWire(opaque bool) (*wire, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{ln: ln, opaque: opaque, cables: map[*cable]struct{}{}, placed: map[string]int{}}
	w.wg.Go(w.accept)
	return w, nil
}

func (w *wire) addr() *net.TCPAddr { return w.ln.Addr().(*net.TCPAddr) }

func (w *wire) close() {
	_ = w.ln.Close()
	w.reset()
	w.wg.Wait()
}

// leadTo is where new connections go.
func (w *wire) leadTo(pbx string) { w.do(func() { w.pbx = pbx }) }

func (w *wire) receive(g greeting) { w.do(func() { w.greet = g }) }

// takePlaced is how often each number was handed to the PBX since the last
// time.
func (w *wire) takePlaced() (placed map[string]int) {
	w.do(func() { placed, w.placed = w.placed, map[string]int{} })
	return placed
}

func (w *wire) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// each does something to all connections.
func (w *wire) each(f func(*cable)) {
	var all []*cable
	w.do(func() {
		for c := range w.cables {
			all = append(all, c)
		}
	})
	for _, c := range all {
		f(c)
	}
}

// reset ends all connections as a firewall does that forgot them.
func (w *wire) reset() { w.each((*cable).reset) }

// hangUp ends them as a server does that has had enough.
func (w *wire) hangUp() {
	w.each(func(c *cable) { _ = c.client.CloseWrite() })
}

// hold lets nothing pass for so long, in either direction.
func (w *wire) hold(d time.Duration) {
	w.each(func(c *cable) { c.do(func() { c.held = time.Now().Add(d) }) })
}

// drip lets a few bytes pass at a time, for so long.
func (w *wire) drip(d time.Duration) {
	w.each(func(c *cable) { c.do(func() { c.trickle = time.Now().Add(d) }) })
}

func (w *wire) damage(m mangling) {
	w.each(func(c *cable) { c.do(func() { c.mangle = m }) })
}

// inject slips text in between two messages.
func (w *wire) inject(text string) {
	w.each(func(c *cable) { _ = c.toClient([]byte(text)) })
}

// calm makes it a good wire again.
func (w *wire) calm() {
	w.receive(connect)
	w.each(func(c *cable) {
		c.do(func() { c.held, c.trickle, c.mangle = time.Time{}, time.Time{}, mangling{} })
	})
}

func (w *wire) accept() {
	for {
		conn, err := w.ln.Accept()
		if err != nil {
			return
		}
		var pbx string
		var g greeting
		w.do(func() { pbx, g = w.pbx, w.greet })
		c := &cable{w: w, client: conn.(*net.TCPConn), cut: make(chan struct{})}
		switch g {
		case slam:
			_ = conn.Close()
			continue
		case babble:
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n")
		case connect:
			to, err := net.DialTimeout("tcp", pbx, 5*time.Second)
			if err != nil {
				_ = conn.Close()
				continue
			}
			c.pbx = to.(*net.TCPConn)
		}
		w.do(func() { w.cables[c] = struct{}{} })
		w.wg.Go(c.run)
	}
}

func (c *cable) do(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *cable) run() {
	var wg sync.WaitGroup
	if c.pbx != nil {
		wg.Go(func() { c.down(); c.drop() })
	}
	c.up()
	c.drop()
	wg.Wait()
	c.w.do(func() { delete(c.w.cables, c) })
}

func (c *cable) reset() {
	_ = c.client.SetLinger(0)
	c.drop()
}

func (c *cable) drop() {
	c.once.Do(func() {
		close(c.cut)
		_ = c.client.Close()
		if c.pbx != nil {
			_ = c.pbx.Close()
		}
	})
}

// pass waits while the wire is held, and tells whether it is still whole.
func (c *cable) pass() bool {
	for {
		var until time.Time
		c.do(func() { until = c.held })
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
func (c *cable) up() {
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
func (c *cable) unit(in *bufio.Reader) ([]byte, error) {
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
func (c *cable) down() {
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
			send, held = c.mangled(part, held)
			part, banner = nil, false
		}
		for _, text := range send {
			if !c.pass() || c.toClient(text) != nil {
				return
			}
		}
	}
}

// mangled is what becomes of a message: what to send now, and what to hold
// back for the next one to overtake it.
func (c *cable) mangled(message, held []byte) (send [][]byte, hold []byte) {
	var m mangling
	c.do(func() {
		m = c.mangle
		if !c.w.opaque {
			c.mangle = mangling{max(0, m.tear-1), max(0, m.repeat-1), max(0, m.swap-1)}
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

func (c *cable) toClient(text []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	for len(text) > 0 {
		var slow bool
		c.do(func() { slow = time.Now().Before(c.trickle) })
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
