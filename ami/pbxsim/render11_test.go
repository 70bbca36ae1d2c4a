package pbxsim

import (
	"strings"
	"testing"
)

// TestEleven: the flavour of Asterisk 11, where the ids of a call are not the
// client's, and the own phone's channel changes its id in the middle.
func TestEleven(t *testing.T) {
	p := start(t, Options{Asterisk: "11"})
	c := login(t, p)
	c.send(variable("ignored", "7101", "0391234507")...)
	one := c.event("Newchannel", "ChannelState", "0").get("Uniqueid")
	begin := c.event("Dial", "SubEvent", "Begin", "Dialstring", "7101")
	phone := begin.get("DestUniqueID")
	if one == "ignored" || phone == "" || begin.get("Destination") != "SIP/7101-00000000" {
		t.Errorf("begin %v", begin)
	}
	if w := c.event("OriginateResponse", "Response", "Success"); w.get("Uniqueid") != one {
		t.Errorf("OriginateResponse %v", w)
	}
	c.event("Bridge", "Bridgestate", "Link", "Uniqueid2", phone)
	c.event("Dial", "SubEvent", "Begin", "UniqueID", one)
	c.event("Bridge", "Bridgestate", "Link", "Uniqueid1", one)
	c.event("Rename", "Newname", "SIP/7101-00000000", "Uniqueid", one)
	c.event("Hangup", "Uniqueid", phone)
	c.send("Action: Hangup", "ActionID: h", "Channel: SIP/7101-00000000")
	c.answer("h", "Success", "Channel Hungup")
	c.event("Bridge", "Bridgestate", "Unlink")
	c.event("Dial", "SubEvent", "End", "UniqueID", one, "DialStatus", "ANSWER")
	c.event("Hangup", "Uniqueid", one)
	tally(t, p, c)
	for _, w := range c.seen {
		switch w.get("Event") {
		case "DialBegin", "DialEnd", "DialState", "BridgeEnter", "DeviceStateChange", "NewConnectedLine":
			t.Errorf("not said by Asterisk 11: %v", w)
		}
		if w.get("Linkedid") != "" {
			t.Errorf("a Linkedid: %v", w)
		}
	}
	c.send("Action: ExtensionStateList", "ActionID: l")
	c.until("refusal", func(w wire) bool {
		return w.get("ActionID") == "l" && strings.HasPrefix(w.get("Message"), "Invalid/unknown command")
	})
	busy := login(t, p)
	busy.send(variable("ignored", "7103", "800")...)
	busy.event("Hangup", "Cause", "17")
	busy.event("Dial", "SubEvent", "End", "DialStatus", "BUSY")
	busy.event("OriginateResponse", "Response", "Failure", "Uniqueid", "<null>")
	eventually(t, "over", func() bool { return p.Calls() == 0 })
}
