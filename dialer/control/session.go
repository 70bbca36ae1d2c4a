package control

import (
	"context"
	"encoding/json"
	"errors"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// Owner is the one instance of a name.
type Owner struct{ *ipc.Owner }

// Acquire makes this process the one instance of name, as ipc.Acquire does.
func Acquire(ctx context.Context, name string) (*Owner, error) {
	o, err := ipc.Acquire(ctx, name)
	if err != nil {
		return nil, err
	}
	return &Owner{o}, nil
}

// Serve has h answer clients until ctx ends, as ipc.Owner.Serve does.
func (o *Owner) Serve(ctx context.Context, h Handler) error {
	return o.Owner.Serve(ctx, endpoint, func(c *ipc.Conn) []ipc.Handler {
		return (&session{handler: h, conn: c}).table()
	})
}

// session is one client on the agent's side.
type session struct {
	handler Handler
	conn    *ipc.Conn
}

func (s *session) dial(_ context.Context, p dialParams) (dialResult, error) {
	// Not the request's context: that one ends with the answer, and the
	// updates come after it.
	placed, updates, err := s.handler.Dial(s.conn.Context(), p.Number, p.Consent, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialCopied(_ context.Context, p copiedParams) (dialResult, error) {
	if p.From != Clipboard && p.From != Selection {
		return dialResult{}, &Refusal{Reason: ReasonInternal, Detail: "from what?"}
	}
	placed, updates, err := s.handler.DialCopied(s.conn.Context(), p.Copied, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

// taken answers for a call and follows it where that was asked.
func (s *session) taken(follow uint64, placed call.Snapshot, updates <-chan call.Snapshot, err error) (dialResult, error) {
	if err != nil {
		return dialResult{}, err
	}
	placed = clipCall(placed)
	if follow != 0 {
		s.conn.Go(func() { s.follow(follow, placed, updates) })
	}
	return dialResult{Placed: placed}, nil
}

// follow passes on what becomes of a call.
func (s *session) follow(id uint64, last call.Snapshot, updates <-chan call.Snapshot) {
	for updates != nil {
		select {
		case <-s.conn.Context().Done():
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
			if progress.Send(s.conn, callParams{Follow: id, Call: &next}) != nil {
				return
			}
		}
	}
	_ = progress.Send(s.conn, callParams{Follow: id}) // the client is gone, or knows now
}

// refusal makes of an error of the agent's one that fits a frame.
func refusal(err error) Refusal {
	r := new(Refusal)
	if !errors.As(err, &r) {
		r = &Refusal{Reason: ReasonInternal, Detail: err.Error()}
	}
	clipped := Refusal{Reason: clip(r.Reason), Detail: clip(r.Detail)}
	for _, w := range r.Why[:min(len(r.Why), maxWhy)] {
		clipped.Why = append(clipped.Why, clip(w))
	}
	for _, c := range r.Choices {
		c.Shown, c.Why = clip(c.Shown), c.Why[:min(len(c.Why), maxWhy)]
		clipped.Choices = append(clipped.Choices, c)
		if data, err := json.Marshal(clipped); err != nil || len(data) > maxRefusal {
			clipped.Choices = clipped.Choices[:len(clipped.Choices)-1]
			break
		}
	}
	return clipped
}

const (
	maxWhy     = 16             // more reasons than there are
	maxRefusal = maxFrame - 128 // bytes: the rest is version, id and the error's code
)

// maxUntrusted bounds each text that comes from the PBX, so that a snapshot
// fits a frame even where JSON needs six bytes for one.
const maxUntrusted = 128

func clip(s string) string {
	if len(s) <= maxUntrusted {
		return s
	}
	n := maxUntrusted
	for n > 0 && s[n]&0xC0 == 0x80 { // not inside a character
		n--
	}
	return s[:n]
}

func clipCall(s call.Snapshot) call.Snapshot {
	s.ID, s.Number, s.Extension = clip(s.ID), clip(s.Number), clip(s.Extension)
	s.Detail, s.FarName = clip(s.Detail), clip(s.FarName)
	return s
}

func clipSnapshot(s status.Snapshot) status.Snapshot {
	s.Extension = clip(s.Extension)
	if s.Trouble != nil {
		t := *s.Trouble
		t.Detail = clip(t.Detail)
		s.Trouble = &t
	}
	if s.Call != nil {
		c := clipCall(*s.Call)
		s.Call = &c
	}
	return s
}
