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
	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// maxLink is how much of a link is passed on, in bytes. number.Parse accepts less,
// so that a link which was cut here is refused there.
const maxLink = 512

// LinkOf returns the telephone link that the program was started for: its only
// argument. It has to be asked before options and commands are parsed, because
// whoever wrote the link also chose the text of that argument.
func LinkOf(args []string) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	link := args[0]
	scheme, _, _ := strings.Cut(link, ":")
	if len(scheme) == len(link) || !strings.EqualFold(scheme, "tel") && !strings.EqualFold(scheme, "callto") {
		return "", false
	}
	return link[:min(len(link), maxLink)], true
}

// links are what the agent knows of telephone links: the one that a person is being
// asked about, and those that wait or were dropped.
type links struct {
	mu      sync.Mutex // guards what follows; windows.mu may be taken under it
	limiter linkLimiter
	plan    consent.Made // of the one that is asked about, as it is shown
	kept    keptLink

	unread      channel.Show // how the link that is no number is shown
	unreadFault string       // why it is none, dialer/number's code
	trustedCall string       // the id of the latest call that nobody was asked about, until it ends
}

// askLink asks the person about a link, unless they are being asked about another
// or have just refused several. Where there is no account yet the assistant is
// shown first. Nothing is dialled, except a link that the settings trust and whose
// number needs no question.
//
// The error is that nothing can be shown; the person has been told.
func (a *agent) askLink(uri string) error {
	shown, err := a.askAbout(uri)
	if err == nil {
		err = a.asker.begun(shown)
	}
	return err
}

// askAbout is askLink that does not wait for a question without a window. shown is the id of
// the link that is asked about, 0 for none.
func (a *agent) askAbout(uri string) (shown uint64, err error) {
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.account().Validate() != nil {
		p := a.plan(uri, number.Link)
		l.kept.keep(uri, p.Outcome != number.Error, time.Now())
		return 0, a.openWindow(channel.Show{Window: channel.WindowAssistant, Reason: words.LinkWaits()}, nil)
	}
	err = a.askLocked(uri, 0)
	return l.limiter.shown, err
}

// askKept asks about the link that was kept until there would be an account. Where
// there is none yet it does nothing.
func (a *agent) askKept() {
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.account().Validate() != nil {
		return
	}
	if uri, more := l.kept.pop(time.Now()); uri != "" {
		_ = a.askLocked(uri, more) // the person has been told
	}
}

// askLocked asks about uri; more is how many other links were dropped since it came.
// It is called with links.mu held.
func (a *agent) askLocked(uri string, more int) error {
	l, p, now := &a.links, a.plan(uri, number.Link), time.Now()
	if p.Outcome == number.Error {
		return a.offerUnreadLocked(p, more)
	}
	fresh := l.limiter.arrive(now)
	if fresh {
		l.plan = p
		l.limiter.more = more
	}
	if l.limiter.shown == 0 {
		return nil // muted
	}
	if id := l.limiter.shown; fresh && p.Outcome == number.Dial && l.limiter.trust(id, now) {
		a.tasks.Go(func(ctx context.Context) { a.dialTrusted(ctx, id, p) })
		return nil
	}
	return a.showLinkLocked(fresh)
}

// offerUnreadLocked shows a link that cannot be read in the dial window, with the
// reason, to be corrected; where there is no window, the person is asked which of its numbers
// to call. It is called with links.mu held.
func (a *agent) offerUnreadLocked(p consent.Made, more int) error {
	l := &a.links
	switch fresh := l.limiter.arriveUnread(time.Now()); {
	case fresh:
		l.limiter.unreadMore += more
		l.unreadFault = string(p.Error)
		l.unread = channel.Show{
			Window: channel.WindowDial, Link: l.limiter.unread,
			Text: shownText(p.Input),
		}
		l.unread.Choices = consent.OfferOf(p.Plan).Choices
	case l.limiter.shown != 0:
		return a.showLinkLocked(false) // it is counted there
	case l.limiter.unread == 0:
		return nil
	}
	l.unread.Reason = words.LinkUnread(l.unreadFault, l.limiter.unreadMore)
	// Not showWindow: for a text that has to be corrected first no connection to the
	// PBX is opened.
	var instead func(context.Context)
	if len(l.unread.Choices) > 0 {
		instead = func(ctx context.Context) { a.askElsewhere(ctx, p, &status.Problem{Code: status.CodeSeveral}) }
	}
	err := a.windows.show(l.unread, instead)
	if err != nil {
		l.limiter.leaveUnread(l.limiter.unread)
	}
	if instead != nil && !errors.Is(err, errEnding) {
		return nil // the person is asked
	}
	return err
}

