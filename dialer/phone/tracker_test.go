package phone

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

var (
	began  = time.Unix(1_700_000_000, 0)
	caller = ami.Channel{Name: "PJSIP/trunk-1", UniqueID: "1.1", LinkedID: "1.1", CallerIDNum: "0390501234502", CallerIDName: "Ditta Verdi", Exten: "620"}
	half1  = ami.Channel{Name: "Local/7101@from-queue-1;1", UniqueID: "1.2", LinkedID: "1.1"}
	half2  = ami.Channel{Name: "Local/7101@from-queue-1;2", UniqueID: "1.3", LinkedID: "1.1", Exten: "7101"}
	mine   = ami.Channel{Name: "PJSIP/7101-1", UniqueID: "1.4", LinkedID: "1.1", State: stateRinging, ConnectedLineNum: "0390501234502", ConnectedLineName: "Ditta Verdi"}
	theirs = ami.Channel{Name: "PJSIP/7105-1", UniqueID: "1.5", LinkedID: "1.1"}
)

// fed is a Tracker that was given these events.
func fed(events ...ami.Event) *Tracker {
	t := NewTracker(Own{Extension: "7101", Channel: "Local/7101@c2c", ClickToCall: true}, nil)
	for _, e := range events {
		t.Apply(e, began)
	}
	return t
}

func only(t *testing.T, tr *Tracker, want call.State) call.Snapshot {
	t.Helper()
	calls := tr.Calls()
	if len(calls) != 1 || calls[0].State != want {
		t.Fatalf("%+v, want one that is %s", calls, want)
	}
	return calls[0]
}

// TestOutOfOrder: what Asterisk's threads tell in either order comes to the same.
func TestOutOfOrder(t *testing.T) {
	door, dials := ami.DialBegin{Src: caller, Dest: half1}, ami.DialBegin{Src: half2, Dest: mine}
	for _, events := range [][]ami.Event{{door, dials, ami.Newstate{Channel: mine}}, {dials, door, ami.Newstate{Channel: mine}}, {dials, ami.Newstate{Channel: mine}, door}} {
		if c := only(t, fed(events...), call.InRinging); c.Called != "620" || c.Number != "0390501234502" {
			t.Errorf("%+v", c)
		}
	}
	rings := []ami.Event{ami.DialBegin{Src: caller, Dest: mine}, ami.Newstate{Channel: mine}}
	answer, gone := ami.DialEnd{Src: caller, Dest: theirs, Status: "ANSWER"}, ami.HangupEvent{Channel: mine, Cause: causeElsewhere}
	for _, events := range [][]ami.Event{{answer, gone}, {gone, answer}} {
		only(t, fed(append(rings[:2:2], events...)...), call.InElsewhere)
	}
	// That of a colleague in another company's context is not told, only that it was not the caller.
	only(t, fed(append(rings[:2:2], ami.DialEnd{Src: caller, Dest: mine, Status: "CANCEL"}, gone)...), call.InElsewhere)
}

// TestTakesNoCalls: a phone that refuses at once because it is set not to disturb has missed
// the call; one that is not there, or that was given up, has not.
func TestTakesNoCalls(t *testing.T) {
	silent := mine
	silent.State = 0
	for _, tt := range []struct {
		name   string
		after  time.Duration
		status string
		cause  int
		want   call.Cause // "": nothing is told
	}{
		{"480", 0, "NOANSWER", 19, call.OwnDoNotDisturb},
		{"480, by RFC 3398", time.Second, "NOANSWER", 31, call.OwnDoNotDisturb},
		{"486", 0, "BUSY", 17, call.OwnBusy},
		{"given up without a sign of it", 8 * time.Second, "NOANSWER", 19, ""},
		{"the caller gives up", 0, "CANCEL", 19, ""},
		{"not connected", 0, "CHANUNAVAIL", 20, ""},
		{"a fault", 0, "NOANSWER", 127, ""},
	} {
		now := began.Add(tt.after)
		ended, gone, leaves := ami.DialEnd{Src: caller, Dest: silent, Status: tt.status}, ami.HangupEvent{Channel: silent, Cause: tt.cause}, ami.HangupEvent{Channel: caller, Cause: 16}
		for _, events := range [][]ami.Event{{ended, gone, leaves}, {ended, leaves, gone}} {
			tr := fed(ami.DialBegin{Src: caller, Dest: silent})
			for _, e := range events {
				tr.Apply(e, now)
			}
			tr.Tick(now.Add(grace))
			calls := tr.Calls()
			if tt.want == "" && len(calls) > 0 || tt.want != "" && (len(calls) != 1 || calls[0].State != call.InMissed || calls[0].Cause != tt.want) {
				t.Errorf("%s: %+v, want %q", tt.name, calls, tt.want)
			}
			if tr.Prune(); len(tr.calls) > 0 {
				t.Errorf("%s: %+v is followed on", tt.name, tr.calls)
			}
		}
	}
	// Whether it comes or not.
	tr := fed(ami.DialBegin{Src: caller, Dest: silent}, ami.DialEnd{Src: caller, Dest: silent, Status: "NOANSWER"}, ami.HangupEvent{Channel: caller})
	if tr.Tick(began.Add(grace)); len(tr.Calls()) > 0 || !tr.Prune() {
		t.Errorf("%+v", tr.calls)
	}
}

