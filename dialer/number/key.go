package number

import (
	"strconv"
	"strings"
)

// Key is what all the ways to write and to dial one number have in common: that of a
// country's number is its code and the digits behind it, that of this PBX's own its
// digits. 0 is none: of a feature code, and of what is too long for a number.
type Key uint64

// inside is set in the keys of this PBX's own numbers.
const inside Key = 1 << 63

// maxKeyed is how many digits have room in a Key, behind a 1 that keeps their zeros.
const maxKeyed = 17

func keyOf(digits string) Key {
	if digits == "" || len(digits) > maxKeyed {
		return 0
	}
	k := Key(1)
	for i := range len(digits) {
		if !isDigit(rune(digits[i])) {
			return 0
		}
		k = k*10 + Key(digits[i]-'0')
	}
	return k
}

// Digits are those of a number as it is written with its country's code but without a
// plus, or of this PBX's own.
func (k Key) Digits() string {
	text := strconv.FormatUint(uint64(k&^inside), 10)
	return text[min(1, len(text)):]
}

// String is not the number, for logs.
func (k Key) String() string { return "…" }

// KeyOf is the key of what is dialled, or of what a PBX tells as a caller's number: with
// the outside line or without.
func KeyOf(dial string, s Settings) Key {
	k, _ := keyed(dial, s)
	return k
}

// International is what is dialled as it is written with a plus and its country's code, ""
// where it has none or that is not known.
func International(dial string, s Settings) string {
	k, known := keyed(dial, s)
	if !known || k == 0 {
		return ""
	}
	return "+" + k.Digits()
}

// keyed is KeyOf. It reports whether the key begins with a country's code for certain.
func keyed(dial string, s Settings) (k Key, abroad bool) {
	s = s.complete()
	h := region(s.Region)
	if rest, ok := strings.CutPrefix(dial, "+"); ok {
		return h.keyAbroad(rest), true
	}
	if dial == "" || len(dial) <= s.ExtMaxLen || h.emergency(dial) {
		return keyInside(dial), false
	}
	// Behind the outside line where that makes a number of it, or nothing else does.
	rest, cut := strings.CutPrefix(dial, s.Prefix)
	cut = cut && s.Prefix != "" && rest != ""
	if cut {
		if abroad, ok := h.fromAbroad(rest); ok {
			return h.keyAbroad(abroad), true
		}
		if r := h.inland(rest); r.valid {
			return r.key(), true
		}
	}
	if abroad, ok := h.fromAbroad(dial); ok {
		return h.keyAbroad(abroad), true
	}
	if r := h.inland(dial); r.valid {
		return r.key(), true
	}
	if cut {
		return keyOf(rest), false
	}
	return keyOf(dial), false
}

// fromAbroad cuts off what stands for a +: what one dials in the home country, and the
// 00 that goes to the PBX in any.
func (h region) fromAbroad(dial string) (string, bool) {
	if rest, ok := h.cutAbroad(dial); ok {
		return rest, true
	}
	rest, ok := strings.CutPrefix(dial, "00")
	return rest, ok && !h.inland(dial).valid
}

func keyInside(digits string) Key {
	k := keyOf(digits)
	if k != 0 {
		k |= inside
	}
	return k
}

func (r reading) key() Key { return keyOf(strconv.Itoa(r.code) + r.national) }

// keyAbroad is of digits that begin with a calling code. A zero between the two that is
// only dialled inside the country does not count.
func (h region) keyAbroad(digits string) Key {
	if r := h.international(digits); (r.valid || r.near) && r.code != 0 {
		return r.key()
	}
	return keyOf(digits)
}

// Listed is a number that a directory has.
type Listed struct {
	Text string // as it is written there
	Key  Key    // 0: it can be dialled, but not be recognised
}

// maxListed is how many numbers are taken out of one text.
const maxListed = 5

// List are the numbers in a text of a directory, which is read as a copied one is:
// none where it is no number, several where it has several.
func List(text string, s Settings) []Listed {
	if k := plainKey(text, s); k != 0 {
		return []Listed{{text, k}}
	}
	p := Parse(text, Clipboard, s)
	if p.Outcome != Error {
		return []Listed{{text, KeyOf(p.Dial, s)}}
	}
	var all []Listed
	for _, c := range p.Choices[:min(len(p.Choices), maxListed)] {
		all = append(all, Listed{c.Input, KeyOf(c.Dial, s)})
	}
	return all
}

// plainKey is the key of what is nothing but a number that the plan has, with spaces
// in it at most: most of a directory is, and Parse takes ten times as long. 0 for anything else.
func plainKey(text string, s Settings) Key {
	var room [maxPublic + 2]byte
	digits, plus, group := room[:0], false, 0
	for i := range len(text) {
		switch c := text[i]; {
		case isDigit(rune(c)):
			if len(digits) > maxPublic {
				return 0
			}
			digits = append(digits, c)
			group++
		case c == '+' && i == 0:
			plus = true
		case c != ' ' || group == 0: // a single one, and nothing else
			return 0
		default:
			group = 0
		}
	}
	if group < 3 {
		return 0 // it may be something else
	}
	h := region(s.Region)
	s = s.complete()
	if len(digits) <= max(s.ExtMaxLen, maxShort) {
		return 0
	}
	r := reading{}
	if number := string(digits); plus {
		r = h.international(number)
	} else if _, abroad := h.fromAbroad(number); !abroad {
		r = h.inland(number)
	}
	if !r.valid || r.code == 0 {
		return 0
	}
	return r.key()
}
