package number

import (
	"strconv"

	"cornetta/dialer/number/numbering"
)

// region is a home country: two letters, or "" when nothing is known.
type region string

// reading is what a numbering plan says about a number.
type reading struct {
	code     int    // the country's calling code; 0: none is known
	national string // the digits behind it, as they are dialled from abroad
	valid    bool   // the plan has such a number
	abroad   bool   // seen from the home country
	premium  bool
}

// Regions are the countries that can be a home country, by their two letters.
func Regions() []string { return numbering.Regions() }

func knownRegion(name string) bool { return numbering.Known(name) }

// code is the home country's calling code, 0 when there is none.
func (h region) code() int { return numbering.CodeOf(string(h)) }

// international reads digits that begin with a calling code.
func (h region) international(digits string) reading {
	n, ok := numbering.International(digits)
	if !ok {
		return reading{abroad: true}
	}
	return h.read(n)
}

// inland reads digits as they are dialled inside the home country.
func (h region) inland(digits string) reading {
	n, withCode, ok := numbering.Inland(string(h), digits)
	switch {
	case !ok:
		return reading{}
	case withCode:
		// 39333… is taken for +39 333…; who dials it does not mean that.
		return reading{code: h.code(), national: digits}
	}
	return h.read(n)
}

func (h region) read(n numbering.Number) reading {
	r := reading{code: n.Code, national: n.National, valid: n.Valid(), premium: n.Premium()}
	r.abroad = r.code != h.code()
	if r.code == 1 || r.code == 7 {
		// Several countries with tariffs of their own share these codes:
		// +1 473 is Grenada. Elsewhere those who share one share the network.
		r.abroad = !n.ValidIn(string(h))
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
		short, ok := numbering.International(strconv.Itoa(r.code) + r.national[:n])
		if ok && short.Premium() {
			return true
		}
	}
	return false
}

// atHome is the number as it is dialled inside its own country.
func (r reading) atHome() string {
	return numbering.Number{Code: r.code, National: r.national}.AtHome()
}

// emergency reports whether digits, dialled as they are, call for help.
func (h region) emergency(digits string) bool {
	return numbering.Emergency(string(h), digits, false)
}

// reachesEmergency also finds an emergency number with more digits behind it,
// which the network may cut.
func (h region) reachesEmergency(digits string) bool {
	return numbering.Emergency(string(h), digits, true)
}

// callingCode splits digits behind the calling code in front of them.
func callingCode(digits string) (code, rest string, ok bool) {
	_, rest, ok = numbering.CutCode(digits)
	if !ok {
		return "", "", false
	}
	return digits[:len(digits)-len(rest)], rest, true
}

// cutAbroad takes what one dials to call abroad (00, 011, …) off the front. It
// does so only where a calling code follows.
func (h region) cutAbroad(digits string) (rest string, ok bool) {
	rest, ok = numbering.CutAbroad(string(h), digits)
	if !ok {
		return digits, false
	}
	if _, _, ok := callingCode(rest); !ok {
		return digits, false
	}
	return rest, true
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
	switch {
	case numbering.Trunk(c) == "0":
		return zeroDropped
	case numbering.KeepsZero(c):
		return zeroKept
	}
	return zeroUnknown
}

// validAbroad reports whether a country has the number exactly as written: a
// zero too many is forgiven otherwise.
func validAbroad(code, national string) bool {
	n, ok := numbering.International(code + national)
	return ok && n.Valid() && n.National == national
}
