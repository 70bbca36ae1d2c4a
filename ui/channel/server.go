package channel

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"cornetta/dialer/history"
	"cornetta/dialer/status"
)

const (
	methodPreview    = "preview"
	methodDial       = "dial"
	methodConfirmed  = "dialConfirmed"
	methodHangup     = "hangup"
	methodTestCall   = "test_call"
	methodSettings   = "settings"
	methodSecret     = "secret"
	methodSave       = "save"
	methodExplain    = "explain"
	methodCheckKeys  = "check_keys"
	methodAwaitKeys  = "await_keys"
	methodRegistered = "registered"
	methodCheck      = "check_account"
	methodExtensions = "extensions"
	methodRecent     = "recent"
	methodAnswer     = "answer"
	methodCancel     = "cancel"

	pushSnapshot  = "snapshot"
	pushShow      = "show"
	pushAsk       = "ask"
	pushCheckStep = "check_step"
)

const (
	maxRequests = 16                     // requests that run side by side
	pushEvery   = 100 * time.Millisecond // between two snapshots
	maxRecent   = 50
	pageBytes   = 32 << 10 // of one page of extensions
	maxDetail   = 256      // runes of a Detail
)

// Agent is what the windows may ask. Its methods run concurrently; ctx ends
// when the windows are gone or no longer want the answer. A nil *status.Problem means
// that it was done.
type Agent interface {
	// Preview tells what Dial would send. It must be quick: it is asked for
	// at every keystroke.
	Preview(ctx context.Context, text string) Preview
	// Dial starts a call and returns once it was asked of the PBX or refused.
	Dial(ctx context.Context, text string) *status.Problem
	// DialConfirmed is Dial for what the person has seen, and said yes to where it
	// has to be asked about first. dial is the Preview's, or one of its Choices':
	// nothing else is dialled. remember says that the Choice's Line is to be kept.
	DialConfirmed(ctx context.Context, text, dial string, remember bool) *status.Problem
	Hangup(ctx context.Context) *status.Problem
	// Answer is the person's to the Ask with that id. dial is its Preview's,
	// which they have seen: a yes dials nothing else. A Problem leaves the
	// question open.
	Answer(ctx context.Context, id uint64, yes bool, dial string) *status.Problem
	// TestCall dials the PBX's echo service.
	TestCall(ctx context.Context) *status.Problem
	// Settings must be quick: a window waits for it. Secret may ask the keyring,
	// which may ask the person.
	Settings(ctx context.Context) Settings
	Secret(ctx context.Context) SecretView
	// Save stores what stands in a form and puts it in force.
	Save(ctx context.Context, e Edit) Saved
	// Explain is Preview under other settings, with each step. It must be quick.
	Explain(ctx context.Context, t Trial) Trace
	// CheckKeys says what is wrong with a combination of keys, such as
	// "Ctrl+Alt+G", nil where it can be had as far as is known.
	CheckKeys(ctx context.Context, keys string) *status.Problem
	// AwaitKeys returns the combination in force that is pressed next: until ctx
	// ends, it dials nothing. "" where none was.
	AwaitKeys(ctx context.Context) string
	// Registered asks the desktop.
	Registered(ctx context.Context) Registered
	// CheckAccount tries the account, calls report as each step begins and
	// ends, and returns what the failed step reported, or nil.
	CheckAccount(ctx context.Context, e Edit, report func(CheckStep)) *status.Problem
	Extensions(ctx context.Context, e Edit) ([]status.Extension, *status.Problem)
	Recent(ctx context.Context, n int) []history.Entry
}

// Server is the agent's end.
type Server struct {
	agent Agent
	f     *frames
	rpc   *jrpc2.Server
	ctx   context.Context
	wake  chan struct{} // buffered 1: something to push
	done  chan struct{} // closed when every goroutine is gone
	err   error         // why it ended; read after done

	mu    sync.Mutex // guards what follows
	snap  *status.Snapshot
	shows []Show
	nShow uint64
	ask   *Ask
	nAsk  uint64
	list  []status.Extension // the last list asked for, handed out in pages
	nList uint64
}

