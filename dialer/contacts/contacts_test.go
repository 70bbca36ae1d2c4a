package contacts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/clean"
	"cornetta/dialer/number"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func rules() number.Settings {
	s := number.DefaultSettings()
	s.Region, s.Prefix = "IT", "0"
	return s
}

func person(name, company string, numbers ...string) Person {
	p := Person{Name: clean.Foreign(name), Company: clean.Foreign(company), Source: "1"}
	for i, n := range numbers {
		for _, l := range number.List(n, rules()) {
			p.Numbers = append(p.Numbers, Number{kinds[(i+1)%len(kinds)], clean.Foreign(l.Text), l.Key})
		}
	}
	return p
}

// bookOf is a Book of people.
func bookOf(t testing.TB, people ...Person) *Book {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people")
	if err := Write(path, people, []State{{ID: "0"}, {ID: "1", People: len(people)}}, rules()); err != nil {
		t.Fatal(err)
	}
	return Open(path)
}

func some(t testing.TB) *Book {
	return bookOf(
		t,
		person("Anna Rossi", "Acme S.p.A.", "+39 050 123402", "333 1234567"),
		person("Rossana Bianchi", "Studio D'Angelo", "050 123403"),
		person("Łukasz Gżegżółka", "", "+48 22 123 45 67"),
		person("Jörg Müller", "Straße & Søn", "+49 89 123456"),
		person("", "Pizzeria Da Mario", "050 999888"),
		person("José Àlvarez-Ruiz", "Acme S.p.A.", "7102"),
		person("Marco Rossi", "Beta", "050 123404", "050 777000"),
		person("Lia Verdi", "Beta", "050 777000"),
		person("Ugo Neri", "Gamma", "050 666000"),
		person("Ada Gialli", "Delta", "050 666000"),
		person("Without", "Any"),
	)
}

func names(all []Person) string {
	var s []string
	for _, p := range all {
		s = append(s, p.Name.Text())
	}
	return strings.Join(s, ", ")
}

func TestFind(t *testing.T) {
	b := some(t)
	for text, want := range map[string]string{
		"rossi":             "Anna Rossi, Marco Rossi",
		"ROSS":              "Anna Rossi, Marco Rossi, Rossana Bianchi",
		"rossi an":          "Anna Rossi",
		"anna rossi":        "Anna Rossi",
		"rossi beta":        "Marco Rossi",
		"acme":              "Anna Rossi, José Àlvarez-Ruiz",
		"spa":               "Anna Rossi, José Àlvarez-Ruiz",
		"s.p.a.":            "Anna Rossi, José Àlvarez-Ruiz",
		"lukasz gzeg":       "Łukasz Gżegżółka",
		"gżegżółka":         "Łukasz Gżegżółka",
		"muller":            "Jörg Müller",
		"mueller jorg":      "Jörg Müller",
		"strasse":           "Jörg Müller",
		"son":               "Jörg Müller",
		"soen":              "Jörg Müller",
		"jose alvarez":      "José Àlvarez-Ruiz",
		"Jose\u0301 àlvare": "José Àlvarez-Ruiz",
		"ruiz":              "José Àlvarez-Ruiz",
		"dangelo":           "Rossana Bianchi",
		"d’angelo":          "Rossana Bianchi",
		"angelo":            "Rossana Bianchi",
		"pizz":              "Pizzeria Da Mario",
		"without":           "",
		"rossi rossi gamma": "",
		"zz":                "Pizzeria Da Mario",
		"xq":                "",
		"":                  "",
		"  ":                "",
		"\n\t":              "",
		"050 1234":          "Anna Rossi, Marco Rossi, Rossana Bianchi",
		"+39 050 123402":    "Anna Rossi",
		"0039050123402":     "Anna Rossi",
		"0 050 123402":      "Anna Rossi",
		"123404":            "Marco Rossi",
		"7102":              "José Àlvarez-Ruiz",
		"76774":             "Anna Rossi, Marco Rossi",
		"76774 27":          "",
		"2662 76774":        "Anna Rossi",
		"76774 2662":        "Anna Rossi",
		"2662076774":        "Anna Rossi", // 0 is the space
		"6774":              "",           // in the middle of a word
		"58527":             "Łukasz Gżegżółka",
		"68355":             "Jörg Müller",
		"683553":            "Jörg Müller",                   // as Mueller
		"2263":              "Anna Rossi, José Àlvarez-Ruiz", // Acme
		"rossi 050":         "Anna Rossi, Marco Rossi",
		"rossi 333":         "Anna Rossi",
		"123404 rossi":      "Marco Rossi",
		"acme 7102":         "José Àlvarez-Ruiz",
		"rossi +39 1234":    "Anna Rossi, Marco Rossi",
		"rossi 999888":      "",
		"777000":            "Lia Verdi, Marco Rossi",
	} {
		all, err := b.Find(text, 20, rules())
		if got := names(all); err != nil || got != want {
			t.Errorf("%q: %q, want %q; %v", text, got, want, err)
		}
	}
	if all, _ := b.Find("ross", 2, rules()); names(all) != "Anna Rossi, Marco Rossi" {
		t.Errorf("two of them: %q", names(all))
	}
	all, _ := b.Find("333 12", 5, rules())
	if len(all) != 1 || all[0].Numbers[0].Text != "333 1234567" || all[0].Numbers[0].Kind != Mobile || all[0].Source != "1" {
		t.Errorf("the number that was typed does not come first: %+q", all[0].Numbers[0].Text.Text())
	}
}

