package tracker

import (
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// A transfer adds a third side. What is dialled, or born, for the call while one is
// pending is that side's: the far side itself has answered long ago.
//
// A blind one takes the person out of the call at once, which is over for them; the far
// side's channel runs the dialplan, and dials the third. Where that is in vain the
// dialplan decides what becomes of the far side, and mostly hangs up: then the caller is
// lost, and that is told. So the channels are followed after the end of the call.
//
// As long as the Local pair of the call is there, its half two stands for the far side where
// the person's phone was, and half one is with it.
//
// An attended one makes a pair of Local channels: the person's phone leaves the far side
// waiting in one bridge and is joined with half one of the pair in another. Half two
// runs the dialplan. When the person hangs up the PBX joins the bridges.

const (
	// ignoredAfter is how long the PBX may do nothing about a transfer. In an attended
	// one it first plays its announcement to the person, and waits for more digits.
	ignoredAfter = 15 * time.Second

	// lateTransfer is how long the far side of a blind transfer is followed.
	lateTransfer = 5 * time.Minute
)

// BeginTransfer notes that the PBX is asked to connect the call with number.
func (c *Call) BeginTransfer(number string, attended bool, now time.Time) {
	c.snap.Transfer = call.Transfer{Number: number, Attended: attended, State: call.TransferAsked}
	c.third, c.takenBack = farOutcome{tries: make(attempts), tells: c.far.tells}, false
	c.setDeadline(now.Add(ignoredAfter), c.transferIgnored)
}

// EndTransfer decides a transfer that is pending, if one is.
func (c *Call) EndTransfer(s call.TransferState, cause call.Cause) {
	if !c.snap.Transfer.State.Pending() {
		return
	}
	c.snap.Transfer.State, c.snap.Transfer.Cause = s, cause
	if !c.snap.Live() {
		clear(c.legs) // it is followed for nothing else any more
	}
	c.deadline, c.onTick = time.Time{}, nil
}

// TakeBackTransfer notes that the person wants the far side back.
func (c *Call) TakeBackTransfer() { c.takenBack = c.snap.Transfer.State.Pending() }

// SetTransfers notes in which ways the PBX lets the call be transferred.
func (c *Call) SetTransfers(t call.Transferable) { c.snap.Transfers = t }

// Own is the name of the one channel of the person's own phone that is up, "" where there
// is none, or more than one.
func (c *Call) Own() string {
	return c.one(func(l *leg) bool {
		return l.up && !l.local() && (l.side == sideOwn || l.side == halfOne && c.req.Direct())
	})
}

// Leaver is the name of the channel that is joined with Far for the person: their own
// phone, or, as long as that was not put in its place, half one of the Local pair.
// "" where that is not known.
func (c *Call) Leaver() string {
	far := c.Far()
	for _, in := range c.bridges {
		if len(in) != 2 || !slices.ContainsFunc(in, func(id string) bool { return far != "" && c.legs[id] != nil && c.legs[id].name == far }) {
			continue
		}
		for _, id := range in {
			if l := c.legs[id]; l != nil && (l.side == sideOwn || l.side == halfOne) {
				return l.name
			}
		}
	}
	return ""
}

// Consulted is the name of the channel by which the person speaks to the third side in an
// attended transfer; "" where there is none.
func (c *Call) Consulted() string {
	return c.one(func(l *leg) bool { return l.side == sideThird && strings.HasSuffix(l.name, ";1") })
}

func (c *Call) one(is func(*leg) bool) string {
	name := ""
	for _, l := range c.legs {
		switch {
		case !is(l) || l.uncertain || l.name == "":
		case name != "":
			return ""
		default:
			name = l.name
		}
	}
	return name
}

// consulting reports whether the person speaks to the third side, or calls it, while the
// other one waits.
func (c *Call) consulting() bool {
	return c.snap.Live() && c.snap.Transfer.Attended && c.snap.Transfer.State.Pending()
}

// everyChannel are all to hang up so that nobody is left alone with music: whoever waits
// first, because the PBX joins who is left when the person's phone goes.
func (c *Call) everyChannel() (names []string) {
	for _, s := range []side{sideFar, sideThird, sideUnknown, halfOne, sideOwn, halfTwo} {
		for _, l := range c.legs {
			if l.side == s && l.name != "" && !l.uncertain {
				names = append(names, l.name)
			}
		}
	}
	return names
}

// thirdSide is the side of what is born now, where nothing else tells.
func (c *Call) thirdSide() side {
	if c.snap.Transfer.State.Pending() {
		return sideThird
	}
	return sideUnknown
}

func (c *Call) thirdDialled(dest ami.Channel, now time.Time) {
	if c.third.tries[dest.UniqueID] == nil && c.thirdFailed() {
		clear(c.third.tries) // the dialplan tries another way
	}
	if t := c.third.tries.of(dest, now); dest.UniqueID != "" {
		if cause, gone := c.gone[dest.UniqueID]; gone {
			t.gone, t.cause = true, cause
		}
	}
	c.waitForThird()
}

func (c *Call) thirdRings(ch ami.Channel, now time.Time) {
	if strings.HasPrefix(ch.Name, "Local/") {
		return // the dialplan says so, of no phone
	}
	c.third.tries.of(ch, now).rang = true
	if c.snap.Transfer.State == call.TransferAsked {
		c.snap.Transfer.State = call.TransferRinging
	}
	c.waitForThird()
}

// waitForThird lets the time pass that the third side takes.
func (c *Call) waitForThird() {
	if c.snap.Transfer.State.Pending() {
		c.deadline, c.onTick = time.Time{}, nil
	}
}

func (c *Call) thirdEnds(e ami.DialEnd, now time.Time) {
	c.third.tries.ended(e, now)
	if e.Status == "ANSWER" {
		c.third.tries.of(e.Dest, now).up = true
		if !c.bridged { // this PBX sends no events of them
			c.thirdUp()
			c.handedOver(sideFar, sideThird)
		}
	}
	c.transferMoved(now)
}

// consults looks whether the person speaks to the third side: the half of the Local pair
// that is in one bridge with their phone is up. That the third side's phone is picked up is
// too early: an Asterisk whose transferring side hangs up before it has noticed the answer
// ends with a fault, with all calls that there are (16.28, "Transfer Target Answer received
// in attended transfer state Blond Non-Final").
func (c *Call) consults() {
	if !c.snap.Transfer.Attended || !c.snap.Transfer.State.Pending() {
		return
	}
	for _, in := range c.bridges {
		own, far, third := false, false, false
		for _, id := range in {
			l := c.legs[id]
			own = own || l != nil && (l.side == sideOwn || l.side == halfOne && c.req.Direct())
			far = far || l != nil && l.side.forFar()
			third = third || l != nil && l.side == sideThird && l.up
		}
		if far && third && c.ownAway() { // put down before that one has answered
			c.EndTransfer(call.TransferDone, "")
			return
		}
		if own && third {
			c.thirdUp()
		}
	}
}

// thirdUp notes that the person speaks to the third side in an attended transfer.
func (c *Call) thirdUp() {
	if c.snap.Transfer.Attended && c.snap.Transfer.State.Pending() {
		c.snap.Transfer.State = call.TransferTalking
		c.waitForThird()
	}
}

// forFar reports whether a channel of that side is the far side, or stands for it beside the
// person's phone.
func (s side) forFar() bool { return s == sideFar || s == halfTwo }

// handedOver handles that channels of two sides are in one bridge.
func (c *Call) handedOver(a, b side) {
	if a == sideThird || b.forFar() {
		a, b = b, a
	}
	if !c.snap.Transfer.State.Pending() {
		return
	}
	switch {
	case a.forFar() && b == sideThird && (!c.snap.Transfer.Attended || c.snap.Transfer.State == call.TransferTalking):
		c.EndTransfer(call.TransferDone, "")
	case c.snap.Transfer.Attended && (a.forFar() && b == sideOwn || a == sideFar && b == halfOne) && len(c.third.tries) > 0:
		c.backAgain()
	}
}

// thirdFailed reports whether somebody was called and nobody has answered.
func (c *Call) thirdFailed() bool {
	failed := false
	for _, t := range c.third.tries.phones() {
		if !t.decided() || t.status == "ANSWER" {
			return false
		}
		failed = failed || t.status != "CANCEL"
	}
	return failed
}

// thirdCause is why nobody has answered. The pair of Local channels between says less than
// who was called behind it.
func (c *Call) thirdCause() call.Cause {
	if cause := first(c.third.tries.phones(), farRank, c.third.ofPhone); cause != "" {
		return cause
	}
	return call.Refused
}

// backAgain handles that the person has the far side again.
func (c *Call) backAgain() {
	switch {
	case c.cancelled: // for all three
		c.EndTransfer(call.TransferLeft, "")
	case c.takenBack:
		c.EndTransfer(call.TransferCancelled, "")
	case c.snap.Transfer.State == call.TransferRecalled:
		c.EndTransfer(call.TransferFailed, c.callBackCause())
	case c.thirdFailed():
		c.EndTransfer(call.TransferFailed, c.thirdCause())
	default:
		c.EndTransfer(call.TransferCancelled, "")
	}
}

// transferMoved decides the transfer where a channel has gone, or an attempt failed.
func (c *Call) transferMoved(now time.Time) {
	if !c.snap.Transfer.State.Pending() {
		return
	}
	switch {
	case !c.has(sideFar) && c.snap.Transfer.Attended && len(c.third.tries) > 0 && c.ownAway() && !c.farLeft && !c.cancelled:
		c.EndTransfer(call.TransferFailed, c.callBackCause())
	case !c.has(sideFar) && c.snap.Transfer.Attended:
		c.EndTransfer(call.TransferLeft, "")
	case !c.has(sideFar) && c.thirdFailed() && slices.ContainsFunc(c.third.tries.phones(), func(t *attempt) bool { return !t.told() }):
		c.setDeadline(now.Add(grace), func(time.Time) { c.farLetGo() }) // for the event that names the cause
	case !c.has(sideFar):
		c.farLetGo()
	case c.snap.Transfer.Attended && len(c.third.tries) > 0 && !c.has(sideThird) && !c.third.calling():
		if !c.ownAway() { // else what comes into the far side's bridge tells
			c.backAgain()
		}
	case !c.snap.Transfer.Attended && !c.third.calling() && !c.snap.Live():
		// Nobody is being called: the dialplan has the far side, a mailbox perhaps.
		if c.deadline.IsZero() && !c.thirdFailed() {
			c.setDeadline(now.Add(serviceAfter), c.transferService)
		}
	}
}

// farLetGo handles that the far side of a blind transfer is gone: the PBX has ended it, or
// they have hung up themselves.
func (c *Call) farLetGo() {
	switch {
	case c.thirdFailed():
		c.EndTransfer(call.TransferFailed, c.thirdCause())
	case len(c.third.tries) > 0:
		c.EndTransfer(call.TransferLeft, "")
	default:
		c.EndTransfer(call.TransferFailed, call.NotPermitted)
	}
}

// transferService handles that the far side of a blind transfer is connected to the PBX.
// Where somebody was called in vain it may hear a tone: that is decided when it is gone.
func (c *Call) transferService(time.Time) {
	if c.has(sideFar) && !c.third.calling() && !c.thirdFailed() {
		c.EndTransfer(call.TransferDone, "")
	}
}

func (c *Call) transferIgnored(now time.Time) {
	switch {
	case !c.snap.Live():
		c.transferService(now)
	case c.snap.Transfer.State == call.TransferAsked:
		c.EndTransfer(call.TransferIgnored, "")
	}
}

// TransferFollowed is how long after the end of the call its channels are followed.
func (c *Call) TransferFollowed() time.Duration {
	if c.snap.Transfer.State.Pending() {
		return lateTransfer
	}
	return 0
}
