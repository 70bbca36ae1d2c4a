package numbering

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var update = flag.Bool("update", false, "write territories.txt anew from the library's metadata")

// TestTerritoriesAreTheLibrarys makes territories.txt of the library's metadata
// and compares it with the one that is here.
func TestTerritoriesAreTheLibrarys(t *testing.T) {
	made := makeTerritories(t)
	if *update {
		if err := os.WriteFile("territories.txt", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if made != text {
		t.Error("territories.txt is not what this version of the library knows: go generate ./dialer/number/numbering")
	}
}

func makeTerritories(t *testing.T) string {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	short, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	shorts := map[string]*phonenumbers.PhoneMetadata{}
	for _, m := range short.GetMetadata() {
		shorts[m.GetId()] = m
	}
	byRegion := map[string]*phonenumbers.PhoneMetadata{}
	for _, m := range all.GetMetadata() {
		id := m.GetId()
		if id == "001" {
			id += strconv.Itoa(int(m.GetCountryCode()))
		}
		byRegion[id] = m
	}

	var b strings.Builder
	line := func(words ...string) {
		for len(words) > 1 && words[len(words)-1] == "" {
			words = words[:len(words)-1]
		}
		s := strings.Join(words, "\t")
		if strings.Contains(s, "@") || strings.Count(s, "\t") != len(words)-1 || strings.Contains(s, "\n") {
			t.Fatalf("a line that could not be read back: %q", s)
		}
		b.WriteString(s + "\n")
	}
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedCallingCodes())) {
		for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
			fmt.Fprintf(&b, "@%s %d\n", region, code)
			id := region
			if region == "001" {
				id += strconv.Itoa(code)
			}
			m := byRegion[id]
			if m == nil {
				t.Fatalf("no metadata of %s", id)
			}
			if region != "001" {
				line("abroad", m.GetInternationalPrefix())
			}
			if s := phonenumbers.GetNddPrefixForRegion(region, true); s != "" {
				line("trunk", s)
			}
			if example := phonenumbers.GetExampleNumber(region); example.GetItalianLeadingZero() {
				line("zero")
			}
			if s := m.GetLeadingDigits(); s != "" {
				line("begins", s)
			}
			if s := m.GetNationalPrefixForParsing(); s != "" {
				line("strip", s, m.GetNationalPrefixTransformRule())
			}
			g := m.GetGeneralDesc()
			line("general", list(g.PossibleLength), list(g.PossibleLengthLocalOnly), g.GetNationalNumberPattern())
			if d := m.GetPremiumRate(); exists(d) {
				line("premium", list(d.PossibleLength), d.GetNationalNumberPattern())
			}
			for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetSharedCost(), m.GetPersonalNumber()} {
				if exists(d) {
					line("costly", list(d.PossibleLength), d.GetNationalNumberPattern())
				}
			}
			for _, d := range kindsOf(m) {
				line("kind", list(d.PossibleLength), d.GetNationalNumberPattern())
			}
			if d := m.GetVoicemail(); exists(d) {
				line("mailbox", list(d.PossibleLength), d.GetNationalNumberPattern())
			}
			for _, f := range withoutIdle(m.GetNumberFormat()) {
				begins := ""
				if all := f.GetLeadingDigitsPattern(); len(all) > 0 {
					begins = all[len(all)-1] // the library looks at the last one only
				}
				optional := ""
				if f.GetNationalPrefixOptionalWhenFormatting() {
					optional = "optional"
				}
				line("form", f.GetPattern(), begins, digitsOf(f), optional)
			}
			if d := shorts[region].GetEmergency(); d.GetNationalNumberPattern() != "" {
				key := "help"
				if slices.Contains(phonenumbers.REGIONS_WHERE_EMERGENCY_NUMBERS_MUST_BE_EXACT, region) {
					key = "helpexact"
				}
				line(key, d.GetNationalNumberPattern())
			}
			if d := shorts[region].GetShortCode(); exists(d) {
				line("short", list(d.PossibleLength), d.GetNationalNumberPattern())
			}
			for _, d := range []struct {
				key string
				*phonenumbers.PhoneNumberDesc
			}{
				{"shortpremium", shorts[region].GetPremiumRate()},
				{"shortfree", shorts[region].GetTollFree()},
				{"shortfree", shorts[region].GetStandardRate()},
				{"shortcarrier", shorts[region].GetCarrierSpecific()},
			} {
				if exists(d.PhoneNumberDesc) {
					line(d.key, list(d.PossibleLength), d.GetNationalNumberPattern())
				}
			}
		}
	}
	return b.String()
}

// kindsOf are the kinds of number beside those with a line of their own, most
// frequent first.
func kindsOf(m *phonenumbers.PhoneMetadata) []*phonenumbers.PhoneNumberDesc {
	all := []*phonenumbers.PhoneNumberDesc{m.GetFixedLine()}
	if !m.GetSameMobileAndFixedLinePattern() {
		all = append(all, m.GetMobile())
	}
	all = append(all, m.GetTollFree(), m.GetVoip(), m.GetPager(), m.GetUan())
	return slices.DeleteFunc(all, func(d *phonenumbers.PhoneNumberDesc) bool { return !exists(d) })
}

// exists: where a country has no such numbers the metadata says length -1, or
// has a pattern that no digits fit.
func exists(d *phonenumbers.PhoneNumberDesc) bool {
	p := d.GetNationalNumberPattern()
	return p != "" && p != "NA" && !slices.Equal(d.PossibleLength, []int32{-1})
}

func list(lengths []int32) string {
	var s []string
	for _, n := range slices.SortedFunc(slices.Values(lengths), cmp.Compare) {
		if n > 0 {
			s = append(s, strconv.Itoa(int(n)))
		}
	}
	return strings.Join(s, ",")
}

// withoutIdle leaves out the last forms that change nothing and group nothing:
// what has no form is dialled, and shown, as it is.
func withoutIdle(forms []*phonenumbers.NumberFormat) []*phonenumbers.NumberFormat {
	for len(forms) > 0 {
		last := forms[len(forms)-1]
		if digitsOf(last) != "${1}" || !oneGroup.MatchString(last.GetPattern()) {
			break
		}
		forms = forms[:len(forms)-1]
	}
	return forms
}

var (
	oneGroup = regexp.MustCompile(`^\([^()]*\)$`)

	group    = regexp.MustCompile(`\$(\d)`)
	notDigit = regexp.MustCompile(`[^\d{}$]+`)
)

// digitsOf is the template of a form in which a space stands between the groups
// of digits, with the country's rule for the first group filled in: $1 in the
// rule is whatever group comes first in the form. (The library for Go takes it
// for the first group of the pattern, which in Argentina is the 9 that one does
// not dial at home; Google's own, phonenumberutil.cc, does not.)
func digitsOf(f *phonenumbers.NumberFormat) string {
	s := f.GetFormat()
	if rule := f.GetNationalPrefixFormattingRule(); rule != "" {
		if at := group.FindStringIndex(s); at != nil {
			s = s[:at[0]] + strings.ReplaceAll(rule, "$1", s[at[0]:at[1]]) + s[at[1]:]
		}
	}
	return strings.TrimSpace(notDigit.ReplaceAllString(group.ReplaceAllString(s, "$${$1}"), " "))
}
