package channel

import (
	"context"
	"errors"
	"io"
	"sync"

	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

const (
	maxRecent = 50
	pageBytes = 32 << 10 // of one page of extensions
	maxDetail = 256      // runes of a Detail
)

// Agent is what the windows may ask. Its methods run concurrently; ctx ends
// when the windows are gone or no longer want the answer. A nil *Problem means
// that it was done.
type Agent interface {
	// Preview tells what dialling a text would send. It must be quick: it is asked
	// for at every keystroke.
	Preview(ctx context.Context, text string) status.Offer
	// Dial starts a call and returns once it was asked of the PBX or refused. id is
	// that of what the person has seen, and said yes to where it has to be asked
	// about first: a Preview or one of its Choices. remember says that the Choice's
	// Line is to be kept.
	Dial(ctx context.Context, id uint64, remember bool) *status.Problem
	Hangup(ctx context.Context) *status.Problem
	// Answer is the person's to the Ask whose Offer has that id: a yes dials what
	// was shown with it. A Problem leaves the question open.
	Answer(ctx context.Context, id uint64, yes bool) *status.Problem
	// TestCall dials the PBX's echo service.
	TestCall(ctx context.Context) *status.Problem
	// Settings must be quick: a window waits for it. Secret may ask the keyring,
	// which may ask the person.
	Settings(ctx context.Context) Settings
	Secret(ctx context.Context) SecretView
	// Save stores what stands in a form and puts it in force.
	Save(ctx context.Context, e Edit) Saved
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
	*ipc.Conn
	agent Agent

	mu    sync.Mutex // guards what follows
	shows uint64
	list  []status.Extension // the last list asked for, handed out in pages
	nList uint64
}

// Serve has a answer the windows at the other end of r and w, as ipc.Serve does.
func Serve(ctx context.Context, r io.Reader, w io.WriteCloser, a Agent) *Server {
	s := &Server{agent: a}
	s.Conn = ipc.Serve(ctx, r, w, endpoint, s.table)
	return s
}

// PushSnapshot hands the windows the newest snapshot. It never blocks; of
// snapshots that come quicker than ten a second the last one counts.
func (s *Server) PushSnapshot(snap status.Snapshot) { pushSnapshot.Post(s.Conn, snap) }

// Show asks for a window. It never blocks.
func (s *Server) Show(show Show) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shows++
	show.N = s.shows
	pushShow.Post(s.Conn, show)
}

// PushAsk hands the windows a question, or its new counts. It never blocks; the
// newest one counts.
func (s *Server) PushAsk(q Ask) { pushAsk.Post(s.Conn, q) }

// table is what the windows may ask.
func (s *Server) table(c *ipc.Conn) []ipc.Handler {
	return []ipc.Handler{
		methodPreview.Handle(func(ctx context.Context, p textParams) (status.Offer, error) {
			return s.agent.Preview(ctx, p.Text), nil
		}),
		methodDial.Handle(func(ctx context.Context, p dialParams) (ipc.None, error) {
			return done(s.agent.Dial(ctx, p.ID, p.Remember))
		}),
		methodAnswer.Handle(func(ctx context.Context, p answerParams) (ipc.None, error) {
			return done(s.agent.Answer(ctx, p.ID, p.Yes))
		}),
		methodHangup.Handle(func(ctx context.Context, _ ipc.None) (ipc.None, error) { return done(s.agent.Hangup(ctx)) }),
		methodTestCall.Handle(func(ctx context.Context, _ ipc.None) (ipc.None, error) { return done(s.agent.TestCall(ctx)) }),
		methodSettings.Handle(func(ctx context.Context, _ ipc.None) (Settings, error) {
			return s.agent.Settings(ctx), nil
		}),
		methodSecret.Handle(func(ctx context.Context, _ ipc.None) (SecretView, error) {
			v := s.agent.Secret(ctx)
			v.Problem = cleanProblem(v.Problem)
			return v, nil
		}),
		methodSave.Handle(func(ctx context.Context, e Edit) (Saved, error) {
			v := s.agent.Save(ctx, e)
			v.Problem, v.Warning = cleanProblem(v.Problem), cleanProblem(v.Warning)
			return v, nil
		}),
		methodCheckKeys.Handle(func(ctx context.Context, p keysParams) (ipc.None, error) {
			return done(s.agent.CheckKeys(ctx, p.Keys))
		}),
		methodAwaitKeys.Handle(func(ctx context.Context, _ ipc.None) (keysParams, error) {
			return keysParams{s.agent.AwaitKeys(ctx)}, nil
		}),
		methodRegistered.Handle(func(ctx context.Context, _ ipc.None) (Registered, error) {
			v := s.agent.Registered(ctx)
			v.Other, v.Problem = Plain(v.Other, MaxText), cleanProblem(v.Problem)
			return v, nil
		}),
		methodCheck.Handle(func(ctx context.Context, p checkParams) (checkResult, error) {
			return s.check(ctx, c, p), nil
		}),
		methodExtensions.Handle(s.extensions),
		methodRecent.Handle(func(ctx context.Context, p recentParams) ([]history.Entry, error) {
			list := s.agent.Recent(ctx, min(max(p.N, 0), maxRecent))
			return list[:min(len(list), maxRecent)], nil
		}),
	}
}

// done is the answer to what has no result.
func done(p *status.Problem) (ipc.None, error) {
	if p != nil {
		return ipc.None{}, p
	}
	return ipc.None{}, nil
}

// check runs one check and pushes its steps.
func (s *Server) check(ctx context.Context, c *ipc.Conn, p checkParams) checkResult {
	var mu sync.Mutex
	var steps []CheckStep
	report := func(step CheckStep) {
		step.Check, step.Problem = p.Check, cleanProblem(step.Problem)
		if step.State != StepRunning {
			mu.Lock()
			steps = append(steps, step)
			mu.Unlock()
		}
		_ = pushCheckStep.Send(c, step) // the windows are gone, or know now
	}
	problem := s.agent.CheckAccount(ctx, p.Edit, report)
	mu.Lock()
	defer mu.Unlock()
	return checkResult{Problem: cleanProblem(problem), Steps: steps}
}

// extensions asks the PBX for its list, or hands out the next page of the list
// that was asked for last: a PBX with thousands of phones does not fit a frame.
func (s *Server) extensions(ctx context.Context, p extensionParams) (extensionPage, error) {
	if p.List == 0 {
		list, problem := s.agent.Extensions(ctx, p.Edit)
		if problem != nil {
			return extensionPage{}, problem
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
		return extensionPage{}, errors.New("channel: another list was asked for")
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
	return page, nil
}

func cleanProblem(p *status.Problem) *status.Problem {
	if p == nil {
		return nil
	}
	q := *p
	q.Detail = Plain(q.Detail, maxDetail)
	if q.Cert != nil {
		c := *q.Cert
		c.Subject = Plain(c.Subject, MaxText)
		q.Cert = &c
	}
	return &q
}
