package pbxsim

import "time"

// Sides that are more than one phone: Desks, Beyonds and Refusers. Their events
// are those that Asterisk 16.28 and 22.10 sent of the same dial plans (package
// asterisktest), in the order of 16.

// sipCause is what Asterisk makes of a SIP answer (ast_sip_hangup_sip2cause of
// its res_pjsip.c).
func sipCause(status int) int {
	causes := map[int]int{
		401: 21, 403: 21, 404: 1, 407: 21, 408: 18, 409: 41, 410: 22, 420: 3, 480: 19, 483: 19, 484: 28, 485: 1,
		486: 17, 488: 58, 500: 38, 501: 29, 502: 27, 503: 34, 504: 102, 505: 127, 600: 17, 603: 21, 604: 1, 606: 58,
	}
	if cause, ok := causes[status]; ok {
		return cause
	}
	if status/100 == 5 {
		return causeCongestion
	}
	return causeInterworking
}

// outLegLocked dials something over the trunk's endpoint.
func (c *liveCall) outLegLocked(from *channel, number string) *leg {
	p := c.p
	l := &leg{ch: &channel{
		name: p.phoneName("trunk"), device: p.technology() + "/trunk", linked: c.l1.linked,
		context: "internal", exten: "s", priority: 1, call: c,
	}}
	p.namelessLocked(l, number, from)
	return l
}

// houseLegLocked dials a phone of the house.
func (c *liveCall) houseLegLocked(from *channel, number string) *leg {
	return c.p.phoneLocked(c, c.p.extensionLocked(number), from)
}

func (c *liveCall) beginLegLocked(from *channel, l *leg, busy bool) {
	p := c.p
	p.emit(event{name: "DialBegin", ch: from, dest: l.ch, extra: []string{"DialString", l.ch.exten}})
	p.handsetLocked(l, "h"+l.ch.exten, from.caller, busy)
}

// refusedLocked: one leg of several does not answer, and what it says.
func (c *liveCall) refusedLocked(from *channel, l *leg, cause int, last bool) {
	p := c.p
	busy := cause == causeBusy
	p.refuseLocked(l, cause, busy)
	if last || !p.is.eventsOf11 { // which tells of a Dial's end, not of each leg's
		p.dialEndLocked(from, l.ch, dialStatus(cause))
	}
	p.hangupLocked(l.ch, cause, sipCodes[cause])
}

// ringsLocked lets a leg ring; of the own side the Local pair does, too.
func (c *liveCall) ringsLocked(from *channel, l *leg) {
	if from == c.l2 || c.own == nil {
		c.own = l
		c.ownRingsLocked()
		return
	}
	p := c.p
	l.handset.priority = 2
	p.stateLocked(l.ch, stateRinging)
	p.emit(event{name: "DialState", ch: from, dest: l.ch, extra: []string{"DialStatus", "RINGING"}})
}

// ringOutLocked: a leg has rung long enough.
func (c *liveCall) ringOutLocked(from *channel, l *leg) {
	p := c.p
	p.dialEndLocked(from, l.ch, "NOANSWER")
	p.hangupLocked(l.ch, causeNone, 0)
	p.releaseLocked(l, causeClearing)
}

// nestedLocked makes a pair of Local channels that from dials.
func (c *liveCall) nestedLocked(from *channel, to string) (one, two *channel) {
	p := c.p
	name := "Local/" + to + "-" + c.req.local[len(c.req.local)-8:]
	half := func(suffix string, state int) *channel {
		return p.addLocked(&channel{
			name: name + suffix, linked: c.l1.linked, state: state, caller: from.caller,
			context: "followme", exten: to, priority: 1, call: c,
		})
	}
	one, two = half(";1", stateDown), half(";2", stateRing)
	p.emit(event{name: "DialBegin", ch: from, dest: one, extra: []string{"DialString", to}})
	return one, two
}

