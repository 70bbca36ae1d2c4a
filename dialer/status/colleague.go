package status

// PhoneState is how a colleague's phone stands, as far as the PBX tells.
type PhoneState string

const (
	PhoneFree    PhoneState = "free"
	PhoneRinging PhoneState = "ringing" // also beside a call that goes on
	PhoneBusy    PhoneState = "busy"    // in a call, on hold, or set to take none
	PhoneAway    PhoneState = "away"    // not connected
	PhoneUnknown PhoneState = "unknown" // the PBX does not tell, or cannot be asked now
)

// PhoneStates are all of them.
var PhoneStates = []PhoneState{PhoneFree, PhoneRinging, PhoneBusy, PhoneAway, PhoneUnknown}

// PhoneStateOf is what Asterisk's number for the state of an extension means, which is made
// of bits (include/asterisk/pbx.h, ast_extension_states): below 0 the hint is gone. A phone
// that rings counts as ringing also where another call goes on, since that is what somebody
// else can pick up.
func PhoneStateOf(asterisk int) PhoneState {
	const inUse, busy, unavailable, ringing, onHold = 1, 2, 4, 8, 16
	switch {
	case asterisk < 0, asterisk >= 2*onHold:
		return PhoneUnknown
	case asterisk&ringing != 0:
		return PhoneRinging
	case asterisk&(inUse|busy|onHold) != 0:
		return PhoneBusy
	case asterisk&unavailable != 0:
		return PhoneAway
	}
	return PhoneFree
}

// Colleague is an extension of the PBX other than the person's own.
type Colleague struct {
	Number string     `json:"number"`
	State  PhoneState `json:"state"`
}
