package number

import (
	"fmt"
	"testing"
)

// TestForbidden: a number of a kind that is never called is not, however it is given,
// and says why; and an emergency call always is.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		text string
		src  Source
		kind string // that forbids it
	}{
		{"0 899 123456", Typed, "premium"},
		{"899123456", Typed, "premium"},
		{"+39 899 123456", Clipboard, "premium"},
		{"tel:+39899123456", Link, "premium"},
		{"00441234567890", Typed, "abroad"},
		{"0 0044 1234 567890", Typed, "abroad"},
		{"000441234567890", Typed, "abroad"},
		{"+44 1234 567890", Typed, "abroad"},
		{"+44 1234 567890", Clipboard, "abroad"},
		{"tel:+441234567890", Link, "abroad"},
		{"callto:00441234567890", Link, "abroad"},
		{"+1 900 555 1234", Typed, "abroad"},
		{"*21*00441234567890#", Typed, "abroad"},
		{"*21*7102#", Typed, "service_codes"},
		{"#31#0501234567", Clipboard, "service_codes"},
		{"tel:*21%23", Link, "service_codes"},
		{"Tel. +44 1234 567890, fax +44 1234 567891", Clipboard, "abroad"},

		{"7102", Typed, ""},
		{"112", Typed, ""},
		{"0 112", Typed, ""},
		{"118", Clipboard, ""},
		{"tel:112", Link, ""},
		{"050 1234567", Typed, ""},
		{"+39 333 1234567", Clipboard, ""},
		{"tel:+390501234567", Link, ""},
	} {
		for _, typed := range []string{TypedKeypad, TypedPlan, TypedPublic} {
			if c.text == "0 899 123456" && typed == TypedPublic || c.text == "00441234567890" && c.src == Typed && typed == TypedKeypad {
				continue // with the outside line as these have it, that is a number of here
			}
			for _, locked := range []bool{false, true} {
				s := DefaultSettings()
				s.TypedIs = typed
				if p := Parse(c.text, c.src, s); p.Dial == "" && len(p.Choices) == 0 {
					t.Fatalf("%q is no number by itself: %s", c.text, p.Error)
				}
				keys := []string{"premium", "abroad", "service_codes"}
				for _, key := range keys {
					if err := s.Set(key, KindNever); err != nil {
						t.Fatal(err)
					}
				}
				if locked {
					s.Locked = keys
				}
				p := Parse(c.text, c.src, s)
				if forbidden := p.Outcome == Error && len(p.Choices) == 0; forbidden != (c.kind != "") {
					t.Errorf("%q from %s, typed is %s: %s %q %d", c.text, c.src, typed, p.Outcome, p.Error, len(p.Choices))
				}
				if c.kind == "" {
					continue
				}
				// And by its own kind alone.
				for _, key := range keys {
					s.Set(key, map[bool]string{true: KindNever, false: KindAsk}[key == c.kind])
				}
				want := map[string][2]Code{
					"premium": {PremiumOff, PremiumForbidden}, "abroad": {AbroadOff, AbroadForbidden},
					"service_codes": {ServiceCodeOff, ServiceCodeForbidden},
				}[c.kind][map[bool]int{false: 0, true: 1}[locked]]
				if p := Parse(c.text, c.src, s); p.Error != want || p.Consented().MayDial() {
					t.Errorf("%q from %s, typed is %s, locked %v: %s %q %+v, want %s", c.text, c.src, typed, locked, p.Outcome, p.Error, p.Dial, want)
				}
			}
		}
	}
}

// Of several numbers those are left to pick from that may be called.
func TestForbiddenAmongOthers(t *testing.T) {
	s := DefaultSettings()
	s.Premium = KindNever
	p := Parse("Tel. 050 123402, fax (050) 123403\nservice: 899 123402", Clipboard, s)
	if p.Error != MultipleNumbers && p.Error != LineBreak || len(p.Choices) != 2 {
		t.Errorf("%s %s: %d", p.Outcome, p.Error, len(p.Choices))
	}
	for _, c := range p.Choices {
		if c.kinds&kindPremium != 0 {
			t.Errorf("%s is offered", c.Dial)
		}
	}
	if got := fmt.Sprint(Parse("899 123402\n899 123403", Clipboard, s).Error); got != string(PremiumOff) {
		t.Error(got)
	}
}
