//go:build unix

package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/hook"
	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

// governed is a Store, and the folder of the policy that it is under.
type governed struct {
	*Store
	t   *testing.T
	dir string
}

func newGoverned(t *testing.T) *governed {
	dir := t.TempDir()
	p := &Policies{At: filepath.Join(dir, "etc"), Good: filepath.Join(dir, "state", "policy.good")}
	return &governed{NewStore(filepath.Join(dir, "cornetta")).Under(p), t, p.At}
}

// write makes text a file of the policy, "" takes it away.
func (g *governed) write(name, text string) string {
	g.t.Helper()
	path := filepath.Join(g.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil && text == "" {
		err = os.Remove(path)
	} else if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	return path
}

func (g *governed) load() Config {
	g.t.Helper()
	c, err := g.Load()
	if err != nil {
		g.t.Fatal(err)
	}
	return c
}

// tomlOf is a setting of c as a line of a policy.
func tomlOf(d Setting, c Config) string {
	text := d.Text(&c)
	switch d.Kind {
	case setting.KindSwitch, setting.KindCount:
		return fmt.Sprintf("%s = %s\n", d.Key, text)
	case setting.KindList:
		return fmt.Sprintf("%s = ['%s']\n", d.Key, strings.ReplaceAll(text, ",", "', '"))
	}
	return fmt.Sprintf("%s = %q\n", d.Key, text)
}

// everything has another value than the usual for every setting.
func everything() Config {
	c := whole()
	c.Language = "it"
	c.Directories = "ldaps://cn=reader,dc=test@pbx.example.com/dc=test?pin=" + strings.Repeat("ab", 32) + " https://cloud.example.com/dav"
	c.BusNumbers = true
	c.Colleagues = Colleagues{Show: true, PickupCode: "*9", RemindAfter: 5}
	c.Hooks = hook.Settings{On: true, RingingOwn: "https://crm.example/{number}", InCall: "/bin/a b", Ended: "/bin/c", Failed: "/bin/d"}
	c.Hooks.InRinging, c.Hooks.InAnswered, c.Hooks.InElsewhere, c.Hooks.InMissed, c.Hooks.InEnded = "/bin/e", "/bin/f", "/bin/g", "/bin/h", "/bin/i"
	c.Phone = Phone{Incoming: true, IncomingQuiet: true}
	c.Account = Account{
		Name: "Other", ByNetwork: true,
		Host: "other.example.com", Port: 5039, TLS: true, TLSPin: strings.Repeat("ab", 32), TLS13: true, TLSCA: "/etc/ssl/company.pem",
		Username: "other", Extension: "7202", Tenant: "11111111-2222-3333-4444-555555555555", Syntax: SyntaxWrapper,
		Channel: "PJSIP/%extension%", Context: "phones", TransferContext: "moved", Mailbox: "7202@office", Prefix: "9", Timeout: Duration(20e9),
	}
	c.Codes = Codes{Forward: "*72", ForwardOff: "*73", Disturb: "*78", DisturbOff: "*79", Voicemail: "*97"}
	c.Numbers.HomeNational = false
	c.Keys.Redial, c.History = "Ctrl+Alt+Y", History{Calls: 5, Days: 30}
	return c
}

// TestPolicyOfEachSetting: every setting can be given, as a default and locked, in its
// table or without; it is in force, it is said where it is from, a lock cannot be
// changed, and a default can.
func TestPolicyOfEachSetting(t *testing.T) {
	want, usual := everything(), Default()
	for _, d := range described {
		if d.Text(&want) == d.Text(&usual) {
			t.Fatalf("%s has its usual value", d.Key)
		}
		for _, level := range []Level{LevelDefault, LevelLocked} {
			for _, table := range []string{"", d.Group} {
				g := newGoverned(t)
				head := "[" + string(level)
				if table != "" {
					head += "." + table
				}
				path := g.write("policy.toml", head+"]\n"+tomlOf(d, want))
				c := g.load()
				if d.Text(&c) != d.Text(&want) {
					t.Errorf("%s, %s: %q is in force, want %q", level, d.Key, d.Text(&c), d.Text(&want))
				}
				if c.Locked[d.Key] != "" != (level == LevelLocked) {
					t.Errorf("%s, %s: locked at %q", level, d.Key, c.Locked[d.Key])
				}
				all, p, err := g.Explain()
				if err != nil || len(p.Problems) > 0 || len(all) != len(described) {
					t.Fatalf("%s: %+v, %v", d.Key, p.Problems, err)
				}
				for _, s := range all {
					from := FromBuiltIn
					if s.Key == d.Key {
						from = Origin(level)
					}
					if s.Origin != from || s.Key == d.Key && (s.Rule.Source != path || s.Rule.Line != 2) {
						t.Errorf("%s of %s: %s is from %s, %s", level, d.Key, s.Key, s.Origin, s.Rule.Place())
					}
				}
				// The person sets up an account, with all as it is shown, and then changes it.
				err = g.Save(with2(c, account(), d))
				if err != nil {
					t.Fatalf("%s, %s: %v", level, d.Key, err)
				}
				other := g.load()
				if d.Text(&other) != d.Text(&want) {
					t.Errorf("%s, %s: after the set-up it is %q", level, d.Key, d.Text(&other))
				}
				_, _, err = g.Change(func(c *Config) {
					if d.Key == "host" {
						c.Account.Host = "a.third.one"
					} else {
						_ = d.Parse(c, d.Text(pointer(whole2(usual))))
					}
				})
				var locked *LockedError
				if errors.As(err, &locked) != (level == LevelLocked) {
					t.Errorf("%s, %s: changed with %v", level, d.Key, err)
				}
				if locked != nil && (locked.Problem().Field != d.Key || locked.Problem().Path != path+":2") {
					t.Errorf("%s: refused as %+v", d.Key, locked.Problem())
				}
				if now := g.load(); (d.Text(&now) == d.Text(&want)) != (level == LevelLocked) {
					t.Errorf("%s, %s: %q after a change", level, d.Key, d.Text(&now))
				}
			}
		}
	}
}

func pointer(c Config) *Config { return &c }

// whole2 is the usual settings with what an account cannot do without.
func whole2(c Config) Config {
	a := account()
	a.Timeout = c.Account.Timeout
	c.Account = a
	return c
}

// with2 is c with an account, but for what is d's.
func with2(c Config, a Account, d Setting) Config {
	text := d.Text(&c)
	c.Account = a
	_ = d.Parse(&c, text)
	return c
}

// A person's own choices stay under a lock, a default follows the administrator until
// they choose, and they can choose what is usual.
func TestPolicyAndPerson(t *testing.T) {
	g := newGoverned(t)
	if err := g.Save(whole()); err != nil { // trusts links
		t.Fatal(err)
	}
	g.write("policy.toml", "[locked]\nconfirm = \"always\"\n[default]\nregion = \"FR\"\nlanguage = \"it\"\n")
	if c := g.load(); c.Numbers.Confirm != number.ConfirmAlways || c.Numbers.Region != "DE" || c.Language != "it" {
		t.Errorf("%+v", c)
	}
	if _, _, err := g.Change(func(c *Config) { c.Language, c.Numbers.ExtMaxLen = "", 5 }); err != nil {
		t.Fatal(err)
	}
	if c := g.load(); c.Language != "" || c.Numbers.ExtMaxLen != 5 {
		t.Errorf("the usual value was chosen: %+v", c)
	}
	g.write("policy.toml", "[default]\nlanguage = \"en\"\n")
	if c := g.load(); c.Language != "" || c.Numbers.Confirm != number.ConfirmTrusted {
		t.Errorf("without the lock: %+v", c)
	}
	// As it is by default, it follows.
	if _, _, err := g.Change(func(c *Config) { c.Language = "en" }); err != nil {
		t.Fatal(err)
	}
	g.write("policy.toml", "[default]\nlanguage = \"it\"\n")
	if c := g.load(); c.Language != "it" {
		t.Errorf("a default that was left alone: %q", c.Language)
	}
	g.write("policy.toml", "")
	if c := g.load(); len(c.Locked) > 0 || !same(c, func() Config { w := whole(); w.Numbers.ExtMaxLen = 5; return w }()) {
		t.Errorf("without a policy: %+v", c)
	}
}

// A locked host is another machine: no certificate of the old one is trusted there. The
// rest stays the person's; removing the account leaves what is locked.
func TestPolicyOfTheAccount(t *testing.T) {
	g := newGoverned(t)
	c := whole()
	c.Account.TLS, c.Account.TLSPin = true, strings.Repeat("ab", 32)
	if err := g.Save(c); err != nil {
		t.Fatal(err)
	}
	g.write("policy.toml", "[locked.account]\nhost = \"New.Example.Com\"\n")
	if a := g.load().Account; a.Host != "new.example.com" || a.TLSPin != "" || a.Port != 5038 || a.Username != c.Account.Username {
		t.Errorf("%+v", a)
	}
	pin := strings.Repeat("cd", 32)
	if _, _, err := g.Change(func(c *Config) { c.Account.TLSPin = pin }); err != nil || g.load().Account.TLSPin != pin {
		t.Errorf("%v, %+v", err, g.load().Account)
	}
	if _, _, err := g.Change(func(c *Config) { c.Account = Account{} }); err != nil {
		t.Fatal(err)
	}
	if a := g.load().Account; a.Host != "new.example.com" || a.Username != "" || a.ValidateLogin() == nil {
		t.Errorf("removed: %+v", a)
	}
	if _, _, err := g.Change(func(c *Config) { c.Language = "it" }); err != nil { // with no account of one's own
		t.Error(err)
	}
	// A whole account asks for nothing but the password.
	a := account()
	g.write("policy.toml", fmt.Sprintf("[locked.account]\nhost = %q\nusername = %q\ntenant = %q\n[default.account]\nextension = %q\n", a.Host, a.Username, a.Tenant, a.Extension))
	if c := g.load(); !c.Given || c.Account.Validate() != nil {
		t.Errorf("%+v", c)
	}
}

// TestPolicyFiles: several files, as they are merged; what is wrong in one is told with
// its line, and never permits more.
func TestPolicyFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		key   string
		want  string
		codes []status.Code
	}{
		{"the later default", map[string]string{"policy.toml": "[default]\nregion = 'FR'\n", "policy.d/b.toml": "[default]\nregion = 'DE'\n", "policy.d/a.toml": "[default]\nregion = 'CH'\n"}, "region", "DE", nil},
		{"other files", map[string]string{"policy.d/a.conf": "[default]\nregion = 'DE'\n", "policy.d/.b.toml": "[default]\nregion = 'DE'\n"}, "region", "IT", nil},
		{"a lock before a default", map[string]string{"policy.toml": "[locked]\nregion = 'FR'\n", "policy.d/a.toml": "[default]\nregion = 'CH'\n"}, "region", "FR", nil},
		{"a lock after a default", map[string]string{"policy.toml": "[default]\nregion = 'FR'\n", "policy.d/a.toml": "[locked]\nregion = 'CH'\n"}, "region", "CH", nil},
		{"the first of two locks", map[string]string{"policy.toml": "[locked]\nregion = 'FR'\n", "policy.d/a.toml": "[locked]\nregion = 'CH'\n"}, "region", "FR", []status.Code{status.CodePolicyConflict}},
		{"the stricter of two locks", map[string]string{"policy.toml": "[locked]\ntls = false\n", "policy.d/a.toml": "[locked]\ntls = true\n", "policy.d/b.toml": "[locked]\ntls = false\n"}, "tls", "true", []status.Code{status.CodePolicyConflict, status.CodePolicyConflict}},
		{"an unknown key", map[string]string{"policy.toml": "[locked]\ntsl = true\nregion = 'FR'\n"}, "region", "FR", []status.Code{status.CodePolicyUnknown}},
		{"in the wrong table", map[string]string{"policy.toml": "[locked.numbers]\ntls = true\n"}, "tls", "false", []status.Code{status.CodePolicyUnknown}},
		{"in no table", map[string]string{"policy.toml": "region = 'FR'\n"}, "region", "IT", []status.Code{status.CodePolicyUnknown}},
		{"another level", map[string]string{"policy.toml": "[lock]\nregion = 'FR'\n"}, "region", "IT", []status.Code{status.CodePolicyUnknown}},
		{"a secret", map[string]string{"policy.toml": "[locked.account]\nsecret = 'hunter2'\n"}, "region", "IT", []status.Code{status.CodePolicySecret}},
		{"a wrong default", map[string]string{"policy.toml": "[default]\nport = 70000\n"}, "port", "5038", []status.Code{status.CodePolicyValue}},
		{"a wrong lock that forbids", map[string]string{"policy.toml": "[locked]\npremium = 'nevre'\n"}, "premium", "never", []status.Code{status.CodePolicyValue}},
		{"a wrong type", map[string]string{"policy.toml": "[locked]\ntls = 'yes please'\n"}, "tls", "true", []status.Code{status.CodePolicyValue}},
		{"a host with more", map[string]string{"policy.toml": "[locked]\nhost = 'tls://pbx:5039'\n"}, "host", "", []status.Code{status.CodePolicyValue}},
		{"a list for a text", map[string]string{"policy.toml": "[locked]\nusername = ['x']\nregion = 'FR'\n"}, "username", "", []status.Code{status.CodePolicyValue}},
		{"a switch for a text", map[string]string{"policy.toml": "[locked]\nusername = true\n"}, "username", "", []status.Code{status.CodePolicyValue}},
		{"an empty list for a text", map[string]string{"policy.toml": "[locked]\nmailbox = []\n"}, "mailbox", "", []status.Code{status.CodePolicyValue}},
		{"a date for a text", map[string]string{"policy.toml": "[default]\nusername = 2026-11-26\n"}, "username", "", []status.Code{status.CodePolicyValue}},
		{"a fraction for a number", map[string]string{"policy.toml": "[locked]\nport = 5039.0\n"}, "port", "5038", []status.Code{status.CodePolicyValue}},
		{"a list for what may be forbidden", map[string]string{"policy.toml": "[locked]\npremium = ['ask']\n"}, "premium", "never", []status.Code{status.CodePolicyValue}},
		{"a number for an extension", map[string]string{"policy.toml": "[locked]\nextension = 7105\n"}, "extension", "7105", nil},
		{"a number for a switch", map[string]string{"policy.toml": "[locked]\ntls = 1\n"}, "tls", "true", nil},
		{"a number that is no switch", map[string]string{"policy.toml": "[locked]\ntls = 2\n"}, "tls", "true", []status.Code{status.CodePolicyValue}},
		{"a text for a list", map[string]string{"policy.toml": "[locked]\nlocal_contexts = 'a, b'\n"}, "local_contexts", "a,b", nil},
		{"a list of no texts", map[string]string{"policy.toml": "[locked]\nlocal_contexts = [1, 2]\n"}, "local_contexts", "", []status.Code{status.CodePolicyValue}},
		{"more tables than one", map[string]string{"policy.toml": "[[locked]]\ntls = true\n"}, "tls", "false", []status.Code{status.CodePolicyUnknown}},
		{"twice", map[string]string{"policy.toml": "[locked]\ntls = false\n[locked.account]\ntls = true\n"}, "tls", "true", []status.Code{status.CodePolicyConflict}},
		{"a mark", map[string]string{"policy.toml": "\xef\xbb\xbf[locked]\r\nregion = 'FR'\r\n"}, "region", "FR", nil},
		{"UTF-16", map[string]string{"policy.toml": written(t, "[locked]\nregion = 'FR'\n")["UTF-16"]}, "region", "FR", nil},
		{"UTF-16 that is cut", map[string]string{"policy.toml": written(t, "[locked]\nregion = 'FR'\n")["UTF-16"][:25]}, "tls", "true", []status.Code{status.CodePolicyStrict}},
		{"a mark and no more", map[string]string{"policy.toml": "\xff\xfe"}, "tls", "true", []status.Code{status.CodePolicyStrict}},
		{"no TOML", map[string]string{"policy.toml": "[locked\n"}, "tls", "true", []status.Code{status.CodePolicyStrict}},
		{"empty", map[string]string{"policy.toml": "\x00"[:0] + " "}, "tls", "false", nil},
		{"too large", map[string]string{"policy.toml": "[locked]\n#" + strings.Repeat("x", maxSize)}, "confirm", "always", []status.Code{status.CodePolicyStrict}},
		{"one of two is damaged", map[string]string{"policy.toml": "[default]\nregion = 'FR'\n", "policy.d/a.toml": "x"}, "region", "FR", []status.Code{status.CodePolicyStrict}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGoverned(t)
			for name, text := range c.files {
				g.write(name, text)
			}
			cfg, p := g.load(), g.Policy()
			d, _ := Described(c.key)
			if got := d.Text(&cfg); got != c.want {
				t.Errorf("%s is %q, want %q", c.key, got, c.want)
			}
			var codes []status.Code
			for _, problem := range p.Problems {
				codes = append(codes, problem.Code)
				if strings.Contains(fmt.Sprint(problem), "hunter2") || problem.Path == "" {
					t.Errorf("%+v", problem)
				}
			}
			if !slices.Equal(codes, c.codes) {
				t.Errorf("%v, want %v", p.Problems, c.codes)
			}
		})
	}
}

