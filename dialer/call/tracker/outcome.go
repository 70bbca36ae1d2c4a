package tracker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// attempt is one channel that was called, and its result.
type attempt struct {
	local  bool // a nested Local channel, behind which a dialplan calls others
	rang   bool // it rang, or played something of its own
	up     bool // somebody picked up, and may have to confirm it
	gone   bool
	by     string // who called it, by Uniqueid, where that was seen
	status string // its DialEnd
	each   bool   // which was for this channel alone
	cause  int    // of its Hangup
	began  time.Time
	lasted time.Duration
}

// decided reports whether it has answered, or will not.
func (t *attempt) decided() bool { return t.status != "" || t.gone }

// told reports whether no later event can say better why it did not answer. Most
// DialEnds say too little; the cause of the Hangup after it says more.
func (t *attempt) told() bool {
	return t.decided() && t.up || t.gone && t.status != "" || t.status == "BUSY" || t.status == "CANCEL"
}

// meaning is that of its DialEnd, or of its Hangup where DialEnd leaves it open:
// Asterisk says NOANSWER for whatever is neither busy, congested nor without a
// channel (ast_hangup_cause_to_dial_status of main/dial.c).
func (t *attempt) meaning() meaning {
	m := meaningOf(t.cause)
	switch {
	case t.status == "BUSY":
		return engaged
	case t.status == "CANCEL", t.status == "" && t.rang:
		return vague // hung up by us: the cause may be another leg's (16.28)
	case t.each && t.status == "NOANSWER" && (m == engaged || t.cause == 34 || t.cause == 3 || t.cause == 20):
		return vague // the same: of its own it would have another status
	case m != vague:
		return m
	case t.status == "CONGESTION":
		return failing
	case t.status == "CHANUNAVAIL":
		return unreachable
	}
	return vague
}

// countsAsRinging is how long a channel of which ringing would not be told must have been
// called for its silence to count as ringing: an Asterisk before 14 does not
// tell of early media.
const countsAsRinging = 5 * time.Second

// immediately is how soon a phone answers that is set not to disturb. What ends later
// with the same cause was given up (Asterisk 22 says 19 of that, too).
const immediately = 2 * time.Second

// attempts are the channels that one side called, by Uniqueid.
type attempts map[string]*attempt

// of returns the try of a channel; a new one if there is none yet.
func (ts attempts) of(ch ami.Channel, now time.Time) *attempt {
	t := ts[ch.UniqueID]
	if t == nil {
		t = &attempt{began: now}
		if len(ts) < familyCap {
			ts[strings.Clone(ch.UniqueID)] = t
		}
	}
	t.local = t.local || strings.HasPrefix(ch.Name, "Local/")
	return t
}

// ended takes a DialEnd. That of Asterisk 11 names no channel and counts for all that
// the same channel called.
func (ts attempts) ended(e ami.DialEnd, now time.Time) {
	if e.Dest.UniqueID == "" && len(ts) > 0 {
		for _, t := range ts {
			if t.by == "" || t.by == e.Src.UniqueID {
				t.end(e.Status, now)
			}
		}
		return
	}
	t := ts.of(e.Dest, now)
	t.end(e.Status, now)
	t.each = true
}

func (t *attempt) end(status string, now time.Time) {
	if t.status == "" {
		t.status = strings.Clone(status)
		t.lasted = max(t.lasted, now.Sub(t.began))
	}
}

func (ts attempts) hungUp(id string, cause int, now time.Time) {
	if t := ts[id]; t != nil && !t.gone {
		t.gone, t.cause = true, cause
		t.lasted = max(t.lasted, now.Sub(t.began))
	}
}

func (ts attempts) all(is func(*attempt) bool) bool {
	for _, t := range ts {
		if !is(t) {
			return false
		}
	}
	return true
}

func (ts attempts) any(is func(*attempt) bool) bool {
	return !ts.all(func(t *attempt) bool { return !is(t) })
}

// phones are the tries that say how it went: nested Local channels only where
// nothing was called behind them.
func (ts attempts) phones() []*attempt {
	phones, nested := ts.parted()
	if len(phones) == 0 {
		return nested
	}
	return phones
}

