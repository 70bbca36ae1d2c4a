package agent

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/logbook"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// place dials a text that was typed, in the dial window or on the command line. agreed
// is the dial string that a person was shown and said yes to, "" where nobody was
// asked. remember: where the text can be read in two ways, the one that they chose is
// put into the settings.
func (a *agent) place(ctx context.Context, text, agreed string, remember bool) (call.Snapshot, error) {
	r := a.rules()
	p, err := consent.Plan(text, number.Typed, agreed, r.numbers)
	if err != nil {
		return call.Snapshot{}, err
	}
	placed, err := a.dialer.DialIn(ctx, r.epoch, p)
	if err == nil && remember && p.Line != "" {
		a.remember(ctx, p.Line)
	}
	return placed, err
}

// remember puts into the settings how a person wants numbers to be read that begin
// with the digits of the outside line: line is as number.Plan.Line has it.
func (a *agent) remember(ctx context.Context, line string) {
	if err := a.change(context.WithoutCancel(ctx), false, func(cfg *config.Config) { cfg.Numbers.TypedLine = line }); err != nil {
		a.Log.Warn("what was chosen is not remembered", slog.Any("err", err))
	}
}

// redial dials a number that was dialled before, from the tray's menu. What
// goes wrong is shown in the dial window, with the number.
func (a *agent) redial(ctx context.Context, dial string) {
	r := a.rules()
	r.numbers.TypedIs = number.TypedKeypad // it is what was dialled, outside line and all
	p, err := consent.Plan(dial, number.Typed, "", r.numbers)
	if err == nil {
		_, err = a.dialer.DialIn(ctx, r.epoch, p)
	}
	if err == nil {
		return
	}
	show := channel.Show{Window: channel.WindowDial, Text: dial}
	if problem := dialer.ProblemOf(err, status.AttemptDial); problem.Code != status.CodeConfirm { // of that the window says why
		show.Reason = words.ProblemText(problem)
	}
	a.showWindow(show)
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
		a.Log.Warn("the call could not be hung up", slog.String("code", string(problem.Code)))
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
