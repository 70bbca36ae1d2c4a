package pbxsim

import "time"

// Sides with a dial plan of their own: OwnPlans, FarPlans and Refuser. Their events
// are those that Asterisk 16.28 and 22.10 sent for the same dial plans (package
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

// trunkLegLocked dials something over the trunk's endpoint.
func (c *liveCall) trunkLegLocked(from *channel, number string) *leg {
	p := c.p
	l := &leg{ch: &channel{
		name: p.phoneName("trunk"), device: p.technology() + "/trunk", linked: c.l1.linked,
		context: "internal", exten: "s", priority: 1, call: c,
	}}
	p.namelessLocked(l, number, from)
	return l
}

// phoneLegLocked dials an extension's phone.
func (c *liveCall) phoneLegLocked(from *channel, number string) *leg {
	return c.p.phoneLocked(c, c.p.extensionLocked(number), from)
}

func (c *liveCall) beginLegLocked(from *channel, l *leg, busy bool) {
	p := c.p
	p.emit(event{name: "DialBegin", ch: from, dest: l.ch, extra: []string{"DialString", l.ch.exten}})
	p.handsetLocked(l, "h"+l.ch.exten, from.caller, busy)
}

// refusedLocked ends one leg of several with a refusal.
func (c *liveCall) refusedLocked(from *channel, l *leg, cause int, last bool) {
	p := c.p
	busy := cause == causeBusy
	p.refuseLocked(l, cause, busy)
	if last || !p.features.eventsOf11 { // Asterisk 11 sends one end of a Dial, not one for each leg
		p.dialEndLocked(from, l.ch, dialStatus(cause))
	}
	p.hangupLocked(l.ch, cause, sipCodes[cause])
}

// ringsLocked lets a leg ring. On the own side the Local pair rings with it.
func (c *liveCall) ringsLocked(from *channel, l *leg) {
	if !c.req.direct && (from == c.l2 || c.own == nil) {
		c.own = l
		c.ownRingsLocked()
		return
	}
	p := c.p
	l.handset.priority = 2
	p.setStateLocked(l.ch, stateRinging)
	p.emit(event{name: "DialState", ch: from, dest: l.ch, extra: []string{"DialStatus", "RINGING"}})
}

// ringOutLocked ends a leg that was not answered in time.
func (c *liveCall) ringOutLocked(from *channel, l *leg) {
	p := c.p
	p.dialEndLocked(from, l.ch, "NOANSWER")
	p.hangupLocked(l.ch, causeNone, 0)
	p.releaseLocked(l, causeClearing)
}

