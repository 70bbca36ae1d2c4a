package pbxsim

import (
	"bytes"
	"strconv"
	"strings"
)

// oneLine keeps a name within its header: Asterisk 11 does not escape.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// render11 writes an event as Asterisk 1.6.2 to 11 send it; nil for one that they do
// not have.
func (p *PBX) render11(e event) []byte {
	b := new(bytes.Buffer)
	caller := func(ch *channel) {
		put(b, "CallerIDNum", orUnknown(oneLine.Replace(ch.caller.num)))
		put(b, "CallerIDName", orUnknown(oneLine.Replace(ch.caller.name)))
	}
	connected := func(ch *channel) {
		if !p.features.connectedLine {
			return
		}
		put(b, "ConnectedLineNum", orUnknown(oneLine.Replace(ch.connected.num)))
		put(b, "ConnectedLineName", orUnknown(oneLine.Replace(ch.connected.name)))
	}
	state := func(ch *channel) {
		put(b, "Channel", ch.name)
		put(b, "ChannelState", strconv.Itoa(ch.state))
		put(b, "ChannelStateDesc", stateNames[ch.state])
	}
	extra := func() {
		for i := 0; i+1 < len(e.extra); i += 2 {
			put(b, e.extra[i], e.extra[i+1])
		}
	}
	switch e.name {
	case "Newchannel":
		begin(b, e.name)
		state(e.ch)
		put(b, "CallerIDNum", e.ch.caller.num)
		put(b, "CallerIDName", oneLine.Replace(e.ch.caller.name))
		put(b, "AccountCode", "")
		put(b, "Exten", e.ch.exten)
		put(b, "Context", e.ch.context)
		put(b, "Uniqueid", e.ch.unique)
	case "Newstate":
		begin(b, e.name)
		state(e.ch)
		caller(e.ch)
		connected(e.ch)
		put(b, "Uniqueid", e.ch.unique)
	case "NewCallerid":
		begin(b, e.name)
		put(b, "Channel", e.ch.name)
		caller(e.ch)
		put(b, "Uniqueid", e.ch.unique)
		extra()
	case "LocalBridge":
		if !p.features.localBridge {
			return nil
		}
		begin(b, e.name)
		put(b, "Channel1", e.one.name)
		put(b, "Channel2", e.two.name)
		put(b, "Uniqueid1", e.one.unique)
		put(b, "Uniqueid2", e.two.unique)
		extra()
	case "DialBegin":
		if e.ch == nil || dialledByQueue11(e.ch) { // what Originate itself dials is not announced
			return nil
		}
		begin(b, "Dial")
		put(b, "SubEvent", "Begin")
		put(b, "Channel", e.ch.name)
		put(b, "Destination", e.dest.name)
		caller(e.ch)
		connected(e.ch)
		put(b, "UniqueID", e.ch.unique)
		put(b, "DestUniqueID", e.dest.unique)
		put(b, "Dialstring", valueOf(e.extra, "DialString"))
	case "DialEnd":
		// Dial's End comes when the application ends: of an answered call after the
		// conversation (hangupLocked sends that one), of any other when the legs that
		// it dialled are hung up (apps/app_dial.c, dial_exec_full).
		if status := valueOf(e.extra, "DialStatus"); e.ch != nil && status != "ANSWER" && !dialledByQueue11(e.ch) {
			e.dest.dialEnd = dialDone(e.ch, status)
		}
		return nil
	case "BridgeEnter", "BridgeLeave":
		// One event for the pair, when it is made and when it is broken.
		how, in := "Link", e.bridge.in
		if e.name == "BridgeLeave" {
			how, in = "Unlink", append([]*channel{e.ch}, e.bridge.in...)
		}
		if len(in) != 2 {
			return nil
		}
		begin(b, "Bridge")
		put(b, "Bridgestate", how)
		put(b, "Bridgetype", "core")
		put(b, "Channel1", in[1].name)
		put(b, "Channel2", in[0].name)
		put(b, "Uniqueid1", in[1].unique)
		put(b, "Uniqueid2", in[0].unique)
		put(b, "CallerID1", in[1].caller.num)
		put(b, "CallerID2", in[0].caller.num)
	case "Rename":
		begin(b, e.name)
		extra()
	case "HangupRequest", "SoftHangupRequest":
		begin(b, e.name)
		put(b, "Channel", e.ch.name)
		put(b, "Uniqueid", e.ch.unique)
		extra()
	case "Hangup":
		begin(b, e.name)
		put(b, "Channel", e.ch.name)
		put(b, "Uniqueid", e.ch.unique)
		caller(e.ch)
		connected(e.ch)
		put(b, "AccountCode", "")
		extra()
		b.WriteString("\r\n")
		b.Write(e.ch.dialEnd)
		return b.Bytes()
	case "ExtensionStatus":
		return bare(e.name, e.extra[:8]...) // without StatusText
	case "OriginateResponse":
		return bare(e.name, e.extra...)
	default: // DialState, NewConnectedLine, BridgeCreate, DeviceStateChange …
		return nil
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// dialledByQueue11 reports whether a Queue, and no Dial, calls somebody for ch.
func dialledByQueue11(ch *channel) bool { return ch.call != nil && ch.call.queue && ch == ch.call.l1 }

// dialDone is Asterisk 11's end of a Dial application.
func dialDone(ch *channel, status string) []byte {
	return bare("Dial", "SubEvent", "End", "Channel", ch.name, "UniqueID", ch.unique, "DialStatus", status)
}

func valueOf(pairs []string, name string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	return ""
}
