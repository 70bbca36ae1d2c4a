//go:build linux

package main

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// wire is a cable to a PBX that remembers what went through it.
type wire struct {
	ln net.Listener
	wg sync.WaitGroup

	mu    sync.Mutex // guards what follows
	lines []*line
}

// line is one connection.
type line struct {
	sent, received []byte
	over           bool
}

// tap lays a wire to addr.
func tap(t *testing.T, addr string) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{ln: ln}
	w.wg.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			w.wg.Go(func() { w.carry(client, addr) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		w.wg.Wait()
	})
	return w
}

func (w *wire) addr() string { return w.ln.Addr().String() }

// carry returns when both sides have said all; either one's end is the other's.
func (w *wire) carry(client net.Conn, addr string) {
	defer client.Close()
	pbx, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer pbx.Close()
	l := &line{}
	w.mu.Lock()
	w.lines = append(w.lines, l)
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.copy(pbx, client, &l.sent) })
	both.Go(func() { w.copy(client, pbx, &l.received) })
	both.Wait()
	w.mu.Lock()
	l.over = true
	w.mu.Unlock()
}

func (w *wire) copy(to, from net.Conn, kept *[]byte) {
	defer to.Close()
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		*kept = append(*kept, buf[:n]...)
		w.mu.Unlock()
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// over is how many connections were made and are closed again.
func (w *wire) over() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, l := range w.lines {
		if l.over {
			n++
		}
	}
	return n
}

// logins are those that were asked of the PBX and those that it refused.
func (w *wire) logins() (asked, refused int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		asked += bytes.Count(l.sent, []byte("Action: Login\r\n"))
		refused += bytes.Count(l.received, []byte("Message: Authentication failed"))
	}
	return asked, refused
}

// handshakes are how many connections began TLS, and how many agreed on it:
// before that no client sends a byte of its own. In TLS 1.3 the first thing
// that follows the hello under encryption is either an alert, of 19 bytes, or
// the longer message that ends the handshake.
func (w *wire) handshakes(t *testing.T) (begun, agreed int) {
	t.Helper()
	const alert = 2 + 1 + 16 // itself, its type, the cipher's tag
	const handshake, applicationData = 22, 23
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		hello, secured := false, false
		for rest := l.sent; len(rest) >= 5; {
			kind, size := rest[0], int(rest[3])<<8|int(rest[4])
			hello = hello || kind == handshake
			secured = secured || kind == applicationData && size > alert
			rest = rest[min(5+size, len(rest)):]
		}
		if hello {
			begun++
		}
		if secured {
			agreed++
		}
	}
	return begun, agreed
}