// parted are the phones, and the nested Local channels.
func (ts attempts) parted() (phones, nested []*attempt) {
	for _, t := range ts {
		if t.local {
			nested = append(nested, t)
		} else {
			phones = append(phones, t)
		}
	}
	return phones, nested
}

// first returns the cause of them that stands first in rank; "" where there is
// none.
func first(tried []*attempt, rank []call.Cause, of func(*attempt) call.Cause) call.Cause {
	best := len(rank)
	for _, t := range tried {
		if i := slices.Index(rank, of(t)); i >= 0 {
			best = min(best, i)
		}
	}
	if best == len(rank) {
		return ""
	}
	return rank[best]
}

// detail is what the PBX sent of the attempt that the cause is of.
func detail(tried []*attempt, of func(*attempt) bool) []string {
	for _, t := range tried {
		if of(t) {
			var d []string
			if t.status != "" {
				d = append(d, "DialStatus "+t.status)
			}
			if t.cause != 0 {
				d = append(d, fmt.Sprintf("cause %d", t.cause))
			}
			return d
		}
	}
	return nil
}

// ownOutcome is what is known of why the person's own phone did not answer.
type ownOutcome struct {
	direct bool // Request.Direct: a phone of which there was no channel was not there
	tries  attempts
	rang   bool
	pair   string // DialEnd of the Local pair, all there is where no phone could be called
	reason *int   // of the failed OriginateResponse
	hcause int    // the first telling Hangup cause of the pair
}

// over reports whether the PBX said that the own phone will not answer.
func (o *ownOutcome) over() bool { return o.reason != nil || o.pair != "" }

// named reports whether the cause is known, so that no later event can name it better.
func (o *ownOutcome) named() bool {
	if phones := o.tries.phones(); len(phones) > 0 {
		if o.reason != nil && *o.reason == 3 && o.tries.any(func(t *attempt) bool { return t.rang }) {
			return true // the time to ring is over, and one of them rang to the end
		}
		return !slices.ContainsFunc(phones, func(t *attempt) bool { return !t.told() })
	}
	if o.reason != nil && *o.reason == 3 {
		return true
	}
	// CHANUNAVAIL of the pair can mean a phone that is not there or a dialplan
	// that refused; the cause of a Hangup, which may come later, tells.
	return o.pair == "BUSY" || (o.pair == "CHANUNAVAIL" && o.hcause != 0)
}

func (o *ownOutcome) hungUp(cause int) {
	if o.hcause == 0 || o.hcause == 16 {
		o.hcause = cause
	}
}

func (o *ownOutcome) cause() call.Cause {
	if c := first(o.tries.phones(), ownRank, o.ofPhone); c != "" {
		return c
	}
	// No phone was called, or it was not seen.
	switch m := meaningOf(o.hcause); {
	case o.rang:
		return ownCause(vague, true)
	case o.direct && o.reason != nil && *o.reason == 5:
		return call.OwnBusy
	case o.direct && o.hcause == 0:
		return call.OwnUnreachable
	case o.pair == "BUSY", m == engaged, m == absent && o.hcause != 20, o.reason != nil && *o.reason == 5:
		return call.OwnDoNotDisturb // the PBX itself says so, not a phone
	case o.reason != nil && *o.reason == 3:
		return call.OwnNoAnswer // the PBX says so, and nothing else is known
	case m == unreachable, m == absent:
		return call.OwnUnreachable
	}
	return call.Refused
}

// ofPhone is how one of the person's phones took the call. A phone that is set
// not to disturb answers 480 at once, if not 486.
func (o *ownOutcome) ofPhone(t *attempt) call.Cause {
	switch {
	case t.up && (!t.decided() || t.meaning() == vague):
		return call.OwnNotConfirmed
	case t.local && !t.rang && t.meaning() == engaged:
		return call.OwnDoNotDisturb // behind it no phone was called
	case !t.rang && t.lasted < immediately && t.status != "CANCEL" && (t.cause == 19 || t.cause == 31):
		return call.OwnDoNotDisturb
	}
	return ownCause(t.meaning(), t.rang)
}

