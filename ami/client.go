// Package ami is a client of the Asterisk Manager Interface: framing, login,
// actions and typed events, for Asterisk 11 to 22 and KalliopePBX. It knows
// nothing of dialling.
//
// # Use
//
// Dial connects and logs in, Do carries out an action and waits for its
// answer, List one that answers with a list, Subscribe gives a stream of
// events, Close logs off. A client lives as long as its connection: it neither
// reconnects nor pings, which is for whoever knows what the connection is for.
//
// # Trust
//
// Nothing the server sends is trusted: lines and messages are bounded, and so is
// what waits in lists and queues, all together (maxHeld); an answer counts only for an action in flight, and texts are
// cleaned before they are handed out. Nothing is put on the wire that did not
// pass an allow-list, because a line break or a comma at the wrong place makes
// another action or variable of it.
//
// # Concurrency
//
// Every method of Client may be called from any goroutine. One goroutine of
// the client reads; it never waits for anybody: an answer goes to its action's
// slot, an event to the subscriptions' own queues. A filter looks at an event
// in the read buffer before anything is copied, so that other people's calls,
// nearly all of what a busy PBX sends, cost no memory. Each subscription has a
// goroutine that hands its queue out. Close waits for all of them. Actions are
// written on the goroutine of Do, one at a time, never under a lock the reader
// needs.
//
// # Tests
//
// The tests in this package speak to small servers on real sockets, one per
// fact, decode what an Asterisk 16 and 22 sent in real calls, and fuzz the
// reader and the writer. Package pbxsim has a whole PBX.
package ami

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Client is one logged-in connection.
type Client struct {
	cfg     Config
	conn    net.Conn // what is read and written
	raw     net.Conn // the TCP connection below it; closing that does not wait for TLS
	read    *reader
	heard   *heard
	version string
	log     *slog.Logger

	idPrefix string
	idCount  atomic.Uint64

	held  held          // what waits in pending and in the queues of subs
	wire  chan struct{} // holds one token; whoever has taken it may write
	lists atomic.Int32  // Lists in flight: spares the reader a look at each event's ActionID
	subs  atomic.Pointer[[]*Subscription]
	done  chan struct{} // closed when the reader has returned

	closing sync.Once

	mu      sync.Mutex // guards what follows; never held while writing
	pending map[string]*pending
	err     error // why the connection ended
	running bool  // the reader was started
	closed  bool  // Close was called
}

func newClient(cfg Config, raw, conn net.Conn) *Client {
	h := &heard{src: conn, since: time.Now()}
	c := &Client{
		cfg: cfg, conn: conn, raw: raw, read: newReader(h), heard: h, log: cfg.Log,
		idPrefix: cfg.actionIDs,
		wire:     make(chan struct{}, 1),
		done:     make(chan struct{}),
		pending:  make(map[string]*pending),
	}
	if c.idPrefix == "" {
		var b [6]byte
		_, _ = rand.Read(b[:]) // never fails
		c.idPrefix = hex.EncodeToString(b[:])
	}
	c.wire <- struct{}{}
	c.subs.Store(new([]*Subscription))
	return c
}

// Version returns what the banner said after "Asterisk Call Manager/", for
// instance "5.0.4"; empty where that was not a plain version. It is the
// protocol's version, not Asterisk's.
func (c *Client) Version() string { return c.version }

// TakesChannelIDs reports whether the server is known to make the channels of an
// Originate with the ids that it asks for: AMI 2.2.0 and later, which is Asterisk
// 12.2 (its CHANGES). False where the banner does not tell.
func (c *Client) TakesChannelIDs() bool {
	major, rest, _ := strings.Cut(c.version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA == nil && errB == nil && (a > 2 || a == 2 && b >= 2)
}

// LastHeard returns when the last byte came from the server. An answer may be
// late; a server of which nothing is heard at all is gone.
func (c *Client) LastHeard() time.Time { return c.heard.since.Add(time.Duration(c.heard.at.Load())) }

// heard is a reader that notes when its source last gave something.
type heard struct {
	src   io.Reader
	since time.Time
	at    atomic.Int64 // nanoseconds after since
}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.src.Read(b)
	if n > 0 {
		h.at.Store(int64(time.Since(h.since)))
	}
	return n, err
}