// follows is a follow-me that from dials. It rings, is picked up, and after a
// moment confirmed or not. It returns the leg that answered; or nil, and false
// where the call is over.
func (c *liveCall) follows(from *channel, confirms bool) (answered *leg, goesOn bool) {
	p := c.p
	var one, two *channel
	var l *leg
	end := func(status string, cause int) {
		p.dialEndLocked(two, l.ch, status)
		p.hangupLocked(l.ch, causeClearing, 0)
		p.releaseLocked(l, causeClearing)
		p.hangupLocked(two, cause, 0)
		p.dialEndLocked(from, one, "NOANSWER")
		p.hangupLocked(one, cause, 0)
	}
	stopped := func(n news) bool {
		if n.what == closing || n.what == passed {
			return n.what == closing
		}
		p.do(func() {
			end("CANCEL", causeClearing)
			if from == c.l1 {
				c.far = nil
				c.endTalkLocked(n)
			} else {
				c.own = nil
				c.failLocked(1, causeNone)
			}
		})
		return true
	}
	p.do(func() {
		one, two = c.nestedLocked(from, "follow@followme")
		l = c.outLegLocked(two, "follow")
		c.beginLegLocked(two, l, false)
		p.stateLocked(l.ch, stateRinging)
		p.stateLocked(one, stateRinging)
		p.emit(event{name: "DialState", ch: two, dest: l.ch, extra: []string{"DialStatus", "RINGING"}})
		p.emit(event{name: "DialState", ch: from, dest: one, extra: []string{"DialStatus", "RINGING"}})
		if from == c.l2 {
			p.stateLocked(c.l1, stateRinging)
			p.emit(event{name: "DialState", dest: c.l1, extra: []string{"DialStatus", "RINGING"}})
		}
	})
	if stopped(c.wait(p.pace.farRings)) {
		return nil, false
	}
	p.do(func() { p.pickUpLocked(l) })
	if stopped(c.wait(p.pace.confirms)) {
		return nil, false
	}
	if !confirms {
		p.do(func() { end("CONTINUE", causeClearing) })
		return nil, true
	}
	p.do(func() {
		p.dialEndLocked(two, l.ch, "ANSWER")
		p.stateLocked(two, stateUp)
		p.stateLocked(one, stateUp)
		p.dialEndLocked(from, one, "ANSWER")
		if p.is.eventsOf11 {
			// There the answer is the bridge of our half with what it dialled.
			br := p.bridgeLocked()
			p.enterLocked(br, one, nil)
			p.enterLocked(br, from, nil)
			p.leaveLocked(one)
			p.leaveLocked(from)
		}
		two.dialled, one.dialled = false, false
		// The pair is optimised away at once, as it is where a voice flows.
		p.hangupLocked(one, causeClearing, 0)
		p.hangupLocked(two, causeClearing, 0)
	})
	return l, true
}

// ringDesk is ringOwn for an own side with a dial plan of its own.
func (c *liveCall) ringDesk(does Desk) bool {
	p := c.p
	switch does {
	case DeskBusyAndSilent, DeskSilentAndBusy, DeskBusyAndNotConnected:
		return c.ringTwo(does)
	case DeskDeclinesAndAnswers:
		p.do(func() {
			a, b := c.outLegLocked(c.l2, "603"), c.houseLegLocked(c.l2, "7101")
			c.beginLegLocked(c.l2, a, false)
			c.beginLegLocked(c.l2, b, false)
			c.refusedLocked(c.l2, a, causeRejected, false)
			c.ringsLocked(c.l2, b)
		})
		return c.ownWaits(p.pace.ownRings)
	case DeskTaken:
		p.do(func() {
			l := c.outLegLocked(c.l2, "taken")
			c.beginLegLocked(c.l2, l, false)
			c.ringsLocked(c.l2, l)
		})
		if !c.ownWaits(p.pace.ownRings) {
			return false
		}
		p.do(c.takenLocked)
		return true
	case DeskConfirms, DeskNeverConfirms:
		l, goesOn := c.follows(c.l2, does == DeskConfirms)
		if l != nil {
			c.own = l
			return true
		}
		if goesOn {
			p.do(func() { c.ownFailedLocked(causeClearing, "NOANSWER", 0) })
		}
		return false
	case DeskNotDisturbed:
		p.do(func() {
			p.stateLocked(c.l2, stateBusy)
			c.ownFailedLocked(causeBusy, "BUSY", 5)
		})
		return false
	default: // DeskLeaves
		p.do(func() {
			l := c.outLegLocked(c.l2, "leaves")
			c.beginLegLocked(c.l2, l, false)
			c.ringsLocked(c.l2, l)
		})
		if !c.ownWaits(p.pace.ownRings) {
			return false
		}
		c.leaves = time.Now().Add(p.pace.refuse)
		return true
	}
}

