package dialer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/status"
)

const (
	// sameCall is how long an identical request means the call that was just
	// asked for: a double click, a key that repeats.
	sameCall = 3 * time.Second

	// stale is the oldest request that is still sent: a phone that rings
	// because of something forgotten is worse than no call.
	stale = 30 * time.Second

	// unknownFor is how long the link is tried again for the sake of a call
	// whose end nobody saw.
	unknownFor = time.Minute

	// lingerFor is how long the channels of a call that has failed may live
	// on (a busy tone, an announcement) before they are forgotten.
	lingerFor = time.Minute
)

// tracked is a call and what is needed to follow it.
type tracked struct {
	req  tracker.Request
	call *tracker.Call
	sub  *ami.Subscription // nil while there is no session
	// placed is the call as it was when it was asked for.
	placed call.Snapshot
	// answered is called once, with the PBX's answer to the Originate.
	answered func(call.Snapshot, error)
	asking   bool    // Status was asked for and not answered yet
	ending   bool    // the PBX was asked to hang up and has not answered yet
	asked    instant // when the person wanted it
	lostAt   time.Time
	endedAt  time.Time

	kept    tracker.Memo // as it was written down last
	keeping bool         // it is being written

	found
}

func (t *tracked) drop() {
	if t.sub != nil {
		t.sub.Close()
		t.sub = nil
	}
}

func (t *tracked) answer(s call.Snapshot, err error) {
	if f := t.answered; f != nil {
		t.answered = nil
		f(s, err)
	}
}

// live: a call is going on as far as is known.
func (t *tracked) live() bool { return t != nil && t.call.Snapshot().Live() }

func (l *loop) dial(ctx context.Context, in Epoch, dial string, done func(call.Snapshot, error)) {
	asked := l.instant()
	if l.next != nil && !l.cur.live() {
		l.takeNext() // the plan is of its time
	}
	if t := l.cur; t.unproven() {
		// It may be the very call that is wanted, or one that has the phone.
		l.look(t, forUse, func() { l.dialNow(ctx, in, dial, asked, done) })
		return
	}
	l.dialNow(ctx, in, dial, asked, done)
}

func (l *loop) dialNow(ctx context.Context, in Epoch, dial string, asked instant, done func(call.Snapshot, error)) {
	if l.cur.live() {
		s := l.cur.call.Snapshot()
		if s.Number == dial && asked.mono.Sub(s.Requested) < sameCall {
			done(s, nil)
			return
		}
		done(call.Snapshot{}, ErrInProgress)
		return
	}
	waiting := true
	stop := context.AfterFunc(ctx, func() {
		select {
		case l.post <- func(l *loop) {
			if waiting && l.prompted && len(l.waiters) == 1 {
				l.openOver() // nobody else wants what the keyring asks for
			}
		}:
		case <-l.ctx.Done():
		}
	})
	l.open(forUse, func(c *ami.Client, err error) {
		waiting = false
		stop()
		switch {
		case err != nil:
			done(call.Snapshot{}, err)
		case ctx.Err() != nil:
			done(call.Snapshot{}, ctx.Err())
		case l.age(l.lastWanted(asked)) > stale:
			done(call.Snapshot{}, ErrStale)
		case in != l.epoch:
			done(call.Snapshot{}, ErrAccountChanged)
		case l.cur.live():
			// Two requests waited for the same session.
			if s := l.cur.call.Snapshot(); s.Number == dial {
				done(s, nil)
			} else {
				done(call.Snapshot{}, ErrInProgress)
			}
		default:
			l.inUse = true
			l.touch()
			l.originate(c, dial, l.lastWanted(asked), done)
		}
	})
}

// lastWanted is when somebody last showed that they want the call they asked for:
// who types the keyring's password for it does.
func (l *loop) lastWanted(asked instant) instant {
	if l.unlocked.mono.After(asked.mono) {
		return l.unlocked
	}
	return asked
}

