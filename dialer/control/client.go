package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// patience is how long Connect tries when its context sets no earlier end.
const patience = 5 * time.Second

// Client is a connection to the running instance.
type Client struct {
	rpc   *jrpc2.Client
	limit int
	gone  chan struct{} // closed when nothing more will be received
	end   func()        // closes gone

	mu    sync.Mutex // guards what follows
	calls map[uint64]*Call
	next  uint64
}

// Connect reaches the running instance of name. It returns ErrNotRunning at
// once when there is none; while the instance is busy it tries again, for five
// seconds or until ctx ends.
func Connect(ctx context.Context, name string) (*Client, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	busy := false
	for {
		c, err := connect(ctx, name, defaultLimits)
		switch {
		case errors.Is(err, ErrBusy):
			busy = true
		case err != nil && busy && ctx.Err() != nil: // time ran out in the middle of a try
			return nil, ErrBusy
		default:
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ErrBusy
		// Many who were turned away together do not come back together.
		case <-time.After(10*time.Millisecond + rand.N(40*time.Millisecond)):
		}
	}
}

func connect(ctx context.Context, name string, l limits) (*Client, error) {
	conn, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := trusted(conn); err != nil {
		conn.Close()
		return nil, err
	}
	c := &Client{limit: l.frame, gone: make(chan struct{}), calls: make(map[uint64]*Call)}
	c.end = sync.OnceFunc(func() { close(c.gone) })
	c.rpc = jrpc2.NewClient(&answers{lines: newLines(conn, l, c.push), end: c.end}, nil)
	var hello helloResult
	switch err := c.do(ctx, methodHello, nil, &hello); {
	case err == nil && hello.Protocol == protocol:
		return c, nil
	case err == nil:
		err = fmt.Errorf("control: the running instance speaks protocol %d, this is %d", hello.Protocol, protocol)
		fallthrough
	default:
		c.Close()
		switch {
		case errors.Is(err, ErrClosed): // it was accepted and shown the door
			return nil, ErrBusy
		case errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
		return nil, err
	}
}

// Close ends the connection and waits for its goroutines. A call goes on.
func (c *Client) Close() error {
	_ = c.rpc.Close() // its error is why the connection ended before, which no longer matters
	c.end()
	return nil
}

// Show has the agent open its dial window with text in it.
func (c *Client) Show(ctx context.Context, text string) error {
	return c.do(ctx, methodShow, showParams{Text: text}, nil)
}

// Link hands a tel: link over; the agent asks the person.
func (c *Client) Link(ctx context.Context, uri string) error {
	return c.do(ctx, methodLink, linkParams{URI: uri}, nil)
}

// Status is the agent's state.
func (c *Client) Status(ctx context.Context) (status.Snapshot, error) {
	var s status.Snapshot
	err := c.do(ctx, methodStatus, nil, &s)
	return s, err
}

// Hangup ends the call that is going on.
func (c *Client) Hangup(ctx context.Context) error { return c.do(ctx, methodHangup, nil, nil) }

// Reload tells the agent that the settings were changed.
func (c *Client) Reload(ctx context.Context) error { return c.do(ctx, methodReload, nil, nil) }

// Dial has number called, as if it had been typed, and returns when the PBX
// has taken the call. With wait, the Call tells what becomes of it. Ending ctx
// later, or closing the Client, does not end the call: Hangup does. consent is
// the dial string that a person has said yes to, after a status.CodeConfirm said that it
// takes one; "" before.
func (c *Client) Dial(ctx context.Context, number, consent string, wait bool) (*Call, error) {
	return c.place(ctx, wait, methodDial, func(follow uint64) any {
		return dialParams{Number: number, Consent: consent, Follow: follow}
	})
}

// DialCopied is Dial for the text that the agent finds where what says.
func (c *Client) DialCopied(ctx context.Context, what Copied, wait bool) (*Call, error) {
	return c.place(ctx, wait, methodCopied, func(follow uint64) any {
		return copiedParams{Copied: what, Follow: follow}
	})
}

func (c *Client) place(ctx context.Context, wait bool, method string, params func(follow uint64) any) (*Call, error) {
	followed := &Call{client: c, news: make(chan struct{}, 1)}
	var id uint64
	if wait {
		id = c.follow(followed)
	}
	var r dialResult
	if err := c.do(ctx, method, params(id), &r); err != nil {
		c.unfollow(id)
		return nil, err
	}
	followed.place(r.Placed, wait)
	return followed, nil
}

// do asks and waits for the answer.
func (c *Client) do(ctx context.Context, method string, params, result any) error {
	if err := fits(params, c.limit); err != nil {
		return err
	}
	r, err := c.rpc.Call(ctx, method, params)
	if err == nil {
		if result != nil {
			if err := r.UnmarshalResult(result); err != nil {
				return fmt.Errorf("control: %s: %w", method, err)
			}
		}
		return nil
	}
	if e := new(jrpc2.Error); errors.As(err, &e) && e.Code == refused {
		p := new(status.Problem)
		if json.Unmarshal(e.Data, p) == nil {
			return p
		}
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("control: %s: %w", method, ctx.Err())
	case errors.Is(err, ErrClosed), c.rpc.IsStopped():
		return ErrClosed
	}
	return fmt.Errorf("control: %s: %w", method, err)
}

func (c *Client) follow(f *Call) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	c.calls[c.next] = f
	return c.next
}

func (c *Client) unfollow(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, id)
}

// push takes the server's own messages out of the stream, in their order.
// jrpc2 would hand them over each on a goroutine of its own.
func (c *Client) push(h head) (pass bool, err error) {
	if h.Method == "" {
		return true, nil
	}
	var p callParams
	if h.Method != methodCall || json.Unmarshal(h.Params, &p) != nil {
		return false, nil //nolint:nilerr // it is of a later version
	}
	c.mu.Lock()
	f := c.calls[p.Follow]
	if p.Call == nil {
		delete(c.calls, p.Follow)
	}
	c.mu.Unlock()
	if f != nil {
		f.update(p.Call)
	}
	return false, nil
}

// answers is the client's end of a connection.
type answers struct {
	*lines
	end func()
}

// Recv implements channel.Channel.
func (a *answers) Recv() ([]byte, error) {
	line, err := a.lines.Recv()
	if err != nil {
		_ = a.Close()
		a.end()
	}
	return line, err
}

// Call is a call that the PBX has taken.
type Call struct {
	Placed call.Snapshot // how it stood when it was taken

	client *Client
	news   chan struct{} // holds one when there may be something new

	mu     sync.Mutex // guards what follows
	unread []call.Snapshot
	over   bool // nothing comes after unread
}

// Next blocks for the next snapshot of the call; the first one is Placed. It
// returns io.EOF after the last one, at once for a call that is not followed,
// and ErrClosed when the connection was lost before: what became of the call is
// then not known.
func (f *Call) Next(ctx context.Context) (call.Snapshot, error) {
	for {
		// Before looking: what came before the end is read before the end.
		var gone bool
		select {
		case <-f.client.gone:
			gone = true
		default:
		}
		if s, ok, err := f.take(); ok {
			return s, err
		}
		if gone {
			return call.Snapshot{}, ErrClosed
		}
		select {
		case <-f.news:
		case <-f.client.gone:
		case <-ctx.Done():
			return call.Snapshot{}, ctx.Err()
		}
	}
}
