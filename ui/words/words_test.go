package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// constants reads the string constants of a package from its source: those of
// the type named typ, or, where typ starts with "^", those whose name matches.
func constants(t *testing.T, dir, typ string) []string {
	t.Helper()
	var found []string
	fset := token.NewFileSet()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i >= len(spec.Values) {
					continue
				}
				if strings.HasPrefix(typ, "^") {
					if !regexp.MustCompile(typ).MatchString(name.Name) {
						continue
					}
				} else if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != typ {
					continue
				}
				lit, ok := spec.Values[i].(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					t.Errorf("%s: %s is not a plain string", dir, name.Name)
					continue
				}
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, value)
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("%s has no constants %q: was it moved?", dir, typ)
	}
	return found
}

// byFault are the problems whose sentence is that of their Fault.
var byFault = []string{string(status.CodeNotNumber), string(status.CodeSeveral), string(status.CodeField)}

// Whatever the program can name has a sentence of its own, in every language.
func TestNothingIsForgotten(t *testing.T) {
	has := func(m any, key string) bool {
		v := reflect.ValueOf(m)
		e := v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key()))
		return e.IsValid() && !e.IsZero()
	}
	for code, lang := range tables {
		for _, c := range []struct {
			name, dir, typ string
			m              any
		}{
			{"connection", "../../dialer/status", "Connection", lang.link},
			{"problems", "../../dialer/status", "Code", lang.problem},
			{"attempts", "../../dialer/status", "Attempt", lang.attempt},
			{"titles of states", "../../dialer/call", "State", lang.title},
			{"own legs", "../../dialer/call", "State", lang.own},
			{"far legs", "../../dialer/call", "State", lang.far},
			{"causes", "../../dialer/call", "Cause", lang.cause},
			{"faults of fields", "../../dialer/setting", "^Code", lang.fault},
			{"steps", "../../dialer/status", "Step", lang.step},
			{"what the doctor finds", ".", "Found", lang.found},
			{"labels", ".", "Label", lang.label},
			{"errors of numbers", "../../dialer/number", "Code", lang.number},
			{"rules for numbers", "../../dialer/number", "Rule", lang.rule},
			{"reasons to ask", "../../dialer/number", "Reason", lang.reason},
		} {
			for _, value := range constants(t, c.dir, c.typ) {
				if strings.HasSuffix(c.name, " legs") && call.State(value).Incoming() {
					continue // they are told in one sentence
				}
				if !has(c.m, value) && !slices.Contains(byFault, value) {
					t.Errorf("%s: %s: no sentence for %q", code, c.name, value)
				}
			}
		}
		for p := range phrases {
			if lang.phrase[p] == "" {
				t.Errorf("%s: no phrase %d", code, p)
			}
		}
		for p := range plurals {
			for n := range 1000 { // of every form there is
				if form := lang.form(n); form >= len(lang.plural[p]) || lang.plural[p][form] == "" {
					t.Fatalf("%s: plural %d has no form for %d", code, p, n)
				}
			}
		}
		if lang.clock == "" || lang.ellipse == "" || lang.date == nil || len(lang.yes) == 0 {
			t.Errorf("%s: no clock, no date, no ellipsis or no yes", code)
		}
	}
}

// The names of what can be wrong with a number, as they were agreed on: the
// parser may use fewer of them for now.
const numberCodes = "empty no_digits too_short too_long too_many_digits control_character line_break invalid_utf8 " +
	"non_ascii invalid_character letters misplaced_plus bad_escape bad_parameter unsupported_scheme " +
	"unknown_phone_context multiple_numbers ambiguous_separator bidi_override mixed_digit_scripts not_a_number " +
	"feature_code_blocked premium_forbidden premium_off abroad_forbidden abroad_off service_code_forbidden service_code_off"

