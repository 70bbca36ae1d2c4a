package number

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	run = lazily(`[+(]{0,2}\d[\d\s().·/+‐-―−-]*\d`)

	// Digits that are plainly something else: dates, times, addresses of
	// computers, amounts of money.
	date    = lazily(`^(?:\d{1,2}([./-])\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d([./-])\d{1,2}[./-]\d{1,2})(?:\s|$)`)
	address = lazily(`^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$`)
)

// somethingElse reports whether digits that look like a number are none.
func somethingElse(digits string) bool {
	digits = strings.TrimSpace(digits)
	return date().MatchString(digits) || address().MatchString(digits)
}

// hit is a number found in a text.
type hit struct {
	text string
	rest string // what follows it
}

// hits finds what may be numbers between other words.
func hits(text string) []hit {
	var out []hit
	for _, at := range run().FindAllStringIndex(text, -1) {
		if !stands(text, at[0], at[1]) || somethingElse(text[at[0]:at[1]]) {
			continue
		}
		for _, piece := range pieces(text[at[0]:at[1]]) {
			if n := count(piece); n >= enough && n <= maxGrouped && !somethingElse(piece) && len(out) < maxHits {
				out = append(out, hit{piece, text[at[1]:]})
			}
		}
	}
	return out
}

// stands reports whether text[from:to] stands by itself: the digits of a web
// address, an account or a name of a file are not numbers to call.
func stands(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	if from > 0 && !unicode.IsSpace(before) && !strings.ContainsRune(`:.,;("'«“‘<[|-–—`, before) {
		return false
	}
	return to == len(text) || unicode.IsSpace(after) || strings.ContainsRune(`.,;:)!?"'»”’>]|-–—`, after)
}

// extract takes the one number out of a copied text. Numbers that the home
// country has come before digits that only look like one.
func (w *work) extract(text string) (written, Code) {
	found := w.choose(hits(text))
	switch {
	case len(found) == 0:
		return written{}, NotANumber
	case len(found) > 1:
		return written{}, MultipleNumbers
	}
	w.ask(ReasonExtracted)
	w.step(RuleExtract, found[0].text)
	if extensionNext().MatchString(found[0].rest) {
		w.ask(ReasonExtensionDropped)
	}
	n, code := w.readNumber(found[0].text)
	n.public = true
	return n, code
}

// choose leaves out what cannot be dialled, what is there twice, and, where
// there are numbers that exist, those that do not.
func (w *work) choose(all []hit) []hit {
	var real, other []hit
	var seen []string
	for _, h := range all {
		// The text holds no letter: this does not come back here.
		p := parse(h.text, w.Source, w.s)
		if p.Outcome == Error || slices.Contains(seen, p.Dial) {
			continue
		}
		seen = append(seen, p.Dial)
		if w.exists(h.text) {
			real = append(real, h)
		} else {
			other = append(other, h)
		}
	}
	if len(real) > 0 {
		return real
	}
	return other
}

// exists reports whether some numbering plan has the number.
func (w *work) exists(text string) bool {
	digits := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, text)
	if strings.Contains(text, "+") {
		return w.home.international(digits).valid
	}
	if rest, ok := w.home.cutAbroad(digits); ok {
		return w.home.international(rest).valid
	}
	return w.home.inland(digits).valid
}

// candidates are the numbers in a text, for a person to pick from.
func candidates(text string, src Source, s Settings) []string {
	w := &work{Plan: Plan{Source: src}, s: s, home: region(s.Region)}
	var all []hit
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r)
	}) {
		plain, code := unwrap(line)
		if code != "" {
			continue
		}
		if plain, _, code = narrow(plain); code == "" {
			all = append(all, hits(plain)...)
		}
	}
	found := w.choose(all[:min(len(all), maxHits)])
	var out []string
	for _, h := range found[:min(len(found), maxOffered)] {
		out = append(out, h.text)
	}
	return out
}
