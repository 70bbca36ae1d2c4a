package control

import (
	"context"
	"sync"

	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// Client is a connection to the running instance. A call that it has placed goes
// on when it is closed.
type Client struct {
	*ipc.Client

	mu    sync.Mutex // guards what follows
	calls map[uint64]*Call
	next  uint64
	watch *Watch // nil: none
}

// Connect reaches the running instance of name, as ipc.Connect does.
func Connect(ctx context.Context, name string) (*Client, error) {
	c := &Client{calls: make(map[uint64]*Call)}
	var err error
	if c.Client, err = ipc.Connect(ctx, name, endpoint, progress.Receive(c.heard), state.Receive(c.watched)); err != nil {
		return nil, err
	}
	return c, nil
}

// Dial has number called, as if it had been typed, and returns when the PBX
// has taken the call. With wait, the Call tells what becomes of it. Ending ctx
// later, or closing the Client, does not end the call: Hangup does. Where a person
// has to agree first, the error has status.CodeConfirm or CodeSeveral and the offers,
// which DialOffer takes.
func (c *Client) Dial(ctx context.Context, number string, wait bool) (*Call, error) {
	return c.place(wait, func(follow uint64) (dialResult, error) {
		return dial.Call(ctx, c, dialParams{number, follow})
	})
}

// DialOffer is Dial for the offer with that id, which a person has agreed to with w.
func (c *Client) DialOffer(ctx context.Context, id uint64, w status.Wish, wait bool) (*Call, error) {
	return c.place(wait, func(follow uint64) (dialResult, error) {
		return dialOffer.Call(ctx, c, offerParams{id, w, follow})
	})
}

// DialCopied is Dial for the text that the agent finds where what says.
func (c *Client) DialCopied(ctx context.Context, what Copied, wait bool) (*Call, error) {
	return c.place(wait, func(follow uint64) (dialResult, error) {
		return dialCopied.Call(ctx, c, copiedParams{Copied: what, Follow: follow})
	})
}

// Log is the end of the agent's log, line by line, the oldest first.
func (c *Client) Log(ctx context.Context) (lines []string, err error) {
	for next := 1; next > 0 && len(lines) < maxLogLines; {
		r, err := Inside.Call(ctx, c.Client, InsideParams{Log: next})
		if err != nil {
			return lines, err
		}
		lines = append(lines, r.Log...)
		if len(r.Log) == 0 {
			break
		}
		next = r.Next
	}
	return lines, nil
}

// maxLogLines is more than an agent keeps.
const maxLogLines = 1000

// place has a call placed, which is followed by a number where that is wanted.
func (c *Client) place(wait bool, place func(follow uint64) (dialResult, error)) (*Call, error) {
	followed := &Call{client: c, news: make(chan struct{}, 1)}
	var id uint64
	if wait {
		id = c.follow(followed)
	}
	r, err := place(id)
	if err != nil {
		c.unfollow(id)
		return nil, err
	}
	followed.place(r.Placed, wait)
	return followed, nil
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

// heard takes what is told of a call that is followed.
func (c *Client) heard(p callParams) {
	c.mu.Lock()
	f := c.calls[p.Follow]
	if p.Call == nil {
		delete(c.calls, p.Follow)
	}
	c.mu.Unlock()
	if f != nil {
		f.update(p.Call)
	}
}

// watched takes a state of a call.
func (c *Client) watched(s State) {
	c.mu.Lock()
	w := c.watch
	c.mu.Unlock()
	if w != nil {
		w.heard(s)
	}
}
