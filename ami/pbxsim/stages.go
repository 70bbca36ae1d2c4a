package pbxsim

import (
	"strconv"
	"time"
)

// echo is the echo service: there is no far leg and no optimisation, only ;1, until
// somebody hangs up.
func (c *liveCall) echo() {
	for {
		switch n := c.wait(-1); n.what {
		case closing:
			return
		case hungUp, putDown:
			c.p.do(func() { c.endTalkLocked(n) })
			return
		}
	}
}

// dialOut goes through the trunk.
func (c *liveCall) dialOut(number string, does FarSide) {
	p := c.p
	p.do(func() {
		c.far = p.trunkLocked(c, number)
		c.dialBeginLocked("trunk/sip:" + number + "@127.0.0.1")
		p.handsetLocked(c.far, "t"+number, c.l1.caller, false)
	})
	refusals := map[FarSide]int{
		FarBusy: causeBusy, FarCongested: causeCongestion, FarUnknown: causeUnknown, FarRejects: causeRejected,
	}
	if cause, ok := refusals[does]; ok {
		c.farRefuses(cause, false)
		return
	}
	rings, answers := p.pace.farRings, true
	if does == FarSilent {
		rings, answers = p.pace.trunkGive, false
	}
	stays := time.Duration(-1)
	if does == FarLeaves {
		stays = p.pace.farTalks
	}
	c.farRings(rings, answers, stays)
}

// dialIn rings the phone of another extension.
func (c *liveCall) dialIn(number string) {
	p := c.p
	var phone Phone
	p.do(func() {
		e := p.extensionLocked(number)
		if phone = e.Phone; phone == NotConnected {
			// Nothing to dial: no channel and no Dial event at all.
			c.l1.priority = 2
			c.endLocalsLocked(causeNoRoute, p.ifNewest(causeClearing, causeNoRoute))
			return
		}
		c.far = p.phoneLocked(c, e, c.l1)
		c.dialBeginLocked(number)
		p.handsetLocked(c.far, "h"+number, c.l1.caller, phone == Busy)
	})
	switch phone {
	case NotConnected:
	case Busy:
		c.farRefuses(causeBusy, true)
	case Silent:
		c.farRings(-1, false, -1)
	default:
		c.farRings(p.pace.farRings, true, -1)
	}
}

// dialBeginLocked announces the far leg and the party that it connects to.
func (c *liveCall) dialBeginLocked(dialString string) {
	p, far := c.p, c.far
	p.emit(event{name: "DialBegin", ch: c.l1, dest: far.ch, extra: []string{"DialString", dialString}})
	if who := far.ch.caller; who != c.l1.connected {
		p.setConnectedLocked(c.l1, who)
		if c.req.direct {
			return
		}
		p.setConnectedLocked(c.own.ch, who)
		c.pendingConnected = &who
	}
}

// farRefuses ends the call with a refusal of the far side.
func (c *liveCall) farRefuses(cause int, busyPhone bool) {
	switch n := c.wait(c.p.pace.refuse); n.what {
	case closing:
	case hungUp, putDown:
		c.p.do(func() { c.cancelFarLocked(n) })
	default:
		c.p.do(func() { c.farRefusedLocked(cause, busyPhone) })
	}
}

func (c *liveCall) farRefusedLocked(cause int, busyPhone bool) {
	p := c.p
	p.refuseLocked(c.far, cause, busyPhone)
	p.dialEndLocked(c.l1, c.far.ch, dialStatus(cause))
	p.hangupLocked(c.far.ch, cause, sipCodes[cause])
	c.l1.priority = 2
	c.endLocalsLocked(cause, p.ifNewest(causeClearing, cause))
}

// farRings rings the far side for d. Then it answers, or the trunk gives up;
// d < 0 rings for ever.
func (c *liveCall) farRings(d time.Duration, answers bool, stays time.Duration) {
	p := c.p
	p.do(func() {
		c.far.handset.priority = 2
		c.own.handset.priority = 4
		p.setStateLocked(c.far.ch, stateRinging)
		p.emit(event{name: "DialState", ch: c.l1, dest: c.far.ch, extra: []string{"DialStatus", "RINGING"}})
	})
	for {
		n := c.wait(d)
		switch {
		case n.what == closing:
			return
		case n.what == timeUp && !answers:
			p.do(c.farSilentLocked)
			return
		case n.what == timeUp, n.what == pickedUp && n.leg == c.far:
			p.do(c.farAnsweredLocked)
			c.talk(stays)
			return
		case n.what == declined && n.leg == c.far:
			p.do(func() { c.farRefusedLocked(causeRejected, false) })
			return
		case n.what == hungUp, n.what == putDown:
			p.do(func() { c.cancelFarLocked(n) })
			return
		}
	}
}

