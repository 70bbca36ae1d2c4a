package ipc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

// Client is the client's end of a connection.
type Client struct {
	endpoint  Endpoint
	stream    *stream
	receivers map[string]Receiver
	slots     chan struct{} // holds one for each request without an answer
	done      chan struct{} // closed when nothing more will be received

	mu      sync.Mutex // guards what follows
	last    uint64
	pending map[string]chan message
}

// NewClient starts to read r, and returns at once. ended, which may be nil, is
// called when nothing more will be received: with nil where either end closed
// the connection. It must not call the Client.
func NewClient(r io.Reader, w io.WriteCloser, e Endpoint, ended func(error), table ...Receiver) *Client {
	c := &Client{
		endpoint: e, stream: newStream(r, w, e), receivers: make(map[string]Receiver),
		slots: make(chan struct{}, e.Pending), done: make(chan struct{}),
		pending: make(map[string]chan message),
	}
	for _, r := range table {
		c.receivers[r.name] = r
	}
	go func() {
		defer close(c.done)
		why := c.stream.end(c.read())
		if ended != nil {
			ended(why)
		}
	}()
	return c
}

// Done is closed when nothing more will be received.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection and waits for the goroutine that reads. Where r can
// not be closed while it is being read (a blocking stdin), do not call it: exit.
func (c *Client) Close() {
	_ = c.stream.end(nil)
	<-c.done
}

func (c *Client) read() error {
	for {
		m, err := c.stream.read()
		switch {
		case err != nil:
			return err
		case m.Method == "":
			waiting := c.take(string(m.ID))
			if waiting == nil {
				return ErrBadFrame
			}
			waiting <- m
		case m.ID != nil: // a client is asked nothing
			return ErrBadFrame
		default:
			if r, ok := c.receivers[m.Method]; ok { // else it is of a later version
				r.take(m.Params)
			}
		}
	}
}

// take ends the wait for an answer: nil where nobody waits for it.
func (c *Client) take(id string) chan<- message {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting, ok := c.pending[id]
	if ok {
		delete(c.pending, id)
		<-c.slots
	}
	return waiting
}

// call asks and waits for the answer.
func (c *Client) call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	// The server reads nothing, cancellations included, while more requests wait
	// than it admits. It must not come to that.
	select {
	case c.slots <- struct{}{}:
	case <-c.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("ipc: %s: %w", method, ctx.Err())
	}
	answer := make(chan message, 1)
	c.mu.Lock()
	c.last++
	id := strconv.FormatUint(c.last, 10)
	c.pending[id] = answer
	c.mu.Unlock()
	if err := c.stream.write(message{ID: json.RawMessage(id), Method: method, Params: params}); err != nil {
		c.take(id)
		return nil, err
	}
	select {
	case m := <-answer:
		return c.result(m)
	case <-c.done:
		select {
		case m := <-answer: // it came before the end
			return c.result(m)
		default:
			return nil, ErrClosed
		}
	case <-ctx.Done():
		params, err := json.Marshal(cancelParams{id})
		if err == nil {
			// A failure means that the other end is gone.
			_ = c.stream.write(message{Method: methodCancel, Params: params})
		}
		return nil, fmt.Errorf("ipc: %s: %w", method, ctx.Err())
	}
}

func (c *Client) result(m message) (json.RawMessage, error) {
	switch {
	case m.Error == nil:
		return m.Result, nil
	case m.Error.Code != refused:
		return nil, m.Error
	}
	p := new(status.Problem)
	if json.Unmarshal(m.Error.Data, p) != nil || p.Code == "" { // another version's
		p = &status.Problem{Code: status.CodeUnforeseen, Detail: clean.Foreign(m.Error.Data)}
	}
	return nil, p
}
