package number

import (
	"strings"
	"unicode"
)

// enough is how many digits can be a number by themselves.
const enough = 6

// written is a number without its decoration.
type written struct {
	plus    bool
	text    string // of 0-9 * #
	grouped bool   // there were separators between the digits
	public  bool   // it came as a public number, whatever the source is
	local   bool   // it is said to be this PBX's own
	doubt   int    // where in what was written a separator may end the number; 0: nowhere
	zero    int    // where in text a zero in brackets follows the country's code; 0: nowhere
}

// isCode reports whether n is a feature code: those are the PBX's own, and
// never get a prefix.
func (n written) isCode() bool { return strings.ContainsAny(n.text, "*#") }

// readNumber reads one number with what may follow it.
func (w *work) readNumber(text string) (written, Code) {
	decorated := strings.ContainsFunc(text, func(r rune) bool {
		return !isDigit(r) && !isSeparator(r) && !strings.ContainsRune("+,;|", r)
	})
	if !decorated && len(w.pieces(text)) > 1 {
		return written{}, MultipleNumbers
	}
	behind := "" // an extension
	if head, ok := cutExtension(text, !w.public && w.s.TypedIs != TypedPlan && w.s.TypedIs != TypedPublic); ok {
		behind = strings.TrimPrefix(text, head)
		text = head
		w.ask(ReasonExtensionDropped)
		w.step(RuleExtension, text)
	}
	head, dropped := cutPostDial(text)
	if dropped {
		w.ask(ReasonPostDialDropped)
		w.andThen(strings.TrimPrefix(text, head))
	}
	w.extensionThen(behind)
	text = head
	w.step(RulePostDial, text)
	n, code := w.strip(text)
	if code == "" {
		w.written = text
	}
	return n, code
}

// strip keeps the signs that are dialled. The first sign that is neither they
// nor a separator says what is wrong.
func (w *work) strip(text string) (written, Code) {
	var n written
	var kept strings.Builder
	between := false
	for _, r := range text {
		switch {
		case r == '+':
			if n.plus || kept.Len() > 0 {
				return written{}, MisplacedPlus
			}
			n.plus = true
		case isDialSign(r):
			kept.WriteRune(r)
			n.grouped = n.grouped || between
			between = false
		case isSeparator(r):
			between = kept.Len() > 0
		case unicode.IsLetter(r):
			return written{}, Letters
		default:
			return written{}, InvalidCharacter
		}
	}
	n.text = kept.String()
	if !strings.ContainsFunc(n.text, isDigit) {
		return written{}, NoDigits
	}
	n.zero = w.bracketedZero(text, n)
	doubt, code := w.ambiguous(text, n)
	if code != "" {
		return written{}, code
	}
	n.doubt = doubt
	to := n.text
	if n.plus {
		to = "+" + to
	}
	w.step(RuleSeparators, to)
	return n, ""
}

var zeroInBrackets = lazily(`\(\s*0\s*\)`)

// bracketedZero finds a zero in brackets right behind a country's code.
func (w *work) bracketedZero(text string, n written) int {
	at := zeroInBrackets().FindStringIndex(text)
	if at == nil {
		return 0
	}
	before := count(text[:at[0]])
	if before == 0 || n.isCode() {
		return 0
	}
	code := n.text[:before]
	if !n.plus {
		code = w.afterAbroad(code)
	}
	if _, rest, ok := callingCode(code); !ok || rest != "" {
		return 0
	}
	return before
}

// afterAbroad is what follows 00, with or without an outside line in front of
// it; "" if there is no 00.
func (w *work) afterAbroad(digits string) string {
	if rest, ok := w.home.cutAbroad(digits); ok {
		return rest
	}
	if line, ok := strings.CutPrefix(digits, w.s.Prefix); ok && w.s.Prefix != "" {
		if rest, ok := w.home.cutAbroad(line); ok {
			return rest
		}
	}
	return ""
}

