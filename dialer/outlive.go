package dialer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
)

// How a call is followed to its end though the program that placed it has ended, or
// its account was replaced.

// A call that was requested less than searchAgainWithin ago and is not found is
// looked for once more after searchAgainAfter: the PBX may not have made its
// channels yet.
const (
	searchAgainWithin = 10 * time.Second
	searchAgainAfter  = 2 * time.Second
)

// What changes in a call is kept at once, a few times; of a PBX that goes on to change
// it without end, such as by renaming its channels, once in saveEvery.
const (
	saveEvery   = time.Second
	savesAtOnce = 20
)

// pace tells when something may be done that is not to be done too often.
type pace time.Time

// wait is how long to wait for the next time; that counts, where it is none.
func (p *pace) wait(now time.Time) time.Duration {
	next := time.Time(*p)
	if next.Before(now) {
		next = now
	}
	if wait := next.Sub(now) - (savesAtOnce-1)*saveEvery; wait > 0 {
		return wait
	}
	*p = pace(next.Add(saveEvery))
	return 0
}

// leftCall is what a tracked call has in addition where another program placed it.
type leftCall struct {
	// searchDone are called once, when the PBX has answered which channels live, or
	// could not be asked.
	searchDone    []func()
	left          bool // by another program; it is not known yet which channels are its own
	hidden        bool // not in the Snapshots: the first search is not over
	searchedAgain bool // it has been looked for a second time
}

// unproven reports whether it is not known yet if the call goes on, nor which
// channels are its own.
func (t *tracked) unproven() bool { return t != nil && t.left }

// Resume takes up a call that another program has left behind (trail.Adopt). It
// blocks until the PBX was asked which channels live, or could not be asked.
//
// Where the call goes on it is the Snapshot's call from then on, as if it had been
// placed here. Where it is over the result is unknown with call.EndedUnseen, and the
// Snapshots do not have it. Where that cannot be found out it is the Snapshot's
// call, unknown, and is looked for again as after a lost connection; one of another
// account, call.OtherAccount, is not.
//
// It logs in as Recheck does. It fails with ErrInProgress where there is a call
// already, and nothing is ever dialled.
func (d *Dialer) Resume(ctx context.Context, r trail.Record) (call.Snapshot, error) {
	var t *tracked
	err := d.do(ctx, func(l *loop, done func(error)) {
		if l.following() {
			done(ErrInProgress)
			return
		}
		t = l.adopt(r)
		if !t.left {
			done(nil)
			return
		}
		l.search(t, unattended, func() { done(nil) })
	})
	if err != nil {
		return call.Snapshot{}, err
	}
	var s call.Snapshot
	err = d.do(ctx, func(_ *loop, done func(error)) {
		s = t.call.Snapshot()
		done(nil)
	})
	return s, err
}

// adopt makes the call of r the present one.
func (l *loop) adopt(r trail.Record) *tracked {
	t := &tracked{req: r.Call.Request, call: tracker.Recall(r.Call), saved: r.Call}
	t.placed = t.call.Snapshot()
	if secret.Key(r.Account) == secret.Key(l.account) {
		t.left, t.hidden, t.lostAt = true, true, time.Now()
	} else {
		t.call.Abandon()
	}
	l.cur = t
	l.log.Info("a call was left behind", slog.Any("call", callID(t.req.ID)), slog.Any("number", Redact(t.req.Number)), slog.Bool("followed", t.left))
	return t
}

// search asks the PBX which channels of t live, and calls f when it has answered or
// could not be asked.
func (l *loop) search(t *tracked, why purpose, f func()) {
	t.searchDone = append(t.searchDone, f)
	if l.client != nil {
		l.resume() // it may be on its way already
		return
	}
	// A session that is opened begins with resume.
	l.open(why, func(_ *ami.Client, err error) {
		if err != nil {
			l.searched(t, false)
		}
	})
}

// searchAgain begins a second search where the PBX may not have made the channels
// yet, and reports whether it did.
func (l *loop) searchAgain(t *tracked, now time.Time) bool {
	if s := t.call.Snapshot(); t.searchedAgain || s.State != call.Unknown || t.saved.State != call.Requested || now.Sub(s.Requested) > searchAgainWithin {
		return false
	}
	t.searchedAgain = true
	l.async(func(ctx context.Context) func(*loop) {
		select {
		case <-ctx.Done():
		case <-time.After(searchAgainAfter):
		}
		return func(l *loop) { l.resume() }
	})
	return true
}

