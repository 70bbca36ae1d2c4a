package ami

import "strings"

// PlayDTMF sends one digit out on a channel, to whoever is at its other end, as if it
// had been keyed in on this side. The answer comes when the digit is over, a tenth of a
// second later. It needs write=call and the module app_senddtmf (manager_play_dtmf);
// ListCommands tells whether it is there.
type PlayDTMF struct {
	Channel string // exactly as the events name it
	Digit   byte   // 0-9 * #
}

// Name of the action.
func (PlayDTMF) Name() string { return "PlayDTMF" }

func (a PlayDTMF) headers(w *writer) error {
	w.channelName(a.Channel)
	if strings.IndexByte("0123456789*#", a.Digit) < 0 {
		w.refuse("Digit")
	}
	w.add("Digit", string(a.Digit))
	return w.err
}
