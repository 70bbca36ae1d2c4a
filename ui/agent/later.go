package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

const (
	// freeTime is how long somebody's being free is waited for, and the session with the PBX
	// kept for that.
	freeTime = 30 * time.Minute
	// freeFor is how long a phone has to be free: between two calls it is for a moment.
	freeFor = 2 * time.Second
	// maxLater is how many calls there may be to be asked about later.
	maxLater = 5
	// laterTime is how long the question stays: what it tells may soon be untrue.
	laterTime = 2 * time.Minute
)

// later has the person asked about calls that they want to make later: when somebody's phone
// is free, or after some minutes. It never calls by itself: it asks, once, and the yes is
// the call. What is waited for is forgotten with the account, and with the agent.
//
// It has a goroutine, a task, while something is waited for.
type later struct {
	look  func(context.Context) (*phone.Board, func(), error)
	ask   func(ctx context.Context, w callLater) // as a task of its own
	tasks *tasks

	mu      sync.Mutex // guards what follows
	all     []callLater
	count   uint64        // of changes
	news    chan struct{} // closed at the next change; nil: nobody waits for one
	running bool
}

// callLater is a call to be asked about.
type callLater struct {
	number string    // as it is dialled
	free   bool      // when its phone is free; else at the time
	at     time.Time // of the question, or the end of the wait
	since  time.Time // its phone is free since then; zero: it is not
}

// changed is closed when there is another list of those who are waited for.
func (l *later) changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.news == nil {
		l.news = make(chan struct{})
	}
	return l.news
}

// waited are those whose being free is waited for; count grows with each change.
func (l *later) waited() (numbers []string, count uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.all {
		if w.free {
			numbers = append(numbers, w.number)
		}
	}
	return numbers, l.count
}

// changeLocked is called with mu held, after a change.
func (l *later) changeLocked() {
	l.count++
	if l.news != nil {
		close(l.news)
		l.news = nil
	}
	if len(l.all) > 0 && !l.running {
		l.running = true
		l.tasks.Go(l.run)
	}
}

// add waits for w. Of a number there is one.
func (l *later) add(w callLater) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(l.all), func(o callLater) bool { return o.number == w.number })
	if len(all) >= maxLater {
		return &status.Problem{Code: status.CodeTellFull}
	}
	l.all = append(all, w)
	l.changeLocked()
	return nil
}

// remove forgets a number.
func (l *later) remove(number string) {
	l.forget(func(w callLater) bool { return w.number == number })
}

// forget forgets those for which gone is true.
func (l *later) forget(gone func(callLater) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.all)
	l.all = slices.DeleteFunc(slices.Clone(l.all), gone)
	if len(l.all) != before {
		l.changeLocked()
	}
}

// run waits for what is wanted, until that is nothing.
func (l *later) run(ctx context.Context) {
	var board *phone.Board
	leave := func() {}
	defer func() { leave() }()
	for {
		news := l.changed()
		numbers, _ := l.waited()
		var moved <-chan struct{}
		switch {
		case len(numbers) == 0:
			leave()
			board, leave = nil, func() {}
		case board == nil:
			b, left, err := l.look(ctx)
			if err != nil {
				l.forget(func(w callLater) bool { return w.free }) // it was switched off
				continue
			}
			board, leave = b, left
		}
		if board != nil {
			moved = board.Changed()
		}
		next, over := l.step(board, time.Now())
		if over {
			return
		}
		wait := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
		case <-news:
		case <-moved:
		case <-wait.C:
		}
		wait.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// step has asked what is to be asked about now, and says when to look again at the latest.
// over: nothing is waited for any more.
func (l *later) step(board *phone.Board, now time.Time) (next time.Time, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var left []callLater
	for _, w := range l.all {
		due := w.at
		switch {
		case !w.free:
		case board == nil || board.State(w.number) != status.PhoneFree:
			w.since = time.Time{}
		default:
			if w.since.IsZero() {
				w.since = now
			}
			due = w.since.Add(freeFor)
		}
		free := w.free && !w.since.IsZero()
		if now.Before(due) && !(free && !now.Before(w.at)) {
			left = append(left, w)
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		if free || !w.free {
			l.tasks.Go(func(ctx context.Context) { l.ask(ctx, w) })
		}
	}
	changed := len(left) != len(l.all)
	l.all = left
	if len(left) == 0 {
		l.running = false
	}
	if changed {
		l.changeLocked()
	}
	return next, len(left) == 0
}

// whenFree waits for somebody's phone to be free.
func (l *later) whenFree(ctx context.Context, number string) (until time.Time, err error) {
	board, leave, err := l.look(ctx)
	if err != nil {
		return until, err
	}
	defer leave()
	if v := board.Since(0, 1); v.Live && board.State(number) == "" {
		return until, &status.Problem{Code: status.CodeNoColleague}
	}
	until = time.Now().Add(freeTime)
	return until, l.add(callLater{number: number, free: true, at: until})
}

// remindIn reminds of a call.
func (l *later) remindIn(number string, after time.Duration) (at time.Time, err error) {
	at = time.Now().Add(after)
	return at, l.add(callLater{number: number, at: at})
}

// askLater asks whether to call now, and calls where the answer is yes.
func (a *agent) askLater(ctx context.Context, w callLater) {
	a.renewPolicy()
	m := a.listed(w.number, true)
	name, _ := contacts.Names(a.People, a.Marked, a.rules().numbers)(m.Dial)
	who := cmp.Or(words.Clean(name), words.Number(w.number))
	title, why := words.CallBack(who), words.Text(words.SayAskedToRemind)
	if w.free {
		title, why = words.IsFree(who), words.Text(words.SayAskedToBeTold)
	}
	var offers consent.Offers
	offer := offers.Offer(m)
	if offer.ID == 0 { // the rules are others than when it was asked for
		a.notices.showFor("later", words.Sentence{What: title, Do: why}, informTime)
		return
	}
	answer, err := desktop.Ask(ctx, desktop.Options{Dir: a.notices.dir, Log: a.Log}, desktop.Question{
		Title: title, Body: words.QuestionBody([]status.Offer{offer}, a.nameAmongSeveral(), why, words.Dropped{}),
		Answers: []string{words.CallNumber(offer.Dial())}, No: words.Text(words.LabelNotNow),
		Wait: channel.YesAfter, LongWait: channel.YesLongAfter, Expire: laterTime, Quiet: true,
	})
	switch {
	case ctx.Err() != nil, errors.Is(err, desktop.ErrNoAnswer):
	case err != nil:
		if !errors.Is(err, desktop.ErrNoQuestion) {
			a.Log.Info("a question became a notice", slog.Any("err", err))
		}
		a.notices.showFor("later", words.Sentence{What: title, Do: why}, informTime)
	case answer != desktop.Refused:
		if _, err := a.placeAgreed(ctx, &offers, offer.ID, status.Wish{}, false); err != nil {
			a.notices.show("later", words.Problem(*dialer.ProblemOf(err, status.AttemptDial)))
		}
	}
}
