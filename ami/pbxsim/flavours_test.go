package pbxsim

import (
	"strings"
	"testing"
)

// TestFlavours: what sets the versions apart is on the wire as flavours.go has it.
func TestFlavours(t *testing.T) {
	for _, f := range flavours {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, Options{Asterisk: f.name})
			if got := p.banner(); got != "Asterisk Call Manager/"+f.banner+"\r\n" {
				t.Errorf("banner %q", got)
			}
			c := login(t, p)
			c.send(variable("chosen", "7101", "0391234502")...)
			one := c.event("Newchannel", "ChannelState", "0").get("Uniqueid")
			if got := one == "chosen"; got != f.ids {
				t.Errorf("id %q", one)
			}
			eventually(t, "over", func() bool { return p.Calls() == 0 })
			tally(t, p, c)
			c.send(variable("failed", "7103", "0391234502")...)
			failed := c.event("OriginateResponse", "Response", "Failure").get("Uniqueid")
			if want := map[bool]string{true: "failed", false: "<null>"}[f.failedID]; failed != want {
				t.Errorf("id of a failed response %q, want %q", failed, want)
			}
			eventually(t, "over", func() bool { return p.Calls() == 0 })
			seen := map[string]bool{}
			for _, w := range c.seen {
				name := w.get("Event")
				seen[name] = true
				if w.get("Uniqueid") == "" || name == "OriginateResponse" || strings.HasPrefix(name, "Local") {
					continue
				}
				if got := w.get("Linkedid") != ""; got != f.linked {
					t.Errorf("Linkedid %v: %v", got, w)
				}
				if got := w.get("Language") != ""; got != f.language {
					t.Errorf("Language %v: %v", got, w)
				}
				if got := w.get("ConnectedLineNum") != ""; got && !f.connectedLine {
					t.Errorf("a connected line: %v", w)
				}
				if got := w.get("BridgeVideoSourceMode") != ""; got && !f.videoMode {
					t.Errorf("a video mode: %v", w)
				}
			}
			for event, want := range map[string]bool{
				"DialState": f.dialState, "NewConnectedLine": f.newConnectedLine, "DeviceStateChange": f.lists,
				"LocalBridge": f.localBridge, "Dial": f.eventsOf11, "Bridge": f.eventsOf11, "Rename": f.eventsOf11,
				"DialBegin": !f.eventsOf11, "DialEnd": !f.eventsOf11, "BridgeEnter": !f.eventsOf11,
			} {
				if seen[event] != want {
					t.Errorf("%s seen: %v", event, !want)
				}
			}
			answer := "Invalid/unknown command"
			if f.lists {
				answer = "Extension Statuses will follow"
			}
			c.send("Action: ExtensionStateList", "ActionID: l")
			c.until(answer, func(w wire) bool { return w.get("ActionID") == "l" && strings.HasPrefix(w.get("Message"), answer) })
			c.send("Action: Originate", "ActionID: n", "Async: true", "Channel: Local/7101@c2c", "Context: from_c2c", "Exten: 12", "Priority: 1")
			answer = "Originate successfully queued"
			if f.checksExten {
				answer = "Extension does not exist."
			}
			c.until(answer, func(w wire) bool { return w.get("ActionID") == "n" && w.get("Message") == answer })
			eventually(t, "over", func() bool { return p.Calls() == 0 })
		})
	}
}
