package number

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxText   = 256 // bytes; the longest number with its decoration is far below
	maxPublic = 15  // digits of an international number, by E.164
	minPlus   = 7   // digits of the shortest, with its country's code
	maxKeypad = 40  // what a person may key in, codes and all
	maxDial   = 42
	// Digits that a person wrote in groups are a number, not a keypad's
	// sequence: an outside line, 00 and fifteen digits fit.
	maxGrouped = 18
	// What a person is offered to pick from: how many numbers, and in how many
	// bytes of text and candidates for a number they are looked for.
	maxOffered = 20
	maxOfferIn = 4 << 10
	maxHits    = 200
)

// work is a Plan in the making.
type work struct {
	Plan
	s    Settings
	home region
	at   string // what the text has become by now
}

// Parse says what text is to the PBX. It never panics, and its result depends
// on its arguments alone.
func Parse(text string, src Source, s Settings) Plan {
	p := parse(text, src, s)
	several := p.Error == MultipleNumbers || p.Error == LineBreak || p.Error == TooLong ||
		p.Error == Letters && src == Typed // pasted: nothing is extracted from what is typed
	if several && src != Link && len(text) <= maxOfferIn && utf8.ValidString(text) {
		p.Candidates = candidates(text, src, s)
	}
	return p
}

// parse is Parse without the candidates, which are found by it.
func parse(text string, src Source, s Settings) Plan {
	w := &work{Plan: Plan{Input: text, Source: src}, s: s.complete(), home: region(s.Region), at: text}
	n, code := w.read(text)
	if code == "" {
		code = w.route(n)
	}
	// The last line of defence for what follows in ami: no rule above is
	// trusted to have kept everything out.
	if code == "" && !dialable(w.Dial) {
		code = InvalidCharacter
	}
	if code != "" {
		w.fail(code)
		return w.Plan
	}
	w.settle()
	return w.Plan
}

// fail keeps nothing that could be dialled.
func (w *work) fail(code Code) {
	w.Plan = Plan{Input: w.Input, Source: w.Source, Outcome: Error, Error: code, Steps: w.Steps}
}

// settle decides whether the number is asked first.
func (w *work) settle() {
	// Where no home country is known nobody can say what a number costs.
	trusted := w.s.Confirm == ConfirmTrusted && len(w.Reasons) == 0 && w.home.code() != 0
	if w.Source == Link && !trusted {
		w.ask(ReasonLink)
	}
	if w.s.Confirm == ConfirmAlways {
		w.ask(ReasonPolicy)
	}
	w.Outcome = Dial
	if len(w.Reasons) > 0 {
		w.Outcome = Confirm
		slices.Sort(w.Reasons)
	}
}

func (w *work) read(text string) (written, Code) {
	if len(text) > maxText {
		return written{}, TooLong
	}
	if !utf8.ValidString(text) {
		return written{}, InvalidUTF8
	}
	plain, code := unwrap(text)
	if code != "" {
		return written{}, code
	}
	if w.Source == Link {
		return w.readLink(strings.TrimSpace(text))
	}
	w.step(RuleTrim, plain)
	if isURI(plain) {
		return w.readLink(plain)
	}
	return w.readText(plain)
}

// step notes a rewriting; one that changed nothing is none.
func (w *work) step(rule Rule, to string) {
	if w.at != to {
		w.decide(rule, to)
	}
}

// decide notes a decision, whether it changed anything or not.
func (w *work) decide(rule Rule, to string) {
	w.Steps = append(w.Steps, Step{Rule: rule, From: w.at, To: to})
	w.at = to
}

func (w *work) ask(r Reason) {
	if !slices.Contains(w.Reasons, r) {
		w.Reasons = append(w.Reasons, r)
	}
}

// dialable is ^\+?[0-9*#]{1,42}$.
func dialable(s string) bool {
	s = strings.TrimPrefix(s, "+")
	if s == "" || len(s) > maxDial {
		return false
	}
	for i := range len(s) {
		if !isDialSign(rune(s[i])) {
			return false
		}
	}
	return true
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isDialSign(r rune) bool { return isDigit(r) || r == '*' || r == '#' }
