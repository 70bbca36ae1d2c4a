package words

import (
	"time"

	"cornetta/dialer/status"
)

// What is said about the phones of colleagues, and about who is to be called later.
const (
	LabelColleagues     Label = "colleagues"
	LabelColleaguesDots Label = "colleagues_dots" // opens their window
	LabelFindColleague  Label = "find_colleague"
	LabelStateUnknown   Label = "state_unknown"
	LabelTellWhenFree   Label = "tell_when_free"
	LabelTellNot        Label = "tell_not"
	LabelPickUp         Label = "pick_up"
	LabelNotNow         Label = "not_now"
	LabelTold           Label = "told" // one is told when they are free

	SayColleagues       Label = "say_colleagues" // how the settings begin
	SayNoColleagues     Label = "say_no_colleagues"
	SayNoSuchColleague  Label = "say_no_such_colleague"
	SayAskingColleagues Label = "say_asking_colleagues"
	SayColleaguesCut    Label = "say_colleagues_cut"
	SayAskedToBeTold    Label = "say_asked_to_be_told"
	SayAskedToRemind    Label = "say_asked_to_remind"
	SayNotTold          Label = "say_not_told"
)

// PhoneState is how a colleague's phone stands, in a word.
func PhoneState(s status.PhoneState) string {
	switch s {
	case status.PhoneFree:
		return Text(LabelFree)
	case status.PhoneRinging:
		return Text(LabelRings)
	case status.PhoneBusy:
		return Text(LabelBusy)
	case status.PhoneAway:
		return Text(LabelNotThere)
	}
	return Text(LabelStateUnknown)
}

// IsFree is the title of what tells that somebody is free. who is clean.
func IsFree(who string) string { return phraseIsFree.with(who) }

// TellsUntil says that one is told of it until then.
func TellsUntil(who string, until time.Time) string {
	return phraseTellsUntil.with(who, until.Format(in().clock))
}

// CallBack is the title of what reminds of a call. who is clean.
func CallBack(who string) string { return phraseCallBack.with(who) }

// RemindIn is the button that has one reminded of a call in so many minutes.
func RemindIn(minutes int) string { return pluralRemindIn.of(minutes) }

// RemindsAt says when one is reminded.
func RemindsAt(at time.Time) string { return phraseRemindsAt.with(at.Format(in().clock)) }
