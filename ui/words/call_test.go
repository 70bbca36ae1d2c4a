package words

import (
	"strings"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

var (
	noon     = time.Date(2025, 3, 4, 12, 0, 0, 0, time.FixedZone("CET", 3600))
	answered = time.Date(2025, 3, 4, 10, 58, 37, 0, time.UTC) // 11:58:37 there
)

func TestCall(t *testing.T) {
	for _, c := range []struct {
		name                   string
		call                   call.Snapshot
		title, body, own, far_ string
	}{
		{
			"requested",
			call.Snapshot{Number: "0039012", Extension: "7101", State: call.Requested},
			"Calling your phone…", "Pick up to call 0039012",
			"Your phone 7101 is being called", "0039012 is called when you have picked up",
		},
		{
			"ringing own",
			call.Snapshot{Number: "0039012", State: call.RingingOwn},
			"Your phone rings", "Pick up to call 0039012",
			"Your phone rings: pick it up", "0039012 is called when you have picked up",
		},
		{
			"answered own",
			call.Snapshot{Number: "201", Extension: "7101", State: call.AnsweredOwn},
			"Calling…", "201",
			"Your phone 7101 is picked up", "201 is being called",
		},
		{
			"ringing far",
			call.Snapshot{Number: "201", Extension: "7101", State: call.RingingFar, FarName: "Anna\nRossi\u202e"},
			"Ringing at the other side…", "201 (Anna Rossi)",
			"Your phone 7101 is picked up", "201 rings",
		},
		{
			"in call",
			call.Snapshot{Number: "201", Extension: "7101", State: call.InCall, FarName: "201", Answered: answered},
			"In call", "201",
			"Your phone 7101 is in the call", "201 is in the call",
		},
		{
			"ended",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Ended, Answered: answered, Ended: answered.Add(83 * time.Second)},
			"Ended 01:23", "201",
			"Your phone 7101 has hung up", "201 has hung up",
		},
		{
			"ended, nobody saw the answer",
			call.Snapshot{Number: "201", State: call.Ended, Ended: answered},
			"Call ended", "201",
			"Your phone has hung up", "201 has hung up",
		},
		{
			"not picked up",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Failed, Cause: call.OwnNoAnswer},
			"You did not pick up", "201\nCall again and pick up your phone when it rings.",
			"You did not pick up", "201 is called when you have picked up",
		},
		{
			"busy",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Failed, Cause: call.Busy},
			"Busy", "201\nCall again later.",
			"Your phone 7101 has hung up", "Busy",
		},
		{
			"refused, with the PBX's words",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Failed, Cause: call.Refused, Detail: "Extension does\tnot exist."},
			"The PBX refused the call", "201\nCheck the extension, the tenant and the syntax in Settings.\nThe PBX said: “Extension does not exist.”",
			"Your phone 7101 is free again", "The PBX refused the call",
		},
		{
			"busy, the PBX's words add nothing",
			call.Snapshot{Number: "201", State: call.Failed, Cause: call.Busy, Detail: "User busy"},
			"Busy", "201\nCall again later.",
			"Your phone has hung up", "Busy",
		},
		{
			"cancelled",
			call.Snapshot{Number: "201", State: call.Cancelled},
			"Call cancelled", "The call to 201 was hung up before it was answered.",
			"Your phone is free again", "201 is not called any more",
		},
		{
			"unknown",
			call.Snapshot{Number: "201", State: call.Unknown, Cause: call.ConnectionLost},
			"The call is out of sight", "The link to the PBX was lost during the call to 201. Look at your phone: it may still be going on.",
			"Your phone may still be in the call", "201 may still be in the call",
		},
		{
			"the PBX did not say",
			call.Snapshot{Number: "201", State: call.Unknown},
			"The call is out of sight", "The PBX did not say what became of the call to 201. Look at your phone: it may still be going on.",
			"Your phone may still be in the call", "201 may still be in the call",
		},
		{
			"busy, and the PBX goes on",
			call.Snapshot{Number: "201", Extension: "7101", State: call.AnsweredOwn, Cause: call.Busy},
			"Busy", "201\nThe line is still open: wait for what the PBX does, or hang up.",
			"Your phone 7101 is picked up", "Busy",
		},
		{
			"the PBX speaks",
			call.Snapshot{Number: "201", Extension: "7101", State: call.AnsweredOwn, ByPBX: true},
			"The PBX answers", "201",
			"Your phone 7101 is picked up", "The PBX answers for 201",
		},
		{
			"the mailbox",
			call.Snapshot{Number: "201", Extension: "7101", State: call.InCall, ByPBX: true, Answered: answered},
			"The PBX answers", "201",
			"Your phone 7101 is in the call", "The PBX answers for 201",
		},
		{
			"after the mailbox",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Ended, ByPBX: true, Answered: answered, Ended: answered.Add(83 * time.Second)},
			"Ended 01:23", "201\nNobody but the PBX answered.",
			"Your phone 7101 has hung up", "The PBX answers for 201",
		},
		{
			"after an announcement",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Ended, ByPBX: true, Cause: call.NoSuchNumber, Ended: answered},
			"No such number", "201\nNobody but the PBX answered. Check the number and the prefix for an outside line.",
			"Your phone 7101 has hung up", "No such number",
		},
		{
			"after an announcement that nobody knows",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Ended, ByPBX: true, Ended: answered},
			"The PBX answered", "201\nNobody but the PBX answered.",
			"Your phone 7101 has hung up", "The PBX answers for 201",
		},
		{
			"a colleague picked up",
			call.Snapshot{Number: "201", Extension: "7101", State: call.RingingFar, Cause: call.OwnElsewhere},
			"Picked up in your place", "201\nA colleague, or a mailbox of the PBX, took the call.",
			"Your phone 7101 was picked up by somebody else", "201 rings",
		},
		{
			"not to be disturbed",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Failed, Cause: call.OwnDoNotDisturb},
			"Your phone takes no calls now", "201\nSwitch “do not disturb” off, or hang up its other call, then call again.",
			"Your phone takes no calls now", "201 is called when you have picked up",
		},
		{
			"over, and nobody looked",
			call.Snapshot{Number: "201", Extension: "7101", State: call.Unknown, Cause: call.EndedUnseen},
			"The call is over", "The call to 201 is over. Cornetta did not see how it ended.",
			"Your phone 7101 is free again", "201 is not called any more",
		},
		{
			"of another account",
			call.Snapshot{Number: "201", State: call.Unknown, Cause: call.OtherAccount},
			"The call is out of sight", "The call to 201 was placed with another account, and cannot be followed any more. Look at your phone: it may still be going on.",
			"Your phone may still be in the call", "201 may still be in the call",
		},
		{
			"a state of tomorrow",
			call.Snapshot{Number: "201", State: "on_hold"},
			"Unexpected: on hold", "201", "Unexpected: on hold", "Unexpected: on hold",
		},
	} {
		if got := CallTitle(c.call); got != c.title {
			t.Errorf("%s: title %q, want %q", c.name, got, c.title)
		}
		if got := CallBody(c.call, noon); got != c.body {
			t.Errorf("%s: body %q, want %q", c.name, got, c.body)
		}
		if got := OwnLeg(c.call); got != c.own {
			t.Errorf("%s: own leg %q, want %q", c.name, got, c.own)
		}
		if got := FarLeg(c.call); got != c.far_ {
			t.Errorf("%s: far leg %q, want %q", c.name, got, c.far_)
		}
	}
}

