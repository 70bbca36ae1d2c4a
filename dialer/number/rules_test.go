package number

import (
	"slices"
	"strings"
	"testing"
)

func TestOwnRules(t *testing.T) {
	rules := []string{
		"899 123456 = 7001", "7xx = +39 050 71 7xx", "8… = 050 12 …", "00.. = +.", "5xx = +44 20 7946 0xx0", "60 = 899 123456", "61 = 112",
		"+1. = 050 99 .", "+390505551xxx = 7xxx", "11x = 7000", "9xxx = 8xxx",
	}
	for _, tc := range []struct {
		source  Source
		input   string
		dial    string
		reasons string
	}{
		{Typed, "712", "005071712", ""},
		{Typed, "7 1 2", "005071712", ""},
		{Clipboard, "Tel. 712", "005071712", ""},
		{Link, "tel:712", "005071712", "link"},
		{Typed, "812345", "005012 12345", ""},
		{Clipboard, "050 555 1234", "0050 5551234", ""}, // fits none: the plus is missing
		{Clipboard, "+39 050 555 1234", "7234", ""},
		{Typed, "9123", "8123", ""}, // once: the rule for 8… is not asked again
		// What a rule has made is asked about, and so is what it was.
		{Typed, "512", "000442079460120", "international"},
		{Typed, "60", "0899123456", "premium"},
		{Typed, "61", "112", "emergency"},
		{Clipboard, "+1 212 555 0123", "0050 992125550123", "international"},
		{Typed, "899 123456", "7001", "premium"},
		// A call for help is not replaced.
		{Typed, "112", "112", ""},
		{Clipboard, "113", "113", "emergency"},
	} {
		s := DefaultSettings()
		s.OwnRules = rules
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		p := Parse(tc.input, tc.source, s)
		var reasons []string
		for _, r := range p.Reasons {
			reasons = append(reasons, string(r))
		}
		if got := strings.Join(reasons, ","); p.Dial != strings.ReplaceAll(tc.dial, " ", "") || got != tc.reasons {
			t.Errorf("%s %q: dials %q for %q (%s), want %q for %q", tc.source, tc.input, p.Dial, got, p.Error, tc.dial, tc.reasons)
		}
		check(t, p, s)
	}
	// What would be too long to be dialled is not what a rule makes: the next one is asked.
	long := DefaultSettings()
	long.OwnRules = []string{"7. = " + strings.Repeat("9", 40) + ".", "7. = 8."}
	if err := long.Validate(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"7123": "8123", "71234567890": "81234567890"} {
		if p := Parse(text, Typed, long); p.Dial != want {
			t.Errorf("%q dials %q (%s), want %q", text, p.Dial, p.Error, want)
		}
	}
	// A rule does not get round what is forbidden.
	s := DefaultSettings()
	s.OwnRules, s.Abroad, s.Premium = rules, KindNever, KindNever
	for _, text := range []string{"512", "60", "+1 212 555 0123", "899 123456"} {
		if p := Parse(text, Typed, s); p.Outcome != Error {
			t.Errorf("%q dials %q", text, p.Dial)
		}
	}
	// Nor does a trusted link go out by it.
	s = DefaultSettings()
	s.OwnRules, s.Confirm = []string{"050123402 = 050123403"}, ConfirmTrusted
	if p := Parse("tel:050123402", Link, s); p.Outcome != Confirm || p.Dial != "0050123403" {
		t.Errorf("%s %q", p.Outcome, p.Dial)
	}
}

func TestWhatIsARule(t *testing.T) {
	for text, want := range map[string]bool{
		"7xx = 05071 7xx": true, "00... = +...": true, "8X=9X": true, "*1 = 7000": true, "+39. = 0.": true, ". = 9.": false,
		"": false, "7": false, "7 = ": false, "= 7": false, "7 = x": false, "7x = xx": false, "7 = 8.": false, "7.x = 8": false,
		"7xx = 8x": false, "7xx = 8": true, "a = 1": false, "7+ = 1": false, "7 = 1+": false, "(.*) = 1": false, strings.Repeat("1", 90) + " = 1234567890": false,
	} {
		if _, ok := readRule(text); ok != want {
			t.Errorf("%q is a rule: %v", text, ok)
		}
	}
}

