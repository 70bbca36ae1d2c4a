package ami

import "strings"

// SetEvents chooses which events the server sends from now on: "on", "off" or
// class names with commas between them. Asterisk answers Success to a name it
// does not know and switches the events off (main/manager.c,
// strings_to_mask), so a name not of its list is refused here. It needs no
// right.
type SetEvents struct{ Mask string }

// Name of the action.
func (SetEvents) Name() string { return "Events" }

func (s SetEvents) headers(w *writer) error {
	if !eventMask(s.Mask) {
		w.refuse("EventMask")
	}
	w.add("EventMask", s.Mask) // not "Events", which is Login's
	return w.err
}

func eventMask(mask string) bool {
	switch mask {
	case "on", "off", "all":
		return true
	}
	for class := range strings.SplitSeq(mask, ",") {
		switch class {
		case "system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting",
			"cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security", "message":
		default:
			return false
		}
	}
	return true
}
