package phone

import (
	"bytes"
	"strings"

	"cornetta/dialer/call/tracker"
)

// Own is whose calls are followed.
type Own struct {
	Extension string
	Account   string // how the account is called, where it has a name
	// Channel is what an Originate of ours names to ring the phone: "Local/7101@c2c", or
	// "PJSIP/7101".
	Channel string
	// ClickToCall says that the Local channel of that name is made for click-to-call
	// alone, as KalliopePBX's is, so that nothing that it rings comes in.
	ClickToCall bool
}

// technologies are those of phones. A number behind any other (DAHDI/1-1) is a line's.
var technologies = []string{"PJSIP", "SIP", "IAX2", "SCCP", "Skinny", "MGCP", "USTM"}

// phone reports whether a channel of that name is one of a phone of the extension:
// PJSIP/7101-0000001f, or that of a second phone, such as PJSIP/7101_2-00000020.
func (o *Own) phone(name []byte) bool {
	technology, device, ok := bytes.Cut(name, []byte("/"))
	if !ok || !known(technology) {
		return false
	}
	end := bytes.LastIndexByte(device, '-')
	if end <= 0 || bytes.IndexByte(device, '<') >= 0 { // <ZOMBIE> is what a masquerade leaves
		return false
	}
	if device = device[:end]; o.direct(technology, device) {
		return true
	}
	n := len(o.Extension)
	if n == 0 || len(device) < n || string(device[:n]) != o.Extension {
		return false
	}
	return len(device) == n || strings.IndexByte("-_.", device[n]) >= 0
}

// direct reports whether a device is what an Originate of ours calls without a Local
// channel: it may have a name that the extension is not in.
func (o *Own) direct(technology, device []byte) bool {
	n := len(technology)
	return len(o.Channel) == n+1+len(device) && o.Channel[:n] == string(technology) && o.Channel[n] == '/' && o.Channel[n+1:] == string(device)
}

func known(technology []byte) bool {
	for _, t := range technologies {
		if string(technology) == t {
			return true
		}
	}
	return false
}

// door reports whether a channel of that name is the Local one by which a group, a queue
// or a follow-me calls the extension: Local/7101@from-queue-00000003;1, Local/FMPR-7101@….
func (o *Own) door(name []byte) bool {
	data, ok := bytes.CutPrefix(name, []byte("Local/"))
	if !ok || o.Extension == "" {
		return false
	}
	if at := bytes.IndexByte(data, '@'); at >= 0 {
		data = data[:at]
	}
	at := bytes.LastIndex(data, []byte(o.Extension))
	if at < 0 {
		return false
	}
	end := at + len(o.Extension)
	return (at == 0 || !digit(data[at-1])) && (end == len(data) || !digit(data[end]))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// asked reports whether what dials the phone, a channel of that name, is there because
// somebody has asked for a call from it: us, or another program. What a call of ours has
// called may dial the phone later by itself, and that is a call that comes in: whoever was
// parked and comes back, or was handed to a colleague whose calls are forwarded to here.
func (o *Own) asked(name, unique, linked, caller, connected []byte) bool {
	if bytes.HasPrefix(unique, []byte(tracker.IDs)) {
		return true
	}
	if bytes.HasPrefix(linked, []byte(tracker.IDs)) {
		return len(name) == 0 || bytes.HasPrefix(name, []byte("Local/")) || o.phone(name)
	}
	if o.ClickToCall && len(name) > len(o.Channel) && string(name[:len(o.Channel)]) == o.Channel && (name[len(o.Channel)] == '-' || name[len(o.Channel)] == '/') {
		return true
	}
	return len(linked) == 0 && (bytes.HasPrefix(caller, []byte(tracker.CallerNames)) || bytes.HasPrefix(connected, []byte(tracker.CallerNames)))
}
