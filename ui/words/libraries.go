package words

import (
	"fmt"
	"maps"
	"regexp"
	"sync"
)

// What libraries say to a person by themselves.

// Toolkit are the texts of the library that draws the windows (fyne.io/fyne/v2/lang),
// by its own names for them.
func Toolkit() map[string]string { return maps.Clone(in().toolkit) }

// Parser is text, a line or an error of the library that reads the command line
// (kong), in the language in use; as it is where it is none of those that there are.
func Parser(text string) string {
	for i, known := range parserTexts {
		if parts := parserForms()[i].FindStringSubmatch(text); parts != nil {
			var all []any
			for _, p := range parts[1:] {
				all = append(all, p)
			}
			return fmt.Sprintf(in().parser[known], all...)
		}
	}
	return text
}

// parserTexts are the library's formats: the first that a text has the form of counts.
var parserTexts = []string{
	"Usage: %[1]s <command> [flags]",
	"Usage: %[1]s [flags]",
	"Usage: %[1]s",
	"Arguments:",
	"Flags:",
	"Commands:",
	`Run "%[1]s <command> --help" for more information on a command.`,
	`Run "%[1]s --help" for more information.`,
	"missing flags: %[1]s",
	"missing positional arguments %[1]s",
	"unknown flag %[1]s, did you mean one of %[2]s?",
	"unknown flag %[1]s, did you mean %[2]s?",
	"unknown flag %[1]s",
	"unexpected argument %[1]s, did you mean one of %[2]s?",
	"unexpected argument %[1]s, did you mean %[2]s?",
	"unexpected argument %[1]s",
	"unexpected flag argument %[1]s",
	"unexpected token %[1]s",
	"%[1]s: expected %[2]s value but got %[3]s (%[4]s); perhaps try %[5]s?",
	"%[1]s: expected %[2]s value but got %[3]s (%[4]s)",
	"expected %[1]s value but got %[2]s (%[3]s)",
	"expected one of %[1]s",
	"%[1]s must be one of %[2]s but got %[3]s",
	"%[1]s: bool value must be true, 1, yes, false, 0 or no but got %[2]s",
	"--%[1]s and --%[2]s can't be used together",
	"expected %[1]s",
	"%[1]s [flags]",
}

// parserForms are expressions for parserTexts. They are made when the first is needed:
// the program in the tray needs none.
var parserForms = sync.OnceValue(func() []*regexp.Regexp {
	part := regexp.MustCompile(`%\\\[\d\\\]s`)
	var all []*regexp.Regexp
	for _, t := range parserTexts {
		all = append(all, regexp.MustCompile("^"+part.ReplaceAllString(regexp.QuoteMeta(t), "(.+)")+"$"))
	}
	return all
})

// asTheyAre is for the language that a library speaks by itself.
func asTheyAre(texts []string) map[string]string {
	all := map[string]string{}
	for _, t := range texts {
		all[t] = t
	}
	return all
}
