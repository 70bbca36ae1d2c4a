package channel

import "cornetta/dialer/status"

// The windows an agent can ask for in [Show].
const (
	WindowDial      = "dial"
	WindowSettings  = "settings"
	WindowAssistant = "assistant"
	WindowRecent    = "recent"
)

// Show asks the windows to show one of theirs, raise it and focus its first
// field.
type Show struct {
	Window string `json:"window"`           // one of the Window constants
	Text   string `json:"text,omitempty"`   // dial: goes into the entry, selected
	Reason string `json:"reason,omitempty"` // a sentence to show on top, made by ui/words
	// Choices, dial: Text is no number by itself; these are in it.
	Choices []status.Offer `json:"choices,omitempty"`
	// Link, dial: Text is a link that cannot be read. It is dialled only after the
	// person has corrected it and said yes to what it then is. The same one comes
	// again when its Reason changes; when it is done with, it is answered no.
	Link uint64 `json:"link,omitempty"`
	N    uint64 `json:"n"` // set by the server: which one it is
}

// Preview is what dialling a text would send.
type Preview struct {
	Dial  string `json:"dial,omitempty"`  // the dial string, byte for byte
	Shown string `json:"shown,omitempty"` // the same digits in groups, for people
	// Reasons are dialer/number's for asking first, as words.NumberReason takes
	// them: with any, only DialConfirmed dials it.
	Reasons []string        `json:"reasons,omitempty"`
	Problem *status.Problem `json:"problem,omitempty"`
	Choices []status.Offer  `json:"choices,omitempty"` // with a Problem: the numbers in the text
}

// Ask is a question that the windows put to the person: may a link call? The
// answer is Answer.
type Ask struct {
	ID      uint64  `json:"id"`                // which question; the same one comes again when its counts change
	Preview Preview `json:"preview"`           // what is asked about; with a Problem there is nothing to say yes to
	More    int     `json:"more,omitempty"`    // links dropped while this one is shown
	Ignored int     `json:"ignored,omitempty"` // links dropped before it, while they were muted
}

// How a step stands.
const (
	StepRunning = "running"
	StepOK      = "ok"
	StepFailed  = "failed"
)

// CheckStep is the progress of one step of a check.
type CheckStep struct {
	Check   uint64          `json:"check"` // set by the server: which check it belongs to
	Step    status.Step     `json:"step"`
	State   string          `json:"state"`
	Problem *status.Problem `json:"problem,omitempty"` // with StepFailed
}
