package words

import (
	"flag"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"cornetta/dialer/number"
)

var update = flag.Bool("update", false, "write the names of the countries anew")

// TestCountries compares the names with the Unicode consortium's, of which golang.org/x/text has a copy.
func TestCountries(t *testing.T) {
	for _, l := range []struct{ code, file, have string }{
		{"en", "countries_en.txt", english.countries},
		{"it", "countries_it.txt", italian.countries},
	} {
		names := display.Regions(language.Make(l.code))
		var b strings.Builder
		for _, code := range number.Regions() {
			r, err := language.ParseRegion(code)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSpace(names.Name(r))
			if name == "" || strings.EqualFold(name, "unknown region") {
				t.Errorf("%s has no name", code)
			}
			b.WriteString(code + "\t" + name + "\n")
		}
		if *update {
			if err := os.WriteFile(l.file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if l.have != b.String() {
			t.Errorf("%s is not what the consortium says: go generate ./ui/words", l.file)
		}
	}
	if *update {
		return
	}
	for code, want := range map[string]string{"GB": "United Kingdom", "ZZ": "", "": "", "GB\n": "", "VA": "Vatican City"} {
		if got := Country(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}
