package pbxsim

import (
	"strings"
	"time"
)

// The channel states that occur here, as AMI numbers them.
const (
	stateDown    = 0
	stateRing    = 4
	stateRinging = 5
	stateUp      = 6
	stateBusy    = 7
)

var stateNames = map[int]string{
	stateDown: "Down", stateRing: "Ring", stateRinging: "Ringing", stateUp: "Up", stateBusy: "Busy",
}

// The hangup causes that occur here (Q.850), with Asterisk's words for them.
const (
	causeNone       = 0
	causeUnknown    = 1
	causeNoRoute    = 3
	causeClearing   = 16
	causeBusy       = 17
	causeNoAnswer   = 19
	causeRejected   = 21
	causeElsewhere  = 26
	causeCongestion = 34

	causeInterworking = 127
)

var causeTexts = map[int]string{
	causeNone: "Unknown", causeUnknown: "Unallocated (unassigned) number",
	causeNoRoute: "No route to destination", causeClearing: "Normal Clearing",
	causeBusy: "User busy", causeNoAnswer: "User alerting, no answer",
	causeRejected: "Call Rejected", causeCongestion: "Circuit/channel congestion",
}

// sipCodes are the SIP answers that lead to those causes; Asterisk 22 sends them as TechCause.
var sipCodes = map[int]int{
	causeUnknown: 404, causeBusy: 486, causeNoAnswer: 480, causeRejected: 403, causeCongestion: 503,
}

// dialStatus is what a leg's end with this cause is called in DialEnd.
func dialStatus(cause int) string {
	switch cause {
	case causeBusy:
		return "BUSY"
	case causeCongestion:
		return "CONGESTION"
	case causeNoRoute:
		return "CHANUNAVAIL"
	default:
		return "NOANSWER"
	}
}

// party is a number and a name; empty means "<unknown>".
type party struct{ num, name string }

// channel is one channel of the PBX. PBX.mu guards all its fields.
type channel struct {
	name, unique, linked string
	device               string // "PJSIP/7101"
	state                int
	caller, connected    party
	context, exten       string
	priority             int
	bridge               *bridge
	born                 time.Time
	call                 *liveCall // nil for calls of Noise
	gone                 bool
	app                  string // what runs on it, where Status is asked for that
	dialEnd              []byte // Asterisk 11's Dial End, sent after the channel's Hangup
	dialled              bool   // an answered Dial runs on it; Asterisk 11 sends its end
}

// bridge joins channels.
type bridge struct {
	id, technology string
	in             []*channel
}

func (b *bridge) remove(ch *channel) {
	for i, c := range b.in {
		if c == ch {
			b.in = append(b.in[:i:i], b.in[i+1:]...)
			break
		}
	}
	ch.bridge = nil
}

// orUnknown is how AMI writes an absent number or name.
func orUnknown(s string) string {
	if s == "" {
		return "<unknown>"
	}
	return s
}

var cEscapes = strings.NewReplacer(
	"\a", `\a`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\v", `\v`,
	`\`, `\\`, `'`, `\'`, `"`, `\"`, `?`, `\?`,
)

// escapeC writes a name as Asterisk 13 and later do in channel headers.
func escapeC(s string) string { return cEscapes.Replace(s) }
