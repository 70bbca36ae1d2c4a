package ami

// BlindTransfer takes Channel out of its bridge, hangs it up, and sends whoever it was
// joined with to Exten in Context (Asterisk 12 and later; main/manager.c,
// action_blind_transfer). Channel is the side that leaves. It needs write=call.
// ErrNoSuchChannel says that it is gone already.
type BlindTransfer struct {
	Channel string // exactly as the events name it
	Context string
	Exten   string
}

// Name of the action.
func (BlindTransfer) Name() string { return "BlindTransfer" }

func (b BlindTransfer) headers(w *writer) error {
	w.channelName(b.Channel)
	w.allowed("Context", b.Context, nameChars, 1, 79)
	w.allowed("Exten", b.Exten, dialChars, 1, 79)
	return w.err
}
