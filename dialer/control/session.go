package control

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// Serve has h answer o's clients until ctx ends, as ipc.Owner.Serve does.
func Serve(ctx context.Context, o *ipc.Owner, h Handler) error {
	return o.Serve(ctx, endpoint, func(c *ipc.Conn) []ipc.Handler {
		return (&session{handler: h, conn: c}).table()
	})
}

// session is one client on the agent's side.
type session struct {
	handler Handler
	conn    *ipc.Conn
	watches atomic.Bool // the client is told of all states
}

func (s *session) dial(_ context.Context, p dialParams) (dialResult, error) {
	// Not the request's context: that one ends with the answer, and the
	// updates come after it.
	placed, updates, err := s.handler.Dial(s.conn.Context(), p.Number, false, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialPrivate(_ context.Context, p dialParams) (dialResult, error) {
	placed, updates, err := s.handler.Dial(s.conn.Context(), p.Number, true, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialCopiedPrivate(ctx context.Context, p copiedParams) (dialResult, error) {
	p.Private = true
	return s.dialCopied(ctx, p)
}

func (s *session) dialCoded(_ context.Context, p codedParams) (dialResult, error) {
	placed, updates, err := s.handler.DialCoded(s.conn.Context(), p.Number, p.Code, p.Private, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialOffer(_ context.Context, p offerParams) (dialResult, error) {
	placed, updates, err := s.handler.DialOffer(s.conn.Context(), p.ID, p.Wish, p.Follow != 0)
	return s.taken(p.Follow, placed, updates, err)
}

func (s *session) dialCopied(_ context.Context, p copiedParams) (dialResult, error) {
	if p.From != Clipboard && p.From != Selection && p.From != Redial {
		return dialResult{}, errors.New("control: from what?")
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

const (
	maxReasons = 16             // more than there are
	maxRefusal = maxFrame - 128 // bytes: the rest is version, id and the error's code
)

// maxUntrusted bounds each text that comes from the PBX, so that a snapshot
// fits a frame even where JSON needs six bytes for one.
const maxUntrusted = 128

func clip[T ~string](s T) T {
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
	s.Detail, s.FarName, s.Called = clip(s.Detail), clip(s.FarName), clip(s.Called)
	s.Transfer.Number = clip(s.Transfer.Number)
	return s
}

// clipProblem cuts p so that it fits: of the offers there are as many as there is room
// for.
func clipProblem(p status.Problem) status.Problem {
	p.Detail, p.Field, p.Fault = clip(p.Detail), clip(p.Field), clip(p.Fault)
	if p.Cert != nil {
		c := *p.Cert
		c.Subject = clip(c.Subject)
		p.Cert = &c
	}
	offers := p.Offers
	p.Offers = nil
	for _, o := range offers {
		o.Shown, o.Reasons = clip(o.Shown), o.Reasons[:min(len(o.Reasons), maxReasons)]
		o.Text, o.Codes = "", nil // for windows
		p.Offers = append(p.Offers, o)
		if data, err := json.Marshal(p); err != nil || len(data) > maxRefusal {
			p.Offers = p.Offers[:len(p.Offers)-1]
			break
		}
	}
	return p
}

func clipOffer(o status.Offer) status.Offer {
	whole := o
	whole.Choices = nil
	p := clipProblem(status.Problem{Offers: []status.Offer{whole}})
	if len(p.Offers) == 0 {
		return status.Offer{}
	}
	whole = p.Offers[0]
	whole.Choices = clipProblem(status.Problem{Offers: o.Choices}).Offers
	return whole
}

func clipSnapshot(s status.Snapshot) status.Snapshot {
	s.Extension, s.Account = clip(s.Extension), clip(s.Account)
	if len(s.Incoming) > 0 { // the newest; watch tells of all
		s.Incoming = []call.Snapshot{clipCall(s.Incoming[len(s.Incoming)-1])}
	}
	if len(s.Handed) > 0 { // the same
		s.Handed = []call.Snapshot{clipCall(s.Handed[len(s.Handed)-1])}
	}
	if s.Trouble != nil {
		t := clipProblem(*s.Trouble)
		s.Trouble = &t
	}
	if s.Call != nil {
		c := clipCall(*s.Call)
		s.Call = &c
	}
	return s
}

const (
	maxLog  = maxFrame - 512 // bytes of the lines of a log, as JSON writes them
	maxKeys = 4              // more than there are
)

// clipInside cuts r so that it fits.
func clipInside(p InsideParams, r InsideResult) InsideResult {
	r.Version = clip(r.Version)
	r.Keys = slices.Clone(r.Keys[:min(len(r.Keys), maxKeys)])
	for i, k := range r.Keys {
		if k.Problem != nil {
			q := clipProblem(*k.Problem)
			q.Detail = "" // the sentence does without
			r.Keys[i].Problem = &q
		}
		r.Keys[i].Keys = clip(k.Keys)
	}
	room := maxLog
	for i, line := range r.Log {
		text, err := json.Marshal(line)
		if room -= len(text) + 1; err != nil || room < 0 {
			r.Log, r.Next = r.Log[:i], p.Log+i
			break
		}
	}
	return r
}
