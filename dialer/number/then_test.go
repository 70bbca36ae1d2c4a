package number

import (
	"strings"
	"testing"
)

// What follows a number is kept to be keyed in after the answer, as it is written there.
func TestThen(t *testing.T) {
	for _, tc := range []struct {
		source     Source
		input      string
		dial, then string
	}{
		{Typed, "06 1234567,,1234#", "0061234567", ",,1234#"},
		{Typed, "06 1234567;12", "0061234567", ",12"},
		{Typed, "06 1234567p12", "0061234567", ",12"},
		{Typed, "06 1234567w12", "0061234567", ",12"},
		{Typed, "06 1234567 ,, 12 #", "0061234567", ",,12#"},
		{Typed, "06 1234567 ext 12", "0061234567", ",12"},
		{Typed, "06 1234567 ext. 12#", "0061234567", ",12#"},
		{Typed, "06 1234567 Ext.: 12", "0061234567", ",12"},
		{Typed, "06 1234567 int. 12", "0061234567", ",12"},
		{Typed, "06 1234567 - interno n. 12", "0061234567", ",12"},
		{Typed, "06 1234567 (int. 12)", "0061234567", ",12"},
		{Typed, "06 1234567 tasto 2", "0061234567", ",2"},
		{Typed, "061234567x12", "0061234567", ",12"},
		{Typed, "06 1234567 #12", "0061234567", ",12"},
		{Typed, "7102,,1234#", "7102", ",,1234#"},
		{Clipboard, "+39 06 1234567,,81234567890#,,,,*123456#", "0061234567", ",,81234567890#,,,,*123456#"},
		{Clipboard, "+39 06 1234567,,81234567890#,,,,*123456# Italy", "0061234567", ",,81234567890#,,,,*123456#"},
		{Clipboard, "+39 06 1234567 PIN: 123 456 789#", "0061234567", ",123456789#"},
		{Clipboard, "Chiamare 06 1234567 int. 12 domani", "0061234567", ",12"},
		{Link, "tel:+39061234567;ext=12", "0061234567", ",12"},
		{Link, "tel:+39-06-1234567;ext=1-2", "0061234567", ",12"},
		{Link, "tel:+39061234567;postd=pp22", "0061234567", ",,22"},
		{Link, "tel:+39061234567;ext=12;postd=p34w5%23", "0061234567", ",12,34,5#"},
		{Link, "tel:061234567,,12%23", "0061234567", ",,12#"},
		// Nothing follows, or nothing that anybody keys in.
		{Typed, "06 1234567,", "0061234567", ""},
		{Clipboard, "06 1234567, 12 maggio", "0061234567", ""},
		{Clipboard, "06 1234567 fax 06 7654321", "", ""},
		{Typed, "06 1234567,,1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2", "0061234567", ""},
	} {
		s := DefaultSettings()
		p := Parse(tc.input, tc.source, s)
		if p.Dial != tc.dial || p.Then != tc.then {
			t.Errorf("%s %q: dials %q, then %q, want %q, %q", tc.source, tc.input, p.Dial, p.Then, tc.dial, tc.then)
		}
		if p.ByPBX() || p.Consented().ByPBX() || p.Keyed().ByPBX() != (p.Then != "") {
			t.Errorf("%q: the PBX keys in %q, which nobody has said", tc.input, p.Then)
		}
		// The history keeps the number without it, for it may be a PIN.
		from := tc.source
		if from == Link {
			from = Clipboard // as it is read when it is called again
		}
		if again := Parse(p.Given(), from, s); tc.then != "" && (again.Dial != tc.dial || again.Then != "" || strings.Contains(p.Given(), "#")) {
			t.Errorf("%q: %q is kept of it, which dials %q, then %q", tc.input, p.Given(), again.Dial, again.Then)
		}
	}
	// What is too long to be keyed in is not kept either.
	if p := Parse("tel:+39061234567;postd="+strings.Repeat("7", maxThen+1), Link, DefaultSettings()); p.Then != "" || strings.Contains(p.Given(), "77") {
		t.Errorf("%q is kept, then %q", p.Given(), p.Then)
	}
	// Of several numbers each has its own.
	p := Parse("06 1234567 ext 12 or 06 7654321 ext 13", Clipboard, DefaultSettings())
	if len(p.Choices) != 2 || p.Choices[0].Then != ",12" || p.Choices[1].Then != ",13" {
		t.Errorf("%+v", p.Choices)
	}
}