// dialTrusted calls a link without asking. Where that does not work, as while
// another call goes on, it is asked about like any other.
func (a *agent) dialTrusted(ctx context.Context, id uint64, p consent.Made) {
	placed, err := a.dial(ctx, p)
	l := &a.links
	l.mu.Lock()
	l.limiter.done(id, err == nil, time.Now())
	switch {
	case err == nil:
		l.trustedCall = placed.ID
	case ctx.Err() == nil:
		_ = a.showLinkLocked(true) // the person has been told
	}
	l.mu.Unlock()
	a.trustedCallEnded(a.dialer.Snapshot().Call) // it may have ended before its id was noted
}

// trustedCallEnded takes notice of a call that is over. A person who hangs up the
// call of a trusted link before it is answered, or declines it on the phone, has
// refused that link.
func (a *agent) trustedCallEnded(c *call.Snapshot) {
	if c == nil || c.Live() {
		return
	}
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trustedCall == "" || c.ID != l.trustedCall {
		return
	}
	l.trustedCall = ""
	declined := c.State == call.Failed && c.Cause == call.OwnDeclined
	if (c.State == call.Cancelled || declined) && l.limiter.refuseCall(time.Now()) {
		a.tellMuted()
	}
}

// showLinkLocked shows the question, or only its new counts where it is not fresh. It
// is called with links.mu held.
func (a *agent) showLinkLocked(fresh bool) error {
	l := &a.links
	if l.limiter.calling {
		return nil // a trusted link is being called, of which nothing is shown
	}
	q := l.questionLocked(a.nameAmongSeveral())
	if a.asker.count(q.Offer.ID, q.More) {
		return nil
	}
	if err := a.windows.ask(q); err != nil {
		a.Log.Error("a link cannot be asked about", slog.Any("err", err))
		l.limiter.abandon(l.limiter.shown)
		return err
	}
	if fresh {
		a.prepare()
	}
	return nil
}

// questionLocked is what the window shows; account is to be named there. It is called with mu
// held.
func (l *links) questionLocked(account string) channel.Ask {
	q := channel.Ask{Offer: consent.OfferOf(l.plan.Plan), More: l.limiter.more, Ignored: l.limiter.skipped, Account: account}
	q.Offer.ID = l.limiter.shown
	if l.plan.Outcome == number.Dial { // trusted, but it could not be called at once
		q.Offer.Reasons = []string{string(number.ReasonLink)}
	}
	return q
}

// answer is what the person answered to a link that was shown. A yes is consent to the
// plan that was shown with it, and to nothing else.
func (h *windowHandler) answer(ctx context.Context, p channel.AnswerParams) (ipc.None, error) {
	if !p.Yes {
		h.refuseLink(p.ID)
		return ipc.None{}, nil
	}
	return ipc.None{}, refusal(h.dialLink(ctx, p.ID, p.Wish), status.AttemptDial)
}

// dialLink dials the link that was shown as id, to which there was a yes with w.
func (a *agent) dialLink(ctx context.Context, id uint64, w status.Wish) error {
	l := &a.links
	l.mu.Lock()
	plan, ok := l.plan, l.limiter.agree(id)
	l.mu.Unlock()
	if !ok {
		return &status.Problem{Code: status.CodeConfirm}
	}
	a.windows.agree(id)
	agreed, err := plan.Agreed(w)
	if err == nil {
		_, err = a.dial(ctx, agreed)
	}
	if err == nil {
		a.windows.answered(id)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limiter.done(id, err == nil, time.Now())
	if errors.Is(err, dialer.ErrAccountChanged) {
		err = cmp.Or(a.askAnewLocked(id), err)
	}
	return err
}

// askAnewLocked asks about the link that was shown as id, as the rules of now have it:
// no yes is good any more for what was shown. The error is that it may no longer be
// dialled. It is called with links.mu held.
func (a *agent) askAnewLocked(id uint64) error {
	l := &a.links
	p := a.plan(l.plan.Input, number.Link)
	if p.Outcome == number.Error {
		return consent.NotNumber(p.Error)
	}
	if l.limiter.renew(id) {
		l.plan = p
		_ = a.showLinkLocked(true) // the person has been told
	}
	return nil
}

// refuseLink takes a no. For a link that is no number it is only the news that the
// dial window no longer shows it.
func (a *agent) refuseLink(id uint64) {
	a.windows.answered(id)
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limiter.leaveUnread(id) && l.limiter.refuse(id, time.Now()) {
		a.tellMuted()
	}
}

// tellMuted tells the person that links are muted: a click on one does nothing for
// a while.
func (a *agent) tellMuted() {
	a.Log.Info("links are muted: several were refused")
	a.notices.show("links", words.LinksMuted())
}

// abandon forgets a link whose window is gone without an answer.
func (l *links) abandon(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limiter.abandon(id)
}
