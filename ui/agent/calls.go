package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/logbook"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// plan parses a text by the rules in force.
func (a *agent) plan(text string, from number.Source) consent.Made {
	a.renewPolicy()
	r := a.rules()
	return consent.Made{Plan: number.Parse(text, from, r.numbers), In: r.epoch, Origin: call.Origin{Way: wayOf[from]}}
}

// wayOf is how a call is asked for with a text from there, unless who parses it knows
// better.
var wayOf = map[number.Source]call.Way{number.Typed: call.ByTyping, number.Clipboard: call.ByCopy, number.Link: call.ByLink}

// by is m, asked for in another way.
func by(w call.Way, m consent.Made) consent.Made {
	m.Origin.Way = w
	return m
}

// place dials m. Where a person has to be asked first the error says about what, and
// offers keeps that.
func (a *agent) place(ctx context.Context, m consent.Made, offers *consent.Offers) (call.Snapshot, error) {
	if err := consent.Ask(offers.Offer(m)); err != nil {
		return call.Snapshot{}, err
	}
	return a.dial(ctx, m)
}

// placeUntyped is place for what nobody typed: of many such calls that nobody was asked
// about the next one is.
func (a *agent) placeUntyped(ctx context.Context, m consent.Made, offers *consent.Offers) (call.Snapshot, error) {
	l := &a.links
	l.mu.Lock()
	if l.limiter.many(time.Now()) && m.MayDial() {
		m.Outcome, m.Reasons = number.Confirm, append(slices.Clone(m.Reasons), consent.ReasonManyCalls)
	}
	l.mu.Unlock()
	placed, err := a.place(ctx, m, offers)
	if err == nil {
		l.mu.Lock()
		l.limiter.unasked(time.Now())
		l.mu.Unlock()
	}
	return placed, err
}

// dial dials m, to which there is consent, unless a command dials without this agent,
// which was not there when it began.
func (a *agent) dial(ctx context.Context, m consent.Made) (call.Snapshot, error) {
	a.renewPolicy() // with which m is of another time
	if a.dialsBeside() {
		return call.Snapshot{}, dialer.ErrInProgress
	}
	armed := a.private.Load()
	m.Origin.Private = m.Origin.Private || armed
	placed, err := a.dialer.DialIn(ctx, m.In, m.Plan, m.Origin)
	if err == nil && armed && placed.Origin.Private {
		a.setPrivate(false)
	}
	return placed, err
}

// setPrivate says whether the next call leaves no line in the history. Whoever is shown
// that is told.
func (a *agent) setPrivate(on bool) {
	if a.private.Swap(on) != on {
		a.retell()
	}
}

