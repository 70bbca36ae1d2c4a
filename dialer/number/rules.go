package number

import (
	"strings"

	"cornetta/dialer/setting"
)

// A rule of the person's own, or their administrator's, is "pattern = replacement". In the
// pattern a digit, +, * and # stand for themselves, x for any digit, and dots at the end
// for all that follows, at least one digit. In the replacement there are as many x, in
// their order, or none, and dots are what the dots were: "7xx = 050 71 7xx", "00... = +...".
//
// It is no regular expression: whoever runs an office's telephones can write it, it means
// the whole number and so cannot fit by accident, and it takes one pass.
//
// The first rule that fits replaces the number, once, before the plan is asked. What is
// expensive, abroad or an emergency is asked about all the same, by what stands in the text
// and by what the rule made of it; a call for help is never replaced.
type rule struct{ pattern, replacement string }

const (
	maxRules = 50
	maxRule  = 100 // bytes
)

// readRule reads a rule; ok is false where it is none.
func readRule(text string) (r rule, ok bool) {
	if len(text) > maxRule {
		return r, false
	}
	pattern, replacement, ok := strings.Cut(text, "=")
	if !ok {
		return r, false
	}
	r.pattern, ok = readSide(pattern)
	if !ok {
		return r, false
	}
	if r.replacement, ok = readSide(replacement); !ok {
		return r, false
	}
	rest := strings.HasSuffix(r.replacement, ".")
	some := strings.Count(r.replacement, "x")
	return r, (some == 0 || some == strings.Count(r.pattern, "x")) && (!rest || strings.HasSuffix(r.pattern, "."))
}

// readSide is one side of a rule without spaces and the like, with one dot for many.
func readSide(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(strings.ReplaceAll(text, "…", ".")))
	stem := strings.TrimRight(text, ".")
	rest := len(stem) < len(text)
	var kept strings.Builder
	for i, r := range stem {
		switch {
		case isDialSign(r), r == 'x', r == '+' && i == 0:
			kept.WriteRune(r)
		case !isSeparator(r) || r == '.':
			return "", false
		}
	}
	if rest {
		kept.WriteByte('.')
	}
	return kept.String(), strings.Trim(kept.String(), "+.") != "" || kept.Len() > 1 && rest
}

// apply is what the rule makes of a number, with its plus if it has one.
func (r rule) apply(number string) (string, bool) {
	stem, open := strings.CutSuffix(r.pattern, ".")
	if len(number) < len(stem) || open == (len(number) == len(stem)) {
		return "", false
	}
	var digits []byte
	for i := range len(stem) {
		switch {
		case stem[i] == 'x' && isDigit(rune(number[i])):
			digits = append(digits, number[i])
		case stem[i] != number[i]:
			return "", false
		}
	}
	var made strings.Builder
	for i := range len(r.replacement) {
		switch c := r.replacement[i]; c {
		case 'x':
			made.WriteByte(digits[0])
			digits = digits[1:]
		case '.':
			made.WriteString(strings.TrimPrefix(number[len(stem):], "+"))
		default:
			made.WriteByte(c)
		}
	}
	return made.String(), true
}

// ownRule is n as the first rule that fits has it.
func (w *work) ownRule(n written) (written, bool) {
	number := n.text
	if n.plus {
		number = "+" + number
	}
	if len(w.s.OwnRules) == 0 || w.home.emergency(n.text) || w.home.reachesEmergency(n.text) || len(number) > maxDial {
		return n, false
	}
	for _, text := range w.s.OwnRules {
		r, ok := readRule(text)
		if !ok {
			continue
		}
		made, ok := r.apply(number)
		if !ok || made == number || !dialable(made) {
			continue
		}
		w.decide(RuleOwn, made)
		w.written = made
		made, plus := strings.CutPrefix(made, "+")
		return written{plus: plus, text: made, public: n.public, local: n.local}, true
	}
	return n, false
}

// askBeyond asks about what a rule has made of a number: what it was before is asked about
// as ever, as is what it has become and was not.
func (w *work) askBeyond(before *work) {
	for _, r := range []Reason{ReasonPremium, ReasonInternational, ReasonEmergency, ReasonFeatureCode} {
		for _, had := range before.Reasons {
			if had == r {
				w.ask(r)
			}
		}
	}
	if w.kinds&^before.kinds&kindAbroad != 0 {
		w.ask(ReasonInternational)
	}
	w.kinds |= before.kinds
	if w.callsForHelp() {
		w.ask(ReasonEmergency)
	}
	w.homely = false // a link is asked about
	w.settled = true // and nothing else is looked for in what was written
}

func checkOwnRules(all []string) string {
	if len(all) > maxRules {
		return setting.CodeTooLong
	}
	for _, text := range all {
		if _, ok := readRule(text); !ok {
			return setting.CodeInvalid
		}
	}
	return ""
}