// Done is closed when the connection has ended and no more answers or events
// will be queued.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err tells why the connection ended: ErrClosed after Close, ErrGoodbye,
// ErrMessageTooLarge, ErrTooMuch, ErrWriteTimeout or an error of the network such
// as io.EOF; nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Do sends an action and waits for its answer, at most until ctx ends or
// ActionTimeout has passed (context.DeadlineExceeded). "Response: Error" gives
// a *ResponseError, along with the response. After ErrNotSent the
// server without the action; after any other error it may have been carried out.
// ctx does not interrupt the write itself, which WriteTimeout bounds.
func (c *Client) Do(ctx context.Context, a Action) (Response, error) {
	p := &pending{action: a.Name()}
	if err := c.roundTrip(ctx, a, p); err != nil {
		return Response{}, err
	}
	return p.response, p.err
}

// List sends an action that answers with a list and returns the items that keep
// accepts (nil: all) and this package has types for, once the list is complete. Its
// bounds and errors are those of Do. Events of the list do not reach the
// subscriptions. A list may have no end: who looks for a few has keep choose them,
// so that the others cost no memory.
func (c *Client) List(ctx context.Context, a Action, keep Filter) ([]Event, error) {
	p := &pending{action: a.Name(), list: true, keep: keep}
	if err := c.roundTrip(ctx, a, p); err != nil {
		return nil, err
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.items, nil
}

// roundTrip sends a, and returns when p has its answer.
func (c *Client) roundTrip(ctx context.Context, a Action, p *pending) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ActionTimeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return notSent(a, err)
	}
	id := c.actionID(a)
	line, err := encode(a, id)
	if err != nil {
		return notSent(a, err)
	}
	p.done = make(chan struct{})
	if err := c.register(id, p); err != nil {
		return notSent(a, err)
	}
	defer c.unregister(id, p)

	select {
	case <-c.wire:
	case <-ctx.Done():
		return notSent(a, ctx.Err())
	case <-c.done:
		return notSent(a, c.Err())
	}
	err = c.write(line, time.Now().Add(c.cfg.WriteTimeout))
	c.wire <- struct{}{}
	if err != nil {
		c.log.Debug("ami: action lost", "action", actionName(a.Name()))
		return fmt.Errorf("ami: %s: %w", a.Name(), err)
	}

	select {
	case <-p.done:
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.done:
		err = c.Err()
	}
	if err != nil {
		select {
		case <-p.done: // the answer was there as well, and counts
		default:
			c.log.Debug("ami: action not answered", "action", actionName(a.Name()))
			return fmt.Errorf("ami: %s: no answer: %w", a.Name(), err)
		}
	}
	c.log.Debug("ami: action answered", "action", actionName(a.Name()), "success", p.err == nil)
	return nil
}

// actionName is an action's as a log has it.
type actionName string

func notSent(a Action, err error) error {
	return fmt.Errorf("ami: %s: %w: %w", a.Name(), ErrNotSent, err)
}

func (c *Client) actionID(a Action) string {
	if own, ok := a.(interface{ actionID() string }); ok && own.actionID() != "" {
		return own.actionID()
	}
	return c.idPrefix + "-" + strconv.FormatUint(c.idCount.Add(1), 10)
}

func (c *Client) register(id string, p *pending) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return c.err
	case c.closed && p.action != logoff{}.Name():
		return ErrClosed
	case !c.running:
		return errors.New("ami: Do called from OnLogin")
	case c.pending[id] != nil:
		return fmt.Errorf("ami: ActionID in use: %w", ErrBadValue)
	}
	c.pending[id] = p
	if p.list {
		c.lists.Add(1)
	}
	return nil
}

func (c *Client) unregister(id string, p *pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[id] == p {
		c.forgetLocked(id, p)
	}
	_ = c.held.add(-p.size)
}

func (c *Client) forgetLocked(id string, p *pending) {
	delete(c.pending, id)
	if p.list {
		c.lists.Add(-1)
	}
}

