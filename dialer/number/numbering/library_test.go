package numbering

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var rounds = flag.Int("rounds", 5, "random numbers of each territory that are compared with the library's answers")

// regions are all there are and two that there are not.
func regions() []string {
	return append(slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())), "ZZ", "it")
}

// TestRegions compares what is known of the regions and calling codes.
func TestRegions(t *testing.T) {
	if got, want := Regions(), regions()[:len(regions())-2]; !slices.Equal(got, want) {
		t.Errorf("regions:\n%q\nwant\n%q", got, want)
	}
	for _, region := range regions() {
		if got, want := Known(region), phonenumbers.GetSupportedRegions()[region]; got != want {
			t.Errorf("%s is known: %t, want %t", region, got, want)
		}
		if got, want := CodeOf(region), phonenumbers.GetCountryCodeForRegion(region); got != want {
			t.Errorf("code of %s: %d, want %d", region, got, want)
		}
	}
	for code := range 1100 {
		if got, want := IsCode(code), phonenumbers.GetSupportedCallingCodes()[code]; got != want {
			t.Errorf("+%d is a code: %t, want %t", code, got, want)
		}
		region := phonenumbers.GetRegionCodeForCountryCode(code)
		if got, want := Trunk(code), phonenumbers.GetNddPrefixForRegion(region, true); got != want {
			t.Errorf("trunk of +%d: %q, want %q", code, got, want)
		}
		if got, want := KeepsZero(code), phonenumbers.GetExampleNumber(region).GetItalianLeadingZero(); got != want {
			t.Errorf("+%d keeps its zero: %t, want %t", code, got, want)
		}
	}
}

// compare asks both about digits as they are dialled in a region.
func compare(t *testing.T, region, digits string) {
	t.Helper()
	n, err := phonenumbers.Parse("+"+digits, "ZZ")
	got, ok := International(digits)
	if ok != (err == nil) {
		t.Errorf("+%s is a number: %t, want %v", digits, ok, err)
	} else if ok {
		compareNumber(t, "+"+digits, region, got, n)
		if got, want := got.GroupedAtHome(), formOf(n); got != want {
			t.Errorf("+%s at home: %s, want %s", digits, got, want)
		}
		if joined := strings.ReplaceAll(got.Grouped(), " ", ""); joined != got.National {
			t.Errorf("+%s in groups: %s", digits, got.Grouped())
		}
	}

	n, err = phonenumbers.ParseAndKeepRawInput(digits, region)
	got, withCode, ok := Inland(region, digits)
	if ok != (err == nil) {
		t.Errorf("%s in %s is a number: %t, want %v", digits, region, ok, err)
	} else if ok {
		if want := n.GetCountryCodeSource() != phonenumbers.PhoneNumber_FROM_DEFAULT_COUNTRY; withCode != want {
			t.Errorf("%s in %s has a code: %t, want %t", digits, region, withCode, want)
		}
		compareNumber(t, digits+" in "+region, region, got, n)
	}

	if got, want := Emergency(region, digits, false), phonenumbers.IsEmergencyNumber(digits, region); got != want {
		t.Errorf("%s in %s is for help: %t, want %t", digits, region, got, want)
	}
	if got, want := Emergency(region, digits, true), phonenumbers.ConnectsToEmergencyNumber(digits, region); got != want {
		t.Errorf("%s in %s reaches help: %t, want %t", digits, region, got, want)
	}
}

func compareNumber(t *testing.T, what, region string, got Number, n *phonenumbers.PhoneNumber) {
	t.Helper()
	if want := (Number{int(n.GetCountryCode()), phonenumbers.GetNationalSignificantNumber(n)}); got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
		return
	}
	if got, want := got.Valid(), phonenumbers.IsValidNumber(n); got != want {
		t.Errorf("%s is valid: %t, want %t", what, got, want)
	}
	if got, want := got.ValidIn(region), phonenumbers.IsValidNumberForRegion(n, region); got != want {
		t.Errorf("%s is valid in %s: %t, want %t", what, region, got, want)
	}
	dear := false
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.PERSONAL_NUMBER:
		dear = true
	}
	switch n.GetCountryCode() {
	case 870, 878, 881, 882, 883, 888, 979: // networks of their own and global services
		dear = true
	}
	if got, want := got.Premium(), dear; got != want {
		t.Errorf("%s is dear: %t, want %t", what, got, want)
	}
	if got, want := got.Mailbox(), phonenumbers.GetNumberType(n) == phonenumbers.VOICEMAIL; got != want {
		t.Errorf("%s only records: %t, want %t", what, got, want)
	}
}

// formOf is the library's national form of n in groups of digits. Argentina's
// mobile numbers are put right, see digitsOf.
func formOf(n *phonenumbers.PhoneNumber) string {
	s := phonenumbers.Format(n, phonenumbers.NATIONAL)
	s = strings.TrimSpace(notDigit.ReplaceAllString(s, " "))
	if national := phonenumbers.GetNationalSignificantNumber(n); n.GetCountryCode() == 54 && strings.HasPrefix(national, "9") && strings.Contains(s, "15") {
		// 09 15 2345 6789: the area code is between the 9 and the last two.
		if groups := strings.Fields(s); len(groups) == 4 && groups[0] == "09" && groups[1] == "15" {
			groups[0] = "0" + national[1:len(national)-len(groups[2])-len(groups[3])]
			s = strings.Join(groups, " ")
		}
	}
	return s
}

