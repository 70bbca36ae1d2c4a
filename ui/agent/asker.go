package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// questionTime is how long a question without a window waits for its answer: whoever comes
// back to the computer later does not know any more what it is about.
const questionTime = time.Minute

// asker puts questions to a person who has no windows, by the desktop's own means: one at a
// time. What comes meanwhile is dropped, and the question says how much.
type asker struct {
	agent  *agent
	offers consent.Offers // of what was copied, and of recent numbers; a link's plan is kept by links

	mu   sync.Mutex // guards what follows
	open *asking    // nil: none
	last *asking    // the newest, for who waits to hear what became of it
}

// question is what is asked.
type question struct {
	link    uint64         // the link's id; 0: it is none
	offers  []status.Offer // the one to agree to, or those to pick from
	why     string         // what is to be said beside the reasons of the offers
	account string         // with which it is called; "" where there is no other
	unasked int            // numbers there are beside the offers
	ignored int            // links dropped before it
	more    int            // what was asked for meanwhile, and dropped
	none    *status.Problem
	yes     func(ctx context.Context, id uint64) error
	no      func() // nil: nothing
	lost    func() // it could not be asked, or what was agreed to not be done; nil: nothing
}

// asking is a question that is being asked.
type asking struct {
	question // more is guarded by asker.mu, the rest does not change
	changes  chan string
	begun    chan struct{} // closed when it is on the screen, or cannot be
	begin    func()        // closes it, once
	failed   bool          // it cannot be; read once begun is closed
}

// ask asks q as a task. While another question is open it is only counted there. It does not
// block.
func (k *asker) ask(q question) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open != nil {
		k.open.more++
		k.open.changed()
		if q.lost != nil {
			k.agent.tasks.Go(func(context.Context) { q.lost() })
		}
		return
	}
	n := &asking{question: q, changes: make(chan string, 1), begun: make(chan struct{})}
	n.begin = sync.OnceFunc(func() { close(n.begun) })
	k.open, k.last = n, n
	k.agent.tasks.Go(func(ctx context.Context) { k.run(ctx, n) })
}

// count tells how many links were dropped since the one came that is asked about. It reports
// whether that is the one with that id.
func (k *asker) count(link uint64, more int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open == nil || k.open.link != link {
		return false
	}
	k.open.more = more
	k.open.changed()
	return true
}

// changed tells that more is another. It is called with asker.mu held.
func (n *asking) changed() {
	select {
	case <-n.changes: // an older one
	default:
	}
	n.changes <- n.body()
}

func (q *question) body() string {
	return words.QuestionBody(q.offers, q.account, q.why, words.Dropped{Links: q.link != 0, Numbers: q.unasked, Ignored: q.ignored, More: q.more})
}

// run asks n, and does what the person has agreed to.
func (k *asker) run(ctx context.Context, n *asking) {
	defer n.begin()
	k.mu.Lock()
	body := n.body()
	k.mu.Unlock()
	q := desktop.Question{
		Title: words.QuestionTitle(len(n.offers)), Body: body, No: words.Text(words.LabelCancel),
		Wait: channel.YesAfter, LongWait: channel.YesLongAfter, Early: words.Text(words.SayPressedEarly),
		Expire:  questionTime,
		Changes: n.changes, Shown: n.begin,
	}
	for _, o := range n.offers {
		q.Answers = append(q.Answers, words.CallNumber(o.Dial()))
	}
	answer, err := desktop.Ask(ctx, desktop.Options{Dir: k.agent.notices.dir, Log: k.agent.Log}, q)
	k.mu.Lock()
	n.failed = err != nil && !errors.Is(err, desktop.ErrNoAnswer)
	k.open = nil // whatever the answer leads to may ask again
	k.mu.Unlock()
	after := n.lost
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, desktop.ErrNoAnswer):
		k.agent.notices.show("question", words.Problem(status.Problem{Code: status.CodeNotAnswered}))
	case err != nil:
		k.agent.Log.Warn("nobody could be asked", slog.Any("err", err))
		k.agent.notices.showFor("question", words.NoQuestion(n.offers), informTime)
	case answer == desktop.Refused:
		after = n.no
	default:
		err := n.yes(ctx, n.offers[answer].ID)
		if err == nil {
			return
		}
		problem := dialer.ProblemOf(err, status.AttemptDial)
		k.agent.Log.Info("what was agreed to was not dialled", slog.Any("err", problem))
		k.agent.notices.show("question", words.Problem(*problem))
	}
	if after != nil {
		after()
	}
}

// begunTime is how long who brought a link waits for the question about it.
const begunTime = 5 * time.Second

