package ami

import (
	"reflect"
	"strconv"
	"strings"

	"cornetta/ami/clean"
)

// decoder makes the typed event of a message.
type decoder func(fields) Event

// decoderOf returns the decoder for the event that m is; nil for what this
// package has no type for.
func decoderOf(m *Message) decoder {
	// string(bytes) in a switch does not allocate.
	switch string(m.Event()) {
	case "NewCallerid":
		if len(m.Bytes("Linkedid")) > 0 {
			return nil // not needed, and one event in fifteen is one
		}
		return func(f fields) Event { return NewCallerid{f.channel()} }
	case "Newchannel":
		return func(f fields) Event { return Newchannel{f.channel()} }
	case "Newstate":
		return func(f fields) Event { return Newstate{f.channel()} }
	case "Rename":
		return func(f fields) Event { return Rename{f.channel(), f.get("Newname")} }
	case "HangupRequest":
		return func(f fields) Event { return HangupRequest{f.channel()} }
	case "Hangup":
		return func(f fields) Event { return HangupEvent{f.channel(), f.number("Cause")} }
	case "DialBegin":
		return func(f fields) Event { return DialBegin{f.channel(), f.dest(), f.get("DialString")} }
	case "DialState":
		return func(f fields) Event { return DialState{f.channel(), f.dest(), f.word("DialStatus")} }
	case "DialEnd":
		return func(f fields) Event { return DialEnd{f.channel(), f.dest(), f.word("DialStatus")} }
	case "Dial":
		return fields.dial11
	case "Bridge":
		return func(f fields) Event { return Bridge{f.bridged11("1"), f.bridged11("2"), f.get("Bridgestate")} }
	case "LocalBridge":
		if len(m.Bytes("LocalOneLinkedid")) > 0 {
			return nil // nobody needs it
		}
		return fields.localBridge
	case "BridgeEnter":
		return func(f fields) Event { return BridgeEnter{f.channel(), f.get("BridgeUniqueid")} }
	case "BridgeLeave":
		return func(f fields) Event { return BridgeLeave{f.channel(), f.get("BridgeUniqueid")} }
	case "OriginateResponse":
		return fields.originateResponse
	case "ExtensionStatus":
		return fields.extensionStatus
	case "Status":
		return fields.channelStatus
	}
	return nil
}

// Decode makes the typed event of a message; nil for an event this package has no type for,
// or cannot make sense of. It is for a Filter that keeps a part of what it sees by itself;
// lists and subscriptions get their events made by it.
func Decode(m *Message) Event {
	d := decoderOf(m)
	if d == nil {
		return nil
	}
	return d(copyOf(m))
}

// What an event keeps of its message. Asterisk's own names and ids have less than
// 150 characters; a longer value counts as none, because a part of it would be
// another one's.
const (
	maxValue = 255
	maxWhole = 2 << 10 // a longer message is not copied as one, but value by value
)

// fields is a message that was copied out of the read buffer, into one string
// that the texts of its event are parts of. Of a long message, which a server may
// fill with anything, only the values are copied that the event has.
type fields struct {
	m    *Message
	copy string // empty where each value is copied by itself
}

func copyOf(m *Message) fields {
	if len(m.raw) > maxWhole {
		return fields{m: m}
	}
	return fields{m, string(m.raw)}
}

// cut returns the value of the first header of that name, "" when there is none, and
// not more than limit bytes of it.
func (f fields) cut(key string, limit int) string {
	from, to := f.m.find(key)
	to = min(to, from+limit)
	if f.copy == "" {
		return string(f.m.raw[from:to])
	}
	return f.copy[from:to]
}

// get returns the value of the first header of that name, "" when there is
// none, or one that is too long.
func (f fields) get(key string) string {
	v := f.cut(key, maxValue+1)
	if len(v) > maxValue {
		return ""
	}
	return v
}

// sizeOf is how much memory an event of that message keeps, at most.
func sizeOf(ev Event, m *Message) int {
	t := reflect.TypeOf(ev)
	text := len(m.raw)
	if text > maxWhole {
		text = t.NumField() * 11 * (maxValue + 1) // a Channel has nine texts
	}
	return int(t.Size()) + 2*wordSize + text //nolint:gosec // some hundred bytes
}

// wordSize is half of an interface's.
const wordSize = 8

