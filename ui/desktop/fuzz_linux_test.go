package desktop

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// FuzzNote: whatever a PBX calls the other side, or says of a failure, a
// notification stays short, is text that the message bus takes, and has no
// markup of somebody else's; its title holds nothing of it.
func FuzzNote(f *testing.F) {
	states := []call.State{
		call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended, call.Failed,
		call.Cancelled, call.Unknown, "no_such_state",
	}
	causes := []call.Cause{"", call.Refused, call.Busy, call.ConnectionLost, "no_such_cause"}
	for i, name := range []string{
		"Ada Rossi", `<b>Bank</b><img src="http://10.0.0.1/x.png"/>`, "\u202egnp.exe\u202c\u200b", "Niccol\xe8",
		strings.Repeat("\U0001f600", 60_000), "a\x00b\x1b]0;pwn\ac\b", "&amp;<!--", "%s%d%!", "\u2028\u2029",
	} {
		for j := range states {
			f.Add(name, "DialStatus "+name, byte(j), byte(i))
		}
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, detail string, s, c byte) {
		plain := call.Snapshot{
			ID: "x", Number: "0390501234502", State: states[int(s)%len(states)], Cause: causes[int(c)%len(causes)],
			Requested: now.Add(-time.Minute), Answered: now.Add(-time.Second),
		}
		hostile := plain
		hostile.FarName, hostile.Detail = clean.Foreign(name), clean.Foreign(detail)
		n := noteFor(hostile, now)
		if n.Title != noteFor(plain, now).Title {
			t.Fatalf("%q in a title", n.Title)
		}
		if lines := strings.Count(n.Body, "\n"); lines > 2 || utf8.RuneCountInString(n.Body) > 6*clean.Name {
			t.Fatalf("%d lines: %q", lines+1, n.Body)
		}
		body := wire(n.Body)
		if body != n.Body {
			t.Fatalf("%q is no text for the bus", n.Body)
		}
		for _, r := range body {
			if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) {
				t.Fatalf("%q holds %U", body, r)
			}
		}
		// A daemon that reads markup shows what one that does not read it does.
		var shown struct {
			Text string `xml:",chardata"`
			Tags []any  `xml:",any"`
		}
		if err := xml.Unmarshal([]byte("<body>"+markup.Replace(body)+"</body>"), &shown); err != nil {
			t.Fatalf("%q: %v", markup.Replace(body), err)
		}
		if shown.Text != body || len(shown.Tags) > 0 {
			t.Fatalf("%q is shown as %q", body, shown.Text)
		}
	})
}

// FuzzCombination: what is taken for a combination of keys is written and read
// back as the same, and never takes a key that people write with.
func FuzzCombination(f *testing.F) {
	for _, text := range []string{"", "Ctrl+Alt+D", " ctrl + SHIFT+ pgdn", "Shift+F9", "D", "Ctrl+Ctrl+D", "+", "Super+Space", "Ctrl+\u0130", "Ctrl+Alt+"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCombination(text)
		if err != nil {
			if !errors.Is(err, ErrBadCombination) || !c.IsZero() {
				t.Fatalf("%q: %+v, %v", text, c, err)
			}
			return
		}
		if again, err := ParseCombination(c.String()); err != nil || again != c {
			t.Fatalf("%q: %q is read as %+v, %v", text, c.String(), again, err)
		}
		if c.IsZero() {
			return
		}
		if _, ok := keys[c.Key]; !ok {
			t.Fatalf("%q: there is no key %q", text, c.Key)
		}
		if !c.Ctrl && !c.Alt && !c.Super && !(c.Shift && strings.HasPrefix(c.Key, "F") && len(c.Key) > 1) {
			t.Fatalf("%q takes %s from who writes", text, c)
		}
	})
}