// write puts an action on the wire; the caller holds the token. After a
// failure half an action may be out, so the connection is given up.
func (c *Client) write(line []byte, deadline time.Time) error {
	err := c.conn.SetWriteDeadline(deadline)
	if err == nil {
		_, err = c.conn.Write(line)
	}
	if err == nil {
		// TLS also writes when it reads a key update, and must not find an old
		// deadline then.
		err = c.conn.SetWriteDeadline(time.Time{})
	}
	if err == nil {
		return nil
	}
	if isTimeout(err) {
		err = ErrWriteTimeout
	}
	c.fail(err)
	return c.Err() // the first reason counts
}

// fail ends the connection; the first reason stays.
func (c *Client) fail(err error) {
	c.mu.Lock()
	if c.err == nil {
		switch {
		case c.closed, errors.Is(err, net.ErrClosed):
			err = ErrClosed
		case !ours(err):
			err = &NetworkError{"the connection", err}
		}
		c.err = err
	}
	c.mu.Unlock()
	_ = c.raw.Close() // below TLS, whose close_notify could wait for a peer that is stuck
}

func ours(err error) bool {
	return errors.Is(err, ErrMessageTooLarge) || errors.Is(err, ErrTooMuch) || errors.Is(err, ErrWriteTimeout) ||
		errors.Is(err, ErrGoodbye) || errors.Is(err, ErrClosed)
}

// Subscribe starts a stream of the events that want accepts (all of them when
// it is nil). With queue > 0 at most that many wait to be taken, and what does
// not fit is counted in a Lost at its place in the stream. With queue 0
// nothing is lost: that is for the events of one's own call, of which there
// are few. A message that the server tore is told to every subscription as Lost.
// Where too much waits (see maxHeld), and nothing of it is taken for a second, the
// connection is given up, with ErrTooMuch.
//
// Events that came in before the call are not delivered: to have all from the
// login on, subscribe in Config.OnLogin.
func (c *Client) Subscribe(want Filter, queue int) *Subscription {
	s := newSubscription(c, want, queue)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		s.end()
		return s
	}
	// The reader walks the old slice meanwhile, so a new one is made.
	subs := append(slices.Clone(*c.subs.Load()), s)
	c.subs.Store(&subs)
	return s
}

func (c *Client) unsubscribe(s *Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	subs := slices.DeleteFunc(slices.Clone(*c.subs.Load()), func(o *Subscription) bool { return o == s })
	c.subs.Store(&subs)
}

// Close says Logoff, waits at most 1 s for the server's Goodbye, closes the
// connection and every subscription, and waits for the goroutines behind them.
// It may be called more than once and from any goroutine but the reader's
// (that is, not from a Filter). The error is always nil.
func (c *Client) Close() error { return c.close(c.logoff) }

// Abandon is Close for a server that seems to be gone: it says no Logoff, and
// what was written and has not arrived never will, where the system lets us
// say so. Otherwise the system would go on sending it, and an Originate might arrive
// long after anybody wants it.
func (c *Client) Abandon() error {
	return c.close(func() {
		if tcp, ok := c.raw.(interface{ SetLinger(sec int) error }); ok {
			_ = tcp.SetLinger(0)
		}
	})
}

func (c *Client) close(farewell func()) error {
	c.closing.Do(func() {
		c.mu.Lock()
		c.closed = true
		c.mu.Unlock()
		farewell()
		c.fail(ErrClosed)
		<-c.done
		for _, s := range *c.subs.Load() {
			s.Close()
		}
	})
	return nil
}

func (c *Client) logoff() {
	const wait = time.Second
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	id := c.actionID(logoff{})
	line, err := encode(logoff{}, id)
	p := &pending{action: logoff{}.Name(), done: make(chan struct{})}
	if err != nil || c.register(id, p) != nil {
		return
	}
	defer c.unregister(id, p)
	select {
	case <-c.wire:
	case <-deadline.C:
		return
	case <-c.done:
		return
	}
	err = c.write(line, time.Now().Add(wait))
	c.wire <- struct{}{}
	if err != nil {
		return
	}
	select {
	case <-p.done:
	case <-deadline.C:
	case <-c.done:
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
