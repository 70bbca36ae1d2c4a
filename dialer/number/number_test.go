package number

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// specification is testdata/numbers.json.
type specification struct {
	Defaults Settings          `json:"defaults"`
	Meaning  map[string]string `json:"settings_meaning"`
	Reasons  []Reason          `json:"reasons"`
	Errors   []Code            `json:"errors"`
	Cases    []struct {
		ID       string          `json:"id"`
		Source   Source          `json:"source"`
		Input    string          `json:"input"`
		InputHex string          `json:"input_hex"` // for what is not UTF-8
		Settings json.RawMessage `json:"settings"`
		Expect   struct {
			Dial    string   `json:"dial"`
			Confirm string   `json:"confirm"`
			Reasons []Reason `json:"reasons"`
			Error   Code     `json:"error"`
		} `json:"expect"`
		Note string `json:"note"`
	} `json:"cases"`
}

func loadSpecification(t testing.TB) specification {
	t.Helper()
	data, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var spec specification
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	for i, c := range spec.Cases {
		if c.InputHex != "" {
			raw, err := hex.DecodeString(c.InputHex)
			if err != nil {
				t.Fatal(err)
			}
			spec.Cases[i].Input = string(raw)
		}
	}
	return spec
}

func TestSpecification(t *testing.T) {
	spec := loadSpecification(t)
	if len(spec.Cases) != 101 {
		t.Fatalf("%d cases", len(spec.Cases))
	}
	for _, c := range spec.Cases {
		t.Run(c.ID, func(t *testing.T) {
			s := spec.Defaults
			if c.Settings != nil {
				if err := json.Unmarshal(c.Settings, &s); err != nil {
					t.Fatal(err)
				}
			}
			p := Parse(c.Input, c.Source, s)
			check(t, p, s)
			want := Plan{Outcome: Dial, Dial: c.Expect.Dial}
			switch {
			case c.Expect.Confirm != "":
				want = Plan{Outcome: Confirm, Dial: c.Expect.Confirm, Reasons: c.Expect.Reasons}
			case c.Expect.Error != "":
				want = Plan{Outcome: Error, Error: c.Expect.Error}
			}
			if p.Outcome != want.Outcome || p.Dial != want.Dial || p.Error != want.Error || !slices.Equal(p.Reasons, want.Reasons) {
				t.Errorf("%s %q: %s; want %s (%s)", c.Source, c.Input, brief(p), brief(want), c.Note)
			}
		})
	}
}

// The names in the specification and here are the same, and all are used.
func TestNames(t *testing.T) {
	spec := loadSpecification(t)
	if len(spec.Errors) != 22 || len(spec.Reasons) != 12 {
		t.Fatalf("%d errors, %d reasons", len(spec.Errors), len(spec.Reasons))
	}
	src := ""
	files, _ := os.ReadDir(".")
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			data, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			src += string(data)
		}
	}
	find := func(typ string) (names, values []string) {
		for _, m := range regexp.MustCompile(`(?m)^\s(\w+)\s+`+typ+`\s+= "([a-z_0-9]+)"`).FindAllStringSubmatch(src, -1) {
			names, values = append(names, m[1]), append(values, m[2])
			if n := strings.Count(src, m[1]); n < 2 {
				t.Errorf("%s is never used", m[1])
			}
		}
		return names, values
	}
	_, codes := find("Code")
	_, reasons := find("Reason")
	slices.Sort(codes)
	slices.Sort(reasons)
	// Those of what a policy may forbid.
	spec.Errors = append(spec.Errors, "premium_forbidden", "premium_off", "abroad_forbidden", "abroad_off", "service_code_forbidden", "service_code_off")
	if want := sorted(spec.Errors); !slices.Equal(codes, want) {
		t.Errorf("errors: %v, want %v", codes, want)
	}
	// Those that the reports of people added to it.
	spec.Reasons = append(spec.Reasons, "not_in_plan", "run_together", "completed", "carrier_code", "ambiguous_line", "public_short")
	if want := sorted(spec.Reasons); !slices.Equal(reasons, want) {
		t.Errorf("reasons: %v, want %v", reasons, want)
	}
}

func sorted[S ~string](in []S) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	slices.Sort(out)
	return out
}

