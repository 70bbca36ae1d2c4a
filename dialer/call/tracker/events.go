package tracker

import (
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// What each event of a call's channels changes in it; see Call.Apply.

func (c *Call) dialBegin(e ami.DialBegin, now time.Time) {
	s := c.sideBehind(e.Src)
	l := c.addLeg(e.Dest)
	if l != nil && (l.side == halfOne || l.side == halfTwo) {
		return
	}
	switch s {
	case sideUnknown:
		if l != nil {
			l.by = strings.Clone(e.Src.UniqueID)
		}
		return
	case sideOwn:
		t := c.own.tries.of(e.Dest, now)
		t.by = strings.Clone(e.Src.UniqueID)
		if cause, gone := c.gone[e.Dest.UniqueID]; gone {
			t.gone, t.cause = true, cause
		}
	case sideFar:
		c.farDialled(e.Dest, now)
		if t := c.far.tries[e.Dest.UniqueID]; t != nil {
			t.by = strings.Clone(e.Src.UniqueID)
		}
	case sideThird:
		c.thirdDialled(e.Dest, now)
	}
	c.assignSide(e.Dest.UniqueID, s, now)
}

func (c *Call) dialState(e ami.DialState, now time.Time) {
	c.far.tells = true
	if e.Status != "RINGING" && e.Status != "PROGRESS" {
		return
	}
	switch s := c.legSide(e.Dest, e.Src); s {
	case halfTwo:
		if e.Status == "PROGRESS" {
			c.pbxPlays("", now)
		}
	default:
		c.ringing(s, e.Dest, now)
	}
}

func (c *Call) newstate(ch ami.Channel, now time.Time) {
	l := c.addLeg(ch)
	if l == nil {
		return
	}
	switch ch.State {
	case chanRinging:
		l.rang = true
		c.ringing(l.side, ch, now)
	case chanUp:
		// Picked up is no answer yet: the call may have to be confirmed, and a Local
		// half is up as soon as its dialplan runs Answer.
		l.up = true
		if l.side == halfOne && c.req.Direct() {
			c.own.tries.of(ch, now).up = true
		}
		if ts := c.triesOf(l.side); ts != nil {
			ts.of(ch, now).up = true
		}
		c.consults()
	}
}

// triesOf are those of a side; nil for the halves of the Local pair.
func (c *Call) triesOf(s side) attempts {
	switch s {
	case sideOwn:
		return c.own.tries
	case sideFar:
		return c.far.tries
	case sideThird:
		return c.third.tries
	}
	return nil
}

func (c *Call) ringing(s side, ch ami.Channel, now time.Time) {
	switch s {
	case sideOwn, halfOne:
		if s == sideOwn || c.req.Direct() {
			c.own.tries.of(ch, now).rang = true
		}
		c.own.rang = true
		if c.snap.State == call.Requested {
			c.setState(call.RingingOwn)
		}
	case sideFar:
		if c.far.over[ch.UniqueID] {
			return
		}
		c.farNamed(ch)
		c.far.tries.of(ch, now).rang = true
		if c.snap.State == call.AnsweredOwn && c.far.calling() {
			c.setState(call.RingingFar)
		}
	case sideThird:
		c.thirdRings(ch, now)
	}
}

func (c *Call) dialEnd(e ami.DialEnd, now time.Time) {
	answered := e.Status == "ANSWER"
	s := c.legSide(e.Dest, e.Src)
	if l := c.addLeg(e.Dest); l != nil && l.side == sideUnknown {
		l.side = s // its DialBegin came before the dialling half was known
	}
	switch from := c.sideOf(e.Src); s {
	case halfOne: // Originate's own dial of the Local pair
		if answered {
			c.ownAnswered(now)
		} else if c.own.pair == "" {
			c.own.pair = strings.Clone(e.Status)
			if c.req.Direct() {
				c.own.tries.ended(e, now)
			}
			c.ownSettles(now)
		}
	case halfTwo: // a DialEnd without a dialling channel: what the PBX plays
		switch e.Status {
		case "BUSY":
			c.pbxPlays(call.Busy, now)
		case "CONGESTION":
			c.pbxPlays(call.Network, now)
		}
	case sideOwn:
		switch {
		case !answered:
			c.own.tries.ended(e, now)
			c.ownSettles(now)
			if c.farPending() && from == halfTwo {
				c.answeredForThem()
			}
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
			if l := c.addLeg(e.Dest); l != nil {
				l.side = sideFar // also a colleague who picked up a colleague's call
			}
			if !c.bridged {
				c.inCall(now) // this PBX sends no events of bridges
				return
			}
			fallthrough
		default:
			c.far.tries.of(e.Dest, now).up = true
		}
	case sideThird:
		c.thirdEnds(e, now)
	}
}

// ownPicked: Local;2's dial was answered by dest. Where that is a channel that
// nobody dialled, somebody else has picked the call up (Pickup of a dialplan, or
// the feature code of a phone), and what rang is hung up.
func (c *Call) ownPicked(dest ami.Channel, now time.Time) {
	if l := c.addLeg(dest); l != nil {
		l.side = sideOwn
	}
	if id := dest.UniqueID; id != "" && len(c.own.tries) > 0 && c.own.tries[id] == nil && !c.missedEvents {
		c.pickedUpElsewhere()
	}
	c.ownAnswered(now)
}

func (c *Call) pickedUpElsewhere() {
	if !c.pickedUpByOther && c.snap.Live() {
		c.pickedUpByOther = true
		c.setCause(call.OwnElsewhere, c.snap.Detail)
	}
}

// bridge11 handles Asterisk 11's only sign that somebody answered: its Dial End comes
// when the call is over, and a queue sends no event of whom it calls.
func (c *Call) bridge11(e ami.Bridge, now time.Time) {
	one, two := c.addLeg(e.One), c.addLeg(e.Two)
	if one == nil || two == nil || e.State == "Unlink" {
		return
	}
	if one.side == halfTwo && two.side == sideOwn || two.side == halfTwo && one.side == sideOwn {
		c.ownAnswered(now)
	}
	c.talking(one.side, two.side, now)
}

func (c *Call) enters(e ami.BridgeEnter, now time.Time) {
	l := c.addLeg(e.Channel)
	if l == nil || e.BridgeID == "" {
		return
	}
	c.leave(e.Channel.UniqueID)
	l.left = false
	for _, id := range c.bridges[e.BridgeID] {
		if other := c.legs[id]; other != nil {
			c.talking(l.side, other.side, now)
		}
	}
	c.bridged = true
	if len(c.bridges) < familyCap {
		id := strings.Clone(e.BridgeID)
		c.bridges[id] = append(c.bridges[id], strings.Clone(e.Channel.UniqueID))
	}
	c.consults()
}

// leaves notes who leaves the bridge first: the phone where the person hangs up,
// Local;2 where the dialplan ends. The order of their Hangups proves nothing (22.10).
func (c *Call) leaves(e ami.BridgeLeave) {
	l := c.legs[e.Channel.UniqueID]
	if l != nil && l.side == sideOwn && !l.local() {
		l.left = slices.ContainsFunc(c.bridges[e.BridgeID], func(id string) bool {
			o := c.legs[id]
			return o != nil && o != l && (o.side == halfTwo || o.side == sideOwn)
		})
	}
	c.leave(e.Channel.UniqueID)
}

// putDown notes that the own phone hung up, where no bridge with Local;2 tells it (see
// leaves). The dialplan's own end of the call sends no such event.
func (c *Call) putDown(e ami.HangupRequest) {
	l := c.legs[e.Channel.UniqueID]
	if c.req.Direct() && l != nil && l.side == halfOne {
		c.leftByPhone()
	}
}

// leftByPhone notes that the person ended a call that nobody has answered.
func (c *Call) leftByPhone() {
	if !c.ownHungUp && (c.farPending() || c.snap.ByPBX) {
		c.ownHungUp = true
		c.refused = c.refused || c.far.failed()
	}
}

func (c *Call) leave(id string) {
	for room, in := range c.bridges {
		in = slices.DeleteFunc(in, func(other string) bool { return other == id })
		if c.bridges[room] = in; len(in) == 0 {
			delete(c.bridges, room)
		}
	}
}

// talking handles that two channels are in one bridge. It is the answer where our own half
// of the Local pair, or the own phone in its place, is one of them. DialEnd's
// ANSWER may come long before: FollowMe says it when somebody picks up, who has
// yet to take the call, and Queue before it plays something to its member.
func (c *Call) talking(a, b side, now time.Time) {
	if a == sideFar || a == sideUnknown {
		a, b = b, a
	}
	c.handedOver(a, b)
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
		c.gone[strings.Clone(id)] = e.Cause
	}
	c.leave(id)
	if l == nil {
		return
	}
	delete(c.legs, id)
	defer c.transferMoved(now)
	switch l.side {
	case sideThird:
		c.third.tries.hungUp(id, e.Cause, now)
	case sideFar:
		c.far.tries.hungUp(id, e.Cause, now)
	case halfOne:
		c.own.hungUp(e.Cause)
		c.far.half = e.Cause
		if c.req.Direct() {
			t := c.own.tries.of(ami.Channel{UniqueID: id, Name: l.name}, now)
			c.own.tries.hungUp(id, e.Cause, now)
			if !c.linked && !c.cancelled && c.own.reason != nil && *c.own.reason != 3 {
				t.end("NOANSWER", now) // Asterisk 11 sends no DialEnd of it, and the cause tells
			}
		}
	case halfTwo:
		c.own.hungUp(e.Cause)
	case sideOwn:
		c.own.tries.hungUp(id, e.Cause, now)
		first := l.left || !c.bridged && !c.has(sideOwn) && c.has(halfOne) // 11 sends no events of bridges
		if first {
			c.leftByPhone()
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
		// The person has left the call. If the far side goes on, the call was
		// transferred, and is not hung up any more, nor followed, unless it is to be
		// told what came of that.
		c.finish(now)
		if !c.snap.Transfer.State.Pending() {
			clear(c.legs)
		}
	}
}

// emptied handles that the last channel is gone.
func (c *Call) emptied(now time.Time) {
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		if !c.cancelled && !c.own.named() {
			c.setDeadline(now.Add(grace), c.finish) // for the event that names the cause
			return
		}
	}
	c.finish(now)
}
