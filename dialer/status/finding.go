package status

// Finding is what one check of the doctor's came to.
type Finding struct {
	ID     string       `json:"id"`
	State  FindingState `json:"state"`
	Seen   string       `json:"seen"` // what was seen, for a person
	Do     string       `json:"do"`   // what to do about it; "" for nothing
	TookMS int64        `json:"took_ms"`
}

// FindingState is how a check ended.
type FindingState string

const (
	FindingOK      FindingState = "ok"
	FindingWarning FindingState = "warning" // dialling works, something else does not
	FindingFailed  FindingState = "failed"
	// FindingUntried is a check that makes no sense after another one failed. Seen says
	// which. It is shown to people, and no part of JSON, where only what was tried is.
	FindingUntried FindingState = "untried"
)
