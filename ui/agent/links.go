package agent

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// maxLink is how much of a link is passed on, in bytes. It is more than
// number.Parse takes, so that what is cut here is refused there.
const maxLink = 512

// LinkOf finds out whether the program was started for a link: one argument
// that is one. It is asked before any option or command is looked for, because
// the argument is somebody else's.
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

// handOver gives the agent that runs already what this one was started for.
func (a *agent) handOver(ctx context.Context, c *control.Client) error {
	if a.Link != "" {
		return c.Link(ctx, a.Link)
	}
	return c.Show(ctx, "")
}

// links is what the agent knows of the link that a person is being asked about.
type links struct {
	mu   sync.Mutex // guards what follows; windows.mu may be taken under it
	gate gate
	uri  string
	plan number.Plan // of uri, as it is shown
	kept keptLink

	unread   channel.Show // the one that cannot be read, as it is shown
	unreadIs string       // why, dialer/number's code
	unasked  string       // the id of the latest call that nobody was asked about, until it ends
}

// keptLink is a link that came while nothing was set up. It is the only one that
// is ever kept: who clicked it is led through the assistant first, and then
// wants to be asked about it.
type keptLink struct {
	uri      string // "": none
	readable bool
	at       time.Time
	more     int // dropped since
}

// keepTime is how long a set-up may take before a link is asked about that
// nobody remembers having clicked.
const keepTime = 30 * time.Minute

// keep keeps uri, unless one is kept; one that can be read has precedence.
func (k *keptLink) keep(uri string, readable bool, now time.Time) {
	switch {
	case k.uri == "" || now.Sub(k.at) >= keepTime:
		*k = keptLink{uri: uri, readable: readable, at: now}
	case readable && !k.readable:
		*k = keptLink{uri: uri, readable: true, at: now, more: k.more + 1}
	default:
		k.more++
	}
}

// take returns the kept link, if there is one that is not too old, and keeps it
// no longer.
func (k *keptLink) take(now time.Time) (uri string, more int) {
	was := *k
	*k = keptLink{}
	if was.uri == "" || now.Sub(was.at) >= keepTime {
		return "", 0
	}
	return was.uri, was.more
}

// askLink asks the person about a link, unless they are being asked about
// another or have just refused several. Where nothing is set up yet that comes
// first. Nothing is dialled, but for a link that the settings trust and that has
// nothing to ask about.
func (a *agent) askLink(uri string) {
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.account().Validate() != nil {
		p := number.Parse(uri, number.Link, a.rules().numbers)
		l.kept.keep(uri, p.Outcome != number.Error, time.Now())
		a.showWindow(channel.Show{Window: channel.WindowAssistant, Reason: words.LinkWaits()})
		return
	}
	a.askLocked(uri, 0)
}

// askKept asks about the link that was kept until there is an account, if there
// is one now.
func (a *agent) askKept() {
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.account().Validate() != nil {
		return
	}
	if uri, more := l.kept.take(time.Now()); uri != "" {
		a.askLocked(uri, more)
	}
}

// askLocked asks about uri, since which more others were dropped. It is called
// with links.mu held.
func (a *agent) askLocked(uri string, more int) {
	l, r, now := &a.links, a.rules(), time.Now()
	p := number.Parse(uri, number.Link, r.numbers)
	if p.Outcome == number.Error {
		a.offerUnread(p, more)
		return
	}
	fresh := l.gate.arrive(now)
	if fresh {
		l.uri, l.plan = uri, p
		l.gate.more = more
	}
	if l.gate.shown == 0 {
		return // muted
	}
	if id := l.gate.shown; fresh && p.Outcome == number.Dial && l.gate.trust(id, now) {
		a.tasks.Go(func(ctx context.Context) { a.dialTrusted(ctx, id, p, r.epoch) })
		return
	}
	a.showLink(fresh)
}

// offerUnread shows a link that cannot be read in the dial window, with the
// reason, to be corrected. It is called with links.mu held.
func (a *agent) offerUnread(p number.Plan, more int) {
	l := &a.links
	switch fresh := l.gate.arriveUnread(time.Now()); {
	case fresh:
		l.gate.unreadMore += more
		l.unreadIs = string(p.Error)
		l.unread = channel.Show{
			Window: channel.WindowDial, Link: l.gate.unread,
			Text: shownText(p.Input),
		}
		l.unread.Choices = consent.Offers(p)
	case l.gate.shown != 0:
		a.showLink(false) // it is counted there
		return
	case l.gate.unread == 0:
		return
	}
	l.unread.Reason = words.LinkUnread(l.unreadIs, l.gate.unreadMore)
	if err := a.windows.show(l.unread); err != nil { // nor is the PBX prepared for it
		l.gate.leaveUnread(l.gate.unread)
	}
}

