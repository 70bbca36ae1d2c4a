package dialer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

const (
	// sameCall is how long an identical request counts as the same one: a double
	// click, a key that repeats.
	sameCall = 3 * time.Second

	// stale is the age beyond which a request is not sent any more: a phone that
	// rings for a forgotten request is worse than no call.
	stale = 30 * time.Second

	// unknownFor is how long the program reconnects in order to find out what became
	// of an unknown call.
	unknownFor = time.Minute

	// lingerFor is how long the channels of a failed call are followed on (a busy
	// tone, an announcement).
	lingerFor = time.Minute

	// maxLogged is how many states of one call are logged: a PBX can make as many as
	// it likes.
	maxLogged = 100
)

// tracked is a call and what is needed to follow it.
type tracked struct {
	req  tracker.Request
	call *tracker.Call
	sub  *ami.Subscription // nil while there is no session
	// family chooses the call's events, and its channels among those that Status lists.
	family *tracker.Family
	// placed is the call as it was when it was asked for.
	placed call.Snapshot
	// answered is called once, with the PBX's answer to the Originate.
	answered func(call.Snapshot, error)
	logged   int // how many of its states are in the log
	// listed takes the list of live channels that the PBX was asked for, which is on its
	// way in sub; nil: none is.
	listed func([]ami.ChannelStatus, time.Time)
	// missed: events were lost since that list was asked for.
	missed  bool
	ending  bool    // the PBX was asked to hang up and has not answered yet
	asked   instant // when the person asked for the call
	lostAt  time.Time
	endedAt time.Time

	saved  tracker.Memo // as it was written down last
	saving bool         // it is being written, or waits for that
	saves  pace

	keying bool // what follows the answer is on its way

	name clean.Foreign // as in the directories, once another call has taken its place

	consulted time.Time // since when the person speaks to the third side of a transfer

	asking bool // the PBX is asked in which ways the call can be transferred

	leftCall
}

// follow has the call get the events that f chooses.
func (t *tracked) follow(c *ami.Client, f *tracker.Family) {
	t.drop()
	t.family, t.sub = f, c.Subscribe(f.Wants, 0)
}

func (t *tracked) drop() {
	if t.sub != nil {
		t.sub.Close()
		t.sub = nil
	}
	t.listed, t.missed = nil, false // it was in that stream
}

func (t *tracked) answer(s call.Snapshot, err error) {
	if f := t.answered; f != nil {
		t.answered = nil
		f(s, err)
	}
}

// live reports whether the call goes on as far as is known; t may be nil.
func (t *tracked) live() bool { return t != nil && t.call.Snapshot().Live() }

// inTheWay is why nothing else is dialled while the call lives. In a transfer somebody waits
// for the person, also where they have put their phone down: the PBX may call it back, and
// whoever is told to hang up would lose them.
func (t *tracked) inTheWay() error {
	if t.call.Snapshot().Transfer.State.Pending() {
		return ErrTransferGoesOn
	}
	return ErrInProgress
}

func (l *loop) dial(ctx context.Context, in Epoch, p number.Plan, from call.Origin, done func(call.Snapshot, error)) {
	asked := l.instant()
	if l.next != nil && !l.cur.live() {
		l.applyNext() // the plan was made for that account
	}
	if t := l.cur; t.unproven() {
		// That call may be the one that is requested, or it may use the phone.
		l.search(t, forCall, func() { l.dialNow(ctx, in, p, from, asked, done) })
		return
	}
	l.dialNow(ctx, in, p, from, asked, done)
}

func (l *loop) dialNow(ctx context.Context, in Epoch, p number.Plan, from call.Origin, asked instant, done func(call.Snapshot, error)) {
	if l.next != nil && !l.cur.live() {
		l.applyNext() // it came while a call was looked for
	}
	if l.cur.live() {
		s := l.cur.call.Snapshot()
		if s.Number == p.Dial && asked.mono.Sub(s.Requested) < sameCall {
			done(s, nil)
			return
		}
		done(call.Snapshot{}, l.cur.inTheWay())
		return
	}
	waiting := true
	stop := context.AfterFunc(ctx, func() {
		select {
		case l.post <- func(l *loop) {
			if waiting && l.keyringPrompts && len(l.waiters) == 1 {
				l.openOver() // nobody else wants what the keyring asks for
			}
		}:
		case <-l.ctx.Done():
		}
	})
	l.open(forCall, func(c *ami.Client, err error) {
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
			if s := l.cur.call.Snapshot(); s.Number == p.Dial {
				done(s, nil)
			} else {
				done(call.Snapshot{}, l.cur.inTheWay())
			}
		default:
			l.inUse = true
			l.touch()
			l.originate(c, p, from, l.lastWanted(asked), done)
		}
	})
}

// lastWanted is when the person last showed that they want the call: by asking for
// it, or by typing the keyring's password for it.
func (l *loop) lastWanted(asked instant) instant {
	if l.promptAnswered.mono.After(asked.mono) {
		return l.promptAnswered
	}
	return asked
}

