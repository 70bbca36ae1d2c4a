package number

import (
	"slices"
	"strings"
	"unicode"

	"cornetta/dialer/setting"
)

// CallCode is what a person can choose to have dialled in front of a number, once: to
// withhold their own number, or to have the call on somebody's account.
type CallCode struct {
	Key   string // KeyWithhold, or the digits of the account
	Name  string // of the account; may be empty
	front string
}

// KeyWithhold is the Key of the code that withholds the caller's number.
const KeyWithhold = "withhold"

const (
	maxCode     = 12 // signs
	maxCodeName = 40 // characters
	maxCodes    = 20
)

// codes are those that the settings have for any number.
func (s Settings) codes() []CallCode {
	if s.ServiceCodes == KindNever && !slices.Contains(s.Locked, "withhold_code") && !slices.Contains(s.Locked, "account_codes") {
		return nil // or one that is forbidden could be called one of these
	}
	var all []CallCode
	if s.WithholdCode != "" {
		all = append(all, CallCode{Key: KeyWithhold, front: s.WithholdCode})
	}
	for _, text := range s.AccountCodes {
		digits, name, _ := strings.Cut(text, " ")
		all = append(all, CallCode{Key: digits, Name: strings.TrimSpace(name), front: digits + "*"})
	}
	return all
}

// offerCodes notes which codes can stand in front of the number: none in front of one that
// calls for help, which has to get through, or of a code.
func (w *work) offerCodes() {
	w.Codes, w.help = nil, w.callsForHelp()
	if w.help || strings.ContainsAny(w.Dial, "*#+") {
		return
	}
	for _, c := range w.s.codes() {
		// A code of digits alone can make one of 12 that calls for help.
		coded := c.front + w.Dial
		if len(coded) <= maxDial && !w.home.emergency(coded) && !w.home.reachesEmergency(coded) {
			w.Codes = append(w.Codes, c)
		}
	}
}

// callsForHelp reports whether what is dialled calls an emergency service, or may.
func (w *work) callsForHelp() bool {
	rest := strings.TrimPrefix(w.Dial, w.Outside)
	line, _ := w.cutLine(w.Dial)
	for _, digits := range []string{w.Dial, rest, line} {
		if digits != "" && (w.home.emergency(digits) || w.home.reachesEmergency(digits)) {
			return true
		}
	}
	return false
}

// Behind is p behind the code with that key: what is shown and dialled then begins with it.
// An emergency number stays as it is. ok is false where there is no such code.
func (p Plan) Behind(key string) (_ Plan, ok bool) {
	i := slices.IndexFunc(p.Codes, func(c CallCode) bool { return c.Key == key })
	if p.help && i < 0 {
		return p, true
	}
	choices := p.Choices
	p.Choices = nil
	for _, c := range choices {
		if c, ok := c.Behind(key); ok {
			p.Choices = append(p.Choices, c)
		}
	}
	if p.Outcome == Error {
		return p, len(choices) == len(p.Choices)
	}
	if i < 0 {
		return p, false
	}
	front := p.Codes[i].front
	p.groups = front + " " + p.Shown()
	p.Dial, p.Outside, p.Codes = front+p.Dial, "", nil
	return p, true
}

func checkWithhold(code string) string {
	switch {
	case len(code) > maxCode:
		return setting.CodeTooLong
	case strings.ContainsFunc(code, func(r rune) bool { return !isDialSign(r) }):
		return setting.CodeInvalid
	}
	return ""
}

// checkAccountCodes takes digits, each with a name behind them or without.
func checkAccountCodes(all []string) string {
	if len(all) > maxCodes {
		return setting.CodeTooLong
	}
	var seen []string
	for _, text := range all {
		digits, name, _ := strings.Cut(text, " ")
		switch {
		case len(digits) > maxCode, len([]rune(name)) > maxCodeName:
			return setting.CodeTooLong
		case digits == "" || strings.Trim(digits, "0123456789") != "" || slices.Contains(seen, digits),
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || turnsRound(r) || invisible(r) }):
			return setting.CodeInvalid
		}
		seen = append(seen, digits)
	}
	return ""
}
