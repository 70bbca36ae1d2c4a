package number

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type expectation struct {
	ID       string  `json:"id"`
	Source   Source  `json:"source"`
	Input    string  `json:"input"`
	InputHex string  `json:"input_hex"` // for what is not UTF-8
	Prefix   *string `json:"prefix"`    // 0 unless told
	Plus     string  `json:"plus"`
	TypedIs  string  `json:"typed_is"`
	Dial     string  `json:"dial"`
	Error    Code    `json:"error"`
	Note     string  `json:"note"`
}

func TestTable(t *testing.T) {
	data, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []expectation
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	if len(table) < 42 {
		t.Fatalf("only %d cases", len(table))
	}
	for _, c := range table {
		t.Run(c.ID, func(t *testing.T) {
			s := DefaultSettings()
			if c.Prefix != nil {
				s.Prefix = *c.Prefix
			}
			s.Plus, s.TypedIs = c.Plus, c.TypedIs
			input := c.Input
			if c.InputHex != "" {
				raw, err := hex.DecodeString(c.InputHex)
				if err != nil {
					t.Fatal(err)
				}
				input = string(raw)
			}
			p := Parse(input, c.Source, s)
			if p.Dial != c.Dial || p.Error != c.Error {
				t.Errorf("%q: dial %q, error %q; want %q, %q (%s)", input, p.Dial, p.Error, c.Dial, c.Error, c.Note)
			}
			if c.Source == Typed && c.Dial != "" && p.Outcome != Dial {
				t.Errorf("%q: outcome %q", input, p.Outcome)
			}
			check(t, p)
		})
	}
}

var form = regexp.MustCompile(`^\+?[0-9*#]{1,42}$`)

// check is what holds for every Plan.
func check(t *testing.T, p Plan) {
	t.Helper()
	switch p.Outcome {
	case Dial, Confirm:
		if !form.MatchString(p.Dial) || p.Error != "" {
			t.Errorf("%q: dials %q, error %q", p.Input, p.Dial, p.Error)
		}
		if (p.Outcome == Confirm) != (len(p.Reasons) > 0) || p.Outcome == Dial && p.Source != Typed {
			t.Errorf("%q from %s: %s for %v", p.Input, p.Source, p.Outcome, p.Reasons)
		}
		if len(p.Steps) > 0 && p.Steps[len(p.Steps)-1].After != p.Dial {
			t.Errorf("%q: the steps %v do not lead to %q", p.Input, p.Steps, p.Dial)
		}
	case Error:
		if p.Dial != "" || p.Error == "" || p.Steps != nil {
			t.Errorf("%q: an error with %+v", p.Input, p)
		}
	default:
		t.Errorf("%q: outcome %q", p.Input, p.Outcome)
	}
	if strings.ReplaceAll(p.Shown(), " ", "") != p.Dial {
		t.Errorf("%q: shown as %q, dials %q", p.Input, p.Shown(), p.Dial)
	}
}

func TestShown(t *testing.T) {
	for _, c := range []struct {
		input, prefix, want string
	}{
		{"00390501234502", "0", "0 0390501234502"}, // the outside line was keyed in
		{"+39 050 1234502", "0", "0 00390501234502"},
		{"+39 050 1234502", "", "00390501234502"},
		{"7101", "0", "7101"},
		{"0", "0", "0"},
		{"0123", "0", "0123"}, // internal, whatever it begins with
		{"#31#", "0", "#31#"},
		{"9050123456", "9", "9 050123456"},
		{"050123456", "9", "050123456"},
		{"no", "0", ""},
	} {
		s := DefaultSettings()
		s.Prefix = c.prefix
		if got := Parse(c.input, Typed, s).Shown(); got != c.want {
			t.Errorf("%q: %q, want %q", c.input, got, c.want)
		}
	}
}

