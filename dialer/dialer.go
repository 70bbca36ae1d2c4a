// Package dialer is the domain: an account, the connection to its PBX, and the
// one call that is in flight.
//
// A Dialer has one goroutine, Run, that owns all of its state. Methods hand it
// work and wait; what blocks (connecting, AMI actions, the keyring) runs on
// goroutines of its own that report back to Run, which waits for them when it
// ends. There is one way in, a number.Plan that the person agreed to, and one way
// out, an immutable Snapshot.
//
// The same suite of call scenarios runs against ami/pbxsim and two real
// Asterisks; what a real PBX does not do on command (lost connections, silence)
// is tested against pbxsim alone.
package dialer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
)

var (
	// ErrNotSetUp: there is no account, or no extension was picked.
	ErrNotSetUp = status.NewError(status.CodeNotSetUp, "dialer: not set up")
	// ErrNoSecret: there is no password for the account.
	ErrNoSecret = status.NewError(status.CodeSecretMissing, "dialer: no password")
	// ErrNotDialable: the plan is an error, or the person has not agreed to it.
	ErrNotDialable = errors.New("dialer: not a plan to dial")
	// ErrInProgress: one call at a time.
	ErrInProgress = status.NewError(status.CodeCallInProgress, "dialer: a call is in progress")
	// ErrNoCall: there is nothing to hang up.
	ErrNoCall = status.NewError(status.CodeNoCall, "dialer: no call")
	// ErrStale: connecting took so long that the request is not sent any more.
	ErrStale = status.NewError(status.CodeStale, "dialer: the request is too old to be sent")
	// ErrAccountChanged: the account, or the rules under which the plan was made,
	// were changed meanwhile. Nothing was sent.
	ErrAccountChanged = status.NewError(status.CodeAccountChanged, "dialer: the account was changed")
	// ErrClosed: Run has ended.
	ErrClosed = status.NewError(status.CodeEnding, "dialer: closed")
)

// Options are what a Dialer needs from outside.
type Options struct {
	Secrets secret.Store
	Logins  *Logins      // nil: counted in memory
	Log     *slog.Logger // nil: discards
	// Networks are where an account without TLS is logged in by itself; nil: anywhere.
	Networks *Networks
	// Trail keeps the current call for the next program; nil: nothing is kept. The
	// Dialer only begins and updates records; whoever writes the history ends them.
	Trail *trail.Trail

	// Name is what the person's own directories call whoever has a number that is dialled,
	// "" for nobody. It may block on a disk for a moment; nil: nobody is known.
	Name func(dial string) clean.Foreign
	// Caller is Name for the number of somebody who calls, as the PBX gives it.
	Caller func(number string) clean.Foreign

	// DialContext opens the connections to the PBX, as in ami.Config; nil: the
	// network. For tools that count what goes over them.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Dialer places calls for one account. Its methods are safe for concurrent
// use; all but Snapshot and Subscribe need Run to be running and return
// ErrClosed after it ended.
type Dialer struct {
	secrets  secret.Store
	logins   *Logins
	networks *Networks
	trail    *trail.Trail
	name     func(dial string) clean.Foreign
	caller   func(number string) clean.Foreign
	log      *slog.Logger
	work     chan func(*loop)
	ended    chan struct{}

	idleClose time.Duration     // idleClose; tests shorten it
	reach     func(*ami.Config) // sets how the PBX is reached; tests change it
	wall      func() time.Time  // the wall clock; tests make it jump, which synctest's cannot

	mu   sync.Mutex // guards what follows
	snap status.Snapshot
	subs map[chan status.Snapshot]struct{}
}

// New makes a Dialer without an account. Call Run.
func New(o Options) *Dialer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Logins == nil {
		o.Logins = OpenLogins("")
	}
	return &Dialer{
		secrets:  o.Secrets,
		logins:   o.Logins,
		networks: o.Networks,
		trail:    o.Trail,
		name:     o.Name,
		caller:   o.Caller,
		log:      o.Log,
		work:     make(chan func(*loop)),
		ended:    make(chan struct{}),

		idleClose: idleClose,
		reach:     func(cfg *ami.Config) { cfg.DialContext = o.DialContext },
		wall:      func() time.Time { return time.Now().Round(0) },
		snap:      status.Snapshot{Connection: status.NotSetUp},
		subs:      make(map[chan status.Snapshot]struct{}),
	}
}

// SetAccount changes the account. The mode says whether a session is kept. A
// current call is followed to its end first, in its own session; until then no
// other can be placed, and Check checks the new account.
func (d *Dialer) SetAccount(ctx context.Context, a config.Account, mode config.ConnectionMode) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		l.setAccount(a, mode)
		done(nil)
	})
}

// SetUnusable says that there is no account because of p. It is SetAccount's place
// where the settings cannot be used, before there was an account.
func (d *Dialer) SetUnusable(ctx context.Context, p status.Problem) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		if l.account.Validate() != nil {
			l.unusable = &p
			l.set(status.Trouble, &p)
		}
		done(nil)
	})
}

// Epoch counts the changes of the account and of the rules for numbers. A plan is
// only valid in the epoch in which it was made. A Dialer begins with 0.
type Epoch uint64

// NextEpoch begins the next epoch. Call it before SetAccount, or where only the
// rules change: from then on DialIn refuses the plans of earlier epochs, also those
// that wait for the session. A call that the PBX was asked for goes on.
func (d *Dialer) NextEpoch(ctx context.Context) (Epoch, error) {
	var e Epoch
	err := d.do(ctx, func(l *loop, done func(error)) {
		l.epoch++
		e = l.epoch
		done(nil)
	})
	return e, err
}

