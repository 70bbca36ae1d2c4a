package pbxsim

import "slices"

// Arrival is a call from outside that comes in at phones of the PBX. A test moves it by its
// methods; the events are sent before they return. What they do not have, such as transfers,
// is tried on real Asterisks.
type Arrival struct {
	p      *PBX
	caller *channel
	legs   []*arrivalLeg
	talk   *bridge
}

type arrivalLeg struct {
	ext      string
	ch       *channel
	one, two *channel // the Local channel that it is behind; nil for none
}

// CallIn has somebody with that number and name call exten, whatever that is: a group, a
// queue, or an extension. Nothing rings yet.
func (p *PBX) CallIn(number, name, exten string) *Arrival {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &Arrival{p: p}
	a.caller = p.addLocked(&channel{
		name: p.phoneName("trunk"), device: p.technology() + "/trunk", state: stateRing,
		caller: party{number, name}, context: "incoming", exten: exten, priority: 1,
	})
	return a
}

// Ring dials the extension's phone, which rings unless it is busy or not there. through is
// the context of a Local channel that it is dialled through, "" for none.
func (a *Arrival) Ring(ext, through string) {
	p := a.p
	p.mu.Lock()
	defer p.mu.Unlock()
	l, from := &arrivalLeg{ext: ext}, a.caller
	if through != "" {
		name := p.localName("Local/" + ext + "@" + through)
		half := func(n string, state int) *channel {
			return p.addLocked(&channel{
				name: name + n, state: state, linked: a.caller.linked, context: through, exten: ext, priority: 1,
				caller: a.caller.caller, connected: a.caller.caller,
			})
		}
		l.one, l.two = half(";1", stateDown), half(";2", stateRing)
		p.emit(event{name: "LocalBridge", one: l.one, two: l.two, extra: []string{"Context", through, "Exten", ext, "LocalOptimization", "Yes"}})
		p.emit(event{name: "DialBegin", ch: a.caller, dest: l.one, extra: []string{"DialString", ext + "@" + through}})
		from = l.two
	}
	device := p.technology() + "/" + ext
	e := p.extensionLocked(ext)
	called := party{num: ext}
	if e != nil {
		called.name = e.Name
	}
	l.ch = p.addLocked(&channel{
		name: p.phoneName(ext), device: device, linked: a.caller.linked, context: "internal", exten: "s", priority: 1, caller: called, app: "AppDial",
	})
	l.ch.exten = ext
	p.setConnectedLocked(l.ch, a.caller.caller)
	a.legs = append(a.legs, l)
	p.emit(event{name: "DialBegin", ch: from, dest: l.ch, extra: []string{"DialString", ext}})
	if e != nil && e.Phone == Busy {
		a.endLegLocked(l, "BUSY", causeBusy)
		return
	}
	if e != nil && e.Phone == NotConnected {
		a.endLegLocked(l, "CHANUNAVAIL", causeNoRoute)
		return
	}
	p.setStateLocked(l.ch, stateRinging)
	p.emit(event{name: "DialState", ch: from, dest: l.ch, extra: []string{"DialStatus", "RINGING"}})
	if l.one != nil {
		p.setStateLocked(l.one, stateRinging)
		p.emit(event{name: "DialState", ch: a.caller, dest: l.one, extra: []string{"DialStatus", "RINGING"}})
	}
}

// endLegLocked ends a leg that was not answered.
func (a *Arrival) endLegLocked(l *arrivalLeg, status string, cause int) {
	p, from := a.p, a.caller
	if l.two != nil {
		from = l.two
	}
	p.dialEndLocked(from, l.ch, status)
	p.hangupLocked(l.ch, cause, 0)
	if l.one != nil {
		p.dialEndLocked(a.caller, l.one, status)
		p.hangupLocked(l.one, cause, 0)
		p.hangupLocked(l.two, cause, 0)
	}
	a.legs = slices.DeleteFunc(a.legs, func(o *arrivalLeg) bool { return o == l })
}

// Answer picks up at the extension's phone; the others stop ringing.
func (a *Arrival) Answer(ext string) bool {
	p := a.p
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(a.legs, func(l *arrivalLeg) bool { return l.ext == ext })
	if at < 0 {
		return false
	}
	l := a.legs[at]
	p.setStateLocked(l.ch, stateUp)
	from := a.caller
	if l.two != nil {
		from = l.two
	}
	p.dialEndLocked(from, l.ch, "ANSWER")
	if l.two != nil {
		p.setStateLocked(l.two, stateUp)
		p.setStateLocked(l.one, stateUp)
		p.dialEndLocked(a.caller, l.one, "ANSWER")
	}
	for _, o := range slices.Clone(a.legs) {
		if o != l {
			a.endLegLocked(o, "CANCEL", causeElsewhere)
		}
	}
	p.setStateLocked(a.caller, stateUp)
	a.talk = p.newBridgeLocked()
	p.enterLocked(a.talk, a.caller, nil)
	p.enterLocked(a.talk, l.ch, nil)
	if l.one != nil { // optimised away at once
		p.hangupLocked(l.one, causeClearing, 0)
		p.hangupLocked(l.two, causeClearing, 0)
		l.one, l.two = nil, nil
	}
	return true
}

// Take has a colleague with that extension pick up what rings.
func (a *Arrival) Take(ext string) {
	p := a.p
	p.mu.Lock()
	defer p.mu.Unlock()
	by := p.addLocked(&channel{
		name: p.phoneName(ext), device: p.technology() + "/" + ext, state: stateRing, context: "internal", exten: "**", priority: 1,
	})
	p.setStateLocked(by, stateUp)
	p.dialEndLocked(a.caller, by, "ANSWER")
	for _, o := range slices.Clone(a.legs) {
		p.hangupLocked(o.ch, causeElsewhere, 0)
	}
	a.legs = []*arrivalLeg{{ext: ext, ch: by}}
	p.setStateLocked(a.caller, stateUp)
	a.talk = p.newBridgeLocked()
	p.enterLocked(a.talk, a.caller, nil)
	p.enterLocked(a.talk, by, nil)
}

// Decline refuses it at the extension's phone.
func (a *Arrival) Decline(ext string) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	if at := slices.IndexFunc(a.legs, func(l *arrivalLeg) bool { return l.ext == ext }); at >= 0 {
		a.endLegLocked(a.legs[at], "BUSY", causeBusy)
	}
}

// Stop has the phones ring no longer; the caller waits on, as for a mailbox or in a queue.
func (a *Arrival) Stop() {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	for _, l := range slices.Clone(a.legs) {
		a.endLegLocked(l, "NOANSWER", causeNone)
	}
}

// End ends the call: the caller gives up, or one of the two who talk hangs up.
func (a *Arrival) End() {
	p := a.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.talk == nil {
		p.hangupRequestLocked(false, a.caller, p.requestCause(causeClearing), 0)
	}
	for _, l := range slices.Clone(a.legs) {
		if a.talk != nil {
			p.leaveLocked(l.ch)
			p.hangupLocked(l.ch, causeClearing, 0)
			continue
		}
		a.endLegLocked(l, "CANCEL", causeNone)
	}
	a.legs = nil
	if a.caller.bridge != nil {
		p.leaveLocked(a.caller)
	}
	p.hangupLocked(a.caller, causeClearing, 0)
}
