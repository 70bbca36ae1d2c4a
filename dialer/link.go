package dialer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"cornetta/ami"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// A locked keyring asks for its password in a window of its own. Somebody who
// is about to dial has a moment to type it, and what runs aside has not: it
// says that the keyring waits.
const (
	keyringAsked = 25 * time.Second
	keyringAside = 5 * time.Second
)

// retry is when a lost link is tried again: at once, then after a random time
// that grows from one second to a minute, so that a thousand programs do not
// come back in the same moment.
type retry struct {
	at       time.Time
	failures int
	openedAt time.Time // of the last session
}

// steady is how long a session must have lasted for its loss to be news.
const steady = time.Minute

func (r *retry) schedule(now time.Time) {
	limit := time.Second << min(r.failures, 6)
	if r.failures > 0 {
		limit = min(limit, time.Minute)
		r.at = now.Add(time.Second/2 + rand.N(limit))
	} else {
		r.at = now
	}
	r.failures++
}

func (l *loop) setAccount(a config.Account, mode config.LinkMode) {
	l.retire(ErrAccountChanged)
	l.account, l.mode = a, mode
	switch {
	case a.Validate() != nil:
		l.set(status.LinkNotSetUp, nil)
	default:
		l.set(status.LinkUnchecked, nil)
		if mode == config.LinkKept {
			l.open(func(*ami.Client, error) {})
		}
	}
}

// retire ends everything that belongs to the present account, and answers
// with why whoever waits. A call whose Originate may have gone out is answered
// as what it is: unknown.
func (l *loop) retire(why error) {
	l.era++
	l.eraOver()
	l.eraCtx, l.eraOver = context.WithCancel(l.ctx)
	if t := l.cur; t != nil {
		t.drop()
		t.call.LinkLost(time.Now())
		t.answer(t.call.Snapshot(), nil)
		l.cur = nil
	}
	waiters := l.waiters
	l.waiters, l.opening, l.retry = nil, false, retry{}
	l.closeSession()
	for _, w := range waiters {
		w(nil, why)
	}
	for _, answer := range l.asked {
		answer(why)
	}
}

// closeSession logs off, aside: the answer may be a second away.
func (l *loop) closeSession() {
	c := l.client
	l.client, l.inUse = nil, false
	l.idleAt, l.pingAt, l.pinging = time.Time{}, time.Time{}, false
	if c != nil {
		l.wg.Go(func() { _ = c.Close() })
	}
}

// open gives w a logged-in client, now or when the login is through.
func (l *loop) open(w func(*ami.Client, error)) { l.openWithin(keyringAsked, w) }

// openWithin is open; the keyring may take as long as patience says.
func (l *loop) openWithin(patience time.Duration, w func(*ami.Client, error)) {
	if l.client != nil {
		w(l.client, nil)
		return
	}
	if l.link == status.LinkNotSetUp {
		w(nil, ErrNotSetUp)
		return
	}
	l.waiters = append(l.waiters, w)
	if l.opening {
		return
	}
	l.opening = true
	l.retry.at = time.Time{}
	l.set(status.LinkChecking, nil)
	account, secrets, log := l.account, l.secrets, l.log
	l.asideOr(func(ctx context.Context) (func(*loop), func()) {
		c, err := connect(ctx, account, secrets, patience, log)
		return func(l *loop) { l.opened(c, err) }, func() {
			if c != nil {
				_ = c.Close()
			}
		}
	})
}

// connect fetches the secret and logs in.
func connect(ctx context.Context, a config.Account, secrets secret.Store, patience time.Duration, log *slog.Logger) (*ami.Client, error) {
	asking, cancel := context.WithTimeout(ctx, patience)
	password, err := secrets.Get(asking, secret.Key(a))
	cancel()
	switch {
	case errors.Is(err, secret.ErrNotFound):
		return nil, ErrNoSecret
	case err != nil:
		return nil, &TroubleError{Trouble: TroubleOf(err), Err: err}
	}
	ctx, cancel = context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := ami.Dial(ctx, amiConfig(a, password, log))
	if err != nil {
		return nil, &TroubleError{Trouble: TroubleOf(err), Err: err}
	}
	return c, nil
}

