package ami

// Status lists one channel, or all of them when Channel is empty: use List,
// the items are ChannelStatus. It needs write=system, call or reporting. For a
// channel that does not exist the answer is ErrNoSuchChannel.
type Status struct{ Channel string }

// Name of the action.
func (Status) Name() string { return "Status" }

func (s Status) headers(w *writer) error {
	if s.Channel != "" {
		w.channelName(s.Channel)
	}
	return w.err
}
