package ami

// Redirect sends Channel itself to priority 1 of Exten in Context, out of whatever it is
// in (main/manager.c, action_redirect). It needs write=call. There is no second channel
// in it: who was joined with the first is left to the dialplan.
type Redirect struct {
	Channel string // exactly as the events name it
	Context string
	Exten   string
}

// Name of the action.
func (Redirect) Name() string { return "Redirect" }

func (r Redirect) headers(w *writer) error {
	w.channelName(r.Channel)
	w.allowed("Context", r.Context, nameChars, 1, 79)
	w.allowed("Exten", r.Exten, dialChars, 1, 79)
	w.add("Priority", "1")
	return w.err
}
