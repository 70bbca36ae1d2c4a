package pbxsim

import (
	"net"
	"strings"
	"time"
)

// With these methods a test acts as the people at the phones, or makes the PBX
// misbehave. Those that return a bool report whether there was anything to act on;
// the events follow soon after.

// Pickup answers the phone of the extension if it is ringing.
func (p *PBX) Pickup(ext string) bool { return p.atPhone(ext, true, pickedUp) }

// Decline presses the reject key of the extension's ringing phone.
func (p *PBX) Decline(ext string) bool { return p.atPhone(ext, true, declined) }

// PutDown hangs up at the extension's phone.
func (p *PBX) PutDown(ext string) bool { return p.atPhone(ext, false, putDown) }

// FarAnswers picks up at the far side that began to ring last.
func (p *PBX) FarAnswers() bool { return p.atFar(true, pickedUp) }

// FarDeclines rejects the call at the far side that began to ring last.
func (p *PBX) FarDeclines() bool { return p.atFar(true, declined) }

// FarHangsUp ends the latest answered call at its far side.
func (p *PBX) FarHangsUp() bool { return p.atFar(false, putDown) }

func (p *PBX) atPhone(ext string, ringing bool, what occurrence) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.calls) - 1; i >= 0; i-- {
		c := p.calls[i]
		for _, l := range []*leg{c.own, c.far} {
			if l != nil && l.ext == ext && l.is(ringing) {
				return c.signal(signal{what: what, leg: l})
			}
		}
	}
	return false
}

func (p *PBX) atFar(ringing bool, what occurrence) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.calls) - 1; i >= 0; i-- {
		if c := p.calls[i]; c.far != nil && c.far.is(ringing) {
			return c.signal(signal{what: what, leg: c.far})
		}
	}
	return false
}

// HangUpAll ends every call as an administrator would.
func (p *PBX) HangUpAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		c.signal(signal{what: hungUp})
	}
}

// DropSessions resets every AMI connection; the calls go on.
func (p *PBX) DropSessions() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.sessions {
		if tcp, ok := s.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = s.raw.Close()
	}
}

// Refuse answers the next Originate with an Error and this message.
func (p *PBX) Refuse(message string) { p.do(func() { p.refuseNext = message }) }

// Silence answers the next Originate with "queued", and nothing follows.
func (p *PBX) Silence() { p.do(func() { p.silenceNext = true }) }

// RivalCall has another click-to-call program request a call of the same phone to
// number, just before the next Originate is carried out.
func (p *PBX) RivalCall(number string) { p.do(func() { p.rivalNumber = number }) }

// rivalLocked makes the call of RivalCall, with r changed to that program's request.
func (p *PBX) rivalLocked(r request) {
	if p.rivalNumber == "" {
		return
	}
	r.exten, r.actionID, r.ids = p.rivalNumber, "", [2]string{}
	r.caller = party{p.rivalNumber, "c2c: " + p.rivalNumber}
	r.local = p.localName(r.channel)
	p.rivalNumber = ""
	p.callLocked(r).startLocked()
}

// SetName changes the name an extension's phone shows in later calls. It may
// hold anything.
func (p *PBX) SetName(ext, name string) {
	p.do(func() {
		if e := p.extensionLocked(ext); e != nil {
			e.Name = name
		}
	})
}

// SetPhone changes what an extension's phone does in later calls.
func (p *PBX) SetPhone(ext string, does Phone) {
	p.do(func() {
		if e := p.extensionLocked(ext); e != nil {
			device := p.technology() + "/" + ext
			p.devices[device] = p.deviceStateLocked(device) // from now on it does not follow from e.Phone
			e.Phone = does
			p.updateDeviceLocked(device)
		}
	})
}

// SetSecret changes the account's secret for later logins.
func (p *PBX) SetSecret(secret string) { p.do(func() { p.secret = secret }) }

// SetClock has the PBX tell a time that is so far ahead.
func (p *PBX) SetClock(ahead time.Duration) { p.do(func() { p.ahead = ahead }) }

// Grant says whether the account may run an action, otherwise than KalliopePBX's may. One
// that the PBX does not know is listed, and no more.
func (p *PBX) Grant(action string, allowed bool) {
	p.do(func() {
		if p.granted == nil {
			p.granted = map[string]bool{}
		}
		p.granted[action] = allowed
	})
}

// deniedLocked reports whether the account was forbidden the action, in small letters.
func (p *PBX) deniedLocked(action string) bool {
	for name, allowed := range p.granted {
		if strings.EqualFold(name, action) {
			return !allowed
		}
	}
	return false
}

// Noise makes other people's calls, about perSecond of them a second, until it
// is called again; 0 stops it. Each is a burst of some twenty events.
func (p *PBX) Noise(perSecond int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.noise != nil {
		close(p.noise)
		p.noise = nil
	}
	select {
	case <-p.done:
		return
	default:
	}
	if perSecond <= 0 {
		return
	}
	stop := make(chan struct{})
	p.noise = stop
	p.wg.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-stop:
				return
			case <-tick.C:
				p.do(p.otherCallLocked)
			}
		}
	})
}

// otherCallLocked is one call between two people who are not in the dial plan.
func (p *PBX) otherCallLocked() {
	caller, called := party{"7201", "Gina Blu"}, party{"7202", "Ivo Viola"}
	a := p.addLocked(&channel{
		name: p.phoneName("7201"), device: p.technology() + "/7201", state: stateRing,
		caller: caller, context: "outbound", exten: "7202", priority: 1,
	})
	b := p.addLocked(&channel{
		name: p.phoneName("7202"), device: p.technology() + "/7202", linked: a.linked,
		caller: called, connected: caller, context: "internal", exten: "s", priority: 1,
	})
	p.emit(event{name: "DialBegin", ch: a, dest: b, extra: []string{"DialString", "7202"}})
	p.setStateLocked(b, stateRinging)
	p.emit(event{name: "DialState", ch: a, dest: b, extra: []string{"DialStatus", "RINGING"}})
	p.setStateLocked(b, stateUp)
	p.dialEndLocked(a, b, "ANSWER")
	p.setStateLocked(a, stateUp)
	br := p.newBridgeLocked()
	p.enterLocked(br, b, nil)
	p.enterLocked(br, a, nil)
	p.leaveLocked(b)
	p.leaveLocked(a)
	p.hangupLocked(b, causeClearing, 0)
	p.hangupLocked(a, causeClearing, 0)
}
