package number

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// example is a number of a region in the ways in which people write it.
func forms(n *phonenumbers.PhoneNumber, region string) []string {
	national := phonenumbers.Format(n, phonenumbers.NATIONAL)
	groups := strings.FieldsFunc(national, func(r rune) bool { return !isDigit(r) })
	code := fmt.Sprint(n.GetCountryCode())
	return []string{
		phonenumbers.Format(n, phonenumbers.E164),
		phonenumbers.Format(n, phonenumbers.INTERNATIONAL),
		national,
		strings.Join(groups, ""),
		strings.Join(groups, "."),
		strings.Join(groups, "-"),
		"Tel.: " + national,
		national + " ext. 12",
		"Mario Rossi, " + national + " (ufficio)",
		strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+"), // without +
		phonenumbers.GetNationalSignificantNumber(n),                       // without the trunk digit
		"00" + code + " " + phonenumbers.GetNationalSignificantNumber(n),
	}
}

// reached is the number that p calls, as the library reads it.
func reached(p Plan, region string) string {
	rest := strings.TrimPrefix(p.Dial, p.Outside)
	if abroad, ok := strings.CutPrefix(rest, "00"); ok {
		if n, err := phonenumbers.Parse("+"+abroad, "ZZ"); err == nil && phonenumbers.IsValidNumber(n) {
			return phonenumbers.Format(n, phonenumbers.E164)
		}
	}
	n, err := phonenumbers.Parse(rest, region)
	if err != nil {
		return rest
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// TestEveryCountrysExamples reads each region's example numbers of each kind in the
// ways in which people write and damage them. What goes out at once is the number;
// what does not is asked about or refused, most often with the number offered.
func TestEveryCountrysExamples(t *testing.T) {
	asked, right, all := 0, 0, 0
	for _, region := range Regions() {
		s := DefaultSettings()
		s.Region = region
		if region == "GB" || phonenumbers.GetCountryCodeForRegion(region) == 1 {
			s.Prefix = "9"
		}
		for kind := range phonenumbers.UNKNOWN {
			n := phonenumbers.GetExampleNumberForType(region, kind)
			if n == nil || !phonenumbers.IsValidNumberForRegion(n, region) {
				continue
			}
			want := phonenumbers.Format(n, phonenumbers.E164)
			for i, text := range forms(n, region) {
				p := Parse(text, Clipboard, s)
				check(t, p, s)
				all++
				got := func(p Plan) bool { return reached(p, region) == want }
				switch {
				case p.Outcome != Error && got(p), slices.ContainsFunc(p.Choices, got):
					right++
				case p.Outcome == Dial && len(onlyDigits(text)) > s.ExtMaxLen:
					// Some digits without + are a number of their own at home.
					if m, err := phonenumbers.Parse(text, region); i < 9 || err != nil || !phonenumbers.IsValidNumber(m) {
						t.Errorf("%s %q (%s): sent at once as %s", region, text, want, p.Shown())
					}
				}
				if p.Outcome != Dial {
					asked++
				}
			}
			national := phonenumbers.GetNationalSignificantNumber(n)
			for _, damaged := range []string{
				"+" + fmt.Sprint(n.GetCountryCode()) + national[:len(national)-1],
				"+" + fmt.Sprint(n.GetCountryCode()) + national + "7",
				"+" + fmt.Sprint(n.GetCountryCode()) + national[:1] + national[2:],
			} {
				p := Parse(damaged, Clipboard, s)
				check(t, p, s)
				m, err := phonenumbers.Parse(damaged, "ZZ")
				if p.Outcome == Dial && (err != nil || !phonenumbers.IsValidNumber(m)) {
					t.Errorf("%s %q: no such number, and sent at once as %s", region, damaged, p.Shown())
				}
			}
		}
	}
	t.Logf("%d forms, %d right, %d of them asked about", all, right, asked)
	if right < all*97/100 {
		t.Errorf("%d of %d right", right, all)
	}
}
