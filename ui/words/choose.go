package words

import (
	"os"
	"strings"
)

// Variable of the environment that chooses the language, before the settings and
// the desktop do.
const Variable = "CORNETTA_LANGUAGE"

// Choose chooses the language: the one that the environment asks for in
// [Variable], else chosen, which is the settings', else the desktop's. One that there
// is not is passed over. It returns the code of the one that is used from now on.
func Choose(chosen string) string {
	for _, locale := range []string{os.Getenv(Variable), chosen} {
		if _, ok := tables[codeOf(locale)]; ok {
			return Use(locale)
		}
	}
	return Use(ofDesktop(os.Getenv, userLanguages))
}

// ofDesktop is the locale that the desktop asks for, found as gettext finds it: in
// LC_ALL, LC_MESSAGES or LANG, of which the first that is set counts, with LANGUAGE
// as a list of languages before it, unless it is the locale of no language. Where
// none is set, more lists what the system itself knows.
func ofDesktop(env func(string) string, more func() []string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := env(name)
		if locale == "" {
			continue
		}
		if plain, _, _ := strings.Cut(locale, "."); plain == "C" || plain == "POSIX" {
			return ""
		}
		return firstKnown(append(strings.Split(env("LANGUAGE"), ":"), locale))
	}
	return firstKnown(more())
}

// firstKnown is the first locale whose language there is, "" where there is none.
func firstKnown(locales []string) string {
	for _, l := range locales {
		if _, ok := tables[codeOf(l)]; ok {
			return l
		}
	}
	return ""
}