func TestNumberErrors(t *testing.T) {
	codes := strings.Fields(numberCodes)
	if len(codes) != 28 {
		t.Fatal(len(codes))
	}
	for code, lang := range tables {
		for _, n := range codes {
			if s := lang.number[n]; s.What == "" || s.Do == "" {
				t.Errorf("%s: no sentence for %q", code, n)
			}
		}
		for n := range lang.number {
			if !strings.Contains(" "+numberCodes+" ", " "+n+" ") {
				t.Errorf("%s: %q is not a code", code, n)
			}
		}
	}
	if got, want := NumberReasons([]string{"premium", "something_new"}),
		"This is a premium number. The call may be expensive. Unexpected: something new."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := DialIt("0 899123456", "Why."), "Why. Dial 0 899123456? [y/N]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	several := status.Problem{Code: status.CodeSeveral, Fault: "multiple_numbers", Offers: []status.Offer{{Shown: "0 0501234567"}, {Shown: "7102"}}}
	if got, want := Problem(several).String(),
		"There is more than one number in it. Dialled would be: 0 0501234567, 7102. Copy the one to call."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := PickOne(3), "Dial which? [1-3]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := NumberError("something_new"); got != NumberError("not_a_number") {
		t.Errorf("an unknown code gives %+v", got)
	}
}

