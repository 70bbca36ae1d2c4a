package pbxsim

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// event is what happened; render11 and render12 write it as a version sends it.
type event struct {
	name             string
	ch, dest         *channel
	one, two, source *channel
	bridge           *bridge
	extra            []string // name, value, name, value …
}

// emit queues the event for every session that sees it. p.mu is held.
func (p *PBX) emit(e event) {
	var text []byte
	if p.features.eventsOf11 {
		text = p.render11(e)
	} else if p.features.says(e) {
		text = p.render12(e)
	}
	if text == nil {
		return
	}
	for s := range p.sessions {
		if s.authenticated && s.events {
			s.queueLocked(text)
		}
	}
}

// begin starts an event's text with the headers all of them have.
func begin(b *bytes.Buffer, name string) {
	now := time.Now()
	fmt.Fprintf(b, "Event: %s\r\nPrivilege: call,all\r\nTimestamp: %d.%06d\r\n", name, now.Unix(), now.Nanosecond()/1000)
}

func put(b *bytes.Buffer, name, value string) {
	b.WriteString(name)
	b.WriteString(": ")
	b.WriteString(value)
	b.WriteString("\r\n")
}

// render12 writes an event as Asterisk 12 and later send it.
func (p *PBX) render12(e event) []byte {
	b := new(bytes.Buffer)
	begin(b, e.name)
	if e.bridge != nil {
		put(b, "BridgeUniqueid", e.bridge.id)
		put(b, "BridgeType", "basic")
		put(b, "BridgeTechnology", e.bridge.technology)
		put(b, "BridgeCreator", "<unknown>")
		put(b, "BridgeName", "<unknown>")
		put(b, "BridgeNumChannels", strconv.Itoa(len(e.bridge.in)))
		if p.features.videoMode {
			put(b, "BridgeVideoSourceMode", "none")
		}
	}
	p.putChannel(b, "LocalOne", e.one)
	p.putChannel(b, "LocalTwo", e.two)
	p.putChannel(b, "Source", e.source)
	p.putChannel(b, "", e.ch)
	p.putChannel(b, "Dest", e.dest)
	for i := 0; i+1 < len(e.extra); i += 2 {
		put(b, e.extra[i], e.extra[i+1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// putChannel writes the block of headers that describes a channel.
func (p *PBX) putChannel(b *bytes.Buffer, prefix string, ch *channel) {
	if ch == nil {
		return
	}
	put(b, prefix+"Channel", ch.name)
	put(b, prefix+"ChannelState", strconv.Itoa(ch.state))
	put(b, prefix+"ChannelStateDesc", stateNames[ch.state])
	put(b, prefix+"CallerIDNum", orUnknown(escapeC(ch.caller.num)))
	put(b, prefix+"CallerIDName", orUnknown(escapeC(ch.caller.name)))
	put(b, prefix+"ConnectedLineNum", orUnknown(escapeC(ch.connected.num)))
	put(b, prefix+"ConnectedLineName", orUnknown(escapeC(ch.connected.name)))
	if p.features.language {
		put(b, prefix+"Language", "en")
	}
	put(b, prefix+"AccountCode", "")
	put(b, prefix+"Context", ch.context)
	put(b, prefix+"Exten", ch.exten)
	put(b, prefix+"Priority", strconv.Itoa(ch.priority))
	put(b, prefix+"Uniqueid", ch.unique)
	if p.features.linked {
		put(b, prefix+"Linkedid", ch.linked)
	}
}

// bare renders an event that names no channel, the same in all versions.
func bare(name string, extra ...string) []byte {
	b := new(bytes.Buffer)
	begin(b, name)
	for i := 0; i+1 < len(extra); i += 2 {
		put(b, extra[i], extra[i+1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
