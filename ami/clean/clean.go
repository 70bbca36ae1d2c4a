// Package clean makes text that somebody else wrote fit to be shown: what a PBX
// calls the other side, the subject of a certificate, what was copied. It is done
// once, where the text comes in; behind that a text is shown as it is. The package
// imports nothing of Cornetta's, so that every package can use it.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths that texts are cut to, in characters.
const (
	Name   = 64  // a name, a number, a title: what stands on one line
	Detail = 256 // a sentence: an answer, an error
)

// Text returns s as one line of at most limit characters (runes), which has to be
// one or more. Control, direction-changing, zero-width and other invisible
// characters are gone, a line break or tab counts as a space, runs of spaces are
// one, no more than two combining marks stand on a letter, and what is not UTF-8
// becomes U+FFFD. What is longer is cut and ends in "…". Markup is left alone:
// whoever shows the text as markup escapes it. It is safe for concurrent use, and
// without an allocation where nothing has to be changed.
func Text(s string, limit int) string {
	if fits(s, limit) {
		return s
	}
	var b strings.Builder
	runes, marks := 0, 0
	gap := false // a space is due before the next visible character
	for _, r := range s {
		switch {
		case unicode.IsSpace(r): // line and paragraph separators too
			gap = runes > 0
			continue
		case invisible(r):
			continue
		case !unicode.Is(unicode.M, r):
			marks = 0
		default:
			if marks++; marks > 2 {
				continue
			}
		}
		if gap {
			b.WriteByte(' ')
			runes++
			gap = false
		}
		b.WriteRune(r) // an invalid byte comes out of range as U+FFFD
		// Spaces come one by one, so that one and its successor may both be over
		// the limit: stop as soon as it is certain that something must go.
		if runes++; runes > limit {
			return cut(b.String(), limit)
		}
	}
	return b.String()
}

// fits reports whether s is so plain that nothing has to be changed.
func fits(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	before := byte(' ')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && before == ' ' {
			return false
		}
		before = s[i]
	}
	return s == "" || before != ' '
}

// cut shortens s to limit characters, the last being the ellipsis.
func cut(s string, limit int) string {
	end := 0
	for range limit - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return strings.TrimRight(s[:end], " ") + "…"
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
