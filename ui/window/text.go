package window

import (
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// exampleNumber is nobody's: behind an Italian area code no subscriber's number
// begins with 1.
const exampleNumber = "050 1234567"

// severalText says what there is to pick from.
func severalText(c channel.Choice) string {
	if c.Line != "" {
		return words.NumberReasons([]string{"ambiguous_line"})
	}
	return words.Text(words.SaySeveral)
}

// lineText says how one of two ways to read a number reads it.
func lineText(c channel.Choice) string {
	if c.Line == number.LineMissing {
		return words.Text(words.LabelWithLine)
	}
	return words.Text(words.LabelHasLine)
}

// problemText is a problem's whole sentence.
func problemText(p *channel.Problem) string { return whole(problem(p)) }

// problemHere is the same for who has the settings before them.
func problemHere(p *channel.Problem) string { return whole(problem(p).Here()) }

func problem(p *channel.Problem) words.Sentence {
	switch {
	case p == nil:
		return words.Sentence{}
	case p.Kind == channel.KindTrouble:
		return words.Trouble(status.Trouble{Code: status.Code(p.Code), Detail: p.Detail})
	}
	return words.Problem(string(p.Kind), p.Code, p.Field)
}

// whole ends a sentence that is all there is.
func whole(s words.Sentence) string {
	if s.What != "" && s.Do == "" {
		return s.What + "."
	}
	return s.String()
}
