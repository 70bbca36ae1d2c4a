//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/ui/desktoptest"
)

// TestIncoming: one notification for each call that comes in, which becomes what the call
// does; what was missed is counted and called back with one click; scripts and the history
// are told the same.
func TestIncoming(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "account", "set", "--incoming", "on")
	s.set(map[string]string{"region": "'IT'"})
	s.agent()
	s.tray("Ready")
	w := s.watch("--json")
	s.Wait("the link to be kept", func() bool { return s.status().Connection == "connected" })
	gone := func() {
		t.Helper()
		s.Wait("the notification to go", func() bool { return len(s.Displayed()) == 0 })
	}

	a := pbx.CallIn("0501234507", "Ditta <b>Verdi</b>", "600")
	a.Ring("7105", "")
	a.Ring("7101", "")
	n := s.told("Incoming call")
	if !strings.Contains(n.Body, "0501234507 (Ditta") || !strings.Contains(n.Body, "called 600") || len(n.Actions) > 0 {
		t.Errorf("%v", n)
	}
	s.look("1-rings")
	a.Answer("7105")
	gone()
	a.End()

	a = pbx.CallIn("0501234508", "", "7101")
	a.Ring("7101", "")
	s.told("Incoming call")
	a.Answer("7101")
	s.told("Answered on your phone")
	a.End()
	gone()
	if sent := len(s.Notifications()); sent > 4 {
		t.Errorf("%d notifications: %v", sent, s.Notifications())
	}

	a = pbx.CallIn("0501234507", "Ditta Verdi", "7101")
	a.Ring("7101", "")
	s.told("Incoming call")
	a.End()
	n = s.told("Missed call")
	item := s.tray("1 missed call")
	s.look("2-missed")
	s.WaitTrayMenu(item, "the missed call", func(m desktoptest.MenuItem) bool { return strings.Contains(m.Label, "1 missed call") })
	s.InvokeAction(n, n.Action("Call back"))
	s.Wait("the call back", func() bool { return len(pbx.Originates()) == 1 })
	if dialled := pbx.Originates()[0].Get("Exten"); dialled != "00501234507" {
		t.Errorf("dialled %q", dialled)
	}
	s.waitState("in_call")
	s.must("", "hangup")
	s.Wait("no missed call any more", func() bool { return !strings.Contains(s.tray("").ToolTip, "missed") })
	w.says("in_ringing in_elsewhere in_ringing in_answered in_ended in_ringing in_missed requested ringing_own answered_own ringing_far in_call ended")
	if first, _, _ := strings.Cut(w.whole(), "\n"); !strings.Contains(first, `"number":"0501234507","called":"600"`) {
		t.Errorf("watch says %s", first)
	}

	var past []historyJSON
	s.Wait("the history", func() bool {
		past = nil
		return json.Unmarshal([]byte(s.must("", "history", "--json")), &past) == nil && len(past) == 4
	})
	for i, want := range []historyJSON{
		{State: "ended", Direction: "out", Way: "call_back", Number: "00501234507"},
		{State: "in_missed", Direction: "in", Way: "incoming", Number: "00501234507", Given: "0501234507", Name: "Ditta Verdi"},
		{State: "in_ended", Direction: "in", Way: "incoming", Number: "00501234508", Given: "0501234508"},
		{State: "in_elsewhere", Direction: "in", Way: "incoming", Number: "00501234507", Given: "0501234507", Called: "600"},
	} {
		got := past[i]
		if got.State != want.State || got.Direction != want.Direction || got.Way != want.Way || got.Number != want.Number ||
			got.Called != want.Called || want.Given != "" && got.Given != want.Given || want.Name != "" && got.Name != want.Name {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
}

// TestIncomingQuiet: nothing is shown while it rings, and one notification for all that was
// missed; with a policy that forbids it nothing is followed.
func TestIncomingQuiet(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "account", "set", "--incoming", "on", "--incoming-quiet", "on")
	s.agent()
	s.tray("Ready")
	s.Wait("the link to be kept", func() bool { return s.status().Connection == "connected" })
	for _, number := range []string{"0501234507", "0501234508"} {
		a := pbx.CallIn(number, "", "7101")
		a.Ring("7101", "")
		a.End()
	}
	s.told("2 missed calls")
	for _, n := range s.Notifications() {
		if strings.Contains(n.Summary, "Incoming") {
			t.Errorf("%v", n)
		}
	}

	// The next program counts them, too, until the person looks at them.
	s.tray("2 missed calls")
	s.must("", "quit")
	s.agent()
	item := s.tray("2 missed calls")
	s.PickTrayMenu(item, "2 missed calls")
	w := s.Window("History$")
	s.Wait("the history to have the focus", w.Focused)
	s.drawn(w)
	s.look("1-missed-alone")
	s.Wait("no missed call any more", func() bool { return !strings.Contains(s.tray("").ToolTip, "missed") })
	var missed []historyJSON
	if out := s.must("", "history", "--missed", "--json"); json.Unmarshal([]byte(out), &missed) != nil || len(missed) != 2 {
		t.Errorf("missed: %s", out)
	}
	s.Wait("the link to be kept", func() bool { return s.status().Connection == "connected" })
	s.must("", "account", "set", "--incoming", "off")
	s.Wait("the link to be closed", func() bool { return s.status().Connection == "ready" })
}
