package ami

// DialBegin: Dest is being called, by Src. Src is zero for a channel that
// Originate made, which nobody dials. Also made from the Dial event with
// SubEvent Begin of Asterisk 11 and older.
type DialBegin struct {
	Src, Dest  Channel
	DialString string
}

// DialState: something was heard of the called side before its answer, for
// instance Status RINGING or PROGRESS. Asterisk 14 and later.
type DialState struct {
	Src, Dest Channel
	Status    string
}

// DialEnd: the attempt is over. Status is ANSWER, BUSY, NOANSWER, CANCEL,
// CONGESTION, CHANUNAVAIL, … Also made from the Dial event with SubEvent End
// of Asterisk 11 and older, which only tells Src.UniqueID (and at times
// Src.Name) and Status.
type DialEnd struct {
	Src, Dest Channel
	Status    string
}

func (DialBegin) event() {}
func (DialState) event() {}
func (DialEnd) event()   {}