// number reads an integer, 0 for anything else.
func (f fields) number(key string) int {
	digits := f.get(key)
	if digits == "" {
		return 0 // Atoi would make an error of it, which costs memory
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// text reads a name or a number that a person may get to see: as much of it as can
// be shown.
func (f fields) text(key string) clean.Foreign {
	return clean.Foreign(text(f.cut(key, 16*clean.Name), clean.Name))
}

// word is text for a word of the PBX's own, which may be shown as well.
func (f fields) word(key string) string { return f.text(key).Text() }

// channel reads the headers of one channel.
func (f fields) channel() Channel {
	return Channel{
		Name: f.get("Channel"), UniqueID: f.get("Uniqueid"), LinkedID: f.get("Linkedid"),
		State: f.number("ChannelState"), StateDesc: f.text("ChannelStateDesc"),
		CallerIDNum: f.text("CallerIDNum"), CallerIDName: f.text("CallerIDName"),
		ConnectedLineNum: f.text("ConnectedLineNum"), ConnectedLineName: f.text("ConnectedLineName"),
		Context: f.get("Context"), Exten: f.get("Exten"),
	}
}

// dest reads the headers of the called side of a dial.
func (f fields) dest() Channel {
	return Channel{
		Name: f.get("DestChannel"), UniqueID: f.get("DestUniqueid"), LinkedID: f.get("DestLinkedid"),
		State: f.number("DestChannelState"), StateDesc: f.text("DestChannelStateDesc"),
		CallerIDNum: f.text("DestCallerIDNum"), CallerIDName: f.text("DestCallerIDName"),
		ConnectedLineNum: f.text("DestConnectedLineNum"), ConnectedLineName: f.text("DestConnectedLineName"),
		Context: f.get("DestContext"), Exten: f.get("DestExten"),
	}
}

// dial11 reads the Dial event of Asterisk 11 and older (apps/app_dial.c,
// senddialevent and senddialendevent there).
func (f fields) dial11() Event {
	src := f.channel()
	switch f.get("SubEvent") {
	case "Begin":
		return DialBegin{src, Channel{Name: f.get("Destination"), UniqueID: f.get("DestUniqueid")}, f.get("Dialstring")}
	case "End":
		return DialEnd{Src: src, Status: f.word("DialStatus")}
	}
	return nil
}

// bridged11 reads one side of the Bridge event of Asterisk 11 and older.
func (f fields) bridged11(side string) Channel {
	return Channel{
		Name: f.get("Channel" + side), UniqueID: f.get("Uniqueid" + side), CallerIDNum: f.text("CallerID" + side),
	}
}

// localBridge reads the halves, which Asterisk 11 numbers like the sides of a
// Bridge (channels/chan_local.c there, main/core_local.c later).
func (f fields) localBridge() Event {
	one, two := f.bridged11("1"), f.bridged11("2")
	if one.UniqueID == "" {
		one = Channel{Name: f.get("LocalOneChannel"), UniqueID: f.get("LocalOneUniqueid")}
		two = Channel{Name: f.get("LocalTwoChannel"), UniqueID: f.get("LocalTwoUniqueid")}
	}
	return LocalBridge{one, two}
}

func (f fields) originateResponse() Event {
	reason := -1
	if r := f.get("Reason"); len(r) == 1 && '0' <= r[0] && r[0] <= '8' {
		reason = int(r[0] - '0')
	}
	return OriginateResponse{
		ActionID: f.get("ActionID"), Success: equalFold(f.get("Response"), "Success"),
		Channel: f.get("Channel"), Context: f.get("Context"), Exten: f.get("Exten"),
		UniqueID: known(f.get("Uniqueid")), Reason: reason,
	}
}

func (f fields) extensionStatus() Event {
	return ExtensionStatus{
		Exten: f.get("Exten"), Context: f.get("Context"), Hint: f.text("Hint"),
		Status: f.number("Status"), StatusText: f.text("StatusText"),
	}
}

func (f fields) channelStatus() Event {
	c := f.channel()
	if c.Exten == "" {
		c.Exten = f.get("Extension") // Asterisk 11
	}
	if f.get("ChannelState") == "" {
		// Before Asterisk 12 a channel without a dialplan has only this
		// (main/manager.c of 11, action_status).
		c.StateDesc = f.text("State")
		c.State = stateOf[c.StateDesc]
	}
	return ChannelStatus{c, f.number("Seconds"), f.get("BridgeID"), f.get("BridgedUniqueid"), f.get("Application")}
}

// stateOf are the numbers of states by their names (main/channel.c,
// ast_state2str).
var stateOf = map[clean.Foreign]int{
	"Rsrvd": 1, "OffHook": 2, "Dialing": 3, "Ring": 4, "Ringing": 5, "Up": 6, "Busy": 7,
	"Dialing Offhook": 8, "Pre-ring": 9,
}

func known(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
}

// text reads what a person may get to see: it decodes the C escapes that Asterisk
// puts in names (main/utils.c, ast_escape_c) and cleans what comes of it, the one
// time that this happens to a text of the PBX.
func text(s string, limit int) string {
	if strings.IndexByte(s, '\\') >= 0 {
		s = unescape(s)
	}
	return clean.Text(known(s), limit)
}

// unescape turns \n and its kin into the characters; an escape that
// ast_escape_c does not make stays as it is.
func unescape(s string) string {
	const from, to = `abfnrtv\'"?`, "\a\b\f\n\r\t\v\\'\"?"
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if at := strings.IndexByte(from, s[i+1]); at >= 0 {
				b.WriteByte(to[at])
				i++
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
