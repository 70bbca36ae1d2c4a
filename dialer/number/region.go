package number

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// The library unpacks its metadata when a program that contains it starts,
// whether it is used or not: 5 ms and 3 MB of memory with v1.8.1 (1.6 MB of it
// live on the heap), a first number 0.3 MB more for its expressions. Nothing
// here can put that off. It is only ever given digits and a plus.

// region is a home country: two letters, or "" when nothing is known.
type region string

// noRegion is what the library calls the unknown region.
const noRegion = "ZZ"

// reading is what a numbering plan says about a number.
type reading struct {
	code     int    // the country's calling code; 0: none is known
	national string // the digits behind it, as they are dialled from abroad
	valid    bool   // the plan has such a number
	abroad   bool   // seen from the home country
	premium  bool

	number *phonenumbers.PhoneNumber
}

// Regions are the countries that can be a home country, by their two letters.
func Regions() []string {
	return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
}

func knownRegion(name string) bool { return phonenumbers.GetSupportedRegions()[name] }

func (h region) name() string {
	if knownRegion(string(h)) {
		return string(h)
	}
	return noRegion
}

// code is the home country's calling code, 0 when there is none.
func (h region) code() int { return phonenumbers.GetCountryCodeForRegion(h.name()) }

// international reads digits that begin with a calling code.
func (h region) international(digits string) reading {
	n, err := phonenumbers.Parse("+"+digits, noRegion)
	if err != nil {
		return reading{abroad: true}
	}
	return h.read(n)
}

// inland reads digits as they are dialled inside the home country.
func (h region) inland(digits string) reading {
	n, err := phonenumbers.ParseAndKeepRawInput(digits, h.name())
	if err != nil {
		return reading{}
	}
	if n.GetCountryCodeSource() != phonenumbers.PhoneNumber_FROM_DEFAULT_COUNTRY {
		// The library takes 39333… for +39 333…; who dials it does not.
		return reading{code: h.code(), national: digits}
	}
	return h.read(n)
}

func (h region) read(n *phonenumbers.PhoneNumber) reading {
	r := reading{
		code:     int(n.GetCountryCode()),
		national: phonenumbers.GetNationalSignificantNumber(n),
		valid:    phonenumbers.IsValidNumber(n),
		premium:  phonenumbers.GetNumberType(n) == phonenumbers.PREMIUM_RATE,
		number:   n,
	}
	r.abroad = r.code != h.code()
	if r.code == 1 || r.code == 7 {
		// Several countries with tariffs of their own share these codes:
		// +1 473 is Grenada. Elsewhere those who share one share the network.
		r.abroad = !phonenumbers.IsValidNumberForRegion(n, h.name())
	}
	if !r.valid && !r.premium {
		r.premium = beginsPremium(r)
	}
	return r
}

// beginsPremium finds a premium number with digits too many: the network may
// well connect it after the first ones.
func beginsPremium(r reading) bool {
	for n := len(r.national) - 1; n >= 5; n-- {
		short, err := phonenumbers.Parse("+"+strconv.Itoa(r.code)+r.national[:n], noRegion)
		if err == nil && phonenumbers.GetNumberType(short) == phonenumbers.PREMIUM_RATE {
			return true
		}
	}
	return false
}

// atHome is the number as it is dialled inside its own country.
func (r reading) atHome() string {
	return phonenumbers.NormalizeDigitsOnly(phonenumbers.Format(r.number, phonenumbers.NATIONAL))
}

// emergency reports whether digits, dialled as they are, call for help.
func (h region) emergency(digits string) bool {
	return phonenumbers.IsEmergencyNumber(digits, h.name())
}

// reachesEmergency also finds an emergency number with more digits behind it,
// which the network may cut.
func (h region) reachesEmergency(digits string) bool {
	return phonenumbers.ConnectsToEmergencyNumber(digits, h.name())
}

// callingCode splits digits behind the calling code in front of them.
func callingCode(digits string) (code, rest string, ok bool) {
	for n := 1; n <= 3 && n <= len(digits); n++ {
		if c, err := strconv.Atoi(digits[:n]); err == nil && digits[0] != '0' && phonenumbers.GetSupportedCallingCodes()[c] {
			return digits[:n], digits[n:], true
		}
	}
	return "", "", false
}

// cutAbroad takes what one dials to call abroad (00, 011, …) off the front. It
// does so only where a calling code follows.
func (h region) cutAbroad(digits string) (rest string, ok bool) {
	re := abroadPrefix(h.name())
	if re == nil {
		return digits, false
	}
	at := re.FindStringIndex(digits)
	if at == nil {
		return digits, false
	}
	rest = digits[at[1]:]
	if _, _, ok := callingCode(rest); !ok {
		return digits, false
	}
	return rest, true
}

var abroadPrefixes sync.Map // of region to *regexp.Regexp

func abroadPrefix(name string) *regexp.Regexp {
	if re, ok := abroadPrefixes.Load(name); ok {
		return re.(*regexp.Regexp)
	}
	var found *regexp.Regexp
	if all, err := phonenumbers.MetadataCollection(); err == nil && name != noRegion {
		for _, m := range all.GetMetadata() {
			if m.GetId() == name {
				if re, err := regexp.Compile("^(?:" + m.GetInternationalPrefix() + ")"); err == nil {
					found = re
				}
			}
		}
	}
	abroadPrefixes.Store(name, found)
	return found
}

// zeroHabit is what a country does with a zero in front of its numbers.
type zeroHabit int

const (
	zeroUnknown zeroHabit = iota
	zeroDropped           // dialled at home only: Germany, the United Kingdom
	zeroKept              // part of the number: Italy
)

func habitOf(code string) zeroHabit {
	c, _ := strconv.Atoi(code)
	name := phonenumbers.GetRegionCodeForCountryCode(c)
	if phonenumbers.GetNddPrefixForRegion(name, true) == "0" {
		return zeroDropped
	}
	if example := phonenumbers.GetExampleNumber(name); example != nil && example.GetItalianLeadingZero() {
		return zeroKept
	}
	return zeroUnknown
}

// validAbroad reports whether a country has the number exactly as written: the
// library forgives a zero too many.
func validAbroad(code, national string) bool {
	n, err := phonenumbers.Parse("+"+code+national, noRegion)
	return err == nil && phonenumbers.IsValidNumber(n) && phonenumbers.GetNationalSignificantNumber(n) == national
}
