package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

const enrolled = `enrolment = 1
for = "mrossi"

[account]
host = "pbx.example.com"
port = 5039
tls = true
username = "clicktocall"
tenant = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
syntax = "wrapper"
prefix = "9"

[numbers]
region = "FR"

[extension]
login = '^[a-z]+\.([0-9]{3,5})$'
`

func enrolment(t testing.TB, text, login string) Enrolment {
	t.Helper()
	e, err := ReadEnrolment(strings.NewReader(text), login)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// An enrolment gives what it names, and the extension by its rule; what it does not name
// stays.
func TestEnrolment(t *testing.T) {
	e := enrolment(t, enrolled, "rossi.7105")
	c, changes, err := e.Apply(Default())
	if err != nil {
		t.Fatal(err)
	}
	want := Account{
		Host: "pbx.example.com", Port: 5039, TLS: true, Username: "clicktocall", Extension: "7105",
		Tenant: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Syntax: SyntaxWrapper, Prefix: "9", Timeout: Default().Account.Timeout,
	}
	if c.Account != want || c.Numbers.Region != "FR" || e.For != "mrossi" || Risky(changes) {
		t.Errorf("%+v, %+v", c, changes)
	}
	var keys []string
	for _, c := range changes {
		keys = append(keys, c.Key)
	}
	if got := strings.Join(keys, " "); got != "region host port tls username tenant syntax extension prefix" {
		t.Errorf("what would change: %s", got)
	}
	if _, again, err := e.Apply(c); err != nil || len(again) > 0 {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if c, _, err := enrolment(t, enrolled, "rossi").Apply(Default()); err != nil || c.Account.Extension != "" {
		t.Errorf("another login: %q, %v", c.Account.Extension, err)
	}
}

// What takes away protection is said to.
func TestEnrolmentRisks(t *testing.T) {
	safe := with(account())
	safe.Account.TLS, safe.Account.TLSPin, safe.Account.TLS13, safe.Account.TLSCA = true, strings.Repeat("ab", 32), true, ca
	plain := with(account())
	roots := with(account())
	roots.Account.TLS = true
	books := with(account())
	dirs := []string{"ldaps://pbx.example.com/dc=test", "https://cloud.example.com/dav"}
	books.Directories = dirs[0] + " " + dirs[1] + "?pin=" + strings.Repeat("cd", 32)
	const head = "enrolment = 1\n[account]\n"
	for _, c := range []struct {
		name string
		from Config
		text string
		want []string
	}{
		{"TLS off", safe, "tls = false", []string{"tls"}},
		{"the certificate no longer", safe, "tls_pin = ''", []string{"tls_pin"}},
		{"another certificate", safe, "tls_pin = '" + strings.Repeat("CD", 32) + "'", []string{"tls_pin"}},
		{"another machine", safe, "host = 'other.example.com'", []string{"tls_pin"}},
		{"another port", safe, "port = 1", []string{"tls_pin"}},
		{"older TLS", safe, "tls13 = false", []string{"tls13"}},
		{"the system's authorities", safe, "tls_ca = ''", []string{"tls_ca"}},
		{"a certificate instead of the authorities", roots, "tls_pin = '" + strings.Repeat("cd", 32) + "'", []string{"tls_pin"}},
		{"own authorities instead", roots, "tls_ca = '" + ca + "'", []string{"tls_ca"}},
		{"more protection", plain, "tls = true\ntls13 = true\ntls_pin = '" + strings.Repeat("cd", 32) + "'", nil},
		{"a directory in clear", books, "directories_ = '" + dirs[0] + "?clear'", []string{"directories"}},
		{"a directory by another certificate", books, "directories_ = '" + dirs[1] + "?pin=" + strings.Repeat("ef", 32) + "'", []string{"directories"}},
		{"a directory by the system's authorities", books, "directories_ = '" + dirs[1] + "'", []string{"directories"}},
		{"a directory under another port", books, "directories_ = 'ldap://pbx.example.com:1389/dc=test?clear'", []string{"directories"}},
		{"another directory, which is in clear", books, "directories_ = 'ldap://other.example.com/dc=test?clear'", nil},
		{"the same directories", books, "directories_ = '" + books.Directories + "'", nil},
		{"a directory by its certificate", books, "directories_ = '" + dirs[0] + "?pin=" + strings.Repeat("ef", 32) + "'", nil},
		{"nothing of that kind", safe, "prefix = '1'\nsyntax = 'wrapper'", nil},
		{"all at once", safe, "tls = false\ntls13 = false\ntls_ca = ''\nhost = 'other'", []string{"tls", "tls_pin", "tls13", "tls_ca"}},
	} {
		text := head + c.text
		if line, ok := strings.CutPrefix(c.text, "directories_"); ok { // which stands in no table
			text = "enrolment = 1\ndirectories" + line
		}
		_, changes, err := enrolment(t, text, "").Apply(c.from)
		var risks []string
		for _, change := range changes {
			if change.Risk {
				risks = append(risks, change.Key)
			}
		}
		if err != nil || !slices.Equal(risks, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, risks, err, c.want)
		}
	}
	// What is locked is not enrolled, unless it is the same.
	safe.Locked = map[string]string{"tls": "policy.toml:1"}
	if _, _, err := enrolment(t, head+"tls = false", "").Apply(safe); !errors.As(err, new(*LockedError)) {
		t.Errorf("a locked one: %v", err)
	}
	if _, _, err := enrolment(t, head+"tls = true", "").Apply(safe); err != nil {
		t.Error(err)
	}
	if _, _, err := enrolment(t, head+"prefix = '1'", "").Apply(Default()); !errors.As(err, new(*FieldError)) {
		t.Errorf("no account is left: %v", err)
	}
}

var ca, _ = filepath.Abs("company.pem")

// An enrolment is that and nothing else.
func TestNoEnrolment(t *testing.T) {
	const head = "enrolment = 1\n"
	for name, c := range map[string]struct {
		text  string
		code  status.Code
		field string
	}{
		"empty":                     {"", status.CodeEnrolment, ""},
		"no TOML":                   {"MZ\x00", status.CodeEnrolment, ""},
		"without a version":         {"[account]\nhost = 'pbx'\n", status.CodeEnrolment, ""},
		"of a later one":            {"enrolment = 2\n", status.CodeEnrolment, ""},
		"too large":                 {head + "#" + strings.Repeat("x", maxSize), status.CodeEnrolment, ""},
		"a secret":                  {head + "[account]\nsecret = 'hunter2'\n", status.CodeEnrolmentSecret, ""},
		"a password, in capitals":   {head + "[account]\nPassword = 'hunter2'\n", status.CodeEnrolmentSecret, ""},
		"a secret anywhere":         {head + "[x.y.z]\nsecret = 'hunter2'\n", status.CodeEnrolmentSecret, ""},
		"another table":             {head + "[hooks]\nring = 'rm'\n", status.CodeEnrolment, ""},
		"hooks":                     {head + "[hooks]\nhooks = true\non_ended = '/bin/rm'\n", status.CodeEnrolment, ""},
		"a hook elsewhere":          {head + "[account]\non_ended = '/bin/rm'\n", status.CodeEnrolment, "on_ended"},
		"another key":               {head + "[account]\nhots = 'pbx'\n", status.CodeEnrolment, "hots"},
		"a setting of another one":  {head + "[numbers]\nconfirm = 'trusted'\n", status.CodeEnrolment, "confirm"},
		"in the wrong table":        {head + "[numbers]\nhost = 'pbx'\n", status.CodeEnrolment, "host"},
		"a wrong value":             {head + "[account]\nport = 70000\n", status.CodeEnrolment, "port"},
		"a list for a text":         {head + "[account]\nusername = ['c2c']\n", status.CodeEnrolment, "username"},
		"a switch for a text":       {head + "[account]\nusername = true\n", status.CodeEnrolment, "username"},
		"a date for a text":         {head + "[account]\nusername = 2026-11-26\n", status.CodeEnrolment, "username"},
		"a fraction for a number":   {head + "[account]\nport = 5038.0\n", status.CodeEnrolment, "port"},
		"tables for a table":        {head + "[[account]]\nhost = 'pbx'\n", status.CodeEnrolment, ""},
		"a secret in a list":        {head + "[[account]]\nsecret = 'hunter2'\n", status.CodeEnrolment, ""},
		"a password in an address":  {head[:len(head)-1] + "\ndirectories = 'ldaps://cn=x:hunter2@pbx/dc=test'\n", status.CodeEnrolment, "directories"},
		"a mark and no more":        {"\xef\xbb\xbf", status.CodeEnrolment, ""},
		"a host with a port":        {head + "[account]\nhost = 'pbx:1'\n", status.CodeEnrolment, "host"},
		"for a line break":          {head + "for = \"a\\nb\"\n", status.CodeEnrolment, ""},
		"a rule without a group":    {head + "[extension]\nlogin = '[0-9]+'\n", status.CodeEnrolment, ""},
		"a rule that is none":       {head + "[extension]\nlogin = '(['\n", status.CodeEnrolment, ""},
		"a rule that finds letters": {head + "[extension]\nlogin = '(.*)'\n", status.CodeEnrolment, ""},
		"a rule and an extension":   {head + "[account]\nextension = '1'\n[extension]\nlogin = '([0-9]+)'\n", status.CodeEnrolment, ""},
		"a long rule":               {head + "[extension]\nlogin = '(" + strings.Repeat("a?", 200) + ")'\n", status.CodeEnrolment, ""},
	} {
		_, err := ReadEnrolment(strings.NewReader(c.text), "rossi")
		p := new(status.Problem)
		if !errors.As(err, &p) || p.Code != c.code || p.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "hunter2") || p != nil && strings.Contains(string(p.Detail), "hunter2") {
			t.Errorf("%s: the secret is told", name)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none"), os.DevNull} {
		if _, err := OpenEnrolment(path, ""); status.Find(err, status.CodeEnrolment) == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// written is a text as programs of Windows write it.
func written(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{"UTF-8 with a mark": "\xef\xbb\xbf" + text, "lines that end with CR LF": strings.ReplaceAll(text, "\n", "\r\n")}
	for name, order := range map[string]unicode.Endianness{"UTF-16": unicode.LittleEndian, "UTF-16, the other way round": unicode.BigEndian} {
		out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = out
	}
	return all
}

// TestWrittenOnWindows: enrolment, policy and settings are read as Notepad and PowerShell
// write them.
func TestWrittenOnWindows(t *testing.T) {
	s := NewStore(t.TempDir())
	if err := s.Save(whole()); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range written(t, string(saved)) {
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Load(); err != nil || !same(c, whole()) {
			t.Errorf("settings in %s: %v", name, err)
		}
	}
	for name, text := range written(t, enrolled) {
		e, err := ReadEnrolment(strings.NewReader(text), "rossi.7105")
		if c, _, applyErr := e.Apply(Default()); err != nil || applyErr != nil || c.Account.Extension != "7105" || c.Account.Host != "pbx.example.com" {
			t.Errorf("an enrolment in %s: %v, %v", name, err, applyErr)
		}
	}
}

// What is exported is taken back, without a secret and somebody's extension.
func TestExportEnrolment(t *testing.T) {
	c := whole()
	c.Account.TLS, c.Account.TLSPin, c.Account.Prefix = true, strings.Repeat("ab", 32), ""
	var out bytes.Buffer
	if err := ExportEnrolment(&out, "An enrolment.", c, "mrossi", "7107"); err != nil {
		t.Fatal(err)
	}
	e := enrolment(t, out.String(), "")
	got, _, err := e.Apply(Default())
	want := c.Account
	want.Extension = "7107"
	if err != nil || got.Account != want || got.Numbers.Region != "DE" || e.For != "mrossi" {
		t.Errorf("%+v, %v of\n%s", got.Account, err, &out)
	}
	out.Reset()
	if err := ExportEnrolment(&out, "", c, "", ""); err != nil || strings.Contains(out.String(), "extension") || strings.Contains(out.String(), "for =") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := ExportEnrolment(&out, "", c, "a\nb", ""); err == nil {
		t.Error("for nobody's name")
	}
}

// FuzzEnrolment: what is taken is an account that can be checked, and what is not changes
// nothing.
func FuzzEnrolment(f *testing.F) {
	f.Add([]byte(enrolled), "rossi.7105")
	f.Add([]byte("enrolment = 1\n[account]\ntls = false\ntls_pin = ''\n"), "x")
	f.Add([]byte("enrolment = 1\n[extension]\nlogin = '(a*)*b'\n"), strings.Repeat("a", 50))
	f.Fuzz(func(t *testing.T, data []byte, login string) {
		e, err := parseEnrolment(data, login)
		if err != nil {
			return
		}
		before := with(account())
		before.Account.TLS = true
		c, changes, err := e.Apply(before)
		if err != nil {
			return
		}
		if c.Account.ValidateLogin() != nil || setting.Check(beside, &c) != nil {
			t.Errorf("%q gives %+v", data, c)
		}
		if !c.Account.TLS && !Risky(changes) || c.Connection != before.Connection || c.Numbers.Confirm != before.Numbers.Confirm {
			t.Errorf("%q changes %+v", data, changes)
		}
	})
}