// retell has publish show how everything stands, with nothing new from the Dialer.
func (a *agent) retell() {
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// standing is how everything stands, with what only the agent knows.
func (a *agent) standing(s status.Snapshot) status.Snapshot {
	s.Private, s.Missed = a.private.Load(), a.missed.count()
	set := a.colleagueSettings()
	s.Colleagues = set.Show
	if c := s.Call; c != nil {
		s.Remind = a.remindAfter(*c)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s.Account = a.cfg.Account.Name // also while a call of another one goes on
	return s
}

// dialsBeside reports whether such a command has the phone.
func (a *agent) dialsBeside() bool {
	a.phone.Lock() // or two dials of this agent would be in each other's way
	defer a.phone.Unlock()
	release, err := ipc.Reserve(control.Phone(a.Name))
	if err == nil {
		err = release()
	}
	return errors.Is(err, ipc.ErrRunning)
}

// placeAgreed dials what offers keeps under id: a person was shown it, said yes
// where they had to, and chose w beside it. remember: where their text can be read in two ways, the one that
// they chose is put into the settings.
func (a *agent) placeAgreed(ctx context.Context, offers *consent.Offers, id uint64, w status.Wish, remember bool) (call.Snapshot, error) {
	m, err := offers.Agreed(id, w)
	if err != nil {
		return call.Snapshot{}, err
	}
	placed, err := a.dial(ctx, m)
	if err == nil && remember && m.Line != "" {
		a.remember(ctx, m)
	}
	return placed, err
}

// remember puts into the settings how a person wants numbers to be read that begin
// with the digits of the outside line, as they chose for m, unless the account is another
// one by now.
func (a *agent) remember(ctx context.Context, m consent.Made) {
	if _, err := a.change(context.WithoutCancel(ctx), false, func(cfg *config.Config) {
		if a.rules().epoch == m.In {
			cfg.Numbers.TypedLine = m.Line
		}
	}); err != nil {
		a.Log.Warn("what was chosen is not remembered", slog.Any("err", err))
	}
}

// again is the plan for a call of before.
func (a *agent) again(e history.Entry) consent.Made {
	a.renewPolicy()
	a.mu.Lock()
	cfg, epoch := a.cfg, a.epoch
	a.mu.Unlock()
	m := consent.Again(e, cfg)
	m.In = epoch
	return m
}

// redial dials the number of the last call to dial again, from the tray's menu. What
// goes wrong is shown in the dial window, with the number.
func (a *agent) redial(ctx context.Context, dial string) {
	e := history.Entry{Number: dial}
	for _, past := range a.Past.Recent(maxRecent) {
		if past.Number == dial {
			e = past
			break
		}
	}
	m := a.again(e)
	if _, err := a.placeUntyped(ctx, m, nil); err != nil {
		a.showAgain(m, err)
	}
}

// redialLater is redial for what a notification offers.
func (a *agent) redialLater(dial string) {
	a.tasks.Go(func(ctx context.Context) { a.redial(ctx, dial) })
}

// redialLast dials the number of the last call again, for a key or a command. What has
// to be agreed to is shown in the dial window, unless c says that the caller asks.
func (a *agent) redialLast(ctx context.Context, c control.Copied, offers *consent.Offers) (call.Snapshot, error) {
	a.prepare()
	last := a.Past.Recent(1)
	if len(last) == 0 {
		return call.Snapshot{}, consent.ErrNoCallBefore
	}
	m := a.again(last[0])
	m.Origin.Private = c.Private
	placed, err := a.placeUntyped(ctx, m, offers)
	if err != nil && ctx.Err() == nil && !(c.Asks && status.Find(err, status.CodeConfirm) != nil) {
		a.showAgain(m, err)
	}
	return placed, err
}

// callListed dials a number that a line of the tray's menu has. dialled: it is what is
// dialled, outside line and all; else as a directory has it. What goes wrong is shown in
// the dial window, with the number.
func (a *agent) callListed(ctx context.Context, text string, dialled bool) {
	a.renewPolicy()
	m := a.listed(text, dialled)
	if dialled && a.markedWithAnother(text) {
		m = m.Asking()
	}
	if _, err := a.placeUntyped(ctx, m, nil); err != nil {
		a.showAgain(m, err)
	}
}

// showAgain shows in the dial window a number that was not called.
func (a *agent) showAgain(m consent.Made, err error) {
	show := channel.Show{Window: channel.WindowDial, Text: cmp.Or(m.Dial, shownText(m.Input))}
	problem := dialer.ProblemOf(err, status.AttemptDial)
	switch problem.Code {
	case status.CodeConfirm:
		show.Reason = words.NumberReasons(problem.Offers[0].Reasons)
	case status.CodeSeveral:
		show.Choices = consent.OfferOf(m.Plan).Choices
	default:
		show.Reason = words.ProblemText(problem)
	}
	a.showOrAsk(show, m, problem)
}

// listed is the plan of such a number.
func (a *agent) listed(text string, dialled bool) consent.Made {
	r := a.rules()
	from := number.Clipboard
	if dialled {
		from, r.numbers.TypedIs = number.Typed, number.TypedKeypad
		r.numbers.OwnRules = nil // a rule has made it what it is
	}
	return consent.Made{Plan: number.Parse(text, from, r.numbers), In: r.epoch, Origin: call.Origin{Way: call.ByContact}}
}

// showOrAsk shows the dial window with m, which was not dialled for a reason, or does the
// same without windows.
func (a *agent) showOrAsk(show channel.Show, m consent.Made, problem *status.Problem) {
	_ = a.openWindow(show, func(ctx context.Context) { a.askElsewhere(ctx, m, problem) })
}

// prepare opens the connection to the PBX, so that it is ready by the time that the
// person dials. It returns at once.
func (a *agent) prepare() {
	a.tasks.Go(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = a.dialer.Prepare(ctx)
	})
}

// hangUp ends the call. Where this agent has none there may be one of a command that
// was killed (cornetta dial without an agent), which is taken up and ended.
func (a *agent) hangUp(ctx context.Context) error {
	err := a.dialer.Hangup(ctx)
	if errors.Is(err, dialer.ErrNoCall) && a.book().Resume(ctx, a.dialer) > 0 {
		err = a.dialer.Hangup(ctx)
	}
	return err
}

// hangUpOrTell is hangUp for a click: the person is told where it fails.
func (a *agent) hangUpOrTell(ctx context.Context) {
	if err := a.hangUp(ctx); err != nil && !errors.Is(err, dialer.ErrNoCall) {
		// Not the error: it quotes the PBX, which may name a number.
		problem := dialer.ProblemOf(err, status.AttemptHangUp)
		a.Log.Warn("the call could not be hung up", slog.Any("code", problem.Code))
		a.notices.show("hangup", words.Problem(*problem))
	}
}

// book is where calls are written down.
func (a *agent) book() logbook.Book { return logbook.Book{Trail: a.Trail, Past: a.Past, Log: a.Log} }

// resumeTime is how long a start waits to learn what became of a call: whoever then
// asks over the control socket gets it.
const resumeTime = time.Second

// resumeLeft takes up the call of a program that ended before its call did. It blocks
// for resumeTime at most, and goes on as a task.
func (a *agent) resumeLeft(ctx context.Context) {
	done := make(chan struct{})
	a.tasks.Go(func(ctx context.Context) {
		defer close(done)
		a.book().Resume(ctx, a.dialer)
	})
	select {
	case <-done:
	case <-time.After(resumeTime):
	case <-ctx.Done():
	}
}
