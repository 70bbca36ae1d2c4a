package number

import (
	"strings"
	"unicode"
)

// unwrap refuses what must never be inside a number, whatever stands around
// it, and takes off what cannot be seen: spaces and line ends at both ends,
// zero-width signs, and the left-to-right marks contact programs put around
// numbers. Marks that turn the direction round are refused: with them the
// digits seen are not the digits sent.
func unwrap(text string) (string, Code) {
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
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

func turnsRound(r rune) bool {
	switch r {
	case 0x200F, 0x061C, 0x202B, 0x202E, 0x2067:
		return true
	}
	return false
}

// schemeOf finds the scheme of an URI: a word of letters and digits and a colon
// right after it, at the very front.
func schemeOf(text string) (string, bool) {
	scheme, _, ok := strings.Cut(text, ":")
	if !ok || scheme == "" {
		return "", false
	}
	for i, r := range scheme {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !isDigit(r) && !strings.ContainsRune("+-.", r)) {
			return "", false
		}
	}
	return strings.ToLower(scheme), true
}

// readPlain reads a number as people write it.
func (p *Plan) readPlain(text string) (digits, Code) {
	plain, code := narrow(text)
	if code != "" {
		return digits{}, code
	}
	p.step(RuleDigits, text, plain)
	return p.strip(plain, isSeparator)
}

// narrow turns the full-width signs of East Asian keyboards into plain ones.
// Digits of both kinds in one number are refused: nobody types that.
func narrow(text string) (string, Code) {
	var ascii, wide bool
	for _, r := range text {
		switch {
		case isDigit(r):
			ascii = true
		case r >= '０' && r <= '９':
			wide = true
		case unicode.IsDigit(r):
			return "", NonASCII
		}
	}
	if ascii && wide {
		return "", MixedDigitScripts
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune("＋＊＃（）．／", r):
			return r - 0xFEE0
		}
		return r
	}, text), ""
}

func isSeparator(r rune) bool {
	switch r {
	case '.', '(', ')', '/', '\t', '·', 0x2212: // the last is the minus sign
		return true
	}
	return unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) // all spaces, all dashes
}

// strip keeps the signs that are dialled.
func (p *Plan) strip(text string, separator func(rune) bool) (digits, Code) {
	var n digits
	var kept strings.Builder
	between := false
	for _, r := range text {
		switch {
		case r == '+':
			if n.plus || kept.Len() > 0 {
				return digits{}, MisplacedPlus
			}
			n.plus = true
		case isDialSign(r):
			kept.WriteRune(r)
			n.grouped = n.grouped || between
			between = false
		case separator(r):
			between = kept.Len() > 0
		case unicode.IsLetter(r):
			return digits{}, Letters
		default:
			return digits{}, InvalidCharacter
		}
	}
	n.text = kept.String()
	if !strings.ContainsFunc(n.text, isDigit) {
		return digits{}, NoDigits
	}
	if code := ambiguous(text, n); code != "" {
		return digits{}, code
	}
	after := n.text
	if n.plus {
		after = "+" + after
	}
	p.step(RuleSeparators, text, after)
	return n, ""
}