func TestSteps(t *testing.T) {
	got := Parse("＋３９　０６　１２３４　５６７８", Typed, DefaultSettings()).Steps
	want := []Step{
		{RuleDigits, "＋３９　０６　１２３４　５６７８", "+39　06　1234　5678"},
		{RuleSeparators, "+39　06　1234　5678", "+390612345678"},
		{RulePlus, "+390612345678", "00390612345678"},
		{RulePrefix, "00390612345678", "000390612345678"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Digits that may be two numbers, a range, or hold a zero too many are never
// run together.
func TestAmbiguous(t *testing.T) {
	for input, want := range map[string]Code{
		"06 1234567 - 333 1234567": MultipleNumbers,
		"06 1234567 – 333 1234567": MultipleNumbers,
		"06 1234567/06 7654321":    MultipleNumbers,
		"06 1234567 333 1234567":   TooManyDigits,
		"06 1234567-8":             AmbiguousSeparator,
		"06 1234567/68":            AmbiguousSeparator,
		"06 1234567 (12)":          AmbiguousSeparator,
		"+39 (0)333 1234567":       AmbiguousSeparator,
		"0039 ( 0 ) 333 1234567":   AmbiguousSeparator,
		"06/1234/5678":             AmbiguousSeparator,
		"*21/3331234567":           AmbiguousSeparator,
		"+49 721 608-0":            "",
		"06-12-34-56-78":           "",
		"+39 0586/123456":          "",
		"0 0586/123456":            "",
		"+1 (415) 555-0100":        "",
		"06 1234567;12":            InvalidCharacter,
		"06 1234567,,12#":          InvalidCharacter,
		"06 1234567 ext 12":        Letters,
		"+39 06 123+456":           MisplacedPlus,
		"٠٦١٢٣٤٥٦٧٨":               NonASCII,
		"06\t1234567":              "",
		"06\x071234567":            ControlCharacter,
		"06\u200b1234567":          "",
		"06\u20671234567":          BidiOverride,
		"+1234567890123456":        TooManyDigits,
		strings.Repeat("1", 41):    TooManyDigits,
	} {
		p := Parse(input, Typed, DefaultSettings())
		if p.Error != want {
			t.Errorf("%q: error %q, dial %q; want %q", input, p.Error, p.Dial, want)
		}
		check(t, p)
	}
}

// What was copied or clicked is a public number, and asked about.
func TestPublic(t *testing.T) {
	for _, c := range []struct {
		source  Source
		input   string
		dial    string
		reasons []Reason
		err     Code
	}{
		{Clipboard, "06 12345678\n", "00612345678", []Reason{ReasonPolicy}, ""},
		{Clipboard, "201", "201", []Reason{ReasonPolicy}, ""},
		{Clipboard, "00612345678", "000612345678", []Reason{ReasonPolicy}, ""},
		{Clipboard, "*21*333#", "*21*333#", []Reason{ReasonFeatureCode}, ""},
		{Clipboard, "tel:+390612345678", "000390612345678", []Reason{ReasonPolicy}, ""},
		{Clipboard, "ciao", "", nil, NotANumber},
		{Clipboard, "https://example.com/0612345678", "", nil, UnsupportedScheme},
		{Clipboard, "0612345678\r\nAction: Originate", "", nil, LineBreak},
		{Clipboard, "1111111111111111", "", nil, TooManyDigits},
		{Link, "TEL:+39-06-1234-5678", "000390612345678", []Reason{ReasonLink}, ""},
		{Link, "tel:%2B390612345678", "000390612345678", []Reason{ReasonLink}, ""},
		{Link, "tel://+390612345678/", "000390612345678", []Reason{ReasonLink}, ""},
		{Link, "callto:+390612345678", "000390612345678", []Reason{ReasonLink}, ""},
		{Link, "tel:0612345678", "00612345678", []Reason{ReasonLink}, ""},
		{Link, "tel:112", "112", []Reason{ReasonLink}, ""},
		{Link, "tel:*%2306%23", "*#06#", []Reason{ReasonFeatureCode, ReasonLink}, ""},
		{Link, "tel:%252A21%252A333%2523", "", nil, InvalidCharacter},
		{Link, "tel:0612345678;phone-context=+39", "", nil, UnknownPhoneContext},
		{Link, "tel:+39061234567;ext=12", "", nil, BadParameter},
		{Link, "tel:+390612345678%0d%0aAction:%20Command", "", nil, ControlCharacter},
		{Link, "tel:+3906%0012345678", "", nil, ControlCharacter},
		{Link, "tel:+39%E2%80%AE8765432160", "", nil, NonASCII},
		{Link, "tel:+39%G1", "", nil, BadEscape},
		{Link, "tel:%e8", "", nil, NonASCII},
		{Link, "tel:+390612345678&x=1", "", nil, InvalidCharacter},
		{Link, "tel:", "", nil, Empty},
		{Link, "tel:%20", "", nil, Empty},
		{Link, "tel:+", "", nil, NoDigits},
		{Link, "tel:1-800-FLOWERS", "", nil, Letters},
		{Link, "--config=/tmp/evil.toml", "", nil, UnsupportedScheme},
		{Link, "file:///etc/passwd", "", nil, UnsupportedScheme},
		{Link, "callto:echo123", "", nil, NotANumber},
		{Link, "tel:1111111111111111", "", nil, TooManyDigits},
	} {
		p := Parse(c.input, c.source, DefaultSettings())
		if p.Dial != c.dial || p.Error != c.err || cmp.Diff(c.reasons, p.Reasons) != "" {
			t.Errorf("%s %q: %q %v %q; want %q %v %q", c.source, c.input, p.Dial, p.Reasons, p.Error, c.dial, c.reasons, c.err)
		}
		check(t, p)
	}
}

// No setting, however it came to be, gets anything but digits out.
func TestHostileSettings(t *testing.T) {
	for _, prefix := range []string{"\r\nAction: Command", "0,", "SIP/", strings.Repeat("0", 100)} {
		for _, src := range []Source{Typed, Clipboard, Link} {
			p := Parse("tel:+390612345678", src, Settings{Prefix: prefix, ExtMaxLen: -1, Plus: prefix, TypedIs: prefix})
			if p.Outcome != Error {
				t.Errorf("prefix %q: dials %q", prefix, p.Dial)
			}
			check(t, p)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		f.Fatal(err)
	}
	var table []expectation
	if err := json.Unmarshal(data, &table); err != nil {
		f.Fatal(err)
	}
	for i, c := range table {
		f.Add(c.Input, "0", byte(i))
	}
	f.Add("tel:+39-06-1234-5678;ext=1", "", byte(2))
	f.Add("callto://%2B39061234567/", "9", byte(5))
	sources := []Source{Typed, Clipboard, Link}
	f.Fuzz(func(t *testing.T, text, prefix string, n byte) {
		s := Settings{Prefix: prefix, ExtMaxLen: int(n) / 8, Plus: []string{"00", "keep"}[n/3%2], TypedIs: []string{"keypad", "public"}[n/6%2]}
		p := Parse(text, sources[n%3], s)
		check(t, p)
		if again := Parse(text, sources[n%3], s); cmp.Diff(p, again) != "" {
			t.Errorf("%q: two answers, %+v and %+v", text, p, again)
		}
	})
}