// Serve answers the windows at the other end of r and w until ctx ends, the
// windows close it, or they send a broken frame. It returns at once. When it
// ends it closes w, and r if that is an io.Closer; r should be one (the pipe
// of an exec.Cmd is), or Wait waits until a read of it returns.
func Serve(ctx context.Context, r io.Reader, w io.WriteCloser, a Agent) *Server {
	ctx, cancel := context.WithCancel(ctx)
	s := &Server{
		agent: a, f: newFrames(r, w), ctx: ctx,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.rpc = jrpc2.NewServer(s.methods(), &jrpc2.ServerOptions{
		AllowPush:      true,
		DisableBuiltin: true,
		Concurrency:    maxRequests,
		NewContext:     func() context.Context { return ctx },
	}).Start(s.f)

	// The library's own Stop races with a frame that arrives at that moment,
	// so the server is only ever stopped by the end of its transport.
	stop := context.AfterFunc(ctx, func() { _ = s.f.Close() })
	var pusher sync.WaitGroup
	pusher.Go(s.push)
	go func() {
		defer close(s.done)
		defer stop()
		status := s.rpc.WaitStatus()
		if ctx.Err() == nil { // else we ended it, whatever the read then said
			s.err = status.Err
		}
		cancel()
		pusher.Wait()
		_ = s.f.Close()
	}()
	return s
}

// Wait blocks until the channel has ended. It returns nil where either end
// closed it, else the frame error.
func (s *Server) Wait() error { <-s.done; return s.err }

// Done is closed when the channel has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Close ends the channel, which ends the windows, and waits for it.
func (s *Server) Close() error {
	_ = s.f.Close()
	<-s.done
	return nil
}

// PushSnapshot hands the windows the newest snapshot. It never blocks; of
// snapshots that come quicker than ten a second the last one counts.
func (s *Server) PushSnapshot(snap status.Snapshot) {
	snap = cleanSnapshot(snap)
	s.mu.Lock()
	s.snap = &snap
	s.mu.Unlock()
	s.signal()
}

// Show asks for a window. It never blocks.
func (s *Server) Show(show Show) {
	show.Choices = cleanOffers(show.Choices)
	s.mu.Lock()
	s.nShow++
	show.N = s.nShow
	s.shows = append(s.shows, show)
	if len(s.shows) > 4 { // windows that do not read need no queue
		s.shows = s.shows[1:]
	}
	s.mu.Unlock()
	s.signal()
}

// PushAsk hands the windows a question, or its new counts. It never blocks; the
// newest one counts.
func (s *Server) PushAsk(q Ask) {
	q.Preview.Problem = cleanProblem(q.Preview.Problem)
	s.mu.Lock()
	s.nAsk++
	q.N = s.nAsk
	s.ask = &q
	s.mu.Unlock()
	s.signal()
}

func (s *Server) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// push is the one goroutine that sends what was pushed.
func (s *Server) push() {
	var last time.Time // when a snapshot was sent
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
		wait := pushEvery - time.Since(last)
		s.mu.Lock()
		shows, snap, ask := s.shows, s.snap, s.ask
		s.shows, s.ask = nil, nil
		if wait <= 0 {
			s.snap = nil
		}
		s.mu.Unlock()

		var err error
		if snap != nil && wait <= 0 {
			last = time.Now()
			err = s.rpc.Notify(s.ctx, pushSnapshot, snap)
		} else if snap != nil {
			timer.Reset(wait)
		}
		for _, show := range shows {
			if err == nil {
				err = s.rpc.Notify(s.ctx, pushShow, show)
			}
		}
		if ask != nil && err == nil {
			err = s.rpc.Notify(s.ctx, pushAsk, ask)
		}
		if err != nil {
			_ = s.f.Close()
			return
		}
	}
}

func cleanSnapshot(snap status.Snapshot) status.Snapshot {
	if snap.Call != nil {
		c := *snap.Call
		c.FarName, c.Detail = Plain(c.FarName, MaxText), Plain(c.Detail, maxDetail)
		snap.Call = &c
	}
	snap.Trouble = cleanProblem(snap.Trouble)
	return snap
}

