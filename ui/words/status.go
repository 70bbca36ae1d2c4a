package words

import (
	"fmt"
	"strings"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// phrase names a sentence that is put together from parts.
type phrase int

const (
	phraseReady          phrase = iota // link, extension
	phraseLoginsHeld                   // time of day
	phraseLive                         // title of the call, number
	phraseInCallSince                  // number, time of day
	phrasePickUp                       // number
	phraseNumberName                   // number, name
	phrasePBXSaid                      // text of the PBX
	phraseReason                       // text of an error
	phraseEnded                        // clock
	phraseEndedUnclear                 // an ended call whose length is not known
	phrasePBXSpeaks                    // title: nobody but the PBX
	phrasePBXAnswered                  // the same, of a call that is over
	phrasePBXFor                       // number
	phraseNotCalled                    // nobody but the PBX answered
	phraseGoesOn                       // nobody answers, and the call lives
	phraseTaken                        // the own phone, whose call somebody else has
	phraseCancelled                    // number
	phraseUnknown                      // number
	phraseUntold                       // number: the link is there, and the PBX did not say
	phraseEndedUnseen                  // number
	phraseOtherAccount                 // number
	phraseQuitInCall                   // title: Cornetta was quit in a call
	phraseQuitWhere                    // number
	phraseFailed                       // number, what to do
	phraseOwnPhone                     // extension, what it does
	phraseYourPhone                    // what it does
	phraseFarPhone                     // number, what it does
	phraseLockedField                  // name of the field
	phraseLockedBy                     // where
	phraseInPolicy                     // what is wrong, name of the field
	phraseChange                       // name of the field, old value, new one
	phraseEnrolmentFor                 // name
	phraseDefaultIn                    // where
	phraseLockedIn                     // where
	phraseField                        // name of the field, fault
	phraseOther                        // a name there is no sentence for
	phraseWillDial                     // dial string
	phraseInCountry                    // a country's name
	phraseWillAsk                      // dial string
	phraseDialIt                       // why it is asked, dial string
	phraseRecent                       // number, outcome
	phraseTooltip                      // program, status
	phraseCopied                       // label, dial string
	phraseKeys                         // combination, what is wrong
	phraseKeysNews                     // there are combinations that do nothing
	phraseKeysCommand                  // combination
	phraseBindCommand                  // command
	phraseMuted                        // title: links are not asked about
	phraseChoose                       // after install, where links still open with another program
	phraseMutedWhy                     // why, and for how long
	phraseNumbersIn                    // what the text is, dial strings
	phrasePickOne                      // how many there are
	phraseNothingPicked                // none of them was picked
	phraseFile                         // path of what it is about
	phraseKept                         // path of what was damaged
	phraseWhatHelps                    // page of the guides, heading in it
	phraseOr                           // one thing, another
	phraseFromTo                       // a number, a higher one
	phraseNotFor                       // setting, what it takes, what was given
	phraseNoSetting                    // what was given
	phrasePortTwice                    // the host's port, another one
	phraseLinkWaits                    // a link was clicked before anything was set up
	phraseUnread                       // the reason
	phraseOutsideLine                  // its digits
	phraseWillDialThough               // phraseWillDial, why it is asked about
	phraseFinding                      // sign, state, check, what was seen
	phraseFindingHead                  // check, state
	phraseFindings                     // numbers: well, warned, failed, untried
	phraseBundle                       // file, what is in it
	phraseBundleThere                  // file
	phraseWereMuted                    // pluralDropped
	phraseLinksOther                   // a program
	phraseStepOf                       // number of the step, how many there are
	phraseExample                      // number
	phraseNumberAndName                // number, name
	phraseToday                        // time of day
	phraseYesterday                    // time of day
	phraseDays                         // the first, the last
	phraseAccount                      // the settings of an account
	phraseAccountPlain                 // channel, context
	phraseYesDials                     // why it is asked, dial string
	phraseSetTakes                     // what was given
	phraseGiveExtension                // why
	phraseWrote                        // file
	phraseTookAway                     // file
	phraseLeftAlone                    // error
	phraseCannotListen                 // address, error
	phrasePBXListens                   // address, user, password, tenant
	phraseSimulatedPhone               // number, name, what it does
	phraseOutsideNumbers               // outside line
	phraseWithoutWindows               // what goes without them
	phraseSetUpByCommand               // how, without windows
	phraseOpenGLWindows                // how it is put there
	phraseAlienOnWindows               // what else it can be
	phraseLacks                        // a library
	phraseCallNumber                   // dial string
	phraseDialByCommand                // command
	phraseInTerminal                   // the same
	phrasePersonOf                     // name, company
	phraseTested                       // how many people
	phraseRead                         // the same, when
	phraseFailing                      // since when, why
	phraseComparePin                   // of a certificate
	phraseColumn                       // its name, what it is
	phraseTestedHere                   // how many people
	phraseAddedBook                    // the same
	phraseBooksRead                    // their names
	phraseRemoveBook                   // its name
	phraseFailingHere                  // since when, why
	phraseLimit                        // the most
	phraseMarked                       // keys
	phraseMarkedAt                     // place
	phraseNoFavouriteAt                // keys
	phraseFavouriteOf                  // name, kind
	phraseKindNumber                   // kind, number
	phraseRedial                       // number or name
	phraseNotInHistory                 // numbers in the list
	phraseAskedBy                      // how it was asked for, number as it came in
	phraseRemoveIt                     // whom it called
	phraseOnAccount                    // its code, its name
	phraseListUnread                   // error
	phraseAfterPause                   // digits
	phraseThenByHand                   // the same
	phraseThenByPBX                    // in a call
	phraseThenDone                     // the same
	phraseDialThen                     // the digits: asked on a terminal
	phraseYesThen                      // the same: they are not sent
	phraseCalledFirst                  // caller, group
	phraseNoNumber                     // of a caller
	phraseMissedBusy                   // title
	phraseMissedAway                   // title
	phraseInDeclined                   // the same

	phraseNow        // how a phone stands
	phraseIsFree     // who
	phraseTellsUntil // who, time of day
	phraseCallBack   // who
	phraseRemindsAt  // time of day

	phraseAccountInUse     // name of an account
	phraseAccountHere      // the same, which the network chose
	phraseChosen           // the same, in a list
	phraseInUse            // the same
	phraseAccountName      // the same
	phraseEnrolmentAdds    // the same
	phraseEnrolmentChanges // the same

	phraseWillTransfer      // dial string
	phraseTransferAsked     // third side
	phraseTransferRings     // third side, the other one
	phraseTransferRingsYou  // the same, attended
	phraseTransferTalking   // the same
	phraseTransferRecalled  // the same
	phraseTransferDone      // the same
	phraseTransferFailed    // the same, why
	phraseTransferLost      // the same, why: the other side fell out of the call
	phraseTransferCancelled // third side, the other one
	phraseTransferLeft      // the same
	phraseTransferIgnored   // the same
	phraseTransferUnknown   // the same
	phraseSetFromHere       // what a code does, when it was dialled

	phrases // how many there are
)

// plural names a sentence that counts something, which is its only part.
type plural int

const (
	pluralDropped     plural = iota // links, while they were muted
	pluralMeanwhile                 // links that were dropped because of another one
	pluralUnread                    // the same, where that one cannot be read
	pluralMoreNumbers               // in a text, beside those to pick from
	pluralAsked                     // other questions that were dropped because of the one that is open
	pluralDays                      // left
	pluralPeople                    // in a directory
	pluralNoNumber                  // of them
	pluralBadEntries                // that cannot be read
	pluralCleared                   // calls that were taken out of the list
	pluralMissed                    // states of calls that were left out
	pluralRemindIn                  // minutes
	pluralMissedCalls               // that came in
	pluralMessages                  // new, in the mailbox
	plurals                         // how many there are
)

func (p plural) of(n int) string { return fmt.Sprintf(in().plural[p][in().form(n)], n) }

func (p phrase) with(parts ...any) string { return fmt.Sprintf(in().phrase[p], parts...) }

// Status says in one line, for a tooltip or a menu, what is happening or
// whether dialling will work. It never changes with the passing of time alone,
// so that nobody has to refresh it: a call is told with the time of day at
// which it was answered, in now's time zone.
func Status(s status.Snapshot, now time.Time) string {
	if s.Call != nil && s.Call.Live() {
		what, number := strings.TrimSuffix(CallTitle(*s.Call), in().ellipse), Number(s.Call.Number)
		if s.Call.Number == "" { // not for everybody who can read this
			return what
		}
		if s.Call.State == call.InCall && !s.Call.Answered.IsZero() && !s.Call.ByPBX && s.Call.Cause == "" {
			return phraseInCallSince.with(number, s.Call.Answered.In(now.Location()).Format(in().clock))
		}
		return phraseLive.with(what, number)
	}
	if s.Trouble != nil {
		return Problem(*s.Trouble).What
	}
	switch s.Connection {
	case status.Ready, status.Connected, status.Unchecked:
		if s.Extension != "" {
			return phraseReady.with(connectionName(s.Connection), Clean(s.Extension))
		}
	}
	return connectionName(s.Connection)
}

// Tooltip is Status for a place that does not say whose status it is, and how many calls
// were missed.
func Tooltip(s status.Snapshot, now time.Time) string {
	text := phraseTooltip.with(Text(LabelApp), Status(s, now))
	if s.Missed > 0 {
		text += "\n" + MissedCalls(s.Missed)
	}
	return text
}

func connectionName(l status.Connection) string {
	if text, ok := in().link[l]; ok {
		return text
	}
	return other(string(l))
}

// other is the last resort for a name that has no sentence: the name itself is
// better than silence.
func other(name string) string {
	return phraseOther.with(Clean(strings.ReplaceAll(name, "_", " ")))
}
