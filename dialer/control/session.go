package control

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// session is one client on the agent's side.
type session struct {
	ctx     context.Context // ends with the connection
	handler Handler
	server  *jrpc2.Server
	follows sync.WaitGroup
}

// serve answers one client and returns when it is gone and nothing of it is
// left.
func serve(ctx context.Context, conn net.Conn, h Handler, l limits) {
	defer conn.Close()
	if trusted(conn) != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Ends the connection when Serve is stopped.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()

	s := &session{ctx: ctx, handler: h}
	s.server = jrpc2.NewServer(handler.Map{
		methodHello:  handler.New(s.hello),
		methodShow:   handler.New(s.show),
		methodLink:   handler.New(s.link),
		methodStatus: handler.New(s.status),
		methodDial:   handler.New(s.dial),
		methodCopied: handler.New(s.dialCopied),
		methodHangup: handler.New(s.hangup),
		methodReload: handler.New(s.reload),
	}, &jrpc2.ServerOptions{
		AllowPush:      true,
		DisableBuiltin: true,
		Concurrency:    l.pending,
		NewContext:     func() context.Context { return ctx },
	})
	// Until it has said something, a connection is a slot taken from others.
	if conn.SetReadDeadline(time.Now().Add(l.arrive)) != nil {
		return
	}
	s.server.Start(newRequests(conn, l, ctx.Done(), cancel))
	_ = s.server.Wait()
	cancel()
	s.follows.Wait()
}

// hello lets a client know that it was let in.
func (s *session) hello(context.Context) (helloResult, error) {
	return helloResult{Protocol: protocol}, nil
}

func (s *session) show(ctx context.Context, p showParams) (bool, error) {
	return true, answer(s.handler.Show(ctx, p.Text))
}

func (s *session) link(ctx context.Context, p linkParams) (bool, error) {
	return true, answer(s.handler.Link(ctx, p.URI))
}

func (s *session) status(ctx context.Context) (status.Snapshot, error) {
	v, err := s.handler.Status(ctx)
	return clipSnapshot(v), answer(err)
}

func (s *session) hangup(ctx context.Context) (bool, error) {
	return true, answer(s.handler.Hangup(ctx))
}

func (s *session) reload(ctx context.Context) (bool, error) {
	return true, answer(s.handler.Reload(ctx))
}

func (s *session) dial(_ context.Context, p dialParams) (dialResult, error) {
	// Not the request's context: that one ends with the answer, and the
	// updates come after it.
	placed, updates, err := s.handler.Dial(s.ctx, p.Number, p.Consent, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialCopied(_ context.Context, p copiedParams) (dialResult, error) {
	if p.From != Clipboard && p.From != Selection {
		return dialResult{}, answer(errors.New("control: from what?"))
	}
	placed, updates, err := s.handler.DialCopied(s.ctx, p.Copied, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

// taken answers for a call and follows it where that was asked.
func (s *session) taken(follow uint64, placed call.Snapshot, updates <-chan call.Snapshot, err error) (dialResult, error) {
	if err != nil {
		return dialResult{}, answer(err)
	}
	placed = clipCall(placed)
	if follow != 0 {
		s.follows.Go(func() { s.follow(follow, placed, updates) })
	}
	return dialResult{Placed: placed}, nil
}

// follow passes on what becomes of a call.
func (s *session) follow(id uint64, last call.Snapshot, updates <-chan call.Snapshot) {
	for updates != nil {
		select {
		case <-s.ctx.Done():
			return
		case next, ok := <-updates:
			if !ok {
				updates = nil
				break
			}
			next = clipCall(next)
			if next == last {
				break
			}
			last = next
			if s.server.Notify(s.ctx, methodCall, callParams{Follow: id, Call: &next}) != nil {
				return
			}
		}
	}
	_ = s.server.Notify(s.ctx, methodCall, callParams{Follow: id})
}

// answer makes an error of the agent's one that the client gets as it is.
func answer(err error) error {
	if err == nil {
		return nil
	}
	var p *status.Problem
	if !errors.As(err, &p) {
		p = &status.Problem{Code: status.CodeUnforeseen, Detail: err.Error()}
	}
	e := &jrpc2.Error{Code: refused, Message: "refused"}
	return e.WithData(clipProblem(*p))
}
