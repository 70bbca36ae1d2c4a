package channel

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"cornetta/ami/clean"
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
	// Finding may come late or not at all; Examine's result is what counts.
	Finding(Examined)
	// Language is told when another one was chosen.
	Language(code string)
	// Gone is called once, when the channel has ended: nil where either end
	// closed it.
	Gone(error)
}

// Client is the windows' end, for [Call]. What is not one exchange with the agent has
// a method here.
type Client struct {
	*ipc.Client
	checks atomic.Uint64
}

// Connect starts to read r. It returns at once.
func Connect(r io.Reader, w io.WriteCloser, h Handler) *Client {
	return &Client{Client: ipc.NewClient(r, w, endpoint, h.Gone,
		pushSnapshot.Receive(h.Snapshot), pushShow.Receive(h.Show),
		pushAsk.Receive(h.Ask), pushCheckStep.Receive(h.CheckStep),
		pushLanguage.Receive(h.Language), pushFinding.Receive(h.Finding))}
}

// Call asks the agent, blocks until it answers or ctx ends, and names the failure:
// where the agent gave no answer it is CodeAgentSilent, or what was wrong with the
// answer.
func Call[P, R any](ctx context.Context, c *Client, m ipc.Method[P, R], params P) (R, *status.Problem) {
	v, err := m.Call(ctx, c, params)
	var p *status.Problem
	switch {
	case err == nil:
	case errors.As(err, &p):
	case ctx.Err() != nil:
		p = &status.Problem{Code: status.CodeAgentSilent}
	default:
		p = &status.Problem{Code: status.CodeUnforeseen, Detail: clean.Foreign(clean.Text(err.Error(), clean.Detail))}
	}
	return v, p
}

// Do is Call for what has no result, or whose result does not matter.
func Do[P, R any](ctx context.Context, c *Client, m ipc.Method[P, R], params P) *status.Problem {
	_, p := Call(ctx, c, m, params)
	return p
}

// NewCheck numbers a check, so that its steps can be told from those of one
// that was given up.
func (c *Client) NewCheck() uint64 { return c.checks.Add(1) }

// CheckAccount tries an account; number is from NewCheck and stands on each of
// its steps. It returns how each step ended, and what failed or nil. When ctx
// ends the agent gives the check up.
func (c *Client) CheckAccount(ctx context.Context, number uint64, e Edit) ([]CheckStep, *status.Problem) {
	v, p := Call(ctx, c, check, checkParams{number, e})
	if p != nil {
		return nil, p
	}
	return v.Steps, v.Problem
}

// Examine has everything checked; number is from NewCheck and stands on each finding that
// comes before the result, which has all of them in their order.
func (c *Client) Examine(ctx context.Context, number uint64) ([]status.Finding, *status.Problem) {
	v, p := Call(ctx, c, examine, examineParams{number})
	return v.Findings, p
}

// Extensions asks the PBX for its list.
func (c *Client) Extensions(ctx context.Context, e Edit) ([]status.Extension, *status.Problem) {
	var all []status.Extension
	params := extensionParams{Edit: e}
	for {
		page, p := Call(ctx, c, extensions, params)
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
