package dialer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
)

const (
	// idleClose is how long a session opened on demand outlives its last
	// use. Every logged-in session costs the PBX CPU for each of its events.
	idleClose = 30 * time.Second

	pingIdle   = 20 * time.Second
	pingInCall = 5 * time.Second // also makes a PBX go on that forgot to send its last events
	pingAnswer = 10 * time.Second
	// In a call a dead server is noticed within 5 + 9.5 s. A packet that is lost
	// three times in a row on a slow line arrives before that.
	pingAnswerInCall = 9500 * time.Millisecond
	// probeAnswer is how long a session that is in doubt has to answer.
	probeAnswer = 2 * time.Second

	// clockJump is how far the wall clock may differ from the monotonic one: beyond
	// it the computer slept or its clock was set. Most desktops report sleep as
	// well, so one look a minute is enough for an idle program.
	clockJump      = 5 * time.Second
	clockEvery     = 2 * time.Second // while a session is wanted
	clockEveryIdle = time.Minute
)

// loop is the state of a Dialer; only Run's goroutine touches it.
type loop struct {
	*Dialer
	ctx  context.Context
	wg   sync.WaitGroup   // the goroutines of async
	post chan func(*loop) // work that they hand back

	account  config.Account
	mode     config.ConnectionMode
	unusable *status.Problem // why there is no account, where it is not that nobody gave one

	// pending has a function for each request that is not answered yet (see do).
	pending     map[uint64]func(error)
	lastRequest uint64

	// accountCtx ends when account is replaced: results of what was begun for an
	// earlier account are thrown away.
	accountCtx  context.Context
	accountOver context.CancelFunc

	epoch Epoch // of the rules for numbers

	connection status.Connection
	trouble    *status.Problem

	client    *ami.Client
	doubted   bool // the client is being probed; if that fails, the account is checked again
	opening   bool
	openingAt time.Time
	openOver  context.CancelFunc // ends the attempt
	restart   bool               // the attempt was ended to begin another
	begunFor  purpose            // the attempt
	wanted    purpose            // the most that it is wanted for by now
	waiters   []func(*ami.Client, error)

	inUse           bool      // somebody prepared or dialled in this session
	idleAt          time.Time // when an unused session is closed; zero: never
	pingAt          time.Time
	pinging         bool
	retry           retry
	keyringPrompts  bool      // the keyring asks a person for its password; the attempt waits
	promptAnswered  instant   // when a person last answered it
	awaitingKeyring bool      // awaitKeyring is under way
	keyringFailedAt time.Time // when the keyring last gave no password; zero: the last time it did
	clock           instant   // the clocks when watchClock last looked

	cur    *tracked   // the call in flight or the last one
	handed []*tracked // those that were left to the PBX, the oldest first
	in     listener   // the calls that come in

	named string        // the id of the call whose name was asked for
	name  clean.Foreign // it

	voicemail status.Voicemail

	next *change // an account that waits for the end of the call

	colleagues colleagues
}

// Run does the Dialer's work until ctx ends, then logs off and waits for every
// goroutine it started. A call goes on at the PBX; only following it ends.
func (d *Dialer) Run(ctx context.Context) error {
	l := &loop{
		Dialer: d, ctx: ctx, connection: status.NotSetUp,
		post:    make(chan func(*loop)),
		pending: make(map[uint64]func(error)),

		colleagues: colleagues{board: phone.NewBoard()},
	}
	l.accountCtx, l.accountOver = context.WithCancel(ctx)
	l.clock = l.instant()
	defer close(d.ended)
	for ctx.Err() == nil {
		l.step()
		l.watchClock()
		l.publishNow()
		if l.next != nil && !l.following() {
			l.applyNext()
			l.publishNow()
		}
	}
	l.endAccount(ErrClosed)
	l.accountOver()
	l.wg.Wait()
	return nil
}

