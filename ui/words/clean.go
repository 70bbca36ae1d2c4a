package words

import (
	"strings"
	"unicode"
)

// MaxRunes is the length Clean cuts to.
const MaxRunes = 64

// Clean makes text that somebody else wrote fit to be shown on one line:
// control, direction-changing, zero-width and other invisible characters are
// gone, a line break or tab counts as a space, runs of spaces are one, what is
// not UTF-8 becomes U+FFFD, and more than 64 characters are cut, the last of
// them being "…". Markup is left alone: whoever shows the text as markup
// escapes it.
func Clean(s string) string {
	var b strings.Builder
	runes := 0
	gap := false // a space is due before the next visible character
	for _, r := range s {
		switch {
		case unicode.IsSpace(r): // line and paragraph separators too
			gap = true
			continue
		case invisible(r):
			continue
		}
		if gap && runes > 0 {
			b.WriteByte(' ')
			runes++
		}
		gap = false
		b.WriteRune(r) // an invalid byte comes out of range as U+FFFD
		// Spaces come one by one, so that one and its successor may both be over
		// the limit: stop as soon as it is certain that something must go.
		if runes++; runes > MaxRunes {
			return cut(b.String())
		}
	}
	return b.String()
}

// cut shortens s to MaxRunes with the last being the ellipsis.
func cut(s string) string {
	n := 0
	for i := range s {
		if n == MaxRunes-1 {
			return strings.TrimRight(s[:i], " ") + in().ellipse
		}
		n++
	}
	return s
}

// invisible reports characters that take no room or change how others are
// read. Cf holds the direction marks, the zero-width ones, the soft hyphen and
// the tags; the rest are letters by category that draw nothing.
func invisible(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Noncharacter_Code_Point)
}

// Number is how a dial string is shown: the very characters that are sent,
// never grouped, because the string shown is the string sent.
func Number(s string) string { return Clean(s) }
