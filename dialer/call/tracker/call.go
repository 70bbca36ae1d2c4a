package tracker

import (
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

const (
	// grace is how long after a failure something may still come that names
	// its cause or goes on: a DialEnd behind its OriginateResponse, the far
	// leg's Hangup, the dialplan's next trunk. Then it is told.
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
	TakesIDs       bool          // the server is known to use the two ids: names tell nothing
	RingTime       time.Duration // how long the own phone may ring
}

// CallerNames begins the name in CallerID of every request of ours. The number
// follows, so that it names the call where there is no id (Asterisk 11).
const CallerNames = "c2c: "

// Call is one call's state machine. It is not safe for concurrent use.
type Call struct {
	req  Request
	snap call.Snapshot

	legs    map[string]*leg     // live channels by Uniqueid
	gone    map[string]int      // hung up, with this cause; a late or repeated event must not revive them
	bases   map[string]side     // sides of nested Local pairs, by name without ;1 and ;2
	rooms   map[string][]string // who is in a bridge
	born    bool                // some channel was seen
	bridged bool                // some channel was seen to enter a bridge

	byID   bool   // the PBX uses the ids that were asked for
	sure   string // where it does not: the Local pair that is ours
	linked bool   // events tell a Linkedid
	twins  bool   // and another goes by the same name, so that it may be that one

	cancelled bool          // the person asked to hang up
	putDown   bool          // the own phone went before the dialplan had ended
	refused   bool          // and by then everybody who was called had failed to answer
	taken     bool          // what picked up was none of the person's phones
	before    call.Snapshot // how it stood when the link was lost
	gap       bool          // channels were born unseen: what was not seen proves nothing

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
		gone:  make(map[string]int, 8),
		bases: make(map[string]side),
		rooms: make(map[string][]string),
		own:   ownOutcome{tries: make(tries)},
		far:   farOutcome{tries: make(tries)},
	}
	c.await(now.Add(r.RingTime+silence), c.nothingCame)
	return c
}

// Snapshot is how the call stands now.
func (c *Call) Snapshot() call.Snapshot { return c.snap }

// Over reports whether the call has reached an end and none of its channels
// is left: nothing more will come of it.
func (c *Call) Over() bool {
	return !c.snap.Live() && (c.snap.State != call.Unknown || c.twins) && len(c.legs) == 0
}

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
	c.watch(now)
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
	if c.snap.Live() && !c.cancelled {
		c.cancelled = true
		c.refused = c.far.failed()
	}
}

// Cancelled reports whether the person asked for the end of the call, so that
// a channel born later is to be hung up too.
func (c *Call) Cancelled() bool { return c.cancelled }

// Apply takes one event of our own call (see Family) and reports whether the
// Snapshot changed. Events may be repeated and out of order.
func (c *Call) Apply(e ami.Event, now time.Time) bool {
	before := c.snap
	if c.snap.State == call.Unknown && c.snap.Cause == "" && !c.twins {
		// Given up too early: the PBX speaks again.
		c.snap.State, c.snap.Cause, c.snap.Ended = c.before.State, c.before.Cause, time.Time{}
	}
	switch e := e.(type) {
	case ami.Newchannel:
		c.learn(e.Channel)
	case ami.NewCallerid:
		c.named11(e.Channel)
	case ami.Newstate:
		c.newstate(e.Channel, now)
	case ami.DialBegin:
		c.dialBegin(e, now)
	case ami.DialState:
		c.dialState(e, now)
	case ami.DialEnd:
		c.dialEnd(e, now)
	case ami.Bridge:
		c.bridge11(e, now)
	case ami.BridgeEnter:
		c.enters(e, now)
	case ami.BridgeLeave:
		c.leaves(e)
	case ami.Rename:
		if l := c.legs[e.Channel.UniqueID]; l != nil {
			l.name = e.NewName
		}
	case ami.OriginateResponse:
		c.originateResponse(e, now)
	case ami.HangupEvent:
		c.hangup(e, now)
	}
	c.watch(now)
	return c.snap != before
}

