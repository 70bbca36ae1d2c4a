package tracker

import (
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

const (
	// grace is how long after a failure something may still come that names
	// its cause or goes on: a DialEnd behind its OriginateResponse, the far
	// leg's Hangup, the dialplan's next trunk.
	grace = time.Second

	// behind is the same after a failed OriginateResponse while channels of the
	// call live: Asterisk sends that one around the queue of its channels'
	// events, and where it is short of CPU they come seconds later (22.10).
	behind = 5 * time.Second

	// serviceAfter is when a picked-up phone with nobody being called is
	// talking to the PBX itself: the echo test, voicemail, a conference.
	serviceAfter = 3 * time.Second

	// silence is how long after the own phone's time to ring the PBX may
	// stay silent before the call is given up as unknown.
	silence = 10 * time.Second
)

// Request is what was asked of the PBX.
type Request struct {
	ID             string // ours, for people and scripts
	ActionID       string // of the Originate
	ChannelID      string // asked for as the Uniqueid of Local;1
	OtherChannelID string // asked for as the Uniqueid of Local;2
	Channel        string // "Local/7101@c2c"
	Number         string // the dial string, as sent
	CallerName     string // the name in CallerID, as sent; it begins with CallerNames
	Extension      string
	RingTime       time.Duration // how long the own phone may ring
}

// CallerNames begins the name in CallerID of every request of ours. The number
// follows, so that it names the call where there is no id (Asterisk 11).
const CallerNames = "c2c: "

// Call is one call's state machine. It is not safe for concurrent use.
type Call struct {
	req  Request
	snap call.Snapshot

	legs  map[string]*leg     // live channels by Uniqueid
	gone  map[string]struct{} // hung up; a late or repeated event must not revive them
	bases map[string]side     // sides of nested Local pairs, by name without ;1 and ;2
	born  bool                // some channel was seen

	cancelled bool       // the person asked to hang up
	serviced  bool       // InCall was assumed: a service of the PBX answers
	before    call.State // what it was when the link was lost
	gap       bool       // channels were born unseen: what was not seen proves nothing

	recalled map[string]MemoLeg // of a Memo, by Uniqueid, until Restore has found them

	own ownOutcome
	far farOutcome

	deadline time.Time // when Tick has something to decide; zero: nothing
	onTick   func(now time.Time)
}

// New starts following the call asked for by r.
func New(r Request, now time.Time) *Call {
	c := &Call{
		req: r,
		snap: call.Snapshot{
			ID: r.ID, Number: r.Number, Extension: r.Extension,
			State: call.Requested, Requested: now,
		},
		legs:  make(map[string]*leg, 8),
		gone:  make(map[string]struct{}, 8),
		bases: make(map[string]side),
	}
	c.await(now.Add(r.RingTime+silence), c.nothingCame)
	return c
}

// Snapshot is how the call stands now.
func (c *Call) Snapshot() call.Snapshot { return c.snap }

// Over reports whether the call has reached an end and none of its channels
// is left: nothing more will come of it.
func (c *Call) Over() bool { return !c.snap.Live() && c.snap.State != call.Unknown && len(c.legs) == 0 }

// Deadline is when Tick wants to be called; zero: not at all.
func (c *Call) Deadline() time.Time { return c.deadline }

// Tick lets time pass.
func (c *Call) Tick(now time.Time) {
	if c.deadline.IsZero() || now.Before(c.deadline) {
		return
	}
	f := c.onTick
	c.deadline, c.onTick = time.Time{}, nil
	f(now)
}

// Refused ends the call: the PBX answered the Originate with an error.
func (c *Call) Refused(cause call.Cause, words string, now time.Time) {
	if c.snap.State != call.Requested {
		return // the first answer counts
	}
	c.snap.Detail = words
	c.fail(cause, now)
}

// Cancel notes that the person wants the call to end. The owner hangs up
// Channels; the call is over when they are gone.
func (c *Call) Cancel() {
	if c.snap.Live() {
		c.cancelled = true
	}
}

// Cancelled reports whether the person asked for the end of the call, so that
// a channel born later is to be hung up too.
func (c *Call) Cancelled() bool { return c.cancelled }

// Apply takes one event of our own call (see Family) and reports whether the
// Snapshot changed. Events may be repeated and out of order.
func (c *Call) Apply(e ami.Event, now time.Time) bool {
	before := c.snap
	if c.snap.State == call.Unknown && c.snap.Cause == "" {
		// Given up too early: the PBX speaks again.
		c.snap.State, c.snap.Ended = c.before, time.Time{}
	}
	switch e := e.(type) {
	case ami.Newchannel:
		c.learn(e.Channel)
	case ami.NewCallerid:
		c.named11(e.Channel)
	case ami.Newstate:
		c.newstate(e.Channel, now)
	case ami.DialBegin:
		c.dialBegin(e)
	case ami.DialState:
		c.dialState(e)
	case ami.DialEnd:
		c.dialEnd(e, now)
	case ami.Bridge:
		c.bridge11(e, now)
	case ami.Rename:
		if l := c.legs[e.Channel.UniqueID]; l != nil {
			l.name = e.NewName
		}
	case ami.OriginateResponse:
		c.originateResponse(e, now)
	case ami.HangupEvent:
		c.hangup(e, now)
	}
	if len(c.legs) == 0 && c.snap.Live() && c.deadline.IsZero() {
		if c.born {
			c.await(now.Add(grace), c.empty) // what came late does not keep it alive
		} else {
			c.await(now.Add(silence), c.nothingCame)
		}
	}
	return c.snap != before
}

func (c *Call) dialBegin(e ami.DialBegin) {
	s := c.beyond(e.Src)
	l := c.learn(e.Dest)
	if s == sideUnknown || (l != nil && (l.side == halfOne || l.side == halfTwo)) {
		return
	}
	if l != nil {
		l.side = s
	}
	if base, _, ok := strings.Cut(e.Dest.Name, ";"); ok && len(c.bases) < familyCap {
		c.bases[base] = s
		for _, other := range c.legs {
			if strings.HasPrefix(other.name, base+";") {
				other.side = s
			}
		}
	}
	switch s {
	case sideOwn:
		c.own.dialled = true
	case sideFar:
		c.farDialled(e.Dest)
	}
}

func (c *Call) dialState(e ami.DialState) {
	if e.Status != "RINGING" && e.Status != "PROGRESS" {
		return
	}
	c.ringing(c.legSide(e.Dest, e.Src), e.Dest)
}

func (c *Call) newstate(ch ami.Channel, now time.Time) {
	l := c.learn(ch)
	if l == nil {
		return
	}
	switch ch.State {
	case chanRinging:
		c.ringing(l.side, ch)
	case chanUp:
		// A Local half is up as soon as its dialplan says Answer; only a
		// phone or a trunk that is up has been picked up.
		if strings.HasPrefix(ch.Name, "Local/") {
			return
		}
		switch l.side {
		case sideOwn:
			c.ownAnswered(now)
		case sideFar:
			c.inCall(now)
		}
	}
}

func (c *Call) ringing(s side, ch ami.Channel) {
	switch s {
	case sideOwn, halfOne:
		c.own.rang = true
		if c.snap.State == call.Requested {
			c.to(call.RingingOwn)
		}
	case sideFar:
		c.farNamed(ch)
		if c.snap.State == call.AnsweredOwn {
			c.to(call.RingingFar)
		}
	}
}

func (c *Call) dialEnd(e ami.DialEnd, now time.Time) {
	switch c.legSide(e.Dest, e.Src) {
	case halfOne: // Originate's own dial of the Local pair
		if e.Status == "ANSWER" {
			c.ownAnswered(now)
		} else if c.own.pair == "" {
			c.own.pair = e.Status
			c.ownSettles(now)
		}
	case sideOwn:
		if e.Status == "ANSWER" {
			c.ownAnswered(now)
		} else if c.own.status == "" || c.own.status == "CANCEL" {
			// Of several phones on one extension the last word counts only
			// where the others were merely called off.
			c.own.status = e.Status
			c.ownSettles(now)
		}
	case sideFar:
		c.farNamed(e.Dest)
		if e.Status == "ANSWER" {
			c.inCall(now)
		} else {
			c.farFailed(e, now)
		}
	}
}

// bridge11 is Asterisk 11's only sign that the far side answered: its Dial
// End comes when the call is over.
func (c *Call) bridge11(e ami.Bridge, now time.Time) {
	for _, ch := range []ami.Channel{e.One, e.Two} {
		if l := c.learn(ch); l != nil && l.side == sideFar && e.State != "Unlink" {
			c.inCall(now)
		}
	}
}

func (c *Call) originateResponse(e ami.OriginateResponse, now time.Time) {
	if e.ActionID != c.req.ActionID {
		return
	}
	if e.Success {
		c.ownAnswered(now)
		return
	}
	if c.own.reason == nil {
		c.own.reason = &e.Reason
		c.ownSettles(now)
	}
}

func (c *Call) hangup(e ami.HangupEvent, now time.Time) {
	id := e.Channel.UniqueID
	l := c.legs[id]
	if id == "" {
		return
	}
	if len(c.gone) < familyCap {
		c.gone[id] = struct{}{}
	}
	if l == nil {
		return
	}
	delete(c.legs, id)
	switch l.side {
	case sideFar:
		c.far.hungUp(id, e.Cause)
	case halfOne:
		c.own.hungUp(e.Cause)
		c.far.hungUp("", e.Cause) // all there is where no far leg was dialled
	case halfTwo, sideOwn:
		c.own.hungUp(e.Cause)
	}
	if !c.snap.Live() {
		return
	}
	switch {
	case len(c.legs) == 0:
		c.emptied(now)
	case c.own.over() && c.own.named():
		c.ownSettles(now)
	case c.snap.State == call.InCall && !c.has(sideOwn) && !c.has(halfOne) && !c.has(halfTwo) && !c.has(sideUnknown):
		// The person is out of it. If the far side talks on, the call was
		// transferred, and is no longer theirs to follow or to hang up.
		c.finish(now)
		clear(c.legs)
	case c.far.explained() && !c.has(halfOne):
		// The half that runs the dialplan is gone: nothing more is dialled.
		c.finish(now)
	}
}

// emptied: the last channel is gone.
func (c *Call) emptied(now time.Time) {
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		if !c.cancelled && c.own.undecided() {
			c.await(now.Add(grace), c.finish) // for the word that names the cause
			return
		}
	}
	c.finish(now)
}

