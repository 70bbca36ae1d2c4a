package ami

// Atxfer begins an attended transfer: Channel, the side that transfers, is connected with
// Exten in Context while the other side waits. Asterisk keys in its code for that, and
// the number after it, in the place of the person (main/manager.c, action_atxfer): so
// only digits can be a destination, and the answer says that they were keyed in, not that
// anything came of it. ErrNoFeatureCode says that the PBX has no such code. It needs
// write=call.
type Atxfer struct {
	Channel string // exactly as the events name it
	Context string
	Exten   string // 0-9 * #
}

// Name of the action.
func (Atxfer) Name() string { return "Atxfer" }

func (a Atxfer) headers(w *writer) error {
	w.channelName(a.Channel)
	w.allowed("Context", a.Context, nameChars, 1, 79)
	w.allowed("Exten", a.Exten, keypadChars, 1, 79)
	return w.err
}

// CancelAtxfer ends an attended transfer that Channel has begun, and joins it again with
// who waits: Asterisk keys in its code for that. It needs write=call, and an Asterisk of
// 16 or later.
type CancelAtxfer struct{ Channel string }

// Name of the action.
func (CancelAtxfer) Name() string { return "CancelAtxfer" }

func (c CancelAtxfer) headers(w *writer) error {
	w.channelName(c.Channel)
	return w.err
}

// keypadChars are what a phone can key in.
var keypadChars = func() *charset {
	set := new(charset)
	for _, c := range []byte("0123456789*#") {
		set[c] = true
	}
	return set
}()
