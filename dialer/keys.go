package dialer

import (
	"context"
	"errors"
	"slices"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
	"cornetta/dialer/number"
)

const (
	// pauseFor is how long a comma in what is keyed in lasts, as on phones.
	pauseFor = 2 * time.Second

	// digitGap is between two digits, so that the same one twice is two.
	digitGap = 100 * time.Millisecond
)

// keysThen notes what is keyed in after the answer: by the PBX where the person has said
// that it should.
func (t *tracked) keysThen(p number.Plan) {
	switch {
	case p.Then == "":
	case p.ByPBX():
		t.call.SetThen(p.Then, call.KeyedByPBX)
	default:
		t.call.SetThen(p.Then, call.KeyedByHand)
	}
}

// keyIn begins to key in what follows the answer, once somebody has given it. Where the
// PBX cannot, or stops in the middle, the rest is left to the person. It is never begun
// twice: digits that were sent into the void are no reason to send them again.
func (l *loop) keyIn(t *tracked) {
	s := t.call.Snapshot()
	switch {
	case s.Settled() && s.Keying != "":
		t.call.SetThen("", "") // a PIN, perhaps: nobody needs it any more
		return
	case s.Keying != call.KeyedByPBX || t.keying || s.State != call.InCall && s.State != call.Unknown:
		return
	}
	t.keying = true
	c := l.client
	if s.State == call.Unknown || s.ByPBX || c == nil || t.call.Far() == "" {
		// Of a service of the PBX there is no channel that leads to it: the digits would
		// be heard by the person.
		t.call.SetThen(s.Then, call.KeyedByHand)
		return
	}
	l.async(func(ctx context.Context) func(*loop) {
		r, err := c.Do(ctx, ami.ListCommands{})
		return func(l *loop) {
			if err != nil || !slices.Contains(r.Names(), ami.PlayDTMF{}.Name()) {
				l.log.Info("the PBX keys in nothing")
				t.call.SetThen(t.call.Snapshot().Then, call.KeyedByHand)
				return
			}
			l.keyNext(t, c)
		}
	})
}

// keyNext keys in the next sign over c, or lets the time of a pause pass.
func (l *loop) keyNext(t *tracked, c *ami.Client) {
	s := t.call.Snapshot()
	if s.Then == "" {
		t.call.SetThen("", call.Keyed)
		return
	}
	far := t.call.Far()
	if l.cur != t || l.client != c || s.State != call.InCall || s.ByPBX || far == "" || t.call.Cancelled() {
		t.call.SetThen(s.Then, call.KeyedByHand)
		return
	}
	sign := s.Then[0]
	l.touch()
	l.async(func(ctx context.Context) func(*loop) {
		wait, err := pauseFor, error(nil)
		if sign != ',' {
			wait = digitGap
			_, err = c.Do(ctx, ami.PlayDTMF{Channel: far, Digit: sign})
		}
		if err == nil {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		return func(l *loop) {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				l.log.Info("the PBX did not key in a digit")
				t.call.SetThen(s.Then, call.KeyedByHand)
				return
			}
			// One that was not answered in time may have been sent.
			t.call.SetThen(s.Then[1:], call.KeyedByPBX)
			l.keyNext(t, c)
		}
	})
}
