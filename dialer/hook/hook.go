// Package hook is what a person has done beside a call of theirs, such as a CRM that shows
// whom they call: at some states of the call a URL is opened, or a program is run.
//
// [Parse] reads what stands in the settings, and is pure. [Runner] does it: one at a time
// and in order, on a goroutine that there is only while there is something to do.
//
// The URL is made of a template. What is put into it is percent-encoded and stands behind
// the host, so that nobody who chooses their own name chooses what is opened. A program
// gets its arguments as they are in the settings, without a shell, and the call on its
// standard input, as JSON.
//
// The tests run real programs, among them such as hang, fail and leave others behind; the
// parser is fuzzed.
package hook

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cornetta/dialer/call"
	"cornetta/dialer/setting"
)

// Settings are what is done, and when. "" is nothing.
type Settings struct {
	On         bool   `toml:"hooks" json:"hooks"` // nothing is done without it
	RingingOwn string `toml:"on_ringing_own" json:"on_ringing_own"`
	InCall     string `toml:"on_in_call" json:"on_in_call"`
	Ended      string `toml:"on_ended" json:"on_ended"`
	Failed     string `toml:"on_failed" json:"on_failed"`

	// Of calls that come in.
	InRinging   string `toml:"on_in_ringing" json:"on_in_ringing,omitempty"`
	InAnswered  string `toml:"on_in_answered" json:"on_in_answered,omitempty"`
	InElsewhere string `toml:"on_in_elsewhere" json:"on_in_elsewhere,omitempty"`
	InMissed    string `toml:"on_in_missed" json:"on_in_missed,omitempty"`
	InEnded     string `toml:"on_in_ended" json:"on_in_ended,omitempty"`
}

// Described are the descriptions of Settings.
var Described = []setting.Of[Settings]{
	setting.Switch("hooks", func(s *Settings) *bool { return &s.On }, false).Optional().Permitting("false", "true"),
	setting.Text(KeyOf(call.RingingOwn), func(s *Settings) *string { return &s.RingingOwn }, "", check).Optional(),
	setting.Text(KeyOf(call.InCall), func(s *Settings) *string { return &s.InCall }, "", check).Optional(),
	setting.Text(KeyOf(call.Ended), func(s *Settings) *string { return &s.Ended }, "", check).Optional(),
	setting.Text(KeyOf(call.Failed), func(s *Settings) *string { return &s.Failed }, "", check).Optional(),

	setting.Text(KeyOf(call.InRinging), func(s *Settings) *string { return &s.InRinging }, "", check).Optional(),
	setting.Text(KeyOf(call.InAnswered), func(s *Settings) *string { return &s.InAnswered }, "", check).Optional(),
	setting.Text(KeyOf(call.InElsewhere), func(s *Settings) *string { return &s.InElsewhere }, "", check).Optional(),
	setting.Text(KeyOf(call.InMissed), func(s *Settings) *string { return &s.InMissed }, "", check).Optional(),
	setting.Text(KeyOf(call.InEnded), func(s *Settings) *string { return &s.InEnded }, "", check).Optional(),
}

// Validate returns a *setting.Error for the first that is not as it must be.
func (s Settings) Validate() error { return setting.Check(Described, &s) }

// States are those at which something can be done, in their order.
var States = []call.State{
	call.RingingOwn, call.InCall, call.Ended, call.Failed,
	call.InRinging, call.InAnswered, call.InElsewhere, call.InMissed, call.InEnded,
}

// KeyOf is the key of the setting that says what is done at a state.
func KeyOf(s call.State) string { return "on_" + string(s) }

// At is what is done at a state, "" for nothing.
func (s Settings) At(state call.State) string {
	if !s.On {
		return ""
	}
	return s.Set(state)
}

// Set is what is set for a state, whether it is switched on or not.
func (s Settings) Set(state call.State) string {
	switch state {
	case call.RingingOwn:
		return s.RingingOwn
	case call.InCall:
		return s.InCall
	case call.Ended:
		return s.Ended
	case call.Failed:
		return s.Failed
	case call.InRinging:
		return s.InRinging
	case call.InAnswered:
		return s.InAnswered
	case call.InElsewhere:
		return s.InElsewhere
	case call.InMissed:
		return s.InMissed
	case call.InEnded:
		return s.InEnded
	}
	return ""
}

// Call is a call as a hook gets it.
type Call struct {
	call.Line
	ID            string `json:"id"`
	Extension     string `json:"extension"`               // the person's own
	International string `json:"international,omitempty"` // the number with a plus and its country's code, where it has one
	Name          string `json:"name,omitempty"`          // what the person's contacts, or else the PBX, call the other side
	Try           bool   `json:"try,omitempty"`           // there is no call: somebody tries the hook
}