// step waits for the next thing to happen and does it.
func (l *loop) step() {
	var events, phones <-chan ami.Event
	var lost <-chan struct{}
	if l.client != nil {
		lost = l.client.Done()
	}
	if l.cur != nil && l.cur.sub != nil {
		events = l.cur.sub.C()
	}
	if l.in.sub != nil {
		phones = l.in.sub.C()
	}
	handed := l.handedEvents()
	timer := time.NewTimer(l.untilNext())
	defer timer.Stop()
	select {
	case <-l.ctx.Done():
	case f := <-l.work:
		f(l)
	case f := <-l.post:
		f(l)
	case e, ok := <-events:
		l.callEvent(l.cur, e, ok)
	case e, ok := <-handed[0]:
		l.callEvent(l.handed[0], e, ok)
	case e, ok := <-handed[1]:
		l.callEvent(l.handed[1], e, ok)
	case e, ok := <-phones:
		l.phoneEvent(e, ok)
	case <-lost:
		l.connectionLost()
	case <-timer.C:
		l.timePassed(time.Now())
	}
}

// untilNext is the time to the next deadline.
func (l *loop) untilNext() time.Duration {
	next := clockEveryIdle
	if l.wantsSession() || l.client != nil || l.opening || l.callNeedsConnection() {
		next = clockEvery
	}
	now := time.Now()
	for _, at := range []time.Time{l.idleAt, l.pingAt, l.retry.at, l.cur.deadline(), l.handedDeadline(), l.in.deadline()} {
		if !at.IsZero() {
			next = min(next, max(0, at.Sub(now)))
		}
	}
	return next
}

func (l *loop) timePassed(now time.Time) {
	due := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	if due(l.cur.deadline()) {
		l.callTick(l.cur, now)
	}
	l.handedTick(now)
	if due(l.in.deadline()) {
		l.in.calls.Tick(now)
	}
	if due(l.pingAt) {
		l.ping()
	}
	if due(l.retry.at) {
		l.retry.at = time.Time{}
		l.open(unattended, func(*ami.Client, error) {})
	}
	if due(l.idleAt) {
		l.idleAt = time.Time{}
		if l.callNeedsConnection() {
			l.touch()
			return
		}
		l.closeSession()
		if l.connection == status.Connected {
			l.set(status.Ready, nil)
		}
	}
}

// async runs f on a goroutine of its own. The function that f returns then runs on
// the loop, unless the account has changed or Run has ended meanwhile.
func (l *loop) async(f func(ctx context.Context) func(*loop)) {
	l.asyncOr(func(ctx context.Context) (func(*loop), func()) { return f(ctx), func() {} })
}

// asyncOr is async for an f that makes something which has to be released: void
// releases it where back does not run.
func (l *loop) asyncOr(f func(ctx context.Context) (back func(*loop), void func())) {
	ctx := l.accountCtx
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		back, void := f(ctx)
		select {
		case l.post <- func(l *loop) {
			if ctx.Err() == nil {
				back(l)
			} else {
				l.wg.Go(void)
			}
		}:
		case <-l.ctx.Done():
			void()
		}
	}()
}

func (l *loop) set(k status.Connection, t *status.Problem) { l.connection, l.trouble = k, t }

func (l *loop) fail(err error) {
	var te *TroubleError
	if errors.As(err, &te) {
		t := te.Trouble
		if t.Code == status.CodeUnforeseen {
			t.Attempt = status.AttemptConnect
		}
		l.set(status.Trouble, &t)
		if t.Code == status.CodeNetworkUnknown {
			l.connection = status.Unchecked // dialling may work very well
		}
		l.log.Info("link trouble", slog.Any("code", t.Code))
	}
}

// askName finds out what the person's directories call the other side of c, which
// counts for more than what the PBX does.
func (l *loop) askName(c call.Snapshot) {
	if l.Dialer.name == nil || c.ID == l.named {
		return
	}
	l.named, l.name = c.ID, ""
	l.async(func(context.Context) func(*loop) {
		name := l.Dialer.name(c.Number)
		return func(l *loop) {
			if l.named == c.ID {
				l.name = name
			}
		}
	})
}

func (l *loop) publishNow() {
	voicemail := l.voicemail
	voicemail.Set = l.account.Mailbox != ""
	s := status.Snapshot{Connection: l.connection, Trouble: l.trouble, Account: l.account.Name, Extension: l.account.Extension, Voicemail: voicemail}
	if l.cur != nil && !l.cur.hidden {
		c := l.cur.call.Snapshot()
		if l.askName(c); l.name != "" {
			c.FarName = l.name
		}
		s.Call = &c
	}
	s.Handed = l.handedCalls()
	s.Incoming = l.incoming()
	l.publish(s)
}
