package channel

import (
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
)

// The exit statuses by which the windows say why they cannot be shown. Everything else that
// Go, Fyne or a driver ends a program with is another one.
const (
	ExitNoDisplay = 3 // there is none to be shown on
	ExitNoOpenGL  = 4 // there is nothing to draw them with
)

// ArgProbe is the argument with which the program of the windows makes an OpenGL context,
// prints its version, a tab and that of OpenGL, and ends; the exit statuses are as above.
const ArgProbe = "probe"

// Environment is a variable that the windows are started with: their garbage collector
// overwrites what it frees, so that a password which was typed does not stay in memory.
const Environment = "GODEBUG=clobberfree=1"

// YesAfter is how long a question has to be on the screen, in a window or in what the agent
// asks by without one, before a yes to it counts: whoever was typing or clicking elsewhere must
// not agree to it. After a yes that came earlier it is YesLongAfter.
const (
	YesAfter     = 500 * time.Millisecond
	YesLongAfter = 1500 * time.Millisecond
)

// The windows an agent can ask for in [Show].
const (
	WindowDial      = "dial"
	WindowSettings  = "settings"
	WindowAssistant = "assistant"
	WindowEnrolment = "enrolment"
	WindowHistory   = "history"
)

// Show asks the windows to show one of theirs, raise it and focus its first
// field.
type Show struct {
	Window string `json:"window"`           // one of the Window constants
	Text   string `json:"text,omitempty"`   // dial: goes into the entry, selected
	Reason string `json:"reason,omitempty"` // a sentence to show on top, made by ui/words
	// Choices, dial: Text is no number by itself; these are in it. One that is picked
	// becomes the text.
	Choices []status.Offer `json:"choices,omitempty"`
	// Link, dial: Text is a link that cannot be read. It is dialled only after the
	// person has corrected it and said yes to what it then is. The same one comes
	// again when its Reason changes; when it is done with, it is answered no.
	Link uint64 `json:"link,omitempty"`
	// Enrolment, enrolment: what is asked about.
	Enrolment *Enrolment `json:"enrolment,omitempty"`
	// Transfer, dial: the number that is typed is whom the call in hand goes to.
	Transfer bool `json:"transfer,omitempty"`
	// Missed, history: only missed calls are listed, until the person wants all.
	Missed bool `json:"missed,omitempty"`

	N uint64 `json:"n"` // set by the server: which one it is
}

// Ask is a question that the windows put to the person: may a link call? The
// answer is Answer.
type Ask struct {
	Offer   status.Offer `json:"offer"`             // with its ID the same one comes again when its counts change
	More    int          `json:"more,omitempty"`    // links dropped while this one is shown
	Ignored int          `json:"ignored,omitempty"` // links dropped before it, while they were muted
	Account string       `json:"account,omitempty"` // with which it would be called, where there are several
}

// How a step stands.
const (
	StepRunning = "running"
	StepOK      = "ok"
	StepFailed  = "failed"
)

// Examined is one finding of an examination that goes on.
type Examined struct {
	Examination uint64         `json:"examination"` // set by the server: which one it belongs to
	Finding     status.Finding `json:"finding"`
}

// CheckStep is the progress of one step of a check.
type CheckStep struct {
	Check   uint64          `json:"check"` // set by the server: which check it belongs to
	Step    status.Step     `json:"step"`
	State   string          `json:"state"`
	Problem *status.Problem `json:"problem,omitempty"` // with StepFailed
}

// Suggestion is a number that fits what is typed.
type Suggestion struct {
	Name    clean.Foreign  `json:"name,omitempty"`
	Company clean.Foreign  `json:"company,omitempty"`
	Kind    string         `json:"kind,omitempty"`   // dialer/contacts'
	Number  clean.Foreign  `json:"number"`           // as a directory has it, to be read as a copied one
	Recent  *history.Entry `json:"recent,omitempty"` // it was called so; Number is what was dialled

	Favourite int  `json:"favourite,omitempty"` // its place among the favourites, from 1; 0: it is none
	Dialled   bool `json:"dialled,omitempty"`   // Number is what is dialled, outside line and all
}

// AsDialled reports whether Number is what is dialled, and to be read as that.
func (s Suggestion) AsDialled() bool { return s.Recent != nil || s.Dialled }
