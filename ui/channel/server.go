package channel

import (
	"context"
	"errors"
	"io"
	"sync"

	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

const pageBytes = 32 << 10 // of one page of extensions

// Server is the agent's end.
type Server struct {
	*ipc.Conn

	mu    sync.Mutex // guards shows
	shows uint64
}

// Serve answers the windows at the other end of r and w by the table that table makes,
// as ipc.Serve does. An error of a handler's should be a *status.Problem.
func Serve(ctx context.Context, r io.Reader, w io.WriteCloser, table func(*ipc.Conn) []ipc.Handler) *Server {
	return &Server{Conn: ipc.Serve(ctx, r, w, endpoint, table)}
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

// PushLanguage tells the windows that another language was chosen, by its code. It never
// blocks.
func (s *Server) PushLanguage(code string) { pushLanguage.Post(s.Conn, code) }

// HandleCheck is the entry for Client.CheckAccount in a server's table. f tries an
// account, calls report as each step begins and ends, and returns what the failed step
// reported, or nil.
func HandleCheck(c *ipc.Conn, f func(ctx context.Context, e Edit, report func(CheckStep)) *status.Problem) ipc.Handler {
	return check.Handle(func(ctx context.Context, p checkParams) (checkResult, error) {
		var mu sync.Mutex
		var steps []CheckStep
		problem := f(ctx, p.Edit, func(step CheckStep) {
			step.Check = p.Check
			if step.State != StepRunning {
				mu.Lock()
				steps = append(steps, step)
				mu.Unlock()
			}
			_ = pushCheckStep.Send(c, step) // the windows are gone, or know now
		})
		mu.Lock()
		defer mu.Unlock()
		return checkResult{Problem: problem, Steps: steps}, nil
	})
}

// HandleExamination is the entry for Client.Examine in a server's table. f checks
// everything and calls found, one at a time, with each finding as it is there.
func HandleExamination(c *ipc.Conn, f func(ctx context.Context, found func(status.Finding)) []status.Finding) ipc.Handler {
	return examine.Handle(func(ctx context.Context, p examineParams) (examineResult, error) {
		all := f(ctx, func(f status.Finding) {
			_ = pushFinding.Send(c, Examined{p.Examination, f}) // the windows are gone, or know now
		})
		return examineResult{all}, nil
	})
}

// HandleExtensions is the entry for Client.Extensions. f asks the PBX for its list,
// which is handed out in pages: one with thousands of phones does not fit a frame.
func HandleExtensions(f func(context.Context, Edit) ([]status.Extension, error)) ipc.Handler {
	return extensions.Handle((&pages{ask: f}).page)
}

// pages is the list that was asked for last.
type pages struct {
	ask func(context.Context, Edit) ([]status.Extension, error)

	mu   sync.Mutex // guards what follows
	list []status.Extension
	n    uint64
}

func (s *pages) page(ctx context.Context, p extensionParams) (extensionPage, error) {
	if p.List == 0 {
		list, err := s.ask(ctx, p.Edit)
		if err != nil {
			return extensionPage{}, err
		}
		s.mu.Lock()
		s.n++
		s.list, p.List, p.Offset = list, s.n, 0
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.List != s.n || p.Offset < 0 || p.Offset > len(s.list) {
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
