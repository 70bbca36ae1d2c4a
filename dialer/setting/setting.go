// Package setting describes settings, each once: what it is called, what it may
// be, what it is where nobody chose, and where its value is kept. The file, the
// checks, the options of the command line and the rows of a form are made of these
// descriptions; its words are in ui/words, under its key.
//
// A package that has settings keeps them in a struct and lists the descriptions of
// its fields; config puts those lists together. Everything here is pure.
package setting

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cornetta/dialer/status"
)

// Kind is what a setting can be.
type Kind int

const (
	KindText   Kind = iota
	KindSwitch      // "true" or "false"
	KindCount       // a whole number from Low to High
	KindChoice      // one of Codes
	KindPeriod      // as time.ParseDuration reads it
	KindList        // texts with commas between them, or a list of JSON's
)

// Error names the first setting that is not as it must be.
type Error struct {
	Field string // its key: host, port, tls_pin, …
	Code  string // one of the Code constants
}

func (e *Error) Error() string { return "config: " + e.Field + ": " + e.Code }

// Problem implements status.Problematic.
func (e *Error) Problem() status.Problem {
	return status.Problem{Code: status.CodeField, Field: e.Field, Fault: e.Code}
}

const (
	CodeMissing = "missing"
	CodeInvalid = "invalid" // a character or a form that cannot be
	CodeRange   = "range"   // a number outside its limits
	CodeTooLong = "too_long"
	CodeUnknown = "unknown" // there is no such setting
	CodeTaken   = "taken"   // it is another's already
)

// Description is what there is to know of a setting without its value.
type Description struct {
	Group string // the table of the file that it stands in, "" for none
	Key   string // its name there; no two settings have the same
	Kind  Kind

	Codes     []string // of a KindChoice, the one that is usual first
	Low, High int      // of a KindCount

	// Strict are the values of one that permits something, the one that permits the
	// least first: what holds where an administrator's word cannot be read, or two of
	// them differ. It is nil for all others.
	Strict []string

	// Since is the first layout of the file that has to have it. One of a file
	// that need not have it has the usual value where it is missing.
	Since int
	// Given says that its value comes from elsewhere and is not stored.
	Given bool
	// PerAccount says that each account has its own, although it stands in another table.
	PerAccount bool
	Option     *Option // nil where the command line has none
}

// Belongs reports whether each account has its own of it.
func (d Description) Belongs() bool { return d.Group == "account" || d.PerAccount }

// Option is what an option of the command line has beside what its setting says.
type Option struct {
	Name        string // "" for the setting's key
	Placeholder string
	Required    bool
}

// Of is the description of a setting that is kept in an S.
type Of[S any] struct {
	Description
	text  func(*S) string
	parse func(*S, string) (code string)
	check func(*S) (code string)
	reset func(*S)
	value func(*S) any
}

// Value is the value as a file has it.
func (d Of[S]) Value(s *S) any { return d.value(s) }

// Text is the value as Parse takes it.
func (d Of[S]) Text(s *S) string { return d.text(s) }

// Check says what is wrong with the value in s, "" for nothing.
func (d Of[S]) Check(s *S) (code string) { return d.check(s) }

// Parse puts into s what text says, and says what is wrong with it, "" for
// nothing. What cannot be read at all leaves the zero value.
func (d Of[S]) Parse(s *S, text string) (code string) {
	if code := d.parse(s, text); code != "" {
		return code
	}
	return d.check(s)
}

// From is d, which files have to have from a layout on.
func (d Of[S]) From(layout int) Of[S] {
	d.Since = layout
	return d
}

// Optional is d, which no file has to have.
func (d Of[S]) Optional() Of[S] { return d.From(math.MaxInt) }

// Permitting is d, which permits something: the less, the earlier its value stands here.
func (d Of[S]) Permitting(strictest ...string) Of[S] {
	d.Strict = strictest
	return d
}

// Stricter reports whether text permits less than other does.
func (d Description) Stricter(text, other string) bool {
	a, b := slices.Index(d.Strict, text), slices.Index(d.Strict, other)
	return a >= 0 && (b < 0 || a < b)
}

// Where is d, which need not be right where in says no: it has no use there.
func (d Of[S]) Where(in func(*S) bool) Of[S] {
	check := d.check
	d.check = func(s *S) string {
		if !in(s) {
			return ""
		}
		return check(s)
	}
	return d
}

// FromElsewhere is d, which is not stored.
func (d Of[S]) FromElsewhere() Of[S] {
	d.Given = true
	return d
}

// OfAccount is d, of which each account has its own.
func (d Of[S]) OfAccount() Of[S] {
	d.PerAccount = true
	return d
}

// WithOption is d, which can be given on the command line.
func (d Of[S]) WithOption(o Option) Of[S] {
	d.Option = &o
	return d
}

