package words

import (
	"strconv"
	"strings"

	"cornetta/dialer/status"
)

// several tells of a text that is no number by itself which are in it.
func several(p status.Problem) Sentence {
	all := make([]string, len(p.Offers))
	for i, o := range p.Offers {
		all[i] = Number(o.Shown)
	}
	return Sentence{What: NumberError(p.Fault).What, Do: phraseNumbersIn.with(strings.Join(all, ", "))}
}

// PickOne is the question on a terminal below a numbered list.
func PickOne(n int) string { return phrasePickOne.with(strconv.Itoa(n)) }

// NothingPicked follows an answer that is none of the list's numbers.
func NothingPicked() string { return phraseNothingPicked.with() }

// CopiedNumber is the menu's line that dials what was copied. dial is the dial
// string, "" where none is shown; more says that it is not dialled at once.
func CopiedNumber(dial string, more bool) string {
	label := Text(LabelDialCopied)
	if dial != "" {
		label = phraseCopied.with(label, Number(dial))
	}
	if more {
		label += in().ellipse
	}
	return label
}
