package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	pin := strings.Repeat("0a", 32)
	set := func(f func(*Account)) Account { a := account(); f(&a); return a }
	for _, c := range []struct {
		name    string
		account Account
		field   string // "" when it is good
		code    string
	}{
		{"as it should be", account(), "", ""},
		{"empty", Account{}, "host", CodeMissing},
		{"an IPv4 host", set(func(a *Account) { a.Host = "192.0.2.7" }), "", ""},
		{"an IPv6 host", set(func(a *Account) { a.Host = "[2001:db8::7]" }), "", ""},
		{"a scoped IPv6 host", set(func(a *Account) { a.Host = "fe80::1%eth0" }), "", ""},
		{"a scope that is none", set(func(a *Account) { a.Host = "fe80::1%\r\nx" }), "host", CodeInvalid},
		{"one label", set(func(a *Account) { a.Host = "Centralino" }), "", ""},
		{"a rooted name", set(func(a *Account) { a.Host = "pbx.example.com." }), "", ""},
		{"host with a space", set(func(a *Account) { a.Host = "pbx example" }), "host", CodeInvalid},
		{"host with a port", set(func(a *Account) { a.Host = "pbx.example.com:5038" }), "host", CodeInvalid},
		{"host as an URL", set(func(a *Account) { a.Host = "http://pbx.example.com" }), "host", CodeInvalid},
		{"no such address", set(func(a *Account) { a.Host = "10.0.0.300" }), "host", CodeInvalid},
		{"label with a hyphen in front", set(func(a *Account) { a.Host = "-pbx.example.com" }), "host", CodeInvalid},
		{"empty label", set(func(a *Account) { a.Host = "pbx..example.com" }), "host", CodeInvalid},
		{"long host", set(func(a *Account) { a.Host = strings.Repeat("a.", 127) + "it" }), "host", CodeTooLong},
		{"port 0", set(func(a *Account) { a.Port = 0 }), "port", CodeRange},
		{"port 65535", set(func(a *Account) { a.Port = 65535 }), "", ""},
		{"port 65536", set(func(a *Account) { a.Port = 65536 }), "port", CodeRange},
		{"a pin", set(func(a *Account) { a.TLSPin = pin }), "", ""},
		{"a pin as openssl prints it", set(func(a *Account) { a.TLSPin = strings.TrimSuffix(strings.Repeat("0A:", 32), ":") }), "", ""},
		{"half a pin", set(func(a *Account) { a.TLSPin = pin[:32] }), "tls_pin", CodeInvalid},
		{"no hex", set(func(a *Account) { a.TLSPin = strings.Repeat("g", 64) }), "tls_pin", CodeInvalid},
		{"no user", set(func(a *Account) { a.Username = " " }), "username", CodeMissing},
		{"user with a header", set(func(a *Account) { a.Username = "x\r\nAction: Command" }), "username", CodeInvalid},
		{"user with a NUL", set(func(a *Account) { a.Username = "x\x00" }), "username", CodeInvalid},
		{"user with a colon", set(func(a *Account) { a.Username = "a:b" }), "username", CodeInvalid},
		{"user not in UTF-8", set(func(a *Account) { a.Username = "caff\xe8" }), "username", CodeInvalid},
		{"user with an accent", set(func(a *Account) { a.Username = "caffè" }), "", ""},
		{"user of 80", set(func(a *Account) { a.Username = strings.Repeat("è", 80) }), "", ""},
		{"user of 81", set(func(a *Account) { a.Username = strings.Repeat("u", 81) }), "username", CodeTooLong},
		{"tenant in capitals and braces", set(func(a *Account) { a.Tenant = "{" + strings.ToUpper(a.Tenant) + "}" }), "", ""},
		{"no tenant", set(func(a *Account) { a.Tenant = "" }), "tenant", CodeMissing},
		{"tenant without hyphens", set(func(a *Account) { a.Tenant = strings.ReplaceAll(a.Tenant, "-", "") }), "tenant", CodeInvalid},
		{"tenant with a comma", set(func(a *Account) { a.Tenant = a.Tenant[:35] + "," }), "tenant", CodeInvalid},
		{"half a brace", set(func(a *Account) { a.Tenant = "{" + a.Tenant }), "tenant", CodeInvalid},
		{"another syntax", set(func(a *Account) { a.Syntax = "rest" }), "syntax", CodeInvalid},
		{"no extension", set(func(a *Account) { a.Extension = "" }), "extension", CodeMissing},
		{"extension with a channel", set(func(a *Account) { a.Extension = "7101@c2c" }), "extension", CodeInvalid},
		{"extension of 21", set(func(a *Account) { a.Extension = strings.Repeat("1", 21) }), "extension", CodeTooLong},
		{"no prefix", set(func(a *Account) { a.Prefix = "" }), "", ""},
		{"prefix that forwards calls", set(func(a *Account) { a.Prefix = "*21*333" }), "prefix", CodeInvalid},
		{"prefix of 5", set(func(a *Account) { a.Prefix = "00000" }), "prefix", CodeTooLong},
		{"no time at all", set(func(a *Account) { a.Timeout = 0 }), "timeout", CodeRange},
		{"two minutes", set(func(a *Account) { a.Timeout = Duration(2 * time.Minute) }), "", ""},
		{"more", set(func(a *Account) { a.Timeout = Duration(2*time.Minute + 1) }), "timeout", CodeRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.account.Validate()
			var got FieldError
			if fe := new(FieldError); errors.As(err, &fe) {
				got = *fe
			}
			if want := (FieldError{c.field, c.code}); got != want {
				t.Fatalf("Validate: %v, want %v", err, want)
			}
			// What is good is stored, comes back normalised, and stays so.
			s := NewStore(t.TempDir())
			err = s.Save(with(c.account))
			if c.field == "" {
				back, lerr := s.Load()
				if err != nil || lerr != nil || back.Account != c.account.Normalized() || back.Account != back.Account.Normalized() {
					t.Errorf("stored as %+v, %v, %v", back.Account, err, lerr)
				}
			} else if c.field != "extension" && !c.account.IsZero() && err == nil {
				t.Error("Save took it")
			}
		})
	}
}

