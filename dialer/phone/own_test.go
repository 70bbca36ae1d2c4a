package phone

import (
	"testing"

	"go.uber.org/goleak"

	"cornetta/ami/clean"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOwnPhone(t *testing.T) {
	own := Own{Extension: "7101", Channel: "PJSIP/desk"}
	for name, want := range map[string]bool{
		"PJSIP/7101-0000001f": true, "SIP/7101-0000001f": true, "IAX2/7101-12": true,
		"PJSIP/7101_2-0000001f": true, "PJSIP/7101-2-0000001f": true, "PJSIP/7101.b-00000001": true,
		"PJSIP/desk-00000001": true, "PJSIP/desk": false, "PJSIP/desks-00000001": false,
		"PJSIP/71011-0000001f": false, "PJSIP/17101-0000001f": false, "PJSIP/7101": false, "PJSIP/7101x-1": false,
		"Local/7101@c2c-00000001;1": false, "DAHDI/7101-1": false, "PJSIP/trunk-00000001": false, "": false,
		"PJSIP/7101-0000001f<ZOMBIE>": false, "AsyncGoto/PJSIP/7101-0000001f": false,
	} {
		if got := own.phone([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if none := (Own{}); none.phone([]byte("PJSIP/-1")) || none.phone([]byte("PJSIP/7101-1")) {
		t.Error("nobody's phone")
	}
}

func TestDoor(t *testing.T) {
	own := Own{Extension: "7101"}
	for name, want := range map[string]bool{
		"Local/7101@from-queue-00000001;1": true, "Local/FMPR-7101@from-internal-1;1": true, "Local/RG-600-7101@x-1;1": true,
		"Local/71011@x-1;1": false, "Local/17101@x-1;1": false, "Local/600@groups-1;1": false, "PJSIP/7101-1": false,
		"Local/600@ctx7101-00007101;1": false,
	} {
		if got := own.door([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestAsked: what dials the phone because of a request for a call, and what because somebody
// calls.
func TestAsked(t *testing.T) {
	kalliope, plain := Own{Extension: "7101", Channel: "Local/7101@c2c", ClickToCall: true}, Own{Extension: "7101", Channel: "Local/7101@from-internal"}
	for _, tt := range []struct {
		name, unique, linked, caller string
		kalliope, plain              bool
	}{
		{"Local/7101@c2c-00000001;2", "cornetta-2", "cornetta-1", "", true, true},
		{"Local/FMPR-7101@from-internal-00000002;2", "1.7", "cornetta-1", "", true, true},
		{"PJSIP/7101-00000001", "1.3", "cornetta-1", "", true, true}, // whose second phone is in the group that was called
		{"", "1.3", "cornetta-1", "", true, true},
		{"PJSIP/trunk-00000002", "1.4", "cornetta-1", "", false, false}, // was parked, and comes back
		{"PJSIP/7105-00000002", "1.4", "cornetta-1", "", false, false},  // was handed on, and forwarded to here
		{"PJSIP/trunk-00000002", "1.4", "1.4", "", false, false},
		{"Local/7101@c2c-00000001;2", "1.2", "1.1", "", true, false}, // another program's
		{"Local/7101@c2c-00000001;2", "1.2", "", "", true, false},
		{"Local/7101@c2cs-00000001;2", "1.2", "1.1", "", false, false},
		{"SIP/7101-00000001", "1.2", "", "c2c: 050123", true, true}, // before Asterisk 12
		{"SIP/7105-00000001", "1.2", "", "Elisabetta", false, false},
	} {
		for own, want := range map[*Own]bool{&kalliope: tt.kalliope, &plain: tt.plain} {
			if got := own.asked([]byte(tt.name), []byte(tt.unique), []byte(tt.linked), []byte(tt.caller), nil); got != want {
				t.Errorf("%s of %q, for %s: %v", tt.name, tt.linked, own.Channel, got)
			}
		}
	}
}

// TestNumber: what a PBX gives as a caller's number may be anything.
func TestNumber(t *testing.T) {
	for text, want := range map[clean.Foreign]string{
		"0390501234502": "0390501234502", "+390501234502": "+390501234502", "7102": "7102", " 050 / 123.45-02 ": "0501234502",
		"*671": "*671", "": "", "anonymous": "", "mario.rossi": "", "12;13": "", "1+2": "", "++39": "", "+": "", "1\n2": "",
		"12345678901234567890123456789012345678901234": "",
	} {
		if got := Number(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
