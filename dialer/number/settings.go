package number

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Settings are the person's choices about numbers. Their names in JSON are
// those of testdata/numbers.json. A value that is none of those listed is taken
// for the first.
type Settings struct {
	Region           string   `json:"region"`             // home country, such as IT; "" when unknown
	Prefix           string   `json:"prefix"`             // what gets an outside line; may be empty
	Plus             string   `json:"plus"`               // PlusZeros, PlusKeep
	Confirm          string   `json:"confirm"`            // ConfirmLinks, ConfirmAlways, ConfirmTrusted
	ExtMaxLen        int      `json:"ext_max_len"`        // this many digits or fewer is internal; 0 or less means 4
	TypedIs          string   `json:"typed_is"`           // TypedKeypad, TypedPublic, TypedPlan
	TypedLine        string   `json:"typed_line"`         // LineAsk, LineMissing, LineTyped
	HomeNational     bool     `json:"home_national"`      // numbers of the home country go out in national form
	LinkFeatureCodes string   `json:"link_feature_codes"` // CodesConfirm, CodesBlock
	LocalContexts    []string `json:"local_contexts"`     // phone-context domains that mean this PBX
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

	CodesConfirm = "confirm" // * and # in links are asked
	CodesBlock   = "block"   // and refused
)

// ReferenceSettings are the defaults of testdata/numbers.json, on which its
// cases and `cornetta explain` are built.
func ReferenceSettings() Settings {
	return Settings{
		Region: "IT", Prefix: "0", Plus: PlusZeros, Confirm: ConfirmLinks, ExtMaxLen: 4,
		TypedIs: TypedKeypad, TypedLine: LineAsk, LinkFeatureCodes: CodesConfirm,
	}
}

// DefaultSettings are those of a person who never changed any. They differ from
// ReferenceSettings in two points: a number of the home country is dialled as
// everybody dials it there, because not every line takes the long form; and what is
// typed is read as people read it, because most do not key in the outside line.
func DefaultSettings() Settings {
	s := ReferenceSettings()
	s.HomeNational = true
	s.TypedIs = TypedPlan
	return s
}

const (
	maxPrefix = 8
	maxExtLen = maxPublic
)

// Set changes one setting by its name in JSON. The error names the setting and
// what it takes.
func (s *Settings) Set(key, value string) error {
	wants := func(what string) error { return fmt.Errorf("number: %s is %s, not %q", key, what, value) }
	choice := func(field *string, values ...string) error {
		if !slices.Contains(values, value) {
			return wants(strings.Join(values, " or "))
		}
		*field = value
		return nil
	}
	switch key {
	case "region":
		if value != "" && !knownRegion(value) {
			return wants("a country's two letters, such as IT, or empty")
		}
		s.Region = value
	case "prefix":
		if len(value) > maxPrefix || strings.ContainsFunc(value, func(r rune) bool { return !isDialSign(r) }) {
			return wants("up to 8 digits, * and #, or empty")
		}
		s.Prefix = value
	case "plus":
		return choice(&s.Plus, PlusZeros, PlusKeep)
	case "confirm":
		return choice(&s.Confirm, ConfirmLinks, ConfirmAlways, ConfirmTrusted)
	case "ext_max_len":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxExtLen {
			return wants("a number from 1 to 15")
		}
		s.ExtMaxLen = n
	case "typed_is":
		return choice(&s.TypedIs, TypedKeypad, TypedPublic, TypedPlan)
	case "typed_line":
		return choice(&s.TypedLine, LineAsk, LineMissing, LineTyped)
	case "home_national":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return wants("true or false")
		}
		s.HomeNational = on
	case "link_feature_codes":
		return choice(&s.LinkFeatureCodes, CodesConfirm, CodesBlock)
	case "local_contexts":
		contexts, ok := list(value)
		if !ok {
			return wants("domains, with commas between them")
		}
		s.LocalContexts = contexts
	default:
		return fmt.Errorf("number: there is no setting %q", key)
	}
	return nil
}

// list reads "a, b" or ["a", "b"].
func list(value string) ([]string, bool) {
	var out []string
	if strings.HasPrefix(value, "[") {
		return out, json.Unmarshal([]byte(value), &out) == nil
	}
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out, true
}

func (s Settings) complete() Settings {
	if s.ExtMaxLen <= 0 {
		s.ExtMaxLen = 4
	}
	return s
}
