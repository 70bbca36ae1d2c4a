//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// governed has this process run under a policy, for a person who begins.
func governed(t *testing.T, policy string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_STATE_HOME": filepath.Join(dir, "state"),
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(dir, "none"), "XDG_RUNTIME_DIR": dir, words.Variable: "en",
	} {
		t.Setenv(name, value)
	}
	was := policyPlace
	policyPlace = filepath.Join(dir, "etc")
	t.Cleanup(func() { policyPlace = was })
	if err := os.Mkdir(policyPlace, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(policyPlace, "policy.toml"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func command(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(stdin), &out, &errs})
	return out.String(), errs.String(), code
}

const tenantOfTest = "12345678-1234-1234-1234-123456789abc"

// whatElse are values other than usual for the settings of an account.
var whatElse = map[string][2]string{
	"name": {"Office", "Lab"}, "by_network": {"true", "off"},
	"host": {"pbx.example.com", "other.example.com"}, "port": {"5039", "5040"}, "tls": {"true", "off"},
	"tls_pin": {strings.Repeat("ab", 32), strings.Repeat("cd", 32)}, "tls13": {"true", "off"},
	"tls_ca": {"/etc/ssl/company.pem", "/tmp/own.pem"}, "username": {"company", "other"},
	"tenant": {tenantOfTest, "22222222-1234-1234-1234-123456789abc"}, "syntax": {"wrapper", "variables"},
	"channel": {"PJSIP/%extension%", "SIP/%extension%"}, "context": {"phones", "internal"},
	"transfer_context": {"moved", "moved-too"}, "mailbox": {"7202@office", "7203"},
	"forward_code": {"*72", "*74"}, "forward_off_code": {"*73", "*75"}, "do_not_disturb_code": {"*78", "*76"},
	"do_not_disturb_off_code": {"*79", "*77"}, "voicemail_code": {"*97", "*98"},
	"extension": {"7101", "7102"}, "prefix": {"9", "8"}, "timeout": {"20s", "30s"},
}

// TestPolicyOnTheCommandLine: each setting that has an option, as a default and locked:
// `account set` takes it from the policy where it is not given, `policy` says whose it
// is, and what is locked is not set to anything else.
func TestPolicyOnTheCommandLine(t *testing.T) {
	for _, d := range config.Settings("account") {
		values := whatElse[d.Key]
		text := fmt.Sprintf("%q", values[0])
		if d.Kind == setting.KindSwitch || d.Kind == setting.KindCount {
			text = values[0]
		}
		option := "--" + strings.ReplaceAll(d.Key, "_", "-")
		if d.Option.Name != "" {
			option = "--" + d.Option.Name
		}
		for _, level := range []string{"default", "locked"} {
			t.Run(level+" "+d.Key, func(t *testing.T) {
				dir := governed(t, "["+level+".account]\n"+d.Key+" = "+text+"\n")
				args := []string{"account", "set"}
				for key, value := range map[string]string{"host": "pbx.of.mine", "username": "me", "tenant": tenantOfTest} {
					if key != d.Key {
						args = append(args, "--"+map[string]string{"host": "host", "username": "user", "tenant": "tenant"}[key], value)
					}
				}
				from := func() (value, from string) {
					t.Helper()
					out, errs, code := command(t, "", "policy", "--json")
					var all policyJSON
					if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitOK || len(all.Problems) > 0 {
						t.Fatalf("%v, exit status %d\n%s%s", err, code, out, errs)
					}
					for _, s := range all.Settings {
						if s.Key == d.Key {
							if (s.From == "default" || s.From == "locked") && (s.File != filepath.Join(dir, "etc", "policy.toml") || s.Line != 2) {
								t.Errorf("it is from %s:%d", s.File, s.Line)
							}
							return s.Value, string(s.From)
						}
					}
					t.Fatalf("policy says nothing of %s", d.Key)
					return "", ""
				}
				if value, origin := from(); value != values[0] || origin != level {
					t.Errorf("before: %q from %s", value, origin)
				}
				if out, errs, code := command(t, "", args...); code != exitOK {
					t.Fatalf("exit status %d\n%s%s", code, out, errs)
				}
				if value, _ := from(); value != values[0] {
					t.Errorf("set without it: %q", value)
				}
				_, errs, code := command(t, "", append(args, option, values[1])...)
				value, origin := from()
				if level == "default" {
					if code != exitOK || origin != "settings" && origin != "builtin" || value == values[0] {
						t.Errorf("a default cannot be changed: exit status %d, %q from %s\n%s", code, value, origin, errs)
					}
					return
				}
				if code != exitFailed || !strings.Contains(errs, "is set by your administrator. It cannot be changed here. The path is "+dir) {
					t.Errorf("exit status %d: %s", code, errs)
				}
				if value != values[0] || origin != "locked" {
					t.Errorf("after that: %q from %s", value, origin)
				}
				set := values[0]
				if d.Kind == setting.KindSwitch {
					set = "on"
				}
				if _, errs, code := command(t, "", append(args, option, set)...); code != exitOK {
					t.Errorf("set to what it is: exit status %d\n%s", code, errs)
				}
			})
		}
	}
}