// TestFormsReadBack: what is dialled at home is the same number when it is read
// at home. This is what tells a form whose groups were moved, whatever the
// library says of it.
func TestFormsReadBack(t *testing.T) {
	read, all := 0, 0
	for _, region := range Regions() {
		for _, national := range examples(region) {
			n, ok := International(strconv.Itoa(CodeOf(region)) + national)
			if !ok || !n.Valid() {
				continue
			}
			all++
			back, _, ok := Inland(mainOf(n.Code).region, n.AtHome())
			if !ok || back != n {
				t.Errorf("%v at home is %q, which is read as %v", n, n.GroupedAtHome(), back)
				continue
			}
			read++
		}
	}
	t.Logf("%d of %d", read, all)
}

// TestShort compares what is known of short numbers with the library's metadata:
// all of up to four digits and some of five, in some countries.
func TestShort(t *testing.T) {
	collection, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	has := func(d *phonenumbers.PhoneNumberDesc, digits string) bool {
		return exists(d) && (len(d.PossibleLength) == 0 || slices.Contains(d.PossibleLength, int32(len(digits)))) &&
			phonenumbers.MatchNationalNumber(digits, d, false)
	}
	for _, m := range collection.GetMetadata() {
		if !slices.Contains([]string{"IT", "DE", "FR", "GB", "US", "AT", "BR"}, m.GetId()) {
			continue
		}
		some := 0
		for n := range 100000 {
			if n >= 10000 && n%7 != 0 && n/100 != 118 && n/100 != 455 {
				continue
			}
			digits := strconv.Itoa(n)
			known, cost := Short(m.GetId(), digits)
			usual := has(m.GetTollFree(), digits) || has(m.GetStandardRate(), digits)
			directory := len(digits) > 4 && strings.HasPrefix(digits, "118") && !usual && m.GetId() != "US" && m.GetId() != "BR"
			dear := has(m.GetPremiumRate(), digits) || directory
			if (cost == Dear) != dear || (cost == Usual) != (usual && !dear) {
				t.Fatalf("%s %s costs %d, want dear %t, usual %t", m.GetId(), digits, cost, dear, usual)
			}
			anybodys := has(m.GetShortCode(), digits) && !has(m.GetCarrierSpecific(), digits) && digits[0] < '2'
			if want := dear || usual || anybodys; known != want {
				t.Fatalf("%s %s is known: %t, want %t", m.GetId(), digits, known, want)
			}
			if dear {
				some++
			}
		}
		t.Logf("%s: %d dear ones", m.GetId(), some)
	}
}

// examples are the library's, of each region and kind, without their code.
func examples(region string) []string {
	var all []string
	for kind := range phonenumbers.UNKNOWN {
		if n := phonenumbers.GetExampleNumberForType(region, kind); n != nil {
			all = append(all, phonenumbers.GetNationalSignificantNumber(n))
		}
	}
	return all
}

// TestAnswersAreTheLibrarys compares the answers about the examples of every
// region and kind, about the same changed a little, and about random digits:
// as dialled at home, from a neighbour, and with their code.
func TestAnswersAreTheLibrarys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	if *rounds > 5 {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r = rand.New(rand.NewPCG(seed, 2))
	}
	all := regions()
	asked := 0
	for _, region := range all {
		code := strconv.Itoa(CodeOf(region))
		home := examples(region)
		ways := func(national string) []string {
			return []string{national, code + national, Trunk(CodeOf(region)) + national, "00" + code + national}
		}
		ask := func(region, digits string) {
			compare(t, region, digits)
			asked++
		}
		askAll := func(national string) {
			for _, digits := range ways(national) {
				ask(region, digits)
			}
			ask(all[r.IntN(len(all))], ways(national)[r.IntN(4)])
		}
		for _, example := range home {
			askAll(example)
			askAll(example + "0")
			askAll("0" + example)
			for n := range len(example) { // what is too short, and the beginnings that call for help
				if n < 4 || n == len(example)-1 {
					ask(region, ways(example[:n])[r.IntN(4)])
				}
			}
		}
		for range *rounds {
			digits := random(r, 1+r.IntN(19))
			if len(home) > 0 && r.IntN(3) > 0 {
				// Most random digits are nobody's number: begin as one does.
				like := home[r.IntN(len(home))]
				keep := r.IntN(len(like))
				digits = like[:keep] + random(r, max(0, len(like)-keep+r.IntN(4)-1))
			}
			askAll(digits)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		n := phonenumbers.GetExampleNumberForNonGeoEntity(code)
		example := strconv.Itoa(code) + phonenumbers.GetNationalSignificantNumber(n)
		for n := range len(example) + 1 {
			compare(t, "IT", example[:n])
			compare(t, "IT", example[:n]+random(r, len(example)-n))
			asked += 2
		}
	}
	t.Logf("%d questions", asked)
}

func random(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(r.IntN(10))
	}
	return string(b)
}

// FuzzAnswers compares the answers about any digits in any region.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		"390501234567", "00393331234567", "0112", "14735551234", "442079460000", "0", "00", "000000000000000000",
		"5491123456789", "0111523456789", "899123456", "80012345678", "8835100012345", "112123", "", "1", "7",
	} {
		f.Add(uint8(0), s)
	}
	all := regions()
	f.Fuzz(func(t *testing.T, region uint8, digits string) {
		for _, c := range digits {
			if c < '0' || c > '9' {
				t.Skip("digits are ASCII digits")
			}
		}
		compare(t, all[int(region)%len(all)], digits)
	})
}
