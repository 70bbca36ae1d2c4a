package words

import (
	_ "embed"
	"strings"
)

// The names of the countries that have numbers, by their two letters. They are the
// Unicode consortium's (CLDR), written by countries_test.go: go generate ./ui/words.
//
//go:generate go test -run ^TestCountries$ -update .
//go:embed countries_en.txt
var countriesEnglish string

// Country is a country's name, "" where code is none.
func Country(code string) string {
	if len(code) != 2 {
		return ""
	}
	_, rest, ok := strings.Cut("\n"+in().countries, "\n"+code+"\t")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "\n")
	return name
}
