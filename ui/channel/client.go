package channel

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/creachadair/jrpc2"

	"cornetta/dialer/history"
	"cornetta/dialer/status"
)

// Handler is told what the agent pushes. Its methods are called one at a time,
// must not block and must not call the Client: hand over to the GUI and
// return.
type Handler interface {
	Snapshot(status.Snapshot)
	Show(Show)
	// Ask is told again when the counts of the question change.
	Ask(Ask)
	// CheckStep may come late or not at all; CheckAccount's result is what
	// counts.
	CheckStep(CheckStep)
	// Gone is called once, when the channel has ended: nil where either end
	// closed it.
	Gone(error)
}

// Client is the windows' end. Its methods block until the agent answers or ctx
// ends; where the agent gave no answer the Problem is CodeAgentSilent, or what was
// wrong with the answer.
type Client struct {
	rpc    *jrpc2.Client
	f      *frames
	checks atomic.Uint64
}

// Connect starts to read r. It returns at once.
func Connect(r io.Reader, w io.WriteCloser, h Handler) *Client {
	c := &Client{f: newFrames(r, w)}
	in := &inbox{h: h}
	c.rpc = jrpc2.NewClient(c.f, &jrpc2.ClientOptions{
		OnNotify: in.notify,
		OnStop:   func(_ *jrpc2.Client, err error) { h.Gone(plainEnd(err)) },
		OnCancel: func(rpc *jrpc2.Client, rsp *jrpc2.Response) {
			// Nobody waits for this; a failure means that the agent is gone.
			_ = rpc.Notify(context.Background(), methodCancel, cancelParams{ID: rsp.ID()})
		},
	})
	return c
}

// Close ends the channel and waits for the goroutine that reads. Where r can
// not be closed while it is being read (a blocking stdin), do not call it:
// exit.
func (c *Client) Close() error { return plainEnd(c.rpc.Close()) }

// plainEnd is nil for the ends that are nobody's fault.
func plainEnd(err error) error {
	if errors.Is(err, ErrBadFrame) || errors.Is(err, ErrFrameTooLong) {
		return err
	}
	return nil
}

// inbox drops what was overtaken. jrpc2 calls notify under one lock.
type inbox struct {
	h     Handler
	seen  bool
	seq   uint64
	shown uint64
	asked uint64
}

func (in *inbox) notify(req *jrpc2.Request) {
	switch req.Method() {
	case pushSnapshot:
		var s status.Snapshot
		if req.UnmarshalParams(&s) != nil || (in.seen && s.Seq <= in.seq) {
			return
		}
		in.seen, in.seq = true, s.Seq
		in.h.Snapshot(s)
	case pushShow:
		var s Show
		if req.UnmarshalParams(&s) != nil || s.N <= in.shown {
			return
		}
		in.shown = s.N
		in.h.Show(s)
	case pushAsk:
		var q Ask
		if req.UnmarshalParams(&q) != nil || q.N <= in.asked {
			return
		}
		in.asked = q.N
		in.h.Ask(q)
	case pushCheckStep:
		var s CheckStep
		if req.UnmarshalParams(&s) == nil {
			in.h.CheckStep(s)
		}
	}
}

// ask makes one call and names its failure.
func (c *Client) ask(ctx context.Context, method string, params, result any) *status.Problem {
	err := c.rpc.CallResult(ctx, method, params, result)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &status.Problem{Code: status.CodeAgentSilent}
	}
	return &status.Problem{Code: status.CodeUnforeseen, Detail: Plain(err.Error(), maxDetail)}
}

// Preview asks what dialling text would send.
func (c *Client) Preview(ctx context.Context, text string) Preview {
	var v Preview
	if p := c.ask(ctx, methodPreview, textParams{text}, &v); p != nil {
		return Preview{Problem: p}
	}
	return v
}

// Dial starts a call; its progress comes as snapshots.
func (c *Client) Dial(ctx context.Context, text string) *status.Problem {
	return c.do(ctx, methodDial, textParams{text})
}

// DialConfirmed starts a call that the person was asked about: dial is the
// Preview's or one of its Choices', which they have seen. remember says that they
// picked it as the way in which such numbers are to be read (Choice.Line).
func (c *Client) DialConfirmed(ctx context.Context, text, dial string, remember bool) *status.Problem {
	return c.do(ctx, methodConfirmed, confirmedParams{text, dial, remember})
}

