package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

// methodCancel is the one message of a client's that gets no answer: it no longer
// waits for that of the request with an id.
const methodCancel = "cancel"

type cancelParams struct{ ID string }

// Conn is the server's end of a connection.
type Conn struct {
	endpoint Endpoint
	stream   *stream
	handlers map[string]Handler
	ctx      context.Context // ends with the connection
	slots    chan struct{}   // holds one for each request without an answer
	wake     chan struct{}   // buffered 1: something was posted
	wg       sync.WaitGroup
	done     chan struct{} // closed when every goroutine is gone
	err      error         // why it ended; read after done

	mu      sync.Mutex // guards what follows
	pending map[string]context.CancelFunc
	posted  []*queue
}

// queue is what was posted of one kind of push and is not sent yet.
type queue struct {
	name   string
	values []any
	due    time.Time // when the next one may be sent
	every  time.Duration
}

// Serve answers the client at the other end of r and w by the table that table
// makes, until ctx ends, either end closes the connection, or the client sends a
// broken frame. It returns at once. When it ends it closes w, and r if that is
// an io.Closer; r should be one, or Wait waits until a read of it returns.
func Serve(ctx context.Context, r io.Reader, w io.WriteCloser, e Endpoint, table func(*Conn) []Handler) *Conn {
	ctx, end := context.WithCancel(ctx)
	c := &Conn{
		endpoint: e, stream: newStream(r, w, e), handlers: make(map[string]Handler), ctx: ctx,
		slots: make(chan struct{}, e.Pending), wake: make(chan struct{}, 1), done: make(chan struct{}),
		pending: make(map[string]context.CancelFunc),
	}
	for _, h := range table(c) {
		c.handlers[h.name] = h
	}
	stop := context.AfterFunc(ctx, func() { _ = c.stream.end(nil) })
	c.wg.Go(c.pushPosted)
	go func() {
		defer close(c.done)
		c.err = c.stream.end(c.read())
		end()
		c.wg.Wait()
		stop()
	}()
	return c
}

// Context ends with the connection.
func (c *Conn) Context() context.Context { return c.ctx }

// Go runs f, which must end with Context, and has Wait wait for it. It may only
// be called by a handler.
func (c *Conn) Go(f func()) { c.wg.Go(f) }

// Done is closed when the connection has ended and nothing of it is left.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Wait blocks until then. It returns nil where either end closed the connection,
// else what was wrong with the last frame.
func (c *Conn) Wait() error { <-c.done; return c.err }

// Close ends the connection and waits for it.
func (c *Conn) Close() {
	_ = c.stream.end(nil)
	<-c.done
}

// read hands requests out until the stream ends. It reads no further one while
// as many wait as may, so that a client cannot fill the memory.
func (c *Conn) read() error {
	for {
		m, err := c.stream.read()
		switch {
		case err != nil:
			return err
		case m.Method == methodCancel && m.ID == nil:
			var p cancelParams
			if json.Unmarshal(m.Params, &p) != nil {
				return ErrBadFrame
			}
			c.mu.Lock()
			if end := c.pending[p.ID]; end != nil {
				end()
			}
			c.mu.Unlock()
			continue
		case m.Method == "" || m.ID == nil: // an answer to nothing, or what gets none
			return ErrBadFrame
		}
		select {
		case c.slots <- struct{}{}:
		case <-c.ctx.Done():
			return nil
		}
		ctx, end := context.WithCancel(c.ctx)
		c.mu.Lock()
		_, twice := c.pending[string(m.ID)]
		c.pending[string(m.ID)] = end
		c.mu.Unlock()
		if twice {
			end()
			return ErrBadFrame
		}
		c.wg.Go(func() {
			c.answer(ctx, m)
			<-c.slots
		})
	}
}

// answer makes and sends the answer to a request. Should that be impossible the
// connection ends, or the client would wait for ever.
func (c *Conn) answer(ctx context.Context, m message) {
	a := message{ID: m.ID}
	result, err := any(nil), error(&Error{Code: noMethod, Message: "there is no such method"})
	if h, ok := c.handlers[m.Method]; ok {
		result, err = h.serve(ctx, m.Params)
	}
	if err == nil {
		a.Result, err = json.Marshal(result)
	}
	if err != nil {
		a.Error = c.wire(err)
	}
	c.mu.Lock()
	c.pending[string(m.ID)]()
	delete(c.pending, string(m.ID))
	c.mu.Unlock()
	err = c.stream.write(a)
	if errors.Is(err, ErrTooLong) {
		a.Result, a.Error = nil, &Error{Code: internal, Message: "the answer does not fit a frame"}
		err = c.stream.write(a)
	}
	if err != nil {
		_ = c.stream.end(err)
	}
}

// wire makes a handler's error one that can be sent.
func (c *Conn) wire(err error) *Error {
	if e := new(Error); errors.As(err, &e) {
		return e
	}
	var p *status.Problem
	if !errors.As(err, &p) {
		p = &status.Problem{Code: status.CodeUnforeseen, Detail: clean.Foreign(err.Error())}
	}
	told := *p
	if c.endpoint.Cut != nil {
		told = c.endpoint.Cut(told)
	}
	data, err := json.Marshal(told)
	if err != nil {
		return &Error{Code: internal, Message: "the error cannot be written"}
	}
	return &Error{Code: refused, Message: "refused", Data: data}
}

func (c *Conn) push(name string, v any) error {
	params, err := json.Marshal(v)
	if err == nil {
		err = c.stream.write(message{Method: name, Params: params})
	}
	if err != nil {
		_ = c.stream.end(err)
	}
	return err
}

func (c *Conn) post(name string, keep int, every time.Duration, v any) {
	c.mu.Lock()
	q := c.queueLocked(name)
	q.every = every
	q.values = append(q.values, v)
	q.values = q.values[max(0, len(q.values)-max(keep, 1)):]
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Conn) queueLocked(name string) *queue {
	for _, q := range c.posted {
		if q.name == name {
			return q
		}
	}
	q := &queue{name: name}
	c.posted = append(c.posted, q)
	return q
}

// pushPosted is the one goroutine that sends what was posted.
func (c *Conn) pushPosted() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		name, v, wait := c.next()
		if name != "" {
			if c.push(name, v) != nil {
				return
			}
			continue
		}
		if wait > 0 {
			timer.Reset(wait)
		}
		select {
		case <-c.ctx.Done():
			return
		case <-c.wake:
		case <-timer.C:
		}
	}
}

// next takes what is to be sent now, or says in what time there will be
// something: 0 for nothing at all.
func (c *Conn) next() (name string, v any, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, q := range c.posted {
		switch early := q.due.Sub(now); {
		case len(q.values) == 0:
		case early > 0 && (wait == 0 || early < wait):
			wait = early
		case early <= 0:
			v, q.values, q.due = q.values[0], q.values[1:], now.Add(q.every)
			return q.name, v, 0
		}
	}
	return "", nil, wait
}
