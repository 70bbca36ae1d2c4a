package words

import (
	"strings"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/number"
)

// Then is what is keyed in after the answer, digit by digit: "1 2 #, after a pause". then
// is number.Plan.Then.
func Then(then string) string {
	var all []string
	paused := false
	for group := range strings.SplitSeq(then, ",") {
		if group == "" {
			paused = true
			continue
		}
		digits := strings.Join(strings.Split(group, ""), " ")
		if paused || len(all) > 0 {
			digits = phraseAfterPause.with(digits)
		}
		all, paused = append(all, digits), false
	}
	return strings.Join(all, "; ")
}

// ThenOf says of a number what is to be keyed in after the answer.
func ThenOf(then string) string { return phraseThenByHand.with(Then(then)) }

// CallThen says of a call that goes on what is to be keyed in, and by whom; "" for nothing.
// While the PBX does so it does not change.
func CallThen(c call.Snapshot) string {
	switch {
	case !c.Live():
	case c.Keying == call.KeyedByHand:
		return phraseThenByHand.with(Then(c.Then))
	case c.Keying == call.KeyedByPBX && c.State == call.InCall:
		return phraseThenByPBX.with()
	case c.Keying == call.Keyed:
		return phraseThenDone.with()
	}
	return ""
}

// DialThen asks on a terminal whether the PBX is to key in then; YesThen says that it was
// not asked to.
func DialThen(then string) string { return phraseDialThen.with(Then(then)) }
func YesThen(then string) string  { return phraseYesThen.with(Then(then)) }

// KeyedDigits are those of then alone.
func KeyedDigits(then string) string { return strings.ReplaceAll(then, ",", "") }

// CallCode is how a code in front of a number is called: that which withholds the caller's
// number, or an account's, with its name if it has one.
func CallCode(key, name string) string {
	if key == number.KeyWithhold {
		return Text(LabelWithhold)
	}
	return phraseOnAccount.with(strings.TrimSpace(key + " " + Clean(clean.Foreign(name))))
}

// ListUnread tells that a list, or the file beside it, cannot be used.
func ListUnread(err error) string { return phraseListUnread.with(err) }

// IsSkip, IsNote and IsQuit are the answers to SayListAsk.
func IsSkip(answer string) bool { return isAnswer(answer, 0) }
func IsNote(answer string) bool { return isAnswer(answer, 1) }
func IsQuit(answer string) bool { return isAnswer(answer, 2) }

func isAnswer(answer string, n int) bool {
	return strings.EqualFold(answer, strings.Fields(Text(LabelListAnswers))[n])
}
