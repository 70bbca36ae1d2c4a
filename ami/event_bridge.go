package ami

// Bridge: two channels were joined (State "Link") or parted ("Unlink").
// Asterisk 11 and older.
type Bridge struct {
	One, Two Channel
	State    string
}

// LocalBridge: the two halves of a Local channel belong together. Asterisk 11 to
// 13.4; later ones have a LinkedID, which tells that as well.
type LocalBridge struct {
	One, Two Channel
}

// BridgeEnter: a channel joined a bridge. Asterisk 12 and later.
type BridgeEnter struct {
	Channel  Channel
	BridgeID string
}

// BridgeLeave: a channel left a bridge. Asterisk 12 and later.
type BridgeLeave struct {
	Channel  Channel
	BridgeID string
}

func (Bridge) event()      {}
func (LocalBridge) event() {}
func (BridgeEnter) event() {}
func (BridgeLeave) event() {}
