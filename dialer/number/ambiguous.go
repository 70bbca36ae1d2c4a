package number

import (
	"strings"
	"unicode"
)

// enough is how many digits make a number of their own.
const enough = 6

// ambiguous finds separators that may say more than "here begins a group":
// that two numbers stand side by side, that a switchboard has a range of them,
// or that a zero is dialled only at home. Their digits are never run together.
func ambiguous(text string, n digits) Code {
	areaCode := 5 // digits in front of a slash: an area code, perhaps after the outside line
	if n.plus {
		areaCode += 3
	}
	slashes := 0
	for i, r := range text {
		before, after := count(text[:i]), count(text[i:])
		switch {
		case r == '/':
			slashes++
			if before >= enough && after >= enough && before > areaCode {
				return MultipleNumbers
			}
			if slashes > 1 || before > areaCode || before > 0 && after < 5 || n.isCode() {
				return AmbiguousSeparator
			}
		case r == '(':
			inside, _, _ := strings.Cut(text[i+1:], ")")
			trunkZero := before > 0 && strings.TrimSpace(inside) == "0"
			if trunkZero || before > enough { // a number is complete by then
				return AmbiguousSeparator
			}
		case dash(r):
			rest := text[i+len(string(r)):]
			if apart(text[:i], rest) && before >= enough && after >= enough {
				return MultipleNumbers
			}
			// 1234567-8 is a switchboard's range; 608-0 is a German direct line.
			if after > 0 && after <= 2 && trailing(text[:i]) >= enough {
				return AmbiguousSeparator
			}
		}
	}
	return ""
}

// apart reports whether a sign has spaces on both its sides.
func apart(before, after string) bool {
	return strings.TrimRightFunc(before, unicode.IsSpace) != before && strings.TrimLeftFunc(after, unicode.IsSpace) != after
}

func dash(r rune) bool { return unicode.Is(unicode.Pd, r) || r == 0x2212 }

func count(s string) int {
	n := 0
	for _, r := range s {
		if isDigit(r) {
			n++
		}
	}
	return n
}

// trailing counts the digits at the end of s that stand together.
func trailing(s string) int { return len(s) - len(strings.TrimRightFunc(s, isDigit)) }