func TestReferenceSettings(t *testing.T) {
	want := loadSpecification(t).Defaults
	want.LocalContexts = nil // an empty list there
	want.TypedLine = LineAsk // newer than that file, as are these
	want.Premium, want.Abroad, want.ServiceCodes = KindAsk, KindAsk, KindAsk
	if diff := cmp.Diff(want, ReferenceSettings()); diff != "" {
		t.Error(diff)
	}
	want.HomeNational, want.TypedIs = true, TypedPlan
	if diff := cmp.Diff(want, DefaultSettings()); diff != "" {
		t.Error(diff)
	}
}

// brief is a Plan on one line.
func brief(p Plan) string {
	switch p.Outcome {
	case Error:
		return string(p.Error)
	case Confirm:
		return "ask " + p.Dial + " " + strings.Join(sorted(p.Reasons), ",")
	}
	return p.Dial
}

var form = regexp.MustCompile(`^\+?[0-9*#]{1,42}$`)

// check is what holds for every Plan.
func check(t testing.TB, p Plan, s Settings) {
	t.Helper()
	switch p.Outcome {
	case Dial, Confirm:
		if !form.MatchString(p.Dial) || p.Error != "" || p.Outcome == Dial && p.Choices != nil {
			t.Errorf("%q: dials %q, error %q", p.Input, p.Dial, p.Error)
		}
		if (p.Outcome == Confirm) != (len(p.Reasons) > 0) || !slices.IsSorted(p.Reasons) {
			t.Errorf("%q from %s: %s for %v", p.Input, p.Source, p.Outcome, p.Reasons)
		}
		if p.Outcome == Dial && (p.Source == Link && s.Confirm != ConfirmTrusted || s.Confirm == ConfirmAlways) {
			t.Errorf("%q from %s goes out unasked", p.Input, p.Source)
		}
		if p.MayDial() != (p.Outcome == Dial) || !p.Consented().MayDial() {
			t.Errorf("%q: may dial: %v", p.Input, p.MayDial())
		}
		if at := lead(t, p); at != p.Dial {
			t.Errorf("%q: the steps lead to %q, not %q", p.Input, at, p.Dial)
		}
	case Error:
		if p.Dial != "" || p.Error == "" || p.Reasons != nil || p.Consented().MayDial() {
			t.Errorf("%q: an error with %+v", p.Input, p)
		}
		lead(t, p)
	default:
		t.Errorf("%q: outcome %q", p.Input, p.Outcome)
	}
	told := slices.Contains(p.Reasons, ReasonExtensionDropped) || slices.Contains(p.Reasons, ReasonPostDialDropped)
	if p.Then != "" && (!told || len(p.Then) > maxThen || strings.Trim(p.Then, "0123456789*#,") != "" || strings.Trim(p.Then, ",") == "") {
		t.Errorf("%q: then %q, for %v", p.Input, p.Then, p.Reasons)
	}
	for _, c := range p.Choices {
		if c.Outcome == Error || !form.MatchString(c.Dial) || !c.Consented().MayDial() || len(p.Choices) > maxOffered {
			t.Errorf("%q: %q cannot be picked", p.Input, c.Input)
		}
	}
	if p.Outcome == Confirm && len(p.Choices) > 0 && p.Choices[0].Dial != p.Dial {
		t.Errorf("%q: dials %q, and offers %q first", p.Input, p.Dial, p.Choices[0].Dial)
	}
	if strings.ReplaceAll(p.Shown(), " ", "") != p.Dial || !strings.HasPrefix(p.Dial, p.Outside) {
		t.Errorf("%q: shown as %q, dials %q", p.Input, p.Shown(), p.Dial)
	}
}

// lead follows the steps from the input to the end.
func lead(t testing.TB, p Plan) string {
	t.Helper()
	at := p.Input
	for _, s := range p.Steps {
		if s.From != at {
			t.Errorf("%q: step %s begins at %q, not %q", p.Input, s.Rule, s.From, at)
		}
		at = s.To
	}
	return at
}

