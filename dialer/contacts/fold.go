package contacts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters are those that Unicode has no plain letter for, as they are typed without
// the right keyboard.
var letters = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'þ': "th", 'ħ': "h", 'ŋ': "n", 'ĸ': "k",
}

// Fold is s as it is searched: words in small letters without accents, one space
// between two. Apostrophes are nothing, and so are the dots of "S.p.A.".
func Fold(s string) string { return string(appendFolded(nil, s)) }

// appendFolded appends the words of Fold, each behind a space but the first of all.
func appendFolded(b []byte, s string) []byte {
	start := len(b)
	gap := false
	put := func(text string) {
		if gap && len(b) > start {
			b = append(b, ' ')
		}
		gap = false
		b = append(b, text...)
	}
	if !plainASCII(s) {
		s = norm.NFKD.String(s)
	}
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			put(s[i : i+1])
		case r >= 'A' && r <= 'Z':
			put(string([]byte{byte(r) + 'a' - 'A'}))
		case r == '\'' || r == '’' || r == 'ʼ' || r == '`' || r == '´' || unicode.Is(unicode.Mn, r) || r == utf8.RuneError:
		case r == '.' && single(s[:i]):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			r = unicode.ToLower(r)
			if plain, ok := letters[r]; ok {
				put(plain)
			} else {
				put(string(r))
			}
		default:
			gap = true
		}
	}
	return b
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// single reports whether a single letter ends s: it is an initial, or part of "S.p.A.".
func single(s string) bool {
	last, size := utf8.DecodeLastRuneInString(s)
	before, _ := utf8.DecodeLastRuneInString(s[:len(s)-size])
	return unicode.IsLetter(last) && !unicode.IsLetter(before)
}

// umlauts are typed in two ways: "Muller" and "Mueller".
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "ae", "Ö", "oe", "Ü", "ue", "ø", "oe", "Ø", "oe", "å", "aa", "Å", "aa")

// appendWords appends the line's part for s: its words, each behind a space, and those
// that may be typed otherwise.
func appendWords(b []byte, s string) []byte {
	b = append(b, ' ')
	b = appendFolded(b, s)
	if plainASCII(s) {
		return b
	}
	if s = norm.NFC.String(s); umlauts.Replace(s) != s {
		for _, word := range strings.Fields(s) {
			if other := umlauts.Replace(word); other != word {
				b = appendFolded(append(b, ' '), other)
			}
		}
	}
	return b
}

// keyOfLetter are a telephone's keys (ITU-T E.161), from a on.
const keyOfLetter = "22233344455566677778889999"

// appendKeypad appends the words of folded text as keys.
func appendKeypad(b, folded []byte) []byte {
	for _, c := range folded {
		switch {
		case c == ' ' || c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'a' && c <= 'z':
			b = append(b, keyOfLetter[c-'a'])
		}
	}
	return b
}