// dialTrusted calls a link without asking. Where that does not work, as while
// another call goes on, it is asked about like any other.
func (a *agent) dialTrusted(ctx context.Context, id uint64, p number.Plan, in dialer.Epoch) {
	placed, err := a.dialer.DialIn(ctx, in, p)
	l := &a.links
	l.mu.Lock()
	l.gate.done(id, err == nil, time.Now())
	switch {
	case err == nil:
		l.unasked = placed.ID
	case ctx.Err() == nil:
		a.showLink(true)
	}
	l.mu.Unlock()
	a.unaskedEnded(a.dialer.Snapshot().Call) // it may have been quicker than we
}

// unaskedEnded takes notice of a call that is over. Who hangs up one that a link
// placed unasked, before it was answered, or declines it on the phone, has refused
// that link.
func (a *agent) unaskedEnded(c *call.Snapshot) {
	if c == nil || c.Live() {
		return
	}
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unasked == "" || c.ID != l.unasked {
		return
	}
	l.unasked = ""
	declined := c.State == call.Failed && c.Cause == call.OwnDeclined
	if (c.State == call.Cancelled || declined) && l.gate.refuseCall(time.Now()) {
		a.tellMuted()
	}
}

// showLink shows the question, or its new counts. It is called with links' mu
// held.
func (a *agent) showLink(fresh bool) {
	l := &a.links
	if l.gate.calling {
		return // a trusted one, of which nothing is shown
	}
	if err := a.windows.ask(l.question()); err != nil {
		a.Log.Error("a link cannot be asked about", slog.Any("err", err))
		l.gate.abandon(l.gate.shown)
		return
	}
	if fresh {
		a.prepare()
	}
}

// question is what the window shows. It is called with mu held.
func (l *links) question() channel.Ask {
	q := channel.Ask{ID: l.gate.shown, Preview: previewOf(l.plan), More: l.gate.more, Ignored: l.gate.skipped}
	if l.plan.Outcome == number.Dial { // trusted, but it could not be called at once
		q.Preview.Reasons = []string{string(number.ReasonLink)}
	}
	return q
}

// Answer is the person's to the link that was shown as id. A yes is one to
// dial, the dial string they saw.
func (c *clerk) Answer(ctx context.Context, id uint64, yes bool, dial string) *status.Problem {
	l := &c.links
	if !yes {
		c.refuseLink(id)
		return nil
	}
	l.mu.Lock()
	uri, ok := l.uri, l.gate.agree(id)
	l.mu.Unlock()
	if !ok {
		return &status.Problem{Code: status.CodeConfirm}
	}
	c.windows.agreed(id)
	err := c.dialLink(ctx, uri, dial)
	if err == nil {
		c.windows.answered(id)
	}
	l.mu.Lock()
	l.gate.done(id, err == nil, time.Now())
	l.mu.Unlock()
	return dialer.ProblemOf(err, status.AttemptDial)
}

// dialLink dials what uri means under the present rules, if that is what the
// person said yes to.
func (a *agent) dialLink(ctx context.Context, uri, agreed string) error {
	r := a.rules()
	p := number.Parse(uri, number.Link, r.numbers)
	if p.Outcome == number.Error {
		return consent.NotNumber(p.Error)
	}
	if p.Dial != agreed {
		return consent.Confirm(p)
	}
	_, err := a.dialer.DialIn(ctx, r.epoch, p.Consented())
	return err
}

// refuseLink takes a no, or that a link that could not be read is dealt with.
func (a *agent) refuseLink(id uint64) {
	a.windows.answered(id)
	l := &a.links
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.gate.leaveUnread(id) && l.gate.refuse(id, time.Now()) {
		a.tellMuted()
	}
}

// tellMuted says that links are muted: from now on one that is clicked does
// nothing for a while.
func (a *agent) tellMuted() {
	a.Log.Info("links are muted: several were refused")
	a.notices.show("links", words.LinksMuted())
}

// abandon forgets the link that a window was asked to show which is gone.
func (l *links) abandon(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gate.abandon(id)
}
