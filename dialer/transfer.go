package dialer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

var (
	// ErrNoTransferNow: nobody has answered, or nobody but the PBX itself.
	ErrNoTransferNow = status.NewError(status.CodeTransferNotNow, "dialer: no call that can be transferred")
	// ErrTransferGoesOn: one transfer at a time.
	ErrTransferGoesOn = status.NewError(status.CodeTransferGoesOn, "dialer: the call is being transferred")
	// ErrNoTransfer: there is no attended transfer to be completed, or taken back.
	ErrNoTransfer = status.NewError(status.CodeNoTransfer, "dialer: no attended transfer")
	// ErrTransferRefused: the PBX lets this user transfer no calls in that way.
	ErrTransferRefused = status.NewError(status.CodeTransferRefused, "dialer: the PBX lets this user transfer no calls")
	// ErrNoAttended: the PBX has no code for attended transfers.
	ErrNoAttended = status.NewError(status.CodeNoAttended, "dialer: the PBX has no code for attended transfers")
	// ErrTransferContext: the PBX does not know the number where transferred calls go.
	ErrTransferContext = status.NewError(status.CodeTransferContext, "dialer: the number is not in the context for transfers")
)

// TransferIn has the PBX connect whoever the person speaks to with p: blindly, by which
// the person leaves the call at once, or attended, by which they first speak to the third
// side. e and p are as for DialIn. It blocks until the PBX has taken the request; the
// Snapshots tell what becomes of it, for a blind one also after the call has ended.
//
// Only channels of the call in hand are named to the PBX.
func (d *Dialer) TransferIn(ctx context.Context, e Epoch, p number.Plan, attended bool) error {
	return d.transfer(ctx, p, attended, func(*loop) Epoch { return e })
}

// Transfer is TransferIn in the present epoch.
func (d *Dialer) Transfer(ctx context.Context, p number.Plan, attended bool) error {
	return d.transfer(ctx, p, attended, func(l *loop) Epoch { return l.epoch })
}

func (d *Dialer) transfer(ctx context.Context, p number.Plan, attended bool, in func(*loop) Epoch) error {
	if !p.MayDial() {
		return ErrNotDialable
	}
	return d.do(ctx, func(l *loop, done func(error)) { l.transfer(in(l), p, attended, done) })
}

// CancelTransfer takes an attended transfer back: the person has the other side again.
func (d *Dialer) CancelTransfer(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) { l.cancelTransfer(done) })
}

// CompleteTransfer hangs the person's phone up, so that the PBX connects the other side
// with the third one, which must have answered.
func (d *Dialer) CompleteTransfer(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) { l.completeTransfer(done) })
}

// transferContext is where the calls that the account transfers go on: KalliopePBX's context
// for a number alone, whichever syntax calls are asked for in, because the channel that is
// transferred has none of the variables; or, of another Asterisk, where numbers are dialled.
func transferContext(a config.Account) string {
	if a.Syntax == config.SyntaxPlain {
		return cmp.Or(a.TransferContext, a.FarContext())
	}
	return cmp.Or(a.TransferContext, "from_c2c_"+a.Tenant)
}

// transferable reports whether somebody has answered the call.
func (t *tracked) transferable() bool {
	if !t.live() {
		return false
	}
	s := t.call.Snapshot()
	return s.State == call.InCall && !s.ByPBX && t.call.Far() != ""
}

func (l *loop) transfer(in Epoch, p number.Plan, attended bool, done func(error)) {
	t, c := l.cur, l.client
	switch {
	case !t.live() || !t.transferable() || c == nil:
		done(ErrNoTransferNow)
		return
	case t.call.Snapshot().Transfer.State.Pending():
		done(ErrTransferGoesOn)
		return
	case in != l.epoch:
		done(ErrAccountChanged)
		return
	case attended && strings.Trim(p.Dial, "0123456789*#") != "":
		done(ErrNotDialable) // it is keyed in
		return
	}
	where := transferContext(l.account)
	l.touch()
	l.async(func(ctx context.Context) func(*loop) {
		can, err := transfers(ctx, c, where, p.Dial)
		return func(l *loop) {
			switch {
			case err != nil:
				done(unanswered(err))
			case l.cur != t || l.client != c || !t.transferable() || t.call.Cancelled():
				done(ErrNoTransferNow)
			case in != l.epoch:
				done(ErrAccountChanged)
			case t.call.Snapshot().Transfer.State.Pending():
				done(ErrTransferGoesOn)
			default:
				t.call.BeginTransfer(p.Dial, attended, time.Now())
				l.sendTransfer(t, c, can, where, p.Dial, attended, 1, func(err error) {
					if err != nil {
						t.call.EndTransfer(call.TransferFailed, call.Refused)
					}
					done(unanswered(err))
				})
			}
		}
	})
}

const (
	// While the PBX takes the Local channels out of a call it knows a channel no longer, or
	// refuses to transfer it: nothing was done then, and it is asked again.
	transferTries = 4
	transferPause = 300 * time.Millisecond
)

