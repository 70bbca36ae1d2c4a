package ami

// ChannelStatus is one channel in the answer to Status (there: "Event:
// Status").
type ChannelStatus struct {
	Channel  Channel
	Seconds  int    // how long it exists; 0 where it is not told
	BridgeID string // empty: in no bridge
	Bridged  string // the Uniqueid of whom it is joined with; Asterisk 11 and older, which have no BridgeID
	App      string // what runs on it: AppDial on one that was called. Asterisk 13 and later
}

// Called reports whether the channel was called by somebody, and is not one that calls.
func (s ChannelStatus) Called() bool { return s.App == "AppDial" || s.App == "AppQueue" }

func (ChannelStatus) event() {}