// The assistant stores an account before the extension is picked.
func TestWithoutExtension(t *testing.T) {
	a := account()
	a.Extension = ""
	if err := a.ValidateLogin(); err != nil {
		t.Fatal(err)
	}
	a.Extension = "71 01"
	if err := a.ValidateLogin(); err == nil {
		t.Error("a wrong extension passed")
	}
}

// A wrong value that was edited in is named, and nothing of the file is used.
func TestWrongValueInFile(t *testing.T) {
	s, data := stored1(t)
	for field, edit := range map[string][2]string{
		"port":   {"port = 5038", "port = 0"},
		"prefix": {"prefix = '0'", "prefix = '*21*333'"},
		"link":   {"link = 'kept'", "link = 'often'"},
	} {
		text := strings.Replace(string(data), edit[0], edit[1], 1)
		if text == string(data) {
			t.Fatalf("%q is not in the file", edit[0])
		}
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := s.Load()
		if fe := new(FieldError); !errors.As(err, &fe) || fe.Field != field || !same(c, Default()) {
			t.Errorf("%s: %+v, %v", edit[1], c, err)
		}
	}
	text := strings.Replace(string(data), "port = 5038", "port = 'many'", 1)
	if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("a port in words: %v", err)
	}
}

// Whatever is in the file, Load neither panics nor returns an account that
// could not have been saved; and what it returns can be saved and loaded again.
func FuzzLoad(f *testing.F) {
	s := NewStore(f.TempDir())
	if err := s.Save(with(account())); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(s.Path())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("version = 99\n"))
	f.Add([]byte("version = 2\nlink = 'kept'\n[keys]\n[numbers]\nlocal_contexts = ['', \"\\n\"]\n[account]\nhost = ''\n"))
	f.Add([]byte("version = 1\nlink = 'kept'\n[account]\nhost = ''\n"))
	f.Add([]byte("[[account]]\n[account.host]\nversion = nan"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := NewStore("nowhere").parse(data)
		if err != nil {
			return
		}
		if !parsed.Account.IsZero() {
			if err := parsed.Account.ValidateLogin(); err != nil {
				t.Fatalf("loaded %+v: %v", parsed, err)
			}
		}
		s := NewStore(filepath.Join(t.TempDir(), "again"))
		if err := s.Save(parsed); err != nil {
			t.Fatalf("Save of %+v: %v", parsed, err)
		}
		if again, err := s.Load(); err != nil || !same(again, parsed) {
			t.Fatalf("%+v became %+v, %v", parsed, again, err)
		}
	})
}