// cleanOffers makes what they were written as safe to show.
func cleanOffers(offers []status.Offer) []status.Offer {
	out := slices.Clone(offers)
	for i := range out {
		out[i].Text = Plain(out[i].Text, MaxText)
	}
	return out
}

func cleanProblem(p *status.Problem) *status.Problem {
	if p == nil {
		return nil
	}
	q := *p
	q.Detail, q.Offers = Plain(q.Detail, maxDetail), cleanOffers(q.Offers)
	if q.Cert != nil {
		c := *q.Cert
		c.Subject = Plain(c.Subject, MaxText)
		q.Cert = &c
	}
	return &q
}

// cleanTrace makes the texts of a trace safe to show; they are somebody else's
// where they were pasted.
func cleanTrace(t Trace) Trace {
	t.Preview.Problem = cleanProblem(t.Preview.Problem)
	steps := make([]Step, len(t.Steps))
	for i, s := range t.Steps {
		steps[i] = Step{Rule: s.Rule, From: Plain(s.From, maxDetail), To: Plain(s.To, maxDetail)}
	}
	found := make([]string, len(t.Found))
	for i, s := range t.Found {
		found[i] = Plain(s, MaxText)
	}
	t.Steps, t.Found = steps, found
	return t
}

type (
	textParams  struct{ Text string }
	checkParams struct {
		Check uint64
		Edit  Edit
	}
	checkResult struct {
		Problem *status.Problem
		Steps   []CheckStep // how each ended, should a push be late
	}
	extensionParams struct {
		Edit   Edit
		List   uint64 // 0: ask the PBX; else go on with that list
		Offset int
	}
	extensionPage struct {
		Problem *status.Problem
		List    uint64
		Items   []status.Extension
		Total   int
	}
	recentParams    struct{ N int }
	confirmedParams struct {
		Text, Dial string
		Remember   bool
	}
	cancelParams struct{ ID string }
	keysParams   struct{ Keys string }
	answerParams struct {
		ID   uint64
		Yes  bool
		Dial string
	}
	result struct{ Problem *status.Problem }
)

func (s *Server) methods() jrpc2.Assigner {
	return handler.Map{
		methodPreview: answer(func(ctx context.Context, p textParams) Preview {
			v := s.agent.Preview(ctx, p.Text)
			v.Problem, v.Choices = cleanProblem(v.Problem), cleanOffers(v.Choices)
			return v
		}),
		methodDial: answer(func(ctx context.Context, p textParams) result {
			return result{cleanProblem(s.agent.Dial(ctx, p.Text))}
		}),
		methodConfirmed: answer(func(ctx context.Context, p confirmedParams) result {
			return result{cleanProblem(s.agent.DialConfirmed(ctx, p.Text, p.Dial, p.Remember))}
		}),
		methodAnswer: answer(func(ctx context.Context, p answerParams) result {
			return result{cleanProblem(s.agent.Answer(ctx, p.ID, p.Yes, p.Dial))}
		}),
		methodHangup: answer(func(ctx context.Context, _ struct{}) result {
			return result{cleanProblem(s.agent.Hangup(ctx))}
		}),
		methodTestCall: answer(func(ctx context.Context, _ struct{}) result {
			return result{cleanProblem(s.agent.TestCall(ctx))}
		}),
		methodSettings: answer(func(ctx context.Context, _ struct{}) Settings {
			return s.agent.Settings(ctx)
		}),
		methodSecret: answer(func(ctx context.Context, _ struct{}) SecretView {
			v := s.agent.Secret(ctx)
			v.Problem = cleanProblem(v.Problem)
			return v
		}),
		methodSave: answer(func(ctx context.Context, e Edit) Saved {
			v := s.agent.Save(ctx, e)
			v.Problem, v.Warning = cleanProblem(v.Problem), cleanProblem(v.Warning)
			return v
		}),
		methodExplain: answer(func(ctx context.Context, t Trial) Trace {
			return cleanTrace(s.agent.Explain(ctx, t))
		}),
		methodCheckKeys: answer(func(ctx context.Context, p keysParams) result {
			return result{cleanProblem(s.agent.CheckKeys(ctx, p.Keys))}
		}),
		methodAwaitKeys: answer(func(ctx context.Context, _ struct{}) keysParams {
			return keysParams{s.agent.AwaitKeys(ctx)}
		}),
		methodRegistered: answer(func(ctx context.Context, _ struct{}) Registered {
			v := s.agent.Registered(ctx)
			v.Other, v.Problem = Plain(v.Other, MaxText), cleanProblem(v.Problem)
			return v
		}),
		methodCheck:      answer(s.check),
		methodExtensions: answer(s.extensions),
		methodRecent: answer(func(ctx context.Context, p recentParams) []history.Entry {
			list := s.agent.Recent(ctx, min(max(p.N, 0), maxRecent))
			return list[:min(len(list), maxRecent)]
		}),
		methodCancel: func(ctx context.Context, req *jrpc2.Request) (any, error) {
			var p cancelParams
			if err := req.UnmarshalParams(&p); err != nil {
				return nil, badParams(req)
			}
			jrpc2.ServerFromContext(ctx).CancelRequest(p.ID)
			return struct{}{}, nil
		},
	}
}

