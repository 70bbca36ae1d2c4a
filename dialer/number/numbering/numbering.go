package numbering

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// shortest and longest a number may be without its country's code. ITU-T
	// E.164 ends at 15; Germany has longer ones.
	shortest = 2
	longest  = 17

	// maxDigits is what is looked at at all.
	maxDigits = 249
)

// Number is a number of one of the world's plans, which may or may not have
// such a number.
type Number struct {
	Code     int    // the calling code
	National string // the digits behind it, as they are dialled from abroad
}

// Regions lists the two letters of every region, sorted.
func Regions() []string { return slices.Sorted(maps.Keys(theWorld().regions)) }

// Known reports whether region is one of [Regions].
func Known(region string) bool { return theWorld().regions[region] != nil }

// CodeOf is the calling code of a region, 0 for an unknown one.
func CodeOf(region string) int {
	if t := theWorld().regions[region]; t != nil {
		return t.code
	}
	return 0
}

// IsCode reports whether code is a calling code.
func IsCode(code int) bool { return theWorld().codes[code] != nil }

// Trunk is what is dialled in front of numbers inside the main country of a
// calling code, most often "0" or nothing.
func Trunk(code int) string {
	if t := country(code); t != nil {
		return t.known().trunk
	}
	return ""
}

// KeepsZero reports whether numbers of the main country of a calling code begin
// with a zero that belongs to them, from abroad too.
func KeepsZero(code int) bool {
	t := country(code)
	return t != nil && t.known().zero
}

// country is the main territory of a calling code, nil where that is no
// country's.
func country(code int) *territory {
	if t := mainOf(code); t != nil && t.region != "001" {
		return t
	}
	return nil
}

func mainOf(code int) *territory {
	if all := theWorld().codes[code]; len(all) > 0 {
		return all[0]
	}
	return nil
}

// CutAbroad takes what one dials in a region to call abroad (00, 011, …) off
// the front; ok is false where there is nothing to take off.
func CutAbroad(region, digits string) (rest string, ok bool) {
	t := theWorld().regions[region].known()
	if t == nil {
		return digits, false
	}
	at := t.abroad.front().FindStringIndex(digits)
	if at == nil {
		return digits, false
	}
	return digits[at[1]:], true
}

// CutCode splits digits behind the calling code in front of them.
func CutCode(digits string) (code int, rest string, ok bool) {
	for n := 1; n <= 3 && n <= len(digits) && digits[0] != '0'; n++ {
		if c, err := strconv.Atoi(digits[:n]); err == nil && IsCode(c) {
			return c, digits[n:], true
		}
	}
	return 0, "", false
}

// International reads digits that begin with a calling code; ok is false where
// they cannot be a number.
func International(digits string) (n Number, ok bool) {
	if len(digits) <= shortest || len(digits) > maxDigits {
		return Number{}, false
	}
	code, rest, ok := CutCode(digits)
	if !ok {
		return Number{}, false
	}
	return mainOf(code).number(rest)
}

// Inland reads digits as they are dialled inside a region. ok is false where
// they cannot be a number, and withCode is true where they are one only if a
// calling code stands in front of them already.
func Inland(region, digits string) (n Number, withCode, ok bool) {
	t := theWorld().regions[region].known()
	if t == nil || len(digits) < shortest || len(digits) > maxDigits+1 {
		return Number{}, false, false
	}
	if rest, abroad := CutAbroad(region, digits); abroad && !strings.HasPrefix(rest, "0") {
		n, ok = International(rest)
		return n, true, ok
	}
	if rest, has := strings.CutPrefix(digits, strconv.Itoa(t.code)); has {
		rest = t.stripped(rest)
		if !t.general.pattern.whole(digits) && t.general.pattern.whole(rest) || t.length(digits) == tooLong {
			n, ok = mainOf(t.code).number(rest)
			return n, true, ok
		}
	}
	n, ok = t.number(digits)
	return n, false, ok
}

// number makes a number of t of what stands behind the calling code.
func (t *territory) number(national string) (Number, bool) {
	t.known()
	if len(national) < shortest {
		return Number{}, false
	}
	without := t.stripped(national)
	if l := t.length(without); l == possible || l == tooLong {
		national = without
	}
	if len(national) < shortest || len(national) > longest {
		return Number{}, false
	}
	return Number{Code: t.code, National: national}, true
}

// stripped takes off what is dialled in front of a number at home, unless that
// makes a number into none.
func (t *territory) stripped(national string) string {
	if national == "" || t.strip.source == "" {
		return national
	}
	front := t.strip.front()
	at := front.FindStringSubmatchIndex(national)
	if at == nil {
		return national
	}
	var without string
	if t.transform == "" || at[len(at)-2] < 0 {
		without = national[at[1]:]
	} else {
		without = front.ReplaceAllString(national, t.transform)
	}
	if t.general.pattern.whole(national) && !t.general.pattern.whole(without) {
		return national
	}
	return without
}

// fit is how many digits mean in a plan.
type fit int

const (
	possible fit = iota
	tooShort
	tooLong
	atHomeOnly // without its area code
	between    // longer than some numbers, shorter than others
)

func (t *territory) length(national string) fit {
	all := t.general.lengths
	switch n := len(national); {
	case all == 0:
		return between
	case t.local.has(n):
		return atHomeOnly
	case all.has(n):
		return possible
	case n < all.shortest():
		return tooShort
	case n > all.longest():
		return tooLong
	}
	return between
}

// owner is the one of the territories that share n's code that has n, or would
// have it by its beginning.
func (n Number) owner() *territory {
	all := theWorld().codes[n.Code]
	if len(all) == 1 {
		return all[0].known()
	}
	for _, t := range all {
		if t.known().begins.source != "" {
			if t.begins.front().MatchString(n.National) {
				return t
			}
		} else if t.has(n.National) {
			return t
		}
	}
	return nil
}

