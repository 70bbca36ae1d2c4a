package channel

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
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
	*ipc.Client
	checks atomic.Uint64
}

// Connect starts to read r. It returns at once.
func Connect(r io.Reader, w io.WriteCloser, h Handler) *Client {
	return &Client{Client: ipc.NewClient(r, w, endpoint, h.Gone,
		pushSnapshot.Receive(h.Snapshot), pushShow.Receive(h.Show),
		pushAsk.Receive(h.Ask), pushCheckStep.Receive(h.CheckStep))}
}

// ask makes one call and names its failure.
func ask[P, R any](ctx context.Context, c *Client, m ipc.Method[P, R], params P) (R, *status.Problem) {
	v, err := m.Call(ctx, c.Client, params)
	var p *status.Problem
	switch {
	case err == nil:
	case errors.As(err, &p):
	case ctx.Err() != nil:
		p = &status.Problem{Code: status.CodeAgentSilent}
	default:
		p = &status.Problem{Code: status.CodeUnforeseen, Detail: Plain(err.Error(), maxDetail)}
	}
	return v, p
}

// do is ask for what has no result.
func do[P any](ctx context.Context, c *Client, m ipc.Method[P, ipc.None], params P) *status.Problem {
	_, p := ask(ctx, c, m, params)
	return p
}

// Preview asks what dialling text would send.
func (c *Client) Preview(ctx context.Context, text string) status.Offer {
	v, p := ask(ctx, c, methodPreview, textParams{text})
	if p != nil {
		return status.Offer{Problem: p}
	}
	return v
}

// Dial starts a call; its progress comes as snapshots. id is that of the Preview or
// of one of its Choices, which the person has seen. remember says that they picked it
// as the way in which such numbers are to be read (Offer.Line).
func (c *Client) Dial(ctx context.Context, id uint64, remember bool) *status.Problem {
	return do(ctx, c, methodDial, dialParams{id, remember})
}

// Answer is the person's to the Ask whose Offer has that id.
func (c *Client) Answer(ctx context.Context, id uint64, yes bool) *status.Problem {
	return do(ctx, c, methodAnswer, answerParams{id, yes})
}

// Hangup ends the call that is going on.
func (c *Client) Hangup(ctx context.Context) *status.Problem {
	return do(ctx, c, methodHangup, ipc.None{})
}

// TestCall dials the PBX's echo service.
func (c *Client) TestCall(ctx context.Context) *status.Problem {
	return do(ctx, c, methodTestCall, ipc.None{})
}

// Settings asks for what is in force.
func (c *Client) Settings(ctx context.Context) (Settings, *status.Problem) {
	return ask(ctx, c, methodSettings, ipc.None{})
}

// Secret asks what is known of the account's secret. It may take long.
func (c *Client) Secret(ctx context.Context) SecretView {
	v, p := ask(ctx, c, methodSecret, ipc.None{})
	if p != nil {
		return SecretView{Problem: p}
	}
	return v
}

// CheckKeys asks what is wrong with a combination of keys.
func (c *Client) CheckKeys(ctx context.Context, keys string) *status.Problem {
	return do(ctx, c, methodCheckKeys, keysParams{keys})
}

// AwaitKeys waits for a combination that is in force, which dials nothing
// meanwhile; "" where ctx ended before one was pressed.
func (c *Client) AwaitKeys(ctx context.Context) string {
	v, _ := ask(ctx, c, methodAwaitKeys, ipc.None{})
	return v.Keys
}

// Registered asks what the desktop knows of Cornetta.
func (c *Client) Registered(ctx context.Context) Registered {
	v, p := ask(ctx, c, methodRegistered, ipc.None{})
	if p != nil {
		return Registered{Problem: p}
	}
	return v
}

// Save stores what stands in a form and puts it in force.
func (c *Client) Save(ctx context.Context, e Edit) Saved {
	v, p := ask(ctx, c, methodSave, e)
	if p != nil {
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
	v, p := ask(ctx, c, methodCheck, checkParams{check, e})
	if p != nil {
		return nil, p
	}
	return v.Steps, v.Problem
}

// Extensions asks the PBX for its list.
func (c *Client) Extensions(ctx context.Context, e Edit) ([]status.Extension, *status.Problem) {
	var all []status.Extension
	params := extensionParams{Edit: e}
	for {
		page, p := ask(ctx, c, methodExtensions, params)
		if p != nil {
			return nil, p
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
	return ask(ctx, c, methodRecent, recentParams{n})
}