// farSilentLocked ends a call whose far side did not answer in time.
func (c *liveCall) farSilentLocked() {
	p := c.p
	cause := p.ifNewest(causeNoAnswer, causeClearing)
	p.dialEndLocked(c.l1, c.far.ch, "NOANSWER")
	p.hangupLocked(c.far.ch, cause, sipCodes[cause])
	p.releaseLocked(c.far, cause)
	c.l1.priority = 2
	c.endLocalsLocked(cause, causeClearing)
}

func (c *liveCall) farAnsweredLocked() {
	p, far := c.p, c.far
	p.logEvent("far side answered", c.req.exten)
	p.pickUpLocked(far)
	far.ch.exten = ""
	p.dialEndLocked(c.l1, far.ch, "ANSWER")
	c.outer = p.newBridgeLocked()
	p.enterLocked(c.outer, far.ch, nil)
	p.enterLocked(c.outer, c.l1, nil)
}

// talk is the answered call: the Local channels go as soon as voice flows, the
// call when somebody hangs up.
func (c *liveCall) talk(stays time.Duration) {
	p := c.p
	optimise := p.pace.optimise
	if c.req.keepLocal || c.req.direct {
		optimise = -1
	}
	var until time.Time
	if stays >= 0 {
		until = time.Now().Add(stays)
	}
	for {
		d := optimise
		if d < 0 && stays >= 0 {
			d = max(time.Until(until), 0)
		}
		n := c.wait(d)
		switch n.what {
		case closing:
			return
		case timeUp:
			if optimise >= 0 {
				optimise = -1
				p.do(c.optimiseLocked)
				continue
			}
			p.do(func() { c.endTalkLocked(signal{what: putDown, leg: c.far}) })
			return
		case transferred:
			if !n.to.cancel && !c.handOver(n.to) {
				return
			}
			optimise = -1
		case hungUp, putDown:
			if n.ch != nil && n.ch.gone {
				continue // a Local channel that has gone meanwhile
			}
			p.do(func() { c.endTalkLocked(n) })
			return
		}
	}
}

// optimiseLocked takes the Local channels out of the middle: the own phone
// swaps places with ;1, and both halves are hung up while the call goes on.
func (c *liveCall) optimiseLocked() {
	p, own := c.p, c.own.ch
	if p.features.eventsOf11 {
		c.masqueradeLocked()
		return
	}
	id := strconv.Itoa(p.lastOptimised)
	p.lastOptimised++
	p.emit(event{
		name: "LocalOptimizationBegin", one: c.l1, two: c.l2, source: own,
		extra: []string{"DestUniqueId", c.l2.unique, "Id", id},
	})
	p.leaveLocked(own)
	p.leaveLocked(c.l1)
	p.enterLocked(c.outer, own, c.l1)
	p.emit(event{name: "LocalOptimizationEnd", one: c.l1, two: c.l2, extra: []string{"Success", "No", "Id", id}})
	first, second := c.l1, c.l2
	if p.flavour == 22 {
		first, second = c.l2, c.l1
		p.leaveLocked(c.l2)
	}
	p.hangupRequestLocked(true, first, causeClearing, 0)
	p.hangupRequestLocked(false, second, causeClearing, 0)
	p.leaveLocked(c.l2)
	p.hangupLocked(first, causeClearing, 0)
	p.hangupRequestLocked(true, second, causeClearing, 0)
	p.hangupLocked(second, causeClearing, 0)
	c.outer.technology = "native_rtp"
	c.inner, c.pendingConnected = nil, nil
}

// masqueradeLocked is optimiseLocked of Asterisk 11: the phone's channel takes the
// place of ;1 and its Uniqueid, and ;1 is hung up as a zombie under the phone's
// former Uniqueid.
func (c *liveCall) masqueradeLocked() {
	p, own, l1 := c.p, c.own.ch, c.l1
	phone, local := own.name, l1.name
	rename := func(from, to, unique string) {
		p.emit(event{name: "Rename", extra: []string{"Channel", from, "Newname", to, "Uniqueid", unique}})
	}
	p.leaveLocked(own)
	rename(phone, phone+"<MASQ>", own.unique)
	rename(local, phone, l1.unique)
	rename(phone+"<MASQ>", local+"<ZOMBIE>", own.unique)
	l1.name = local + "<ZOMBIE>"
	own.unique, l1.unique = l1.unique, own.unique
	own.dialled, l1.dialled = l1.dialled, false
	// Asterisk 11 sends no event: to it the outer bridge joins the same two.
	c.outer.remove(l1)
	c.outer.in = append(c.outer.in, own)
	own.bridge = c.outer
	p.hangupLocked(l1, causeNone, 0)
	p.leaveLocked(c.l2)
	p.hangupLocked(c.l2, causeClearing, 0)
	c.inner, c.pendingConnected = nil, nil
}
