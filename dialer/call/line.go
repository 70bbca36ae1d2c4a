package call

import (
	"time"

	"cornetta/ami/clean"
)

// Line is a state of a call as scripts read it: a line of `cornetta dial --json` and
// `cornetta watch --json`, and the beginning of what a hook gets. Its keys are a contract.
type Line struct {
	At       time.Time `json:"at"`
	State    State     `json:"state"`
	Number   string    `json:"number"`
	Called   string    `json:"called,omitempty"` // of a call that comes in: the group or the queue that the caller called
	Cause    Cause     `json:"cause,omitempty"`
	Detail   string    `json:"detail,omitempty"` // fit for a terminal
	ByPBX    bool      `json:"by_pbx,omitempty"`
	Duration float64   `json:"duration_s"`
	Transfer *Transfer `json:"transfer,omitempty"` // the one that was asked for
	Account  string    `json:"account,omitempty"`  // its name, where it has one
}

// LineAt is s as it was at that time.
func (s Snapshot) LineAt(at time.Time) Line {
	l := Line{
		At: at, State: s.State, Number: s.Number, Called: s.Called, Cause: s.Cause,
		Detail: clean.Text(s.Detail.Text(), clean.Name), ByPBX: s.ByPBX, Duration: s.Duration(at).Seconds(), Account: s.Account,
	}
	if s.Transfer.State != "" {
		l.Transfer = &s.Transfer
	}
	return l
}