// sendTransfer asks the PBX. try counts from 1.
func (l *loop) sendTransfer(t *tracked, c *ami.Client, can transferWays, where, dial string, attended bool, try int, done func(error)) {
	var action ami.Action
	own, far, leaver := t.call.Own(), t.call.Far(), t.call.Leaver()
	switch {
	case attended && can.attended && own != "":
		action = ami.Atxfer{Channel: own, Context: where, Exten: dial}
	case attended && can.attended:
		done(ErrNoTransferNow)
		return
	case !attended && can.blind && leaver != "":
		action = ami.BlindTransfer{Channel: leaver, Context: where, Exten: dial}
	case !attended && can.redirect:
		action = ami.Redirect{Channel: far, Context: where, Exten: dial}
	default:
		done(ErrTransferRefused)
		return
	}
	l.log.Info("transfer", slog.Any("call", callID(t.req.ID)), slog.Any("number", Redact(dial)), slog.Bool("attended", attended))
	l.async(func(ctx context.Context) func(*loop) {
		_, err := c.Do(ctx, action)
		again := false
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			err = nil // it may have been done: what is seen next tells
		case errors.Is(err, ami.ErrNoFeatureCode):
			err = ErrNoAttended
		case errors.Is(err, ami.ErrPermission):
			err = ErrTransferRefused
		case errors.As(err, new(*ami.ResponseError)) && try < transferTries:
			again = true
			timer := time.NewTimer(transferPause)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		case errors.Is(err, ami.ErrNoSuchChannel):
			err = ErrNoTransferNow
		}
		return func(l *loop) {
			switch {
			case !again:
				done(err)
			case l.cur != t || l.client != c || !t.transferable() || t.call.Cancelled():
				done(ErrNoTransferNow)
			default:
				l.sendTransfer(t, c, can, where, dial, attended, try+1, done)
			}
		}
	})
}

func (l *loop) cancelTransfer(done func(error)) {
	t, c := l.cur, l.client
	if !t.live() || c == nil || !t.consults() {
		done(ErrNoTransfer)
		return
	}
	own, consulted := t.call.Own(), t.call.Consulted()
	l.touch()
	l.async(func(ctx context.Context) func(*loop) {
		err := ami.ErrUnknownAction
		if own != "" {
			_, err = c.Do(ctx, ami.CancelAtxfer{Channel: own})
		}
		if consulted != "" && (errors.Is(err, ami.ErrUnknownAction) || errors.Is(err, ami.ErrPermission) || errors.Is(err, ami.ErrNoFeatureCode)) {
			// Without the third side the PBX joins the others again.
			_, err = c.Do(ctx, ami.Hangup{Channel: consulted, Cause: 16})
		}
		return func(l *loop) {
			if err == nil {
				t.call.TakeBackTransfer()
			}
			done(unanswered(err))
		}
	})
}

func (l *loop) completeTransfer(done func(error)) {
	t, c := l.cur, l.client
	if !t.live() || c == nil || !t.consults() || t.call.Own() == "" {
		done(ErrNoTransfer)
		return
	}
	if t.call.Snapshot().Transfer.State != call.TransferTalking {
		done(ErrNoTransferNow)
		return
	}
	if early := settles - time.Since(t.consulted); early > 0 {
		l.async(func(ctx context.Context) func(*loop) {
			timer := time.NewTimer(early)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
			return func(l *loop) { l.completeTransfer(done) }
		})
		return
	}
	own := t.call.Own()
	l.touch()
	l.async(func(ctx context.Context) func(*loop) {
		_, err := c.Do(ctx, ami.Hangup{Channel: own, Cause: 16})
		return func(*loop) { done(unanswered(err)) }
	})
}

// settles is how long the person has spoken to the third side before their phone is hung up:
// an Asterisk that has not noticed the answer yet would end with a fault (see tracker).
const settles = time.Second

// consults reports whether an attended transfer of the call is under way.
func (t *tracked) consults() bool {
	s := t.call.Snapshot().Transfer
	return s.Attended && s.State.Pending()
}

// transferWays are the actions that the session may run to transfer a call.
type transferWays struct{ blind, redirect, attended bool }

// transfers asks the PBX in which ways it transfers calls to dial; "" is any number. The
// error is ErrTransferContext where it would lead nowhere. A PBX that does not say is
// taken to do it.
func transfers(ctx context.Context, c *ami.Client, where, dial string) (w transferWays, err error) {
	allowed, err := allowedTo(ctx, c)
	switch {
	case errors.As(err, new(*ami.ResponseError)):
		w = transferWays{true, true, true}
	case err != nil:
		return w, err
	default:
		has := func(a ami.Action) bool {
			return slices.ContainsFunc(allowed, func(name string) bool { return strings.EqualFold(name, a.Name()) })
		}
		w = transferWays{has(ami.BlindTransfer{}), has(ami.Redirect{}), has(ami.Atxfer{})}
	}
	r, err := c.Do(ctx, ami.DialplanExists{Context: where, Exten: dial})
	switch {
	case errors.As(err, new(*ami.ResponseError)):
		return w, nil
	case err != nil:
		return w, err
	}
	if there, known := ami.Exists(r); known && !there {
		return w, ErrTransferContext
	}
	return w, nil
}

// askTransfers asks, once a call is answered, whether it could be transferred, so that a
// person is told before they try.
func (l *loop) askTransfers(t *tracked) {
	if t.call.Snapshot().Transfer.State != call.TransferTalking {
		t.consulted = time.Time{}
	} else if t.consulted.IsZero() {
		t.consulted = time.Now()
	}
	c := l.client
	if t.asking || c == nil || !t.transferable() {
		return
	}
	t.asking = true
	where := transferContext(l.account)
	l.async(func(ctx context.Context) func(*loop) {
		w, err := transfers(ctx, c, where, "")
		return func(*loop) {
			can := call.Transferable{Blind: w.blind || w.redirect, Attended: w.attended}
			switch {
			case errors.Is(err, ErrTransferContext):
				can = call.Transferable{Why: string(status.CodeTransferContext)}
			case err != nil:
				return // not known
			case !can.Blind && !can.Attended:
				can.Why = string(status.CodeTransferRefused)
			}
			t.call.SetTransfers(can)
		}
	})
}
