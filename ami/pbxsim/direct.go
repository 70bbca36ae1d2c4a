package pbxsim

import (
	"strings"
	"time"
)

// A call that is asked for by the own phone's channel, PJSIP/7101, has no Local channel:
// the phone's own channel has the id that the client chose, and runs the dialplan once it
// was picked up. It is the call's l1 and its own leg; there is no l2.

// toPhone reads PJSIP/7101. What is no phone of the PBX is found when it is called.
func (r *request) toPhone(technology, channel string) {
	r.direct, r.channel = true, channel
	tech, data, _ := strings.Cut(channel, "/")
	if strings.EqualFold(tech, technology) {
		r.ext = data
	}
}

// ringPhone calls the own phone and tells whether it was answered.
func (c *liveCall) ringPhone() bool {
	p := c.p
	var phone Phone
	var status int
	var rings, refuses, leaves, there bool
	p.do(func() {
		status, rings, refuses = Refuser(c.req.ext)
		e := p.extensionLocked(c.req.ext)
		leaves = ownPlanOf(c.req.ext) == OwnPlanLeaves
		if there = refuses || leaves || e != nil && e.Phone != NotConnected; !there {
			c.responseLocked(0) // there is no channel of it
			return
		}
		if e != nil {
			phone = e.Phone
		}
		ch := p.addLocked(&channel{
			name: p.phoneName(c.req.ext), device: p.technology() + "/" + c.req.ext, unique: c.req.ids[0], linked: c.req.ids[0],
			context: "internal", exten: "s", priority: 1, call: c,
		})
		c.l1, c.own = ch, &leg{ext: c.req.ext, ch: ch}
		p.logEvent("originate", c.req.exten)
		if c.req.caller != (party{}) {
			p.setCallerLocked(ch, c.req.caller)
			p.setConnectedLocked(ch, c.req.caller)
		}
		p.emit(event{name: "DialBegin", dest: ch, extra: []string{"DialString", c.req.ext}})
		p.handsetLocked(c.own, "h"+c.req.ext, c.req.caller, phone == Busy)
		if phone == Answers && !refuses || phone == Silent || rings {
			p.setStateLocked(ch, stateRinging)
			p.emit(event{name: "DialState", dest: ch, extra: []string{"DialStatus", "RINGING"}})
		}
	})
	if !there {
		return false
	}
	until, after := time.Now().Add(c.req.timeout), time.Duration(-1)
	switch {
	case refuses, phone == Busy:
		after = p.pace.refuse
	case phone == Answers:
		after = p.pace.ownRings
	}
	cause := causeBusy
	if refuses {
		cause = sipCause(status)
	}
	for {
		left := max(time.Until(until), 0)
		n := c.wait(shorter(after, left))
		switch {
		case n.what == closing:
			return false
		case n.what == timeUp && after >= 0 && after <= left && (refuses || phone == Busy):
			p.do(func() { c.phoneRefusesLocked(cause) })
			return false
		case n.what == pickedUp, n.what == timeUp && after >= 0 && after <= left:
			if leaves {
				c.hangsUpAt = time.Now().Add(p.pace.refuse)
			}
			return true
		case n.what == timeUp:
			p.do(func() { c.phoneGivenUpLocked(3) })
			return false
		case n.what == declined, n.what == hungUp && n.ch == c.own.handset:
			p.do(func() { c.phoneRefusesLocked(causeRejected) })
			return false
		case n.what == hungUp:
			p.do(func() {
				p.hangupRequestLocked(true, c.l1, causeClearing, 0)
				c.phoneGivenUpLocked(0)
			})
			return false
		}
	}
}

func (c *liveCall) phoneRefusesLocked(cause int) {
	p := c.p
	p.refuseLocked(c.own, cause, cause == causeBusy)
	reason := 0
	if cause == causeBusy {
		reason = 5
	}
	c.responseLocked(reason)
	p.dialEndLocked(nil, c.l1, dialStatus(cause))
	p.hangupLocked(c.l1, cause, sipCodes[cause])
}

// phoneGivenUpLocked ends the ringing, because the time was up or by an action.
func (c *liveCall) phoneGivenUpLocked(reason int) {
	p := c.p
	c.responseLocked(reason)
	if reason != 3 {
		p.dialEndLocked(nil, c.l1, "NOANSWER")
	}
	p.hangupLocked(c.l1, causeClearing, 0)
	p.releaseLocked(c.own, causeClearing)
}

func (c *liveCall) phoneAnsweredLocked() {
	p := c.p
	p.logEvent("own phone answered", c.req.exten)
	p.pickUpLocked(c.own)
	if c.n%2 == 0 {
		c.responseLocked(4)
	}
	p.dialEndLocked(nil, c.l1, "ANSWER")
	if c.n%2 != 0 {
		c.responseLocked(4)
	}
	c.l1.context, c.l1.exten, c.l1.priority = c.req.context, c.req.exten, 1
}

// endPhoneLocked ends the own phone's channel when its dialplan has nothing more to do,
// or when it was hung up.
func (c *liveCall) endPhoneLocked(cause int) {
	p := c.p
	p.leaveLocked(c.l1)
	p.hangupLocked(c.l1, cause, 0)
	p.releaseLocked(c.own, cause)
}
