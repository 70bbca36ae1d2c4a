package window

import (
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// exampleNumber is nobody's: behind an Italian area code no subscriber's number
// begins with 1.
const exampleNumber = "050 1234567"

// severalText says what there is to pick from.
func severalText(c status.Offer) string {
	if c.Line != "" {
		return words.NumberReasons([]string{"ambiguous_line"})
	}
	return words.Text(words.SaySeveral)
}

// lineText says how one of two ways to read a number reads it.
func lineText(c status.Offer) string {
	if c.Line == number.LineMissing {
		return words.Text(words.LabelWithLine)
	}
	return words.Text(words.LabelHasLine)
}
