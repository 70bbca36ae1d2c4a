package ami

// OriginateResponse: how an Originate came out, perhaps before its Response.
// Match it on ActionID: a failed one has no UniqueID before Asterisk 13.8.
type OriginateResponse struct {
	ActionID                          string
	Success                           bool
	Channel, Context, Exten, UniqueID string

	// Reason: 0 failed or unreachable, 1 hung up, 3 no answer, 4 answered, 5
	// busy, 8 congestion; -1 where the server gave anything but 0 to 8.
	Reason int
}

func (OriginateResponse) event() {}
