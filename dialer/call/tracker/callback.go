package tracker

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// A person who hangs up while the third side of an attended transfer still rings leaves the
// far side to the PBX, which joins the two as soon as the third answers. Where it does not,
// Asterisk calls the person's phone back (atxfernoanswertimeout), by a channel that nothing
// ties to the call before it comes into the bridge in which the far side waits. The channel
// of the phone that was put down counts as there until all that is over (16.28, 22.10).

// CallBack is by what the channels are known that such a transfer brings.
type CallBack struct {
	Phone  string // begins the name of one of the person's own phone
	Bridge string // where the far side waits
	Number string // of the far side, as the phone shows it; "" where it has none
}

// CallBack is that of a transfer that may bring one, or zero.
func (c *Call) CallBack() (r CallBack) {
	if !c.consulting() {
		return r
	}
	beside := ""
	for _, l := range c.legs {
		if at := strings.LastIndexByte(l.name, '-'); at > 0 && !l.local() && (l.side == sideOwn || l.side == halfOne) {
			r.Phone = l.name[:at+1]
		}
	}
	for id, in := range c.bridges {
		for _, member := range in {
			switch l := c.legs[member]; {
			case l == nil:
			case l.side == halfTwo: // which stands for it
				beside = id
			case l.side == sideFar:
				r.Bridge, r.Number = id, l.number
			}
		}
	}
	if beside != "" && r.Bridge != "" {
		r.Bridge = beside
	}
	if r.Phone == "" || r.Bridge == "" {
		return CallBack{}
	}
	return r
}

// Expect has Wants let in what r tells of. It may be called from any goroutine.
func (f *Family) Expect(r CallBack) {
	if r == (CallBack{}) {
		f.callBack.Store(nil)
		return
	}
	f.callBack.Store(&r)
}

// callsBack is the key of the channel that m brings into the call by a CallBack, "" for none.
func (f *Family) callsBack(m *ami.Message) string {
	r := f.callBack.Load()
	switch {
	case r == nil:
	case string(m.Event()) == "DialBegin" && len(m.Bytes("Uniqueid")) == 0 && bytes.HasPrefix(m.Bytes("DestChannel"), []byte(r.Phone)) &&
		r.Number != "" && string(m.Bytes("DestConnectedLineNum")) == r.Number:
		return "DestUniqueid"
	case string(m.Event()) == "BridgeEnter" && string(m.Bytes("BridgeUniqueid")) == r.Bridge:
		return "Uniqueid"
	}
	return ""
}

// calledBack takes that the PBX calls the person's phone back.
func (c *Call) calledBack(e ami.DialBegin, now time.Time) bool {
	r := c.CallBack()
	if r.Phone == "" || e.Src.UniqueID != "" || !strings.HasPrefix(e.Dest.Name, r.Phone) {
		return false
	}
	if c.addLeg(e.Dest) == nil {
		return false
	}
	c.assignSide(e.Dest.UniqueID, sideOwn, now)
	c.snap.Transfer.State = call.TransferRecalled
	c.waitForThird()
	return true
}

// joins takes that a channel comes to where the far side waits: the person's phone, that was
// called back, or else the third side.
func (c *Call) joins(e ami.BridgeEnter, now time.Time) {
	r := c.CallBack()
	l := c.legs[e.Channel.UniqueID]
	if r.Phone == "" || e.BridgeID != r.Bridge || l == nil {
		return
	}
	if l.side == sideThird && strings.HasPrefix(l.name, r.Phone) {
		c.assignSide(e.Channel.UniqueID, sideOwn, now)
		c.snap.Transfer.State = call.TransferRecalled
	}
	l.up = l.up || e.Channel.State == chanUp
}

// ownAway reports whether the person's phone speaks to nobody.
func (c *Call) ownAway() bool {
	for _, in := range c.bridges {
		if slices.ContainsFunc(in, func(id string) bool {
			l := c.legs[id]
			return l != nil && (l.side == sideOwn || l.side == halfOne && c.req.Direct())
		}) {
			return false
		}
	}
	return c.bridged
}

// callBackCause is why the third side was not reached: the PBX has taken its call back.
func (c *Call) callBackCause() call.Cause {
	if c.thirdFailed() {
		return c.thirdCause()
	}
	return call.NoAnswer
}
