package number

import "strings"

// route decides how the PBX reaches the number, and what about it is asked
// first.
func (w *work) route(n written) Code {
	switch {
	case n.plus && n.isCode():
		return InvalidCharacter
	case n.isCode():
		return w.routeCode(n)
	}
	n = w.trunkZero(n)
	switch {
	case n.plus:
		return w.routePlus(n)
	case n.local:
		if len(n.text) > maxPublic {
			return TooManyDigits
		}
		w.inside(RuleContext, n.text)
		return ""
	case n.public || w.s.TypedIs == TypedPublic:
		return w.routePublic(n)
	}
	return w.routeKeypad(n)
}

// routeCode: a feature code is the PBX's own.
func (w *work) routeCode(n written) Code {
	if w.Source == Link && w.s.LinkFeatureCodes == CodesBlock {
		return FeatureCodeBlocked
	}
	if len(n.text) > maxKeypad {
		return TooManyDigits
	}
	if w.Source != Typed {
		w.ask(ReasonFeatureCode)
	}
	w.keep(RuleCode, n.text)
	return ""
}

// routePlus: a number with its country's code.
func (w *work) routePlus(n written) Code {
	if len(n.text) < minPlus {
		return TooShort
	}
	if len(n.text) > maxPublic {
		return TooManyDigits
	}
	r := w.home.international(n.text)
	w.judge(r, w.Source != Typed)
	switch {
	case w.goesHome(r):
		w.outside(r.atHome(), RuleHome)
	case w.s.Plus == PlusKeep:
		w.keep(RulePlus, "+"+n.text)
	default:
		w.outside("00"+n.text, RulePlus)
	}
	return ""
}

// routeKeypad: digits that go out as they were typed. Only what they would
// cost is looked at, behind the outside line.
func (w *work) routeKeypad(n written) Code {
	if len(n.text) > maxKeypad || n.grouped && len(n.text) > maxGrouped {
		return TooManyDigits
	}
	w.keep(RuleKeypad, n.text)
	if len(n.text) <= w.s.ExtMaxLen {
		return ""
	}
	number := n.text
	if rest, ok := strings.CutPrefix(number, w.s.Prefix); ok && w.s.Prefix != "" {
		w.Outside = w.s.Prefix // keyed in by the person
		number = rest
	}
	w.judge(w.readDigits(number), false)
	return ""
}

// readDigits reads digits that begin with 00, or are the home country's.
func (w *work) readDigits(digits string) reading {
	if rest, ok := w.home.cutAbroad(digits); ok {
		return w.home.international(rest)
	}
	return w.home.inland(digits)
}

// routePublic: digits as they stand on paper.
func (w *work) routePublic(n written) Code {
	digits, carried := n.text, ""
	switch {
	case w.home.emergency(digits):
		w.inside(RuleEmergency, digits)
		return ""
	case len(digits) <= w.s.ExtMaxLen:
		w.inside(RuleInternal, digits)
		return ""
	}
	if w.carriesPrefix(digits) {
		carried, digits = w.s.Prefix, digits[len(w.s.Prefix):]
	}
	if rest, ok := w.home.cutAbroad(digits); ok {
		if len(rest) < minPlus {
			return TooShort
		}
		if len(rest) > maxPublic {
			return TooManyDigits
		}
		r := w.home.international(rest)
		// Also where it was typed: the first 0 may have been meant for the
		// outside line, and 00612345678 would ring Australia.
		w.judge(r, true)
		if carried == "" && w.goesHome(r) {
			w.outside(r.atHome(), RuleHome)
			return ""
		}
	} else {
		if len(digits) > maxPublic {
			return TooManyDigits
		}
		r := w.home.inland(digits)
		w.judge(r, w.Source != Typed)
		if !r.valid && w.home.reachesEmergency(digits) {
			w.askEmergency()
		}
	}
	if carried != "" {
		w.keep(RuleHasPrefix, n.text)
		w.Outside = carried
		return ""
	}
	w.outside(digits, "")
	return ""
}

// carriesPrefix reports whether digits stand behind an outside line already, as
// in some phone books. That is so where they are a number only without it.
func (w *work) carriesPrefix(digits string) bool {
	rest, ok := strings.CutPrefix(digits, w.s.Prefix)
	if !ok || w.s.Prefix == "" || rest == "" {
		return false
	}
	if _, abroad := w.home.cutAbroad(digits); abroad || w.home.inland(digits).valid {
		return false
	}
	return w.home.emergency(rest) || w.readDigits(rest).valid
}

// goesHome: the number is dialled as in its own country. One that the country
// does not have keeps the form that is right in any case.
func (w *work) goesHome(r reading) bool {
	return w.s.HomeNational && r.valid && !r.abroad && r.code != 0
}

// judge asks about what a call to r would mean.
func (w *work) judge(r reading, abroad bool) {
	if r.premium {
		w.ask(ReasonPremium)
	}
	if abroad && r.abroad {
		w.ask(ReasonInternational)
	}
}

func (w *work) askEmergency() {
	if w.Source != Typed {
		w.ask(ReasonEmergency)
	}
}

// inside: no outside line is put in front.
func (w *work) inside(rule Rule, digits string) {
	w.keep(rule, digits)
	line, ok := strings.CutPrefix(digits, w.s.Prefix)
	if w.home.emergency(digits) || ok && w.home.emergency(line) {
		w.askEmergency()
	}
}

func (w *work) keep(rule Rule, dial string) {
	w.Dial = dial
	w.decide(rule, dial)
}

// outside is the one place where an outside line is put in front of anything.
// The rule is what made number of the text, if one did.
func (w *work) outside(number string, rule Rule) {
	if rule != "" {
		w.step(rule, number)
	}
	w.Dial, w.Outside = w.s.Prefix+number, w.s.Prefix
	w.step(RulePrefix, w.Dial)
}

// trunkZero decides about a zero between the country's code and the number.
// What is no more than a country's habit is followed without a question; where
// both readings are numbers, or neither, the person decides.
func (w *work) trunkZero(n written) written {
	if n.zero == 0 {
		return w.extraZero(n)
	}
	code := n.text[:n.zero]
	if !n.plus {
		code = w.afterAbroad(code)
	}
	rest := n.text[n.zero+1:]
	kept, dropped := validAbroad(code, "0"+rest), validAbroad(code, rest)
	habit := habitOf(code)
	if habit == zeroKept {
		if dropped || !kept {
			w.ask(ReasonTrunkZero)
		}
		return n
	}
	if habit == zeroUnknown || kept || !dropped {
		w.ask(ReasonTrunkZero)
	}
	return w.dropZero(n, n.zero)
}

// extraZero: +44 020 is a number only without the zero.
func (w *work) extraZero(n written) written {
	if !n.plus {
		return n
	}
	code, rest, ok := callingCode(n.text)
	if !ok || !strings.HasPrefix(rest, "0") || habitOf(code) != zeroDropped ||
		validAbroad(code, rest) || !validAbroad(code, rest[1:]) {
		return n
	}
	w.ask(ReasonTrunkZero)
	return w.dropZero(n, len(code))
}

func (w *work) dropZero(n written, at int) written {
	n.text, n.zero = n.text[:at]+n.text[at+1:], 0
	to := n.text
	if n.plus {
		to = "+" + to
	}
	w.step(RuleTrunkZero, to)
	return n
}
