package number

import (
	"strings"
	"unicode"
)

// unwrap refuses what must never be inside a number, whatever stands around
// it, and takes off what cannot be seen: spaces and line ends at both ends,
// zero-width signs, and the direction marks that contact programs put around
// numbers. Marks that turn the direction round inside are refused: with them the
// digits seen are not the digits sent.
func unwrap(text string) (string, Code) {
	text = strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r) || turnsRound(r) && r != rightToLeftOverride
	})
	for _, r := range text {
		switch r {
		case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
			return "", LineBreak
		}
	}
	for _, r := range text {
		switch {
		case r != '\t' && unicode.IsControl(r):
			return "", ControlCharacter
		case turnsRound(r):
			return "", BidiOverride
		}
	}
	if text == "" {
		return "", Empty
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, text), ""
}

func invisible(r rune) bool {
	switch r {
	case 0xAD, // soft hyphen
		0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, // no width
		0x200E, 0x202A, 0x202C, 0x202D, 0x2066, 0x2068, 0x2069: // left to right, and the end of such
		return true
	}
	return false
}

// rightToLeftOverride shows digits in the other order, wherever it stands.
const rightToLeftOverride = 0x202E

func turnsRound(r rune) bool {
	switch r {
	case 0x200F, 0x061C, 0x202B, rightToLeftOverride, 0x2067:
		return true
	}
	return false
}

// trimmed takes off what people put around a number and is none of it: quotes,
// brackets, emoji, bullets, the colon of a sentence. A round bracket may belong to
// an area code, and goes only as one of a pair around everything.
func trimmed(text string) string {
	for {
		before := text
		text = strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isQuoting(r) || strings.ContainsRune(".!?", r) })
		text = strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isQuoting(r) || strings.ContainsRune(".!?,;", r) })
		if inside, ok := strings.CutPrefix(text, "("); ok {
			if inside, ok = strings.CutSuffix(inside, ")"); ok && !strings.ContainsAny(inside, "()") {
				text = inside
			}
		}
		if text == before {
			return text
		}
	}
}

// isQuoting reports whether a sign may stand around a number.
func isQuoting(r rune) bool {
	switch r {
	case '\'', '"', '`', '´', ':', '=', '<', '>', '[', ']', '{', '}', '|', '•', '·', '‣', '▪', '●', '→', '_', '~', '、', '。', '：', 0xFE0F, 0x20E3:
		return true
	}
	return isDash(r) || unicode.In(r, unicode.So, unicode.Sk, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf) && r != '(' && r != ')'
}

const (
	asciiZero = '0'
	wideZero  = '０'
)

// narrow turns the digits of all scripts, and the full-width signs of East
// Asian keyboards, into plain ones. Digits of two scripts in one number are
// refused: nobody keys that in; what is copied may have them beside plain ones
// (mixed), which is reported. Full-width digits are the plain ones in another
// width; digits of a real other script are reported as converted.
func narrow(text string, mixed bool) (plain string, converted bool, code Code) {
	var zero rune
	for _, r := range text {
		if !unicode.IsDigit(r) {
			continue
		}
		z := r - digitValue(r)
		if zero != 0 && z != zero {
			if !mixed || zero != asciiZero && z != asciiZero && zero != wideZero && z != wideZero {
				return "", false, MixedDigitScripts
			}
			converted = true
		}
		if zero == 0 || zero == asciiZero {
			zero = z
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '0' + digitValue(r)
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, text), converted || zero != 0 && zero != asciiZero && zero != wideZero, ""
}

// digitValue is what a decimal digit of any script stands for: Unicode keeps
// each script's ten together, beginning with its zero.
func digitValue(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

func isSeparator(r rune) bool {
	switch r {
	case '.', '(', ')', '/', '\t', '·', '~', 0x2212: // the last is the minus sign
		return true
	}
	return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) // all spaces, all dashes
}

func isDash(r rune) bool { return unicode.Is(unicode.Pd, r) || r == 0x2212 }

func count(s string) int {
	n := 0
	for _, r := range s {
		if isDigit(r) {
			n++
		}
	}
	return n
}
