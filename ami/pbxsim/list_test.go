package pbxsim

import (
	"testing"
)

func TestLists(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	c.send(variable("x", "7101", "0391234507")...)
	c.event("LocalOptimizationEnd")
	c.event("DeviceStateChange", "State", "NOT_INUSE")
	c.event("DeviceStateChange", "State", "NOT_INUSE")

	c.seen = nil
	c.send("Action: ExtensionStateList", "ActionID: e")
	if w := c.answer("e", "Success", "Extension Statuses will follow"); w.get("EventList") != "start" {
		t.Errorf("start: %v", w)
	}
	w := c.event("ExtensionStateListComplete")
	if w.get("EventList") != "Complete" || w.get("ListItems") != "6" || w.get("ActionID") != "e" {
		t.Errorf("end: %v", w)
	}
	status := map[string]string{}
	for _, w := range c.seen {
		if w.get("Event") == "ExtensionStatus" && w.get("ActionID") == "e" {
			status[w.get("Exten")] = w.get("Status") + " " + w.get("StatusText") + " " + w.get("Hint")
		}
	}
	if len(status) != 6 || status["7101"] != "1 InUse PJSIP/7101" || status["7104"] != "4 Unavailable PJSIP/7104" || status["7105"] != "0 Idle PJSIP/7105" {
		t.Errorf("statuses %v", status)
	}

	c.send("Action: ExtensionState", "ActionID: s", "Exten: 7101", "Context: outbound")
	if w := c.answer("s", "Success", "Extension Status"); w.get("Status") != "1" {
		t.Errorf("ExtensionState: %v", w)
	}
	c.send("Action: ExtensionState", "ActionID: s2", "Exten: 7101", "Context: elsewhere")
	if w := c.answer("s2", "Success", "Extension Status"); w.get("Status") != "-1" {
		t.Errorf("ExtensionState elsewhere: %v", w)
	}
	c.send("Action: DeviceStateList", "ActionID: d")
	c.event("DeviceStateChange", "Device", "PJSIP/7101", "State", "INUSE", "ActionID", "d")
	c.event("DeviceStateListComplete", "ListItems", "6")

	c.seen = nil
	c.send("Action: Status", "ActionID: st")
	if w := c.event("StatusComplete"); w.get("ListItems") != "4" || w.get("Items") != "4" {
		t.Errorf("StatusComplete: %v", w)
	}
	ours := 0
	for _, w := range c.seen {
		if w.get("Event") == "Status" && w.get("Linkedid") == "x" && w.get("ChannelStateDesc") == "Up" && w.get("BridgeID") != "" {
			ours++
		}
	}
	if ours != 2 {
		t.Errorf("%d channels of the call in Status", ours)
	}
	c.send("Action: Status", "ActionID: one", "Channel: PJSIP/trunk-00000002")
	c.event("StatusComplete", "ListItems", "1", "ActionID", "one")
	c.send("Action: Status", "ActionID: none", "Channel: nothing")
	c.answer("none", "Error", "No such channel")
	c.send("Action: Redirect", "ActionID: r", "Channel: PJSIP/trunk-00000002", "Exten: nobody", "Context: from_c2c", "Priority: 1")
	c.answer("r", "Error", "Redirect failed")
}

// TestSynchronous: without Async the session is deaf until the phone was
// answered, and is told no OriginateResponse.
func TestSynchronous(t *testing.T) {
	p := start(t, Options{})
	c, other := login(t, p), login(t, p)
	lines := variable("x", "7102", "800")
	lines[2] = "Async: false"
	c.send(append(lines, "")...)
	other.event("DialState", "DestChannel", "PJSIP/7102-00000000")
	c.send("Action: Ping", "ActionID: during")
	p.do(func() { // what the other session has already read waits here
		for s := range p.sessions {
			if s.held && len(s.queue) == 0 {
				t.Error("the session was not held")
			}
		}
	})
	p.Pickup("7102")
	first := c.until("anything", func(wire) bool { return true })
	if first.get("Event") == "" && first.get("ActionID") != "originate" {
		t.Errorf("answered out of turn: %v", first)
	}
	c.answer("originate", "Success", queued)
	c.answer("during", "Success", "")
	p.SetPhone("7101", NotConnected)
	lines = variable("y", "7101", "800")
	lines[2] = "Async: false"
	c.send(lines...)
	c.answer("originate", "Error", "Originate failed")
	p.HangUpAll()
	eventually(t, "over", func() bool { return p.Calls() == 0 })
}

func TestNoise(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	p.Noise(1000)
	c.event("Hangup", "CallerIDNum", "7201")
	p.Noise(0)
	if p.Calls() != 0 {
		t.Error("noise counts as calls")
	}
}
