//go:build linux

package main

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// road is the way to a PBX, and what happens on it.
type road struct {
	// trip is what a round trip takes. The connection itself takes one, as over
	// a real network: what is sent first stands for that time.
	trip time.Duration
	// passed is told of each message of the PBX just before it is delivered.
	passed func(message []byte, at time.Time)
	// crowd is the messages of other people that are put in between each ten
	// milliseconds.
	crowd []byte
}

var messageEnd = []byte("\r\n\r\n")

// carry lays the road to addr and returns where it begins.
func carry(b *testing.B, addr string, r road) string {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer client.Close()
				pbx, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				defer pbx.Close()
				begun := time.Now().Add(r.trip)
				var both sync.WaitGroup
				both.Go(func() { r.pass(pbx, client, begun, r.trip/2, false) })
				both.Go(func() { r.pass(client, pbx, begun, r.trip/2, r.passed != nil || r.crowd != nil) })
				both.Wait()
			})
		}
	})
	b.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return ln.Addr().String()
}

// pass delivers what from says to to, not before begun and late by delay, whole
// messages at a time if it is to look at them.
func (r road) pass(to, from net.Conn, begun time.Time, delay time.Duration, look bool) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 1<<10)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer to.Close()
		var crowd <-chan time.Time
		for {
			select {
			case p, ok := <-pieces:
				if !ok {
					return
				}
				time.Sleep(time.Until(p.due))
				if r.crowd != nil && look && crowd == nil {
					tick := time.NewTicker(10 * time.Millisecond)
					defer tick.Stop()
					crowd = tick.C
				}
				if look && r.passed != nil {
					r.passed(p.data, time.Now())
				}
				if _, err := to.Write(p.data); err != nil {
					_ = from.Close()
				}
			case <-crowd:
				if _, err := to.Write(r.crowd); err != nil {
					_ = from.Close()
				}
			}
		}
	})
	defer wg.Wait()
	defer close(pieces)
	buf := make([]byte, 64<<10)
	var rest []byte
	mark := messageEnd[:2] // the banner is a line, and no crowd comes before it
	for {
		n, err := from.Read(buf)
		if n > 0 {
			due := time.Now()
			if due.Before(begun) {
				due = begun
			}
			due = due.Add(delay)
			if !look {
				pieces <- piece{bytes.Clone(buf[:n]), due}
			} else {
				rest = append(rest, buf[:n]...)
				for {
					end := bytes.Index(rest, mark)
					if end < 0 {
						break
					}
					pieces <- piece{bytes.Clone(rest[:end+len(mark)]), due}
					rest = rest[end+len(mark):]
					mark = messageEnd
				}
			}
		}
		if err != nil {
			return
		}
	}
}
