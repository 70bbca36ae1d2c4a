package ami

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a server takes: Asterisk's buffer holds 1,022 bytes of a line and 128
// lines of a message, and makes two messages of a longer line
// (main/manager.c, get_input). We stay below.
const (
	maxLineOut    = 1000
	maxHeadersOut = 100
	maxActionID   = 63
)

// writer builds one action. The first refusal sticks: nothing of a refused
// action is ever sent.
type writer struct {
	buf   []byte
	lines int
	err   error
}

// encode makes an action's bytes, or an ErrBadValue that names the header and
// never shows its value.
func encode(a Action, id string) ([]byte, error) {
	w := &writer{buf: make([]byte, 0, 512)}
	w.add("Action", a.Name())
	w.allowed("ActionID", id, nameChars, 1, maxActionID)
	if err := a.headers(w); err != nil {
		return nil, err
	}
	if w.err != nil {
		return nil, w.err
	}
	return append(w.buf, '\r', '\n'), nil
}

func (w *writer) refuse(key string) {
	if w.err == nil {
		w.err = fmt.Errorf("ami: %s: %w", key, ErrBadValue)
	}
}

// add appends a header. The check for CR, LF and NUL is made here, at the one
// place everything passes.
func (w *writer) add(key, value string) {
	w.lines++
	if len(key)+len(": ")+len(value) > maxLineOut || w.lines > maxHeadersOut || strings.ContainsAny(value, "\r\n\x00") {
		w.refuse(key)
		return
	}
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, ": "...)
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, "\r\n"...)
}

// allowed appends a header whose every byte must be of the set, and which has
// between least and most of them.
func (w *writer) allowed(key, value string, set *charset, least, most int) {
	if !set.holds(value, least, most) {
		w.refuse(key)
		return
	}
	w.add(key, value)
}

// channelName appends the exact name of one channel, as the events show it.
func (w *writer) channelName(name string) {
	if !channelNameChars.holds(name, 3, 255) || !alphanumeric.has(name[0]) || strings.IndexByte(name, '/') < 1 {
		w.refuse("Channel")
		return
	}
	w.add("Channel", name)
}

// charset is a set of bytes.
type charset [256]bool

func chars(more string) *charset {
	set := new(charset)
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + more) {
		set[c] = true
	}
	return set
}

var (
	alphanumeric     = chars("")
	variableChars    = chars("_")
	nameChars        = chars("_.-") // contexts, ActionIDs
	idChars          = chars("_.;-")
	dialChars        = chars("_+*#.-") // extensions, values of variables
	channelChars     = chars("_+*#.@/-")
	channelNameChars = chars("_+*#.@/;:=~%-") // no backslash, bracket, pipe, caret or dollar
)

func (set *charset) has(c byte) bool { return set[c] }

func (set *charset) holds(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

// callerID accepts `"name" <number>`, `<number>` and `number`: what
// ast_callerid_parse takes apart without guessing. A name may hold letters and
// digits of any script, spaces and a little punctuation; nothing that quotes,
// escapes or substitutes.
func callerID(s string) bool {
	if len(s) > 255 || !utf8.ValidString(s) {
		return false
	}
	if rest, quoted := strings.CutPrefix(s, `"`); quoted {
		name, number, ok := strings.Cut(rest, `" `)
		if !ok {
			return false
		}
		for _, r := range name {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(" _+*#.:@'/()&-", r) {
				return false
			}
		}
		if !strings.HasPrefix(number, "<") {
			return false
		}
		s = number
	}
	if inner, angled := strings.CutPrefix(s, "<"); angled {
		if s, angled = strings.CutSuffix(inner, ">"); !angled {
			return false
		}
	}
	return dialChars.holds(s, 1, 79)
}
