// Package words holds every sentence a person reads in the tray, in a
// notification, in the windows and on the command line.
//
// The rest of the program passes names around (a state, a cause, a code); here
// they become sentences that say what was attempted and what to do. Callers
// never format: whatever is put together from parts is put together here, so
// that another language can order the parts differently, count in its own plural
// forms and write dates its own way. A language is one value of type table
// (english.go, italian.go) and one line in tables.
//
// Text that comes from the PBX only ever enters a sentence through [Clean].
// Titles hold none of it, because notification titles and tooltips are shown
// where nobody expects somebody else's words.
//
// Everything is safe for concurrent use and pure, but for [Use] and [Choose], which
// choose the language for the whole process. The tests read the constants of
// dialer/status, dialer/call, dialer/number and dialer/config from their source,
// so that a name added there without a sentence here, in each language, fails.
package words

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// Sentence is what went wrong and what to do about it. What carries no full
// stop, so that it can stand as a title; Do is one or more whole sentences, or
// "" where there is nothing to do.
type Sentence struct {
	What string
	Do   string

	here string // what Here makes of Do; "": it is the same
}

// String puts both into one paragraph.
func (s Sentence) String() string {
	if s.What == "" || s.Do == "" {
		return s.What + s.Do
	}
	return s.What + ". " + s.Do
}

// Here is the sentence for who reads it beside the very fields that it would
// send to: in the settings and in the assistant.
func (s Sentence) Here() Sentence {
	if s.here != "" {
		s.Do, s.here = s.here, ""
	}
	return s
}

// saying is a sentence as a table has it. In Do, what stands between braces is
// said away from the settings, and what follows a bar in them there:
// "Choose others {in Settings|here}."
type saying struct{ What, Do string }

func (s saying) told() Sentence {
	t := Sentence{What: s.What}
	for rest := s.Do; rest != ""; {
		plain, place, _ := strings.Cut(rest, "{")
		place, rest, _ = strings.Cut(place, "}")
		away, here, _ := strings.Cut(place, "|")
		t.Do, t.here = t.Do+plain+away, t.here+plain+here
	}
	return t
}

// and adds a sentence that is said everywhere.
func (s Sentence) and(more string) Sentence {
	s.Do, s.here = s.Do+" "+more, s.here+" "+more
	return s
}

// paragraph is String with a full stop at its end.
func (s Sentence) paragraph() string {
	text := s.String()
	if text != "" && s.Do == "" && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// IsZero reports whether there is nothing to say.
func (s Sentence) IsZero() bool { return s == Sentence{} }

// table is one language. The strings of phrases are formats for fmt.Sprintf
// with explicit argument indexes.
type table struct {
	link    map[status.Connection]string
	problem map[status.Code]saying

	// terminal says it in place of problem, whole, where the way out is a command.
	terminal map[status.Code]string

	directory map[status.Code]saying    // where it is one of people, not the PBX
	attempt   map[status.Attempt]string // that it was in vain, as the title of what nobody foresaw

	title   map[call.State]string
	own     map[call.State]string
	far     map[call.State]string
	cause   map[call.Cause]saying
	number  map[string]saying
	reason  map[string]saying // why a number is asked first
	rule    map[string]string // a step from a text to what is dialled
	field   map[string]field
	fault   map[string]string // config's codes: what is wrong with a field
	step    map[status.Step]string
	check   map[string]string // what the doctor looks at, by the check's id
	found   map[Found]saying  // what it finds; both parts are formats
	label   map[Label]string
	help    map[string]string // of commands and options
	phrase  map[phrase]string
	toolkit map[string]string   // of Toolkit
	parser  map[string]string   // of Parser, by its own formats
	plural  map[plural][]string // each in all the forms there are, with the count as %[1]d
	form    func(n int) int     // which of them is for n
	yes     []string            // what is a yes on a terminal, in small letters; "y" always is
	clock   string              // the layout of a time of day
	date    func(t time.Time) string
	ellipse string

	kind map[string]string // of a number, dialer/contacts'
	use  map[string]string // of a column, dialer/contacts/directory's
	book map[string]string // a kind of address book, dialer/contacts'

	way map[call.Way]string // how a call was asked for

	countries string // lines of two letters, a tab and a name
}

// field is a setting.
type field struct {
	name string // as a sentence begins with it
	want string // a sentence: what it should hold
	note string // a sentence below it on a form
	unit string // behind its field on a form
	help string // of its option on the command line

	// takes is what the command line says that it takes, where its kind does not
	// say it.
	takes  string
	values map[string]value // of a choice, by its codes; of a switch, "true"
}

// value is what one of a setting's values is called on a form, and a sentence on
// what it means.
type value struct{ text, note string }

var tables = map[string]*table{"en": &english, "it": &italian}

var active atomic.Pointer[table]

func init() { active.Store(&english) }

// Use chooses the language for a locale such as "it_IT.UTF-8" or "en" and
// returns the code of the one that is used from now on: English where there is
// no other.
func Use(locale string) string {
	code := codeOf(locale)
	t, ok := tables[code]
	if !ok {
		code, t = "en", &english
	}
	active.Store(t)
	return code
}

// Language is the code of the language in use.
func Language() string {
	for code, t := range tables {
		if t == in() {
			return code
		}
	}
	return "en"
}

// Languages are the codes of the languages that there are.
func Languages() []string { return slices.Sorted(maps.Keys(tables)) }

func codeOf(locale string) string {
	code := strings.ToLower(locale)
	if i := strings.IndexAny(code, "_-.@"); i >= 0 {
		code = code[:i]
	}
	return code
}

func in() *table { return active.Load() }
