package number

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxText   = 256 // bytes; the longest number with its decoration is far below
	maxPublic = 15  // digits of an international number, by E.164
	maxShort  = 7   // digits of a short number, with some too many
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
	maxGroups  = 48 // of digits that hang together
)

// work is a Plan in the making.
type work struct {
	Plan
	s      Settings
	home   region
	at     string // what the text has become by now
	public bool   // it is read as a public number, whatever the source
	callto bool   // it was a callto: link
	lead   string // the label that was taken off its front
	whole  bool   // nothing was found in it: all of its digits are one number

	// What became of the text when it was tried as one number.
	written    string // without label, extension and pauses
	grouped    bool   // there were separators between the digits
	known      bool   // the plan has it as it is written, or it is this PBX's own
	settled    bool   // what is in doubt about it is asked about, so that no more is looked for
	homely     bool   // the home country's plan has it, and it is a subscriber's
	missing    bool   // no plan has it
	completing bool   // it was completed, and is not once more
}

// Parse says what text is to the PBX. It never panics, and its result depends
// on its arguments alone.
func Parse(text string, src Source, s Settings) Plan {
	p := parse(text, src, s)
	if p.Outcome == Error && len(p.Choices) == 0 && len(text) <= maxOfferIn && utf8.ValidString(text) {
		if p.Error == LineBreak || p.Error == TooLong || slices.Contains(searched, p.Error) {
			p.Choices = choices(text, src, s)
		}
	}
	return s.without(p)
}

// parse is Parse without looking for numbers in a text that is none.
func parse(text string, src Source, s Settings) Plan {
	w := &work{Plan: Plan{Input: text, Source: src}, s: s.complete(), home: region(s.Region), at: text, public: src != Typed}
	if code := w.read(text); code != "" {
		w.fail(code)
		return w.Plan
	}
	// The last line of defence for what follows in ami: no rule above is
	// trusted to have kept everything out.
	if !dialable(w.Dial) {
		w.Choices = nil
		w.fail(InvalidCharacter)
		return w.Plan
	}
	w.settle()
	return w.Plan
}

// fail keeps nothing that could be dialled.
func (w *work) fail(code Code) {
	w.Plan = Plan{Input: w.Input, Source: w.Source, Outcome: Error, Error: code, Steps: w.Steps, Choices: w.Choices}
}

// settle decides whether the number is asked first.
func (w *work) settle() {
	if w.missing && len(w.Reasons) == 0 {
		w.ask(ReasonNotInPlan)
	}
	trusted := w.s.Confirm == ConfirmTrusted && len(w.Reasons) == 0 && w.homely
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
	} else {
		w.Choices = nil
	}
	w.group()
	w.offerCodes()
}

func (w *work) read(text string) Code {
	if len(text) > maxText {
		return TooLong
	}
	if !utf8.ValidString(text) {
		return InvalidUTF8
	}
	plain, code := unwrap(text)
	if code != "" {
		return code
	}
	if w.Source == Link {
		plain = strings.TrimSpace(text)
	} else {
		w.step(RuleTrim, plain)
		if number, ok := readChatLink(plain); ok {
			w.public = true
			w.step(RuleLink, number)
			w.ask(ReasonExtracted)
			return w.readText(number, nil)
		}
	}
	if w.Source != Link && !isURI(plain) {
		return w.readText(plain, nil)
	}
	w.public = true
	plain, params, code := w.readLink(plain)
	if code != "" {
		return code
	}
	return w.readText(plain, params)
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
	if r == ReasonPremium {
		w.kinds |= kindPremium
	}
	if !slices.Contains(w.Reasons, r) {
		w.Reasons = append(w.Reasons, r)
	}
}

// fork is a copy of w on which something can be tried.
func (w *work) fork() *work {
	f := *w
	f.Steps = slices.Clip(f.Steps)
	f.Reasons = slices.Clip(f.Reasons)
	return &f
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
