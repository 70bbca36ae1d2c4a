package channel

import (
	"context"
	"fmt"
	"sync"

	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// fakeAgent answers from its fields and writes down what it was asked.
type fakeAgent struct {
	mu    sync.Mutex
	asked []string
	edits []Edit

	list    []status.Extension
	problem *status.Problem
	check   func(ctx context.Context, report func(CheckStep)) *status.Problem
}

func (a *fakeAgent) note(s string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, s)
}

// refusal is the problem as an error.
func (a *fakeAgent) refusal() error {
	if a.problem == nil {
		return nil
	}
	return a.problem
}

func (a *fakeAgent) table(c *ipc.Conn) []ipc.Handler {
	return []ipc.Handler{
		Preview.Handle(func(_ context.Context, p PreviewParams) (status.Offer, error) {
			a.note("preview " + p.Text)
			return offered, nil
		}),
		Dial.Handle(func(_ context.Context, p DialParams) (ipc.None, error) {
			a.note(fmt.Sprint("dial ", p.ID, " ", p.Remember))
			return ipc.None{}, a.refusal()
		}),
		Answer.Handle(func(_ context.Context, p AnswerParams) (ipc.None, error) {
			a.note(fmt.Sprint("answer ", p.ID, " ", p.Yes))
			return ipc.None{}, a.refusal()
		}),
		AwaitKeys.Handle(func(ctx context.Context, _ ipc.None) (KeysParams, error) {
			a.note("await keys")
			<-ctx.Done()
			a.note("awaited in vain")
			return KeysParams{}, nil
		}),
		Save.Handle(func(_ context.Context, e Edit) (Saved, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.edits = append(a.edits, e)
			return Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}, nil
		}),
		HandleCheck(c, func(ctx context.Context, _ Edit, report func(CheckStep)) *status.Problem {
			return a.check(ctx, report)
		}),
		HandleExtensions(func(context.Context, Edit) ([]status.Extension, error) { return a.list, a.refusal() }),
	}
}

// offered is what every text is.
var offered = status.Offer{
	ID: 7, Shown: "0 390", Reasons: []string{"premium"}, Choices: []status.Offer{{ID: 8, Shown: "390", Line: "typed"}},
}

// recorder is a Handler that keeps what it is told.
type recorder struct {
	mu    sync.Mutex
	snaps []status.Snapshot
	shows []Show
	asks  []Ask
	steps []CheckStep
	gone  chan error
}

func newRecorder() *recorder { return &recorder{gone: make(chan error, 1)} }

func (r *recorder) Snapshot(s status.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.snaps = append(r.snaps, s)
}

func (r *recorder) Show(s Show) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shows = append(r.shows, s)
}

func (r *recorder) Ask(q Ask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asks = append(r.asks, q)
}

func (r *recorder) Language(string)    {}
func (r *recorder) Finding(e Examined) {}

func (r *recorder) CheckStep(s CheckStep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, s)
}
func (r *recorder) Gone(err error) { r.gone <- err }
