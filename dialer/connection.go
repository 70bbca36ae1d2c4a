package dialer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"cornetta/ami"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// purpose is why a session is opened.
type purpose int

const (
	unattended purpose = iota // nobody waits for it
	ahead                     // somebody may be about to dial: a window was opened, perhaps by a link
	forCall                   // somebody dials, or hangs up
	onRequest                 // a person asked for a login and waits for its result
)

// overcomes reports whether an attempt for p is made where one for less failed with code.
func (p purpose) overcomes(code status.Code) bool {
	switch code {
	case status.CodeNetworkUnknown:
		return p >= forCall
	case status.CodeLoginsHeld:
		return p >= onRequest
	}
	return false
}

func (l *loop) setAccount(a config.Account, mode config.ConnectionMode) {
	if l.following() {
		l.next = &change{a, mode}
		return
	}
	l.replaceAccount(a, mode)
}

// replaceAccount is setAccount without regard to a call.
func (l *loop) replaceAccount(a config.Account, mode config.ConnectionMode) {
	l.next = nil
	l.endAccount(ErrAccountChanged)
	l.deafen()
	l.account, l.mode, l.unusable, l.voicemail = a, mode, nil, status.Voicemail{}
	switch {
	case a.Validate() != nil:
		l.set(status.NotSetUp, nil)
	default:
		l.set(status.Unchecked, nil)
		if mode == config.ConnectionKept {
			l.open(unattended, func(*ami.Client, error) {})
		}
		l.look()
	}
}

// endAccount ends everything that belongs to the present account, and gives why to
// everybody who waits. Whoever waits for a call whose Originate may have been sent
// gets that call, as unknown.
func (l *loop) endAccount(why error) {
	l.accountOver()
	l.accountCtx, l.accountOver = context.WithCancel(l.ctx)
	if t := l.cur; t != nil {
		t.drop()
		l.saveNow(t)
		t.call.ConnectionLost(time.Now())
		t.answer(t.call.Snapshot(), nil)
		l.cur = nil
	}
	l.handedLost()
	l.handed = nil
	waiters := l.waiters
	l.waiters, l.opening, l.retry = nil, false, retry{}
	l.restart, l.wanted, l.keyringFailedAt = false, unattended, time.Time{}
	l.keyringPrompts, l.awaitingKeyring = false, false
	l.closeSession()
	l.colleagues.board.Clear()
	for _, w := range waiters {
		w(nil, why)
	}
	for _, answer := range l.pending {
		answer(why)
	}
}

// closeSession logs off on another goroutine: the answer may take a second.
func (l *loop) closeSession() {
	l.unhook()
	l.unlook()
	c := l.client
	l.client, l.inUse = nil, false
	l.idleAt, l.pingAt, l.pinging = time.Time{}, time.Time{}, false
	if c != nil {
		l.wg.Go(func() { _ = c.Close() })
	}
}

// open calls w with a logged-in client, at once or after the login, or with an
// error. A locked keyring asks for its password in a window of its own, and gets the
// time that a person needs; meanwhile the Snapshot says what is waited for.
func (l *loop) open(why purpose, w func(*ami.Client, error)) {
	if l.client != nil {
		w(l.client, nil)
		return
	}
	if err := l.notSetUp(); err != nil {
		w(nil, err)
		return
	}
	if l.opening {
		l.waiters = append(l.waiters, w)
		l.wanted = max(l.wanted, why)
		return
	}
	if why == unattended && l.keyringRests() {
		l.set(status.Trouble, &status.Problem{Code: status.CodeKeyring})
		w(nil, &TroubleError{Trouble: *l.trouble, Err: errors.New("dialer: the keyring is not asked again yet")})
		return
	}
	if !l.retry.tries.add(time.Now(), maxTries) && why == unattended {
		if l.retry.at = l.retry.tries[0].Add(triesWindow); l.trouble == nil {
			l.set(status.Trouble, &status.Problem{Code: status.CodeConnectionLost})
		}
		w(nil, &TroubleError{Trouble: *l.trouble, Err: errors.New("dialer: tried too often")})
		return
	}
	l.waiters = append(l.waiters, w)
	l.wanted = why
	l.connect()
}