// watch sees to it that a call of which no channel is known does not live for ever.
func (c *Call) watch(now time.Time) {
	if len(c.legs) > 0 || !c.snap.Live() || !c.deadline.IsZero() {
		return
	}
	if c.born {
		c.await(now.Add(grace), c.empty) // what came late does not keep it alive
	} else {
		c.await(now.Add(silence), c.nothingCame)
	}
}

func (c *Call) dialBegin(e ami.DialBegin, now time.Time) {
	s := c.beyond(e.Src)
	l := c.learn(e.Dest)
	if l != nil && (l.side == halfOne || l.side == halfTwo) {
		return
	}
	switch s {
	case sideUnknown:
		if l != nil {
			l.by = e.Src.UniqueID
		}
		return
	case sideOwn:
		t := c.own.tries.of(e.Dest, now)
		t.by = e.Src.UniqueID
		if cause, gone := c.gone[e.Dest.UniqueID]; gone {
			t.gone, t.cause = true, cause
		}
	case sideFar:
		c.farDialled(e.Dest, now)
		if t := c.far.tries[e.Dest.UniqueID]; t != nil {
			t.by = e.Src.UniqueID
		}
	}
	c.takes(e.Dest.UniqueID, s, now)
}

func (c *Call) dialState(e ami.DialState, now time.Time) {
	c.far.tells = true
	if e.Status != "RINGING" && e.Status != "PROGRESS" {
		return
	}
	switch s := c.legSide(e.Dest, e.Src); s {
	case halfTwo:
		if e.Status == "PROGRESS" {
			c.heard("", now)
		}
	default:
		c.ringing(s, e.Dest, now)
	}
}

func (c *Call) newstate(ch ami.Channel, now time.Time) {
	l := c.learn(ch)
	if l == nil {
		return
	}
	switch ch.State {
	case chanRinging:
		l.rang = true
		c.ringing(l.side, ch, now)
	case chanUp:
		// Picked up, which is no answer yet: there may be something to confirm,
		// and a Local half is up as soon as its dialplan says Answer.
		l.up = true
		if ts := c.triesOf(l.side); ts != nil {
			ts.of(ch, now).up = true
		}
	}
}

// triesOf are those of a side; nil for the halves of the Local pair.
func (c *Call) triesOf(s side) tries {
	switch s {
	case sideOwn:
		return c.own.tries
	case sideFar:
		return c.far.tries
	}
	return nil
}

func (c *Call) ringing(s side, ch ami.Channel, now time.Time) {
	switch s {
	case sideOwn, halfOne:
		if s == sideOwn {
			c.own.tries.of(ch, now).rang = true
		}
		c.own.rang = true
		if c.snap.State == call.Requested {
			c.to(call.RingingOwn)
		}
	case sideFar:
		if c.far.over[ch.UniqueID] {
			return
		}
		c.farNamed(ch)
		c.far.tries.of(ch, now).rang = true
		if c.snap.State == call.AnsweredOwn && c.far.calling() {
			c.to(call.RingingFar)
		}
	}
}

func (c *Call) dialEnd(e ami.DialEnd, now time.Time) {
	answered := e.Status == "ANSWER"
	s := c.legSide(e.Dest, e.Src)
	if l := c.learn(e.Dest); l != nil && l.side == sideUnknown {
		l.side = s // its DialBegin passed by before the dialling half was known
	}
	switch from := c.sideOf(e.Src); s {
	case halfOne: // Originate's own dial of the Local pair
		if answered {
			c.ownAnswered(now)
		} else if c.own.pair == "" {
			c.own.pair = e.Status
			c.ownSettles(now)
		}
	case halfTwo: // not dialled by anybody: what the PBX plays
		switch e.Status {
		case "BUSY":
			c.heard(call.Busy, now)
		case "CONGESTION":
			c.heard(call.Network, now)
		}
	case sideOwn:
		switch {
		case !answered:
			c.own.tries.ended(e, now)
			c.ownSettles(now)
		case from == halfTwo && (c.own.tries[e.Dest.UniqueID] == nil || !strings.HasPrefix(e.Dest.Name, "Local/")):
			c.ownPicked(e.Dest, now)
		default:
			c.own.tries.of(e.Dest, now).up = true
		}
	case sideFar:
		c.farNamed(e.Dest)
		switch {
		case !answered:
			c.farFailed(e, now)
		case from == halfOne:
			if l := c.learn(e.Dest); l != nil {
				l.side = sideFar // also a colleague who picked up a colleague's call
			}
			if !c.bridged {
				c.inCall(now) // a PBX that tells of no bridges
				return
			}
			fallthrough
		default:
			c.far.tries.of(e.Dest, now).up = true
		}
	}
}