// originate sends the request, once. It is never repeated automatically.
func (l *loop) originate(c *ami.Client, p number.Plan, from call.Origin, asked instant, done func(call.Snapshot, error)) {
	if l.cur != nil {
		l.putAside(l.cur)
	}
	req := newRequest(l.account, p.Dial)
	req.TakesIDs = c.TakesChannelIDs()
	req.Origin = from
	req.Origin.Account = call.AccountText(l.account.Name, secret.Key(l.account))
	t := &tracked{req: req, call: tracker.New(req, time.Now()), asked: asked, answered: done}
	t.keysThen(p)
	t.placed = t.call.Snapshot()
	t.follow(c, tracker.NewFamily(req))
	l.cur = t
	l.pingAt = time.Now().Add(pingInCall)
	l.log.Info("originate", slog.Any("call", callID(req.ID)), slog.Any("number", Redact(p.Dial)))
	action := originate(l.account, req)
	l.noteNetwork((*Networks).dialled)
	record := l.record(t)
	t.saved = record.Call
	l.async(func(ctx context.Context) func(*loop) {
		// Before the PBX gets it, so that the next program knows of the call however
		// this one ends.
		if err := l.trail.Begin(record); err != nil {
			l.log.Warn("the call could not be found again by another Cornetta", slog.Any("err", err))
		}
		if l.age(asked) > stale { // a disk can take its time
			return func(l *loop) { l.originated(t, c, errors.Join(ami.ErrNotSent, ErrStale)) }
		}
		_, err := c.Do(ctx, action)
		return func(l *loop) { l.originated(t, c, err) }
	})
}

// originated handles the PBX's answer to the Originate, which was sent over c, or that
// none comes. It may come after the end of c was handled: both arrive together.
func (l *loop) originated(t *tracked, c *ami.Client, err error) {
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
		t.call.Refused(call.Refused, "not sent: "+detailOf(err), time.Now())
	case errors.Is(err, context.DeadlineExceeded) && l.client != nil:
		// Only late: the connection lives, and its events show whether there is a call.
	case l.client != c && l.client != nil:
		// The end of c was handled, and the call is being looked for already.
	default:
		// It is not known whether the PBX got it.
		t.lostAt = time.Now()
		t.call.ConnectionLost(t.lostAt)
		l.resume() // does nothing without a connection; the next one resumes
	}
	placed := t.call.Snapshot()
	if err == nil {
		placed = t.placed // events may have overtaken the answer
	}
	t.answer(placed, nil)
	l.callMoved(t)
}

func (l *loop) callEvent(t *tracked, e ami.Event, ok bool) {
	if !ok {
		t.sub = nil
		return
	}
	switch e := e.(type) {
	case ami.Lost:
		l.askStatus(t, t.call.Missed)
		return
	case ami.Listed:
		l.callListed(t, e.Items)
		return
	}
	before := t.call.Snapshot().State
	t.call.Apply(e, time.Now())
	if now := t.call.Snapshot(); now.State != before && t.logged < maxLogged {
		t.logged++
		l.log.Info("call", slog.Any("call", callID(now.ID)), slog.Any("state", now.State), slog.Any("cause", now.Cause))
	}
	if _, born := e.(ami.Newchannel); born && t.call.Cancelled() {
		l.hangUpChannels(t, func(error) {})
	}
	l.callMoved(t)
}

func (l *loop) callTick(t *tracked, now time.Time) {
	t.call.Tick(now)
	l.callMoved(t)
	if t.expired(now) {
		t.call.EndTransfer(call.TransferUnknown, "")
		t.drop()
	}
}

// callMoved acts on a new state of the call.
func (l *loop) callMoved(t *tracked) {
	l.save(t)
	l.keyIn(t)
	l.askTransfers(t)
	if t.family != nil {
		t.family.Expect(t.call.CallBack())
	}
	if t.live() {
		t.endedAt = time.Time{}
		return
	}
	if t.endedAt.IsZero() {
		t.endedAt = time.Now()
		if l.client != nil {
			l.touch()
			if l.account.Mailbox != "" {
				l.countVoicemail(l.client, func(error) {}) // the call may have been to it
			}
		}
	}
	if t.call.Over() {
		t.drop()
	}
}

// expired reports whether the call is not to be followed any longer.
func (t *tracked) expired(now time.Time) bool {
	return !t.live() && !t.endedAt.IsZero() && now.Sub(t.endedAt) >= t.lingers()
}

// lingers is how long the channels of a call that is over are followed.
func (t *tracked) lingers() time.Duration { return max(lingerFor, t.call.TransferFollowed()) }

// deadline is when callTick wants to be called; zero: not at all. t may be nil.
func (t *tracked) deadline() time.Time {
	if t == nil {
		return time.Time{}
	}
	if d := t.call.Deadline(); !d.IsZero() {
		return d
	}
	if !t.live() && t.sub != nil && !t.endedAt.IsZero() {
		return t.endedAt.Add(t.lingers())
	}
	return time.Time{}
}