func describe[S, T any](key string, kind Kind, at func(*S) *T, usual T, text func(T) string, parse func(string) (T, string), check func(T) string) Of[S] {
	return Of[S]{
		Description: Description{Key: key, Kind: kind},
		text:        func(s *S) string { return text(*at(s)) },
		parse: func(s *S, text string) (code string) {
			*at(s), code = parse(text)
			return code
		},
		check: func(s *S) string { return check(*at(s)) },
		reset: func(s *S) { *at(s) = usual },
		value: func(s *S) any { return *at(s) },
	}
}

// Text describes a text. check says what is wrong with one.
func Text[S any](key string, at func(*S) *string, usual string, check func(string) string) Of[S] {
	same := func(text string) string { return text }
	return describe(key, KindText, at, usual, same, func(text string) (string, string) { return text, "" }, check)
}

// Switch describes what is on or off.
func Switch[S any](key string, at func(*S) *bool, usual bool) Of[S] {
	return describe(key, KindSwitch, at, usual, strconv.FormatBool, func(text string) (bool, string) {
		on, err := strconv.ParseBool(text)
		return on, invalid(err != nil)
	}, func(bool) string { return "" })
}

// Count describes a number.
func Count[S any](key string, at func(*S) *int, usual, low, high int) Of[S] {
	d := describe(key, KindCount, at, usual, strconv.Itoa, func(text string) (int, string) {
		n, err := strconv.Atoi(text)
		if text == "" {
			return 0, CodeMissing
		}
		return n, invalid(err != nil)
	}, func(n int) string { return inRange(n, low, high) })
	d.Low, d.High = low, high
	return d
}

// Choice describes one of some codes, of which the first is the usual one.
func Choice[S any, T ~string](key string, at func(*S) *T, codes ...T) Of[S] {
	d := describe(key, KindChoice, at, codes[0], func(v T) string { return string(v) },
		func(text string) (T, string) { return T(text), "" },
		func(v T) string { return invalid(!slices.Contains(codes, v)) })
	for _, c := range codes {
		d.Codes = append(d.Codes, string(c))
	}
	return d
}

// Period describes a length of time.
func Period[S any, T ~int64](key string, at func(*S) *T, usual, low, high time.Duration) Of[S] {
	return describe(key, KindPeriod, at, T(usual), func(v T) string { return time.Duration(v).String() },
		func(text string) (T, string) {
			v, err := time.ParseDuration(text)
			return T(v), invalid(err != nil)
		}, func(v T) string { return inRange(time.Duration(v), low, high) })
}

// List describes a list of texts, of which there usually are none.
func List[S any](key string, at func(*S) *[]string, check func([]string) string) Of[S] {
	return describe(key, KindList, at, nil, func(v []string) string { return strings.Join(v, ",") },
		func(text string) (out []string, code string) {
			if strings.HasPrefix(text, "[") {
				return out, invalid(json.Unmarshal([]byte(text), &out) != nil)
			}
			for item := range strings.SplitSeq(text, ",") {
				if item = strings.TrimSpace(item); item != "" {
					out = append(out, item)
				}
			}
			return out, ""
		}, check)
}

func invalid(wrong bool) string {
	if wrong {
		return CodeInvalid
	}
	return ""
}

func inRange[T int | time.Duration](v, low, high T) string {
	if v < low || v > high {
		return CodeRange
	}
	return ""
}

// In are the settings of an S that is a part of a T, but for those whose value
// comes from elsewhere.
func In[T, S any](group string, at func(*T) *S, all []Of[S]) []Of[T] {
	var out []Of[T]
	for _, d := range all {
		if d.Given {
			continue
		}
		d.Group = group
		out = append(out, Of[T]{
			Description: d.Description,
			text:        func(t *T) string { return d.text(at(t)) },
			parse:       func(t *T, text string) string { return d.parse(at(t), text) },
			check:       func(t *T) string { return d.check(at(t)) },
			reset:       func(t *T) { d.reset(at(t)) },
			value:       func(t *T) any { return d.value(at(t)) },
		})
	}
	return out
}

// Usual gives every setting its usual value.
func Usual[S any](all []Of[S]) (s S) {
	for _, d := range all {
		d.reset(&s)
	}
	return s
}

// Check returns an *Error for the first setting that is not as it must be.
func Check[S any](all []Of[S], s *S) error {
	for _, d := range all {
		if code := d.check(s); code != "" {
			return &Error{d.Key, code}
		}
	}
	return nil
}

// Set changes one setting. It returns an *Error where there is none with that key,
// or where text is nothing for it.
func Set[S any](all []Of[S], s *S, key, text string) error {
	d, ok := Find(all, key)
	if !ok {
		return &Error{key, CodeUnknown}
	}
	if code := d.Parse(s, text); code != "" {
		return &Error{key, code}
	}
	return nil
}

// Find is the setting with that key.
func Find[S any](all []Of[S], key string) (Of[S], bool) {
	i := slices.IndexFunc(all, func(d Of[S]) bool { return d.Key == key })
	if i < 0 {
		return Of[S]{}, false
	}
	return all[i], true
}
