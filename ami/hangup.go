package ami

import "strconv"

// Hangup ends one channel, named exactly as the events name it. Asterisk takes
// a name that begins with "/" for a regular expression and hangs up every
// channel it matches, whoever's they are (main/manager.c, action_hangup), so
// only a plain channel name is let through. It needs write=call or system.
// ErrNoSuchChannel says that it is gone already.
//
// A channel whose name is not known yet is named by its Uniqueid: the server
// looks for that where no name matches (main/channel.c,
// ast_channel_get_by_name).
type Hangup struct {
	Channel  string
	UniqueID string // in place of Channel
	Cause    int    // Q.850, 1 to 127; 0: the server's choice
}

// Name of the action.
func (Hangup) Name() string { return "Hangup" }

func (h Hangup) headers(w *writer) error {
	if h.Channel == "" {
		w.allowed("Channel", h.UniqueID, idChars, 1, 120)
	} else {
		w.channelName(h.Channel)
	}
	if h.Cause != 0 {
		if h.Cause < 1 || h.Cause > 127 {
			w.refuse("Cause")
		}
		w.add("Cause", strconv.Itoa(h.Cause))
	}
	return w.err
}
