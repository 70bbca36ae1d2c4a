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
		w.known = true
		w.inside(RuleContext, n.text)
		return ""
	case n.public || w.s.TypedIs == TypedPublic:
		return w.routePublic(n)
	case w.s.TypedIs == TypedPlan:
		return w.routeTyped(n)
	}
	return w.routeKeypad(n)
}

// routeCode is for a feature code, which is the PBX's own. The price of a number
// inside it is checked all the same.
func (w *work) routeCode(n written) Code {
	if w.Source == Link && w.s.LinkFeatureCodes == CodesBlock {
		return FeatureCodeBlocked
	}
	if len(n.text) > maxKeypad {
		return TooManyDigits
	}
	w.kinds |= kindServiceCode
	if w.Source != Typed {
		w.ask(ReasonFeatureCode)
	}
	for _, part := range strings.FieldsFunc(n.text, func(r rune) bool { return !isDigit(r) }) {
		if len(part) >= enough && (w.readDigits(part).premium || w.readDigits(strings.TrimPrefix(part, w.s.Prefix)).premium) {
			w.ask(ReasonPremium)
		}
		if len(part) >= enough && (w.readDigits(part).foreign || w.readDigits(strings.TrimPrefix(part, w.s.Prefix)).foreign) {
			w.kinds |= kindAbroad
		}
	}
	w.known = true
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
	if !r.valid && w.complete(n) {
		return ""
	}
	if strings.HasPrefix(n.text, "0") && w.home.code() != 0 {
		return MisplacedPlus // no country's code begins like this
	}
	w.askKind(r, w.Source != Typed)
	w.found(r)
	switch {
	case w.dialsNational(r):
		w.outside(r.atHome(), RuleHome)
	case w.s.Plus == PlusKeep:
		w.keep(RulePlus, "+"+n.text)
	default:
		w.outside("00"+n.text, RulePlus)
	}
	return ""
}

// found notes whether some plan has what r reads.
func (w *work) found(r reading) {
	w.known = w.known || r.valid
	w.missing = !r.valid && w.home.code() != 0
	w.homely = r.valid && !r.foreign && w.home.code() != 0
	w.Region = r.region
}

// askShort asks about a short number that is expensive, and behind an outside line also
// about one with digits too many: the network may connect it after the first ones.
func (w *work) askShort(digits string, behind bool) {
	known, dear := w.home.short(digits)
	if dear || behind && !known && !w.home.reads(digits) && w.home.beginsShort(digits) {
		w.ask(ReasonPremium)
	}
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
	short, dear := w.home.short(digits)
	switch {
	case w.home.emergency(digits):
		w.known = true
		w.inside(RuleEmergency, digits)
		return ""
	case len(digits) <= w.s.ExtMaxLen && short && w.Source != Typed:
		w.publicShort(digits, dear)
		return ""
	case len(digits) <= w.s.ExtMaxLen:
		w.known = true
		w.inside(RuleInternal, digits)
		return ""
	}
	if w.carriesPrefix(digits) {
		if code, rest, ok := callingCode(digits); ok && len(digits) > 10 && validAbroad(code, rest) {
			w.ask(ReasonOutsideLine) // or it is +91 812…, and lost its +
			w.settled = true
		}
		carried, digits = w.s.Prefix, digits[len(w.s.Prefix):]
		short, dear = w.home.short(digits)
	}
	rest, abroad := w.home.cutAbroad(digits)
	switch {
	case abroad:
		if len(rest) < minPlus {
			return TooShort
		}
		if len(rest) > maxPublic {
			return TooManyDigits
		}
		r := w.home.international(rest)
		if !r.valid && carried == "" && w.complete(written{plus: true, text: rest, grouped: n.grouped}) {
			return ""
		}
		// Also where it was typed: the first 0 may have been meant for the
		// outside line, and 00612345678 would ring Australia.
		w.askKind(r, true)
		w.found(r)
		if carried == "" && w.dialsNational(r) {
			w.outside(r.atHome(), RuleHome)
			return ""
		}
	case short:
		w.known = true
		switch {
		case dear:
			w.ask(ReasonPremium)
		case w.Source != Typed && !w.home.free(digits):
			w.ask(ReasonPublicShort)
		}
	default:
		if len(digits) > maxPublic {
			return TooManyDigits
		}
		r := w.home.inland(digits)
		if !r.valid && len(digits) <= maxShort && w.home.beginsShort(digits) {
			w.ask(ReasonPremium)
		}
		if !r.valid && carried == "" && w.complete(n) {
			return ""
		}
		if behind, ok := w.home.cutCarrier(digits); ok && !r.valid {
			w.ask(ReasonCarrier)
			w.settled = true
			w.askKind(w.readDigits(behind), w.Source != Typed)
		}
		w.askKind(r, w.Source != Typed)
		w.askShort(digits, true)
		w.found(r)
		if !r.valid && w.home.reachesEmergency(digits) {
			w.askEmergency()
		}
	}
	w.missing = w.missing && w.Source != Typed
	if carried != "" {
		w.keep(RuleHasPrefix, n.text)
		w.Outside = carried
		return ""
	}
	w.outside(digits, "")
	return ""
}

// publicShort is for digits as short as an extension that are also a public number.
// Copied or clicked ones are more likely the latter.
func (w *work) publicShort(digits string, dear bool) {
	w.ask(ReasonPublicShort)
	inside := w.fork()
	inside.inside(RuleInternal, digits)
	inside.settle()
	if dear {
		w.ask(ReasonPremium)
	}
	w.outside(digits, "")
	w.settled = true
	if w.s.Prefix != "" {
		public := w.fork()
		public.settle()
		w.Choices = []Plan{public.Plan, inside.Plan}
	}
}

// carriesPrefix reports whether digits begin with the outside line already, as in some
// phone books: they are a number only without it.
func (w *work) carriesPrefix(digits string) bool {
	rest, ok := strings.CutPrefix(digits, w.s.Prefix)
	if !ok || w.s.Prefix == "" || rest == "" {
		return false
	}
	if _, abroad := w.home.cutAbroad(digits); abroad || w.home.inland(digits).valid {
		return false
	}
	if abroad, ok := strings.CutPrefix(digits, "00"); ok && w.home.international(abroad).valid {
		return false // 00 of elsewhere
	}
	short, _ := w.home.short(rest)
	return short || w.home.emergency(rest) || w.readDigits(rest).valid
}

// dialsNational: the number is dialled as in its own country. One that the country
// does not have keeps the form that is right in any case.
func (w *work) dialsNational(r reading) bool {
	return w.s.HomeNational && r.valid && !r.abroad && r.code != 0
}

// askKind asks about a call to r where it is expensive, abroad or an emergency call.
func (w *work) askKind(r reading, ask bool) {
	if r.premium {
		w.ask(ReasonPremium)
	}
	if r.foreign {
		w.kinds |= kindAbroad
	}
	if ask && r.foreign {
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
			w.askZero()
		}
		return n
	}
	if habit == zeroUnknown || kept || !dropped {
		w.askZero()
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
	w.askZero()
	return w.dropZero(n, len(code))
}

func (w *work) askZero() {
	w.ask(ReasonTrunkZero)
	w.settled = true
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
