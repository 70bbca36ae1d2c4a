package number

import (
	"slices"
	"strings"
)

// readText reads a text in which a person wrote a number: alone, with something
// beside it, or with others.
func (w *work) readText(text string, params []parameter) Code {
	wide := strings.ContainsFunc(text, func(r rune) bool { return r >= wideZero && r <= wideZero+9 })
	text, converted, code := narrow(text, w.Source != Typed)
	if code != "" {
		return code
	}
	if converted {
		w.ask(ReasonConvertedDigits)
	}
	w.step(RuleDigits, text)
	text = w.trim(text)
	if rest := cutLabel(text); rest != text {
		w.lead = strings.TrimSuffix(text, rest)
		if text = rest; wide {
			w.ask(ReasonConvertedDigits) // and there was more around them
		}
		w.step(RuleLabel, text)
		text = w.trim(text)
	}
	if inside, ok := cutStars(text); ok && w.Source != Typed {
		if f, code := w.one(inside, params); code == "" && f.known {
			w.instead(inside, params, ReasonExtracted)
			return ""
		}
	}
	if w.Source != Typed && isOther(text) {
		f, code := w.one(text, params)
		if code != "" || !f.known {
			return NotANumber
		}
		w.ask(ReasonRunTogether) // 06.12.24 may be a date
	}
	cut := func(rest string, ok bool) bool {
		if ok {
			if f, code := w.one(rest, params); code == "" && (f.known || f.settled) {
				w.instead(rest, params, ReasonExtracted)
				return true
			}
		}
		return false
	}
	if cut(cutDecimal(text)) {
		return ""
	}
	one, code := w.one(text, params)
	if code != "" || !one.known {
		if cut(cutListMark(text)) {
			return ""
		}
	}
	var head string
	if code == "" {
		head = w.head(one)
		if head == "" && (one.known || one.settled) || w.Source == Typed && !one.grouped {
			*w = *one
			return ""
		}
	} else if w.Source == Typed || !slices.Contains(searched, code) {
		return code
	}
	return w.several(text, params, one, head, code)
}

// trim removes what is around the digits and not part of the number.
func (w *work) trim(text string) string {
	if inside := trimmed(text); count(inside) > 0 {
		w.step(RuleTrim, inside)
		return inside
	}
	return text
}

// searched is what may be wrong with a text as a whole that has a number in it.
var searched = []Code{Letters, InvalidCharacter, MultipleNumbers, AmbiguousSeparator, TooManyDigits, MisplacedPlus}

// several looks for numbers in a text that is not plainly one. As one it is what
// became of one, or wrong, as code says; head is a number at its beginning behind
// which hardly anything follows.
func (w *work) several(text string, params []parameter, one *work, head string, code Code) Code {
	var found []hit
	switch {
	case head != "":
		found = []hit{{text: head}}
	case code != "":
		found, _ = w.find(text)
	default:
		var real bool
		if found, real = w.find(text); !real || len(found) == 0 || strings.HasPrefix(text, "+") && !strings.HasPrefix(found[0].text, "+") {
			found = nil // what stands behind a country's code is no number without it
		}
	}
	var all []Plan
	for _, h := range found {
		if p := w.choice(h); code != "" || !sameNumber(p, one.Plan) {
			all = append(all, p)
		}
	}
	reason := ReasonRunTogether
	if code != "" && code != AmbiguousSeparator {
		reason = ReasonExtracted
	}
	switch {
	case len(all) == 0 && !w.whole:
		w.whole = true
		if again, code := w.one(text, params); code == "" {
			*w = *again
			return ""
		}
		return w.several(text, params, one, head, code)
	case len(all) == 0 && code == "":
		*w = *one
		return ""
	case len(all) == 0:
		if code == Letters && (w.Source == Clipboard || w.callto) {
			return NotANumber
		}
		return code
	case len(all) > 1:
		w.Choices = all[:min(len(all), maxOffered)]
		return MultipleNumbers
	case code == InvalidCharacter && w.Source == Link:
		w.Choices = all
		return code // a link with more than a number in it is not dialled
	}
	w.public = true
	h := found[slices.IndexFunc(found, func(h hit) bool { return h.text == all[0].Input })]
	w.behind(h)
	w.instead(h.text, params, reason)
	if len(params) > 0 {
		return "" // a link's parameters are for one number
	}
	w.Choices = all
	if code == "" && dialable(one.Dial) {
		one.ask(ReasonRunTogether)
		one.Choices = nil
		one.settle()
		w.Choices = append(w.Choices, one.Plan)
	}
	return ""
}

// parts are joined by more than a space.
var parts = lazily(`\t|\s[-‐-―−/]+\s|[-‐-―−]{2}|\s{3}`)