// TestDamagedPolicy: whatever happens to a file, what it said last stays in force; where
// nobody knows what that was, all is forbidden that can be. Only who removes it ends it.
func TestDamagedPolicy(t *testing.T) {
	const good = "[locked]\npremium = \"never\"\nconfirm = \"links\"\n[default]\nregion = \"FR\"\n"
	damages := map[string]func(path string) error{
		"empty":    func(path string) error { return os.Truncate(path, 0) },
		"cut":      func(path string) error { return os.Truncate(path, 22) },
		"garbage":  func(path string) error { return os.WriteFile(path, []byte("\xff\xfe"), 0o644) },
		"a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) },
		"to nowhere": func(path string) error {
			return errors.Join(os.Remove(path), os.Symlink(filepath.Join(path, "x"), path))
		},
		"everybody's": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("[default]\n"), 0o644), os.Chmod(path, 0o666))
		},
		"in everybody's folder": func(path string) error { return os.Chmod(filepath.Dir(path), 0o777) },
		"a wrong value": func(path string) error {
			return os.WriteFile(path, []byte(strings.Replace(good, `"never"`, `"nevre"`, 1)), 0o644)
		},
	}
	for name, damage := range damages {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, known %v", name, known), func(t *testing.T) {
				g := newGoverned(t)
				path := g.write("policy.toml", good)
				if known {
					g.load()
				}
				stamp := g.PolicyStamp()
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
				for range 2 { // and it stays so
					c := g.load()
					p := g.Policy()
					if c.Numbers.Premium != number.KindNever || c.Locked["premium"] == "" {
						t.Errorf("premium numbers: %q, %v", c.Numbers.Premium, c.Locked)
					}
					if known && (c.Numbers.Region != "FR" || c.Numbers.Confirm != number.ConfirmLinks || c.Account.TLS) {
						t.Errorf("what was in force is not any more: %+v", c)
					}
					if !known && name != "a wrong value" && (c.Numbers.Confirm != number.ConfirmAlways || !c.Account.TLS || c.Connection != ConnectionOnDemand) {
						t.Errorf("not all is forbidden: %+v", c)
					}
					if name != "a wrong value" && (p.Damaged() == nil || !strings.HasPrefix(p.Damaged().Path, path)) {
						t.Errorf("nobody is told: %+v", p.Problems)
					}
				}
				if g.PolicyStamp() == stamp {
					t.Error("nobody would notice")
				}
				if err := errors.Join(os.Chmod(filepath.Dir(path), 0o755), os.RemoveAll(path)); err != nil {
					t.Fatal(err)
				}
				if c := g.load(); len(c.Locked) > 0 {
					t.Errorf("it was removed: %v", c.Locked)
				}
			})
		}
	}
	// A copy that somebody has changed for the worse is none.
	g := newGoverned(t)
	path := g.write("policy.toml", good)
	g.load()
	if err := os.WriteFile(g.policies.Good, []byte(`[{"source":"`+path+`","rules":[{"level":"locked","key":"premium","text":"maybe"}]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if c := g.load(); c.Numbers.Premium != number.KindNever || c.Numbers.Abroad != number.KindNever {
		t.Errorf("%+v", c.Numbers)
	}
}

// TestLeftEnrolment: an enrolment that was left for first runs fills in what nobody else
// says; the policy comes before it, and what is no enrolment forbids nothing.
func TestLeftEnrolment(t *testing.T) {
	g := newGoverned(t)
	g.write("enrol.d/a.toml", strings.Replace(enrolled, `for = "mrossi"`, "", 1))
	other := g.write("enrol.d/b.cornetta-enroll", "enrolment = 1\nfor = 'nobody-of-that-name'\n[account]\nhost = 'other'\n")
	g.write("policy.toml", "[locked]\nprefix = '0'\n")
	c := g.load()
	if c.Account.Host != "pbx.example.com" || c.Account.Prefix != "0" || c.Numbers.Region != "FR" || len(c.Locked) != 1 || c.Given {
		t.Errorf("%+v", c)
	}
	g.write("enrol.d/b.cornetta-enroll", "enrolment = 1\n[account]\nextension = '7103'\n")
	if c := g.load(); !c.Given || c.Account.Extension != "7103" {
		t.Errorf("%+v", c)
	}
	g.write("enrol.d/b.cornetta-enroll", "enrolment = 1\n[account]\nsecret = 'hunter2'\n")
	c = g.load()
	if p := g.Policy(); len(p.Problems) != 1 || p.Problems[0].Code != status.CodeEnrolmentSecret || p.Problems[0].Path != other || p.Damaged() != nil || len(c.Locked) != 1 {
		t.Errorf("%+v, %v", p.Problems, c.Locked)
	}
	if err := g.Save(with(account())); err != nil { // from then on it is the person's
		if !errors.As(err, new(*LockedError)) {
			t.Fatal(err)
		}
	}
	if a := g.load().Account; a.Host != account().Host {
		t.Errorf("%+v", a)
	}
}

// TestManyPolicies: where there are more files than are looked at, nobody knows what the
// others say.
func TestManyPolicies(t *testing.T) {
	for _, name := range []string{"policy.d/%04d.toml", "policy.d/%04d.bak"} {
		g := newGoverned(t)
		for i := range maxNames {
			g.write(fmt.Sprintf(name, i), "[default]\n")
		}
		if c := g.load(); c.Locked["tls"] == "" || g.Policy().Damaged() == nil {
			t.Errorf("%d of %s: %v", maxNames, name, g.Policy().Problems)
		}
	}
}

// TestOnlyAdministrators: who owns a policy, and who can write it.
func TestOnlyAdministrators(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a file away")
	}
	g := newGoverned(t)
	path := g.write("policy.toml", "[locked]\ntls = true\n")
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if g.load(); g.Policy().Damaged() == nil {
		t.Error("a policy of another user's is in force")
	}
}

// FuzzPolicy: no file panics, and what is wrong in one permits nothing that its lock
// on premium numbers, read before, forbids.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte("[locked]\npremium = 'never'\n[default.account]\nhost = 'pbx'\n"))
	f.Add([]byte("locked.numbers.premium = 3\n"))
	f.Add([]byte("[locked]\nlocal_contexts = ['a', 'b']\n[[default]]\n"))
	f.Add([]byte("[locked.account]\nsecret = 'x'\ntimeout = \"10s\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := Policy{rules: map[string]Rule{}}
		g := givenIn("policy.toml", data, nil)
		before := []given{{Source: "policy.toml", Rules: []Rule{{Level: LevelLocked, Key: "premium", Text: number.KindNever}}}}
		rules, _ := p.checked(g, before)
		for _, r := range rules {
			p.add(r)
		}
		c := p.over(Default())
		if err := setting.Check(beside, &c); err != nil {
			t.Errorf("%q puts in force: %v", data, err)
		}
		if g.err != nil && c.Numbers.Premium != number.KindNever {
			t.Errorf("%q, which cannot be read, permits premium numbers", data)
		}
	})
}