const (
	maxText  = 2048 // bytes of a setting
	maxWords = 64   // a program and its arguments
	maxParts = 32   // of a URL
)

// Action is what a setting says: a URL to open or a program to run.
type Action struct {
	template []part   // nil: it is a program
	argv     []string // it, by its whole path, and its arguments
}

// part is a piece of a template: a text as it is, or the name of a value.
type part struct {
	text, value string
	path        bool // it stands in the path of the URL
}

// Parse reads a setting. fault is "" or a code of package setting.
//
// What begins with http:// or https:// is a URL, with values in braces behind the host.
// Anything else is the whole path of a program and its arguments, with spaces between
// them: what has spaces stands in quotes ("), which have no other meaning, or all of it is a
// list as JSON has it.
func Parse(text string) (a Action, fault string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return a, setting.CodeMissing
	case len(text) > maxText:
		return a, setting.CodeTooLong
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return a, setting.CodeInvalid
	}
	ok := false
	if scheme, _, found := strings.Cut(text, "://"); found && isHTTP(scheme) {
		a.template, ok = template(text)
	} else {
		a.argv, ok = split(text)
		ok = ok && len(a.argv) > 0 && len(a.argv) <= maxWords && filepath.IsAbs(a.argv[0]) &&
			!strings.Contains(strings.Join(a.argv, ""), "\x00")
	}
	if !ok {
		return Action{}, setting.CodeInvalid
	}
	return a, ""
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// check is of a setting: "" is nothing to be done.
func check(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	_, fault := Parse(text)
	return fault
}

// split takes a command line apart.
func split(text string) (all []string, ok bool) {
	if strings.HasPrefix(text, "[") {
		return all, json.Unmarshal([]byte(text), &all) == nil
	}
	var word strings.Builder
	quoted, begun := false, false
	end := func() {
		if begun {
			all = append(all, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			end()
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	end()
	return all, !quoted
}

// values are what can be put into a URL, by their names.
var values = map[string]func(Call) string{
	"number": func(c Call) string { return c.Number },
	"international": func(c Call) string {
		if c.International == "" {
			return c.Number
		}
		return c.International
	},
	"name":      func(c Call) string { return c.Name },
	"state":     func(c Call) string { return string(c.State) },
	"cause":     func(c Call) string { return string(c.Cause) },
	"extension": func(c Call) string { return c.Extension },
	"duration":  func(c Call) string { return strconv.Itoa(int(c.Duration)) },
	"id":        func(c Call) string { return c.ID },
	"called":    func(c Call) string { return c.Called },
}

// template takes a URL apart at its values. They stand behind the host, where none can be
// another one.
func template(text string) (parts []part, ok bool) {
	_, rest, _ := strings.Cut(text, "://")
	host := len(text) - len(rest)
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host += end
	} else {
		host = len(text)
	}
	if strings.ContainsAny(text[:host], "{}\\@") {
		return nil, false
	}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return nil, false
		}
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			break
		}
		path := !strings.ContainsAny(text[:len(text)-len(after)], "?#")
		name, after, closed := strings.Cut(after, "}")
		if _, known := values[name]; !closed || !known || len(parts) > maxParts {
			return nil, false
		}
		parts = append(parts, part{value: name, path: path})
		rest = after
	}
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(text))
	return parts, err == nil && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(text, " \"<>\\^`|")
}

// URL is what is opened for a call, "" for a program.
func (a Action) URL(c Call) string {
	var b strings.Builder
	for _, p := range a.template {
		if p.value == "" {
			b.WriteString(p.text)
			continue
		}
		v := values[p.value](c)
		if p.path && strings.Trim(v, ".") == "" {
			continue // "..", however it is written, would lead to another page
		}
		b.WriteString(escape(v))
	}
	return b.String()
}

// escape is v with all but the letters, digits and signs that RFC 3986 leaves unreserved in
// percents, so that nothing in it means anything.
func escape(v string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(v) {
		switch c := v[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// Example is a call that is none, for who tries a hook: to the person's own extension.
func Example(state call.State, extension string, now time.Time) Call {
	c := call.Snapshot{ID: "try", Number: extension, Extension: extension, State: state, Requested: now}
	switch state {
	case call.InCall, call.Ended, call.InAnswered, call.InEnded:
		c.Answered = now
	case call.Failed:
		c.Cause = call.Busy
	}
	return Call{Line: c.LineAt(now), ID: c.ID, Extension: extension, Name: "Cornetta", Try: true}
}