// answer makes a JSON-RPC method of f. An answer that would not fit a frame
// becomes an error, or else the caller would wait for ever.
func answer[P, R any](f func(context.Context, P) R) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (any, error) {
		var p P
		if req.HasParams() {
			if err := req.UnmarshalParams(&p); err != nil {
				return nil, badParams(req)
			}
		}
		bits, err := json.Marshal(f(ctx, p))
		if err != nil || len(bits) > MaxFrame-256 {
			return nil, jrpc2.Errorf(jrpc2.InternalError, "the answer to %s does not fit a frame", req.Method())
		}
		return json.RawMessage(bits), nil
	}
}

// badParams does not repeat the decoder's error, which may quote a value.
func badParams(req *jrpc2.Request) error {
	return jrpc2.Errorf(jrpc2.InvalidParams, "the parameters of %s do not fit", req.Method())
}

// check runs one check and pushes its steps.
func (s *Server) check(ctx context.Context, p checkParams) checkResult {
	var mu sync.Mutex
	var steps []CheckStep
	report := func(step CheckStep) {
		step.Check, step.Problem = p.Check, cleanProblem(step.Problem)
		if step.State != StepRunning {
			mu.Lock()
			steps = append(steps, step)
			mu.Unlock()
		}
		if err := s.rpc.Notify(ctx, pushCheckStep, step); err != nil {
			_ = s.f.Close()
		}
	}
	problem := s.agent.CheckAccount(ctx, p.Edit, report)
	mu.Lock()
	defer mu.Unlock()
	return checkResult{Problem: cleanProblem(problem), Steps: steps}
}

// extensions asks the PBX for its list, or hands out the next page of the list
// that was asked for last: a PBX with thousands of phones does not fit a frame.
func (s *Server) extensions(ctx context.Context, p extensionParams) extensionPage {
	if p.List == 0 {
		list, problem := s.agent.Extensions(ctx, p.Edit)
		if problem != nil {
			return extensionPage{Problem: cleanProblem(problem)}
		}
		clean := make([]status.Extension, len(list))
		for i, e := range list {
			clean[i] = status.Extension{Number: Plain(e.Number, MaxText), Hint: Plain(e.Hint, MaxText), Status: e.Status}
		}
		s.mu.Lock()
		s.nList++
		s.list, p.List, p.Offset = clean, s.nList, 0
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.List != s.nList || p.Offset < 0 || p.Offset > len(s.list) {
		return extensionPage{Problem: &status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptList, Detail: "another list was asked for"}}
	}
	page := extensionPage{List: p.List, Total: len(s.list)}
	for size := 0; p.Offset+len(page.Items) < len(s.list); {
		e := s.list[p.Offset+len(page.Items)]
		// JSON may write a byte as six ("\u003c"), the names take the rest.
		if size += 6*(len(e.Number)+len(e.Hint)) + 64; size > pageBytes && len(page.Items) > 0 {
			break
		}
		page.Items = append(page.Items, e)
	}
	if p.Offset+len(page.Items) == len(s.list) {
		s.list = nil // all of it was handed out
	}
	return page
}
