package ami

import (
	"fmt"
	"strconv"
	"time"
)

// Originate asks the PBX to call Channel and, when that answered, to send it
// to Exten in Context at priority 1. It is always asynchronous: a synchronous
// one keeps every event and answer of the session back until the phone was
// answered. The Response says "queued"; how it came out is told by the event
// OriginateResponse with the same ActionID. It needs write=originate.
//
// Never send one twice by program: when the connection is lost in between, the call is
// in an unknown state until Status tells.
type Originate struct {
	ActionID       string // 1 to 63 of A-Z a-z 0-9 _ . -; empty: one is made, see Response.ActionID
	Channel        string // Local/7101@c2c, PJSIP/7101; at most 255 bytes
	Context        string
	Exten          string
	CallerID       string        // "name" <number>, <number> or number; empty: none; at most 255 bytes
	ChannelID      string        // the Uniqueid of Local/…;1 (Asterisk 12.2 and later)
	OtherChannelID string        // the Uniqueid of Local/…;2
	Timeout        time.Duration // how long Channel may ring; 0: the server's 30 s
	Variables      []Variable
}

// Variable is a channel variable. Name may only hold A-Z a-z 0-9 _ (leading
// underscores make it inherited) and Value A-Z a-z 0-9 _ + * # . -
// because Asterisk splits the header at commas and takes a name that ends in
// ")" for a call of a dialplan function (main/manager.c, astman_get_variables).
type Variable struct{ Name, Value string }

// Name of the action.
func (Originate) Name() string { return "Originate" }

func (o Originate) actionID() string { return o.ActionID }

func (o Originate) headers(w *writer) error {
	w.allowed("Channel", o.Channel, channelChars, 1, 255)
	w.allowed("Context", o.Context, nameChars, 1, 79)
	w.allowed("Exten", o.Exten, dialChars, 1, 79)
	w.add("Priority", "1")
	w.add("Async", "true")
	if o.CallerID != "" {
		if !callerID(o.CallerID) {
			w.refuse("CallerID")
		}
		w.add("CallerID", o.CallerID)
	}
	if o.ChannelID != "" {
		w.allowed("ChannelId", o.ChannelID, idChars, 1, 120)
	}
	if o.OtherChannelID != "" {
		w.allowed("OtherChannelId", o.OtherChannelID, idChars, 1, 120)
	}
	if o.Timeout != 0 {
		ms := o.Timeout.Milliseconds()
		if ms < 1 || o.Timeout > time.Hour {
			w.refuse("Timeout")
		}
		w.add("Timeout", strconv.FormatInt(ms, 10))
	}
	for i, v := range o.Variables {
		if !variableChars.holds(v.Name, 1, 79) || !dialChars.holds(v.Value, 0, 900) {
			w.refuse(fmt.Sprintf("Variable %d", i))
		}
		w.add("Variable", v.Name+"="+v.Value)
	}
	return w.err
}