func TestShown(t *testing.T) {
	for _, c := range []struct {
		input, prefix, want string
	}{
		{"00390501234502", "0", "0 0390501234502"}, // the outside line was keyed in
		{"+39 050 1234502", "0", "0 00 39 050 123 4502"},
		{"+39 050 1234502", "", "00 39 050 123 4502"},
		{"7101", "0", "7101"},
		{"0", "0", "0"},
		{"0123", "0", "0123"}, // internal, whatever it begins with
		{"#31#", "0", "#31#"},
		{"9050123456", "9", "9 050 123456"},
		{"050123456", "9", "050 123456"},
		{"899123456", "", "899 123 456"},
		{"+44 20 7946 0018", "0", "0 00 44 20 7946 0018"},
		{"+999 123 456 789", "0", "0 00 999123456789"}, // nobody's
		{"no", "0", ""},
	} {
		s := ReferenceSettings()
		s.Prefix = c.prefix
		if got := Parse(c.input, Typed, s).Shown(); got != c.want {
			t.Errorf("%q: %q, want %q", c.input, got, c.want)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		source Source
		input  string
		want   []Step
	}{
		{Typed, "Tel.: ＋３９　０６　１２３４　５６７８ ", []Step{
			{RuleTrim, "Tel.: ＋３９　０６　１２３４　５６７８ ", "Tel.: ＋３９　０６　１２３４　５６７８"},
			{RuleDigits, "Tel.: ＋３９　０６　１２３４　５６７８", "Tel.: +39　06　1234　5678"},
			{RuleLabel, "Tel.: +39　06　1234　5678", "+39　06　1234　5678"},
			{RuleSeparators, "+39　06　1234　5678", "+390612345678"},
			{RuleHome, "+390612345678", "0612345678"},
			{RulePrefix, "0612345678", "00612345678"},
		}},
		{Link, "tel:%2B44-20-79460018;rn=1", []Step{
			{RuleLink, "tel:%2B44-20-79460018;rn=1", "+44-20-79460018;rn=1"},
			{RuleParameters, "+44-20-79460018;rn=1", "+44-20-79460018"},
			{RuleSeparators, "+44-20-79460018", "+442079460018"},
			{RulePlus, "+442079460018", "00442079460018"},
			{RulePrefix, "00442079460018", "000442079460018"},
		}},
		{Typed, "201", []Step{{RuleInternal, "201", "201"}}},
		{Clipboard, "201", []Step{{RuleInternal, "201", "201"}}},
		{Typed, "06 12y4", []Step(nil)},
	} {
		if diff := cmp.Diff(c.want, Parse(c.input, c.source, DefaultSettings()).Steps); diff != "" {
			t.Errorf("%q: %s", c.input, diff)
		}
	}
}

// No setting, however it came to be, gets anything but digits out.
func TestHostileSettings(t *testing.T) {
	for _, prefix := range []string{"\r\nAction: Command", "0,", "SIP/", strings.Repeat("0", 100)} {
		for _, src := range []Source{Typed, Clipboard, Link, "nonsense"} {
			s := Settings{
				Region: prefix, Prefix: prefix, ExtMaxLen: -1, Plus: prefix, TypedIs: prefix, Confirm: prefix,
				LinkFeatureCodes: prefix, LocalContexts: []string{prefix},
			}
			p := Parse("tel:+390612345678", src, s)
			if p.Outcome != Error {
				t.Errorf("prefix %q: dials %q", prefix, p.Dial)
			}
			check(t, p, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for i, c := range loadSpecification(f).Cases {
		f.Add(c.Input, "0", "IT", byte(i))
	}
	for i, c := range neighbours {
		f.Add(c.input, "0", "IT", byte(i))
	}
	for i, c := range kinds {
		f.Add(c.input, "0", "IT", byte(i))
	}
	for i, c := range loadReports(f).Cases {
		f.Add(c.Input, "0", "IT", byte(i))
	}
	f.Add("tel:+39-06-1234-5678;ext=1;phone-context=+39", "", "GB", byte(2))
	f.Add("callto://%2B39061234567/", "9", "US", byte(5))
	f.Add("Chiama 011 39 06 1234567 o 0049 (0)30 123456, int. 12\nFax +1 (415) 555-0100", "00", "US", byte(4))
	sources := []Source{Typed, Clipboard, Link}
	f.Fuzz(func(t *testing.T, text, prefix, region string, n byte) {
		s := Settings{
			Region: region, Prefix: prefix, ExtMaxLen: int(n) / 16,
			Plus:             []string{PlusZeros, PlusKeep}[n/3%2],
			TypedIs:          []string{TypedKeypad, TypedPublic, TypedPlan}[n/6%3],
			Confirm:          []string{ConfirmLinks, ConfirmAlways, ConfirmTrusted}[n/12%3],
			HomeNational:     n/36%2 == 1,
			LinkFeatureCodes: []string{CodesConfirm, CodesBlock}[n/72%2],
			LocalContexts:    []string{"pbx.example.com"},
		}
		p := Parse(text, sources[n%3], s)
		check(t, p, s)
		if again := Parse(text, sources[n%3], s); !reflect.DeepEqual(p, again) {
			t.Errorf("%q: two answers, %+v and %+v", text, p, again)
		}
	})
}
