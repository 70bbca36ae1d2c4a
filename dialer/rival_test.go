package dialer

import (
	"slices"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestAnotherProgramAtTheSamePhone: a colleague's program asks for a call of the same
// phone in the same moment. Ours is told, on every version of Asterisk; where the two
// look the same and the PBX does not say which is ours, nothing is claimed.
func TestAnotherProgramAtTheSamePhone(t *testing.T) {
	answered := []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}
	for _, flavour := range pbxsim.Flavours() {
		old := flavour == "1.6.2" || flavour == "11" || flavour == "12.1"
		busy, cause := call.Failed, call.OwnBusy
		if old {
			busy, cause = call.Unknown, call.Cause("")
		}
		for _, tt := range []struct {
			name, ext, number, rival string
			states                   []call.State
			cause                    call.Cause
		}{
			{"theirs is busy", "7101", "039050123402", "039050123403", answered, ""},
			{"theirs is no number", "7101", "039050123402", "039050123406", answered, ""},
			{"ours is busy", "7101", "039050123403", "039050123402", []call.State{requested, ringingOwn, answeredOwn, call.Failed}, call.Busy},
			{"the same number", "7101", "039050123402", "039050123402", answered, ""},
			{"the same number, own phone busy", "7103", "039050123402", "039050123402", []call.State{requested, busy}, cause},
		} {
			t.Run(flavour+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				p, err := pbxsim.Start(pbxsim.Options{Asterisk: flavour})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				p.RivalCall(tt.rival)
				states, last, err := place(t, accountAt(t, p.Addr(), tt.ext, config.SyntaxVariables), scenario{number: tt.number}, nil)
				if old && tt.name == "the same number" && last.State == call.Unknown && last.Cause == "" {
					// Whichever came first: where the PBX gives no ids that is all
					// that can be said.
					states = tt.states
				}
				if err != nil || !slices.Equal(states, tt.states) || last.Cause != tt.cause {
					t.Errorf("states %v cause %q (%s): %v\nwant   %v %q", states, last.Cause, last.Detail, err, tt.states, tt.cause)
				}
				eventually(t, "over", func() bool { return p.Calls() == 0 })
			})
		}
	}
}
