package words

import (
	"strings"

	"cornetta/dialer/call"
)

// What is said about calls that come in.
const (
	LabelCallBack Label = "call_back"
	SayPhone      Label = "say_phone" // above the settings of calls that come in
)

// Incoming tells of a call that comes in: how it stands, who calls, and whom they called
// first where that is a group or a queue. It may hold text of the PBX, cleaned but not
// escaped.
func Incoming(c call.Snapshot) Sentence {
	who := Caller(c)
	if called := Clean(c.Called); called != "" {
		who = phraseCalledFirst.with(who, called)
	}
	return Sentence{What: incomingTitle(c), Do: who}
}

// Caller is who calls: the number with the name, what of both is known.
func Caller(c call.Snapshot) string {
	number, name := Number(c.Number), Clean(c.FarName)
	switch {
	case number == "" && name == "":
		return phraseNoNumber.with()
	case number == "":
		return name
	case name == "" || name == number:
		return number
	}
	return phraseNumberName.with(number, name)
}

func incomingTitle(c call.Snapshot) string {
	switch {
	case c.Cause == call.EndedUnseen:
		return Cause(c.Cause).What
	case c.State == call.InMissed && c.Cause == call.OwnBusy:
		return phraseMissedBusy.with()
	case c.State == call.InMissed && c.Cause == call.OwnDoNotDisturb:
		return phraseMissedAway.with()
	case c.State == call.InMissed && c.Cause == call.OwnDeclined:
		return phraseInDeclined.with()
	case c.State == call.InEnded && !c.Answered.IsZero():
		return phraseEnded.with(Clock(c.Duration(c.Ended)))
	}
	return in().title[c.State]
}

// MissedCalls says how many calls were missed.
func MissedCalls(n int) string { return pluralMissedCalls.of(n) }

// MissedDigest tells of all missed calls at once, the newest first.
func MissedDigest(all []call.Snapshot) Sentence {
	var who []string
	for i := len(all) - 1; i >= 0 && len(who) < maxDigest; i-- {
		who = append(who, Caller(all[i]))
	}
	if len(all) > maxDigest {
		who = append(who, in().ellipse)
	}
	return Sentence{What: MissedCalls(len(all)), Do: strings.Join(who, "\n")}
}

// maxDigest is how many missed calls are named.
const maxDigest = 5
