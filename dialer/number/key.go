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
	Text  string // as it is written there
	Label string // the word beside it, of one of several: "fax"
	Key   Key    // 0: it can be dialled, but not be recognised
}

// maxListed is how many numbers are taken out of one text.
const maxListed = 5

// List are the numbers in a text of a directory, which is read as a copied one is:
// none where it is no number, several where it has several.
func List(text string, s Settings) []Listed {
	if k := plainKey(text, s); k != 0 {
		return []Listed{{Text: text, Key: k}}
	}
	s.OwnRules = nil // which are for what is dialled
	if all := abbreviated(text, s); len(all) > 0 {
		return all
	}
	p := Parse(text, Clipboard, s)
	if p.Outcome != Error {
		return []Listed{{Text: text, Key: KeyOf(p.Dial, s)}}
	}
	var all []Listed
	for _, c := range p.Choices[:min(len(p.Choices), maxListed)] {
		all = append(all, Listed{Text: c.Input, Label: c.Label, Key: KeyOf(c.Dial, s)})
	}
	return all
}

// abbreviated are the numbers of a switchboard of which those behind the first have only
// the digits in which they differ from it: 050 123402/3, 050 123402/403/404. Nobody writes
// a slash inside a number whose area code is complete; a dash they do.
func abbreviated(text string, s Settings) (all []Listed) {
	w := &work{Plan: Plan{Source: Clipboard}, s: s.complete(), home: region(s.Region), public: true}
	for i, r := range text {
		head := strings.ReplaceAll(strings.TrimSpace(text[:i]), "/", " ") // behind an area code
		if r != '/' || count(head) < enough || !w.has(head) || w.dialledAlong(text, written{text: onlyDigits(text), plus: strings.HasPrefix(text, "+")}) {
			continue
		}
		all = append(all, Listed{Text: head, Key: KeyOf(Parse(head, Clipboard, s).Dial, s)})
		for tail := range strings.SplitSeq(text[i+1:], "/") {
			tail = strings.TrimSpace(tail)
			n := len(tail)
			if n == 0 || n == half || n > maxPublic || strings.Trim(tail, "0123456789") != "" || n > enough && w.has(tail) || len(all) == maxListed {
				return nil
			}
			// The digits that it has stand in the place of the first one's last.
			other, at := []byte(head), len(head)
			for j := n - 1; j >= 0; j-- {
				for at--; at >= 0 && !isDigit(rune(other[at])); at-- {
				}
				if at < 0 {
					return nil
				}
				other[at] = tail[j]
			}
			if !w.has(string(other)) {
				return nil
			}
			all = append(all, Listed{Text: string(other), Key: KeyOf(Parse(string(other), Clipboard, s).Dial, s)})
		}
		return all
	}
	return nil
}

// half is how many digits there are in one half of a number: 02 1234/5678 is one.
const half = 4

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
