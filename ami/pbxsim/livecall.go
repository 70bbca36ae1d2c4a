package pbxsim

import (
	"slices"
	"time"
)

// liveCall is one click-to-call, from the Originate to its last channel. It has a
// goroutine of its own (run), which holds PBX.mu for everything it changes.
type liveCall struct {
	p                *PBX
	n                int // counts the calls of the PBX
	req              request
	l1, l2           *channel
	own, far         *leg
	inner            *bridge     // own phone and ;2
	outer            *bridge     // ;1 and the far side, later the own phone and the far side
	pendingConnected *party      // a connected line that ;2 has not been told yet
	signals          chan signal // what people and actions do to the call
	hangsUpAt        time.Time   // when the own phone is put down; zero: never by itself
	queue            bool        // ;1 waits in a queue, which before Asterisk 12 tells nothing of whom it calls (apps/app_queue.c)
	answered         chan bool   // one value: did the own phone answer
}

// occurrence is something that happens to a call.
type occurrence int

const (
	timeUp      occurrence = iota // the time that was waited for has passed
	hungUp                        // a channel was hung up by an action
	pickedUp                      // a ringing phone was answered
	declined                      // a ringing phone was declined
	putDown                       // a phone in a conversation was hung up
	closing                       // the PBX ends
	transferred                   // an action transfers the call
)

type signal struct {
	what occurrence
	ch   *channel // the channel that was hung up; nil: the call as a whole
	leg  *leg     // the leg whose phone it was
	to   transfer // where it goes
}

// signal passes s to the call's goroutine. It returns false, and s is lost, where
// too many signals wait already.
func (c *liveCall) signal(n signal) bool {
	select {
	case c.signals <- n:
		return true
	default:
		return false
	}
}

// wait returns the next signal, or timeUp after d. A negative d waits for ever.
func (c *liveCall) wait(d time.Duration) signal {
	var expired <-chan time.Time
	after := signal{what: timeUp}
	if left := max(0, time.Until(c.hangsUpAt)); !c.hangsUpAt.IsZero() && (d < 0 || left <= d) {
		d, after = left, signal{what: putDown, leg: c.own}
		c.hangsUpAt = time.Time{}
	}
	if d >= 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		expired = t.C
	}
	select {
	case n := <-c.signals:
		if n.what == hungUp && n.ch == nil { // whichever channel there is
			n.ch = c.l1
			if c.l1 != nil && c.l1.gone {
				n.ch = c.own.ch
			}
		}
		return n
	case <-c.p.done:
		return signal{what: closing}
	case <-expired:
		return after
	}
}

// startLocked begins the call's goroutine.
func (c *liveCall) startLocked() {
	p := c.p
	p.calls = append(p.calls, c)
	p.wg.Go(func() {
		c.run()
		p.logEvent("call over", c.req.exten)
		p.do(func() {
			if i := slices.Index(p.calls, c); i >= 0 {
				p.calls = slices.Delete(p.calls, i, i+1)
			}
		})
		c.reply(false) // when the PBX closes under it
	})
}

// reply gives a synchronous Originate the result that it waits for.
func (c *liveCall) reply(ok bool) {
	select {
	case c.answered <- ok:
	default:
	}
}

// run makes the call, one stage after the other.
func (c *liveCall) run() {
	p := c.p
	if c.req.direct {
		if !c.ringPhone() {
			return
		}
		p.do(c.phoneAnsweredLocked)
	} else {
		p.do(c.beginLocked)
		if !c.ringOwn() {
			return
		}
		p.do(c.ownAnsweredLocked)
	}
	number := c.req.exten
	does, outside := FarOf(number)
	status, rings, refuses := Refuser(number)
	beyond := farPlanOf(number)
	switch {
	case c.req.leadsNowhere:
		p.do(func() { c.endLocalsLocked(causeNone, causeClearing) })
	case number == EchoService:
		c.echo()
	case beyond != 0:
		c.runFarPlan(beyond)
	case refuses:
		c.callRefuser(status, rings)
	case outside && c.req.ext == LimitedExtension:
		p.do(func() { c.endLocalsLocked(causeClearing, causeClearing) })
	case outside:
		c.dialOut(number, does)
	default:
		c.dialIn(number)
	}
}