func (o *ownOutcome) detail() clean.Foreign {
	cause := o.cause()
	d := detail(o.tries.phones(), func(t *attempt) bool { return o.ofPhone(t) == cause })
	if len(d) == 0 {
		if o.pair != "" {
			d = append(d, "DialStatus "+o.pair)
		}
		if o.hcause != 0 {
			d = append(d, fmt.Sprintf("cause %d", o.hcause))
		}
	}
	if o.reason != nil {
		if *o.reason < 0 {
			d = append(d, "unknown reason")
		} else {
			d = append(d, fmt.Sprintf("reason %d", *o.reason))
		}
	}
	return clean.Foreign(strings.Join(d, ", "))
}

// ownSettles decides once the PBX has said that the own phone will not
// answer: at once where the cause is named, otherwise after a moment.
func (c *Call) ownSettles(now time.Time) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	switch {
	case !c.own.over():
	case c.own.named() || c.cancelled:
		c.finish(now)
	case len(c.legs) > 0:
		c.setDeadline(now.Add(responseGrace), c.finish)
	default:
		c.setDeadline(now.Add(grace), c.finish)
	}
}

// farOutcome is what is known of why the other side did not answer.
type farOutcome struct {
	tries attempts        // of the dialplan's present try; what came before it has failed
	over  map[string]bool // channels of the tries before
	half  int             // the cause with which Local;1 was hung up: all there is where nobody was called
	tells bool            // the PBX tells of ringing and early media (DialState)
	voice bool            // with nobody being called, the PBX plays something that is no answer
	tone  call.Cause      // the PBX plays a tone that says this
}

// calling reports whether somebody is being called and may still answer.
func (f *farOutcome) calling() bool {
	return f.tries.any(func(t *attempt) bool { return !t.decided() })
}

// failed reports whether no attempt was answered, and at least one was not just
// cancelled (by the person, or by a phone that forwards its calls).
func (f *farOutcome) failed() bool {
	return !f.calling() && f.tries.any(func(t *attempt) bool { return t.status != "CANCEL" })
}

// summary are the tries that say how it went. What each nested Local channel was
// hung up with sums up what is behind it: of a group one phone may be busy and
// another decline after a while, which the PBX calls no answer. Where the dialplan
// just hangs up it says nothing, and the phones do.
func (f *farOutcome) summary() []*attempt {
	_, nested := f.tries.parted()
	if len(nested) == 0 || slices.ContainsFunc(nested, func(t *attempt) bool { return !t.gone || meaningOf(t.cause) == vague }) {
		return f.tries.phones()
	}
	return nested
}

// said reports whether each of them failed by itself; those that are cancelled when
// the person hangs up have the status CANCEL.
func (f *farOutcome) said() bool {
	return f.tries.all(func(t *attempt) bool { return t.status != "" && t.status != "CANCEL" })
}

func (f *farOutcome) cause() call.Cause {
	if c := first(f.summary(), farRank, f.ofPhone); c != "" {
		return c
	}
	return call.Refused // a DialStatus of which nothing is known
}

func (f *farOutcome) ofPhone(t *attempt) call.Cause {
	switch t.status {
	case "", "BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "CONTINUE", "ANSWER":
	default:
		return ""
	}
	// Who picks up and does not confirm it has not answered.
	rang := t.rang || t.up || !f.tells && t.lasted >= countsAsRinging
	return farCause(t.meaning(), rang)
}

func (f *farOutcome) detail() clean.Foreign {
	cause := f.cause()
	return clean.Foreign(strings.Join(detail(f.summary(), func(t *attempt) bool { return cause == call.Refused || f.ofPhone(t) == cause }), ", "))
}

// uncalled is the cause where the dialplan has ended and called nobody.
func (f *farOutcome) uncalled() call.Cause {
	switch m := meaningOf(f.half); {
	case f.tone != "":
		return f.tone
	case m == vague, m == declined:
		return "" // the dialplan wanted it so
	default:
		return farCause(m, false)
	}
}

// farDialled handles that the dialplan calls somebody, for the first time or after
// another attempt failed.
func (c *Call) farDialled(dest ami.Channel, now time.Time) {
	id := dest.UniqueID
	if c.far.over[id] || c.far.tries[id] != nil {
		return // a repeated event
	}
	c.ownAnsweredBefore()
	if !c.far.calling() {
		c.withdraw()
	}
	t := c.far.tries.of(dest, now)
	if cause, gone := c.gone[id]; gone || id == "" {
		t.gone, t.cause = true, cause
	}
	c.deadline, c.onTick = time.Time{}, nil
	c.farNamed(dest)
}

