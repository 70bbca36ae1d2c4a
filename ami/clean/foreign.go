package clean

import (
	"fmt"
	"io"
	"log/slog"
)

// Foreign is text that somebody else wrote, as it is shown to a person: an answer of
// the PBX, the name it gives the other side. It may name people and numbers, so that
// no log and no error text can get it: however it is printed or logged, what comes out
// is hidden. Whoever shows it to a person asks for Text; JSON between our own programs
// has the text.
type Foreign string

// hidden is what a Foreign is to a log.
const hidden = "…"

// Text is the text itself.
func (f Foreign) Text() string { return string(f) }

// Line is it as one line of a name's length, for who hands it on.
func (f Foreign) Line() Foreign { return Foreign(Text(string(f), Name)) }

// Format implements fmt.Formatter, for every verb.
func (f Foreign) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// String is not the text.
func (f Foreign) String() string {
	if f == "" {
		return ""
	}
	return hidden
}

// LogValue implements slog.LogValuer.
func (f Foreign) LogValue() slog.Value { return slog.StringValue(f.String()) }