// Answer is the person's to the Ask with that id; dial is the dial string that
// they saw.
func (c *Client) Answer(ctx context.Context, id uint64, yes bool, dial string) *status.Problem {
	return c.do(ctx, methodAnswer, answerParams{id, yes, dial})
}

// Hangup ends the call that is going on.
func (c *Client) Hangup(ctx context.Context) *status.Problem {
	return c.do(ctx, methodHangup, struct{}{})
}

// TestCall dials the PBX's echo service.
func (c *Client) TestCall(ctx context.Context) *status.Problem {
	return c.do(ctx, methodTestCall, struct{}{})
}

func (c *Client) do(ctx context.Context, method string, params any) *status.Problem {
	var v result
	if p := c.ask(ctx, method, params, &v); p != nil {
		return p
	}
	return v.Problem
}

// Settings asks for what is in force.
func (c *Client) Settings(ctx context.Context) (Settings, *status.Problem) {
	var v Settings
	p := c.ask(ctx, methodSettings, struct{}{}, &v)
	return v, p
}

// Secret asks what is known of the account's secret. It may take long.
func (c *Client) Secret(ctx context.Context) SecretView {
	var v SecretView
	if p := c.ask(ctx, methodSecret, struct{}{}, &v); p != nil {
		return SecretView{Problem: p}
	}
	return v
}

// Explain asks what a text would dial, and why.
func (c *Client) Explain(ctx context.Context, t Trial) Trace {
	var v Trace
	if p := c.ask(ctx, methodExplain, t, &v); p != nil {
		return Trace{Preview: Preview{Problem: p}}
	}
	return v
}

// CheckKeys asks what is wrong with a combination of keys.
func (c *Client) CheckKeys(ctx context.Context, keys string) *status.Problem {
	return c.do(ctx, methodCheckKeys, keysParams{keys})
}

// AwaitKeys waits for a combination that is in force, which dials nothing
// meanwhile; "" where ctx ended before one was pressed.
func (c *Client) AwaitKeys(ctx context.Context) string {
	var v keysParams
	if c.ask(ctx, methodAwaitKeys, struct{}{}, &v) != nil {
		return ""
	}
	return v.Keys
}

// Registered asks what the desktop knows of Cornetta.
func (c *Client) Registered(ctx context.Context) Registered {
	var v Registered
	if p := c.ask(ctx, methodRegistered, struct{}{}, &v); p != nil {
		return Registered{Problem: p}
	}
	return v
}

// Save stores what stands in a form and puts it in force.
func (c *Client) Save(ctx context.Context, e Edit) Saved {
	var v Saved
	if p := c.ask(ctx, methodSave, e, &v); p != nil {
		return Saved{Problem: p}
	}
	return v
}

// NewCheck numbers a check, so that its steps can be told from those of one
// that was given up.
func (c *Client) NewCheck() uint64 { return c.checks.Add(1) }

// CheckAccount tries an account; check is from NewCheck and stands on each of
// its steps. It returns how each step ended, and what failed or nil. When ctx
// ends the agent gives the check up.
func (c *Client) CheckAccount(ctx context.Context, check uint64, e Edit) ([]CheckStep, *status.Problem) {
	var v checkResult
	if p := c.ask(ctx, methodCheck, checkParams{check, e}, &v); p != nil {
		return nil, p
	}
	return v.Steps, v.Problem
}

// Extensions asks the PBX for its list.
func (c *Client) Extensions(ctx context.Context, e Edit) ([]status.Extension, *status.Problem) {
	var all []status.Extension
	params := extensionParams{Edit: e}
	for {
		var page extensionPage
		if p := c.ask(ctx, methodExtensions, params, &page); p != nil {
			return nil, p
		}
		if page.Problem != nil {
			return nil, page.Problem
		}
		all = append(all, page.Items...)
		if len(page.Items) == 0 || len(all) >= page.Total {
			return all, nil
		}
		params = extensionParams{List: page.List, Offset: len(all)}
	}
}

// Recent asks for the last n calls, newest first, one for each number.
func (c *Client) Recent(ctx context.Context, n int) ([]history.Entry, *status.Problem) {
	var v []history.Entry
	p := c.ask(ctx, methodRecent, recentParams{n}, &v)
	return v, p
}