// withdraw takes back the cause that was told: somebody else is called.
func (c *Call) withdraw() {
	for id := range c.far.tries {
		if c.far.over == nil {
			c.far.over = make(map[string]bool)
		}
		if id != "" && len(c.far.over) < familyCap {
			c.far.over[id] = true
		}
	}
	clear(c.far.tries)
	c.far.voice, c.far.tone = false, ""
	switch c.snap.State {
	case call.RingingFar:
		c.setState(call.AnsweredOwn)
	case call.InCall:
		if c.snap.ByPBX { // no service of the PBX after all, only a slow dialplan
			c.setState(call.AnsweredOwn)
			c.snap.Answered = time.Time{}
		}
	}
	if c.snap.State == call.AnsweredOwn {
		c.snap.ByPBX = false
		c.setCause("", "")
	}
}

// ownAnsweredBefore: the dialplan goes on to the far side only once the own
// phone was picked up, whatever event of that is still on its way.
func (c *Call) ownAnsweredBefore() {
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.setState(call.AnsweredOwn)
	}
}

// farFailed handles an attempt that is not answered. The call goes on for as long as
// its channels live: the dialplan may call somebody else, or answer by itself. So the
// cause is told of a live call, and only after a moment (grace), because mostly the
// call ends by then.
func (c *Call) farFailed(e ami.DialEnd, now time.Time) {
	if c.far.over[e.Dest.UniqueID] {
		return
	}
	c.ownAnsweredBefore()
	c.far.tries.ended(e, now)
	if c.farPending() && c.far.failed() {
		c.setDeadline(now.Add(grace), c.farTold)
	}
}

// farPending: the own phone is picked up and the other side has not answered.
func (c *Call) farPending() bool {
	return c.snap.State == call.AnsweredOwn || c.snap.State == call.RingingFar
}

func (c *Call) farTold(now time.Time) {
	if !c.farPending() || !c.far.failed() {
		return
	}
	if len(c.legs) == 0 {
		c.finish(now)
		return
	}
	c.setState(call.AnsweredOwn)
	c.setCause(c.far.cause(), c.far.detail())
	c.setDeadline(now.Add(serviceAfter-grace), c.service)
}

// pbxPlays takes what the PBX plays to the person by itself: a tone (Busy and
// Congestion of a dialplan), or anything else that is no answer (Progress). It
// tells of both as if Local;2 had been called, by nobody (seen on 16.28 and 22.10).
func (c *Call) pbxPlays(tone call.Cause, now time.Time) {
	c.ownAnswered(now) // whatever event of that is still on its way
	if c.snap.State == call.InCall && c.snap.ByPBX {
		c.far.tone = tone
	}
	if !c.farPending() || c.far.calling() {
		return
	}
	c.far.voice = true
	c.snap.ByPBX = true
	if tone != "" && len(c.far.tries) == 0 {
		c.far.tone = tone
		c.setCause(tone, "")
	}
}

// service handles that nobody is called and the own phone is connected to the PBX
// itself.
func (c *Call) service(now time.Time) {
	switch {
	case !c.farPending() || c.far.calling() || c.far.voice:
	case len(c.legs) == 0:
		c.nothingCame(now)
	default:
		c.inCall(now)
		c.snap.ByPBX = true
	}
}

// setCause sets, or clears, why nobody answers a live call.
func (c *Call) setCause(cause call.Cause, detail clean.Foreign) {
	if c.pickedUpByOther {
		cause = call.OwnElsewhere
	}
	c.snap.Cause, c.snap.Detail = cause, detail
}

// farNamed keeps the PBX's name for the other side.
func (c *Call) farNamed(ch ami.Channel) {
	if n := ch.CallerIDName.Text(); n != "" && n != c.req.Number && !strings.Contains(n, c.req.Number) {
		c.snap.FarName = clean.Foreign(strings.Clone(n))
	}
}
