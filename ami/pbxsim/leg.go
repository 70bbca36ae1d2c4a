package pbxsim

import "strings"

// leg is one phone or trunk of a call: the PBX's channel to it and the
// handset's own side, a channel that belongs to no call of ours.
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
		p.connectedLocked(c.l2, l.ch.caller)
	}
	p.handsetLocked(l, "h"+e.Number, c.l2.caller, e.Phone == Busy)
	return l
}

// phoneLocked makes the channel to a phone of the house.
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
		p.connectedLocked(l.ch, from.caller)
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
	p.callerLocked(l.ch, party{number, from.connected.name})
	p.connectedLocked(l.ch, from.caller)
}

// handsetLocked makes the handset's own side of the leg.
func (p *PBX) handsetLocked(l *leg, exten string, caller party, busy bool) {
	l.handset = p.addLocked(&channel{
		name: p.phoneName("anonymous"), device: p.anonymousDevice(), state: stateRing,
		caller: caller, context: "handset", exten: exten, priority: 1, call: l.ch.call,
	})
	if !busy {
		p.deviceLocked(l.handset.device)
	}
}

// pickUpLocked is the handset's side of an answer.
func (p *PBX) pickUpLocked(l *leg) {
	if l.suffix != "" {
		l.handset.exten = "t-" + l.suffix
	}
	l.handset.priority = 3
	p.stateLocked(l.handset, stateUp)
	p.stateLocked(l.ch, stateUp)
}

// refuseLocked is the phone's or the network's refusal of a leg: the handset's
// channel ends and asks for the end of ours. A busy phone is a phone that runs
// Busy(); the others hang up with a cause.
func (p *PBX) refuseLocked(l *leg, cause int, busy bool) {
	tech := sipCodes[cause]
	h := l.handset
	if l.suffix != "" {
		h.exten = "t-" + l.suffix
	}
	if busy {
		h.state = stateBusy
		p.emit(event{name: "Newstate", ch: h})
		p.deviceLocked(h.device)
		p.requestLocked(false, h, p.given(cause), tech)
		p.requestLocked(true, h, causeClearing, tech)
	} else {
		p.requestLocked(true, h, causeClearing, 0)
	}
	p.hangupLocked(h, cause, tech)
	p.requestLocked(false, l.ch, p.given(cause), tech)
}

// hangUpPhoneLocked is somebody putting the phone down in a talk.
func (p *PBX) hangUpPhoneLocked(l *leg) {
	if l.handset.gone {
		return
	}
	l.handset.priority = 5
	p.requestLocked(true, l.handset, causeClearing, 0)
	p.hangupLocked(l.handset, causeNone, 0)
	p.requestLocked(false, l.ch, causeClearing, 0)
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
	p.requestLocked(false, l.handset, p.given(cause), tech)
	p.requestLocked(true, l.handset, causeClearing, tech)
	p.hangupLocked(l.handset, cause, tech)
}

// given is the cause a phone's hangup request tells: Asterisk 16 tells none.
func (p *PBX) given(cause int) int {
	if p.flavour == 22 {
		return cause
	}
	return -1
}

// pick chooses what differs between Asterisk 22 and the earlier ones.
func (p *PBX) pick(newer, older int) int {
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
	if _, ok := FarOf(number); ok || beyondOf(number) != 0 {
		return true
	}
	if _, _, ok := Refuser(number); ok {
		return true
	}
	return p.extensionLocked(number) != nil
}

// contexts tells the tenant a pair of contexts belongs to: "" is the plain
// pair, whose tenant is in the variables.
func tenantOf(context, base string) (tenant string, ok bool) {
	if context == base {
		return "", true
	}
	tenant, ok = strings.CutPrefix(context, base+"_")
	return tenant, ok && tenant != ""
}