// notSetUp is why there is no account to log in with, nil where there is one.
func (l *loop) notSetUp() error {
	switch {
	case l.unusable != nil:
		return &TroubleError{Trouble: *l.unusable, Err: errors.New("dialer: the settings cannot be used")}
	case l.connection == status.NotSetUp:
		return ErrNotSetUp
	}
	return nil
}

// connect begins to log in; opened gets the result.
func (l *loop) connect() {
	l.opening, l.openingAt = true, time.Now()
	l.retry.at = time.Time{}
	if l.trouble == nil || l.trouble.Code != status.CodeNetworkUnknown || l.wanted >= forCall {
		l.set(status.Checking, nil) // in a network that is not known, most likely nothing is
	}
	account, why := l.account, l.wanted
	l.begunFor = why
	ctx := l.accountCtx
	attempt, over := context.WithCancel(ctx)
	l.openOver = over
	attempt = secret.OnPrompt(attempt, func(open bool) {
		select {
		case l.post <- func(l *loop) {
			if ctx.Err() == nil && l.opening {
				l.keyringPrompt(open)
			}
		}:
		case <-l.ctx.Done():
		}
	})
	l.asyncOr(func(context.Context) (func(*loop), func()) {
		c, err := l.login(attempt, account, why)
		over()
		return func(l *loop) { l.opened(c, err) }, func() {
			if c != nil {
				_ = c.Close()
			}
		}
	})
}

// login fetches the secret and logs in. In clear, and in a network that is not known,
// it does so only where a person dials or asks for it, or where the PBX is this computer.
func (d *Dialer) login(ctx context.Context, a config.Account, why purpose) (*ami.Client, error) {
	cfg, err := amiConfig(a, "", d.log)
	if err != nil {
		return nil, troubled(err)
	}
	d.reach(&cfg)
	if !a.TLS && why < forCall && !d.networks.knows(ctx, a) {
		addrs, err := resolve(ctx, &cfg)
		if err != nil {
			return nil, troubled(err)
		}
		if slices.ContainsFunc(machines(addrs), func(m netip.Addr) bool { return m != thisComputer }) {
			return nil, troubled(ErrNetworkUnknown)
		}
	}
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
	cfg.Secret = password
	c, err := d.logins.dial(ctx, a, why == onRequest, cfg)
	return c, troubled(err)
}

// opened handles the end of the attempt to log in.
func (l *loop) opened(c *ami.Client, err error) {
	// An attempt that nobody asked for may be held where one that a person asked for is not.
	again := l.restart || l.wanted > l.begunFor && l.wanted.overcomes(codeOf(err))
	l.opening, l.restart, l.keyringPrompts = false, false, false
	if err != nil && again {
		l.retry.tries.add(time.Now(), maxTries)
		l.connect()
		return
	}
	waiters := l.waiters
	l.waiters, l.wanted = nil, unattended
	if err == nil {
		l.client, l.keyringFailedAt = c, time.Time{}
		l.retry.at, l.retry.openedAt = time.Time{}, time.Now()
		l.set(status.Connected, nil)
		l.pingAt = time.Now().Add(l.pingEvery())
		l.touch()
		l.resume()
		l.listen()
		l.look()
		if l.mode == config.ConnectionKept && l.account.Mailbox != "" {
			l.countVoicemail(c, func(error) {}) // else nobody would until the first call
		}
	} else {
		if errors.Is(err, ErrNoSecret) {
			l.set(status.NoSecret, nil)
		}
		if codeOf(err) == status.CodeKeyring {
			l.keyringFailedAt = time.Now()
			l.awaitKeyring()
		}
		l.fail(err)
		if l.worthRetrying() {
			pause := pauseAfter(l.trouble.Code)
			if l.callNeedsConnection() {
				pause = 0
			}
			l.retry.schedule(time.Now(), l.openingAt, pause)
			if until := l.trouble.Until; !until.IsZero() {
				l.retry.at = time.Now().Add(until.Sub(l.wall()))
			}
		}
	}
	for _, w := range waiters {
		w(l.client, err)
	}
}

