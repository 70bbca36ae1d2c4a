package channel

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
)

// fakeAgent answers from its fields and writes down what it was asked.
type fakeAgent struct {
	mu    sync.Mutex
	asked []string
	edits []Edit

	extensions []status.Extension
	problem    *status.Problem
	check      func(ctx context.Context, report func(CheckStep)) *status.Problem
}

func (a *fakeAgent) note(s string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, s)
}

func (a *fakeAgent) Preview(_ context.Context, text string) status.Offer {
	a.note("preview " + text)
	if text == "x" {
		return status.Offer{Problem: &status.Problem{Code: status.CodeNotNumber, Fault: "letters"}}
	}
	return status.Offer{ID: 7, Shown: "0 " + text, Reasons: []string{"premium"}, Choices: []status.Offer{{ID: 8, Shown: text}}}
}

func (a *fakeAgent) Dial(_ context.Context, id uint64, remember bool) *status.Problem {
	a.note(fmt.Sprint("dial ", id, " ", remember))
	return a.problem
}

func (a *fakeAgent) Answer(_ context.Context, id uint64, yes bool) *status.Problem {
	a.note(fmt.Sprintf("answer %d %v", id, yes))
	return a.problem
}

func (a *fakeAgent) Hangup(context.Context) *status.Problem   { a.note("hangup"); return a.problem }
func (a *fakeAgent) TestCall(context.Context) *status.Problem { a.note("test call"); return a.problem }

func (a *fakeAgent) Settings(context.Context) Settings {
	c := config.Default()
	c.Numbers.LocalContexts = []string{"pbx.example.com"}
	c.Keys.CopyHighlighted = true
	c.Link = config.LinkKept
	return Settings{
		Config:      c,
		KeyTroubles: map[string]KeyTrouble{"clipboard": {status.Problem{Code: status.CodeKeysTaken}, "cornetta dial --clipboard"}},
		Regions:     []string{"DE", "IT"}, CopiesHighlighted: true,
	}
}

func (a *fakeAgent) Secret(context.Context) SecretView { return SecretView{Where: SecretKeyring} }

func (a *fakeAgent) CheckKeys(_ context.Context, keys string) *status.Problem {
	a.note("keys " + keys)
	return &status.Problem{Code: status.CodeKeysBad}
}

func (a *fakeAgent) AwaitKeys(ctx context.Context) string {
	if a.problem == nil {
		return "Ctrl+Alt+D"
	}
	a.note("await keys")
	<-ctx.Done()
	a.note("awaited in vain")
	return ""
}

func (a *fakeAgent) Registered(context.Context) Registered {
	return Registered{Register: Register{Autostart: true}, Other: "Evil\u202e\n" + strings.Repeat("x", 1000)}
}

func (a *fakeAgent) Save(_ context.Context, e Edit) Saved {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.edits = append(a.edits, e)
	return Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}
}

func (a *fakeAgent) CheckAccount(ctx context.Context, _ Edit, report func(CheckStep)) *status.Problem {
	return a.check(ctx, report)
}

func (a *fakeAgent) Extensions(context.Context, Edit) ([]status.Extension, *status.Problem) {
	return a.extensions, a.problem
}

func (a *fakeAgent) Recent(_ context.Context, n int) []history.Entry {
	list := make([]history.Entry, 200)
	for i := range list {
		list[i] = history.Entry{
			At: time.Unix(int64(i), 0).UTC(), Number: fmt.Sprint("03905012", i),
			State: call.Ended, Duration: time.Minute,
		}
	}
	return list[:n]
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

func (r *recorder) CheckStep(s CheckStep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, s)
}
func (r *recorder) Gone(err error) { r.gone <- err }