// Prepare opens the session because somebody is about to dial. It returns at once;
// what goes wrong is in the Snapshot.
func (d *Dialer) Prepare(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		l.prepare()
		done(nil)
	})
}

// Check finds out whether dialling will work: login, rights, and logoff
// unless the session is in use. It blocks for the answer. The error is
// ErrNotSetUp, ErrNoSecret or a *TroubleError.
//
// It is for a person who asks, or who has just changed the account: it logs in
// however many logins were refused before. Everything else waits
// (status.CodeLoginsHeld) once three were refused within ten minutes.
func (d *Dialer) Check(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) { l.check(true, done) })
}

// Recheck is Check where nobody asked for it, as at the start of the program.
func (d *Dialer) Recheck(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) { l.check(false, done) })
}

// Changed tells the Dialer that the computer slept or that its network changed, so
// that what it knows of the connection may be wrong. A session that does not answer
// at once is given up, a lost one is opened again, and without one the account is
// checked again. It returns when that has begun; the result is in the Snapshot.
func (d *Dialer) Changed(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		l.networkChanged()
		done(nil)
	})
}

// Dial asks the PBX for the call and blocks until it has answered the
// request, which is long before anybody picks up: follow the Snapshots. The
// same number asked for twice within three seconds is one call. Nothing is
// sent after ctx ended, or when connecting took more than 30 s.
//
// A plan that has to be asked about first is dialled only as p.Consented(); it
// fails with ErrNotDialable otherwise, as does one that is an error.
//
// What it returns is the call as it was asked for, whatever has become of it
// meanwhile; a call that the PBX refused is no error but a Snapshot that has
// failed.
func (d *Dialer) Dial(ctx context.Context, p number.Plan) (call.Snapshot, error) {
	return d.DialFrom(ctx, p, call.Origin{})
}

// DialFrom is Dial with where the call comes from, for the history. Whose account it is
// placed with, and what was given where that is not said, need not be.
func (d *Dialer) DialFrom(ctx context.Context, p number.Plan, from call.Origin) (call.Snapshot, error) {
	return d.dial(ctx, p, from, func(l *loop) Epoch { return l.epoch })
}

// DialIn is DialFrom for a plan that was made in epoch e. In any other epoch it fails
// with ErrAccountChanged: with another outside line the same digits call somebody
// else.
func (d *Dialer) DialIn(ctx context.Context, e Epoch, p number.Plan, from call.Origin) (call.Snapshot, error) {
	return d.dial(ctx, p, from, func(*loop) Epoch { return e })
}

func (d *Dialer) dial(ctx context.Context, p number.Plan, from call.Origin, in func(*loop) Epoch) (call.Snapshot, error) {
	if !p.MayDial() {
		return call.Snapshot{}, ErrNotDialable
	}
	if from.Given == "" {
		from.Given = clean.Foreign(p.Given()).Line()
	}
	var snap call.Snapshot
	err := d.do(ctx, func(l *loop, done func(error)) {
		l.dial(ctx, in(l), p, from, func(s call.Snapshot, err error) {
			snap = s
			done(err)
		})
	})
	if err != nil {
		return call.Snapshot{}, err
	}
	return snap, nil
}

// Hangup ends the call in whatever state it is, or fails with ErrNoCall. It
// blocks until the PBX was asked; the Snapshots tell when the call is over.
func (d *Dialer) Hangup(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) { l.hangup(done) })
}

// Snapshot is how everything stands now.
func (d *Dialer) Snapshot() status.Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.snap
}

// subscriberQueue is how many snapshots wait for a subscriber; a call makes fewer
// than twenty.
const subscriberQueue = 256

// Subscribe delivers the present Snapshot and then each change, in order,
// until cancel is called. A subscriber that is far behind loses the oldest
// ones; the last is always delivered.
func (d *Dialer) Subscribe() (snapshots <-chan status.Snapshot, cancel func()) {
	ch := make(chan status.Snapshot, subscriberQueue)
	d.mu.Lock()
	defer d.mu.Unlock()
	ch <- d.snap
	d.subs[ch] = struct{}{}
	return ch, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if _, ok := d.subs[ch]; ok {
			delete(d.subs, ch)
			close(ch)
		}
	}
}

// publish makes s the Snapshot of now, if it differs from the last.
func (d *Dialer) publish(s status.Snapshot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.Same(d.snap) {
		return
	}
	s.Seq = d.snap.Seq + 1
	d.snap = s
	for ch := range d.subs {
		select {
		case ch <- s:
		default:
			select {
			case <-ch:
			default:
			}
			ch <- s // only publish sends, so there is room now
		}
	}
}

// do hands f to Run's goroutine and waits until it called done.
func (d *Dialer) do(ctx context.Context, f func(l *loop, done func(error))) error {
	answer := make(chan error, 1)
	w := func(l *loop) {
		l.lastRequest++
		answered, number := false, l.lastRequest
		done := func(err error) {
			if !answered {
				answered = true
				delete(l.pending, number)
				answer <- err
			}
		}
		if f(l, done); !answered {
			l.pending[number] = done
		}
	}
	select {
	case d.work <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.ended:
		return ErrClosed
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-d.ended:
		select {
		case err := <-answer:
			return err
		default:
			return ErrClosed
		}
	}
}
