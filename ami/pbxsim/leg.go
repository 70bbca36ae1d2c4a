package pbxsim

import "strings"

// leg is one phone or trunk of a call: the PBX's channel to it, and the channel
// of the handset itself (see anonymousDevice), which is not part of the call.
type leg struct {
	ch      *channel
	handset *channel
	ext     string // "" for the trunk
	suffix  string // the trunk's last two digits, which name the handset's script
}

func (l *leg) is(ringing bool) bool {
	if l.ch.gone {
		return false
	}
	return ringing == (l.ch.state == stateRinging) && (ringing || l.ch.state == stateUp)
}

// ownLegLocked makes the channel to the caller's own phone, dialled by from.
func (p *PBX) ownLegLocked(c *liveCall, e *Extension) *leg {
	l := p.phoneLocked(c, e, c.l2)
	p.emit(event{name: "DialBegin", ch: c.l2, dest: l.ch, extra: []string{"DialString", e.Number}})
	if c.l2.connected != l.ch.caller {
		p.setConnectedLocked(c.l2, l.ch.caller)
	}
	p.handsetLocked(l, "h"+e.Number, c.l2.caller, e.Phone == Busy)
	return l
}

// phoneLocked makes the channel to an extension's phone.
func (p *PBX) phoneLocked(c *liveCall, e *Extension, from *channel) *leg {
	device := p.technology() + "/" + e.Number
	l := &leg{ext: e.Number, ch: &channel{
		name: p.phoneName(e.Number), device: device, linked: c.l1.linked, context: "internal",
		exten: "s", priority: 1, call: c,
	}}
	if e.Name != "" {
		l.ch.caller = party{e.Number, e.Name}
		p.addLocked(l.ch)
		l.ch.exten = e.Number
		p.setConnectedLocked(l.ch, from.caller)
		return l
	}
	p.namelessLocked(l, e.Number, from)
	return l
}

// trunkLocked makes the channel to the outside.
func (p *PBX) trunkLocked(c *liveCall, number string) *leg {
	l := &leg{suffix: number[len(number)-2:], ch: &channel{
		name: p.phoneName("trunk"), device: p.technology() + "/trunk", linked: c.l1.linked,
		context: "internal", exten: "s", priority: 1, call: c,
	}}
	p.namelessLocked(l, number, c.l1)
	return l
}

// namelessLocked announces the channel of an endpoint that has no caller id of
// its own: it gets what was dialled, and the name the dialler knows it by.
func (p *PBX) namelessLocked(l *leg, number string, from *channel) {
	p.addLocked(l.ch)
	l.ch.exten = number
	l.ch.connected = from.caller
	p.setCallerLocked(l.ch, party{number, from.connected.name})
	p.setConnectedLocked(l.ch, from.caller)
}

// handsetLocked makes the channel of the leg's handset.
func (p *PBX) handsetLocked(l *leg, exten string, caller party, busy bool) {
	l.handset = p.addLocked(&channel{
		name: p.phoneName("anonymous"), device: p.anonymousDevice(), state: stateRing,
		caller: caller, context: "handset", exten: exten, priority: 1, call: l.ch.call,
	})
	if !busy {
		p.updateDeviceLocked(l.handset.device)
	}
}

// pickUpLocked answers the leg at its handset.
func (p *PBX) pickUpLocked(l *leg) {
	if l.suffix != "" {
		l.handset.exten = "t-" + l.suffix
	}
	l.handset.priority = 3
	p.setStateLocked(l.handset, stateUp)
	p.setStateLocked(l.ch, stateUp)
}

// refuseLocked refuses a leg, as a phone or the network does: the handset's channel
// ends, which requests the hangup of the leg's channel. The handset of a busy phone
// runs Busy(); the others hang up with a cause.
func (p *PBX) refuseLocked(l *leg, cause int, busy bool) {
	tech := sipCodes[cause]
	h := l.handset
	if l.suffix != "" {
		h.exten = "t-" + l.suffix
	}
	if busy {
		h.state = stateBusy
		p.emit(event{name: "Newstate", ch: h})
		p.updateDeviceLocked(h.device)
		p.hangupRequestLocked(false, h, p.requestCause(cause), tech)
		p.hangupRequestLocked(true, h, causeClearing, tech)
	} else {
		p.hangupRequestLocked(true, h, causeClearing, 0)
	}
	p.hangupLocked(h, cause, tech)
	p.hangupRequestLocked(false, l.ch, p.requestCause(cause), tech)
}

// hangUpPhoneLocked hangs up at the handset of an answered leg.
func (p *PBX) hangUpPhoneLocked(l *leg) {
	if l.handset.gone {
		return
	}
	l.handset.priority = 5
	p.hangupRequestLocked(true, l.handset, causeClearing, 0)
	p.hangupLocked(l.handset, causeNone, 0)
	p.hangupRequestLocked(false, l.ch, causeClearing, 0)
}

// releaseLocked tells the handset that the PBX has ended the leg.
func (p *PBX) releaseLocked(l *leg, cause int) {
	if l == nil || l.handset == nil || l.handset.gone {
		return
	}
	tech := 0
	if l.handset.state == stateRing { // a CANCEL, not a BYE
		tech = 487
	}
	p.hangupRequestLocked(false, l.handset, p.requestCause(cause), tech)
	p.hangupRequestLocked(true, l.handset, causeClearing, tech)
	p.hangupLocked(l.handset, cause, tech)
}

// requestCause is the cause in the HangupRequest of a phone: Asterisk 16 sends none.
func (p *PBX) requestCause(cause int) int {
	if p.flavour == 22 {
		return cause
	}
	return -1
}

// ifNewest returns newer on Asterisk 22, and older on the earlier ones.
func (p *PBX) ifNewest(newer, older int) int {
	if p.flavour == 22 {
		return newer
	}
	return older
}

// routed tells whether from_c2c leads anywhere for this number.
func (p *PBX) routed(number string) bool {
	if number == EchoService {
		return true
	}
	if _, ok := FarOf(number); ok || farPlanOf(number) != 0 {
		return true
	}
	if _, _, ok := Refuser(number); ok {
		return true
	}
	return p.extensionLocked(number) != nil
}

// tenantOf returns the tenant that a context belongs to: "" for the plain one,
// where the variables name the tenant.
func tenantOf(context, base string) (tenant string, ok bool) {
	if context == base {
		return "", true
	}
	tenant, ok = strings.CutPrefix(context, base+"_")
	return tenant, ok && tenant != ""
}
