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

// keyringQuiet is how long a keyring that was asked in vain is left alone.
const keyringQuiet = 10 * time.Minute

// retry is when a lost link is tried again: at once, or within retrySpread
// while no call needs it, then after a random time that grows to almost a
// minute, so that a thousand programs do not come back in the same moment, and
// one whose PBX is back notices within a minute.
//
// By itself nobody connects more than retryMost times within retryWithin. The
// growing times make 19 of it at most; the rest is for hints that the network
// has changed, each of which is worth one try at once, and those beyond come
// too often to mean much. What is left for tries to exceed is what lasts: a
// PBX that takes a login and drops it again.
type retry struct {
	at       time.Time
	failures int
	openedAt time.Time // of the last session
	tries    recent
	hints    recent
}

const (
	retryWithin = 10 * time.Minute
	retryMost   = 25
	retryHints  = 6

	retryGrows = 32 * time.Second // up to here the random part is half of the time
	retryStays = 58 * time.Second // and from there on a little
	retryLeast = 50 * time.Second

	retrySpread = 3 * time.Second // of the first try, where nobody waits for it
)

// recent are moments of the last retryWithin, oldest first.
type recent []time.Time

// add notes now, unless there are most already.
func (r *recent) add(now time.Time, most int) bool {
	for len(*r) > 0 && now.Sub((*r)[0]) >= retryWithin {
		*r = (*r)[1:]
	}
	if len(*r) >= most {
		return false
	}
	*r = append(*r, now)
	return true
}

// reason is why a session is opened.
type reason int

const (
	byItself reason = iota // nobody waits for it
	forUse                 // somebody is about to dial, or hangs up
	onDemand               // somebody wants to see this very login
)

// steady is how long a session must have lasted for its loss to be news.
const steady = time.Minute

// schedule says when to try again what has just failed. The pauses are those
// between beginnings: an attempt that nobody answered has taken its time
// already.
func (r *retry) schedule(now, began time.Time) {
	switch limit := time.Second << min(max(0, r.failures-1), 6); {
	case r.failures == 0:
		r.at = now
	case limit <= retryGrows:
		r.at = began.Add(limit/2 + rand.N(limit/2))
	default:
		r.at = began.Add(retryLeast + rand.N(retryStays-retryLeast))
	}
	if r.at.Before(now) {
		r.at = now
	}
	r.failures++
}

func (l *loop) setAccount(a config.Account, mode config.LinkMode) {
	if l.following() {
		l.next = &change{a, mode}
		return
	}
	l.putAccount(a, mode)
}

// putAccount is setAccount whatever goes on.
func (l *loop) putAccount(a config.Account, mode config.LinkMode) {
	l.next = nil
	l.retire(ErrAccountChanged)
	l.account, l.mode = a, mode
	switch {
	case a.Validate() != nil:
		l.set(status.LinkNotSetUp, nil)
	default:
		l.set(status.LinkUnchecked, nil)
		if mode == config.LinkKept {
			l.open(byItself, func(*ami.Client, error) {})
		}
	}
}