// sameNumber reports whether two plans call the same.
func sameNumber(a, b Plan) bool {
	return a.Dial == b.Dial || strings.TrimPrefix(a.Dial, a.Outside) == strings.TrimPrefix(b.Dial, b.Outside)
}

// one tries a text as one number.
func (w *work) one(text string, params []parameter) (*work, Code) {
	f := w.fork()
	n, code := f.readNumber(text)
	if code == "" {
		n.public = f.public
		n, code = f.applyParameters(n, params)
	}
	if code == "" {
		f.grouped = n.grouped
		asWritten := n
		before, own := f.fork(), false
		if n, own = f.ownRule(n); own {
			before.completing = true
			f.grouped, f.completing = false, true
			if code = f.route(n); code != "" {
				return f, code
			}
			if before.route(asWritten) == "" {
				f.askBeyond(before)
			} else {
				f.askBeyond(&work{})
			}
			return f, ""
		}
		// Where two things may be joined, each is looked at before anything is put in.
		f.completing = !w.whole && (n.doubt > 0 || parts().MatchString(f.written))
		code = f.route(n)
	}
	if code == "" && f.known && f.Source != Typed && strings.Contains(f.written, "\t") {
		f.ask(ReasonRunTogether) // of two cells of a table
		f.settled = true
	}
	if code == "" && n.doubt > 0 && !f.settled {
		switch head, no := w.one(f.written[:n.doubt], nil); {
		case !f.known, no == "" && head.known && count(f.written[:n.doubt]) >= enough:
			return f, AmbiguousSeparator
		case f.written[n.doubt] == '/':
			f.ask(ReasonRunTogether)
			f.settled = true
		}
	}
	return f, code
}

// instead goes on with a part of the text that one has found to be a number.
func (w *work) instead(text string, params []parameter, why Reason) {
	w.ask(why)
	w.step(RuleExtract, text)
	if f, code := w.one(text, params); code == "" {
		*w = *f
	}
}

// choice is the plan for a number that was found. It was copied, whatever the
// source of the text: nobody keys in more than a number.
func (w *work) choice(h hit) Plan {
	f, code := w.copied(h.text).one(h.text, nil)
	if code == "" && !dialable(f.Dial) {
		code = InvalidCharacter
	}
	if code != "" {
		f.fail(code)
		return f.Plan
	}
	f.behind(h)
	f.settle()
	f.Label = h.label
	return f.Plan
}

// copied begins anew with a text that was copied alone.
func (w *work) copied(text string) *work {
	return &work{Plan: Plan{Input: text, Source: Clipboard}, s: w.s, home: w.home, at: text, public: true}
}

// head is the number at the beginning of one that the plan has as a whole, where
// what follows looks like something else: a range of numbers, a count, a page. ""
// where there is none.
func (w *work) head(one *work) string {
	text := one.written
	if !one.known || one.settled {
		return ""
	}
	groups := groupsOf(text)
	if len(groups) < 2 {
		return ""
	}
	last, before := groups[len(groups)-1], groups[len(groups)-2]
	between := text[before.end:last.start]
	dash := strings.ContainsFunc(between, isDash)
	digits, stem := last.end-last.start, before.end-before.start
	switch {
	case strings.Contains(between, "\t"):
	case dash && strings.ContainsAny(between, " \u00a0") && digits <= 4:
	case digits <= 2 && (stem >= 5 || dash && stem >= 4):
	default:
		return ""
	}
	head := strings.TrimSpace(text[:before.end])
	if count(head) < enough {
		return ""
	}
	if f, code := w.one(head, nil); code != "" || !f.known {
		return ""
	}
	if w.dialledAlong(text, written{plus: strings.HasPrefix(text, "+"), text: onlyDigits(text)}) {
		if strings.Trim(text[last.start:], "0") != "" {
			w.askRange(one, head)
		}
		return ""
	}
	return head
}

// askRange asks about a direct dialling that is not the switchboard's (-0), which
// might also be a range of numbers.
func (w *work) askRange(one *work, head string) {
	one.ask(ReasonRunTogether)
	one.settled = true
	whole := one.fork()
	whole.settle()
	one.Choices = []Plan{whole.Plan, w.choice(hit{text: head})}
}

// digitGroup is where digits stand together in a text.
type digitGroup struct{ start, end int }

func groupsOf(text string) []digitGroup {
	var all []digitGroup
	for i := 0; i < len(text); i++ {
		if !isDigit(rune(text[i])) {
			continue
		}
		g := digitGroup{start: i}
		for i < len(text) && isDigit(rune(text[i])) {
			i++
		}
		g.end = i
		all = append(all, g)
	}
	return all
}
