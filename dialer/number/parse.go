package number

import (
	"strings"
	"unicode/utf8"
)

const (
	maxText   = 256 // bytes; the longest number with its decoration is far below
	maxPublic = 15  // digits of an international number, by E.164
	minPlus   = 7   // digits of the shortest, with its country's code
	maxKeypad = 40  // what a person may key in, codes and all
	// Digits that a person wrote in groups are a number, not a keypad's
	// sequence: an outside line, 00 and fifteen digits fit.
	maxGrouped = 18
)

// Parse says what text is to the PBX. It never panics, and its result depends
// on its arguments alone.
func Parse(text string, src Source, s Settings) Plan {
	p := Plan{Input: text, Source: src}
	n, code := p.read(text)
	if code == "" {
		code = p.apply(n, s.complete())
	}
	// The last line of defence for what follows in ami: no rule above is
	// trusted to have kept everything out.
	if code == "" && !dialable(p.Dial) {
		code = InvalidCharacter
	}
	if code != "" {
		return Plan{Input: text, Source: src, Outcome: Error, Error: code}
	}
	p.Outcome = Dial
	if src != Typed {
		p.Outcome = Confirm
		p.Reasons = n.reasons(src)
	}
	return p
}

func (s Settings) complete() Settings {
	if s.ExtMaxLen <= 0 {
		s.ExtMaxLen = 4
	}
	return s
}

// digits is a number without its decoration.
type digits struct {
	plus    bool
	text    string // of 0-9 * #
	grouped bool   // there were separators between the digits
	public  bool   // it came as a public number, whatever the source is
}

// isCode reports whether n is a feature code: those are the PBX's own, and
// never get a prefix.
func (n digits) isCode() bool { return strings.ContainsAny(n.text, "*#") }

func (n digits) reasons(src Source) []Reason {
	var rs []Reason
	if n.isCode() {
		rs = append(rs, ReasonFeatureCode)
	}
	switch {
	case src == Link:
		rs = append(rs, ReasonLink)
	case len(rs) == 0:
		rs = append(rs, ReasonPolicy)
	}
	return rs
}

// read takes the number out of its text.
func (p *Plan) read(text string) (digits, Code) {
	if len(text) > maxText {
		return digits{}, TooLong
	}
	if !utf8.ValidString(text) {
		return digits{}, InvalidUTF8
	}
	if p.Source == Link {
		return p.readLink(text)
	}
	plain, code := unwrap(text)
	if code != "" {
		return digits{}, code
	}
	if scheme, ok := schemeOf(plain); ok {
		if scheme != "tel" && scheme != "callto" {
			return digits{}, UnsupportedScheme
		}
		return p.readLink(plain)
	}
	n, code := p.readPlain(plain)
	if code == Letters && p.Source == Clipboard {
		code = NotANumber // people copy all sorts of things
	}
	n.public = p.Source != Typed
	return n, code
}

func (p *Plan) step(rule Rule, before, after string) {
	if before != after {
		p.Steps = append(p.Steps, Step{Rule: rule, Before: before, After: after})
	}
}

// apply is the one place where an outside line is put in front of anything.
func (p *Plan) apply(n digits, s Settings) Code {
	public := n.public || s.TypedIs == "public"
	switch {
	case n.plus && n.isCode():
		return InvalidCharacter
	case n.plus && len(n.text) < minPlus:
		return TooShort
	case (n.plus || public && !n.isCode()) && len(n.text) > maxPublic,
		n.grouped && !n.isCode() && len(n.text) > maxGrouped,
		len(n.text) > maxKeypad:
		return TooManyDigits
	}

	internal := n.isCode() || !n.plus && len(n.text) <= s.ExtMaxLen
	switch {
	case n.plus && s.Plus == "keep":
		p.Dial = "+" + n.text
	case n.plus:
		p.step(RulePlus, "+"+n.text, "00"+n.text)
		p.prefix("00"+n.text, s.Prefix)
	case internal:
		p.Dial = n.text
	case public:
		p.prefix(n.text, s.Prefix)
	default:
		p.Dial = n.text
		if s.Prefix != "" && strings.HasPrefix(n.text, s.Prefix) {
			p.Outside = s.Prefix // keyed in by the person
		}
	}
	return ""
}

func (p *Plan) prefix(number, prefix string) {
	p.Dial, p.Outside = prefix+number, prefix
	p.step(RulePrefix, number, p.Dial)
}

// dialable is ^\+?[0-9*#]{1,42}$.
func dialable(s string) bool {
	s = strings.TrimPrefix(s, "+")
	if s == "" || len(s) > 42 {
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