// TestFindInACrowd holds what is found against who is there, few of them and more than
// can all be looked at: everybody who fits, those first in whom it begins a word, or who
// have all of the digits as they were typed.
func TestFindInACrowd(t *testing.T) {
	for _, n := range []int{300, 6000} {
		// With -race it takes half a minute to read so many numbers, of which the key is one
		// more than that of the one before.
		texts := func(i int) []string {
			return []string{fmt.Sprintf("050 %06d", 100_000+i), fmt.Sprintf("%d", 710_000+i)}
		}
		names := []string{"Anna Rossi", "Marco Corossi", "Gianna Neri", "Ugo Annibali"}
		first := person(names[0], "Azienda Ross", texts(0)...)
		var all []Person
		for i := range n {
			p := first
			p.Name, p.Numbers = clean.Foreign(names[i%4]), slices.Clone(first.Numbers)
			for j, text := range texts(i) {
				p.Numbers[j].Text, p.Numbers[j].Key = clean.Foreign(text), first.Numbers[j].Key+number.Key(i)
			}
			all = append(all, p)
		}
		if read := person(names[(n-1)%4], "Azienda Ross", texts(n-1)...); !reflect.DeepEqual(all[n-1], read) {
			t.Fatalf("the last is %+v, and %+v where it is read", all[n-1], read)
		}
		b := bookOf(t, all...)
		for text, want := range map[string]struct {
			fit  func(Person) bool
			best func(Person) bool
		}{
			"ann": {
				func(p Person) bool { return strings.Contains(Fold(p.Name.Text()), "ann") },
				func(p Person) bool { return strings.Contains(" "+Fold(p.Name.Text()), " ann") },
			},
			"rossi anna": {
				func(p Person) bool { return p.Name == "Anna Rossi" },
				func(p Person) bool { return p.Name == "Anna Rossi" },
			},
			"neri ross": {
				func(p Person) bool { return p.Name == "Gianna Neri" },
				func(p Person) bool { return p.Name == "Gianna Neri" },
			},
			"0501000": { // and, without the outside line, 501000
				func(p Person) bool { return strings.Contains(p.Numbers[0].Key.Digits(), "0501000") },
				func(p Person) bool { return strings.Contains(p.Numbers[0].Key.Digits(), "0501000") },
			},
			"07100": {
				func(p Person) bool { return hasDigits(p, "7100") },
				func(p Person) bool { return hasDigits(p, "07100") },
			},
			"71": {
				func(p Person) bool { return hasDigits(p, "71") },
				func(p Person) bool { return hasDigits(p, "71") },
			},
		} {
			fit, best := 0, 0
			for _, p := range all {
				if want.fit(p) {
					fit++
				}
				if want.best(p) {
					best++
				}
			}
			for _, limit := range []int{1, 20, 400} {
				found, err := b.Find(text, limit, rules())
				room := limit
				if !strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' }) {
					room -= limit / 4 // the rest is for keys, which nobody has here
				}
				if err != nil || len(found) != min(fit, room) {
					t.Errorf("%q of %d: %d of %d, %v", text, n, len(found), min(fit, room), err)
				}
				for i, p := range found {
					if !want.fit(p) || i < min(best, len(found)) && !want.best(p) {
						t.Errorf("%q of %d: number %d is %s", text, n, i, p.Name.Text())
						break
					}
				}
			}
		}
	}
}