// originate writes the request, once. It is never sent again by program.
func (l *loop) originate(c *ami.Client, dial string, asked instant, done func(call.Snapshot, error)) {
	if l.cur != nil {
		l.cur.drop()
	}
	req := newRequest(l.account, dial)
	req.TakesIDs = c.TakesChannelIDs()
	t := &tracked{req: req, call: tracker.New(req, time.Now()), asked: asked, answered: done}
	t.placed = t.call.Snapshot()
	t.sub = c.Subscribe(tracker.NewFamily(req).Wants, 0)
	l.cur = t
	l.pingAt = time.Now().Add(pingInCall)
	l.log.Info("originate", slog.String("call", req.ID), slog.String("number", Redact(dial)))
	action := originate(l.account, req)
	record := l.record(t)
	t.kept = record.Call
	l.aside(func(ctx context.Context) func(*loop) {
		// Before the PBX hears of it: whatever ends this program afterwards, the
		// next one knows of the call.
		if err := l.trail.Begin(record); err != nil {
			l.log.Warn("the call could not be found again by another Cornetta", slog.Any("err", err))
		}
		if l.age(asked) > stale { // a disk can take its time
			return func(l *loop) { l.originated(t, errors.Join(ami.ErrNotSent, ErrStale)) }
		}
		_, err := c.Do(ctx, action)
		return func(l *loop) { l.originated(t, err) }
	})
}

// originated: the PBX has answered the request, or never will.
func (l *loop) originated(t *tracked, err error) {
	var refused *ami.ResponseError
	switch {
	case err == nil:
		// "Originate successfully queued" is not a call yet.
	case errors.As(err, &refused):
		cause := call.Refused
		switch {
		case errors.Is(err, ami.ErrPermission):
			cause = call.NoRight
		case errors.Is(err, ami.ErrNoSuchExtension):
			cause = call.NoSuchNumber
		}
		t.call.Refused(cause, refused.Message, time.Now())
	case errors.Is(err, ami.ErrNotSent), errors.Is(err, ami.ErrBadValue):
		t.call.Refused(call.Refused, "not sent: "+err.Error(), time.Now())
	case errors.Is(err, context.DeadlineExceeded) && l.client != nil:
		// Only late: the link lives, and the events tell, or their absence.
	default:
		// Whether it reached the PBX nobody can tell.
		t.lostAt = time.Now()
		t.call.LinkLost(t.lostAt)
		l.resume() // where the link lives; otherwise when it is back
	}
	placed := t.call.Snapshot()
	if err == nil {
		placed = t.placed // events may have overtaken the answer
	}
	t.answer(placed, nil)
	l.callMoved(t)
}

func (l *loop) callEvent(e ami.Event, ok bool) {
	t := l.cur
	if !ok {
		t.sub = nil
		return
	}
	if _, lost := e.(ami.Lost); lost {
		l.askStatus(t, t.call.Missed)
		return
	}
	before := t.call.Snapshot().State
	t.call.Apply(e, time.Now())
	if now := t.call.Snapshot(); now.State != before {
		l.log.Info("call", slog.String("call", now.ID), slog.String("state", string(now.State)), slog.String("cause", string(now.Cause)))
	}
	if _, born := e.(ami.Newchannel); born && t.call.Cancelled() {
		l.hangUpChannels(t, func(error) {})
	}
	l.callMoved(t)
}

func (l *loop) callTick(now time.Time) {
	t := l.cur
	t.call.Tick(now)
	l.callMoved(t)
	if t.expired(now) {
		t.drop()
	}
}

// callMoved does what a new state of the call asks for.
func (l *loop) callMoved(t *tracked) {
	l.keep(t)
	if t.live() {
		t.endedAt = time.Time{}
		return
	}
	if t.endedAt.IsZero() {
		t.endedAt = time.Now()
		if l.client != nil {
			l.touch()
		}
	}
	if t.call.Over() {
		t.drop()
	}
}

// expired: nothing more is worth waiting for.
func (t *tracked) expired(now time.Time) bool {
	return !t.live() && !t.endedAt.IsZero() && now.Sub(t.endedAt) >= lingerFor
}

func (l *loop) callDeadline() time.Time {
	t := l.cur
	if t == nil {
		return time.Time{}
	}
	if d := t.call.Deadline(); !d.IsZero() {
		return d
	}
	if !t.live() && t.sub != nil && !t.endedAt.IsZero() {
		return t.endedAt.Add(lingerFor)
	}
	return time.Time{}
}

// callNeedsLink: a call goes on, or nobody knows yet whether it does.
func (l *loop) callNeedsLink() bool {
	t := l.cur
	if t == nil {
		return false
	}
	if t.live() {
		return true
	}
	return !t.lostAt.IsZero() && time.Since(t.lostAt) < unknownFor &&
		t.call.Snapshot().State == call.Unknown
}

