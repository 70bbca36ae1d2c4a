// Package call is the vocabulary of a call: where it stands, why it failed,
// and the immutable picture of it that everybody shows. What makes such a
// picture out of a PBX's events is in dialer/call/tracker; this package
// imports next to nothing, so that whoever only shows calls links nothing else.
package call

import (
	"strings"
	"time"

	"cornetta/ami/clean"
)

// State is where a call stands. The names are those `cornetta dial --json`
// prints; scripts rely on them.
type State string

const (
	Requested   State = "requested"    // asked of the PBX; nothing rings yet
	RingingOwn  State = "ringing_own"  // your phone rings
	AnsweredOwn State = "answered_own" // you picked up
	RingingFar  State = "ringing_far"  // the other side rings
	InCall      State = "in_call"      // the other side answered, or (ByPBX) a service of the PBX
	Ended       State = "ended"        // over, after that, or after the PBX spoke in its place
	Failed      State = "failed"       // over, never answered; Cause says why
	Cancelled   State = "cancelled"    // hung up by the person before the answer
	Unknown     State = "unknown"      // the connection was lost; nobody can tell
)

// Of a call that comes in.
const (
	InRinging   State = "in_ringing"   // your phone rings
	InAnswered  State = "in_answered"  // by a phone of yours
	InElsewhere State = "in_elsewhere" // somebody else has answered
	InMissed    State = "in_missed"    // nobody has; Cause says that your phone was busy, or refused it
	InEnded     State = "in_ended"     // over, after your answer; or nobody saw how (EndedUnseen)
)

// Incoming reports whether it is a state of a call that comes in.
func (s State) Incoming() bool {
	switch s {
	case InRinging, InAnswered, InElsewhere, InMissed, InEnded:
		return true
	}
	return false
}

// MaxNumber is how many characters a number can have.
const MaxNumber = 43

// Live reports whether a call in this state still goes on as far as is known.
func (s State) Live() bool {
	switch s {
	case Requested, RingingOwn, AnsweredOwn, RingingFar, InCall, InRinging, InAnswered:
		return true
	}
	return false
}

// Cause is why a call failed or became unknown: something a person can act on.
// A call that lives has one where the person called does not answer and the PBX
// goes on without (a tone, an announcement, another trunk), or where somebody
// else picked it up; it is gone again where the call goes on to an answer.
type Cause string

const (
	OwnNoAnswer     Cause = "own_no_answer"      // it rang
	OwnBusy         Cause = "own_busy"           // in another call
	OwnDeclined     Cause = "own_declined"       // somebody or the phone itself refused the call
	OwnDoNotDisturb Cause = "own_do_not_disturb" // the phone, or the PBX for it, takes no calls now
	OwnUnreachable  Cause = "own_unreachable"    // not connected, or it answered with a fault
	OwnNotConfirmed Cause = "own_not_confirmed"  // picked up, and not confirmed as the PBX asked for
	OwnElsewhere    Cause = "own_elsewhere"      // a colleague or a mailbox picked up in your place
	Busy            Cause = "busy"
	NoAnswer        Cause = "no_answer" // it rang
	Rejected        Cause = "rejected"
	Unreachable     Cause = "unreachable" // not connected, or takes no calls now
	NoSuchNumber    Cause = "no_such_number"
	Network         Cause = "network"
	NotPermitted    Cause = "not_permitted" // the number, to this extension
	NoRight         Cause = "no_right"      // the AMI user may place no calls at all
	Refused         Cause = "refused"
	ConnectionLost  Cause = "link_lost"
	EndedUnseen     Cause = "ended_unseen"  // it is over, and nobody saw how
	OtherAccount    Cause = "other_account" // it was placed with an account that is not in force any more
)

// Own reports causes that lie with the person's own phone: the other side was
// never called.
func (c Cause) Own() bool {
	switch c {
	case OwnNoAnswer, OwnBusy, OwnDeclined, OwnDoNotDisturb, OwnUnreachable, OwnNotConfirmed:
		return true
	}
	return false
}

// Keying is who keys in what follows the answer.
type Keying string

const (
	KeyedByHand Keying = "by_hand" // the person, on the phone
	KeyedByPBX  Keying = "by_pbx"  // the PBX, as the person wants it to
	Keyed       Keying = "keyed"   // the PBX has
)