// empty: no channel was known of a moment ago.
func (c *Call) empty(now time.Time) {
	if len(c.legs) == 0 {
		c.finish(now)
	}
}

// nothingCame: the PBX took the request and has said nothing since, or nothing
// of any channel, so that its end would not be noticed.
func (c *Call) nothingCame(now time.Time) {
	if c.snap.Live() && len(c.legs) == 0 || c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.before = c.snap.State
		c.snap.State, c.snap.Ended = call.Unknown, now
	}
}

func (c *Call) ownAnswered(now time.Time) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	c.to(call.AnsweredOwn)
	c.await(now.Add(serviceAfter), func(now time.Time) {
		switch {
		case c.snap.State != call.AnsweredOwn || c.far.dialled:
		case len(c.legs) == 0:
			c.nothingCame(now)
		default:
			c.serviced = true
			c.inCall(now)
		}
	})
}

func (c *Call) inCall(now time.Time) {
	switch c.snap.State {
	case call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar:
		c.to(call.InCall)
		c.snap.Answered = now
		c.far.status, c.far.leg = "", "" // of others that were rung as well
	}
}

func (c *Call) to(s call.State) {
	c.snap.State = s
	c.deadline, c.onTick = time.Time{}, nil
}

func (c *Call) await(at time.Time, f func(time.Time)) { c.deadline, c.onTick = at, f }

func (c *Call) fail(cause call.Cause, now time.Time) {
	c.to(call.Failed)
	c.snap.Cause, c.snap.Ended = cause, now
}

// finish gives the call its end. Only the first one counts.
func (c *Call) finish(now time.Time) {
	if !c.snap.Live() {
		return
	}
	switch {
	case c.snap.State == call.InCall:
		c.to(call.Ended)
		c.snap.Ended = now
	case c.cancelled:
		c.cancelledNow(now)
	case c.snap.State == call.Requested || c.snap.State == call.RingingOwn:
		c.snap.Detail = c.own.detail()
		c.fail(c.own.cause(), now)
	case c.gap && c.far.status == "":
		c.before = c.snap.State
		c.to(call.Unknown)
		c.snap.Cause, c.snap.Ended = call.LinkLost, now
	case c.far.personHungUp():
		c.cancelledNow(now)
	default:
		c.snap.Detail = c.far.detail()
		c.fail(c.far.cause(), now)
	}
}

func (c *Call) cancelledNow(now time.Time) {
	c.to(call.Cancelled)
	c.snap.Ended = now
}
