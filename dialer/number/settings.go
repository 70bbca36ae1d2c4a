package number

import (
	"strings"

	"cornetta/dialer/setting"
)

// Settings are the person's choices about numbers. Their names in JSON are those
// of testdata/numbers.json, and those in the settings file. A value that is none of
// those listed is taken for the first.
type Settings struct {
	Region           string   `toml:"region" json:"region"`                         // home country, such as IT; "" when unknown
	Prefix           string   `toml:"-" json:"prefix"`                              // what gets an outside line; may be empty. It is the account's
	Plus             string   `toml:"plus" json:"plus"`                             // PlusZeros, PlusKeep
	Confirm          string   `toml:"confirm" json:"confirm"`                       // ConfirmLinks, ConfirmAlways, ConfirmTrusted
	ExtMaxLen        int      `toml:"ext_max_len" json:"ext_max_len"`               // this many digits or fewer is internal; 0 or less means 4
	TypedIs          string   `toml:"typed_is" json:"typed_is"`                     // TypedKeypad, TypedPublic, TypedPlan
	TypedLine        string   `toml:"typed_line" json:"typed_line"`                 // LineAsk, LineMissing, LineTyped
	HomeNational     bool     `toml:"home_national" json:"home_national"`           // numbers of the home country go out in national form
	LinkFeatureCodes string   `toml:"link_feature_codes" json:"link_feature_codes"` // CodesConfirm, CodesBlock
	LocalContexts    []string `toml:"local_contexts" json:"local_contexts"`         // phone-context domains that mean this PBX
	Premium          string   `toml:"premium" json:"premium,omitempty"`             // KindAsk, KindNever
	Abroad           string   `toml:"abroad" json:"abroad,omitempty"`               // KindAsk, KindNever
	ServiceCodes     string   `toml:"service_codes" json:"service_codes,omitempty"` // KindAsk, KindNever

	WithholdCode string   `toml:"withhold_code" json:"withhold_code,omitempty"` // dialled in front to withhold the caller's number; "" where there is none
	AccountCodes []string `toml:"account_codes" json:"account_codes,omitempty"` // each "1234" or "1234 name": 1234* in front has the call on that account
	OwnRules     []string `toml:"own_rules" json:"own_rules,omitempty"`         // each "pattern = replacement", see rule

	// Locked are the keys of what the person cannot change: then it is not them who
	// forbid something.
	Locked []string `toml:"-" json:"-"`
}

// The values of Settings.
const (
	PlusZeros = "00"   // + becomes the outside line and 00
	PlusKeep  = "keep" // + stays, without an outside line

	ConfirmLinks   = "links"   // links are always asked, the rest where there is a reason
	ConfirmAlways  = "always"  // everything is asked
	ConfirmTrusted = "trusted" // links too only where there is another reason, or no home country

	TypedKeypad = "keypad" // typed digits go out as they are
	TypedPublic = "public" // typed digits are routed as copied ones
	TypedPlan   = "plan"   // the home country's plan knows whether the outside line was typed

	// TypedPlan, where digits are a number as they are, and one behind the outside line:
	LineAsk     = "ask"     // the person says which
	LineMissing = "missing" // the outside line was not typed
	LineTyped   = "typed"   // it was

	// Numbers of a kind:
	KindAsk   = "ask"   // where there is a reason
	KindNever = "never" // they are not called at all

	CodesConfirm = "confirm" // * and # in links are asked
	CodesBlock   = "block"   // and refused
)

const (
	maxPrefix   = 8
	maxContexts = 32 // of them
	maxContext  = 253
)

