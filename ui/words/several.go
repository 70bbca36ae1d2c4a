package words

import (
	"strconv"
	"strings"
)

// NumbersIn tells of a text that is no number by itself which are in it. code is
// one of dialer/number's, shown are the dial strings.
func NumbersIn(code string, shown []string) string {
	all := make([]string, len(shown))
	for i, s := range shown {
		all[i] = Number(s)
	}
	return phraseNumbersIn.with(NumberError(code).What, strings.Join(all, ", "))
}

// PickOne is the question on a terminal below a numbered list.
func PickOne(n int) string { return phrasePickOne.with(strconv.Itoa(n)) }

// NothingPicked follows an answer that is none of the list's numbers.
func NothingPicked() string { return phraseNothingPicked.with() }
