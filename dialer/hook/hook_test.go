package hook

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/dialer/call"
	"cornetta/dialer/setting"
)

// playedVariable has the test binary be a hook: it is the file to write to.
const playedVariable = "CORNETTA_TEST_HOOK"

func TestMain(m *testing.M) {
	if out := os.Getenv(playedVariable); out != "" {
		input, _ := io.ReadAll(os.Stdin)
		if err := os.WriteFile(out, []byte(strings.Join(os.Args[1:], "|")+"\n"+string(input)), 0o600); err != nil {
			os.Exit(1)
		}
		if os.Args[1] == "hang" {
			time.Sleep(time.Hour) // it is ended before
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// TestOnThisSystem: a program gets its arguments and the call, and is ended when its time
// is over.
func TestOnThisSystem(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	t.Setenv(playedVariable, out)
	for _, first := range []string{"a", "hang"} {
		a, fault := Parse(`"` + self + `" ` + first + ` "two words" C:\x %PATH% & ""`)
		if fault != "" {
			t.Fatal(fault)
		}
		err := (&Runner{limit: 3 * time.Second}).Do(t.Context(), a, Example(call.Failed, "7101", time.Unix(1_800_000_000, 0)))
		if f := new(Failure); first == "a" && err != nil || first == "hang" && (!errors.As(err, &f) || !f.Slow) {
			t.Errorf("%s: %v", first, err)
		}
		data, err := os.ReadFile(out)
		args, input, _ := strings.Cut(string(data), "\n")
		var c Call
		if want := first + `|two words|C:\x|%PATH%|&|`; args != want || json.Unmarshal([]byte(input), &c) != nil || c.Cause != call.Busy || !c.Try {
			t.Errorf("%q, %q, %v; want %q", args, input, err, want)
		}
	}
}

// whole is a whole path on this system.
func whole(path string) string {
	if runtime.GOOS == "windows" {
		return `C:` + strings.ReplaceAll(path, "/", `\`)
	}
	return path
}

func TestParse(t *testing.T) {
	for text, fault := range map[string]string{
		"https://crm.example":                                  "",
		"HTTPS://crm.example/a?n={number}":                     "",
		"http://10.0.0.1:8080/{international}/{name}#{state}":  "",
		"https://[2001:db8::1]/{id}?{cause}{duration}":         "",
		"https://crm.example?x={extension}":                    "",
		"https://crm.example/caffè":                            "",
		"":                                                     setting.CodeMissing,
		"  ":                                                   setting.CodeMissing,
		"https://":                                             setting.CodeInvalid,
		"https:///{number}":                                    setting.CodeInvalid,
		"https://{name}/":                                      setting.CodeInvalid,
		"https://{name}.crm.example/":                          setting.CodeInvalid,
		"https://crm.example:{number}/":                        setting.CodeInvalid,
		"https://{number}@crm.example/":                        setting.CodeInvalid,
		"https://user:word@crm.example/":                       setting.CodeInvalid,
		`https://crm.example\{name}`:                           setting.CodeInvalid,
		"https://crm.example/{nummer}":                         setting.CodeInvalid,
		"https://crm.example/{number":                          setting.CodeInvalid,
		"https://crm.example/number}":                          setting.CodeInvalid,
		"https://crm.example/{{number}}":                       setting.CodeInvalid,
		"https://crm.example/a b":                              setting.CodeInvalid,
		"https://crm.example/%zz":                              setting.CodeInvalid,
		"{number}":                                             setting.CodeInvalid,
		"ftp://crm.example/{number}":                           setting.CodeInvalid,
		"javascript:alert(1)":                                  setting.CodeInvalid,
		"file:///etc/passwd":                                   setting.CodeInvalid,
		"mailto:a@b.example":                                   setting.CodeInvalid,
		"tel:{number}":                                         setting.CodeInvalid,
		"https://crm.example/\nX":                              setting.CodeInvalid,
		"https://crm.example/\xff":                             setting.CodeInvalid,
		"https://crm.example/" + strings.Repeat("a", 2048):     setting.CodeTooLong,
		"https://crm.example/" + strings.Repeat("{cause}", 40): setting.CodeInvalid,
		"log-call":                                             setting.CodeInvalid, // by PATH it could be another one
		"./log-call":                                           setting.CodeInvalid,
		"~/log-call":                                           setting.CodeInvalid,
		whole("/bin/log-call"):                                 "",
		whole("/bin/log-call") + ` "unclosed`:                  setting.CodeInvalid,
		whole("/bin/log-call") + strings.Repeat(" a", 64):      setting.CodeInvalid,
		`["log-call"]`:                                         setting.CodeInvalid,
		`[]`:                                                   setting.CodeInvalid,
		`[1]`:                                                  setting.CodeInvalid,
		`["/bin/log-call","a\u0000b"]`:                         setting.CodeInvalid,
	} {
		if _, got := Parse(text); got != fault {
			t.Errorf("%q: %q, want %q", text, got, fault)
		}
	}
}

// TestArguments: a program has its arguments as they stand there, and no more.
func TestArguments(t *testing.T) {
	dir := whole("/opt/my crm")
	for text, want := range map[string][]string{
		whole("/bin/log"):                            {whole("/bin/log")},
		"  " + whole("/bin/log") + "   a  b ":        {whole("/bin/log"), "a", "b"},
		`"` + dir + `" --line "two words" x"y z"`:    {dir, "--line", "two words", "xy z"},
		`"` + dir + `" "" {number} $HOME ; rm * | &`: {dir, "", "{number}", "$HOME", ";", "rm", "*", "|", "&"},
		whole("/bin/log") + ` C:\a\b 'c d'`:          {whole("/bin/log"), `C:\a\b`, "'c", "d'"},
	} {
		if a, fault := Parse(text); fault != "" || !slices.Equal(a.argv, want) {
			t.Errorf("%q: %q %q, want %q", text, a.argv, fault, want)
		}
	}
	if runtime.GOOS != "windows" {
		a, fault := Parse(`["/opt/my crm", "say \"hi\"", ""]`)
		if want := []string{"/opt/my crm", `say "hi"`, ""}; fault != "" || !slices.Equal(a.argv, want) {
			t.Errorf("%q %q, want %q", a.argv, fault, want)
		}
	}
}

// TestURL: whatever somebody calls themself, it is a value in the place of the value.
func TestURL(t *testing.T) {
	c := Call{Line: call.Line{Number: "0*39#", State: call.Ended, Cause: call.Busy, Duration: 61.9}, Extension: "7101", ID: "x1", Name: "Müller & Söhne/=?#%"}
	for text, want := range map[string]string{
		"https://crm.example/{name}?n={number}&i={international}":         "https://crm.example/M%C3%BCller%20%26%20S%C3%B6hne%2F%3D%3F%23%25?n=0%2A39%23&i=0%2A39%23",
		"https://crm.example/{state}/{cause}/{duration}/{extension}/{id}": "https://crm.example/ended/busy/61/7101/x1",
		"https://crm.example/100%25#{name}":                               "https://crm.example/100%25#M%C3%BCller%20%26%20S%C3%B6hne%2F%3D%3F%23%25",
	} {
		a, fault := Parse(text)
		if got := a.URL(c); fault != "" || got != want {
			t.Errorf("%q: %q %q\nwant %q", text, got, fault, want)
		}
	}
	c.International = "+390501234567"
	a, _ := Parse("https://crm.example/?i={international}")
	if got, want := a.URL(c), "https://crm.example/?i=%2B390501234567"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	a, _ = Parse("https://crm.example/a/{name}/delete?{name}")
	for _, name := range []string{"..", ".", "..."} {
		c.Name = name
		if got, want := a.URL(c), "https://crm.example/a//delete?"+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	s := setting.Usual(Described)
	if s.On || s.RingingOwn+s.InCall+s.Ended+s.Failed+s.InRinging+s.InAnswered+s.InElsewhere+s.InMissed+s.InEnded != "" {
		t.Errorf("something is on: %+v", s)
	}
	s = Settings{
		RingingOwn: "a", InCall: "b", Ended: "c", Failed: "d",
		InRinging: "e", InAnswered: "f", InElsewhere: "g", InMissed: "h", InEnded: "i",
	}
	for i, state := range States {
		if got := s.At(state); got != "" {
			t.Errorf("%s is done although it is off: %q", state, got)
		}
		s.On = true
		if got := s.At(state); got != string(rune('a'+i)) {
			t.Errorf("%s: %q", state, got)
		}
		s.On = false
	}
	s.On = true
	for _, state := range []call.State{call.Requested, call.AnsweredOwn, call.RingingFar, call.Cancelled, call.Unknown, ""} {
		if got := s.At(state); got != "" {
			t.Errorf("%s: %q", state, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"https://crm.example/{name}?n={number}#{id}", "http://a/{name}", `/bin/log "a b" c`, `["/bin/log","a"]`, "https://a{name}/", "https://a/{", "",
	} {
		f.Add(text, "..")
		f.Add(text, "a/b?c#d@e:f\\g\x00\n")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		a, fault := Parse(text)
		if fault != "" {
			if a.template != nil || a.argv != nil {
				t.Fatalf("%q is %q and something", text, fault)
			}
			return
		}
		if a.template == nil {
			if len(a.argv) == 0 {
				t.Fatalf("%q is nothing", text)
			}
			return
		}
		plain, err := url.Parse(a.URL(Call{}))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, err := url.Parse(a.URL(Call{Line: call.Line{Number: name}, Name: name, International: name}))
		if err != nil || got.Scheme != plain.Scheme || got.Host != plain.Host || got.User != nil || !isHTTP(got.Scheme) {
			t.Fatalf("%q with %q: %q, %v", text, name, got, err)
		}
	})
}

// TestExample: who tries a hook has a call for each state, and the hook can know it.
func TestExample(t *testing.T) {
	for _, state := range States {
		c := Example(state, "7101", time.Unix(1_800_000_000, 0))
		if !c.Try || c.State != state || c.Number != "7101" || c.Name == "" {
			t.Errorf("%+v", c)
		}
	}
}
