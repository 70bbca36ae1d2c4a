package ami

import (
	"strconv"
	"strings"
)

// decode makes the typed event of a message; nil for an event this package
// has no type for.
func decode(m *Message) Event {
	// string(name) in a switch does not allocate.
	switch string(m.Event()) {
	case "Newchannel":
		return Newchannel{m.channel("")}
	case "Newstate":
		return Newstate{m.channel("")}
	case "Rename":
		return Rename{m.channel(""), m.Get("Newname")}
	case "Hangup":
		return HangupEvent{m.channel(""), m.number("Cause"), m.text("Cause-txt")}
	case "DialBegin":
		return DialBegin{m.channel(""), m.channel("Dest"), m.Get("DialString")}
	case "DialState":
		return DialState{m.channel(""), m.channel("Dest"), m.Get("DialStatus")}
	case "DialEnd":
		return DialEnd{m.channel(""), m.channel("Dest"), m.Get("DialStatus")}
	case "Dial":
		return m.dial11()
	case "Bridge":
		return Bridge{m.bridged11("1"), m.bridged11("2"), m.Get("Bridgestate")}
	case "BridgeEnter":
		return BridgeEnter{m.channel(""), m.Get("BridgeUniqueid")}
	case "BridgeLeave":
		return BridgeLeave{m.channel(""), m.Get("BridgeUniqueid")}
	case "OriginateResponse":
		return m.originateResponse()
	case "ExtensionStatus":
		return ExtensionStatus{
			Exten: m.Get("Exten"), Context: m.Get("Context"), Hint: m.Get("Hint"),
			Status: m.number("Status"), StatusText: m.text("StatusText"),
		}
	case "Status":
		return ChannelStatus{m.channel(""), m.number("Seconds"), m.Get("BridgeID")}
	}
	return nil
}

// channel reads the headers of one channel; those of the called side of a
// dial begin with "Dest".
func (m *Message) channel(prefix string) Channel {
	if prefix == "" {
		c := Channel{
			Name: m.Get("Channel"), UniqueID: m.Get("Uniqueid"), LinkedID: m.Get("Linkedid"),
			State: m.number("ChannelState"), StateDesc: m.text("ChannelStateDesc"),
			CallerIDNum: m.text("CallerIDNum"), CallerIDName: m.text("CallerIDName"),
			ConnectedLineNum: m.text("ConnectedLineNum"), ConnectedLineName: m.text("ConnectedLineName"),
			Context: m.Get("Context"), Exten: m.Get("Exten"),
		}
		if c.Exten == "" {
			c.Exten = m.Get("Extension") // Status of Asterisk 11
		}
		return c
	}
	return Channel{
		Name: m.Get("DestChannel"), UniqueID: m.Get("DestUniqueid"), LinkedID: m.Get("DestLinkedid"),
		State: m.number("DestChannelState"), StateDesc: m.text("DestChannelStateDesc"),
		CallerIDNum: m.text("DestCallerIDNum"), CallerIDName: m.text("DestCallerIDName"),
		ConnectedLineNum: m.text("DestConnectedLineNum"), ConnectedLineName: m.text("DestConnectedLineName"),
		Context: m.Get("DestContext"), Exten: m.Get("DestExten"),
	}
}

// dial11 reads the Dial event of Asterisk 11 and older (apps/app_dial.c,
// senddialevent and senddialendevent there).
func (m *Message) dial11() Event {
	src := m.channel("")
	switch m.Get("SubEvent") {
	case "Begin":
		return DialBegin{src, Channel{Name: m.Get("Destination"), UniqueID: m.Get("DestUniqueid")}, m.Get("Dialstring")}
	case "End":
		return DialEnd{Src: src, Status: m.Get("DialStatus")}
	}
	return nil
}

// bridged11 reads one side of the Bridge event of Asterisk 11 and older.
func (m *Message) bridged11(side string) Channel {
	return Channel{
		Name: m.Get("Channel" + side), UniqueID: m.Get("Uniqueid" + side), CallerIDNum: m.text("CallerID" + side),
	}
}

func (m *Message) originateResponse() Event {
	reason := -1
	if r := m.Bytes("Reason"); len(r) == 1 && '0' <= r[0] && r[0] <= '8' {
		reason = int(r[0] - '0')
	}
	return OriginateResponse{
		ActionID: m.Get("ActionID"), Success: equalFold(m.Bytes("Response"), "Success"),
		Channel: m.Get("Channel"), Context: m.Get("Context"), Exten: m.Get("Exten"),
		UniqueID: known(m.Get("Uniqueid")), Reason: reason,
	}
}

// number reads an integer, 0 for anything else.
func (m *Message) number(key string) int {
	n, err := strconv.Atoi(string(m.Bytes(key)))
	if err != nil {
		return 0
	}
	return n
}

// text reads what a person may get to see.
func (m *Message) text(key string) string { return text(m.Bytes(key)) }

func known(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
}

// text decodes the C escapes Asterisk puts in names (main/utils.c,
// ast_escape_c) and replaces what no display, log or D-Bus message should get:
// control characters and invalid UTF-8 become U+FFFD.
func text(raw []byte) string {
	s := known(string(raw))
	if strings.IndexByte(s, '\\') >= 0 {
		s = unescape(s)
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || 0x7f <= r && r < 0xa0 {
			return '\uFFFD'
		}
		return r // an invalid byte comes as U+FFFD already
	}, s)
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
