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
	plainly := func(f func(*Account)) Account {
		a := account()
		a.Syntax = SyntaxPlain
		f(&a)
		return a
	}
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
		{"host with a port", set(func(a *Account) { a.Host = "pbx.example.com:5038" }), "", ""},
		{"host as an URL", set(func(a *Account) { a.Host = "http://pbx.example.com" }), "", ""},
		{"host with a port that is none", set(func(a *Account) { a.Host = "pbx.example.com:ami" }), "host", CodeInvalid},
		{"host with port 0", set(func(a *Account) { a.Host = "pbx.example.com:0" }), "host", CodeInvalid},
		{"host with a port that is too large", set(func(a *Account) { a.Host = "pbx.example.com:65536" }), "port", CodeRange},
		{"host with two ports", set(func(a *Account) { a.Host = "pbx.example.com:5038:5039" }), "host", CodeInvalid},
		{"another scheme", set(func(a *Account) { a.Host = "ftp://pbx.example.com" }), "host", CodeInvalid},
		{"a SIP address", set(func(a *Account) { a.Host = "sip:7101@pbx.example.com" }), "host", CodeInvalid},
		{"a scheme and nothing", set(func(a *Account) { a.Host = "ami://" }), "host", CodeInvalid},
		{"an open bracket", set(func(a *Account) { a.Host = "[::1" }), "host", CodeInvalid},
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
		{"tenant without hyphens", set(func(a *Account) { a.Tenant = strings.ReplaceAll(a.Tenant, "-", "") }), "", ""},
		{"tenant with hyphens elsewhere", set(func(a *Account) { a.Tenant = "1234-5678-1234123412341234-56789abc" }), "tenant", CodeInvalid},
		{"tenant that lost a digit", set(func(a *Account) { a.Tenant = a.Tenant[1:] }), "tenant", CodeInvalid},
		{"tenant with a comma", set(func(a *Account) { a.Tenant = a.Tenant[:35] + "," }), "tenant", CodeInvalid},
		{"half a brace", set(func(a *Account) { a.Tenant = "{" + a.Tenant }), "tenant", CodeInvalid},
		{"no tenant where there are none", plainly(func(a *Account) { a.Tenant = "" }), "", ""},
		{"a tenant where there are none", plainly(func(a *Account) { a.Tenant = "x\r\ny" }), "", ""},
		{"a phone", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%" }), "", ""},
		{"a phone on a group of lines", plainly(func(a *Account) { a.Channel = "DAHDI/g1/%extension%" }), "", ""},
		{"a phone by another name", plainly(func(a *Account) { a.Channel = "PJSIP/99%extension%-desk_2" }), "", ""},
		{"a phone in a domain", plainly(func(a *Account) { a.Channel = "SIP/%extension%@pbx.example.com" }), "", ""},
		{"a Local channel that stays", plainly(func(a *Account) { a.Channel = "Local/%extension%@phones/n" }), "", ""},
		{"the usual channel", plainly(func(a *Account) { a.Channel = UsualChannel }), "", ""},
		{"a channel without the extension", plainly(func(a *Account) { a.Channel = "PJSIP/7101" }), "channel", CodeInvalid},
		{"a channel with the extension twice", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%%extension%" }), "channel", CodeInvalid},
		{"the extension as the technology", plainly(func(a *Account) { a.Channel = "%extension%/7101" }), "channel", CodeInvalid},
		{"only an extension", plainly(func(a *Account) { a.Channel = "%extension%" }), "channel", CodeInvalid},
		{"two phones", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%&PJSIP/7102" }), "channel", CodeInvalid},
		{"an address of one's own", plainly(func(a *Account) { a.Channel = "PJSIP/trunk/sip:%extension%@evil.example" }), "channel", CodeInvalid},
		{"a variable", plainly(func(a *Account) { a.Channel = "PJSIP/${X}%extension%" }), "channel", CodeInvalid},
		{"a variable set", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%,X=1" }), "channel", CodeInvalid},
		{"a header behind the channel", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%\r\nApplication: System" }), "channel", CodeInvalid},
		{"letters of another script", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%\u0430" }), "channel", CodeInvalid},
		{"another mark", plainly(func(a *Account) { a.Channel = "PJSIP/%number%%extension%" }), "channel", CodeInvalid},
		{"Local with no context", plainly(func(a *Account) { a.Channel = "Local/%extension%" }), "channel", CodeInvalid},
		{"Local with an empty context", plainly(func(a *Account) { a.Channel = "Local/%extension%@" }), "channel", CodeInvalid},
		{"Local with other options", plainly(func(a *Account) { a.Channel = "Local/%extension%@phones/nj" }), "channel", CodeInvalid},
		{"local in small letters", plainly(func(a *Account) { a.Channel = "local/%extension%@phones" }), "channel", CodeInvalid},
		{"Local to another number", plainly(func(a *Account) { a.Channel = "Local/00%extension%@phones" }), "channel", CodeInvalid},
		{"Local to another number behind", plainly(func(a *Account) { a.Channel = "Local/%extension%00@phones" }), "channel", CodeInvalid},
		{"Local with two contexts", plainly(func(a *Account) { a.Channel = "Local/%extension%@a@b" }), "channel", CodeInvalid},
		{"a long channel", plainly(func(a *Account) { a.Channel = "PJSIP/%extension%" + strings.Repeat("x", 110) }), "channel", CodeTooLong},
		{"a bad channel of another syntax", set(func(a *Account) { a.Channel = "PJSIP/7101" }), "channel", CodeInvalid},
		{"the usual context", plainly(func(a *Account) { a.Context = UsualContext }), "", ""},
		{"a context of one's own", plainly(func(a *Account) { a.Context = "from-internal.2_x" }), "", ""},
		{"a context with a priority", plainly(func(a *Account) { a.Context = "from-internal,s,1" }), "context", CodeInvalid},
		{"a context with a variable", plainly(func(a *Account) { a.Context = "${X}" }), "context", CodeInvalid},
		{"a header behind the context", plainly(func(a *Account) { a.Context = "a\r\nVariable: X=1" }), "context", CodeInvalid},
		{"a context with a blank", plainly(func(a *Account) { a.Context = "from internal" }), "context", CodeInvalid},
		{"a context of 79", plainly(func(a *Account) { a.Context = strings.Repeat("c", 79) }), "", ""},
		{"a context of 80", plainly(func(a *Account) { a.Context = strings.Repeat("c", 80) }), "context", CodeTooLong},
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
			if want := (FieldError{Field: c.field, Code: c.code}); got != want {
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
		parsed, err := parse("nowhere", data)
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

// TestPasted: what people paste for host and tenant, and what it comes to.
func TestPasted(t *testing.T) {
	type want struct {
		host string
		port int
		tls  bool
		user string
	}
	for pasted, w := range map[string]want{
		"pbx.example.com":                          {"pbx.example.com", 5038, false, ""},
		" PBX.Example.com\u00a0":                   {"pbx.example.com", 5038, false, ""},
		"\u200bpbx.example.com\ufeff":              {"pbx.example.com", 5038, false, ""},
		"127.0.0.1:5038":                           {"127.0.0.1", 5038, false, ""},
		"127.0.0.1:6038":                           {"127.0.0.1", 6038, false, ""},
		"127.0.0.1 6038":                           {"127.0.0.1", 6038, false, ""},
		"pbx.example.com:":                         {"pbx.example.com", 5038, false, ""},
		"pbx:6038":                                 {"pbx", 6038, false, ""},
		"::1":                                      {"::1", 5038, false, ""},
		"[::1]":                                    {"::1", 5038, false, ""},
		"[::1]:6038":                               {"::1", 6038, false, ""},
		"[FE80::1%25eth0]:6038":                    {"fe80::1%eth0", 6038, false, ""},
		"fe80::1%eth0":                             {"fe80::1%eth0", 5038, false, ""},
		"ami://pbx.example.com:6038":               {"pbx.example.com", 6038, false, ""},
		"AMI://c2c@pbx.example.com:6038/":          {"pbx.example.com", 6038, false, "c2c"},
		"ami://c2c:secret@pbx.example.com":         {"pbx.example.com", 5038, false, "c2c"},
		"ami://[::1]:6038":                         {"::1", 6038, false, ""},
		"tcp://192.0.2.7:6038":                     {"192.0.2.7", 6038, false, ""},
		"tls://pbx.example.com":                    {"pbx.example.com", 5038, true, ""},
		"amis://pbx.example.com:5039":              {"pbx.example.com", 5039, true, ""},
		"ssl://pbx.example.com:5039":               {"pbx.example.com", 5039, true, ""},
		"//pbx.example.com":                        {"pbx.example.com", 5038, false, ""},
		"c2c@pbx.example.com":                      {"pbx.example.com", 5038, false, "c2c"},
		"pbx.example.com/":                         {"pbx.example.com", 5038, false, ""},
		"https://pbx.example.com/":                 {"pbx.example.com", 5038, false, ""},
		"https://admin:x@pbx.example.com:8443/a?b": {"pbx.example.com", 5038, false, ""},
		"http://[2001:db8::7]:8080/#/login":        {"2001:db8::7", 5038, false, ""},
		"pbx.müller.example":                       {"pbx.xn--mller-kva.example", 5038, false, ""},
		"PBX.MÜLLER.example:6038":                  {"pbx.xn--mller-kva.example", 6038, false, ""},
		"pbx.mu\u0308ller.example":                 {"pbx.xn--mller-kva.example", 5038, false, ""},
		"straße.example":                           {"xn--strae-oqa.example", 5038, false, ""},
		"centralino。città.example":                 {"centralino.xn--citt-3na.example", 5038, false, ""},
		"１９２.0.2.7":                                {"192.0.2.7", 5038, false, ""},
	} {
		a := account()
		a.Host, a.Port, a.TLS, a.Username = pasted, 5038, false, ""
		got := a.Normalized()
		if (want{got.Host, got.Port, got.TLS, got.Username}) != w {
			t.Errorf("%q is %s port %d, TLS %v, user %q; want %+v", pasted, got.Host, got.Port, got.TLS, got.Username, w)
		}
		if got != got.Normalized() {
			t.Errorf("%q changes once more, to %+v", pasted, got.Normalized())
		}
		a.Username, a.TLS = "mine", true
		if got = a.Normalized(); got.Username != "mine" || !got.TLS {
			t.Errorf("%q: user %q, TLS %v: what was chosen is another", pasted, got.Username, got.TLS)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%q: %v", pasted, err)
		}
		if again := (Account{Host: ShownHost(got.Host)}).Normalized().Host; again != got.Host {
			t.Errorf("%q is shown as %q, which is %q", got.Host, ShownHost(got.Host), again)
		}
	}
	if got := ShownHost("pbx.xn--mller-kva.example"); got != "pbx.müller.example" {
		t.Errorf("shown as %q", got)
	}
	const uuid = "12345678-1234-1234-1234-123456789abc"
	for _, pasted := range []string{
		uuid, "12345678123412341234123456789ABC", "{12345678-1234-1234-1234-123456789ABC}", "{12345678123412341234123456789abc}",
		"urn:uuid:" + uuid, "URN:UUID:" + strings.ToUpper(uuid), " " + uuid + "\u200b\n", strings.ReplaceAll(uuid, "-", "\u2011"), strings.ReplaceAll(uuid, "-", "\u2013"),
	} {
		if got := (Account{Tenant: pasted}).Normalized().Tenant; got != uuid {
			t.Errorf("%q is %q", pasted, got)
		}
	}
}

func TestPickupCodes(t *testing.T) {
	for code, want := range map[string]string{
		"": "", "**": "", "*9": "", "#9#": "", "8": CodeInvalid, "123": CodeInvalid, "* 8": CodeInvalid, "**,": CodeInvalid, "**\n": CodeInvalid, "*٠": CodeInvalid, "*12345678": CodeTooLong,
	} {
		err := Colleagues{PickupCode: code}.Validate()
		got := ""
		if f := new(FieldError); errors.As(err, &f) {
			got = f.Code
		}
		if got != want {
			t.Errorf("%q: %v", code, err)
		}
	}
}