// ringTwo rings two phones of which none answers.
func (c *liveCall) ringTwo(does Desk) bool {
	p := c.p
	p.do(func() {
		busy := c.houseLegLocked(c.l2, "7103")
		if does == DeskBusyAndNotConnected {
			c.beginLegLocked(c.l2, busy, true)
			c.refusedLocked(c.l2, busy, causeBusy, true)
			return
		}
		silent := c.houseLegLocked(c.l2, "7102")
		if does == DeskBusyAndSilent {
			c.beginLegLocked(c.l2, busy, true)
			c.beginLegLocked(c.l2, silent, false)
		} else {
			c.beginLegLocked(c.l2, silent, false)
			c.beginLegLocked(c.l2, busy, true)
		}
		c.refusedLocked(c.l2, busy, causeBusy, false)
		c.ringsLocked(c.l2, silent)
	})
	if does == DeskBusyAndNotConnected {
		p.do(func() { c.ownFailedLocked(causeBusy, "BUSY", 0) })
		return false
	}
	if c.ownWaits(p.pace.trunkGive) {
		p.do(func() {
			c.ringOutLocked(c.l2, c.own)
			c.ownFailedLocked(causeBusy, "BUSY", 0) // the dial plan gives the last cause on
		})
	}
	return false
}

// ringRefuser rings an own phone that answers with a SIP status.
func (c *liveCall) ringRefuser(status int, rings bool) {
	p := c.p
	p.do(func() {
		l := c.outLegLocked(c.l2, c.req.ext)
		c.beginLegLocked(c.l2, l, false)
		c.own = l
		if rings {
			c.ringsLocked(c.l2, l)
		}
	})
	if c.ownWaits(p.pace.refuse) {
		cause := sipCause(status)
		p.do(func() { c.ownRefusesLocked(cause, cause == causeBusy) })
	}
}

// ownWaits lets d pass on the own side; false: the call ended meanwhile.
func (c *liveCall) ownWaits(d time.Duration) bool {
	switch n := c.wait(d); n.what {
	case passed, pickedUp:
		return true
	case hungUp:
		c.p.do(func() { c.ownCancelledLocked(n.ch) })
	case declined:
		c.p.do(func() { c.ownRefusesLocked(causeRejected, false) })
	}
	return false
}

// ownFailedLocked ends the Local pair after its dial plan has tried all phones.
func (c *liveCall) ownFailedLocked(cause int, status string, reason int) {
	p := c.p
	if p.flavour != 22 {
		c.responseLocked(reason)
	}
	p.hangupLocked(c.l2, cause, 0)
	p.dialEndLocked(nil, c.l1, status)
	if p.flavour == 22 {
		c.responseLocked(reason)
	}
	p.hangupLocked(c.l1, cause, 0)
}

// takenLocked: a colleague picks up what rings at the own phone. The colleague's
// channel answers in its place.
func (c *liveCall) takenLocked() {
	p, rang := c.p, c.own
	e := p.extensionLocked("7105")
	taker := &leg{ext: e.Number, ch: &channel{
		name: p.phoneName(e.Number), device: p.technology() + "/" + e.Number, state: stateRing,
		caller: party{e.Number, e.Name}, context: "colleague", exten: "pickup", priority: 1, call: c,
	}}
	p.addLocked(taker.ch)
	p.handsetLocked(taker, "h"+e.Number, taker.ch.caller, false)
	p.hangupLocked(rang.ch, causeElsewhere, 0)
	p.releaseLocked(rang, causeElsewhere)
	taker.ch.linked = c.l1.linked
	c.own = taker
}

// goBeyond is a far side with a dial plan of its own.
func (c *liveCall) goBeyond(does Beyond) {
	p := c.p
	switch does {
	case BeyondMailbox:
		if c.tryTrunk(causeBusy) {
			c.echo()
		}
	case BeyondLateMailbox:
		p.do(func() {
			c.far = c.outLegLocked(c.l1, "04")
			c.beginLegLocked(c.l1, c.far, false)
			c.ringsLocked(c.l1, c.far)
		})
		if c.farWaits(p.pace.trunkGive) {
			p.do(func() { c.ringOutLocked(c.l1, c.far); c.far = nil })
			c.echo()
		}
	case BeyondSecondTrunk:
		if c.tryTrunk(causeCongestion) && c.speaks("PROGRESS") {
			c.dialOut(OutboundPrefix+"0000002", FarLeaves)
		}
	case BeyondAnnounced, BeyondShort:
		c.saysAndEnds("PROGRESS", causeUnknown)
	case BeyondBusyTone:
		c.saysAndEnds("BUSY", causeNone)
	case BeyondCongestion:
		c.saysAndEnds("CONGESTION", causeNone)
	case BeyondSpoken:
		c.saysAndEnds("PROGRESS", causeClearing)
	case BeyondSlow:
		if c.speaks("") {
			c.dialOut(OutboundPrefix+"0000002", FarLeaves)
		}
	case BeyondConfirms, BeyondNeverConfirms:
		l, goesOn := c.follows(c.l1, does == BeyondConfirms)
		switch {
		case l != nil:
			p.do(func() {
				c.far = l
				c.outer = p.bridgeLocked()
				p.enterLocked(c.outer, l.ch, nil)
				p.enterLocked(c.outer, c.l1, nil)
			})
			c.talk(-1)
		case goesOn:
			p.do(func() { c.endLocalsLocked(causeClearing, causeClearing) })
		}
	case BeyondTone:
		if c.tryTrunk(causeBusy) {
			c.saysAndEnds("BUSY", causeNone)
		}
	case BeyondSilentAndBusy:
		p.do(func() {
			c.far = c.houseLegLocked(c.l1, "7102")
			busy := c.houseLegLocked(c.l1, "7103")
			c.beginLegLocked(c.l1, c.far, false)
			c.beginLegLocked(c.l1, busy, true)
			c.refusedLocked(c.l1, busy, causeBusy, false)
			c.ringsLocked(c.l1, c.far)
		})
		if c.farWaits(p.pace.trunkGive) {
			p.do(func() {
				c.ringOutLocked(c.l1, c.far)
				c.endLocalsLocked(causeBusy, causeBusy)
			})
		}
	case BeyondForwards:
		c.forwards()
	default: // BeyondQueue
		p.do(func() { c.queue = true })
		c.dialIn("7105")
	}
}