// Titles are shown where nobody expects somebody else's words.
func TestTitlesHoldNothingOfThePBX(t *testing.T) {
	const mine, theirs = "0039012", "EVIL"
	for _, s := range constants(t, "../../dialer/call", "State") {
		for _, cause := range append(constants(t, "../../dialer/call", "Cause"), "") {
			c := call.Snapshot{Number: mine, State: call.State(s), Cause: call.Cause(cause), Detail: theirs, FarName: theirs}
			for _, text := range []string{
				CallTitle(c), OwnLeg(c), FarLeg(c),
				Status(status.Snapshot{Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeProtocol, Detail: theirs}, Call: &c}, noon),
			} {
				if text == "" || strings.Contains(text, theirs) {
					t.Errorf("%s, %s: %q", s, cause, text)
				}
			}
		}
	}
}

func TestStatus(t *testing.T) {
	live := func(s call.State) *call.Snapshot {
		return &call.Snapshot{Number: "0039012", Extension: "7101", State: s, Answered: answered}
	}
	for _, c := range []struct {
		want string
		s    status.Snapshot
	}{
		{"Not set up yet", status.Snapshot{Connection: status.NotSetUp}},
		{"The password is needed", status.Snapshot{Connection: status.NoSecret, Extension: "7101"}},
		{"Not checked yet — extension 7101", status.Snapshot{Connection: status.Unchecked, Extension: "7101"}},
		{"Checking the PBX…", status.Snapshot{Connection: status.Checking, Extension: "7101"}},
		{"Ready — extension 7101", status.Snapshot{Connection: status.Ready, Extension: "7101"}},
		{"Ready", status.Snapshot{Connection: status.Ready}},
		{"Ready — extension 7101", status.Snapshot{Connection: status.Connected, Extension: "7101"}},
		{"Login refused", status.Snapshot{Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeLoginRefused}, Extension: "7101"}},
		{"Dialling will not work now", status.Snapshot{Connection: status.Trouble}},
		{"Calling your phone — 0039012", status.Snapshot{Connection: status.Connected, Call: live(call.Requested), Extension: "7101"}},
		{"Your phone rings — 0039012", status.Snapshot{Connection: status.Connected, Call: live(call.RingingOwn)}},
		{"Calling — 0039012", status.Snapshot{Connection: status.Connected, Call: live(call.AnsweredOwn)}},
		{"In call since 11:58 — 0039012", status.Snapshot{Connection: status.Connected, Call: live(call.InCall)}},
		{"Ready — extension 7101", status.Snapshot{Connection: status.Ready, Call: live(call.Ended), Extension: "7101"}},
		{"Unexpected: half ready", status.Snapshot{Connection: "half_ready"}},
	} {
		if got := Status(c.s, noon); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := Tooltip(status.Snapshot{Connection: status.Ready, Extension: "7101"}, noon); got != "Cornetta: Ready — extension 7101" {
		t.Error(got)
	}
	in := status.Snapshot{Call: &call.Snapshot{Number: "1", State: call.InCall}}
	if got := Status(in, noon); got != "In call — 1" {
		t.Errorf("in a call whose answer was not seen: %q", got)
	}
}

func TestRecent(t *testing.T) {
	for _, c := range []struct {
		state call.State
		cause call.Cause
		pbx   bool
		want  string
	}{
		{call.Ended, "", false, "201"},
		{call.Ended, "", true, "201 — The PBX answered"},
		{call.Ended, call.NoSuchNumber, true, "201 — No such number"},
		{call.Ended, call.OwnElsewhere, false, "201 — Picked up in your place"},
		{call.Failed, call.Busy, false, "201 — Busy"},
		{call.Cancelled, "", false, "201 — Call cancelled"},
		{call.Unknown, call.ConnectionLost, false, "201"},
	} {
		if got := Recent(call.Snapshot{Number: "201", State: c.state, Cause: c.cause, ByPBX: c.pbx}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := WillDial("00390612345"); got != "Will dial 00390612345" {
		t.Error(got)
	}
}
