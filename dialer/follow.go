package dialer

import (
	"context"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// unknownTime is how long Follow waits for a call to be found again after the
// connection was lost.
const unknownTime = 15 * time.Second

// hasNews reports whether a call has another state, or in the same one another
// reason why nobody answers, or its transfer stands otherwise.
func hasNews(from, to call.Snapshot) bool {
	return from.State != to.State || from.Transfer != to.Transfer || to.Live() && (from.Cause != to.Cause || from.ByPBX != to.ByPBX)
}

// Follow sends the states of the call after placed, each once and in order, and
// closes updates at its end, or when it stays unknown, or when ctx ends. It blocks
// until then. snapshots must have been subscribed to before the call was placed;
// cancel ends them, and is called before updates is closed.
func Follow(ctx context.Context, snapshots <-chan status.Snapshot, cancel func(), placed call.Snapshot, updates chan<- call.Snapshot) {
	defer close(updates)
	defer cancel()
	if !placed.Live() && placed.State != call.Unknown {
		return
	}
	last, met := placed, false
	var giveUp <-chan time.Time
	if placed.State == call.Unknown {
		giveUp = time.After(unknownTime)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-giveUp:
			return
		case s, ok := <-snapshots:
			if !ok {
				return
			}
			if s.Call == nil || s.Call.ID != placed.ID {
				if met {
					return // forgotten: another account or another call
				}
				continue
			}
			met = true
			if s.Call.Change < last.Change || !hasNews(last, *s.Call) {
				continue // it waited in the channel since before the answer, or is no news
			}
			last = *s.Call
			select {
			case updates <- *s.Call:
			case <-ctx.Done():
				return
			}
			switch {
			case s.Call.Live():
				giveUp = nil
			case last.State == call.Unknown:
				giveUp = time.After(unknownTime)
			default:
				return
			}
		}
	}
}

// States finds the states of calls in the Snapshots of a Dialer: each once and in order,
// as Follow does for one call. The zero value has seen nothing. It is for one goroutine.
type States struct {
	last call.Snapshot
	in   map[string]call.State // of the calls that come in, by their ids
	// handed are those that the person has left to the PBX.
	handed map[string]call.Snapshot
}

// Next are the states of calls that s tells of and no Snapshot before did.
func (t *States) Next(s status.Snapshot) (news []call.Snapshot) {
	var handed map[string]call.Snapshot
	for _, c := range s.Handed {
		before, known := t.handed[c.ID]
		if !known {
			before = t.last
		}
		if before.ID != c.ID || hasNews(before, c) {
			news = append(news, c)
		}
		if handed == nil {
			handed = make(map[string]call.Snapshot, len(s.Handed))
		}
		handed[c.ID] = c
	}
	t.handed = handed
	if s.Call != nil && (s.Call.ID != t.last.ID || hasNews(t.last, *s.Call)) {
		t.last = *s.Call
		news = append(news, t.last)
	}
	var in map[string]call.State
	for _, c := range s.Incoming {
		if t.in[c.ID] != c.State {
			news = append(news, c)
		}
		if in == nil {
			in = make(map[string]call.State, len(s.Incoming))
		}
		in[c.ID] = c.State
	}
	t.in = in
	return news
}
