package channel

import "time"

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
	Choices []Choice `json:"choices,omitempty"`
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
	Reasons []string `json:"reasons,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
	Choices []Choice `json:"choices,omitempty"` // with a Problem: the numbers in the text
}

// Choice is one of several numbers that a person picks from.
type Choice struct {
	Text    string   `json:"text"`              // as it was written
	Dial    string   `json:"dial"`              // the dial string; it means itself when it is typed
	Shown   string   `json:"shown"`             // as in Preview
	Line    string   `json:"line,omitempty"`    // number.Plan.Line: picking it answers for later numbers too
	Reasons []string `json:"reasons,omitempty"` // as in Preview
}

// Ask is a question that the windows put to the person: may a link call? The
// answer is Answer.
type Ask struct {
	ID      uint64  `json:"id"`                // which question; the same one comes again when its counts change
	Preview Preview `json:"preview"`           // what is asked about; with a Problem there is nothing to say yes to
	More    int     `json:"more,omitempty"`    // links dropped while this one is shown
	Ignored int     `json:"ignored,omitempty"` // links dropped before it, while they were muted
}

// The steps of a check, in the order they are made. StepTLS is skipped on a
// link in clear.
const (
	StepResolve = "resolve" // the name is known
	StepConnect = "connect" // the port is open
	StepTLS     = "tls"     // TLS was agreed
	StepBanner  = "banner"  // it is an AMI
	StepLogin   = "login"   // the login was accepted
	StepRights  = "rights"  // the account may do what dialling needs
)

// How a step stands.
const (
	StepRunning = "running"
	StepOK      = "ok"
	StepFailed  = "failed"
)

// CheckStep is the progress of one step of a check.
type CheckStep struct {
	Check   uint64   `json:"check"` // set by the server: which check it belongs to
	Step    string   `json:"step"`
	State   string   `json:"state"`
	Problem *Problem `json:"problem,omitempty"` // with StepFailed
}

// Extension is one line of the PBX's list. Its texts come from the PBX; the
// server has cleaned and cut them (see [Plain]).
type Extension struct {
	Number string `json:"number"`
	Name   string `json:"name,omitempty"` // where the PBX gives one
	Hint   string `json:"hint,omitempty"` // e.g. "PJSIP/7101"
	Status int    `json:"status"`         // Asterisk's: -1 unknown, 0 idle, 1 in use, 2 busy, 4 not connected, 8 ringing, 16 on hold
}

// Kind says which list a [Problem]'s Code is from.
type Kind string

// The kinds of problem.
const (
	KindNumber   Kind = "number"   // dialer/number's codes
	KindTrouble  Kind = "trouble"  // status.Code
	KindCall     Kind = "call"     // the Call codes below
	KindField    Kind = "field"    // config.FieldError's codes, Field is set
	KindSettings Kind = "settings" // the Settings codes below
	KindSecret   Kind = "secret"   // the Secret codes below
	KindKeys     Kind = "keys"     // the Keys codes
	KindDesktop  Kind = "desktop"  // the Desktop codes
	KindChannel  Kind = "channel"  // the Channel codes below; made by the client
)

// The codes of [KindCall], [KindSettings], [KindSecret] and [KindChannel].
const (
	CallInProgress = "in_progress" // one call at a time
	CallNone       = "none"        // nothing to hang up
	CallGoesOn     = "goes_on"     // an account was saved in mid-call, and is in force when that is over
	CallNotReady   = "not_ready"   // no account, secret or extension yet
	CallChanged    = "changed"     // the settings were, meanwhile; nothing was dialled
	CallConfirm    = "confirm"     // to be asked about first: the Preview says why

	SettingsReadOnly = "read_only" // the file or folder cannot be written
	SettingsNewer    = "newer"     // the file was written by a later version
	SettingsSyntax   = "syntax"    // the file cannot be read as settings
	SettingsFailed   = "failed"    // anything else the disk said

	SecretMissing     = "missing"     // none was given and none is kept
	SecretUnavailable = "unavailable" // there is no keyring; kept for this session
	SecretTimeout     = "timeout"     // the keyring did not answer; kept for this session
	SecretBad         = "bad"         // a line break, a NUL or too long

	ChannelTimeout  = "timeout"  // the agent did not answer
	ChannelInternal = "internal" // the agent answered with something else
)

// Problem is why something was not done, named so that ui/words can make the
// sentence.
type Problem struct {
	Kind   Kind         `json:"kind"`
	Code   string       `json:"code"`
	Field  string       `json:"field,omitempty"`  // KindField: which
	Detail string       `json:"detail,omitempty"` // technical, for the curious; untrusted
	Cert   *Certificate `json:"cert,omitempty"`   // a TLS check that failed for its certificate
}

// Error gives the names, not a sentence: it is for logs and tests.
func (p *Problem) Error() string {
	s := "channel: " + string(p.Kind) + " " + p.Code
	if p.Field != "" {
		s += " (" + p.Field + ")"
	}
	return s
}

// Certificate is what a person needs to see before trusting one. Its texts
// come from whoever answered.
type Certificate struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256 in hex, as config.Account.TLSPin takes it
	Subject     string    `json:"subject,omitempty"`
	Issuer      string    `json:"issuer,omitempty"`
	NotBefore   time.Time `json:"not_before,omitzero"`
	NotAfter    time.Time `json:"not_after,omitzero"`
	Pinned      string    `json:"pinned,omitempty"` // the one that was trusted before, where it changed
}
