// Package number turns text into what the PBX is asked to dial, and says how
// it got there.
//
// One rule decides about the outside line: what is typed is a keypad and goes
// out as it is; what is copied or clicked is a public number and gets the
// prefix, unless it is internal (no longer than an extension) or a feature
// code; an international "+" becomes prefix and "00" wherever it came from.
// Whatever is not plainly one number is an error with a name: a wrong dial
// rings a stranger.
//
// Regions and number types are not looked at yet. Until they are, nothing that
// was copied or clicked goes out without a yes: its outcome is Confirm at best.
//
// Everything here is pure, total and safe for concurrent use. The tests are the
// table in testdata, one test for each of the rules around it, and a fuzz
// target for the invariants.
package number

import "strings"

// Source is where a text came from.
type Source string

const (
	Typed     Source = "typed"
	Clipboard Source = "clipboard"
	Link      Source = "tel" // a tel: or callto: link, whole
)

// Outcome is what may be done with a Plan.
type Outcome string

const (
	Dial    Outcome = "dial"    // Plan.Dial may be sent at once
	Confirm Outcome = "confirm" // Plan.Dial is shown, and sent only after an explicit yes
	Error   Outcome = "error"   // nothing is sent; Plan.Error says why
)

// Code names what is wrong with a text.
type Code string

const (
	Empty               Code = "empty"
	NoDigits            Code = "no_digits"
	TooShort            Code = "too_short"
	TooLong             Code = "too_long" // the text
	TooManyDigits       Code = "too_many_digits"
	ControlCharacter    Code = "control_character"
	LineBreak           Code = "line_break"
	InvalidUTF8         Code = "invalid_utf8"
	NonASCII            Code = "non_ascii"
	InvalidCharacter    Code = "invalid_character"
	Letters             Code = "letters"
	MisplacedPlus       Code = "misplaced_plus"
	BadEscape           Code = "bad_escape"
	BadParameter        Code = "bad_parameter"
	UnsupportedScheme   Code = "unsupported_scheme"
	UnknownPhoneContext Code = "unknown_phone_context"
	MultipleNumbers     Code = "multiple_numbers"
	AmbiguousSeparator  Code = "ambiguous_separator"
	BidiOverride        Code = "bidi_override"
	MixedDigitScripts   Code = "mixed_digit_scripts"
	NotANumber          Code = "not_a_number"
	FeatureCodeBlocked  Code = "feature_code_blocked"
)

// Reason is why a Plan has to be confirmed.
type Reason string

const (
	ReasonLink        Reason = "link"
	ReasonFeatureCode Reason = "feature_code"
	ReasonPolicy      Reason = "policy" // copied, and not looked at more closely
)

// Step is one rewriting of the text, for people who ask why.
type Step struct {
	Rule   Rule
	Before string
	After  string
}

// Rule names a rewriting.
type Rule string

const (
	RuleLink       Rule = "link"       // taken out of a link
	RuleDigits     Rule = "digits"     // full-width signs became plain ones
	RuleSeparators Rule = "separators" // spaces, brackets and the like are gone
	RulePlus       Rule = "plus"       // + became 00
	RulePrefix     Rule = "prefix"     // the outside line was put in front
)

// Settings are the person's choices about numbers.
type Settings struct {
	Prefix    string // what gets an outside line: up to four digits
	ExtMaxLen int    // this many digits or fewer is internal; 0 means 4
	Plus      string // "00", or "": + becomes Prefix and 00; "keep": + stays
	TypedIs   string // "keypad", or "": typed digits go out verbatim; "public": they get the prefix
}

// DefaultSettings are those of a person who never changed any.
func DefaultSettings() Settings {
	return Settings{Prefix: "0", ExtMaxLen: 4, Plus: "00", TypedIs: "keypad"}
}

// Plan is what became of a text.
type Plan struct {
	Input   string
	Source  Source
	Outcome Outcome
	Dial    string // what is sent, byte for byte: ^\+?[0-9*#]{1,42}$; "" with an Error
	Outside string // the part of Dial, at its front, that only gets the outside line
	Error   Code
	Reasons []Reason // with Confirm
	Steps   []Step
}

// Shown is Dial for people: the outside line is set apart by a space, and
// without that space it is Dial.
func (p Plan) Shown() string {
	if rest, ok := strings.CutPrefix(p.Dial, p.Outside); ok && p.Outside != "" && rest != "" {
		return p.Outside + " " + rest
	}
	return p.Dial
}