// opened: the attempt to log in is over.
func (l *loop) opened(c *ami.Client, err error) {
	l.opening = false
	waiters := l.waiters
	l.waiters = nil
	if err == nil {
		l.client = c
		l.retry.at, l.retry.openedAt = time.Time{}, time.Now()
		l.set(status.LinkConnected, nil)
		l.pingAt = time.Now().Add(l.pingEvery())
		l.touch()
		l.resume()
	} else {
		if errors.Is(err, ErrNoSecret) {
			l.set(status.LinkNoSecret, nil)
		}
		l.fail(err)
		if l.worthRetrying() {
			l.retry.schedule(time.Now())
		}
	}
	for _, w := range waiters {
		w(l.client, err)
	}
}

// worthRetrying: somebody needs the link, and trying again can help. A refused
// login never can: it waits for the person.
func (l *loop) worthRetrying() bool {
	if l.mode != config.LinkKept && !l.callNeedsLink() {
		return false
	}
	if l.link != status.LinkTrouble || l.trouble == nil {
		return false
	}
	switch l.trouble.Code {
	case status.CodeUnreachable, status.CodeRefused, status.CodeNameNotFound, status.CodeTooMany, status.CodeLinkLost, status.CodeNotAMI, status.CodeLoginTimeout:
		return true
	}
	return false
}

// lost: the session ended without our doing.
func (l *loop) lost() {
	err := l.client.Err()
	// What came before the end still counts; the stream ends by itself.
	for t := l.cur; t != nil && t.sub != nil; {
		e, ok := <-t.sub.C()
		l.callEvent(e, ok)
	}
	if time.Since(l.retry.openedAt) >= steady {
		l.retry.failures = 0
	}
	l.closeSession()
	l.log.Info("session lost", slog.String("code", string(TroubleOf(errors.Join(ami.ErrClosed, err)).Code)))
	l.callLost(time.Now())
	if l.mode == config.LinkKept || l.callNeedsLink() {
		l.fail(&TroubleError{Trouble: status.Trouble{Code: status.CodeLinkLost}, Err: errors.Join(ami.ErrClosed, err)})
		l.retry.schedule(time.Now())
		return
	}
	l.set(status.LinkUnchecked, nil) // the next dial will tell
}

// touch notes a use of the session.
func (l *loop) touch() {
	l.idleAt = time.Time{}
	if l.mode != config.LinkKept {
		l.idleAt = time.Now().Add(l.idleClose)
	}
}

func (l *loop) pingEvery() time.Duration {
	if l.callNeedsLink() {
		return pingInCall
	}
	return pingIdle
}

func (l *loop) ping() {
	l.pingAt = time.Now().Add(l.pingEvery())
	c := l.client
	if c == nil || l.pinging {
		return
	}
	l.pinging = true
	l.aside(func(ctx context.Context) func(*loop) {
		ctx, cancel := context.WithTimeout(ctx, pingAnswer)
		defer cancel()
		_, err := c.Do(ctx, ami.Ping{})
		if err != nil {
			_ = c.Close() // a peer that is silent for so long is dead
		}
		return func(l *loop) { l.pinging = false }
	})
}

// prepare opens the session ahead of a dial, unless the last login was
// refused: opening a window is no reason to knock again.
func (l *loop) prepare() {
	if l.link == status.LinkTrouble && l.trouble != nil && l.trouble.Code == status.CodeLoginRefused {
		return
	}
	l.open(func(c *ami.Client, err error) {
		if err == nil {
			l.inUse = true
			l.touch()
		}
	})
}

func (l *loop) check(done func(error)) {
	l.openWithin(keyringAside, func(c *ami.Client, err error) {
		if err != nil {
			done(err)
			return
		}
		l.aside(func(ctx context.Context) func(*loop) {
			err := rights(ctx, c)
			return func(l *loop) {
				if err != nil {
					err = &TroubleError{Trouble: TroubleOf(err), Err: err}
				}
				l.checked(err)
				done(err)
			}
		})
	})
}

func (l *loop) checked(err error) {
	if err != nil {
		l.fail(err)
	}
	if l.mode == config.LinkKept || l.inUse || l.callNeedsLink() {
		return
	}
	l.closeSession()
	if err == nil {
		l.set(status.LinkReady, nil)
	}
}
