package dialer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/number"
)

// keyed is a plan with something to be keyed in after the answer.
func keyed(dial, then string, byPBX bool) number.Plan {
	p := planFor(dial)
	p.Then = then
	if byPBX {
		p = p.Keyed()
	}
	return p
}

// What follows the number is keyed in after the answer, once, on the channel of whoever
// gave it, and only where the person wants the PBX to do so and it can.
func TestKeyIn(t *testing.T) {
	for _, tc := range []struct {
		name    string
		number  string
		byPBX   bool
		granted bool
		then    string
		sent    string      // the digits that arrive
		keying  call.Keying // at the end
		left    string      // what the person is to key in
	}{
		{"the PBX keys in", "039050123407", true, true, ",,1#,2", "1#2", call.Keyed, ""},
		{"at once", "039050123407", true, true, "12", "12", call.Keyed, ""},
		{"an internal number", "7105", true, true, ",5", "5", call.Keyed, ""},
		{"nobody has said so", "039050123407", false, true, ",,12", "", call.KeyedByHand, ",,12"},
		{"the PBX cannot", "039050123407", true, false, ",,12", "", call.KeyedByHand, ",,12"},
		{"the PBX itself answers", "800", true, true, ",12", "", call.KeyedByHand, ",12"},
		{"nothing follows", "039050123407", false, true, "", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newPBXBubble(t, "22", pbxsim.Real)
				h.Grant("PlayDTMF", tc.granted)
				d := h.start(t, h.account)
				if _, err := d.Dial(t.Context(), keyed(tc.number, tc.then, tc.byPBX)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
				if n := len(h.KeyedIn()); n > 0 {
					t.Errorf("%d digits were keyed in before the answer", n)
				}
				time.Sleep(28 * time.Second)
				var got strings.Builder
				for _, k := range h.KeyedIn() {
					got.WriteString(k.Digit)
					if strings.HasPrefix(k.Channel, "PJSIP/7101-") || strings.HasPrefix(k.Channel, "Local/") {
						t.Errorf("%s was keyed in on %s, which leads to the person", k.Digit, k.Channel)
					}
				}
				s := *d.Snapshot().Call
				if got.String() != tc.sent || s.State != call.InCall || s.Keying != tc.keying || s.Then != tc.left {
					t.Errorf("keyed in %q, then %s, %q to be keyed in %s", got.String(), s.State, s.Then, s.Keying)
				}
				if err := d.Hangup(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if s := *d.Snapshot().Call; s.Then != "" || s.Keying == call.KeyedByPBX {
					t.Errorf("after the call: %q %s", s.Then, s.Keying)
				}
			})
		})
	}
}

// The digits of a call that is hung up in the middle are not sent on, and those of one
// whose connection is lost are left to the person.
func TestKeyInStops(t *testing.T) {
	for _, lost := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newPBXBubble(t, "22", pbxsim.Real)
			h.Grant("PlayDTMF", true)
			d := h.start(t, h.account)
			if _, err := d.Dial(t.Context(), keyed("039050123407", "1,,,,,,,,2", true)); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				if time.Sleep(time.Second); len(h.KeyedIn()) > 0 {
					break
				}
			}
			if lost {
				h.network.cut()
			} else if err := d.Hangup(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
			if got := h.KeyedIn(); len(got) != 1 || got[0].Digit != "1" {
				t.Errorf("lost %v: %v was keyed in", lost, got)
			}
			if s := *d.Snapshot().Call; lost && (s.Keying != call.KeyedByHand || !strings.HasSuffix(s.Then, "2")) {
				t.Errorf("to be keyed in by hand: %q %s", s.Then, s.Keying)
			}
		})
	}
}