// nestedLocalLocked makes a pair of Local channels that from dials.
func (c *liveCall) nestedLocalLocked(from *channel, to string) (one, two *channel) {
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

// followMe is a follow-me that from dials. It rings, is picked up, and after a
// moment confirmed or not. It returns the leg that answered, or nil. goesOn is
// false where the call is over.
func (c *liveCall) followMe(from *channel, confirms bool) (answered *leg, goesOn bool) {
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
	stopped := func(n signal) bool {
		if n.what == closing || n.what == timeUp {
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
		one, two = c.nestedLocalLocked(from, "follow@followme")
		l = c.trunkLegLocked(two, "follow")
		c.beginLegLocked(two, l, false)
		p.setStateLocked(l.ch, stateRinging)
		p.setStateLocked(one, stateRinging)
		p.emit(event{name: "DialState", ch: two, dest: l.ch, extra: []string{"DialStatus", "RINGING"}})
		p.emit(event{name: "DialState", ch: from, dest: one, extra: []string{"DialStatus", "RINGING"}})
		if from == c.l2 {
			p.setStateLocked(c.l1, stateRinging)
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
		p.setStateLocked(two, stateUp)
		p.setStateLocked(one, stateUp)
		p.dialEndLocked(from, one, "ANSWER")
		if p.features.eventsOf11 {
			// There the answer shows as the bridge of our half with what it dialled.
			br := p.newBridgeLocked()
			p.enterLocked(br, one, nil)
			p.enterLocked(br, from, nil)
			p.leaveLocked(one)
			p.leaveLocked(from)
		}
		two.dialled, one.dialled = false, false
		// The pair is optimised away at once, as soon as voice flows.
		p.hangupLocked(one, causeClearing, 0)
		p.hangupLocked(two, causeClearing, 0)
	})
	return l, true
}

// runOwnPlan is ringOwn for an own side with a dial plan of its own.
func (c *liveCall) runOwnPlan(does OwnPlan) bool {
	p := c.p
	switch does {
	case OwnPlanBusyAndSilent, OwnPlanSilentAndBusy, OwnPlanBusyAndNotConnected:
		return c.ringTwo(does)
	case OwnPlanDeclinesAndAnswers:
		p.do(func() {
			a, b := c.trunkLegLocked(c.l2, "603"), c.phoneLegLocked(c.l2, "7101")
			c.beginLegLocked(c.l2, a, false)
			c.beginLegLocked(c.l2, b, false)
			c.refusedLocked(c.l2, a, causeRejected, false)
			c.ringsLocked(c.l2, b)
		})
		return c.ownWaits(p.pace.ownRings)
	case OwnPlanTaken:
		p.do(func() {
			l := c.trunkLegLocked(c.l2, "taken")
			c.beginLegLocked(c.l2, l, false)
			c.ringsLocked(c.l2, l)
		})
		if !c.ownWaits(p.pace.ownRings) {
			return false
		}
		p.do(c.takenLocked)
		return true
	case OwnPlanConfirms, OwnPlanNeverConfirms:
		l, goesOn := c.followMe(c.l2, does == OwnPlanConfirms)
		if l != nil {
			c.own = l
			return true
		}
		if goesOn {
			p.do(func() { c.ownFailedLocked(causeClearing, "NOANSWER", 0) })
		}
		return false
	case OwnPlanNotDisturbed:
		p.do(func() {
			p.setStateLocked(c.l2, stateBusy)
			c.ownFailedLocked(causeBusy, "BUSY", 5)
		})
		return false
	default: // OwnPlanLeaves
		p.do(func() {
			l := c.trunkLegLocked(c.l2, "leaves")
			c.beginLegLocked(c.l2, l, false)
			c.ringsLocked(c.l2, l)
		})
		if !c.ownWaits(p.pace.ownRings) {
			return false
		}
		c.hangsUpAt = time.Now().Add(p.pace.refuse)
		return true
	}
}

// ringTwo rings two phones of which none answers.
func (c *liveCall) ringTwo(does OwnPlan) bool {
	p := c.p
	p.do(func() {
		busy := c.phoneLegLocked(c.l2, "7103")
		if does == OwnPlanBusyAndNotConnected {
			c.beginLegLocked(c.l2, busy, true)
			c.refusedLocked(c.l2, busy, causeBusy, true)
			return
		}
		silent := c.phoneLegLocked(c.l2, "7102")
		if does == OwnPlanBusyAndSilent {
			c.beginLegLocked(c.l2, busy, true)
			c.beginLegLocked(c.l2, silent, false)
		} else {
			c.beginLegLocked(c.l2, silent, false)
			c.beginLegLocked(c.l2, busy, true)
		}
		c.refusedLocked(c.l2, busy, causeBusy, false)
		c.ringsLocked(c.l2, silent)
	})
	if does == OwnPlanBusyAndNotConnected {
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
		l := c.trunkLegLocked(c.l2, c.req.ext)
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
	case timeUp, pickedUp:
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

// runFarPlan is a far side with a dial plan of its own.
func (c *liveCall) runFarPlan(does FarPlan) {
	p := c.p
	switch does {
	case FarPlanMailbox:
		if c.tryTrunk(causeBusy) {
			c.echo()
		}
	case FarPlanLateMailbox:
		p.do(func() {
			c.far = c.trunkLegLocked(c.l1, "04")
			c.beginLegLocked(c.l1, c.far, false)
			c.ringsLocked(c.l1, c.far)
		})
		if c.farWaits(p.pace.trunkGive) {
			p.do(func() { c.ringOutLocked(c.l1, c.far); c.far = nil })
			c.echo()
		}
	case FarPlanSecondTrunk:
		if c.tryTrunk(causeCongestion) && c.plays("PROGRESS") {
			c.dialOut(OutboundPrefix+"0000002", FarLeaves)
		}
	case FarPlanAnnounced, FarPlanShort:
		c.playsAndEnds("PROGRESS", causeUnknown)
	case FarPlanBusyTone:
		c.playsAndEnds("BUSY", causeNone)
	case FarPlanCongestion:
		c.playsAndEnds("CONGESTION", causeNone)
	case FarPlanSpoken:
		c.playsAndEnds("PROGRESS", causeClearing)
	case FarPlanSlow:
		if c.plays("") {
			c.dialOut(OutboundPrefix+"0000002", FarLeaves)
		}
	case FarPlanConfirms, FarPlanNeverConfirms:
		l, goesOn := c.followMe(c.l1, does == FarPlanConfirms)
		switch {
		case l != nil:
			p.do(func() {
				c.far = l
				c.outer = p.newBridgeLocked()
				p.enterLocked(c.outer, l.ch, nil)
				p.enterLocked(c.outer, c.l1, nil)
			})
			c.talk(-1)
		case goesOn:
			p.do(func() { c.endLocalsLocked(causeClearing, causeClearing) })
		}
	case FarPlanTone:
		if c.tryTrunk(causeBusy) {
			c.playsAndEnds("BUSY", causeNone)
		}
	case FarPlanSilentAndBusy:
		p.do(func() {
			c.far = c.phoneLegLocked(c.l1, "7102")
			busy := c.phoneLegLocked(c.l1, "7103")
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
	case FarPlanForwards:
		c.forwards()
	default: // FarPlanQueue
		p.do(func() { c.queue = true })
		c.dialIn("7105")
	}
}

// forwards calls a phone that has its calls forwarded to a busy one.
func (c *liveCall) forwards() {
	p := c.p
	p.do(func() {
		c.far = c.trunkLegLocked(c.l1, "302")
		c.beginLegLocked(c.l1, c.far, false)
	})
	if !c.farWaits(p.pace.refuse) {
		return
	}
	p.do(func() {
		if !p.features.eventsOf11 {
			p.dialEndLocked(c.l1, c.far.ch, "CANCEL")
		}
		one, two := c.nestedLocalLocked(c.l1, "7103@outbound")
		p.hangupLocked(c.far.ch, causeNone, 0)
		p.releaseLocked(c.far, causeClearing)
		busy := c.phoneLegLocked(two, "7103")
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
		c.far = c.trunkLegLocked(c.l1, "03")
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
	case timeUp:
		return true
	case closing:
	default:
		c.p.do(func() { c.cancelFarLocked(n) })
	}
	return false
}

// speaks lets the PBX play something to the own phone: a tone ("BUSY"), anything
// else that is no answer ("PROGRESS"), or nothing at all. False: the call ended.
func (c *liveCall) plays(what string) bool {
	p := c.p
	p.do(func() {
		if c.req.direct {
			return // nobody dials a channel that is up, so nothing is told of what it plays
		}
		switch what {
		case "":
		case "PROGRESS":
			p.emit(event{name: "DialState", dest: c.l2, extra: []string{"DialStatus", what}})
		default:
			p.dialEndLocked(nil, c.l2, what)
		}
	})
	switch n := c.wait(p.pace.announcement); n.what {
	case timeUp:
		return true
	case closing:
	default:
		p.do(func() { c.endTalkLocked(n) })
	}
	return false
}

func (c *liveCall) playsAndEnds(what string, cause int) {
	if c.plays(what) {
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
		c.far = c.trunkLegLocked(c.l1, c.req.exten)
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
