// Package call is the vocabulary of a call: where it stands, why it failed,
// and the immutable picture of it that everybody shows. What makes such a
// picture out of a PBX's events is in dialer/call/tracker; this package
// imports nothing, so that whoever only shows calls links nothing else.
package call

import "time"

// State is where a call stands. The names are those `cornetta dial --json`
// prints; scripts rely on them.
type State string

const (
	Requested   State = "requested"    // asked of the PBX; nothing rings yet
	RingingOwn  State = "ringing_own"  // your phone rings
	AnsweredOwn State = "answered_own" // you picked up
	RingingFar  State = "ringing_far"  // the other side rings
	InCall      State = "in_call"      // the other side answered
	Ended       State = "ended"        // over, after having been answered
	Failed      State = "failed"       // over, never answered; Cause says why
	Cancelled   State = "cancelled"    // hung up by the person before the answer
	Unknown     State = "unknown"      // the link was lost; nobody can tell
)

// Live reports whether a call in this state still goes on as far as is known.
func (s State) Live() bool {
	switch s {
	case Requested, RingingOwn, AnsweredOwn, RingingFar, InCall:
		return true
	}
	return false
}

// Cause is why a call failed or became unknown: something a person can act on.
type Cause string

const (
	OwnNoAnswer    Cause = "own_no_answer"
	OwnBusy        Cause = "own_busy"
	OwnUnreachable Cause = "own_unreachable"
	Busy           Cause = "busy"
	NoAnswer       Cause = "no_answer"
	Rejected       Cause = "rejected"
	NoSuchNumber   Cause = "no_such_number"
	Network        Cause = "network"
	NotPermitted   Cause = "not_permitted" // the number, to this extension
	NoRight        Cause = "no_right"      // the AMI user may place no calls at all
	Refused        Cause = "refused"
	LinkLost       Cause = "link_lost"
	EndedUnseen    Cause = "ended_unseen"  // it is over, and nobody saw how
	OtherAccount   Cause = "other_account" // it was placed with an account that is not in force any more
)

// Snapshot is an immutable picture of one call.
type Snapshot struct {
	ID        string    `json:"id"`
	Number    string    `json:"number"`    // the dial string, byte for byte as sent
	Extension string    `json:"extension"` // whose phone rings first
	State     State     `json:"state"`
	Cause     Cause     `json:"cause,omitempty"`
	Detail    string    `json:"detail,omitempty"`   // the PBX's own words; untrusted
	FarName   string    `json:"far_name,omitempty"` // what the PBX calls the other side; untrusted
	Requested time.Time `json:"requested_at"`
	Answered  time.Time `json:"answered_at,omitzero"` // by the other side
	Ended     time.Time `json:"ended_at,omitzero"`
}

// Live reports whether the call still goes on as far as is known.
func (s Snapshot) Live() bool { return s.State.Live() }

// Duration is how long the two sides have been (or were) talking at now.
func (s Snapshot) Duration(now time.Time) time.Duration {
	switch {
	case s.Answered.IsZero():
		return 0
	case !s.Ended.IsZero():
		now = s.Ended
	}
	return max(0, now.Sub(s.Answered))
}
