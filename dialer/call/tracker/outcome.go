package tracker

import (
	"fmt"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// Hangup causes of Q.850, as Asterisk's causes.h numbers them. Only those are
// named that tell what DialEnd leaves open.
const (
	causeUnallocated   = 1
	causeNoRoute       = 3
	causeUserBusy      = 17
	causeAbsent        = 20
	causeRejected      = 21
	causeInvalidFormat = 28
	causeNoCircuit     = 34
	causeOutOfOrder    = 38
	causeSwitchCongest = 42
)

// ownOutcome is what is known of why the person's own phone did not answer.
type ownOutcome struct {
	dialled bool
	rang    bool
	status  string // DialEnd of the own phone
	pair    string // DialEnd of the Local pair, all there is where no phone could be dialled
	reason  *int   // of the failed OriginateResponse
	hcause  int    // the first telling Hangup cause
}

// over: the PBX said that the own phone will not answer.
func (o *ownOutcome) over() bool { return o.reason != nil || o.pair != "" }

// named: what is known names the cause; nothing later can name it better.
func (o *ownOutcome) named() bool {
	switch o.status {
	case "", "CANCEL":
	default:
		return true
	}
	if o.reason != nil && (*o.reason == 3 || *o.reason == 5) {
		return true
	}
	// CHANUNAVAIL of the pair can mean a phone that is not there or a dialplan
	// that refused; the cause of a Hangup, which may come later, tells.
	return o.pair == "BUSY" || (o.pair == "CHANUNAVAIL" && (o.dialled || o.hcause != 0))
}

func (o *ownOutcome) undecided() bool { return !o.named() }

func (o *ownOutcome) hungUp(cause int) {
	if o.hcause == 0 || o.hcause == 16 {
		o.hcause = cause
	}
}

func (o *ownOutcome) cause() call.Cause {
	if o.rang && o.reason != nil && *o.reason == 3 {
		return call.OwnNoAnswer // one of several phones rang to the end
	}
	status := o.status
	if status == "" && (o.dialled || o.hcause == causeNoRoute || o.hcause == causeAbsent || o.hcause == causeUserBusy) {
		// Otherwise the dialplan ended before it dialled a phone, and what the
		// PBX says of the pair is said of no phone.
		status = o.pair
	}
	switch status {
	case "BUSY":
		return call.OwnBusy
	case "NOANSWER":
		return call.OwnNoAnswer
	case "CHANUNAVAIL", "CONGESTION":
		return call.OwnUnreachable
	}
	if o.reason != nil {
		switch *o.reason {
		case 3:
			return call.OwnNoAnswer
		case 5:
			return call.OwnBusy
		}
	}
	switch {
	case o.hcause == causeUserBusy:
		return call.OwnBusy
	case o.rang:
		return call.OwnNoAnswer
	case o.dialled, o.hcause == causeNoRoute, o.hcause == causeAbsent:
		return call.OwnUnreachable
	}
	return call.Refused
}

func (o *ownOutcome) detail() string {
	var d []string
	if s := o.status + o.pair; s != "" {
		if o.status != "" {
			s = o.status
		}
		d = append(d, "DialStatus "+s)
	}
	if o.reason != nil {
		if *o.reason < 0 {
			d = append(d, "unknown reason")
		} else {
			d = append(d, fmt.Sprintf("reason %d", *o.reason))
		}
	}
	if o.hcause != 0 {
		d = append(d, fmt.Sprintf("cause %d", o.hcause))
	}
	return strings.Join(d, ", ")
}

// ownSettles decides once the PBX has said that the own phone will not
// answer: at once where the cause is named, otherwise after a moment.
func (c *Call) ownSettles(now time.Time) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	switch {
	case !c.own.over():
	case c.own.named() || c.cancelled:
		c.finish(now)
	case len(c.legs) > 0:
		c.await(now.Add(behind), c.finish)
	default:
		c.await(now.Add(grace), c.finish)
	}
}

// farOutcome is what is known of why the other side did not answer.
type farOutcome struct {
	dialled bool
	pending map[string]struct{} // far legs dialled and not yet decided
	status  string              // of the last DialEnd
	leg     string              // whose DialEnd that was
	decided map[string]bool     // legs whose DialEnd was seen
	causes  map[string]int      // Hangup causes by leg
}