// connectionLost: the session ended without our doing.
func (l *loop) connectionLost() {
	err := l.client.Err()
	// What came before the end still counts; the stream ends by itself.
	for t := l.cur; t != nil && t.sub != nil; {
		e, ok := <-t.sub.C()
		l.callEvent(t, e, ok)
		l.publishNow() // before the state that follows
	}
	for _, t := range l.handed {
		for t.sub != nil {
			e, ok := <-t.sub.C()
			l.callEvent(t, e, ok)
		}
	}
	l.phonesLost(time.Now())
	if time.Since(l.retry.openedAt) >= stableAfter {
		l.retry.failures = 0
	}
	l.closeSession()
	lost := &TroubleError{Trouble: status.Problem{Code: status.CodeConnectionLost}, Err: errors.Join(ami.ErrClosed, err)}
	if errors.Is(err, ami.ErrTooMuch) || errors.Is(err, ami.ErrMessageTooLarge) {
		lost.Trouble.Code = status.CodeTooMuch // given up by us
	}
	l.log.Info("session lost", slog.Any("code", lost.Trouble.Code))
	l.callConnectionLost(time.Now())
	if l.wantsSession() || l.callNeedsConnection() {
		l.fail(lost)
		l.retry.schedule(time.Now(), time.Now(), 0)
		switch {
		case l.doubted && l.addHint():
			l.retry.at = time.Now()
		case l.retry.failures == 1 && !l.callNeedsConnection():
			// The whole company may have lost its sessions at the same moment, and
			// a PBX lets only fifty log in at a time (authlimit).
			l.retry.at = l.retry.at.Add(rand.N(firstRetryJitter))
		}
		l.doubted = false
		return
	}
	l.set(status.Unchecked, nil) // the next dial will tell
	if l.doubted && l.addHint() {
		l.check(false, func(error) {})
	}
	l.doubted = false
}

// touch notes that the session was used.
func (l *loop) touch() {
	l.idleAt = time.Time{}
	if !l.wantsSession() {
		l.idleAt = time.Now().Add(l.idleClose)
	}
}

func (l *loop) pingEvery() time.Duration {
	if l.callNeedsConnection() || l.in.calls != nil && l.in.calls.Live() {
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
	if l.callNeedsConnection() {
		wait = pingAnswerInCall
	}
	l.pinging = true
	l.probe(l.client, wait, func() { l.pinging = false })
}

// probe pings c's server, and gives the connection up when not one byte came from
// it for as long as wait says; the answer itself may be late on a slow line. done
// runs on the loop.
func (l *loop) probe(c *ami.Client, wait time.Duration, done func()) {
	asked := time.Now()
	l.async(func(ctx context.Context) func(*loop) {
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		_, err := c.Do(ctx, ami.Ping{})
		if errors.Is(err, context.DeadlineExceeded) && !c.LastHeard().After(asked) {
			_ = c.Abandon()
		}
		return func(*loop) { done() }
	})
}

// refused reports whether the last login was refused, so that none is tried until
// the person has changed something.
func (l *loop) refused() bool {
	return l.connection == status.Trouble && l.trouble != nil && l.trouble.Code == status.CodeLoginRefused
}

// prepare opens the session ahead of a dial, unless the last login or the keyring's
// prompt was refused: that a window opened, perhaps by a link on a page, is no
// reason to try again.
func (l *loop) prepare() {
	if l.refused() || l.keyringRests() {
		return
	}
	l.open(ahead, func(c *ami.Client, err error) {
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
	why := unattended
	if asked {
		why = onRequest
	}
	l.open(why, func(c *ami.Client, err error) {
		if err != nil {
			done(err)
			return
		}
		l.async(func(ctx context.Context) func(*loop) {
			err := rights(ctx, c, l.log)
			return func(l *loop) {
				err = troubled(err)
				if asked && err == nil {
					l.noteNetwork((*Networks).SetUp)
				}
				l.checked(err)
				done(err)
			}
		})
	})
}

// noteNetwork has note remember that a person has used the account in this network.
func (l *loop) noteNetwork(note func(*Networks, context.Context, config.Account)) {
	account := l.account
	l.wg.Go(func() { note(l.networks, context.WithoutCancel(l.ctx), account) })
}

func (l *loop) checked(err error) {
	if err != nil {
		l.fail(err)
	}
	if l.wantsSession() || l.inUse || l.callNeedsConnection() {
		return
	}
	l.closeSession()
	if err == nil {
		l.set(status.Ready, nil)
	}
}
