package pbxsim

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// technology is the channel driver of the phones, as it begins channel names.
func (p *PBX) technology() string {
	if p.features.eventsOf11 {
		return "SIP"
	}
	return "PJSIP"
}

func (p *PBX) extensionLocked(number string) *Extension {
	for i := range p.extensions {
		if p.extensions[i].Number == number {
			return &p.extensions[i]
		}
	}
	return nil
}

// phoneName makes the name of a new channel of a phone or a trunk.
func (p *PBX) phoneName(device string) string {
	name := fmt.Sprintf("%s/%s-%08x", p.technology(), device, p.lastPhone)
	p.lastPhone++
	return name
}

// addLocked gives a new channel its ids, where it has none, and announces it.
func (p *PBX) addLocked(ch *channel) *channel {
	ch.born = time.Now()
	if ch.unique == "" {
		ch.unique = fmt.Sprintf("%d.%d", p.startedAt, p.lastUnique)
	}
	p.lastUnique++
	if ch.linked == "" {
		ch.linked = ch.unique
	}
	p.channels = append(p.channels, ch)
	p.emit(event{name: "Newchannel", ch: ch})
	if ch.device == p.anonymousDevice() {
		p.anonymous++
	}
	return ch
}

// anonymousDevice is the device of the handsets: the recordings were made with
// phones that ran on the same Asterisk, so that the phones' own channels appear in
// them as unrelated calls.
func (p *PBX) anonymousDevice() string { return p.technology() + "/anonymous" }

// setStateLocked changes a channel's state and announces it.
func (p *PBX) setStateLocked(ch *channel, state int) {
	ch.state = state
	p.emit(event{name: "Newstate", ch: ch})
	if local, ok := localDevice(ch); ok {
		p.emit(event{name: "DeviceStateChange", extra: []string{"Device", local, "State", "INUSE"}})
		return
	}
	p.updateDeviceLocked(ch.device)
}

func localDevice(ch *channel) (string, bool) {
	if !strings.HasPrefix(ch.name, "Local/") {
		return "", false
	}
	return ch.name[:strings.LastIndexByte(ch.name, '-')], true
}

// hangupLocked ends a channel. A tech other than 0 is the SIP answer that
// Asterisk 22 sends with it.
func (p *PBX) hangupLocked(ch *channel, cause, tech int) {
	if ch.gone {
		return
	}
	ch.gone = true
	if ch.dialled && p.features.eventsOf11 {
		for s := range p.sessions {
			if s.authenticated && s.events {
				s.queueLocked(dialDone(ch, "ANSWER"))
			}
		}
	}
	p.emit(event{name: "Hangup", ch: ch, extra: p.causes(cause, tech, "Cause-txt", causeTexts[cause])})
	for i, c := range p.channels {
		if c == ch {
			p.channels = append(p.channels[:i:i], p.channels[i+1:]...)
			break
		}
	}
	if local, ok := localDevice(ch); ok {
		p.emit(event{name: "DeviceStateChange", extra: []string{"Device", local, "State", "NOT_INUSE"}})
		return
	}
	if ch.device == p.anonymousDevice() {
		p.anonymous--
	}
	p.updateDeviceLocked(ch.device)
}

// causes returns the Cause headers, with cause < 0 none, as Asterisk 16 does where
// no cause was given.
func (p *PBX) causes(cause, tech int, more ...string) []string {
	var kv []string
	if cause >= 0 {
		kv = append(kv, "Cause", strconv.Itoa(cause))
	}
	kv = append(kv, more...)
	if tech != 0 && p.flavour == 22 {
		kv = append(kv, "TechCause", strconv.Itoa(tech))
	}
	return kv
}

// hangupRequestLocked announces that a channel is about to be hung up: soft where
// the PBX itself wants it, otherwise the phone or trunk behind the channel.
func (p *PBX) hangupRequestLocked(soft bool, ch *channel, cause, tech int) {
	name := "HangupRequest"
	if soft {
		name = "SoftHangupRequest"
	}
	p.emit(event{name: name, ch: ch, extra: p.causes(cause, tech)})
}

func (p *PBX) dialEndLocked(ch, dest *channel, status string) {
	if ch != nil && status == "ANSWER" {
		ch.dialled = !dialledByQueue11(ch)
	}
	p.emit(event{name: "DialEnd", ch: ch, dest: dest, extra: []string{"DialStatus", status}})
}

