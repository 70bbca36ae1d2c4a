package number

import "strings"

// routeTyped: digits that were typed as people read them, or with the outside line
// in front: the home country's plan knows which.
func (w *work) routeTyped(n written) Code {
	digits := n.text
	if len(digits) > maxKeypad || n.grouped && len(digits) > maxGrouped {
		return TooManyDigits
	}
	line, carries := w.cutLine(digits)
	switch {
	case w.home.emergency(digits):
		w.known = true
		w.keep(RuleEmergency, digits)
		return ""
	case len(digits) <= w.s.ExtMaxLen:
		w.known = true
		w.keep(RuleInternal, digits)
		return ""
	}
	without, with := w.isNumber(digits), carries && w.isNumber(line)
	if without && with && w.linesApart(digits) {
		without = false
	}
	if without && with {
		switch w.s.TypedLine {
		case LineMissing:
			with = false
		case LineTyped:
			without = false
		default:
			return w.eitherLine(n)
		}
	}
	switch {
	case without && w.s.Prefix == "":
		w.known = true
		w.askTypedKind(digits, true)
		w.keep(RuleKeypad, digits)
	case without:
		w.known = true
		if rest, ok := w.home.cutAbroad(digits); ok {
			if r := w.home.international(rest); w.dialsNational(r) {
				w.askKind(r, false)
				w.outside(r.atHome(), RuleHome)
				return ""
			}
		}
		w.askTypedKind(digits, true)
		w.outside(digits, "")
	case with:
		w.known = true
		w.askTypedKind(line, true)
		w.keep(RuleHasPrefix, digits)
		w.Outside = w.s.Prefix
	default:
		if w.complete(n) {
			return ""
		}
		if carries {
			w.askTypedKind(line, true)
			w.Outside = w.s.Prefix
		}
		// Nobody types a code in groups, or one that begins like a call abroad.
		_, abroad := w.home.cutAbroad(digits)
		w.missing = (n.grouped || abroad) && w.home.code() != 0
		w.askTypedKind(digits, false)
		w.keep(RuleKeypad, digits)
	}
	return ""
}

// linesApart reports whether what was typed has the outside line in a group of its
// own, as no number of the home country is written.
func (w *work) linesApart(digits string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(w.written), " ")
	group, _, _ := strings.Cut(w.home.homeGroups(digits), " ")
	return first == w.s.Prefix && group != w.s.Prefix
}

// isNumber reports whether digits are a number as dialled in the home country: one
// here or abroad, a short one, or an emergency number.
func (w *work) isNumber(digits string) bool {
	short, _ := w.home.short(digits)
	return short || w.home.emergency(digits) || w.home.reads(digits)
}

// askTypedKind asks about the price of what was typed, behind the outside line or not.
func (w *work) askTypedKind(digits string, behind bool) {
	r := w.readDigits(digits)
	if rest, ok := w.home.cutCarrier(digits); ok && !r.valid {
		w.askKind(w.readDigits(rest), false)
	}
	w.askKind(r, false)
	w.askShort(digits, behind)
	w.Region = r.region
}

// eitherLine: the digits are a number as they are, and one behind the outside line.
// The person sees both.
func (w *work) eitherLine(n written) Code {
	var both []Plan
	for _, line := range []string{LineMissing, LineTyped} {
		f := w.fork()
		f.s.TypedLine = line
		if code := f.routeTyped(n); code != "" {
			return code
		}
		f.ask(ReasonOutsideLine)
		f.settle()
		f.Line = line
		both = append(both, f.Plan)
	}
	w.s.TypedLine = LineMissing
	if code := w.routeTyped(n); code != "" {
		return code
	}
	w.ask(ReasonOutsideLine)
	w.Choices, w.settled = both, true
	return ""
}

// routeKeypad is for digits that are dialled as they were typed. Only their price is
// checked, behind the outside line.
func (w *work) routeKeypad(n written) Code {
	if len(n.text) > maxKeypad || n.grouped && len(n.text) > maxGrouped {
		return TooManyDigits
	}
	w.keep(RuleKeypad, n.text)
	if len(n.text) <= w.s.ExtMaxLen {
		w.known = true
		return ""
	}
	number := n.text
	if rest, ok := w.cutLine(number); ok {
		w.Outside = w.s.Prefix // keyed in by the person
		number = rest
		w.known = w.home.reads(n.text)
	}
	r := w.readDigits(number)
	w.known = w.known || r.valid
	w.Region = r.region
	w.askKind(r, false)
	w.askShort(number, w.Outside != "")
	return ""
}

// cutLine takes the outside line off the front of digits.
func (w *work) cutLine(digits string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(digits, w.s.Prefix)
	return rest, ok && w.s.Prefix != "" && rest != ""
}