// ownPicked: Local;2's dial was answered by dest. Where that is a channel that
// nobody dialled, somebody else has picked the call up (Pickup of a dialplan, or
// the feature code of a phone), and what rang is hung up.
func (c *Call) ownPicked(dest ami.Channel, now time.Time) {
	if l := c.learn(dest); l != nil {
		l.side = sideOwn
	}
	if id := dest.UniqueID; id != "" && len(c.own.tries) > 0 && c.own.tries[id] == nil && !c.gap {
		c.takenAway()
	}
	c.ownAnswered(now)
}

func (c *Call) takenAway() {
	if !c.taken && c.snap.Live() {
		c.taken = true
		c.tell(call.OwnElsewhere, c.snap.Detail)
	}
}

// bridge11 is Asterisk 11's only sign that somebody answered: its Dial End comes
// when the call is over, and a queue tells nothing of whom it calls.
func (c *Call) bridge11(e ami.Bridge, now time.Time) {
	one, two := c.learn(e.One), c.learn(e.Two)
	if one == nil || two == nil || e.State == "Unlink" {
		return
	}
	if one.side == halfTwo && two.side == sideOwn || two.side == halfTwo && one.side == sideOwn {
		c.ownAnswered(now)
	}
	c.joined(one.side, two.side, now)
}

func (c *Call) enters(e ami.BridgeEnter, now time.Time) {
	l := c.learn(e.Channel)
	if l == nil || e.BridgeID == "" {
		return
	}
	c.leave(e.Channel.UniqueID)
	l.left = false
	for _, id := range c.rooms[e.BridgeID] {
		if other := c.legs[id]; other != nil {
			c.joined(l.side, other.side, now)
		}
	}
	c.bridged = true
	if len(c.rooms) < familyCap {
		c.rooms[e.BridgeID] = append(c.rooms[e.BridgeID], e.Channel.UniqueID)
	}
}

// leaves notes who leaves first. Where the person puts the phone down it is the
// phone, where the dialplan ends it is Local;2; the order of their Hangups tells
// nothing (22.10).
func (c *Call) leaves(e ami.BridgeLeave) {
	l := c.legs[e.Channel.UniqueID]
	if l != nil && l.side == sideOwn && !l.local() {
		l.left = slices.ContainsFunc(c.rooms[e.BridgeID], func(id string) bool {
			o := c.legs[id]
			return o != nil && o != l && (o.side == halfTwo || o.side == sideOwn)
		})
	}
	c.leave(e.Channel.UniqueID)
}

func (c *Call) leave(id string) {
	for room, in := range c.rooms {
		in = slices.DeleteFunc(in, func(other string) bool { return other == id })
		if c.rooms[room] = in; len(in) == 0 {
			delete(c.rooms, room)
		}
	}
}

// joined: two channels talk to each other. It is the answer where our own half
// of the Local pair, or the own phone in its place, is one of them. DialEnd's
// ANSWER may come long before: FollowMe says it when somebody picks up, who has
// yet to take the call, and Queue before it plays something to its member.
func (c *Call) joined(a, b side, now time.Time) {
	if a == sideFar || a == sideUnknown {
		a, b = b, a
	}
	if a == halfOne && (b == sideFar || b == sideUnknown) || a == sideOwn && b == sideFar {
		c.inCall(now)
	}
}