func (p *PBX) setCallerLocked(ch *channel, caller party) {
	ch.caller = caller
	p.emit(event{name: "NewCallerid", ch: ch, extra: []string{"CID-CallingPres", "0 (Presentation Allowed, Not Screened)"}})
}

func (p *PBX) setConnectedLocked(ch *channel, connected party) {
	ch.connected = connected
	p.emit(event{name: "NewConnectedLine", ch: ch})
}

func (p *PBX) newBridgeLocked() *bridge {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	br := &bridge{
		id:         fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		technology: "simple_bridge",
	}
	p.emit(event{name: "BridgeCreate", bridge: br})
	return br
}

// enterLocked puts a channel into a bridge, in swap's place if that is given.
func (p *PBX) enterLocked(br *bridge, ch, swap *channel) {
	br.in = append(br.in, ch)
	ch.bridge = br
	e := event{name: "BridgeEnter", bridge: br, ch: ch}
	if swap != nil {
		e.extra = []string{"SwapUniqueid", swap.unique}
	}
	p.emit(e)
}

// leaveLocked takes a channel out of its bridge; the last one out ends it.
func (p *PBX) leaveLocked(ch *channel) {
	br := ch.bridge
	if br == nil {
		return
	}
	br.remove(ch)
	p.emit(event{name: "BridgeLeave", bridge: br, ch: ch})
	if len(br.in) == 0 {
		p.emit(event{name: "BridgeDestroy", bridge: br})
	}
}

// updateDeviceLocked works out a device's state and announces a change of it and of
// the hint for it.
func (p *PBX) updateDeviceLocked(device string) {
	if device == p.anonymousDevice() {
		p.setDeviceStateLocked(device, p.anonymousStateLocked())
		return
	}
	ringing, up := false, false
	for _, ch := range p.channels {
		if ch.device == device {
			ringing = ringing || ch.state == stateRinging
			up = up || ch.state == stateUp || ch.state == stateRing
		}
	}
	state := "NOT_INUSE"
	number := strings.TrimPrefix(device, p.technology()+"/")
	e := p.extensionLocked(number)
	switch {
	case ringing && up:
		state = "RINGINUSE"
	case ringing:
		state = "RINGING"
	case up:
		state = "INUSE"
	case e != nil && e.Phone == NotConnected:
		state = "UNAVAILABLE"
	}
	if p.setDeviceStateLocked(device, state) && e != nil {
		status, text := hintOf(state)
		p.emit(event{name: "ExtensionStatus", extra: []string{
			"Exten", number, "Context", "outbound", "Hint", device,
			"Status", strconv.Itoa(status), "StatusText", text,
		}})
	}
}

func (p *PBX) anonymousStateLocked() string {
	if p.anonymous == 0 {
		return "UNAVAILABLE"
	}
	for _, ch := range p.channels {
		if ch.device == p.anonymousDevice() && ch.state == stateBusy {
			return "BUSY"
		}
	}
	return "INUSE"
}

// setDeviceStateLocked remembers and announces a device's state if it is a new one.
func (p *PBX) setDeviceStateLocked(device, state string) bool {
	if p.deviceStateLocked(device) == state {
		return false
	}
	p.devices[device] = state
	p.emit(event{name: "DeviceStateChange", extra: []string{"Device", device, "State", state}})
	return true
}

// deviceStateLocked is the state last announced.
func (p *PBX) deviceStateLocked(device string) string {
	if state, ok := p.devices[device]; ok {
		return state
	}
	if device == p.anonymousDevice() {
		return "UNAVAILABLE"
	}
	if e := p.extensionLocked(strings.TrimPrefix(device, p.technology()+"/")); e != nil && e.Phone == NotConnected {
		return "UNAVAILABLE"
	}
	return "NOT_INUSE"
}

// hintOf is a device's state as the number and text of a hint.
func hintOf(state string) (int, string) {
	switch state {
	case "INUSE":
		return 1, "InUse"
	case "UNAVAILABLE":
		return 4, "Unavailable"
	case "RINGING":
		return 8, "Ringing"
	case "RINGINUSE":
		return 9, "InUse&Ringing"
	default:
		return 0, "Idle"
	}
}