// beginLocked makes both halves of the Local channel.
func (c *liveCall) beginLocked() {
	p, r := c.p, c.req
	p.logEvent("originate", r.exten)
	local := func(half string, state int, unique string) *channel {
		return &channel{
			name: c.req.local + half, unique: unique, linked: r.ids[0], state: state,
			context: r.dialContext, exten: r.ext, priority: 1, call: c,
		}
	}
	c.l1 = p.addLocked(local(";1", stateDown, r.ids[0]))
	other := r.ids[1]
	if other == "" && r.ids[0] != "" {
		other = r.ids[0] + ";2"
	}
	c.l2 = local(";2", stateRing, other)
	c.l2.linked = c.l1.linked
	p.addLocked(c.l2)
	if r.caller != (party{}) {
		p.setCallerLocked(c.l1, r.caller)
		p.setConnectedLocked(c.l1, r.caller)
		c.l2.connected = r.caller
		p.setCallerLocked(c.l2, r.caller)
		p.setConnectedLocked(c.l2, r.caller)
	}
	p.emit(event{name: "LocalBridge", one: c.l1, two: c.l2, extra: []string{
		"Context", r.dialContext, "Exten", r.ext, "LocalOptimization", yes(!r.keepLocal),
	}})
	p.emit(event{name: "DialBegin", dest: c.l1, extra: []string{"DialString", r.ext + "@" + r.dialContext}})
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// ringOwn calls the caller's own phone and tells whether it was answered.
func (c *liveCall) ringOwn() bool {
	p := c.p
	var phone Phone
	var stopped, early, refuses bool
	var desk OwnPlan
	var status int
	p.do(func() {
		e := p.extensionLocked(c.req.ext)
		status, early, refuses = Refuser(c.req.ext)
		desk = ownPlanOf(c.req.ext)
		planned := desk != 0 || refuses
		switch {
		case planned && c.req.channelExists && c.req.tenantKnown:
			c.l2.context, c.l2.priority = "desk", 1
			return
		case e == nil && !planned || !c.req.channelExists:
			stopped = true
			c.failLocked(1, causeNone)
			return
		case !c.req.tenantKnown:
			stopped = true
			c.failLocked(3, causeClearing)
			return
		case e.Phone == NotConnected:
			stopped = true
			c.l2.context = "c2c"
			c.failLocked(5, causeNoRoute)
			return
		}
		// A wrapper context goes on in the plain one.
		c.l2.context, c.l2.priority = "c2c", 4
		phone = e.Phone
		c.own = p.ownLegLocked(c, e)
		if phone != Busy {
			c.ownRingsLocked()
		}
	})
	switch {
	case stopped:
		return false
	case desk != 0:
		return c.runOwnPlan(desk)
	case refuses:
		c.ringRefuser(status, early)
		return false
	}
	patience := c.req.timeout
	until := time.Now().Add(patience)
	rings := time.Duration(-1)
	switch phone {
	case Answers:
		rings = p.pace.ownRings
	case Busy:
		rings = p.pace.refuse
	}
	for {
		left := max(time.Until(until), 0)
		n := c.wait(shorter(rings, left))
		switch {
		case n.what == closing:
			return false
		case n.what == pickedUp, n.what == timeUp && phone == Answers && rings <= left:
			return true
		case n.what == timeUp && phone == Busy:
			p.do(func() { c.ownRefusesLocked(causeBusy, true) })
			return false
		case n.what == timeUp:
			p.do(c.ownSilentLocked)
			return false
		case n.what == declined, n.what == hungUp && n.ch == c.own.handset:
			p.do(func() { c.ownRefusesLocked(causeRejected, false) })
			return false
		case n.what == hungUp:
			p.do(func() { c.ownCancelledLocked(n.ch) })
			return false
		}
	}
}

func shorter(d, most time.Duration) time.Duration {
	if d < 0 || d > most {
		return most
	}
	return d
}

func (c *liveCall) ownRingsLocked() {
	p, own := c.p, c.own
	own.handset.priority = 2
	p.setStateLocked(own.ch, stateRinging)
	c.l1.caller = own.ch.caller
	p.setStateLocked(c.l1, stateRinging)
	p.setCallerLocked(c.l1, own.ch.caller)
	p.emit(event{name: "DialState", dest: c.l1, extra: []string{"DialStatus", "RINGING"}})
	p.emit(event{name: "DialState", ch: c.l2, dest: own.ch, extra: []string{"DialStatus", "RINGING"}})
}

// ownAnsweredLocked joins the own phone with ;2. OriginateResponse comes
// before or after the DialEnd of the phone: both were recorded, so the calls
// of a PBX do the one and the other in turn.
func (c *liveCall) ownAnsweredLocked() {
	p, own := c.p, c.own
	p.logEvent("own phone answered", c.req.exten)
	p.pickUpLocked(own)
	if c.n%2 == 0 {
		c.responseLocked(4)
	}
	own.ch.exten = ""
	p.dialEndLocked(c.l2, own.ch, "ANSWER")
	if c.n%2 != 0 {
		c.responseLocked(4)
	}
	p.setStateLocked(c.l2, stateUp)
	c.inner = p.newBridgeLocked()
	p.enterLocked(c.inner, own.ch, nil)
	p.setStateLocked(c.l1, stateUp)
	p.dialEndLocked(nil, c.l1, "ANSWER")
	p.enterLocked(c.inner, c.l2, nil)
	c.l1.context, c.l1.exten, c.l1.priority = "outbound", c.req.exten, 1
}

// responseLocked is the OriginateResponse; reason 4 is an answer.
func (c *liveCall) responseLocked(reason int) {
	p, r := c.p, c.req
	defer c.reply(reason == 4)
	if !r.async {
		return
	}
	p.emit(event{name: "OriginateResponse", extra: r.response(reason, c.l1, p.features)})
}
