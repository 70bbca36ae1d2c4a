package number

import (
	"strconv"
	"strings"

	"cornetta/dialer/number/numbering"
)

// region is a home country: two letters, or "" when nothing is known.
type region string

// reading is what a numbering plan says about a number.
type reading struct {
	code     int    // the country's calling code; 0: none is known
	national string // the digits behind it, as they are dialled from abroad
	valid    bool   // the plan has such a number, and it was written as it is dialled
	near     bool   // the plan has it, but not as it was written
	abroad   bool   // seen from the home country, by the way to it
	foreign  bool   // another country's, with its own prices; abroad or not
	premium  bool
	region   string // whose it is, "" where that is nobody's
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
		return reading{abroad: true, foreign: true}
	}
	r := h.read(n)
	if strconv.Itoa(n.Code)+n.National != digits {
		r.near, r.valid = r.valid, false // with a zero or an old code too many
	}
	return r
}

// inland reads digits as they are dialled inside the home country.
func (h region) inland(digits string) reading {
	n, withCode, ok := numbering.Inland(string(h), digits)
	if !ok {
		return reading{}
	}
	code := strconv.Itoa(n.Code)
	if withCode && numbering.Trunk(n.Code) != code {
		// 39333… is taken for +39 333…; who dials it does not mean that.
		return reading{code: h.code(), national: digits}
	}
	r := h.read(n)
	if !n.DialledAs(digits) {
		r.near, r.valid = r.valid, false
	}
	return r
}

func (h region) read(n numbering.Number) reading {
	r := reading{code: n.Code, national: n.National, valid: n.Valid(), premium: n.Premium(), region: n.Region()}
	r.abroad = r.code != h.code()
	r.foreign = r.abroad
	switch r.code {
	case 1, 7:
		// Several countries with tariffs of their own share these codes:
		// +1 473 is Grenada. Elsewhere those who share one share the network.
		r.abroad = r.region != "" && !n.ValidIn(string(h))
		r.foreign = r.abroad
	case 44, 262, 590, 599:
		// Who shares these is dialled as at home, and charged as abroad: the Channel
		// Islands and the Isle of Man, Mayotte, Curaçao.
		r.foreign = r.abroad || r.valid && !n.ValidIn(string(h))
	}
	if r.valid && n.Mailbox() {
		r.valid = false // who has digits too many
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
func (r reading) atHome() string { return r.number().AtHome() }

func (r reading) number() numbering.Number {
	return numbering.Number{Code: r.code, National: r.national}
}

// groups are digits that begin with a calling code, in groups.
func (h region) groups(digits string) string {
	if n, ok := numbering.International(digits); ok && n.Valid() && strconv.Itoa(n.Code)+n.National == digits {
		return strconv.Itoa(n.Code) + " " + n.Grouped()
	}
	return digits
}

// homeGroups are digits as they are dialled inside the home country, in groups.
func (h region) homeGroups(digits string) string {
	r := h.inland(digits)
	switch {
	case !r.valid:
	case r.atHome() == digits:
		return r.number().GroupedAtHome()
	case strings.HasSuffix(digits, r.national):
		return strings.TrimSpace(strings.TrimSuffix(digits, r.national) + " " + r.number().Grouped())
	}
	return digits
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

// short reports whether digits are a short number that anybody may dial, and
// whether that one is dear.
func (h region) short(digits string) (known, dear bool) {
	known, cost := numbering.Short(string(h), digits)
	return known, cost == numbering.Dear
}

// free reports whether digits are a short number that costs no more than others.
func (h region) free(digits string) bool {
	_, cost := numbering.Short(string(h), digits)
	return cost == numbering.Usual
}

// possible reports whether digits have the form of the home country's numbers.
func (h region) possible(digits string) bool { return numbering.Possible(string(h), digits) }

// beginsShort finds a dear short number with digits too many.
func (h region) beginsShort(digits string) bool {
	for n := 4; n < min(len(digits), maxShort); n++ {
		if _, dear := h.short(digits[:n]); dear {
			return true
		}
	}
	return false
}

// directDialling: in Germany and Austria the digits of an extension follow the
// subscriber's number and are dialled along, behind a dash or a slash (DIN 5008).
func directDialling(code int) bool { return code == 49 || code == 43 }

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

// carriers are the digits that are dialled in front of a number to choose who
// carries the call, or to show or hide the caller's number: carrier selection by
// each regulator's plan, and 141, 1470 (Ofcom), 3651 (Arcep), 067 (CNMC), 1831 and
// 1832 (ACMA), 184 and 186 (MIC), *67 and its like being service codes anyway.
var carriers = map[region][]string{
	"IT": {"10dd"}, "GB": {"141", "1470", "1280", "1899", "18866"}, "IE": {"141", "142", "13ddd"},
	"DE": {"0100dd", "010dd"}, "AT": {"10dd"}, "CH": {"107dd", "108dd"}, "FR": {"3651", "16dd"},
	"ES": {"067", "10dd", "107d"}, "US": {"1010ddd"}, "CA": {"1010ddd"}, "NL": {"16dd"}, "BE": {"15dd"},
	"AU": {"1831", "1832", "14dd"}, "JP": {"184", "186", "00dd"}, "SE": {"95dd"},
}

// cutCarrier takes such digits off the front, where a number of the home country,
// or one abroad, follows.
func (h region) cutCarrier(digits string) (rest string, ok bool) {
	for _, form := range carriers[h] {
		if len(digits) <= len(form) {
			continue
		}
		fits := true
		for i := range len(form) {
			fits = fits && (form[i] == 'd' || form[i] == digits[i])
		}
		if rest := digits[len(form):]; fits && h.reads(rest) {
			return rest, true
		}
	}
	return digits, false
}

// reads reports whether digits, dialled inside the home country, are a number.
func (h region) reads(digits string) bool {
	if rest, abroad := h.cutAbroad(digits); abroad {
		return h.international(rest).valid
	}
	return h.inland(digits).valid
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