func (f *farOutcome) hungUp(id string, cause int) {
	if f.causes == nil {
		f.causes = make(map[string]int)
	}
	f.causes[id] = cause
	delete(f.pending, id)
}

// failed: every far leg dialled so far has failed.
func (f *farOutcome) failed() bool { return f.status != "" && len(f.pending) == 0 }

// explained: it has failed, and the leg that failed is gone, so that its
// cause is known.
func (f *farOutcome) explained() bool {
	_, known := f.causes[f.leg]
	return f.failed() && known
}

// personHungUp: the far side was being called when the own phone was put
// down.
func (f *farOutcome) personHungUp() bool {
	return f.status == "CANCEL" || (f.status == "" && f.dialled)
}

func (f *farOutcome) cause() call.Cause {
	vague := call.NoAnswer
	switch f.status {
	case "BUSY":
		return call.Busy
	case "NOANSWER":
	case "CONGESTION", "CHANUNAVAIL":
		vague = call.Network
	case "": // nobody was called at all
		vague = call.NotPermitted
	default:
		return call.Refused
	}
	switch f.causes[f.leg] {
	case causeUnallocated, causeInvalidFormat:
		return call.NoSuchNumber
	case causeUserBusy:
		return call.Busy
	case causeRejected:
		return call.Rejected
	case causeNoRoute, causeAbsent, causeNoCircuit, causeOutOfOrder, causeSwitchCongest:
		return call.Network
	}
	return vague
}

func (f *farOutcome) detail() string {
	var d []string
	if f.status != "" {
		d = append(d, "DialStatus "+f.status)
	}
	if h := f.causes[f.leg]; h != 0 {
		d = append(d, fmt.Sprintf("cause %d", h))
	}
	return strings.Join(d, ", ")
}

// farDialled: the dialplan calls somebody, for the first time or anew after
// another try failed.
func (c *Call) farDialled(dest ami.Channel) {
	if id := dest.UniqueID; id != "" {
		if _, pending := c.far.pending[id]; pending || c.far.decided[id] {
			return // told again
		}
	}
	c.ownAnsweredBefore()
	if c.snap.State == call.InCall && c.serviced {
		// It was not a service of the PBX after all, only a slow dialplan.
		c.serviced = false
		c.snap.State, c.snap.Answered = call.AnsweredOwn, time.Time{}
	}
	if c.far.pending == nil {
		c.far.pending = make(map[string]struct{})
	}
	c.far.dialled = true
	c.far.status, c.far.leg = "", ""
	if _, gone := c.gone[dest.UniqueID]; !gone && dest.UniqueID != "" && len(c.far.pending) < familyCap {
		c.far.pending[dest.UniqueID] = struct{}{}
	}
	c.deadline, c.onTick = time.Time{}, nil
	c.farNamed(dest)
}

// ownAnsweredBefore: the dialplan goes on to the far side only once the own
// phone was picked up, whatever event of that is still on its way.
func (c *Call) ownAnsweredBefore() {
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.to(call.AnsweredOwn)
	}
}

func (c *Call) farFailed(e ami.DialEnd, now time.Time) {
	c.ownAnsweredBefore()
	delete(c.far.pending, e.Dest.UniqueID)
	if c.far.decided == nil {
		c.far.decided = make(map[string]bool)
	}
	if len(c.far.decided) < familyCap {
		c.far.decided[e.Dest.UniqueID] = true
	}
	if c.snap.State != call.AnsweredOwn && c.snap.State != call.RingingFar {
		return
	}
	c.far.dialled = true
	c.far.status, c.far.leg = e.Status, e.Dest.UniqueID
	if len(c.far.pending) == 0 {
		c.await(now.Add(grace), c.finish)
	}
}

// farNamed keeps what the PBX calls the other side, where it is a name.
func (c *Call) farNamed(ch ami.Channel) {
	if n := ch.CallerIDName; n != "" && n != c.req.Number && !strings.Contains(n, c.req.Number) {
		c.snap.FarName = n
	}
}