func hasDigits(p Person, digits string) bool {
	return slices.ContainsFunc(p.Numbers, func(n Number) bool { return strings.Contains(n.Key.Digits(), digits) })
}

func TestWho(t *testing.T) {
	b := some(t)
	for dial, want := range map[string]string{
		"0050123402":     "Anna Rossi",
		"+39050123402":   "Anna Rossi",
		"03331234567":    "Anna Rossi",
		"7102":           "José Àlvarez-Ruiz",
		"0050777000":     "Beta", // both have it
		"0050666000":     "",     // who have nothing in common
		"0050999888":     "Pizzeria Da Mario",
		"0050123499":     "",
		"":               "",
		"*43":            "",
		"00048221234567": "Łukasz Gżegżółka",
	} {
		if got := b.Who(dial, rules()); got.Text() != want {
			t.Errorf("%q: %q, want %q", dial, got.Text(), want)
		}
	}
	var nobody *Book
	if nobody.Who("7102", rules()) != "" {
		t.Error("without a book")
	}
}

// Names are in no log.
func TestNamesAreHidden(t *testing.T) {
	if s := fmt.Sprintf("%v %+v %v", person("Anna Rossi", "Acme", "7102"), some(t), person("Anna", "B", "050 123402").Numbers); strings.Contains(s, "Anna") || strings.Contains(s, "Acme") || strings.Contains(s, "123402") {
		t.Error(s)
	}
}

func TestNoIndex(t *testing.T) {
	b := Open(filepath.Join(t.TempDir(), "none"))
	all, err := b.Find("a", 3, rules())
	states, err2 := b.States()
	if err != nil || err2 != nil || all != nil || states != nil || b.Who("7102", rules()) != "" {
		t.Errorf("%v, %v, %v, %v", all, err, states, err2)
	}
}

// An index that was damaged anywhere is refused as a whole; one that was replaced is read.
func TestDamaged(t *testing.T) {
	b := bookOf(t, person("Anna Rossi", "Acme", "050 123402"), person("Ugo", "", "7102"))
	data, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(d []byte) {
		t.Helper()
		if err := os.Remove(b.path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(b.path, d, 0o600); err != nil {
			t.Fatal(err)
		}
		b = Open(b.path)
	}
	for i := range data {
		d := slices.Clone(data)
		d[i] ^= 0x11
		write(d)
		if all, err := b.Find("anna", 3, rules()); !errors.Is(err, ErrDamaged) || b.Who("7102", rules()) != "" {
			t.Fatalf("byte %d: %v, %v", i, all, err)
		}
		write(data[:i])
		if _, err := b.Find("anna", 3, rules()); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut at byte %d: %v", i, err)
		}
	}
	if err := Write(b.path, []Person{person("Eva", "", "7103")}, nil, rules()); err != nil {
		t.Fatal(err)
	}
	if all, err := b.Find("eva", 3, rules()); err != nil || len(all) != 1 || all[0].Source != "" {
		t.Errorf("%v, %v", all, err)
	}
	if at, fits := b.Written(rules()); time.Since(at) > time.Hour || !fits {
		t.Error(at, fits)
	}
	abroad := rules()
	abroad.Region = "DE"
	if _, fits := b.Written(abroad); fits {
		t.Error("by whatever rules")
	}
}