// callNeedsConnection reports whether a call goes on, or may.
func (l *loop) callNeedsConnection() bool {
	t := l.cur
	if t == nil {
		return false
	}
	if t.live() || t.call.TransferFollowed() > 0 || l.handedOn() {
		return true
	}
	return !t.lostAt.IsZero() && time.Since(t.lostAt) < unknownFor &&
		t.call.Snapshot().State == call.Unknown
}

func (l *loop) callConnectionLost(now time.Time) {
	l.handedLost()
	t := l.cur
	if t == nil {
		return
	}
	t.drop()
	if !t.live() {
		t.call.EndTransfer(call.TransferUnknown, "")
	}
	if len(t.searchDone) > 0 { // the answer will not come; they are called after the loss is handled
		l.async(func(context.Context) func(*loop) { return func(l *loop) { l.searched(t, false) } })
	}
	if s := t.call.Snapshot(); t.live() || s.State == call.Unknown && s.Cause != call.EndedUnseen && now.Sub(s.Ended) < unknownFor {
		// Also one that became unknown just before: a server that dies is silent
		// first. Whoever waits for the answer to the Originate hears from originated,
		// which knows whether there was one.
		t.lostAt = now
		t.call.ConnectionLost(now)
	}
}

// resume follows an unknown call again over a new session.
func (l *loop) resume() {
	t, c := l.cur, l.client
	if t == nil || c == nil || t.lostAt.IsZero() || t.call.Snapshot().State != call.Unknown {
		return
	}
	t.follow(c, t.call.Family())
	t.endedAt = time.Now() // lingerFor counts from now on, not from the loss
	l.askStatus(t, func(live []ami.ChannelStatus, now time.Time) {
		t.call.Restore(live, now)
		if t.unproven() && l.searchAgain(t, now) {
			return
		}
		t.lostAt = time.Time{}
		switch {
		case !t.live():
			t.drop()
		case t.unproven(), t.call.Unheard():
			// Only now it is known whose events to listen to. What they did meanwhile
			// the next list shows.
			t.follow(c, t.call.Family())
			defer l.askStatus(t, t.call.Missed)
		}
		l.searched(t, true)
	})
}

// askStatus asks the PBX which channels live, and passes the answer to put, which
// updates the call by it, when all events that came before it were handled.
func (l *loop) askStatus(t *tracked, put func([]ami.ChannelStatus, time.Time)) {
	sub, family := t.sub, t.family
	switch {
	case l.client == nil, sub == nil:
		return // resume asks when the connection is back
	case t.listed != nil:
		t.missed = true // what is on its way may be from before
		return
	}
	t.listed = put
	t.call.Asking()
	l.async(func(ctx context.Context) func(*loop) {
		err := sub.List(ctx, ami.Status{}, family.Lists)
		return func(l *loop) {
			if err != nil && l.cur == t && t.sub == sub {
				t.listed, t.missed = nil, false
				l.searched(t, false)
			}
		}
	})
}

// callListed handles the PBX's list of live channels.
func (l *loop) callListed(t *tracked, items []ami.Event) {
	var live []ami.ChannelStatus
	for _, e := range items {
		if s, ok := e.(ami.ChannelStatus); ok {
			live = append(live, s)
		}
	}
	put, again := t.listed, t.missed
	t.listed, t.missed = nil, false
	put(live, time.Now())
	if again {
		l.askStatus(t, t.call.Missed)
	}
	l.callMoved(t)
}

func (l *loop) hangup(done func(error)) {
	t := l.cur
	if t.unproven() {
		// Only the PBX knows what its channels are called now.
		l.search(t, forCall, func() {
			if t.unproven() {
				done(l.searchError())
				return
			}
			l.hangup(done)
		})
		return
	}
	if t == nil || t.call.Over() || !t.live() && (len(t.call.Channels()) == 0 || t.call.TransferFollowed() > 0) {
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
	l.open(forCall, func(c *ami.Client, err error) {
		if err != nil {
			done(err)
			return
		}
		l.touch()
		t.ending = true
		l.async(func(ctx context.Context) func(*loop) {
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
					l.askStatus(t, t.call.Missed) // its Hangup event was missed, perhaps
				}
			}
		})
	})
}

// unanswered is troubled for an action in a session: a PBX that does not answer it
// is told as that, not as one that cannot be reached.
func unanswered(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		p := status.Problem{Code: status.CodeNoReply, Detail: detailOf(err)}
		return &TroubleError{Trouble: p, Err: err}
	}
	return troubled(err)
}

// Redacted is a number as a log may hold it: its last three digits.
type Redacted string

// Redact makes a Redacted.
func Redact(number string) Redacted {
	if len(number) <= 3 {
		return "…"
	}
	return Redacted("…" + number[len(number)-3:])
}

// callID is the id of a call of ours, which is random.
type callID string