func (l *loop) callLost(now time.Time) {
	t := l.cur
	if t == nil {
		return
	}
	t.drop()
	if len(t.waiting) > 0 { // for an answer that will not come; once the loss is dealt with
		l.aside(func(context.Context) func(*loop) { return func(l *loop) { l.looked(t, false) } })
	}
	if s := t.call.Snapshot(); t.live() || s.State == call.Unknown && s.Cause != call.EndedUnseen && now.Sub(s.Ended) < unknownFor {
		// Also one that was given up just before: a server that dies is silent
		// first.
		t.lostAt = now
		t.call.LinkLost(now)
		t.answer(t.call.Snapshot(), nil)
	}
}

// resume follows an unknown call again over a new session.
func (l *loop) resume() {
	t, c := l.cur, l.client
	if t == nil || c == nil || t.lostAt.IsZero() || t.call.Snapshot().State != call.Unknown {
		return
	}
	t.drop()
	t.sub = c.Subscribe(t.call.Family().Wants, 0)
	t.endedAt = time.Now() // it may linger from now on, not from when the link was lost
	l.askStatus(t, func(live []ami.ChannelStatus, now time.Time) {
		t.call.Restore(live, now)
		if t.unproven() && l.lookAgain(t, now) {
			return
		}
		t.lostAt = time.Time{}
		switch {
		case !t.live():
			t.drop()
		case t.unproven(), t.call.Unheard():
			// Only now is it known which channels to listen to. What they did
			// meanwhile the next list tells.
			t.drop()
			t.sub = c.Subscribe(t.call.Family().Wants, 0)
			defer l.askStatus(t, t.call.Missed)
		}
		l.looked(t, true)
	})
}

// askStatus asks the PBX which channels live, and has the answer put the call
// right.
func (l *loop) askStatus(t *tracked, put func([]ami.ChannelStatus, time.Time)) {
	c := l.client
	if c == nil || t.asking {
		return // lost meanwhile, and then resume will ask; or on its way
	}
	t.asking = true
	l.aside(func(ctx context.Context) func(*loop) {
		list, err := c.List(ctx, ami.Status{})
		return func(l *loop) {
			t.asking = false
			switch {
			case l.cur != t:
				return
			case l.client != c:
				// The session died with the answer on its way: what it says is of
				// the past, and nobody has listened since.
				l.resume()
				return
			case err != nil:
				l.looked(t, false)
				return
			}
			var live []ami.ChannelStatus
			for _, e := range list {
				if s, ok := e.(ami.ChannelStatus); ok {
					live = append(live, s)
				}
			}
			put(live, time.Now())
			l.callMoved(t)
		}
	})
}

func (l *loop) hangup(done func(error)) {
	t := l.cur
	if t.unproven() {
		// What its channels are called today only the PBX can tell.
		l.look(t, forUse, func() {
			if t.unproven() {
				done(l.unseen())
				return
			}
			l.hangup(done)
		})
		return
	}
	if t == nil || t.call.Over() || (!t.live() && len(t.call.Channels()) == 0) {
		done(ErrNoCall)
		return
	}
	t.call.Cancel()
	l.hangUpChannels(t, done)
}

// hangUpChannels asks the PBX to end the call's channels, or before the first
// is known, the one with the id that the Originate asked for.
func (l *loop) hangUpChannels(t *tracked, done func(error)) {
	var actions []ami.Hangup
	for _, name := range t.call.Channels() {
		actions = append(actions, ami.Hangup{Channel: name, Cause: 16})
	}
	if len(actions) == 0 {
		actions = append(actions, ami.Hangup{UniqueID: t.req.ChannelID, Cause: 16})
	}
	l.open(forUse, func(c *ami.Client, err error) {
		if err != nil {
			done(err)
			return
		}
		l.touch()
		t.ending = true
		l.aside(func(ctx context.Context) func(*loop) {
			var failed error
			gone := 0
			for _, h := range actions {
				_, err := c.Do(ctx, h)
				switch {
				case errors.Is(err, ami.ErrNoSuchChannel):
					gone++
				case err != nil:
					failed = err
				}
			}
			return func(l *loop) {
				t.ending = false
				done(unanswered(failed))
				if gone > 0 && l.cur == t && len(t.call.Channels()) > 0 {
					l.askStatus(t, t.call.Missed) // its Hangup may have passed us by
				}
			}
		})
	})
}

// unanswered is troubled for an action in a session: a PBX that says nothing to it
// is not one that cannot be reached.
func unanswered(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		p := status.Problem{Code: status.CodeNoReply, Detail: detailOf(err)}
		return &TroubleError{Trouble: p, Err: err}
	}
	return troubled(err)
}

// Redact is a number as a log may hold it: its last three digits.
func Redact(number string) string {
	if len(number) <= 3 {
		return "…"
	}
	return "…" + number[len(number)-3:]
}
