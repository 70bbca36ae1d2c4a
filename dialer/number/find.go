package number

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var run = lazily(`[+(]{0,2}\d[\d \x{00a0}\x{2000}-\x{200a}\x{202f}\x{3000}().·/+‐-―−-]*`)

// hit is a number found in a text.
type hit struct {
	text      string
	label     string // the word in front of it
	extension string // of the called side, which follows it, as it is written
	code      string // the same for pauses and a PIN
}

// find looks for numbers in a line of text: those that the numbering plan has, or,
// where there are none, digits that only look like one (areReal is false). Each comes
// once, fax numbers last.
func (w *work) find(text string) (found []hit, areReal bool) {
	masked := w.maskExtensions(maskOther(text))
	var real, other []hit
	damaged := confusable().MatchString(text)
	for _, at := range run().FindAllStringIndex(masked, maxHits) {
		from, to := w.stands(masked, at[0], at[1])
		if from >= to || otherBefore().MatchString(masked[:from]) {
			continue
		}
		part := masked[from:to]
		for _, s := range w.segments(part) {
			h := hit{text: tidy(part[s.start:s.end]), label: wordBefore(w.lead + text[:from+s.start])}
			if h.label == "" && faxBehind().MatchString(text[from+s.end:]) {
				h.label = "fax"
			}
			h.extension = extensionNext().FindString(text[from+s.end:])
			if m := codeNext().FindStringSubmatch(text[from+s.end:]); m != nil && h.extension == "" {
				h.code = cmp.Or(m[1], string(pause)+m[2])
			}
			real = append(real, h)
		}
		if len(real) > 0 || damaged || from != at[0] {
			continue // what is left of a number that is damaged is not one
		}
		for _, piece := range w.pieces(part) {
			if n := count(piece); n > enough && n <= maxGrouped && !isOther(piece) {
				other = append(other, hit{text: tidy(piece), label: wordBefore(w.lead + text[:from])})
			}
		}
	}
	if len(real) == 0 {
		return w.distinct(other), false
	}
	return w.distinct(real), true
}

var faxBehind = lazily(`(?i)^\s*(?:[(\[]\s*(?:tele)?fax\b|(?:tele)?fax\s*(?:[,;)\]]|$))`)

// confusable are digits with a letter in the place of one: O6, 05O.
var confusable = lazily(`(?:^|[^\p{L}\d])(?:\d+[OoIl]+|[OoIl]+\d+)[\dOoIl]*(?:$|[^\p{L}\d])`)

var extensionNext = lazily(`(?i)^[\s,;(/-]*(?:(?:` + extensionWords + `)` + numberSign + `|#)\s*\d{1,8}\b[#*]?`)

// codeNext are pauses with what is keyed in after them, or the PIN of a conference, as its
// invitations have it.
var codeNext = lazily(`(?i)^\s?(,{2,}[\d*#,]+)|^[\s,;(–-]*(?:pin|passcode|access code|codice (?:di |d['’])accesso|(?:conference|meeting) id|id (?:riunione|conferenza))[\s:.]*(\d(?:[\d ]{1,14}\d)?#?)`)

// distinct leaves out what cannot be dialled and what is there twice.
func (w *work) distinct(all []hit) []hit {
	var out []hit
	var seen []Plan
	for _, h := range all {
		p := w.choice(h)
		if p.Outcome == Error || slices.ContainsFunc(seen, func(o Plan) bool { return sameNumber(o, p) }) {
			continue
		}
		seen = append(seen, p)
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b hit) int {
		return cmp.Compare(bit(isFax(a.label)), bit(isFax(b.label)))
	})
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maskExtensions puts gaps in the place of extensions that follow a number: their
// digits are nobody's number.
func (w *work) maskExtensions(text string) string {
	b := []byte(text)
	for at := 0; at < len(b); {
		m := extensionInText().FindIndex(b[at:])
		if m == nil {
			break
		}
		from, to := at+m[0], at+m[1]
		at = to
		after := strings.TrimLeft(string(b[to:]), " -/.")
		glued := after != "" && isDigit(rune(after[0])) // "int. 050 1234567"
		number := groupsOf(string(b[:from]))
		if glued || len(number) == 0 || count(string(b[:from])) < enough {
			continue
		}
		for i := from; i < to; i++ {
			b[i] = gap
		}
	}
	return string(b)
}