// searched handles the end of a search for t: answered says whether the PBX's answer
// is in t now.
func (l *loop) searched(t *tracked, answered bool) {
	if answered {
		t.left = false
	}
	gone := t.call.Snapshot().Cause == call.EndedUnseen
	if gone && t.hidden && l.cur == t {
		l.cur = nil
	}
	t.hidden = false
	waiting := t.searchDone
	t.searchDone = nil
	for _, f := range waiting {
		f()
	}
}

// searchError is why a call could not be looked for.
func (l *loop) searchError() error {
	switch {
	case l.trouble != nil:
		return &TroubleError{Trouble: *l.trouble, Err: errors.New("dialer: the PBX cannot be asked for the call")}
	case l.connection == status.NoSecret:
		return ErrNoSecret
	case l.connection == status.NotSetUp:
		return ErrNotSetUp
	}
	return ErrNoCall
}

// record is what is kept of t on disk.
func (l *loop) record(t *tracked) trail.Record {
	return trail.Record{Account: l.account, Call: t.call.Memo(time.Now())}
}

// save writes t's state to disk where it has changed. One file is written at a time;
// what changes meanwhile is written afterwards.
func (l *loop) save(t *tracked) {
	if l.trail == nil || t.saving || t.left || !t.live() {
		return
	}
	r := l.record(t)
	if t.saved.Covers(r.Call) {
		return
	}
	t.saving = true
	if wait := t.saves.wait(time.Now()); wait > 0 {
		l.async(func(ctx context.Context) func(*loop) {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
			return func(l *loop) {
				t.saving = false
				l.save(t)
			}
		})
		return
	}
	t.saved = r.Call
	l.async(func(context.Context) func(*loop) {
		l.write(r)
		return func(l *loop) {
			t.saving = false
			l.save(t)
		}
	})
}

// saveNow is save for a call that is not followed any longer: it waits for the disk.
func (l *loop) saveNow(t *tracked) {
	if l.trail == nil || t.left || !t.live() {
		return
	}
	if r := l.record(t); !t.saved.Covers(r.Call) {
		l.write(r)
	}
}

func (l *loop) write(r trail.Record) {
	if err := l.trail.Update(r); err != nil {
		l.log.Warn("how the call stands could not be kept", slog.Any("err", err))
	}
}

// change is a new account that takes effect at the end of the call.
type change struct {
	account config.Account
	mode    config.ConnectionMode
}

// checkNext checks the account in next. It logs in a second time, beside the session
// in which the call is followed; where both accounts are the same user on the same
// PBX, which may allow one session only, it uses that session.
func (l *loop) checkNext(asked bool, done func(error)) {
	next, now := l.next.account, l.account
	if next.Validate() != nil {
		done(ErrNotSetUp)
		return
	}
	same := secret.Key(next) == secret.Key(now) && next.TLS == now.TLS && next.TLSPin == now.TLSPin &&
		next.TLS13 == now.TLS13 && next.TLSCA == now.TLSCA
	if c := l.client; same && c != nil {
		l.async(func(ctx context.Context) func(*loop) {
			err := troubled(rights(ctx, c, l.log))
			return func(*loop) { done(err) }
		})
		return
	}
	l.async(func(ctx context.Context) func(*loop) {
		why := unattended
		if asked {
			why = onRequest
		}
		c, err := l.login(ctx, next, why)
		if err == nil {
			err = troubled(rights(ctx, c, l.log))
			_ = c.Close()
		}
		return func(*loop) { done(err) }
	})
}

// following reports whether there is a call that goes on, or may, so that its session
// must stay open.
func (l *loop) following() bool {
	t := l.cur
	switch {
	case t == nil, t.answered != nil: // the PBX has not said that it takes the request
		return false
	case t.live(), t.ending:
	case !l.callNeedsConnection():
		return false
	}
	return l.client != nil || l.opening || !l.retry.at.IsZero()
}

// applyNext puts the account in force that has waited.
func (l *loop) applyNext() {
	n, last := l.next, l.cur
	l.replaceAccount(n.account, n.mode)
	if last != nil && !last.live() && last.call.Snapshot().State != call.Unknown {
		// How it ended stays in the Snapshot.
		l.cur = &tracked{call: tracker.Finished(last.call.Snapshot()), endedAt: last.endedAt}
	}
	if l.connection == status.Unchecked {
		l.check(false, func(error) {})
	}
}
