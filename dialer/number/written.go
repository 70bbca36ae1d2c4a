package number

import (
	"strings"
	"unicode"
)

// enough is how many digits make a number of their own.
const enough = 6

// written is a number without its decoration.
type written struct {
	plus    bool
	text    string // of 0-9 * #
	grouped bool   // there were separators between the digits
	public  bool   // it came as a public number, whatever the source is
	local   bool   // it is said to be this PBX's own
	zero    int    // where in text a zero in brackets follows the country's code; 0: nowhere
}

// isCode reports whether n is a feature code: those are the PBX's own, and
// never get a prefix.
func (n written) isCode() bool { return strings.ContainsAny(n.text, "*#") }

// readText reads a number as people write it.
func (w *work) readText(text string) (written, Code) {
	text, converted, code := narrow(text)
	if code != "" {
		return written{}, code
	}
	if converted {
		w.ask(ReasonConvertedDigits)
	}
	w.step(RuleDigits, text)
	text = cutLabel(text)
	w.step(RuleLabel, text)
	if w.Source == Clipboard && somethingElse(text) {
		return written{}, NotANumber
	}
	n, code := w.readNumber(text)
	if code == Letters && w.Source == Clipboard {
		return w.extract(text)
	}
	n.public = w.Source != Typed
	return n, code
}

// readNumber reads one number with what may follow it.
func (w *work) readNumber(text string) (written, Code) {
	decorated := strings.ContainsFunc(text, func(r rune) bool {
		return !isDigit(r) && !isSeparator(r) && !strings.ContainsRune("+,;|", r)
	})
	if !decorated && len(pieces(text)) > 1 {
		return written{}, MultipleNumbers
	}
	if head, ok := cutExtension(text); ok {
		text = head
		w.ask(ReasonExtensionDropped)
		w.step(RuleExtension, text)
	}
	head, dropped := cutPostDial(text)
	if dropped {
		w.ask(ReasonPostDialDropped)
	}
	text = head
	w.step(RulePostDial, text)
	return w.strip(text, isSeparator)
}

// strip keeps the signs that are dialled. The first sign that is neither they
// nor a separator says what is wrong.
func (w *work) strip(text string, separator func(rune) bool) (written, Code) {
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
		case separator(r):
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
	if code := ambiguous(text, n); code != "" {
		return written{}, code
	}
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
func areaCode(plus bool) int {
	if plus {
		return 8
	}
	return 5
}

// pieces cuts a text where one number ends and another begins.
func pieces(text string) []string {
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
			// Without a space behind it, it is a pause.
			cuts = strings.HasPrefix(after, " ") || strings.HasPrefix(after, "+")
		case isDash(r):
			cuts = apart(before, after)
		}
		if cuts && count(before) >= enough && count(before) > areaCode(strings.Contains(before, "+")) &&
			count(after) >= enough {
			out = append(out, strings.TrimSpace(before))
			start = next
		}
	}
	return append(out, strings.TrimSpace(text[start:]))
}

// ambiguous finds separators that may say more than "here begins a group": that
// a switchboard has a range of numbers, or that a zero is dialled only at home.
// Their digits are never run together.
func ambiguous(text string, n written) Code {
	slashes := 0
	for i, r := range text {
		before, after := count(text[:i]), count(text[i:])
		switch {
		case r == '/':
			slashes++
			if slashes > 1 || before > areaCode(n.plus) || before > 0 && after < 5 || n.isCode() {
				return AmbiguousSeparator
			}
		case r == '(':
			inside, _, _ := strings.Cut(text[i+1:], ")")
			trunkZero := before > 0 && strings.TrimSpace(inside) == "0"
			if trunkZero && before != n.zero || before > enough { // a number is complete by then
				return AmbiguousSeparator
			}
		case isDash(r):
			// 1234567-8 is a switchboard's range; 608-0 is a German direct line.
			if after > 0 && after <= 2 && trailing(text[:i]) >= enough {
				return AmbiguousSeparator
			}
		}
	}
	return ""
}

// apart reports whether a sign has spaces on both its sides.
func apart(before, after string) bool {
	return strings.TrimRightFunc(before, unicode.IsSpace) != before && strings.TrimLeftFunc(after, unicode.IsSpace) != after
}

// trailing counts the digits at the end of s that stand together.
func trailing(s string) int { return len(s) - len(strings.TrimRightFunc(s, isDigit)) }
