package config

import (
	"net/url"
	"strings"

	"cornetta/dialer/setting"
)

// Directory is a server that people and their numbers are read from, as its address
// says it.
type Directory struct {
	URL   string // ldap, ldaps, https or http, a host and, of the last two, a path
	Base  string // of LDAP, behind the host: where the tree of people begins
	User  string // before the host
	Pin   string // behind ?pin=, the certificate that is trusted
	Clear bool   // ?clear: nothing is encrypted
}

// LDAP reports whether it is one.
func (d Directory) LDAP() bool { return strings.HasPrefix(d.URL, "ldap") }

// host is its machine.
func (d Directory) host() string {
	u, err := url.Parse(d.URL)
	if err != nil {
		return d.URL
	}
	return u.Hostname()
}

const (
	maxAddress     = 1024
	maxDirectories = 10
)

// ParseDirectory takes an address apart; false for one that is none, or that has a
// password in it.
func ParseDirectory(text string) (d Directory, ok bool) {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxAddress || u.Hostname() == "" || checkHost(u.Hostname()) != "" || u.Opaque != "" || u.Fragment != "" {
		return d, false
	}
	if u.User != nil {
		if _, secret := u.User.Password(); secret {
			return d, false
		}
		d.User = u.User.Username()
	}
	for key, values := range u.Query() {
		switch key {
		case "clear":
			d.Clear = true
		case "pin":
			d.Pin, err = ParsePin(values[0])
		default:
			return d, false
		}
	}
	if err != nil {
		return d, false
	}
	u.Scheme = strings.ToLower(u.Scheme)
	at := url.URL{Scheme: u.Scheme, Host: u.Host}
	switch u.Scheme {
	case "ldap", "ldaps":
		d.Base = strings.TrimPrefix(u.Path, "/")
	case "https", "http":
		at.Path, at.RawPath = u.Path, u.RawPath
	default:
		return d, false
	}
	d.URL = at.String()
	return d, true
}

// ParsePin is a fingerprint as it is kept; an error is a *FieldError.
func ParsePin(text string) (string, error) {
	pin := Account{TLSPin: text}.Normalized().TLSPin
	if code := checkPin(pin); code != "" {
		return "", &FieldError{Field: "tls_pin", Code: code}
	}
	return pin, nil
}

// ParseDirectories are the servers of the setting, whose addresses have spaces between
// them; one that is none is passed over.
func (c Config) ParseDirectories() (all []Directory) {
	for _, text := range strings.Fields(c.Directories) {
		if d, ok := ParseDirectory(text); ok {
			all = append(all, d)
		}
	}
	return all
}

// describedDirectories is the setting. An enrolment and a policy can give it: it has no
// password in it.
var describedDirectories = setting.Text("directories", func(c *Config) *string { return &c.Directories }, "", checkDirectories).Optional()

func checkDirectories(text string) string {
	all := strings.Fields(text)
	if len(all) > maxDirectories {
		return CodeTooLong
	}
	for _, one := range all {
		d, ok := ParseDirectory(one)
		if !ok || d.LDAP() && d.Base == "" || d.Pin != "" && d.Clear {
			return CodeInvalid
		}
	}
	return ""
}