func TestCallCodes(t *testing.T) {
	s := DefaultSettings()
	s.WithholdCode, s.AccountCodes = "*671", []string{"1234 Studio Rossi", "77"}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		input, key  string
		dial, shown string // "" where there is no such code
	}{
		{"050 1234507", KeyWithhold, "*67100501234507", "*671 0 050 123 4507"},
		{"050 1234507", "1234", "1234*00501234507", "1234* 0 050 123 4507"},
		{"050 1234507", "77", "77*00501234507", "77* 0 050 123 4507"},
		{"050 1234507", "78", "", ""},
		{"7102", "77", "77*7102", "77* 7102"},
		{"899 123456", "77", "77*0899123456", "77* 0 899 123 456"},
		// Help has to get through.
		{"112", KeyWithhold, "112", "112"},
		{"112", "78", "112", "112"},
		{"0112", "77", "0112", "0112"},
		{"118", "77", "118", "118"},
		// A code is none for another.
		{"*401", "77", "", ""},
	} {
		p, ok := Parse(tc.input, Typed, s).Behind(tc.key)
		if ok != (tc.dial != "") || ok && (p.Dial != tc.dial || p.Shown() != tc.shown) {
			t.Errorf("%q behind %q: %v, %q shown as %q", tc.input, tc.key, ok, p.Dial, p.Shown())
		}
	}
	if p, _ := Parse("899 123456", Typed, s).Behind("77"); p.MayDial() || !p.Consented().MayDial() {
		t.Error("a code takes the question away")
	}
	for _, p := range Parse("050 1234502 o 050 1234503", Clipboard, s).Choices {
		if b, ok := p.Behind("77"); !ok || b.Dial != "77*"+p.Dial {
			t.Errorf("%q behind 77: %q", p.Dial, b.Dial)
		}
	}
	// A code of digits alone makes no emergency number of another.
	made := s
	made.WithholdCode = "1"
	for input, want := range map[string]bool{"12": false, "15": false, "13": false, "18": false, "7102": true} {
		if p, ok := Parse(input, Typed, made).Behind(KeyWithhold); ok != want || ok && p.Dial != "1"+input {
			t.Errorf("%q behind 1: %v, %q", input, ok, p.Dial)
		}
	}
	// What is forbidden is not called a code of one's own, unless an administrator did.
	s.ServiceCodes = KindNever
	if p := Parse("050 1234507", Typed, s); len(p.Codes) > 0 {
		t.Errorf("offered: %v", p.Codes)
	}
	s.Locked = []string{"withhold_code", "account_codes"}
	if p := Parse("050 1234507", Typed, s); len(p.Codes) != 3 {
		t.Errorf("offered: %v", p.Codes)
	}
	for _, bad := range [][]string{{"12a"}, {""}, {"1234567890123"}, {"12", "12 x"}, {"12 a\x00b"}, slices.Repeat([]string{"1"}, maxCodes+1)} {
		s.AccountCodes = bad
		if s.Validate() == nil {
			t.Errorf("%q are codes", bad)
		}
	}
}

// FuzzRules: whatever rules there are, what is dialled can be dialled, and the kinds of
// number that are asked about are.
func FuzzRules(f *testing.F) {
	f.Add("7xx = 05071 7xx", "712")
	f.Add("00... = +...", "0044 20 79460018")
	f.Add("+. = 0.", "+1 212 555 0123")
	f.Add("x = 899123456", "7")
	f.Add("8. = 112.", "81")
	f.Fuzz(func(t *testing.T, text, input string) {
		s := DefaultSettings()
		s.OwnRules = strings.Split(text, ",")
		plain := DefaultSettings()
		for _, src := range []Source{Typed, Clipboard, Link} {
			p, was := Parse(input, src, s), Parse(input, src, plain)
			check(t, p, s)
			ruled := slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Rule == RuleOwn })
			if p.Outcome == Error || !ruled {
				continue
			}
			if p.Outcome == Dial && (src == Link || was.Outcome == Confirm && slices.Contains(was.Reasons, ReasonPremium)) {
				t.Errorf("%q: %q goes out unasked", text, input)
			}
			if p.help && !slices.Contains(p.Reasons, ReasonEmergency) {
				t.Errorf("%q makes %q of %q, which calls for help, unasked", text, p.Dial, input)
			}
			if p.kinds&^was.kinds&kindAbroad != 0 && p.Outcome == Dial {
				t.Errorf("%q makes %q of %q, which is abroad, unasked", text, p.Dial, input)
			}
		}
	})
}
