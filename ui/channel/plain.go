package channel

import (
	"strings"
	"unicode"
)

// MaxText is how many runes of a text from the PBX a window shows.
const MaxText = 64

// Plain makes a text from outside safe to show on one line: control and format
// characters go (bidi overrides could make a number read backwards), any run
// of white space becomes one space, no more than two combining marks stand on
// a letter, and what is longer than limit runes is cut and ends in "…".
func Plain(s string, limit int) string {
	var b strings.Builder
	n, marks, space := 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			space = n > 0
			continue
		case unicode.Is(unicode.C, r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > 2 {
				continue
			}
		default:
			marks = 0
		}
		need := 1
		if space {
			need = 2
		}
		if n+need > limit {
			return cut(b.String(), limit)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		n += need
	}
	return b.String()
}

// cut leaves room for the ellipsis.
func cut(s string, limit int) string {
	rs := []rune(s)
	if len(rs) >= limit {
		rs = rs[:max(0, limit-1)]
	}
	return strings.TrimRight(string(rs), " ") + "…"
}