func (t *territory) has(national string) bool {
	if !t.general.has(national) {
		return false
	}
	for _, k := range t.kinds {
		if k.has(national) {
			return true
		}
	}
	return t.dear(national) || t.mailbox.has(national)
}

// dear reports whether a call to the number costs more than one to a subscriber.
func (t *territory) dear(national string) bool {
	return t.premium.has(national) || slices.ContainsFunc(t.costly, func(k *kind) bool { return k.has(national) })
}

// Valid reports whether the plan has such a number.
func (n Number) Valid() bool {
	t := n.owner()
	return t != nil && t.has(n.National)
}

// Possible reports whether digits have the form of the numbers of a region, without
// what is dialled in front of them, whether that has such a number or not.
func Possible(region, digits string) bool {
	t := theWorld().regions[region].known()
	return t != nil && t.general.has(digits)
}

// ValidIn reports whether a region has such a number: of those that share a
// calling code this very one.
func (n Number) ValidIn(region string) bool {
	t := theWorld().regions[region].known()
	return t != nil && t.code == n.Code && t.has(n.National)
}

// Region is the two letters of the region that has n, or would have it by its
// beginning; "" where the code is no country's or none of those that share it has n.
func (n Number) Region() string {
	if t := n.owner(); t != nil && t.region != "001" {
		return t.region
	}
	return ""
}

// Premium reports whether n is a number that costs the caller more, by its kind:
// premium, shared cost or personal. So do satellites, networks and global services
// that belong to no country (ITU-T E.164).
func (n Number) Premium() bool {
	switch n.Code {
	case 870, 878, 881, 882, 883, 888, 979:
		return true
	}
	t := n.owner()
	return t != nil && t.general.has(n.National) && t.dear(n.National)
}

// Mailbox reports whether n is a number that only records: that of a subscriber
// with digits behind it.
func (n Number) Mailbox() bool {
	t := n.owner()
	if t == nil || !t.general.has(n.National) || !t.mailbox.has(n.National) || t.dear(n.National) {
		return false
	}
	return !slices.ContainsFunc(t.kinds, func(k *kind) bool { return k.has(n.National) })
}

// AtHome is n as it is dialled inside its own country.
func (n Number) AtHome() string { return strings.ReplaceAll(n.GroupedAtHome(), " ", "") }

// GroupedAtHome is AtHome in the groups in which people write it there, a space
// between them.
func (n Number) GroupedAtHome() string {
	if f := n.form(); f != nil {
		return f.pattern.front().ReplaceAllString(n.National, f.template)
	}
	return n.National
}

// DialledAs reports whether digits are n as one dials it at home: as AtHome says,
// with the trunk digit, or without where that is optional.
func (n Number) DialledAs(digits string) bool {
	trunk := Trunk(n.Code)
	switch digits {
	case n.AtHome(), trunk + n.National:
		return digits != n.National || n.AtHome() == n.National || trunk != ""
	case n.National:
		f := n.form()
		return f != nil && f.optional || trunk == strconv.Itoa(n.Code)
	}
	return false
}

// Grouped is n.National in groups, a space between them.
func (n Number) Grouped() string {
	f := n.form()
	if f == nil {
		return n.National
	}
	groups := f.pattern.front().FindStringSubmatch(n.National)[1:]
	if strings.Join(groups, "") != n.National {
		return n.National
	}
	return strings.TrimSpace(strings.Join(slices.DeleteFunc(groups, func(g string) bool { return g == "" }), " "))
}

// form is how n is dialled at home, nil where that is as it stands.
func (n Number) form() *form {
	t := mainOf(n.Code).known()
	if t == nil {
		return nil
	}
	for _, f := range t.forms {
		if f.pattern.whole(n.National) && (f.begins.source == "" || f.begins.front().MatchString(n.National)) {
			return f
		}
	}
	return nil
}

// Short reports whether digits, dialled inside a region as they are, are a short
// number that anybody may dial there, and what is known of its cost. Of those
// whose cost the metadata does not tell, directory enquiries (118 and more, in
// Europe) are dear, and those that begin with 0 or 1, as the plans have it for
// services, are taken for known: in some countries the metadata has every other
// short sequence of digits as somebody's code for text messages.
func Short(region, digits string) (known bool, cost Cost) {
	t := theWorld().regions[region].known()
	if t == nil || digits == "" {
		return false, Unknown
	}
	switch directory := strings.HasPrefix(digits, "118") && (len(digits) == 5 || len(digits) == 6); {
	case t.shortDear.has(digits):
		return true, Dear
	case slices.ContainsFunc(t.shortFree, func(k *kind) bool { return k.has(digits) }):
		return true, Usual
	case directory && (t.short.has(digits) || inEurope(t.code)):
		return true, Dear
	}
	return t.short.has(digits) && !t.shortOwn.has(digits) && digits[0] < '2', Unknown
}

// inEurope: zones 3 and 4 of the world's numbering plan.
func inEurope(code int) bool {
	for code > 9 {
		code /= 10
	}
	return code == 3 || code == 4
}

// Cost is what a call to a short number costs.
type Cost int

const (
	Unknown Cost = iota
	Usual        // no more than another call
	Dear
)

// Emergency reports whether digits, dialled inside a region as they are, call
// for help. With more it also finds an emergency number with digits behind it,
// where the network may cut them.
func Emergency(region, digits string, more bool) bool {
	t := theWorld().regions[region].known()
	if t == nil || t.help.source == "" {
		return false
	}
	return t.help.whole(digits) || more && !t.helpExact && t.help.front().MatchString(digits)
}