// retire ends everything that belongs to the present account, and answers
// with why whoever waits. A call whose Originate may have gone out is answered
// as what it is: unknown.
func (l *loop) retire(why error) {
	l.accountOver()
	l.accountCtx, l.accountOver = context.WithCancel(l.ctx)
	if t := l.cur; t != nil {
		t.drop()
		l.keepLast(t)
		t.call.LinkLost(time.Now())
		t.answer(t.call.Snapshot(), nil)
		l.cur = nil
	}
	waiters := l.waiters
	l.waiters, l.opening, l.retry = nil, false, retry{}
	l.again, l.wanted, l.sealed = false, false, time.Time{}
	l.prompted, l.awaiting = false, false
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

// open gives w a logged-in client, now or when the login is through. A locked
// keyring asks for its password in a window of its own, and has the time that a
// person needs; meanwhile the link says what it waits for.
func (l *loop) open(why reason, w func(*ami.Client, error)) {
	if l.client != nil {
		w(l.client, nil)
		return
	}
	if l.link == status.LinkNotSetUp {
		w(nil, ErrNotSetUp)
		return
	}
	if l.opening {
		l.waiters = append(l.waiters, w)
		l.wanted = l.wanted || why == onDemand
		return
	}
	if why == byItself && l.spareKeyring() {
		l.set(status.LinkTrouble, &status.Problem{Code: status.CodeKeyring})
		w(nil, &TroubleError{Trouble: *l.trouble, Err: errors.New("dialer: the keyring is not asked again yet")})
		return
	}
	if !l.retry.tries.add(time.Now(), retryMost) && why == byItself {
		if l.retry.at = l.retry.tries[0].Add(retryWithin); l.trouble == nil {
			l.set(status.LinkTrouble, &status.Problem{Code: status.CodeLinkLost})
		}
		w(nil, &TroubleError{Trouble: *l.trouble, Err: errors.New("dialer: tried too often")})
		return
	}
	l.waiters = append(l.waiters, w)
	l.wanted = why == onDemand
	l.connect()
}

// connect begins to log in; opened is told what came of it.
func (l *loop) connect() {
	l.opening, l.openingAt = true, time.Now()
	l.retry.at = time.Time{}
	l.set(status.LinkChecking, nil)
	account, asked := l.account, l.wanted
	ctx := l.accountCtx
	attempt, over := context.WithCancel(ctx)
	l.openOver = over
	attempt = secret.OnPrompt(attempt, func(open bool) {
		select {
		case l.post <- func(l *loop) {
			if ctx.Err() == nil && l.opening {
				l.unlocking(open)
			}
		}:
		case <-l.ctx.Done():
		}
	})
	l.asideOr(func(context.Context) (func(*loop), func()) {
		c, err := l.login(attempt, account, asked)
		over()
		return func(l *loop) { l.opened(c, err) }, func() {
			if c != nil {
				_ = c.Close()
			}
		}
	})
}

// unlocking: the keyring asks a person for its password, or no longer does.
func (l *loop) unlocking(open bool) {
	l.prompted = open
	if open {
		l.set(status.LinkTrouble, &status.Problem{Code: status.CodeKeyringAsks})
		return
	}
	l.unlocked, l.openingAt = l.instant(), time.Now()
	l.set(status.LinkChecking, nil)
}

// awaitKeyring has a keyring that kept the password to itself asked again when it
// opens: somebody may have unlocked it for another program, or only now.
func (l *loop) awaitKeyring() {
	keyring, ok := l.secrets.(secret.Awaiter)
	if !ok || l.awaiting {
		return
	}
	l.awaiting = true
	l.aside(func(ctx context.Context) func(*loop) {
		err := keyring.AwaitOpen(ctx)
		return func(l *loop) {
			l.awaiting = false
			if err != nil || !l.hinted() {
				return
			}
			l.sealed = time.Time{}
			if !l.opening && l.trouble != nil && l.trouble.Code == status.CodeKeyring {
				l.check(false, func(error) {})
			}
		}
	})
}

// login fetches the secret and logs in.
func (d *Dialer) login(ctx context.Context, a config.Account, asked bool) (*ami.Client, error) {
	password, err := d.secrets.Get(ctx, secret.Key(a))
	switch {
	case errors.Is(err, context.Canceled):
		return nil, &TroubleError{Trouble: status.Problem{Code: status.CodeKeyring}, Err: err}
	case errors.Is(err, secret.ErrNotFound):
		return nil, ErrNoSecret
	case err != nil:
		return nil, troubled(err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	cfg := amiConfig(a, password, d.log)
	d.reach(&cfg)
	c, err := d.logins.dial(ctx, a, asked, cfg)
	return c, troubled(err)
}

// opened: the attempt to log in is over.
func (l *loop) opened(c *ami.Client, err error) {
	again := l.again || l.wanted && codeOf(err) == status.CodeLoginsHeld // it was begun before somebody asked for it
	l.opening, l.again, l.prompted = false, false, false
	if err != nil && again {
		l.retry.tries.add(time.Now(), retryMost)
		l.connect()
		return
	}
	waiters := l.waiters
	l.waiters, l.wanted = nil, false
	if err == nil {
		l.client, l.sealed = c, time.Time{}
		l.retry.at, l.retry.openedAt = time.Time{}, time.Now()
		l.set(status.LinkConnected, nil)
		l.pingAt = time.Now().Add(l.pingEvery())
		l.touch()
		l.resume()
	} else {
		if errors.Is(err, ErrNoSecret) {
			l.set(status.LinkNoSecret, nil)
		}
		if codeOf(err) == status.CodeKeyring {
			l.sealed = time.Now()
			l.awaitKeyring()
		}
		l.fail(err)
		if l.worthRetrying() {
			l.retry.schedule(time.Now(), l.openingAt)
			if until := l.trouble.Until; !until.IsZero() {
				l.retry.at = time.Now().Add(until.Sub(l.wall()))
			}
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
	case status.CodeUnreachable, status.CodeRefused, status.CodeNameNotFound, status.CodeTooMany, status.CodeLinkLost, status.CodeNotAMI, status.CodeProxy, status.CodeLoginTimeout,
		status.CodeLoginClosed, status.CodeLoginsHeld, status.CodeUnforeseen:
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
	l.log.Info("session lost", slog.String("code", string(codeOf(troubled(errors.Join(ami.ErrClosed, err))))))
	l.callLost(time.Now())
	if l.mode == config.LinkKept || l.callNeedsLink() {
		l.fail(&TroubleError{Trouble: status.Problem{Code: status.CodeLinkLost}, Err: errors.Join(ami.ErrClosed, err)})
		l.retry.schedule(time.Now(), time.Now())
		switch {
		case l.doubted && l.hinted():
			l.retry.at = time.Now()
		case l.retry.failures == 1 && !l.callNeedsLink():
			// What cut this session may have cut those of the whole company, and
			// a PBX lets only fifty log in at one time (authlimit).
			l.retry.at = l.retry.at.Add(rand.N(retrySpread))
		}
		l.doubted = false
		return
	}
	l.set(status.LinkUnchecked, nil) // the next dial will tell
	if l.doubted && l.hinted() {
		l.check(false, func(error) {})
	}
	l.doubted = false
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
	if l.client == nil || l.pinging {
		return
	}
	wait := pingAnswer
	if l.callNeedsLink() {
		wait = pingAnswerInCall
	}
	l.pinging = true
	l.prove(l.client, wait, func() { l.pinging = false })
}

// prove has the server of c show that it lives, and gives it up when nothing
// came from it for as long as wait says: not one byte, for an answer can be
// late on a slow line. done runs on the loop.
func (l *loop) prove(c *ami.Client, wait time.Duration, done func()) {
	asked := time.Now()
	l.aside(func(ctx context.Context) func(*loop) {
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		_, err := c.Do(ctx, ami.Ping{})
		if errors.Is(err, context.DeadlineExceeded) && !c.LastHeard().After(asked) {
			_ = c.Abandon()
		}
		return func(*loop) { done() }
	})
}

// changed: the computer slept, or its network is another.
func (l *loop) changed() {
	l.log.Info("network or time changed", slog.String("link", string(l.link)))
	switch {
	case l.link == status.LinkNotSetUp, l.link == status.LinkNoSecret, l.refused():
	case l.client != nil && l.cur.live() && l.cur.answered != nil && l.age(l.cur.asked) > proveAnswer:
		// The Originate may still be in our own machine. Now it comes too late.
		l.doubted = true
		_ = l.client.Abandon()
	case l.client != nil:
		l.doubted = true
		l.prove(l.client, proveAnswer, func() {
			if l.client != nil {
				l.doubted = false
			}
		})
	case l.opening:
		if !l.prompted && time.Since(l.openingAt) > time.Second && l.hinted() { // it is on its way through what was before
			l.again = true
			l.openOver()
		}
	case !l.hinted():
	case l.mode == config.LinkKept || l.callNeedsLink():
		l.open(byItself, func(*ami.Client, error) {})
	default:
		l.check(false, func(error) {})
	}
}

// hinted notes a hint and tells whether it is worth a try.
func (l *loop) hinted() bool { return l.retry.hints.add(time.Now(), retryHints) }

// refused: the last login was, so that none is tried until the person has done
// something about it.
func (l *loop) refused() bool {
	return l.link == status.LinkTrouble && l.trouble != nil && l.trouble.Code == status.CodeLoginRefused
}

// instant is a moment on both clocks: the one that stops while the computer
// sleeps and the one that people set.
type instant struct{ mono, wall time.Time }

func (d *Dialer) instant() instant { return instant{time.Now(), d.wall()} }

// age is how long ago i was: by the clock that says more, because a request
// that a computer slept over is old.
func (d *Dialer) age(i instant) time.Duration {
	return max(time.Since(i.mono), d.wall().Sub(i.wall))
}

// watchClock notices that the computer slept, or that its clock was set.
func (l *loop) watchClock() {
	now := l.instant()
	jump := now.wall.Sub(l.clock.wall) - now.mono.Sub(l.clock.mono)
	l.clock = now
	if jump.Abs() > clockJump {
		l.changed()
	}
}

// spareKeyring: it may have shown a prompt that was refused or that still
// stands there. Whoever wants to dial is asked again, nobody else for a while.
func (l *loop) spareKeyring() bool {
	return !l.sealed.IsZero() && time.Since(l.sealed) < keyringQuiet
}

// prepare opens the session ahead of a dial, unless the last login was
// refused, or the keyring's prompt: opening a window is no reason to knock
// again, and less so is a link on a page, which opens one.
func (l *loop) prepare() {
	if l.refused() || l.spareKeyring() {
		return
	}
	l.open(forUse, func(c *ami.Client, err error) {
		if err == nil {
			l.inUse = true
			l.touch()
		}
	})
}

func (l *loop) check(asked bool, done func(error)) {
	if l.next != nil {
		l.checkNext(asked, done)
		return
	}
	why := byItself
	if asked {
		why = onDemand
	}
	l.open(why, func(c *ami.Client, err error) {
		if err != nil {
			done(err)
			return
		}
		l.aside(func(ctx context.Context) func(*loop) {
			err := rights(ctx, c, l.log)
			return func(l *loop) {
				err = troubled(err)
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
