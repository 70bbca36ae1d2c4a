package pbxsim

// failLocked ends a call whose dial plan never called the own phone: the plan of ;2
// ends at the priority, and ;1 is hung up with it.
func (c *liveCall) failLocked(priority, cause int) {
	p := c.p
	c.l2.priority = priority
	p.hangupRequestLocked(true, c.l2, causeClearing, 0)
	c.responseLocked(0)
	p.hangupRequestLocked(false, c.l1, cause, 0)
	p.hangupLocked(c.l2, cause, 0)
	p.dialEndLocked(nil, c.l1, dialStatus(cause))
	p.hangupLocked(c.l1, cause, 0)
}

// ownRefusesLocked: the own phone is busy or was declined.
func (c *liveCall) ownRefusesLocked(cause int, busy bool) {
	p := c.p
	p.refuseLocked(c.own, cause, busy)
	if p.flavour == 22 {
		c.responseLocked(0) // before the DialEnd that says why
	}
	p.dialEndLocked(c.l2, c.own.ch, dialStatus(cause))
	c.l2.priority = 5
	p.hangupRequestLocked(true, c.l2, causeClearing, 0)
	p.hangupRequestLocked(false, c.l1, cause, 0)
	p.hangupLocked(c.own.ch, cause, sipCodes[cause])
	p.hangupLocked(c.l2, cause, 0)
	if p.flavour != 22 {
		c.responseLocked(0)
	}
	p.dialEndLocked(nil, c.l1, dialStatus(cause))
	p.hangupLocked(c.l1, cause, 0)
}

// ownSilentLocked ends a call whose own phone was not picked up within the Timeout.
func (c *liveCall) ownSilentLocked() {
	p := c.p
	local := p.ifNewest(causeNoAnswer, causeNone)
	phone := p.ifNewest(causeNoAnswer, causeClearing)
	p.hangupRequestLocked(false, c.l2, local, 0)
	if p.flavour != 22 {
		c.responseLocked(3)
	}
	p.dialEndLocked(c.l2, c.own.ch, "CANCEL")
	p.hangupRequestLocked(true, c.l2, causeClearing, 0)
	p.hangupLocked(c.l2, local, 0)
	p.hangupLocked(c.own.ch, phone, sipCodes[phone])
	p.hangupLocked(c.l1, local, 0)
	if p.flavour == 22 {
		c.responseLocked(3)
	}
	p.releaseLocked(c.own, phone)
}

// ownCancelledLocked: a channel was hung up by an action while the own phone
// rang.
func (c *liveCall) ownCancelledLocked(at *channel) {
	p := c.p
	status := "CANCEL"
	if at == c.own.ch {
		status = "NOANSWER"
	}
	p.hangupRequestLocked(true, at, causeClearing, 0)
	if at != c.l1 {
		p.hangupRequestLocked(false, c.l1, causeNone, 0)
	}
	p.dialEndLocked(nil, c.l1, "NOANSWER")
	if at != c.l2 {
		p.hangupRequestLocked(false, c.l2, causeNone, 0)
	}
	p.dialEndLocked(c.l2, c.own.ch, status)
	p.hangupLocked(c.l1, causeNone, 0)
	p.hangupLocked(c.own.ch, causeClearing, 0)
	p.hangupLocked(c.l2, causeNone, 0)
	c.responseLocked(0)
	p.releaseLocked(c.own, causeClearing)
}

// endLocalsLocked ends what is left when ;1 has nothing more to do: ;1, ;2 and
// the own phone, in this order. The first cause is that of the Local channels,
// the second that of the phone.
func (c *liveCall) endLocalsLocked(cause, phone int) {
	p := c.p
	if c.req.direct {
		c.endPhoneLocked(cause)
		return
	}
	second := cause
	if cause == causeNone { // a hangup that nobody gave a cause for
		second = causeClearing
	}
	p.hangupRequestLocked(true, c.l1, causeClearing, 0)
	owes := func() {
		if c.pendingConnected != nil {
			p.setCallerLocked(c.l2, *c.pendingConnected)
			c.pendingConnected = nil
		}
	}
	if p.flavour != 22 {
		if c.pendingConnected != nil {
			c.l2.caller = *c.pendingConnected
		}
	}
	p.hangupRequestLocked(false, c.l2, cause, 0)
	owes()
	p.hangupLocked(c.l1, cause, 0)
	p.leaveLocked(c.l2)
	p.hangupRequestLocked(true, c.l2, causeClearing, 0)
	p.hangupLocked(c.l2, second, 0)
	p.leaveLocked(c.own.ch)
	p.hangupLocked(c.own.ch, phone, 0)
	p.releaseLocked(c.own, phone)
}