// TestHandedOver: a colleague has called, and hands the call over: it is the caller's now.
func TestHandedOver(t *testing.T) {
	colleague := ami.Channel{Name: "PJSIP/7105-2", UniqueID: "1.8", LinkedID: "1.8", CallerIDNum: "7105", CallerIDName: "Elisabetta", Exten: "7101"}
	me := ami.Channel{Name: "PJSIP/7101-2", UniqueID: "1.9", LinkedID: "1.8", State: stateRinging, ConnectedLineNum: "7105", ConnectedLineName: "Elisabetta"}
	tr := fed(ami.DialBegin{Src: colleague, Dest: me}, ami.Newstate{Channel: me}, ami.DialEnd{Src: colleague, Dest: me, Status: "ANSWER"}, ami.BridgeEnter{Channel: me})
	if c := only(t, tr, call.InAnswered); c.Number != "7105" {
		t.Errorf("%+v", c)
	}
	me.ConnectedLineNum, me.ConnectedLineName, me.LinkedID = caller.CallerIDNum, caller.CallerIDName, caller.LinkedID
	tr.Apply(ami.BridgeEnter{Channel: me}, began)
	tr.Apply(ami.HangupEvent{Channel: colleague, Cause: 16}, began)
	if c := only(t, tr, call.InAnswered); c.Number != "0390501234502" || c.FarName != "Ditta Verdi" {
		t.Errorf("%+v", c)
	}
	tr.Apply(ami.HangupEvent{Channel: me, Cause: 16}, began.Add(time.Minute))
	if c := only(t, tr, call.InEnded); c.Duration(c.Ended) != time.Minute {
		t.Errorf("%+v", c)
	}
}

// TestHandedOverInPlace: the same, where the phone stays in its bridge and the other side
// comes there.
func TestHandedOverInPlace(t *testing.T) {
	colleague := ami.Channel{Name: "PJSIP/7105-2", UniqueID: "1.8", LinkedID: "1.8", CallerIDNum: "7105", Exten: "7101"}
	me := ami.Channel{Name: "PJSIP/7101-2", UniqueID: "1.9", LinkedID: "1.8", State: stateRinging, ConnectedLineNum: "7105"}
	tr := fed(ami.DialBegin{Src: colleague, Dest: me}, ami.Newstate{Channel: me}, ami.DialEnd{Src: colleague, Dest: me, Status: "ANSWER"},
		ami.BridgeEnter{Channel: me, BridgeID: "b"}, ami.BridgeEnter{Channel: colleague, BridgeID: "b"}, ami.BridgeEnter{Channel: theirs, BridgeID: "other"})
	if c := only(t, tr, call.InAnswered); c.Number != "7105" {
		t.Errorf("%+v", c)
	}
	tr.Apply(ami.BridgeEnter{Channel: caller, BridgeID: "b"}, began)
	if c := only(t, tr, call.InAnswered); c.Number != "0390501234502" || c.FarName != "Ditta Verdi" {
		t.Errorf("%+v", c)
	}
}

// TestBounds: no more is kept than there can be, whatever is sent.
func TestBounds(t *testing.T) {
	tr := fed()
	for i := range 10 * maxCalls {
		id := fmt.Sprintf("%d.", i)
		src, dest := caller, mine
		src.UniqueID, src.LinkedID, dest.UniqueID, dest.LinkedID = "s"+id, "s"+id, "d"+id, "s"+id
		tr.Apply(ami.DialBegin{Src: src, Dest: dest}, began)
		tr.Apply(ami.DialBegin{Src: src, Dest: ami.Channel{Name: "Local/7101@x-" + id + ";1", UniqueID: "l" + id}}, began)
		for n := range 2 * maxLegs {
			tr.Apply(ami.Newchannel{Channel: ami.Channel{Name: "PJSIP/x-1", UniqueID: fmt.Sprintf("n%s%d", id, n), LinkedID: "s" + id}}, began)
		}
	}
	if len(tr.calls) > maxCalls || len(tr.doors) > maxDoors || len(tr.calls[0].legs) > maxLegs {
		t.Errorf("%d calls, %d doors, %d channels of one", len(tr.calls), len(tr.doors), len(tr.calls[0].legs))
	}
	tr.Tick(began.Add(doorFor))
	if len(tr.doors) > 0 {
		t.Errorf("%d doors a second later", len(tr.doors))
	}
}

// TestCaller: what a PBX says of a caller is a number that can be called back, or a text.
func TestCaller(t *testing.T) {
	for _, tt := range []struct{ num, name, number, shown clean.Foreign }{
		{"+39 050 123-4502", "Ditta Verdi", "+390501234502", "Ditta Verdi"},
		{"7105", "", "7105", ""},
		{"anonymous", "Anonymous", "", "Anonymous"},
		{"anonymous", "", "", "anonymous"},
		{"sip:evil@example.com", "", "", "sip:evil@example.com"},
		{"*21*0899123456#", "", "*21*0899123456#", ""}, // asked about before it is dialled, as any code
		{clean.Foreign(strings.Repeat("1", call.MaxNumber+1)), "x", "", "x"},
		{"1;ext=2", "", "", "1;ext=2"},
		{"0501\r\nAction: Originate", "a\x00b\tc\u202e", "", "ab c"},
	} {
		from, to := caller, mine
		from.CallerIDNum, to.ConnectedLineNum, to.ConnectedLineName = "", tt.num, tt.name
		c := only(t, fed(ami.DialBegin{Src: from, Dest: to}, ami.Newstate{Channel: to}), call.InRinging)
		if c.Number != tt.number.Text() || !strings.HasPrefix(c.FarName.Text(), tt.shown.Text()) || strings.ContainsAny(c.FarName.Text(), "\r\n\x00\t") {
			t.Errorf("%q %q: %q, %q", tt.num.Text(), tt.name.Text(), c.Number, c.FarName.Text())
		}
	}
}
