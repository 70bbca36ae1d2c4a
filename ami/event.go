package ami

// Event is one of the event types of this package, always handed out by
// value: a type switch has cases like ami.Newchannel. An event is immutable
// and may be kept. Texts in it come from the PBX and its callers: control
// characters and invalid UTF-8 are replaced by U+FFFD, the rest is as it came.
type Event interface{ event() }

// Lost is in a subscription's stream at the place where N events are missing: the
// subscriber was too slow for them, or the server sent them damaged.
type Lost struct{ N int }

func (Lost) event() {}

// Listed is in a subscription's stream at the place where a list that was asked for
// with Subscription.List was complete.
type Listed struct{ Items []Event }

func (Listed) event() {}
