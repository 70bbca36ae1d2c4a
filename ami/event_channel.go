package ami

import "cornetta/ami/clean"

// Channel is a channel as an event shows it, by the headers of
// ast_manager_build_channel_state_string (main/manager_channels.c). Fields the
// event did not carry are zero, and "<unknown>" is "".
type Channel struct {
	Name              string // PJSIP/7101-00000001
	UniqueID          string
	LinkedID          string // empty before Asterisk 12
	State             int    // 0 down, 4 dialling, 5 ringing, 6 up, …
	StateDesc         clean.Foreign
	CallerIDNum       clean.Foreign
	CallerIDName      clean.Foreign
	ConnectedLineNum  clean.Foreign
	ConnectedLineName clean.Foreign
	Context           string
	Exten             string
}

// Newchannel: a channel was created.
type Newchannel struct{ Channel Channel }

// Newstate: a channel's State changed.
type Newstate struct{ Channel Channel }

// NewCallerid: what a channel shows of its caller changed. Asterisk 11 and older;
// later ones have a LinkedID, which tells better whose channel one is.
type NewCallerid struct{ Channel Channel }

// Rename: a channel goes by another name from now on, its UniqueID stays.
type Rename struct {
	Channel Channel // with the old name
	NewName string
}

// HangupRequest: whoever is at the other end of a channel has hung up, a phone or the
// network. What the dialplan or an action ends has none (main/channel.c,
// ast_queue_hangup).
type HangupRequest struct{ Channel Channel }

// HangupEvent: a channel is gone. (Hangup is the action.)
type HangupEvent struct {
	Channel Channel
	Cause   int // Q.850; 0 where it is not given
}

func (Newchannel) event()    {}
func (Newstate) event()      {}
func (NewCallerid) event()   {}
func (Rename) event()        {}
func (HangupRequest) event() {}
func (HangupEvent) event()   {}
