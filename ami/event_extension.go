package ami

import "cornetta/ami/clean"

// ExtensionStatus is what an extension's hint says, as an event and as an
// item of ExtensionStateList. StatusText is empty before Asterisk 13.
type ExtensionStatus struct {
	Exten, Context string
	Hint           clean.Foreign
	Status         int // -1 unknown, 0 idle, 1 in use, 2 busy, 4 unavailable, 8 ringing, 16 on hold; bits
	StatusText     clean.Foreign
}

func (ExtensionStatus) event() {}