// endOwnSideLocked ends the own phone and ;2 first, as when the caller hangs up
// while the Local channels are still there, and requests the hangup of ;1.
func (c *liveCall) endOwnSideLocked() {
	p := c.p
	if c.req.direct {
		return // the one channel ends last
	}
	p.leaveLocked(c.own.ch)
	p.leaveLocked(c.l2)
	p.hangupLocked(c.own.ch, causeClearing, 0)
	p.hangupRequestLocked(true, c.l2, causeClearing, 0)
	p.hangupRequestLocked(false, c.l1, causeClearing, 0)
	p.hangupLocked(c.l2, causeClearing, 0)
	p.releaseLocked(c.own, causeClearing)
}

// beginsAtOwnSideLocked reports whether the hangup is one of the own phone or of ;2,
// and announces the hangup request.
func (c *liveCall) beginsAtOwnSideLocked(n signal) bool {
	p := c.p
	switch {
	case n.what == putDown:
		p.hangUpPhoneLocked(n.leg)
		return n.leg == c.own
	case n.ch == c.own.handset:
		p.hangUpPhoneLocked(c.own)
		return true
	case c.far != nil && n.ch == c.far.handset:
		p.hangUpPhoneLocked(c.far)
		return false
	case n.ch == c.own.ch:
		p.hangupRequestLocked(true, n.ch, causeClearing, 0)
		return true
	case c.far != nil && n.ch == c.far.ch:
		p.hangupRequestLocked(true, n.ch, causeClearing, 0)
		return false
	default: // ;1 or ;2, which announce themselves
		return n.ch == c.l2
	}
}

// cancelFarLocked: a hangup while the far side was being called.
func (c *liveCall) cancelFarLocked(n signal) {
	p := c.p
	if c.far.handset == n.ch {
		c.farRefusedLocked(causeRejected, false)
		return
	}
	if c.beginsAtOwnSideLocked(n) {
		c.endOwnSideLocked()
		p.dialEndLocked(c.l1, c.far.ch, "CANCEL")
		p.hangupLocked(c.far.ch, causeClearing, 0)
		c.endHalfOneLocked()
		p.releaseLocked(c.far, causeClearing)
		return
	}
	status, cause := "CANCEL", causeNone
	if n.ch == c.far.ch {
		status, cause = "NOANSWER", causeClearing
	}
	p.dialEndLocked(c.l1, c.far.ch, status)
	p.hangupLocked(c.far.ch, causeClearing, 0)
	c.endLocalsAfterFarLocked(cause)
}

// endHalfOneLocked ends ;1 after its other half, or the own phone in its place.
func (c *liveCall) endHalfOneLocked() {
	if c.req.direct {
		c.endPhoneLocked(causeClearing)
		return
	}
	c.p.hangupRequestLocked(true, c.l1, causeClearing, 0)
	c.p.hangupLocked(c.l1, causeClearing, 0)
}

func (c *liveCall) endLocalsAfterFarLocked(cause int) {
	c.endLocalsLocked(cause, causeClearing)
	c.p.releaseLocked(c.far, causeClearing)
}

// endTalkLocked: a hangup in the talk, or in the echo service.
func (c *liveCall) endTalkLocked(n signal) {
	p := c.p
	ownFirst := c.beginsAtOwnSideLocked(n)
	if c.inner == nil && c.far != nil && c.outer != nil { // only the own phone and the far side are left
		first, other := c.far, c.own
		if ownFirst {
			first, other = c.own, c.far
		}
		p.leaveLocked(first.ch)
		p.leaveLocked(other.ch)
		p.hangupLocked(first.ch, causeClearing, 0)
		p.hangupLocked(other.ch, causeClearing, 0)
		p.releaseLocked(first, causeClearing)
		p.releaseLocked(other, causeClearing)
		return
	}
	if ownFirst {
		c.endOwnSideLocked()
		p.leaveLocked(c.l1)
		if c.far != nil {
			p.leaveLocked(c.far.ch)
			p.hangupLocked(c.far.ch, causeClearing, 0)
		}
		c.endHalfOneLocked()
		p.releaseLocked(c.far, causeClearing)
		return
	}
	if c.far != nil {
		p.leaveLocked(c.far.ch)
		p.leaveLocked(c.l1)
		p.hangupLocked(c.far.ch, causeClearing, 0)
	}
	c.endLocalsAfterFarLocked(causeClearing)
}
