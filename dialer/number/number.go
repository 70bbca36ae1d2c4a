// Package number turns text into what the PBX is asked to dial, and says how
// it got there.
//
// Three rules carry the rest. What is typed is a keypad and goes out as it is;
// what is copied or clicked is a public number and gets the outside line,
// unless it is internal (no longer than an extension), a feature code, an
// emergency number, or carries the outside line already. What is risky or had
// to be guessed is asked first, with the exact digits. And what is not plainly
// one number is an error with a name: a wrong dial rings a stranger.
//
// A text passes through these stages, each in a file of its own:
//
//	plain.go    what must never be inside a number; scripts of digits
//	link.go     tel: and callto: by RFC 3966
//	label.go    "Tel.:" in front, extensions and pauses behind
//	written.go  separators, and those that may mean two numbers
//	extract.go  numbers in the middle of other text
//	route.go    internal, outside or abroad; what is asked
//	region.go   numbering plans; the one file that knows the library for them
//
// Everything here is pure, total and safe for concurrent use. The tests are the
// cases of testdata/numbers.json, which are the specification, one table for
// each rule's neighbourhood, and a fuzz target for the invariants.
package number

import "strings"

// Source is where a text came from.
type Source string

const (
	Typed     Source = "typed"
	Clipboard Source = "clipboard" // also text that is highlighted
	Link      Source = "tel"       // a tel: or callto: link, whole
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
	NonASCII            Code = "non_ascii" // in a link
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
	ReasonLink             Reason = "link"                 // somebody else's page asks for the call
	ReasonFeatureCode      Reason = "feature_code"         // * or #, and not typed
	ReasonPremium          Reason = "premium"              // the called side earns by it
	ReasonInternational    Reason = "international"        // abroad, and not typed
	ReasonEmergency        Reason = "emergency"            // and not typed
	ReasonExtensionDropped Reason = "extension_dropped"    // "ext. 12" is not dialled
	ReasonPostDialDropped  Reason = "post_dial_dropped"    // pauses and what follows are not dialled
	ReasonParamsIgnored    Reason = "params_ignored"       // a link carries more than a number
	ReasonExtracted        Reason = "extracted"            // taken out of other text
	ReasonConvertedDigits  Reason = "converted_digits"     // written in another script
	ReasonTrunkZero        Reason = "ambiguous_trunk_zero" // +39 (0)333: with the zero or without?
	ReasonPolicy           Reason = "policy"               // the settings want every call asked
)

// Step is one rewriting of the text, or a decision that left it as it is, for
// people who ask why.
type Step struct {
	Rule Rule   `json:"rule"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Rule names a rewriting or a decision.
type Rule string

const (
	RuleTrim       Rule = "trim"         // space and invisible signs around and inside
	RuleLabel      Rule = "label"        // "Tel.:" in front
	RuleExtract    Rule = "extract"      // the one number in a text
	RuleLink       Rule = "link"         // taken out of a link, escapes resolved
	RuleParameters Rule = "parameters"   // a link's parameters set aside
	RuleContext    Rule = "context"      // a link says whose number it is
	RuleDigits     Rule = "digits"       // signs and digits of other scripts became plain ones
	RuleExtension  Rule = "extension"    // "ext. 12" behind it
	RulePostDial   Rule = "post_dial"    // ",,12#" behind it
	RuleSeparators Rule = "separators"   // spaces, brackets and the like are gone
	RuleTrunkZero  Rule = "trunk_zero"   // a zero that is dialled only inside its country
	RuleKeypad     Rule = "keypad"       // as it was typed
	RuleInternal   Rule = "internal"     // short: inside this PBX
	RuleCode       Rule = "feature_code" // the PBX's own
	RuleEmergency  Rule = "emergency"    // never gets an outside line
	RuleHome       Rule = "home"         // a number of the home country, in its national form
	RulePlus       Rule = "plus"         // + became 00, or stays
	RulePrefix     Rule = "prefix"       // the outside line was put in front
	RuleHasPrefix  Rule = "has_prefix"   // it stood in front already
)

// Plan is what became of a text.
type Plan struct {
	Input   string
	Source  Source
	Outcome Outcome
	Dial    string   // what is sent, byte for byte: ^\+?[0-9*#]{1,42}$; "" with an Error
	Outside string   // the part of Dial, at its front, that only gets the outside line
	Error   Code     // with Error
	Reasons []Reason // with Confirm, sorted
	// Steps lead from Input to Dial; with an Error, to where it went wrong.
	Steps []Step
	// Candidates are the numbers in a text of up to 4 KiB that holds more than
	// one, or more than one line, is too long or, where it was typed, has letters
	// in it: at most 20, each of which can be parsed by itself. Set with some
	// Errors.
	Candidates []string

	consented bool
}

// Shown is Dial for people: the outside line is set apart by a space, and
// without that space it is Dial.
func (p Plan) Shown() string {
	if rest, ok := strings.CutPrefix(p.Dial, p.Outside); ok && p.Outside != "" && rest != "" {
		return p.Outside + " " + rest
	}
	return p.Dial
}

// Consented is p after a person was shown its Dial and its Reasons and said
// yes to them.
func (p Plan) Consented() Plan {
	p.consented = true
	return p
}

// MayDial reports whether p may be sent to the PBX now.
func (p Plan) MayDial() bool {
	return p.Dial != "" && (p.Outcome == Dial || p.Outcome == Confirm && p.consented)
}