// TestSettings: every setting has its words, those of its values differ, and each
// that can be given on the command line has its help.
func TestSettings(t *testing.T) {
	for code, lang := range tables {
		for _, s := range slices.Concat(config.Settings(""), config.Settings("keys"), config.Settings("numbers"), config.Settings("account")) {
			f := lang.field[s.Key]
			if f.name == "" || f.want == "" {
				t.Errorf("%s: no words for the setting %q", code, s.Key)
			}
			if s.Option != nil && !strings.HasSuffix(f.help, ".") {
				t.Errorf("%s: the help for %q is %q", code, s.Key, f.help)
			}
			values := s.Codes
			if s.Kind == setting.KindSwitch {
				values = []string{"true"}
			}
			texts := map[string]bool{}
			for _, v := range values {
				text := f.values[v].text
				if text == "" || texts[text] {
					t.Errorf("%s: %s=%s is called %q", code, s.Key, v, text)
				}
				texts[text] = true
			}
			if len(values) != len(f.values) {
				t.Errorf("%s: %q has words for %v, and %d values", code, s.Key, f.values, len(values))
			}
		}
	}
	for _, d := range number.Described { // a list says its own
		if got := NotFor(d.Description, "x\"y"); !strings.HasPrefix(got, d.Key+" is ") || !strings.HasSuffix(got, `, not "x\"y".`) || strings.Contains(got, "is ,") {
			t.Error(got)
		}
	}
	plus, _ := setting.Find(number.Described, "plus")
	long, _ := setting.Find(number.Described, "ext_max_len")
	for d, want := range map[*setting.Description]string{
		&plus.Description: `plus is 00 or keep, not "x".`,
		&long.Description: `ext_max_len is a number from 1 to 15, not "x".`,
	} {
		if got := NotFor(*d, "x"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got, want := FieldError("host", "missing").String(), "Host is missing. It is the PBX's name or address, such as pbx.example.com or 192.0.2.10."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := FieldError("host", "never_heard").What; got != "Host is not right" {
		t.Error(got)
	}
	if got := FieldError("no_such_field", "range").What; got != "Unexpected: no such field is out of range" {
		t.Error(got)
	}
	if got := FieldName("tenant"); got != "Tenant UUID" {
		t.Error(got)
	}
}

// What stands alone as a title has no full stop; what tells what to do is made
// of sentences.
func TestForm(t *testing.T) {
	check := func(name string, s Sentence) {
		if s.What == "" || strings.HasSuffix(s.What, ".") || s.What != strings.TrimSpace(s.What) {
			t.Errorf("%s: %q is no title", name, s.What)
		}
		for _, do := range []string{s.Do, s.Here().Do} {
			if do != "" && !strings.HasSuffix(do, ".") || strings.ContainsAny(do, "{|}") || strings.Contains(do, "  ") {
				t.Errorf("%s: %q is no sentence", name, do)
			}
		}
	}
	for code, lang := range tables {
		for k, s := range lang.cause {
			check(code+"/"+string(k), s.told())
		}
		for k, s := range lang.number {
			check(code+"/"+k, s.told())
		}
		for k, s := range lang.reason {
			check(code+"/"+k, s.told())
		}
		for k, s := range lang.problem {
			check(code+"/"+string(k), s.told())
		}
		for k, text := range lang.attempt {
			check(code+"/"+string(k), Sentence{What: text})
		}
		for k, text := range lang.terminal {
			if !strings.HasSuffix(text, ".") || Problem(status.Problem{Code: k}).IsZero() {
				t.Errorf("%s/%s: %q is no sentence, or of nothing", code, k, text)
			}
		}
		for k, f := range lang.field {
			check(code+"/"+k, Sentence{What: f.name, Do: f.want})
			for v, words := range f.values {
				check(code+"/"+k+"="+v, Sentence{What: words.text, Do: words.note})
			}
			check(code+"/"+k, Sentence{What: f.name, Do: f.note})
			check(code+"/"+k, Sentence{What: f.name, Do: f.help})
		}
		for p, text := range lang.phrase { // a part that is not there would be shown as a fault
			for _, part := range regexp.MustCompile(`%\[\d+\]|%[^\[]`).FindAllString(text, -1) {
				if !strings.HasPrefix(part, "%[") || !strings.Contains(english.phrase[p], part) {
					t.Errorf("%s: phrase %d: %s in %q", code, p, part, text)
				}
			}
		}
	}
	if got := (Sentence{}).String(); got != "" {
		t.Error(got)
	}
	if got := (Sentence{What: "a"}).String(); got != "a" {
		t.Error(got)
	}
	if got := (Sentence{What: "a", Do: "B."}).String(); got != "a. B." {
		t.Error(got)
	}
}

func TestUse(t *testing.T) {
	t.Cleanup(func() { Use("en") })
	tables["xx"] = &table{label: map[Label]string{LabelCall: "Chiama"}}
	t.Cleanup(func() { delete(tables, "xx") })
	for _, c := range []struct{ locale, code, call string }{
		{"xx_YY.UTF-8", "xx", "Chiama"},
		{"XX", "xx", "Chiama"},
		{"xx-YY", "xx", "Chiama"},
		{"en_GB.UTF-8", "en", "Call"},
		{"C", "en", "Call"},
		{"", "en", "Call"},
		{"yy@euro", "en", "Call"},
	} {
		if got := Use(c.locale); got != c.code || Text(LabelCall) != c.call {
			t.Errorf("Use(%q) = %q, Call is %q", c.locale, got, Text(LabelCall))
		}
	}
}

func TestProblem(t *testing.T) {
	const said = "Out of\tcheese"
	for _, c := range []struct {
		p    status.Problem
		want string
	}{
		{status.Problem{Code: status.CodeNotNumber, Fault: "letters"}, "There are letters in it. Type the digits they stand for."},
		{status.Problem{Code: status.CodeField, Field: "port", Fault: "missing"}, "Port is missing. It is a number from 1 to 65535; 5038 is usual."},
		{status.Problem{Code: status.CodeCallInProgress, Detail: said}, "A call is already going on. Hang it up first."},
		{status.Problem{Code: status.CodeNoCall}, "There is nothing to hang up"},
		// What nobody foresaw is told with what was attempted, and as it is.
		{
			status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptHangUp, Detail: said},
			"Cornetta could not hang up. Try again. If it goes on, quit and start it again. The reason it got: “Out of cheese”",
		},
		{
			status.Problem{Code: status.CodeUnforeseen, Detail: said},
			"Something went wrong inside Cornetta. Try again. If it goes on, quit and start it again. The reason it got: “Out of cheese”",
		},
		{
			status.Problem{Code: status.CodeActionRefused, Attempt: status.AttemptHangUp, Detail: said},
			"Cornetta could not hang up. The PBX refused what Cornetta asked for. Ask who looks after the PBX. The PBX said: “Out of cheese”",
		},
		{
			status.Problem{Code: status.CodeNoReply, Attempt: status.AttemptHangUp, Detail: said},
			"Cornetta could not hang up. The PBX did not answer. Look at your phone, and try again.",
		},
	} {
		if got := Problem(c.p).String(); got != c.want {
			t.Errorf("%v: %q, want %q", &c.p, got, c.want)
		}
	}
	if got := ProblemText(nil); got != "" {
		t.Error(got)
	}
	none := status.Problem{Code: status.CodeNoCall}
	if got := ProblemText(&none); got != "There is nothing to hang up." {
		t.Error(got)
	}
	if got := ProblemInTerminal(none); got != "there is no call to hang up." {
		t.Error(got)
	}
	if got := ProblemInTerminal(status.Problem{Code: status.CodeRefused}); got != Problem(status.Problem{Code: status.CodeRefused}).String() {
		t.Error(got)
	}
	if got := Step("login"); got != "The login is accepted" {
		t.Error(got)
	}
	if got := Step("x_y"); got != "Unexpected: x y" {
		t.Error(got)
	}
	if got := Problem(status.Problem{Code: "new_code"}).What; got != "Unexpected: new code" {
		t.Error(got)
	}
	if got := Cause(call.Cause("new_cause")).What; got != "Unexpected: new cause" {
		t.Error(got)
	}
	if got := Text("new_label"); got != "Unexpected: new label" {
		t.Error(got)
	}
}

// What can be wrong with an encrypted link has a sentence each, and where the
// clock of this computer can be to blame it says so.
func TestSentencesOfTLS(t *testing.T) {
	seen := map[Sentence]status.Code{}
	for _, code := range []status.Code{
		status.CodeCertSelf, status.CodeCertUnknownCA, status.CodeCertExpired, status.CodeCertNotYet, status.CodeCertHost,
		status.CodeCertChanged, status.CodeNotTLS, status.CodeTLSVersion, status.CodeCertWeakKey, status.CodeCertWeakSignature,
		status.CodeCertUnsupported, status.CodeCertInvalid, status.CodeTLSFailed, status.CodeUnreachable,
	} {
		s := Problem(status.Problem{Code: code})
		if other, ok := seen[s]; ok || s.What == "" || s.Do == "" {
			t.Errorf("%s: %q, as for %s", code, s, other)
		}
		seen[s] = code
		clock := strings.Contains(s.Do, "date and time")
		if want := code == status.CodeCertExpired || code == status.CodeCertNotYet; clock != want {
			t.Errorf("%s: %q", code, s)
		}
		if strings.Contains(strings.ToLower(s.Do), "tls off") {
			t.Errorf("%s advises to do without: %q", code, s)
		}
	}
}

// On the form itself no sentence sends a person to the form.
func TestHere(t *testing.T) {
	for _, c := range constants(t, "../../dialer/status", "Code") {
		if c == string(status.CodeCopiedOff) {
			continue // is told elsewhere, and says where in the settings
		}
		s := Problem(status.Problem{Code: status.Code(c)})
		if got := s.Here(); strings.Contains(got.Do, "Settings") || got.What != s.What || (got.Do == "") != (s.Do == "") {
			t.Errorf("%s: %q", c, got)
		}
	}
	for code, want := range map[status.Code]string{
		status.CodeKeysTaken:       "Ctrl+Alt+G: Another program has these keys. Choose others.",
		status.CodeKeysRefused:     "Ctrl+Alt+G: The desktop did not allow these keys. Choose others here, or in the desktop's own settings.",
		status.CodeKeysUnsupported: "Ctrl+Alt+G: There are no such keys on this system",
		status.CodeKeysNoPortal:    "Ctrl+Alt+G: this desktop gives programs no keys. In its own settings, bind a key to “cornetta dial”.",
	} {
		if got := KeysTrouble("Ctrl+Alt+G", status.Problem{Code: code}, "cornetta dial").Here().String(); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	refused := KeysTrouble("F8", status.Problem{Code: status.CodeKeysRefused}, "")
	if got, want := refused.String(), "F8: The desktop did not allow these keys. Choose others in Settings or in the desktop's own."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	until := Problem(status.Problem{Code: status.CodeLoginsHeld, Until: time.Date(2026, 3, 1, 10, 41, 0, 1, time.Local)}).Here()
	if !strings.HasPrefix(until.Do, "Check username and password, then") || !strings.Contains(until.Do, "10:42") {
		t.Errorf("%q", until)
	}
	attempted := Problem(status.Problem{Code: status.CodeLoginRefused, Attempt: status.AttemptList})
	if got := attempted.Here(); got.What != attempted.What || !strings.HasPrefix(got.Do, "Login refused. Check username and password, and") {
		t.Errorf("%q", got)
	}
	// What the PBX said is no place of ours.
	said := Problem(status.Problem{Code: status.CodeActionRefused, Detail: "{a|b}"})
	if !strings.HasSuffix(said.Do, "“{a|b}”") || !strings.HasSuffix(said.Here().Do, "“{a|b}”") {
		t.Errorf("%q", said)
	}
	if got := (Sentence{What: "a", Do: "B."}).Here(); got.Do != "B." {
		t.Errorf("%q", got)
	}
}

func TestWhatIsCounted(t *testing.T) {
	for got, want := range map[string]string{
		LinksWereMuted(1):  "Links were muted for a minute, because you refused three. 1 was dropped.",
		LinksWereMuted(4):  "Links were muted for a minute, because you refused three. 4 were dropped.",
		LinksMeanwhile(1):  "1 more link asked for a call meanwhile. It was dropped.",
		LinksMeanwhile(12): "12 more links asked for calls meanwhile. They were dropped.",
		StepOf(2, 5):       "Step 2 of 5",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	now := time.Date(2026, 5, 4, 0, 30, 0, 0, time.UTC)
	for at, want := range map[time.Duration]string{
		-10 * time.Minute: "Today 00:20",
		-time.Hour:        "Yesterday 23:30",
		-25 * time.Hour:   "2 May 2026",
	} {
		if got := When(now.Add(at), now); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
	if got, want := Days(now, now.AddDate(10, 0, 0)), "4 May 2026 – 4 May 2036"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Days(time.Time{}, now); got != "" {
		t.Errorf("%q without a first day", got)
	}
}

func TestNumberAndName(t *testing.T) {
	for _, c := range [][3]string{{"7102", "Anna", "7102 – Anna"}, {"7102", "", "7102"}, {"7102", "7102\u202e", "7102"}} {
		if got := NumberAndName(c[0], clean.Foreign(c[1])); got != c[2] {
			t.Errorf("%q, want %q", got, c[2])
		}
	}
}

// An answer that nobody foresaw is told in the PBX's own words, cleaned.
func TestWordsOfThePBX(t *testing.T) {
	s := Problem(status.Problem{Code: status.CodeActionRefused, Detail: "Out of\tcheese"})
	if !strings.HasSuffix(s.Do, "The PBX said: “Out of cheese”") || strings.Contains(s.What, "cheese") {
		t.Errorf("%q", s)
	}
	if s := Problem(status.Problem{Code: status.CodeNoList, Detail: "cheese"}); strings.Contains(s.String(), "cheese") {
		t.Errorf("%q", s)
	}
}

// Too many refused logins: until when, rounded up to the minute.
func TestLoginsHeld(t *testing.T) {
	until := time.Date(2026, 3, 1, 10, 41, 0, 1, time.Local)
	s := Problem(status.Problem{Code: status.CodeLoginsHeld, Until: until})
	if s.What != "Too many logins were refused" || !strings.HasSuffix(s.Do, "tries again at 10:42.") {
		t.Errorf("%q", s)
	}
	if s := Problem(status.Problem{Code: status.CodeLoginsHeld}); !strings.Contains(s.Do, "ten minutes") {
		t.Errorf("%q", s)
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "00:00", -time.Second: "00:00", 999 * time.Millisecond: "00:00", 83 * time.Second: "01:23",
		59*time.Minute + 59*time.Second: "59:59", time.Hour: "1:00:00",
		time.Hour + 2*time.Minute + 3*time.Second: "1:02:03", 100 * time.Hour: "100:00:00",
	} {
		if got := Clock(d); got != want {
			t.Errorf("Clock(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestLanguageSetting: the setting offers the languages that there are.
func TestLanguageSetting(t *testing.T) {
	s, _ := config.Described("language")
	if want := append([]string{""}, Languages()...); !slices.Equal(s.Codes, want) {
		t.Errorf("%q, want %q", s.Codes, want)
	}
	for code, lang := range tables {
		if name := lang.field["language"].values[code].text; name == "" || name != english.field["language"].values[code].text {
			t.Errorf("%s calls itself %q", code, name)
		}
	}
}
