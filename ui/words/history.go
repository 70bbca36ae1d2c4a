package words

import (
	"strconv"
	"strings"

	"cornetta/dialer/call"
)

// What is said about the calls of the past.
const (
	LabelHistoryDots Label = "history_dots" // in a menu: a window opens
	LabelHistoryFind Label = "history_find"
	LabelCopyNumber  Label = "copy_number"
	LabelNote        Label = "note"
	LabelRemove      Label = "remove"
	LabelKeepNote    Label = "keep_note"
	LabelMore        Label = "history_more"
	LabelMissedOnly  Label = "history_missed"
	LabelRedial      Label = "redial"       // a number of the list
	LabelRedialLast  Label = "redial_last"  // the last one
	LabelDialRedial  Label = "dial_redial"  // the same, as what a key does
	LabelPrivate     Label = "private"      // the next call
	LabelPrivateOn   Label = "private_on"   // the same, while it is
	LabelKeysRedial  Label = "keys_redial"  // above the keys for it
	LabelKept        Label = "history_kept" // above what is kept of the list
	SayNoSuchCall    Label = "say_no_call_found"
	SayBadDate       Label = "say_bad_date"
	SayListAlone     Label = "say_list_alone"
	SayNoteKept      Label = "say_note_kept"
	SayCopiedNumber  Label = "say_copied_number"
	TitleHistory     Label = "title_history"
)

// Way says how a call was asked for.
func Way(w call.Way) string {
	if s, ok := in().way[w]; ok {
		return s
	}
	return other(string(w))
}

// Redial is the line of a menu that calls the last number again; c is that call.
func Redial(c call.Snapshot) string {
	number := Number(c.Number)
	if name := Clean(c.FarName); name != "" {
		number = name
	}
	return phraseRedial.with(number)
}

// NotInHistory says which calls are not in the list, by their numbers in it.
func NotInHistory(ids []int) string {
	var all []string
	for _, id := range ids {
		all = append(all, strconv.Itoa(id))
	}
	return phraseNotInHistory.with(strings.Join(all, ", "))
}

// Cleared says how many calls were taken out of the list.
func Cleared(n int) string { return pluralCleared.of(n) }

// Asked says how a call was asked for, and with what.
func Asked(w call.Way, given string) string {
	if given == "" {
		return Way(w)
	}
	return phraseAskedBy.with(Way(w), Clean(given))
}

// RemoveIt is the question before a call is taken out of the list.
func RemoveIt(who string) string { return phraseRemoveIt.with(who) }

// PastCall is a line of the list of past calls: the number, the name where one was known,
// and how it went.
func PastCall(c call.Snapshot) string {
	who := Number(c.Number)
	if c.State.Incoming() {
		who = Caller(c)
	} else if name := Clean(c.FarName); name != "" && name != who {
		who = phraseNumberName.with(who, name)
	}
	return NumberOutcome(who, Outcome(c))
}