// TestPolicyIsTold: what is wrong with a policy, in `policy`; that it cannot be read,
// with whatever is done; never what it holds as a password.
func TestPolicyIsTold(t *testing.T) {
	dir := governed(t, "[locked]\nsecret = \"hunter2\"\ntsl = true\nport = 0\npremium = \"never\"\n")
	out, errs, code := command(t, "", "policy")
	for _, want := range []string{"has a password in it", "no setting: tsl", "Port is out of range", "policy.toml:4"} {
		if !strings.Contains(errs, want) {
			t.Errorf("not told: %q in\n%s", want, errs)
		}
	}
	if code != exitOK || strings.Contains(out+errs, "hunter2") || !strings.Contains(out, "your administrator, locked ("+dir) {
		t.Errorf("exit status %d\n%s%s", code, out, errs)
	}
	if err := os.WriteFile(filepath.Join(policyPlace, "policy.toml"), []byte("[locked"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _, _ = command(t, "", "policy")
	if !regexp.MustCompile(`\npremium +never`).MatchString(out) {
		t.Errorf("what was in force is not any more:\n%s", out)
	}
	if _, errs, code := command(t, "", "account", "show"); code != exitNoLink || !strings.Contains(errs, "What it said before is still in force.") {
		t.Errorf("exit status %d: %s", code, errs)
	}
	if out, _, code := command(t, "", "explain", "--set", "abroad=never", "+441234567890"); code != exitNotNumber || !strings.Contains(out, "Calls abroad are switched off") {
		t.Errorf("exit status %d: %s", code, out)
	}
	p := status.Problem{Code: status.CodeForbidden, Fault: "abroad_forbidden"}
	if got := words.ProblemText(&p); !strings.HasPrefix(got, "Your administrator does not allow calls abroad.") {
		t.Error(got)
	}
}

// TestEnroll: what would change is shown, and asked for; what takes away protection is
// not answered by --yes; and nothing is changed in part.
func TestEnroll(t *testing.T) {
	dir := governed(t, "[locked]\nlanguage = \"en\"\n")
	file := filepath.Join(dir, "company.cornetta-enroll")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("enrolment = 1\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	has := func(want string) {
		t.Helper()
		out, _, _ := command(t, "", "account", "show", "--json")
		if !strings.Contains(out, want) {
			t.Errorf("%s lacks %s", out, want)
		}
	}
	pin := strings.Repeat("ab", 32)
	write("[account]\nhost = 'pbx.example.com'\nport = 5039\ntls = true\ntls_pin = '" + pin + "'\nusername = 'company'\ntenant = '" + tenantOfTest + "'\nextension = '7101'\n")
	for _, c := range []struct {
		args  []string
		code  int
		tells string
	}{
		{[]string{file}, exitFailed, "nobody said yes"},
		{[]string{"-"}, exitFailed, "nobody said yes"},
		{[]string{filepath.Join(dir, "none")}, exitFailed, "no enrolment that Cornetta can use"},
		{[]string{"-", "--secret-stdin"}, exitUsage, "not both"},
	} {
		text, _ := os.ReadFile(file)
		out, errs, code := command(t, string(text), append([]string{"account", "enroll"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.tells) {
			t.Errorf("%q: exit status %d\n%s%s", c.args, code, out, errs)
		}
	}
	if _, _, code := command(t, "", "account", "show"); code != exitNoLink {
		t.Error("there is an account, to which nobody said yes")
	}
	out, errs, code := command(t, "", "account", "enroll", file, "--yes")
	if code != exitOK || !strings.Contains(out, "Host: none → pbx.example.com\n  Port: 5038 → 5039\n  TLS: off → on\n") {
		t.Fatalf("exit status %d\n%s%s", code, out, errs)
	}
	has(`"tls":"on","tls_pin":"` + pin + `"`)
	for _, weaker := range []string{"tls = false", "tls_pin = ''", "host = 'evil.example.com'", "tls_pin = '" + strings.Repeat("cd", 32) + "'"} {
		write("[account]\nprefix = '7'\n" + weaker + "\n")
		out, errs, code := command(t, "", "account", "enroll", file, "--yes")
		if code != exitFailed || !strings.Contains(errs, "it takes away protection") || !strings.HasPrefix(out, "This takes away protection:") {
			t.Errorf("%s: exit status %d\n%s%s", weaker, code, out, errs)
		}
		has(`"prefix":"0"`)
	}
	write("[account]\nprefix = '7'\n")
	if out, errs, code := command(t, "", "account", "enroll", file, "--yes"); code != exitOK {
		t.Errorf("exit status %d\n%s%s", code, out, errs)
	}
	has(`"prefix":"7"`)
	write("[account]\ntls = false\n")
	if _, errs, code := command(t, "", "account", "enroll", file, "--yes-to-risk"); code != exitFailed {
		t.Errorf("without --yes: exit status %d\n%s", code, errs)
	}
	if _, errs, code := command(t, "", "account", "enroll", file, "--yes", "--yes-to-risk"); code != exitOK {
		t.Errorf("exit status %d\n%s", code, errs)
	}
	has(`"tls":"off"`)
	out, _, code = command(t, "", "account", "export", "--for", "mrossi", "--extension", "7102")
	if code != exitOK {
		t.Fatal(out)
	}
	if again, errs, code := command(t, out, "account", "enroll", "-", "--yes"); code != exitOK || !strings.Contains(again, "It was made for mrossi.\n  Extension: 7101 → 7102\n") {
		t.Errorf("exit status %d\n%s%s", code, again, errs)
	}
}