// areaCode is how many digits may stand in front of a separator and still be an
// area code: one perhaps with the outside line, or behind a country's code.
func (w *work) areaCode(before string) int {
	if strings.Contains(before, "+") {
		return 8
	}
	digits := onlyDigits(before)
	if rest := w.afterAbroad(digits); rest != "" {
		return len(digits) - len(rest) + 8
	}
	if _, rest, ok := callingCode(strings.TrimPrefix(digits, "00")); ok && strings.HasPrefix(digits, "00") && rest != "" {
		return 10
	}
	return 5
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, text)
}

// pieces cuts a text where one number ends and another begins.
func (w *work) pieces(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		if i < start {
			continue
		}
		next := i + len(string(r))
		before, after := text[start:i], text[next:]
		cuts := false
		switch {
		case r == '/', r == '|':
			cuts = true
		case r == ',', r == ';':
			// Without a space behind it, it is a pause, unless a number follows.
			cuts = strings.HasPrefix(after, " ") || strings.HasPrefix(after, "+") || w.begins(after)
		case r == '+':
			cuts, next = true, i // it begins the next
			after = text[i:]
		case isDash(r):
			cuts = apart(before, after)
		}
		if cuts && count(before) >= enough && count(before) > w.areaCode(before) &&
			count(after) >= enough {
			out = append(out, strings.TrimSpace(before))
			start = next
		}
	}
	return append(out, strings.TrimSpace(text[start:]))
}

// begins reports whether a number begins a text that commas divide.
func (w *work) begins(text string) bool {
	text, _, _ = strings.Cut(text, ",")
	text, _, _ = strings.Cut(text, ";")
	return count(text) > enough && !strings.ContainsAny(text, "*#") && w.has(text)
}

// along matches the digits of a direct dialling extension at the end: -0, -10, /00.
var along = lazily(`\d{2}[-‐‑–/]\d{1,5}$`)

// dialledAlong reports whether text ends with digits that are dialled along with
// the number, where its country does so.
func (w *work) dialledAlong(text string, n written) bool {
	code := w.home.code()
	if abroad := w.afterAbroad(n.text); n.plus || abroad != "" {
		if n.plus {
			abroad = n.text
		}
		c, _, _ := callingCode(abroad)
		return (c == "49" || c == "43") && along().MatchString(text)
	}
	return directDialling(code) && along().MatchString(text)
}

// ambiguous finds separators that may say more than "here begins a group": that
// a switchboard has a range of numbers, which is a doubt that the numbering plan may
// resolve, or that a zero is dialled only at home.
func (w *work) ambiguous(text string, n written) (doubt int, code Code) {
	slashes := 0
	last := strings.LastIndexFunc(text, func(r rune) bool { return isDash(r) || r == '/' })
	exempt := -1
	if w.dialledAlong(text, n) {
		exempt = last
	}
	for i, r := range text {
		before, after := count(text[:i]), count(text[i:])
		switch {
		case i == exempt:
		case r == '/':
			slashes++
			if n.isCode() {
				return 0, AmbiguousSeparator
			}
			if slashes > 1 || before > w.areaCode(text[:i]) || before > 0 && after < 5 {
				doubt = i
			}
		case r == '(':
			inside, _, _ := strings.Cut(text[i+1:], ")")
			trunkZero := before > 0 && strings.TrimSpace(inside) == "0"
			if trunkZero && before != n.zero {
				return 0, AmbiguousSeparator
			}
			if before > enough { // a number is complete by then
				doubt = i
			}
		case isDash(r):
			// 1234567-8 is a switchboard's range.
			if after > 0 && after <= 2 && trailing(text[:i]) >= enough {
				doubt = i
			}
		}
	}
	return doubt, ""
}

// apart reports whether there are spaces before and after a sign.
func apart(before, after string) bool {
	return strings.TrimRightFunc(before, unicode.IsSpace) != before && strings.TrimLeftFunc(after, unicode.IsSpace) != after
}

// trailing counts the digits at the end of s that stand together.
func trailing(s string) int { return len(s) - len(strings.TrimRightFunc(s, isDigit)) }