// What comes from a directory is one clean line each, whoever wrote the index.
func TestClean(t *testing.T) {
	b := bookOf(t, Person{
		Name: "A\u202enna\x1b[31m\nRossi", Company: clean.Foreign(strings.Repeat("x", 4000)),
		Numbers: []Number{{Work, clean.Foreign("7102\x00" + strings.Repeat("9", 500)), 0}},
	})
	all, err := b.Find("nna", 1, rules())
	if err != nil || len(all) != 1 || all[0].Name != "Anna[31m Rossi" || len(all[0].Company.Text()) > 70 || len(all[0].Numbers[0].Text.Text()) > 70 {
		t.Errorf("%+q, %v", names(all), err)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Anna  Rossi": "anna rossi", "ÀÉÎ": "aei", "Łódź": "lodz", "STRASSE ß": "strasse ss", "Æsir Œuvre": "aesir oeuvre",
		"ısı": "isi", "D'Angelo": "dangelo", "S.p.A.": "spa", "rossi.anna": "rossi anna", "J. R. R. Tolkien": "j r r tolkien",
		"Ｆｕｌｌ": "full", "田中": "田中", "a-b/c": "a b c", "": "", "…": "", "Ѓорѓи": "горги", "x\xffy": "xy", "n°5": "n 5",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzIndex(f *testing.F) {
	data, err := encode([]Person{person("Anna Rossi", "Acme", "050 123402", "7102"), person("Ugo", "", "7103")}, []State{{ID: "1"}}, rules())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, "anna")
	f.Add(data, "0501")
	f.Add(data[:headerLen], "a")
	f.Fuzz(func(_ *testing.T, data []byte, text string) {
		x, _, err := openIndex(strings.NewReader(string(data)), int64(len(data)))
		if err != nil {
			// What stands behind the header is as much the writer's as what is in it.
			if x, _, err = openIndex(strings.NewReader(repaired(data)), int64(len(data))); err != nil {
				return
			}
		}
		_, _ = x.find(text, 5, rules())
		_, _, _ = x.owner(number.KeyOf(text, rules()))
		for i := range min(x.people, 10) {
			_, _ = x.person(i, nil)
		}
		_, _ = x.states()
	})
}

// repaired is data with a header that belongs to it.
func repaired(data []byte) string {
	if len(data) < headerLen {
		return ""
	}
	d := slices.Clone(data)
	copy(d, magic)
	binary.LittleEndian.PutUint32(d[60:], crc32.Checksum(d[:60], castagnoli))
	return string(d)
}

// Those whose number fits come first, and leave room for those whose name does.
func TestFindLeavesRoomForNames(t *testing.T) {
	people := []Person{person("Anna Rossi", "", "7102"), person("Aaa", "", "050 7677400"), person("Rossana", "", "050 7677401")}
	for i := range 60 {
		people = append(people, person(fmt.Sprint("Nn ", i), "", fmt.Sprintf("050 767744%d", i)))
	}
	all, err := bookOf(t, people...).Find("76774", 20, rules())
	if err != nil || len(all) != 16 || all[0].ByKeys || !all[15].ByKeys || all[15].Name != "Anna Rossi" {
		t.Errorf("%d: %s, %v", len(all), names(all), err)
	}
	all, err = bookOf(t, people[:3]...).Find("76774", 20, rules())
	if err != nil || names(all) != "Aaa, Rossana, Anna Rossi" || all[1].ByKeys {
		t.Errorf("%s, %v", names(all), err)
	}
}

// Whoever is not in the index fits as those who are.
func TestMatches(t *testing.T) {
	key := number.KeyOf("0050123402", rules())
	for text, want := range map[string]Match{
		"ross": MatchWell, "rossi an": MatchWell, "ROSSI ànna": MatchWell, "acme": MatchWell, "acme 1234": MatchWell, "anna acme": MatchWell,
		"0501234": MatchWell, "+39 050": MatchWell, "0 050 1234": MatchWell, "76774": MatchByKeys, "2662 76774": MatchByKeys, "2662076774": MatchByKeys,
		"2263": MatchByKeys, "6774": NoMatch, "": NoMatch, "rossi 999": NoMatch, "bianchi": NoMatch, "050999": NoMatch, "*": NoMatch, "5*3": NoMatch,
	} {
		if got := Matches(text, "Anna Rossi", "Acme", key, rules()); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	if Matches("401", "", "", 0, rules()) != NoMatch || Matches("", "", "", 0, rules()) != NoMatch {
		t.Error("of nobody")
	}
}

// TestANeedleIsFoundWhereItBegins: whatever it is like, and wherever it stands.
func TestANeedleIsFoundWhereItBegins(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	some := func(of string, most int) []byte {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = of[r.IntN(len(of))]
		}
		return b
	}
	found := 0
	for _, signs := range []string{"a", "ab", "ab\n ", "\x00\x01\x02", "\x7f\x80\x81\xff", "0123456789"} {
		for range 20_000 {
			text, in := append(some(signs, 7), signs[0]), some(signs, 60)
			want, n := bytes.Index(in, text), needleFor(text, some(signs, 30))
			if got := n.index(in); got != want {
				t.Fatalf("%q in %q, by the two at %d: %d, not %d", text, in, n.at, got, want)
			}
			if want >= 0 {
				found++
			}
		}
	}
	if found < 10_000 {
		t.Errorf("found %d times only", found)
	}
}