// Described are the descriptions of Settings, in the order in which they are
// checked. Those that the PBX decides, or where the phone stands, are the account's; what
// a person wants to be asked about or never to call, and how they type, is theirs with
// every account.
var Described = []setting.Of[Settings]{
	setting.Text("region", func(s *Settings) *string { return &s.Region }, "IT", checkRegion).OfAccount(),
	setting.Text("prefix", func(s *Settings) *string { return &s.Prefix }, "0", checkPrefix).FromElsewhere(),
	setting.Choice("plus", func(s *Settings) *string { return &s.Plus }, PlusZeros, PlusKeep).OfAccount(),
	setting.Choice("confirm", func(s *Settings) *string { return &s.Confirm }, ConfirmLinks, ConfirmAlways, ConfirmTrusted).
		Permitting(ConfirmAlways, ConfirmLinks, ConfirmTrusted),
	setting.Count("ext_max_len", func(s *Settings) *int { return &s.ExtMaxLen }, 4, 1, maxPublic).OfAccount(),
	setting.Choice("typed_is", func(s *Settings) *string { return &s.TypedIs }, TypedPlan, TypedKeypad, TypedPublic),
	setting.Choice("typed_line", func(s *Settings) *string { return &s.TypedLine }, LineAsk, LineMissing, LineTyped).From(3).OfAccount(),
	setting.Switch("home_national", func(s *Settings) *bool { return &s.HomeNational }, true).OfAccount(),
	setting.Choice("link_feature_codes", func(s *Settings) *string { return &s.LinkFeatureCodes }, CodesConfirm, CodesBlock).
		Permitting(CodesBlock, CodesConfirm),
	setting.List("local_contexts", func(s *Settings) *[]string { return &s.LocalContexts }, checkContexts).OfAccount(),
	setting.Choice("premium", func(s *Settings) *string { return &s.Premium }, KindAsk, KindNever).Optional().Permitting(KindNever, KindAsk),
	setting.Choice("abroad", func(s *Settings) *string { return &s.Abroad }, KindAsk, KindNever).Optional().Permitting(KindNever, KindAsk),
	setting.Choice("service_codes", func(s *Settings) *string { return &s.ServiceCodes }, KindAsk, KindNever).Optional().Permitting(KindNever, KindAsk),
	setting.Text("withhold_code", func(s *Settings) *string { return &s.WithholdCode }, "", checkWithhold).Optional().OfAccount(),
	setting.List("account_codes", func(s *Settings) *[]string { return &s.AccountCodes }, checkAccountCodes).Optional().OfAccount(),
	setting.List("own_rules", func(s *Settings) *[]string { return &s.OwnRules }, checkOwnRules).Optional().OfAccount(),
}

// DefaultSettings are those of a person who never changed any.
func DefaultSettings() Settings { return setting.Usual(Described) }

// ReferenceSettings are the defaults of testdata/numbers.json, on which its cases
// and `cornetta explain` are built. DefaultSettings differ in two points: a number
// of the home country is dialled as everybody dials it there, because not every line
// takes the long form; and what is typed is read as people read it, because most do
// not key in the outside line.
func ReferenceSettings() Settings {
	s := DefaultSettings()
	s.HomeNational = false
	s.TypedIs = TypedKeypad
	return s
}

// Set changes one setting by its key, with what a person typed. Other than in a
// file a country has to be one whose numbers are known. It returns a
// *setting.Error.
func (s *Settings) Set(key, value string) error {
	if key == "region" && value != "" && !knownRegion(value) {
		return &setting.Error{Field: key, Code: setting.CodeInvalid}
	}
	return setting.Set(Described, s, key, value)
}

// Validate returns a *setting.Error for the first value that is none. A country
// that is not known passes: it was, or will be, in another version.
func (s Settings) Validate() error { return setting.Check(Described, &s) }

func checkRegion(s string) string {
	if s != "" && (len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return setting.CodeInvalid
	}
	return ""
}

// checkPrefix is wider than what an account can have.
func checkPrefix(s string) string {
	if len(s) > maxPrefix || strings.ContainsFunc(s, func(r rune) bool { return !isDialSign(r) }) {
		return setting.CodeInvalid
	}
	return ""
}

// checkContexts takes what can be a phone-context of a link: a domain, or digits
// with a plus.
func checkContexts(all []string) string {
	if len(all) > maxContexts {
		return setting.CodeTooLong
	}
	for _, s := range all {
		switch {
		case len(s) > maxContext:
			return setting.CodeTooLong
		case s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
			return setting.CodeInvalid
		}
	}
	return ""
}

func (s Settings) complete() Settings {
	if s.ExtMaxLen <= 0 {
		s.ExtMaxLen = 4
	}
	return s
}
