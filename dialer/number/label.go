package number

import (
	"regexp"
	"strings"
	"sync"
)

// lazily compiles an expression when it is first used: together they take half
// a millisecond, which a program that starts has no use for.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// The words in front of and behind numbers are those of the languages that the
// people around an Italian office write, and English.
var (
	label = lazily(`(?i)^(?:telefono|telephone|telefon|tel|tél|phone|fon|ph|mobile|mob|handy|cellulare|cell|cel|call|chiama|numero|nr|n°)(?:\s*[.:]+\s*|\s+|$)`)

	extensionBehind = lazily(`(?i)[\s,;(]*\b(?:extension|extn|ext|interno|int|durchwahl|dw|nst|poste|x)[.:]?\s*\d{1,8}\s*\)?\s*$`)
	extensionStuck  = lazily(`(?i)(?:extension|ext|int|x)[.:]?\s*\d{1,8}\s*$`) // 061234567x12
	extensionNext   = lazily(`(?i)^[\s,;(]*(?:extension|extn|ext|interno|int|durchwahl|dw|nst|poste|x)[.:]?\s*\d{1,8}\b`)
)

// cutLabel takes "Tel.:" off the front.
func cutLabel(text string) string {
	if at := label().FindStringIndex(text); at != nil && count(text[at[1]:]) > 0 {
		return text[at[1]:]
	}
	return text
}

// cutExtension takes an extension of the called side off the end. It stays
// with what would be dialled where hardly anything stands in front of it.
func cutExtension(text string) (string, bool) {
	for _, re := range []func() *regexp.Regexp{extensionBehind, extensionStuck} {
		if at := re().FindStringIndex(text); at != nil && count(text[:at[0]]) > 2 {
			return strings.TrimSpace(text[:at[0]]), true
		}
	}
	return text, false
}

// cutPostDial takes pauses, and what is keyed in after them, off the end: a
// comma must not reach the PBX, which reads its own meaning into it. dropped
// is false where there was nothing but the comma of a sentence.
func cutPostDial(text string) (head string, dropped bool) {
	i := strings.IndexAny(text, ",;pPwW")
	if i < 0 || count(text[:i]) < 2 {
		return text, false
	}
	tail := text[i:]
	if strings.ContainsFunc(tail, func(r rune) bool { return !isDialSign(r) && !strings.ContainsRune(",;pPwW -", r) }) {
		return text, false // something else, and an error soon
	}
	dropped = strings.ContainsFunc(tail, isDialSign)
	if !dropped && strings.ContainsAny(tail, "pPwW") {
		return text, false // a letter, not a pause
	}
	return strings.TrimSpace(text[:i]), dropped
}