// forwards calls a phone that has its calls forwarded to a busy one.
func (c *liveCall) forwards() {
	p := c.p
	p.do(func() {
		c.far = c.outLegLocked(c.l1, "302")
		c.beginLegLocked(c.l1, c.far, false)
	})
	if !c.farWaits(p.pace.refuse) {
		return
	}
	p.do(func() {
		if !p.is.eventsOf11 {
			p.dialEndLocked(c.l1, c.far.ch, "CANCEL")
		}
		one, two := c.nestedLocked(c.l1, "7103@outbound")
		p.hangupLocked(c.far.ch, causeNone, 0)
		p.releaseLocked(c.far, causeClearing)
		busy := c.houseLegLocked(two, "7103")
		c.beginLegLocked(two, busy, true)
		c.refusedLocked(two, busy, causeBusy, true)
		p.hangupLocked(two, causeBusy, 0)
		p.dialEndLocked(c.l1, one, "BUSY")
		p.hangupLocked(one, causeBusy, 0)
		c.far = nil
		c.endLocalsLocked(causeBusy, causeBusy)
	})
}

// tryTrunk dials a trunk that refuses; false: the call ended meanwhile.
func (c *liveCall) tryTrunk(cause int) bool {
	p := c.p
	p.do(func() {
		c.far = c.outLegLocked(c.l1, "03")
		c.beginLegLocked(c.l1, c.far, false)
	})
	if !c.farWaits(p.pace.refuse) {
		return false
	}
	p.do(func() {
		c.refusedLocked(c.l1, c.far, cause, true)
		c.far = nil
	})
	return true
}

// farWaits lets d pass while the far side is called; false: the call ended.
func (c *liveCall) farWaits(d time.Duration) bool {
	switch n := c.wait(d); n.what {
	case passed:
		return true
	case closing:
	default:
		c.p.do(func() { c.cancelFarLocked(n) })
	}
	return false
}

// speaks lets the PBX play something to the own phone: a tone ("BUSY"), anything
// else that is no answer ("PROGRESS"), or nothing at all. False: the call ended.
func (c *liveCall) speaks(what string) bool {
	p := c.p
	p.do(func() {
		switch what {
		case "":
		case "PROGRESS":
			p.emit(event{name: "DialState", dest: c.l2, extra: []string{"DialStatus", what}})
		default:
			p.dialEndLocked(nil, c.l2, what)
		}
	})
	switch n := c.wait(p.pace.speaks); n.what {
	case passed:
		return true
	case closing:
	default:
		p.do(func() { c.endTalkLocked(n) })
	}
	return false
}

func (c *liveCall) saysAndEnds(what string, cause int) {
	if c.speaks(what) {
		phone := cause
		if cause == causeNone {
			phone = causeClearing
		}
		c.p.do(func() { c.endLocalsLocked(cause, phone) })
	}
}

// callRefuser calls a far side that answers with a SIP status.
func (c *liveCall) callRefuser(status int, rings bool) {
	p := c.p
	p.do(func() {
		c.far = c.outLegLocked(c.l1, c.req.exten)
		c.beginLegLocked(c.l1, c.far, false)
		if rings {
			c.ringsLocked(c.l1, c.far)
		}
	})
	if c.farWaits(p.pace.farRings) {
		cause := sipCause(status)
		p.do(func() { c.farRefusedLocked(cause, cause == causeBusy) })
	}
}