func (c *Call) originateResponse(e ami.OriginateResponse, now time.Time) {
	if e.ActionID != c.req.ActionID {
		return
	}
	if e.Success {
		c.answered11(e)
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
	if _, again := c.gone[id]; !again && len(c.gone) < familyCap {
		c.gone[id] = e.Cause
	}
	c.leave(id)
	if l == nil {
		return
	}
	delete(c.legs, id)
	switch l.side {
	case sideFar:
		c.far.tries.hungUp(id, e.Cause, now)
	case halfOne:
		c.own.hungUp(e.Cause)
		c.far.half = e.Cause
	case halfTwo:
		c.own.hungUp(e.Cause)
	case sideOwn:
		c.own.tries.hungUp(id, e.Cause, now)
		first := l.left || !c.bridged && !c.has(sideOwn) && c.has(halfOne) // 11 tells of no bridges
		if first && !c.putDown && (c.calling() || c.snap.ByPBX) {
			c.putDown = true
			c.refused = c.refused || c.far.failed()
		}
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
	}
}

// emptied: the last channel is gone.
func (c *Call) emptied(now time.Time) {
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		if !c.cancelled && !c.own.named() {
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
		c.before = c.snap
		c.snap.State, c.snap.Cause, c.snap.Ended = call.Unknown, "", now
	}
}

func (c *Call) ownAnswered(now time.Time) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	c.to(call.AnsweredOwn)
	if len(c.own.tries) > 0 && c.own.tries.all(func(t *try) bool { return t.decided() && !t.up }) {
		c.takenAway() // by a mailbox, or by somebody whose DialEnd is still to come
	}
	c.await(now.Add(serviceAfter), c.service)
}

func (c *Call) inCall(now time.Time) {
	byPBX := c.snap.State == call.InCall && c.snap.ByPBX
	switch c.snap.State {
	case call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar:
	default:
		if !byPBX {
			return
		}
	}
	c.to(call.InCall)
	c.snap.Answered, c.snap.ByPBX = now, false
	c.tell("", "")
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
	byPerson := c.cancelled || c.putDown
	early := c.snap.State == call.Requested || c.snap.State == call.RingingOwn
	switch {
	case c.twins && !c.cancelled:
		c.before = c.snap
		c.to(call.Unknown)
		c.tell("", "")
		c.snap.Ended = now
	case c.snap.State == call.InCall:
		c.to(call.Ended)
		c.snap.Ended = now
		if c.snap.ByPBX && !byPerson && len(c.far.tries) == 0 {
			c.tell(c.far.uncalled(), "")
		}
	case early && (!c.gap || c.cancelled || c.own.over()):
		if c.cancelled {
			c.cancelledNow(now)
			return
		}
		c.snap.Detail = c.own.detail()
		c.fail(c.own.cause(), now)
	case c.gap && c.cancelled && !c.refused:
		c.cancelledNow(now)
	case c.gap && (early || !c.far.failed()):
		c.before = c.snap
		c.to(call.Unknown)
		c.snap.Cause, c.snap.Ended = call.LinkLost, now
	case c.far.failed() && (c.refused || !byPerson || !c.cancelled && c.far.said()):
		c.tell(c.far.cause(), c.far.detail())
		c.fail(c.snap.Cause, now)
	case len(c.far.tries) > 0:
		c.cancelledNow(now)
	case c.far.voice:
		// Nobody was called, and the PBX only spoke.
		cause := c.far.tone
		if !byPerson {
			cause = c.far.uncalled()
		}
		c.to(call.Ended)
		c.tell(cause, "")
		c.snap.Ended = now
	case byPerson:
		c.cancelledNow(now)
	default:
		cause := c.far.uncalled()
		if cause == "" {
			cause = call.NotPermitted
		}
		c.tell(cause, "")
		c.fail(c.snap.Cause, now)
	}
}

func (c *Call) cancelledNow(now time.Time) {
	c.to(call.Cancelled)
	c.tell("", "")
	c.snap.Ended = now
}
