package call

// TransferState is how a transfer stands. The names are those `cornetta transfer --json`
// prints; scripts rely on them.
type TransferState string

const (
	TransferAsked     TransferState = "asked"     // the PBX was asked; nothing rings yet
	TransferRinging   TransferState = "ringing"   // the third side rings
	TransferTalking   TransferState = "talking"   // the person speaks to the third side, the other one waits (attended)
	TransferRecalled  TransferState = "recalled"  // the person had left before, and the PBX calls their phone back (attended)
	TransferDone      TransferState = "done"      // the other side and the third are connected
	TransferFailed    TransferState = "failed"    // the third side was not reached; Cause says why
	TransferCancelled TransferState = "cancelled" // the person took it back
	TransferLeft      TransferState = "left"      // the other side hung up before
	TransferIgnored   TransferState = "ignored"   // the PBX took the request, and did nothing
	TransferUnknown   TransferState = "unknown"   // the connection was lost; nobody can tell
)

// Pending reports whether it is not decided yet.
func (s TransferState) Pending() bool {
	return s == TransferAsked || s == TransferRinging || s == TransferTalking || s == TransferRecalled
}

// Transfer is a transfer of the call to a third side; zero: none was asked for.
type Transfer struct {
	Number   string        `json:"number"` // the dial string, byte for byte as sent
	Attended bool          `json:"attended"`
	State    TransferState `json:"state"`
	Cause    Cause         `json:"cause,omitempty"`
}

// Lost reports whether the other side fell out of the call with the transfer: the person
// had left it to the PBX, and the third side was not reached.
func (s Snapshot) Lost() bool {
	return s.Transfer.State == TransferFailed && !s.Live()
}

// Transferable is in which ways the PBX lets a call be transferred; the zero value is that
// nobody has asked it yet.
type Transferable struct {
	Blind    bool   `json:"blind,omitempty"`
	Attended bool   `json:"attended,omitempty"`
	Why      string `json:"why,omitempty"` // dialer/status's code, where it lets in none
}
