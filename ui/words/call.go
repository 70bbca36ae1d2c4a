package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cornetta/dialer/call"
)

// CallTitle is the heading for a call: what is happening now, or how it ended.
// It holds nothing that came from the PBX.
func CallTitle(c call.Snapshot) string {
	if title := transferTitle(c); title != "" {
		return title
	}
	switch {
	case c.State.Incoming():
		return incomingTitle(c)
	case c.State == call.Failed, c.Cause == call.EndedUnseen, c.Cause != "" && c.State != call.Unknown:
		return Cause(c.Cause).What
	case c.State == call.Ended && c.Answered.IsZero() && c.ByPBX:
		return phrasePBXAnswered.with()
	case c.State == call.Ended && c.Answered.IsZero():
		return phraseEndedUnclear.with()
	case c.State == call.Ended:
		return phraseEnded.with(Clock(c.Duration(c.Ended)))
	case c.ByPBX && c.Live():
		return phrasePBXSpeaks.with()
	}
	if t, ok := in().title[c.State]; ok {
		return t
	}
	return other(string(c.State))
}

// Missed tells that states of calls are not told because whoever follows them is too slow.
func Missed(n int) string { return pluralMissed.of(n) }

// CallBody is the text below CallTitle: whom the call is for and what to do
// now. It may hold text of the PBX, cleaned but not escaped.
func CallBody(c call.Snapshot, now time.Time) string {
	if c.State.Incoming() {
		return Incoming(c).Do
	}
	if said := Transfer(c); said != "" && (c.Live() || c.State == call.Ended) {
		return said
	}
	number := Number(c.Number)
	who := number
	if name := Clean(c.FarName); name != "" && name != number {
		who = phraseNumberName.with(number, name)
	}
	switch c.State {
	case call.Requested, call.RingingOwn:
		return phrasePickUp.with(who)
	case call.Cancelled:
		return phraseCancelled.with(number)
	case call.Unknown:
		switch c.Cause {
		case call.ConnectionLost:
			return phraseUnknown.with(number)
		case call.EndedUnseen:
			return phraseEndedUnseen.with(number)
		case call.OtherAccount:
			return phraseOtherAccount.with(number)
		}
		return phraseUntold.with(number)
	}
	advice := CallAdvice(c)
	if then := CallThen(c); then != "" && c.State == call.InCall {
		who = phraseFailed.with(who, then)
	}
	switch {
	case advice == "":
		return who
	case c.Live():
		return phraseFailed.with(who, advice)
	}
	return phraseFailed.with(number, advice)
}

// CallAdvice is what to do about a call that did not go, or does not go, as was
// wanted; empty where there is nothing. It may hold text of the PBX.
func CallAdvice(c call.Snapshot) string {
	switch {
	case c.State == call.Failed:
		advice := Cause(c.Cause).Do
		if said := Clean(c.Detail); said != "" && (c.Cause == call.Refused || c.Cause == "") {
			advice += "\n" + phrasePBXSaid.with(said)
		}
		return advice
	case c.Cause == call.OwnElsewhere:
		return Cause(c.Cause).Do
	case c.Live() && c.Cause != "":
		return phraseGoesOn.with()
	case c.State == call.Ended && c.ByPBX && c.Cause != "":
		return phraseNotCalled.with() + " " + Cause(c.Cause).Do
	case c.State == call.Ended && c.ByPBX:
		return phraseNotCalled.with()
	}
	return ""
}

// GoesOn says of a call that it outlives the program that is just being quit.
func GoesOn(c call.Snapshot) Sentence {
	return Sentence{What: phraseQuitInCall.with(), Do: phraseQuitWhere.with(Number(c.Number))}
}

// OwnLeg says how the person's own phone stands in the call.
func OwnLeg(c call.Snapshot) string {
	text := in().own[c.State]
	switch {
	case c.State == call.Failed && c.Cause.Own():
		return Cause(c.Cause).What
	case c.State == call.Failed && (c.Cause == call.NotPermitted || c.Cause == call.NoRight || c.Cause == call.Refused):
		text = in().own[call.Cancelled] // it never rang, or was let go: nothing to tell
	case c.Cause == call.OwnElsewhere:
		text = phraseTaken.with()
	case c.Cause == call.EndedUnseen:
		text = in().own[call.Cancelled]
	case text == "":
		return other(string(c.State))
	}
	if ext := Clean(c.Extension); ext != "" {
		return phraseOwnPhone.with(ext, text)
	}
	return phraseYourPhone.with(text)
}

// FarLeg says how the other side stands in the call.
func FarLeg(c call.Snapshot) string {
	number := Number(c.Number)
	text := in().far[c.State]
	switch {
	case c.State == call.Failed && c.Cause.Own():
		text = in().far[call.Requested]
	case c.State == call.Failed:
		return Cause(c.Cause).What
	case c.Cause == call.EndedUnseen:
		text = in().far[call.Cancelled]
	case c.Cause != "" && c.Cause != call.OwnElsewhere && c.State != call.Unknown:
		return Cause(c.Cause).What
	case c.ByPBX:
		return phrasePBXFor.with(number)
	case text == "":
		return other(string(c.State))
	}
	return phraseFarPhone.with(number, text)
}

// Cause says why a call failed.
func Cause(c call.Cause) Sentence {
	if s, ok := in().cause[c]; ok {
		return s.told()
	}
	return Sentence{What: other(string(c)), Do: in().cause[call.Refused].told().Do}
}

// Clock shows how long a call lasts: "01:23", from an hour on "1:02:03". It
// counts whole seconds that have passed.
func Clock(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// Recent is one line of the list of past calls: the number and, where the call
// did not come about, why.
func Recent(c call.Snapshot) string {
	number := Number(c.Number)
	if name := Clean(c.FarName); name != "" && name != number {
		number = phraseNumberName.with(number, name)
	}
	if c.State == call.Unknown || c.State == call.Ended && c.Cause == "" && !c.ByPBX {
		return number
	}
	return phraseRecent.with(number, Outcome(c))
}

// Outcome says in a word how a past call went.
func Outcome(c call.Snapshot) string {
	if c.State == call.InEnded && !c.Answered.IsZero() {
		return phraseRecent.with(in().title[call.InRinging], Clock(c.Duration(c.Ended)))
	}
	if c.State == call.Ended && c.Cause == "" && c.ByPBX {
		return phrasePBXAnswered.with()
	}
	return CallTitle(c)
}

// WillDial is the live line under the number entry. dial is the dial string,
// byte for byte.
func WillDial(dial string) string { return phraseWillDial.with(Number(dial)) }

// WillAsk is WillDial for a number that is asked about first.
func WillAsk(dial string) string { return phraseWillAsk.with(Number(dial)) }

// DialIt is the question on a terminal. reasons is NumberReasons'.
func DialIt(dial, reasons string) string { return phraseDialIt.with(reasons, Number(dial)) }

// IsYes reports whether the answer to DialIt is a yes.
func IsYes(answer string) bool {
	answer = strings.ToLower(answer)
	return answer == "y" || slices.Contains(in().yes, answer)
}