// stands narrows text[from:to] to the groups that are separate words: the digits of a
// web address, an account or a file's name are no numbers to call, and "24h" or "12b"
// is not part of one.
func (w *work) stands(text string, from, to int) (int, int) {
	to = from + len(strings.TrimRight(text[from:to], " \u00a0+(./·-‐‑‒–—―−"))
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, size := utf8.DecodeRuneInString(text[to:])
	begins := from == 0 || unicode.IsSpace(before) || strings.ContainsRune(`:.,;("'«»“”‘’<>[]{}|&•·+→-–—`+string(gap), before) ||
		unicode.Is(unicode.So, before) || before == 0xFE0F || unicode.IsPunct(before) && before > unicode.MaxASCII
	if unicode.IsLetter(before) {
		begins = text[from] == '(' || text[from] == '+' || !spaced(before) || labelWord().MatchString(text[:from]) ||
			plainWord().MatchString(text[:from]) && !confusable().MatchString(text) && w.has(tidy(text[from:to]))
	}
	ends := to == len(text) || extensionWord().MatchString(text[to:]) || unicode.IsSpace(after) || strings.ContainsRune(`.,;:()!?"'«»“”‘’<>[]{}|&•·+→/-–—`+string(gap), after) ||
		unicode.Is(unicode.So, after) || unicode.IsLetter(after) && !spaced(after) || unicode.IsPunct(after) && after > unicode.MaxASCII
	if next, _ := utf8.DecodeRuneInString(text[min(to+size, len(text)):]); after == '.' && unicode.IsLetter(next) {
		ends = false
	}
	groups := groupsOf(text[from:to])
	// What is dropped is no more than "24h" or "12b": not a part of a number.
	if !begins {
		if len(groups) < 2 || groups[0].end-groups[0].start > 3 {
			return from, from
		}
		from, groups = from+groups[1].start, nil
		groups = groupsOf(text[from:to])
	}
	if !ends {
		if last := len(groups) - 1; last < 1 || groups[last].end-groups[last].start > 3 {
			return from, from
		}
		to = from + groups[len(groups)-2].end
	}
	return from, to
}

// extensionWord is an "x" behind a number of which no digits follow.
var extensionWord = lazily(`(?i)^(?:` + extensionWords + `)(?:$|[\s.,;)])`)

// spaced reports whether a letter is of a script that puts spaces between words.
func spaced(r rune) bool { return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) }

// tidy removes separators and unpaired brackets at both ends.
func tidy(text string) string {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return !isDigit(r) && r != '+' && r != '(' })
	text = strings.TrimRightFunc(text, func(r rune) bool { return !isDigit(r) && r != ')' })
	if strings.Count(text, "(") != strings.Count(text, ")") {
		text = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r == '(' || r == ')' {
				return ' '
			}
			return r
		}, text))
	}
	return text
}

// segments cuts digits and separators into the numbers that the plan has, so that
// as many digits as possible are part of one, in as few as possible.
func (w *work) segments(part string) []digitGroup {
	groups := groupsOf(part)
	groups = groups[:min(len(groups), maxGroups)]
	type solution struct {
		digits  int
		crossed int // borders between parts that lie inside a number
		all     []digitGroup
	}
	better := func(a, b solution) bool {
		if a.digits != b.digits {
			return a.digits > b.digits
		}
		if a.crossed != b.crossed {
			return a.crossed < b.crossed
		}
		return len(a.all) <= len(b.all)
	}
	// Behind a country's code no number of another country begins.
	abroad := strings.HasPrefix(part, "+") || len(groups) > 0 && w.afterAbroad(onlyDigits(part)) != "" && strings.HasPrefix(part, "0")
	best := make([]solution, len(groups)+1)
	for i := len(groups) - 1; i >= 0; i-- {
		best[i] = best[i+1]
		digits := 0
		for j := i; j < len(groups); j++ {
			if digits += groups[j].end - groups[j].start; digits > maxGrouped {
				break
			}
			if j > i && strings.Contains(part[groups[j-1].end:groups[j].start], "+") {
				break // another begins
			}
			if digits < enough {
				continue
			}
			if len(groups) > j-i+1 && digits <= enough {
				continue // too short to stand beside other digits
			}
			if i > 0 && abroad && !parts().MatchString(part[groups[0].start:groups[i].start]) && !strings.Contains(part[groups[0].end:groups[i].start], "+") {
				continue
			}
			rest := best[j+1]
			s := solution{digits: digits + rest.digits, crossed: rest.crossed + len(parts().FindAllString(part[groups[i].start:groups[j].end], -1))}
			s.all = append([]digitGroup{{}}, rest.all...)
			if !better(s, best[i]) {
				continue
			}
			start := groups[i].start
			for start > 0 && (part[start-1] == '(' || part[start-1] == '+' && !strings.Contains(part[start:groups[i].start], "+")) &&
				(i == 0 || start > groups[i-1].end) {
				start--
			}
			end := groups[j].end
			if !w.has(tidy(part[start:end])) {
				// The + may join it to the one before: "050 1234567 +333 1234567".
				if part[start] != '+' || i == 0 || !w.has(tidy(part[groups[i].start:end])) {
					continue
				}
				start = groups[i].start
			}
			s.all[0] = digitGroup{start, end}
			best[i] = s
		}
	}
	return best[0].all
}

// has reports whether the plan has a text as one number, all of it.
func (w *work) has(text string) bool {
	f := w.copied(text)
	one, code := f.one(text, nil)
	return code == "" && one.known && f.head(one) == ""
}

// choices are the numbers in a text of several lines, for a person to pick from.
func choices(text string, src Source, s Settings) []Plan {
	w := &work{Plan: Plan{Source: Clipboard}, s: s.complete(), home: region(s.Region), public: true}
	var all []hit
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r)
	}) {
		plain, code := unwrap(line)
		if code != "" {
			continue
		}
		if plain, _, code = narrow(plain, true); code == "" && len(all) < maxHits {
			found, _ := w.find(plain)
			all = append(all, found...)
		}
	}
	var out []Plan
	for _, h := range w.distinct(all[:min(len(all), maxHits)]) {
		if len(out) < maxOffered {
			out = append(out, w.choice(h))
		}
	}
	return out
}
