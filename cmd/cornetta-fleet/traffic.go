package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

// traffic counts what goes over the connections of the fleet.
type traffic struct {
	received atomic.Int64 // bytes

	mu     sync.Mutex // guards what follows
	opened int        // connections made so far
	failed int        // connections the network refused
	open   int        // of them now
	most   int        // at one time, since watch was called
}

// counts is a traffic at one moment.
type counts struct {
	received             int64
	opened, failed, open int
}

func (t *traffic) counts() counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return counts{t.received.Load(), t.opened, t.failed, t.open}
}

func (t *traffic) mostOpen() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.most
}

// dial is a dialer's DialContext.
func (t *traffic) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed++
		return nil, err
	}
	t.opened++
	t.open++
	t.most = max(t.most, t.open)
	return &counted{Conn: conn, traffic: t}, nil
}

// counted is one connection of the fleet.
type counted struct {
	net.Conn
	traffic *traffic
	once    sync.Once
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.traffic.received.Add(int64(n))
	return n, err
}

func (c *counted) Close() error {
	c.once.Do(func() {
		c.traffic.mu.Lock()
		c.traffic.open--
		c.traffic.mu.Unlock()
	})
	return c.Conn.Close()
}
