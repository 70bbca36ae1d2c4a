package dialer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
)

const (
	// colleagueQueue is how many states may wait to be taken in. What does not fit is lost,
	// and the list is asked for again.
	colleagueQueue = 1 << 10
	// listAgain is the shortest time from one list to the next, which is work for the PBX.
	listAgain = 10 * time.Second
	// listRefused is how long a PBX that gave no list is not asked again.
	listRefused = 5 * time.Minute
)

var _ phone.Colleagues = (*Dialer)(nil)

// colleagues are those who look at the colleagues' phones, and what is followed for them.
// Like all of the loop it belongs to Run's goroutine, but for the Board.
type colleagues struct {
	board   *phone.Board
	lookers int
	stop    context.CancelFunc // ends what follows the states in the present session; nil: nothing does
}

// Look implements phone.Colleagues. While somebody looks the session is kept, as with
// config.ConnectionKept.
func (d *Dialer) Look(ctx context.Context) (*phone.Board, func(), error) {
	var board *phone.Board
	// Not with ctx: it must be known whether they look.
	err := d.do(context.WithoutCancel(ctx), func(l *loop, done func(error)) {
		board = l.colleagues.board
		l.colleagues.lookers++
		done(nil)
		l.look()
	})
	if err != nil {
		return nil, nil, err
	}
	return board, sync.OnceFunc(func() {
		_ = d.do(context.WithoutCancel(ctx), func(l *loop, done func(error)) {
			l.leave()
			done(nil)
		})
	}), nil
}

// wantsSession reports whether a session is to be kept open while there is no call.
func (l *loop) wantsSession() bool {
	return l.mode == config.ConnectionKept || l.colleagues.lookers > 0
}

// look begins to follow the states of the colleagues' phones where somebody wants that,
// in the present session or in one that is opened.
func (l *loop) look() {
	c := &l.colleagues
	if c.lookers == 0 || c.stop != nil {
		return
	}
	if l.client == nil {
		if !l.refused() && !l.keyringRests() && l.notSetUp() == nil {
			l.open(ahead, func(*ami.Client, error) {}) // opened looks
		}
		return
	}
	l.idleAt = time.Time{}
	ctx, stop := context.WithCancel(l.accountCtx)
	c.stop = stop
	client := l.client
	w := c.board.Begin(l.account.Extension, l.account.Tenant)
	l.wg.Go(func() { followColleagues(ctx, client, w, l.log) })
}

// leave is one less who looks.
func (l *loop) leave() {
	c := &l.colleagues
	if c.lookers--; c.lookers > 0 {
		return
	}
	l.unlook()
	c.board.Clear()
	if l.client != nil {
		l.touch()
	} else if !l.callNeedsConnection() && l.mode != config.ConnectionKept {
		l.retry.at = time.Time{} // nobody needs it any more
	}
}

// unlook ends what follows the states in the present session.
func (l *loop) unlook() {
	if c := &l.colleagues; c.stop != nil {
		c.stop()
		c.stop = nil
		c.board.End()
	}
}

// followColleagues has w written what the server tells of its hints, until ctx or the
// connection ends.
func followColleagues(ctx context.Context, c *ami.Client, w *phone.Writer, log *slog.Logger) {
	sub := c.Subscribe(w.Wants, colleagueQueue)
	defer sub.Close()
	var lists sync.WaitGroup
	defer lists.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answered := make(chan error, 1)
	var asked time.Time // when the list on its way was asked for; zero: none is
	var again *time.Timer
	due := make(<-chan time.Time)
	ask := func() {
		asked = time.Now()
		lists.Go(func() { answered <- sub.List(ctx, ami.ExtensionStateList{}, w.Lists()) })
	}
	later := func(wait time.Duration) {
		if again == nil {
			again = time.NewTimer(wait)
			due = again.C
		}
	}
	defer func() {
		if again != nil {
			again.Stop()
		}
	}()
	ask()
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-answered:
			begun := asked
			asked = time.Time{}
			switch {
			case err == nil || ctx.Err() != nil:
			case errors.As(err, new(*ami.ResponseError)):
				w.Fail(listProblem(err))
				later(listRefused)
			default:
				log.Info("the list of extensions did not come", slog.Any("code", ProblemOf(troubled(err), status.AttemptList).Code))
				later(max(0, listAgain-time.Since(begun)))
			}
		case <-due:
			if again = nil; asked.IsZero() {
				ask()
			} else {
				later(listAgain)
			}
		case e, ok := <-sub.C():
			if !ok {
				return
			}
			switch e := e.(type) {
			case ami.Listed:
				w.Listed(e.Items)
			case ami.ExtensionStatus:
				if w.Apply(e) {
					later(listAgain)
				}
			case ami.Lost:
				later(listAgain)
			}
		}
	}
}

// listProblem is why a PBX gives no list of extensions.
func listProblem(err error) *status.Problem {
	if !errors.Is(err, ami.ErrPermission) {
		err = errors.Join(ErrNoList, err)
	}
	return ProblemOf(troubled(err), status.AttemptList)
}

// FollowColleagues writes on board how the colleagues' phones stand, in a session of its own,
// until ctx ends. It blocks; the error is a *TroubleError. It is for a command.
func FollowColleagues(ctx context.Context, logins *Logins, a config.Account, password string, log *slog.Logger, board *phone.Board) error {
	cfg, err := amiConfig(a, password, log)
	if err != nil {
		return troubled(err)
	}
	login, cancel := context.WithTimeout(ctx, connectTimeout)
	c, err := logins.dial(login, a, false, cfg)
	cancel()
	if err != nil {
		return troubled(err)
	}
	defer c.Close()
	followColleagues(ctx, c, board.Begin(a.Extension, a.Tenant), log)
	board.End()
	if ctx.Err() != nil {
		return nil
	}
	return &TroubleError{Trouble: status.Problem{Code: status.CodeConnectionLost}, Err: errors.Join(ami.ErrClosed, c.Err())}
}