// Snapshot is an immutable picture of one call.
type Snapshot struct {
	ID        string        `json:"id"`
	Number    string        `json:"number"`            // the dial string, byte for byte as sent; of a call that comes in, the caller's number, "" where there is none that can be called
	Extension string        `json:"extension"`         // whose phone rings first
	Account   string        `json:"account,omitempty"` // the name of the account it was placed with, where that has one
	State     State         `json:"state"`
	Cause     Cause         `json:"cause,omitempty"`
	Detail    clean.Foreign `json:"detail,omitempty"`   // the PBX's own words; untrusted
	FarName   clean.Foreign `json:"far_name,omitempty"` // what the person's directory, or else the PBX, calls the other side; untrusted
	Called    string        `json:"called,omitempty"`   // of a call that comes in: whom the caller called, where that is a group or a queue
	ByPBX     bool          `json:"by_pbx,omitempty"`   // nobody but the PBX itself answered, or spoke
	Requested time.Time     `json:"requested_at"`
	Answered  time.Time     `json:"answered_at,omitzero"` // by the other side, or by a service of the PBX
	Ended     time.Time     `json:"ended_at,omitzero"`

	// Origin is where it came from. It stays in the program that follows the call.
	Origin Origin `json:"-"`
	// Then is what is to be keyed in once the other side has answered, as
	// number.Plan.Then; what of it the PBX has keyed in is gone from it.
	Then   string `json:"then,omitempty"`
	Keying Keying `json:"keying,omitempty"` // how that stands; "" where there is nothing

	Transfer  Transfer     `json:"transfer,omitzero"`
	Transfers Transferable `json:"transfers,omitzero"` // known once somebody has answered

	// Change counts what has changed of the call so far, so that of two pictures of it
	// the older one is known. Within the program that follows the call only.
	Change uint64 `json:"-"`
}

// Success reports whether the call was answered, by the other side or by a service
// of the PBX, and is over. What the PBX only said is none.
func (s Snapshot) Success() bool {
	return s.State == Ended && s.Cause == "" && !s.Answered.IsZero()
}

// Live reports whether the call still goes on as far as is known.
func (s Snapshot) Live() bool { return s.State.Live() }

// Settled reports whether nothing more will become known of the call.
func (s Snapshot) Settled() bool {
	switch {
	case s.Live():
		return false
	case s.State == Unknown:
		return s.Cause == EndedUnseen || s.Cause == OtherAccount
	}
	return true
}

// Duration is how long the two sides have been (or were) talking at now.
func (s Snapshot) Duration(now time.Time) time.Duration {
	switch {
	case s.Answered.IsZero():
		return 0
	case !s.Ended.IsZero():
		now = s.Ended
	}
	return max(0, now.Sub(s.Answered))
}

// Way is how a call was asked for. The names are those of `cornetta history --json`;
// scripts rely on them.
type Way string

const (
	ByTyping    Way = "typed"       // in the dial window
	ByContact   Way = "contact"     // picked among the people there
	ByCopy      Way = "copied"      // what was copied
	BySelection Way = "highlighted" // what is highlighted
	ByLink      Way = "link"        // a tel: link
	ByRedial    Way = "redial"      // a call of before
	ByCommand   Way = "command"     // cornetta dial
	ByList      Way = "list"        // cornetta dial --list
	ByTest      Way = "test"        // the assistant's test call
	ByCallBack  Way = "call_back"   // to somebody whose call came in
	CameIn      Way = "incoming"    // it was not asked for: somebody called
)

// Known is w where it can be one, else "".
func (w Way) Known() Way {
	if len(w) > 20 || strings.Trim(string(w), "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return w
}

// Origin is where a call came from, for the history.
type Origin struct {
	Way     Way           `json:"way,omitempty"`
	Given   clean.Foreign `json:"given,omitempty"` // the number as it came in
	Account string        `json:"account,omitempty"`
	Private bool          `json:"private,omitempty"` // the history has no line for it
}

// AccountText is an account as Origin has it: how it is called, where it has a name, and
// as whom it reaches which PBX.
func AccountText(name, login string) string {
	if name != "" {
		login = name + " <" + login + ">"
	}
	return clean.Text(login, clean.Detail)
}

// AccountParts are those of an AccountText.
func AccountParts(text string) (name, login string) {
	if name, rest, ok := strings.Cut(text, " <"); ok {
		return name, strings.TrimSuffix(rest, ">")
	}
	return "", text
}

// Valid reports whether o can be one that this program made.
func (o Origin) Valid() bool {
	return o.Way == o.Way.Known() && o.Given == o.Given.Line() && o.Account == clean.Text(o.Account, clean.Detail)
}
