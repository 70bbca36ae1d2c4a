// Package number turns text into what the PBX is asked to dial, and says how
// it got there.
//
// What is copied or clicked is a public number and gets the outside line, unless
// it is internal (no longer than an extension), a feature code, an emergency
// number, or carries the outside line already. What is typed is read the same way
// (TypedIs "plan" and "public") or is a keypad and goes out as it is. No sign
// between digits proves that they are one number, and none that they are two: the
// numbering plan of the home country does. What it has, and what stands there alone,
// may go out at once. What it does not have, or has in more than one way, or what was
// taken out of more text, is asked about first with the exact digits, and so is what
// is expensive, abroad or an emergency call. What is not a number at all is an error
// with a name: a wrong number calls a stranger.
//
// A text passes through these stages, each in a file of its own:
//
//	plain.go    what must never be inside a number; scripts of digits; wrapping
//	link.go     tel: and callto: by RFC 3966, and the links of chat programs
//	label.go    "Tel.:" in front, extensions and pauses behind
//	then.go     what is keyed in after the answer
//	written.go  separators, and those that may mean two numbers
//	whole.go    is the text one number, one with something beside it, or several
//	find.go     numbers between other things
//	nonumber.go dates, hours and the like, which are none
//	route.go    internal, outside or abroad; what is asked
//	typed.go    the same for what was keyed in, perhaps with the outside line
//	complete.go a + or a zero that was lost
//	region.go   the home country's numbering plan
//	rules.go    rules of the person's own, which replace numbers
//	codes.go    codes in front of a number, for one call
//	forbid.go   kinds of numbers that are never called
//	shown.go    the digits in the groups in which people write them
//
// Everything here is pure, total and safe for concurrent use. The tests are the
// cases of testdata/numbers.json and testdata/reports.json, which are the
// specification, a table of similar texts for each rule, every country's example
// numbers in the ways people write and damage them, and a fuzz target for the
// invariants.
package number

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

	// It is a number of a kind that is never called: by an administrator's will, or by
	// the person's own.
	PremiumForbidden     Code = "premium_forbidden"
	PremiumOff           Code = "premium_off"
	AbroadForbidden      Code = "abroad_forbidden"
	AbroadOff            Code = "abroad_off"
	ServiceCodeForbidden Code = "service_code_forbidden"
	ServiceCodeOff       Code = "service_code_off"
)

// Reason is why a Plan has to be confirmed.
type Reason string

const (
	ReasonLink             Reason = "link"                 // a page, which anybody may have written, asks for the call
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
	ReasonNotInPlan        Reason = "not_in_plan"          // the home country has no such number
	ReasonRunTogether      Reason = "run_together"         // digits beside it may belong to it or not
	ReasonCompleted        Reason = "completed"            // a + or a zero was missing
	ReasonCarrier          Reason = "carrier_code"         // digits in front choose a carrier, or hide the caller
	ReasonOutsideLine      Reason = "ambiguous_line"       // a number with its first digits, and behind them
	ReasonPublicShort      Reason = "public_short"         // as short as an extension, and a public number
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
	RuleComplete   Rule = "complete"     // a + or a zero that was missing was put in
	RuleKeypad     Rule = "keypad"       // as it was typed
	RuleInternal   Rule = "internal"     // short: inside this PBX
	RuleCode       Rule = "feature_code" // the PBX's own
	RuleEmergency  Rule = "emergency"    // never gets an outside line
	RuleHome       Rule = "home"         // a number of the home country, in its national form
	RulePlus       Rule = "plus"         // + became 00, or stays
	RulePrefix     Rule = "prefix"       // the outside line was put in front
	RuleHasPrefix  Rule = "has_prefix"   // it stood in front already
	RuleOwn        Rule = "own_rule"     // a rule of the person's own replaced it
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
	// Region is where the number is, by the two letters of its country; "" where
	// that is not known, or nowhere.
	Region string
	// Steps lead from Input to Dial; with an Error, to where it went wrong.
	Steps []Step
	// Then is what stands behind the number, to be keyed in once somebody answered: at
	// most 40 signs of 0-9 * # and the comma, which is a pause. It is no part of Dial,
	// and ReasonExtensionDropped or ReasonPostDialDropped says that it is there.
	Then string
	// Codes are those that can be put in front for this call, see Behind.
	Codes []CallCode
	// Choices are the numbers that a person may have meant, at most 20, each a
	// Plan that dials with their consent, and no Error. With an Error they are what
	// is in a text of up to 4 KiB, without one the likeliest, which is Dial, comes
	// first. There are none where nothing is in doubt.
	Choices []Plan
	// Label is, in one of the Choices, the word beside it: "fax".
	Label string
	// Line is, in one of the Choices for ReasonOutsideLine, the value of
	// Settings.TypedLine that makes this one the only one.
	Line string

	groups    string // Dial in groups, see Shown
	kinds     kindSet
	consented bool
	keyed     bool
	help      bool // it calls an emergency service
}

// Consented is p after a person was shown its Dial and its Reasons and said
// yes to them.
func (p Plan) Consented() Plan {
	p.consented = true
	return p
}

// Keyed is p after a person was shown its Then and wants the PBX to key it in.
func (p Plan) Keyed() Plan {
	p.keyed = true
	return p
}

// ByPBX reports whether the person wants the PBX to key in Then.
func (p Plan) ByPBX() bool { return p.keyed && p.Then != "" }

// MayDial reports whether p may be sent to the PBX now.
func (p Plan) MayDial() bool {
	return p.Dial != "" && (p.Outcome == Dial || p.Outcome == Confirm && p.consented)
}
