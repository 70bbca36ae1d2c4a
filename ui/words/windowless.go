package words

import (
	"strings"

	"cornetta/dialer/status"
)

// NoWindows says why no window can be opened, and what goes without. reason is what the window
// would have told, "" for nothing; notSetUp says that there is no account yet.
func NoWindows(p status.Problem, reason string, notSetUp bool) Sentence {
	s := Problem(p)
	without := phraseWithoutWindows
	if notSetUp {
		without = phraseSetUpByCommand
	}
	s = s.and(without.with())
	if reason != "" {
		s = Sentence{What: s.What, Do: reason + "\n" + s.Do}
	}
	return s
}

// QuestionTitle is the question by which a person agrees to a call where there is no window,
// or picks one of several numbers.
func QuestionTitle(numbers int) string {
	if numbers > 1 {
		return Text(LabelPickOne)
	}
	return Text(SayCallThis)
}

// Dropped is what was not asked about because of a question.
type Dropped struct {
	Links   bool // the question is about a link
	Numbers int  // of the text that are not among those to pick from
	Ignored int  // links dropped before it, while they were muted
	More    int  // what came while it was open
}

// QuestionBody is what is asked: each number as it is dialled, grouped, and the reasons against.
// account is the one with which it is called, "" where there is no other; why is a sentence to
// be said beside them.
func QuestionBody(offers []status.Offer, account, why string, d Dropped) string {
	var lines []string
	for _, o := range offers {
		line := Number(o.Shown)
		if reasons := NumberReasons(o.Reasons); reasons != "" {
			line += "\n" + reasons
		}
		if o.Then != "" {
			line += "\n" + phraseThenByHand.with(Then(o.Then))
		}
		lines = append(lines, line)
	}
	if account != "" {
		lines = append(lines, AccountInUse(account, false))
	}
	if why != "" {
		lines = append(lines, why)
	}
	if d.Numbers > 0 {
		lines = append(lines, pluralMoreNumbers.of(d.Numbers))
	}
	if d.Ignored > 0 {
		lines = append(lines, LinksWereMuted(d.Ignored))
	}
	switch {
	case d.More == 0:
	case d.Links:
		lines = append(lines, LinksMeanwhile(d.More))
	default:
		lines = append(lines, pluralAsked.of(d.More))
	}
	return strings.Join(lines, "\n")
}

// CallNumber is the button that calls a number: all that is dialled, without a space.
func CallNumber(dial string) string { return phraseCallNumber.with(Number(dial)) }

// InTerminal says that a command does without a window what one was wanted for; more is to be
// added to it.
func InTerminal(command string, more bool) string {
	if more {
		command += " " + in().ellipse
	}
	return phraseInTerminal.with(Number(command))
}

// NoQuestion says that a call which has to be agreed to cannot be asked about, and how it can
// be made.
func NoQuestion(offers []status.Offer) Sentence {
	var commands []string
	for _, o := range offers {
		dial := o.Dial()
		if strings.ContainsAny(dial, "*#") { // which mean something to a shell
			dial = "'" + dial + "'"
		}
		commands = append(commands, "cornetta dial "+dial)
	}
	return Problem(status.Problem{Code: status.CodeNoQuestion}).and(phraseDialByCommand.with(Number(strings.Join(commands, ", "))))
}
