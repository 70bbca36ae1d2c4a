package dialer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

const (
	// idleClose is how long a session opened on demand outlives its last
	// use. Every logged-in session costs the PBX CPU for each of its events.
	idleClose = 30 * time.Second

	pingIdle   = 20 * time.Second
	pingInCall = 5 * time.Second // bounds what a server's lost wake-up delays
	pingAnswer = 10 * time.Second
	// In a call a dead server shows within 5 + 9.5 s; a packet that is lost
	// three times in a row on a slow line is back before.
	pingAnswerInCall = 9500 * time.Millisecond
	// proveAnswer is for a session that there is reason to doubt.
	proveAnswer = 2 * time.Second

	// clockJump is how far the wall clock may move away from the monotonic one
	// before the computer must have slept, or its clock was set. The desktop
	// tells of sleep as well, where there is one that does, so that looking
	// costs an idle program only one wake-up a minute.
	clockJump    = 5 * time.Second
	clockLook    = 2 * time.Second // while a session is wanted
	clockLookOff = time.Minute
)

// loop is the state of a Dialer; only Run's goroutine touches it.
type loop struct {
	*Dialer
	ctx  context.Context
	wg   sync.WaitGroup   // what blocks elsewhere
	post chan func(*loop) // its way back here

	account config.Account
	mode    config.LinkMode

	// Who waits for an answer (see do), by the number of the question.
	asked    map[uint64]func(error)
	question uint64

	// accountCtx ends when account is replaced. What was begun for an earlier account
	// is void.
	accountCtx  context.Context
	accountOver context.CancelFunc

	epoch Epoch // of the rules for numbers

	link    status.Link
	trouble *status.Problem

	client    *ami.Client
	doubted   bool // it is being proved alive; if it is not, the account is checked again
	opening   bool
	openingAt time.Time
	openOver  context.CancelFunc // ends the attempt
	again     bool               // the attempt was ended to begin another
	wanted    bool               // somebody wants to see this very login
	waiters   []func(*ami.Client, error)

	inUse    bool      // somebody prepared or dialled in this session
	idleAt   time.Time // when an unused session is closed; zero: never
	pingAt   time.Time
	pinging  bool
	retry    retry
	prompted bool      // the keyring asks a person for its password, and the attempt waits
	unlocked instant   // when one last had answered
	awaiting bool      // it is awaited that the keyring opens
	sealed   time.Time // when the keyring last kept the password to itself; zero: it did not
	clock    instant   // when watchClock looked last

	cur *tracked // the call in flight or the last one

	next *change // an account that waits for the end of the call
}

// Run does the Dialer's work until ctx ends, then logs off and waits for
// everything it started. A call goes on at the PBX: only the following ends.
func (d *Dialer) Run(ctx context.Context) error {
	l := &loop{
		Dialer: d, ctx: ctx, link: status.LinkNotSetUp,
		post:  make(chan func(*loop)),
		asked: make(map[uint64]func(error)),
	}
	l.accountCtx, l.accountOver = context.WithCancel(ctx)
	l.clock = l.instant()
	defer close(d.ended)
	for ctx.Err() == nil {
		l.step()
		l.watchClock()
		l.publishNow()
		if l.next != nil && !l.following() {
			l.takeNext()
			l.publishNow()
		}
	}
	l.retire(ErrClosed)
	l.accountOver()
	l.wg.Wait()
	return nil
}

// step waits for the next thing to happen and does it.
func (l *loop) step() {
	var events <-chan ami.Event
	var lost <-chan struct{}
	if l.client != nil {
		lost = l.client.Done()
	}
	if l.cur != nil && l.cur.sub != nil {
		events = l.cur.sub.C()
	}
	timer := time.NewTimer(l.untilNext())
	defer timer.Stop()
	select {
	case <-l.ctx.Done():
	case f := <-l.work:
		f(l)
	case f := <-l.post:
		f(l)
	case e, ok := <-events:
		l.callEvent(e, ok)
	case <-lost:
		l.lost()
	case <-timer.C:
		l.timePassed(time.Now())
	}
}

// untilNext is the time to the next thing that time itself brings.
func (l *loop) untilNext() time.Duration {
	next := clockLookOff
	if l.mode == config.LinkKept || l.client != nil || l.opening || l.callNeedsLink() {
		next = clockLook
	}
	now := time.Now()
	for _, at := range []time.Time{l.idleAt, l.pingAt, l.retry.at, l.callDeadline()} {
		if !at.IsZero() {
			next = min(next, max(0, at.Sub(now)))
		}
	}
	return next
}

func (l *loop) timePassed(now time.Time) {
	due := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	if due(l.callDeadline()) {
		l.callTick(now)
	}
	if due(l.pingAt) {
		l.ping()
	}
	if due(l.retry.at) {
		l.retry.at = time.Time{}
		l.open(byItself, func(*ami.Client, error) {})
	}
	if due(l.idleAt) {
		l.idleAt = time.Time{}
		if l.callNeedsLink() {
			l.touch()
			return
		}
		l.closeSession()
		if l.link == status.LinkConnected {
			l.set(status.LinkReady, nil)
		}
	}
}

// aside runs f on a goroutine of its own; what f returns runs back on the
// loop, unless the account has changed or Run has ended meanwhile.
func (l *loop) aside(f func(ctx context.Context) func(*loop)) {
	l.asideOr(func(ctx context.Context) (func(*loop), func()) { return f(ctx), func() {} })
}

// asideOr is aside for what leaves something behind: void lets go of it when
// nobody takes what f returned.
func (l *loop) asideOr(f func(ctx context.Context) (back func(*loop), void func())) {
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

func (l *loop) set(k status.Link, t *status.Problem) { l.link, l.trouble = k, t }

func (l *loop) fail(err error) {
	var te *TroubleError
	if errors.As(err, &te) {
		t := te.Trouble
		if t.Code == status.CodeUnforeseen {
			t.Attempt = status.AttemptConnect
		}
		l.set(status.LinkTrouble, &t)
		l.log.Info("link trouble", slog.String("code", string(t.Code)))
	}
}

func (l *loop) publishNow() {
	s := status.Snapshot{Link: l.link, Trouble: l.trouble, Extension: l.account.Extension}
	if l.cur != nil && !l.cur.hidden {
		c := l.cur.call.Snapshot()
		s.Call = &c
	}
	l.publish(s)
}
