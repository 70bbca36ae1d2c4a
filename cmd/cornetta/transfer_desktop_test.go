//go:build linux

package main

import (
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// TestTransferOnADesktop transfers calls as a person does who has a screen: from the
// notification at once, by the keyboard alone after a word, and back again; and where the
// PBX lets nobody do it nothing offers it, and the window says so.
func TestTransferOnADesktop(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	inCall := func() {
		t.Helper()
		s.must("", "dial", "--no-wait", "039050123407")
		s.Wait("a call of which is known how it is transferred", func() bool {
			c := s.status().Call
			return c != nil && c.State == call.InCall && c.Transfers != (call.Transferable{})
		})
	}
	is := func(want call.TransferState) {
		t.Helper()
		s.Wait("a transfer that is "+string(want), func() bool {
			c := s.status().Call
			return c != nil && c.Transfer.State == want
		})
	}
	offers := func(what, label string) desktoptest.Notification {
		t.Helper()
		return s.WaitNotification(what+" with "+label, func(n desktoptest.Notification) bool {
			return strings.Contains(n.Summary+"\n"+n.Body, what) && n.Action(label) != ""
		})
	}

	inCall()
	n := offers("In call", "Transfer…")
	s.InvokeAction(n, n.Action("Transfer…"))
	w := s.Window("^Cornetta$")
	s.Wait("the window to have the focus", w.Focused)
	s.drawn(w)
	s.Type("7105")
	s.callLive(w)
	s.look("1-whom")
	s.Key("Return")
	is(call.TransferDone)
	s.told("is connected with 7105")

	f := &firstRun{s, w}
	drawn := func() { // the window may be behind the agent, and Tab goes to what is there
		f.rest(func() []byte { return f.part(0, 0, -1, -1).Pix })
	}
	inCall()
	drawn()
	s.Key("Tab", "Return")
	s.Type("7105")
	s.callLive(w)
	s.Key("Tab", "Tab", "space")
	s.Key("shift+Tab", "Return")
	is(call.TransferTalking)
	n = offers("You speak to 7105", "Back to the caller")
	s.look("4-talking")
	s.InvokeAction(n, n.Action("Back to the caller"))
	is(call.TransferCancelled)
	s.told("You have 039050123407 again")

	s.must("", "transfer", "--attended", "7105")
	is(call.TransferTalking)
	drawn()
	s.Key("Tab", "Tab", "Return")
	is(call.TransferDone)

	for _, action := range []string{"BlindTransfer", "Redirect", "Atxfer"} {
		pbx.Grant(action, false)
	}
	inCall()
	s.look("7-refused")
	drawn()
	s.Key("Tab", "Return") // the first that can be pressed is the one to hang up
	s.waitState(call.Ended)
	for _, n := range s.Displayed() {
		if n.Action("Transfer…") != "" {
			t.Errorf("%v", n)
		}
	}
	var did []string
	for _, m := range pbx.Moves() {
		if m.Of != "7101" {
			t.Errorf("%+v", m)
		}
		did = append(did, m.Action)
	}
	if got := strings.Join(did, " "); got != "BlindTransfer Atxfer CancelAtxfer Atxfer" {
		t.Errorf("the PBX was asked for %s", got)
	}
}