// begun waits until the question about a link is on the screen. The error is that there will
// be none, of which the person was told if they could be. A link that is not asked about here
// is no error.
func (k *asker) begun(link uint64) error {
	k.mu.Lock()
	n := k.last
	k.mu.Unlock()
	if n == nil || link == 0 || n.link != link {
		return nil
	}
	select {
	case <-n.begun:
	case <-time.After(begunTime):
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if n.failed {
		return n.none
	}
	return nil
}

// withoutWindows has done without windows what could not be shown in one. It does not block.
func (a *agent) withoutWindows(l lost) {
	if l.ask != nil {
		a.askLinkElsewhere(l.problem, *l.ask)
	}
	w := l.wanted
	switch {
	case w != nil && w.instead == nil:
		a.tasks.Go(func(ctx context.Context) { a.inform(ctx, l.problem, cmp.Or(w.Reason, inTerminal(w.Show))) })
		return
	case w != nil:
		a.tasks.Go(w.instead)
	}
	if l.fresh { // beside a question, and not in its way
		a.notices.showFor("windows", a.noWindows(l.problem, ""), informTime)
	}
}

// inTerminal says by which command goes what the window would have been for, "" where that is
// said with the reason why there is none.
func inTerminal(s channel.Show) string {
	switch {
	case s.Transfer:
		return words.InTerminal("cornetta transfer", true)
	case s.Window == channel.WindowDial && s.Text != "" && strings.Trim(s.Text, "0123456789*#") == "": // no other text becomes a command
		return words.InTerminal("cornetta dial '"+s.Text+"'", true)
	case s.Missed:
		return words.InTerminal("cornetta history --missed", false)
	case s.Window == channel.WindowHistory:
		return words.InTerminal("cornetta history", false)
	case s.Window == channel.WindowColleagues:
		return words.InTerminal("cornetta colleagues", false)
	case s.Window == channel.WindowEnrolment:
		return words.InTerminal("cornetta account enroll", true)
	}
	return ""
}

func (a *agent) noWindows(p *status.Problem, reason string) words.Sentence {
	return words.NoWindows(*p, reason, a.account().Validate() != nil)
}

// inform tells why there are no windows, by a dialog where the system has one for it. reason
// is what the window would have told.
func (a *agent) inform(ctx context.Context, p *status.Problem, reason string) {
	s := a.noWindows(p, reason)
	err := desktop.Inform(ctx, desktop.Options{Log: a.Log}, s.What, s.Do)
	if err != nil && ctx.Err() == nil {
		a.notices.showFor("windows", s, informTime)
	}
}

// informTime is how long it stays as a notification: there may be a command in it.
const informTime = time.Minute

// askLinkElsewhere asks about a link for which there is no window.
func (a *agent) askLinkElsewhere(none *status.Problem, q channel.Ask) {
	id := q.Offer.ID
	a.asker.ask(question{
		link: id, offers: []status.Offer{q.Offer}, ignored: q.Ignored, more: q.More, none: none, account: q.Account,
		yes:  func(ctx context.Context, id uint64) error { return a.dialLink(ctx, id, status.Wish{}) },
		no:   func() { a.refuseLink(id) },
		lost: func() { a.links.abandon(id) },
	})
}

// askElsewhere does without a window what the dial window would have done with m: problem is
// why m was not dialled. What a person has to agree to is asked, all else is told.
func (a *agent) askElsewhere(ctx context.Context, m consent.Made, problem *status.Problem) {
	offer := a.asker.offers.Offer(m)
	q := question{
		offers: []status.Offer{offer}, account: a.nameAmongSeveral(),
		yes: func(ctx context.Context, id uint64) error {
			_, err := a.placeAgreed(ctx, &a.asker.offers, id, status.Wish{}, false)
			return err
		},
	}
	switch {
	case problem.Code == status.CodeConfirm && len(problem.Offers) == 1:
		q.offers[0].Reasons = problem.Offers[0].Reasons
	case problem.Code == status.CodeSeveral && len(offer.Choices) > 0:
		q.offers = offer.Choices[:min(len(offer.Choices), maxChoices)]
		q.unasked = len(offer.Choices) - len(q.offers)
		if m.Source == number.Link {
			q.why = words.Text(words.SayFromLink)
		}
	case problem.Code == status.CodeCopiedSince && offer.ID != 0:
		q.why = words.ProblemText(problem)
	default:
		if none := a.windows.problem(); none != nil {
			switch problem.Code {
			case status.CodeNotSetUp:
				a.inform(ctx, none, "")
				return
			case status.CodeSecretMissing:
				a.inform(ctx, none, words.ProblemText(problem))
				return
			}
		}
		a.notices.show("question", words.Problem(*problem))
		return
	}
	a.asker.ask(q)
}

// maxChoices is how many numbers a notification has buttons for.
const maxChoices = 5
