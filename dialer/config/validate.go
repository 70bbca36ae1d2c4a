package config

import (
	"net/netip"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cornetta/dialer/setting"
)

// FieldError names the first field that is not as it must be.
type FieldError = setting.Error

// What can be wrong with a field.
const (
	CodeMissing = setting.CodeMissing
	CodeInvalid = setting.CodeInvalid
	CodeRange   = setting.CodeRange
	CodeTooLong = setting.CodeTooLong
	CodeTaken   = setting.CodeTaken
)

// How long the person's own phone may ring.
const (
	MinTimeout = time.Second
	MaxTimeout = 2 * time.Minute
)

// IsZero reports whether there is no account at all.
func (a Account) IsZero() bool { return a.Host == "" }

// Validate checks every field in the order a form shows them and returns a
// *FieldError for the first that is wrong. Everything it lets through fits an
// AMI header as it is: it is the allow-list in front of ami's own.
func (a Account) Validate() error {
	a = a.Normalized()
	return setting.Check(describedAccount, &a)
}

// ValidateLogin is Validate except that the extension may still be empty: it is
// picked only after the PBX was asked for its list.
func (a Account) ValidateLogin() error {
	if a = a.Normalized(); a.Extension == "" {
		a.Extension = "0" // any
	}
	return setting.Check(describedAccount, &a)
}

// Normalized is a in the one form that is stored and compared: no space around
// anything, a name with nothing in it that is not seen, tenant and pin in lower case, a UUID with its hyphens, and no tenant where
// there are none. What was pasted
// for a host is taken apart (splitHost): its port takes the place of the one that
// there was, and a scheme that says TLS turns it on. A host or tenant that is
// none stays as it is, for Validate to name.
func (a Account) Normalized() Account {
	a.Name = normalName(a.Name)
	for _, s := range []*string{&a.Host, &a.TLSPin, &a.TLSCA, &a.Username, &a.Extension, &a.Tenant, &a.Channel, &a.Context, &a.Prefix} {
		*s = strings.TrimSpace(*s)
	}
	if p, ok := splitHost(a.Host); ok {
		a.Host, a.TLS = p.host, a.TLS || p.tls
		if p.port != 0 {
			a.Port = p.port
		}
		if a.Username == "" {
			a.Username = p.user
		}
	}
	a.Tenant = canonicalUUID(a.Tenant)
	if !a.Takes("tenant") {
		a.Tenant = ""
	}
	a.TLSPin = strings.ToLower(strings.ReplaceAll(a.TLSPin, ":", ""))
	return a
}

// Validate keeps out what is not the name of any key; it returns a *FieldError.
func (k Keys) Validate() error { return setting.Check(describedKeys, &k) }

func checkKeys(s string) string {
	switch {
	case len(s) > 64:
		return CodeTooLong
	case !only(s, func(c byte) bool { return c >= ' ' && c <= '~' }):
		return CodeInvalid
	}
	return ""
}

func checkHost(s string) string {
	switch {
	case s == "":
		return CodeMissing
	case len(s) > 253:
		return CodeTooLong
	}
	if ip, err := netip.ParseAddr(s); err == nil {
		if ip.Zone() != "" && !only(ip.Zone(), hostByte) {
			return CodeInvalid
		}
		return ""
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || !only(label, hostByte) || label[0] == '-' || label[len(label)-1] == '-' {
			return CodeInvalid
		}
	}
	// 10.0.0.300 is no address, and no name either.
	if last := labels[len(labels)-1]; only(last, digit) {
		return CodeInvalid
	}
	return ""
}

// hostByte allows the underscore too: it is in no host name by the book and in
// many by custom.
func hostByte(c byte) bool { return c >= 'a' && c <= 'z' || digit(c) || c == '-' || c == '_' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

func hexDigit(c byte) bool { return digit(c) || c >= 'a' && c <= 'f' }

func only(s string, allowed func(byte) bool) bool {
	for i := range len(s) {
		if !allowed(s[i]) {
			return false
		}
	}
	return true
}

func checkPin(s string) string {
	if s != "" && (len(s) != 64 || !only(s, hexDigit)) {
		return CodeInvalid
	}
	return ""
}

// checkFile takes the whole path of a file, which need not be there yet.
func checkFile(s string) string {
	switch {
	case s == "":
		return ""
	case len(s) > 4096:
		return CodeTooLong
	case !filepath.IsAbs(s) || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return CodeInvalid
	}
	return ""
}

// checkUsername keeps out whatever could end a header or a keyring's key; the
// name of an AMI user is that of a section in manager.conf, hence no brackets.
func checkUsername(s string) string {
	switch {
	case s == "":
		return CodeMissing
	case utf8.RuneCountInString(s) > 80:
		return CodeTooLong
	case !utf8.ValidString(s) || strings.ContainsAny(s, ":;[]\\\""):
		return CodeInvalid
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return CodeInvalid
		}
	}
	return ""
}

func checkTenant(s string) string {
	if s == "" {
		return CodeMissing
	}
	if len(s) != 36 {
		return CodeInvalid
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return CodeInvalid
			}
		default:
			if !hexDigit(s[i]) {
				return CodeInvalid
			}
		}
	}
	return ""
}

// checkChannel takes what Originate's Channel can be, with one ExtensionMark in it: a
// technology and what that calls, such as PJSIP/%extension%. Nothing in it lists several
// devices, adds options or headers, or quotes; of a Local channel it names the context.
func checkChannel(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > 120 {
		return CodeTooLong
	}
	tech, before, _ := strings.Cut(s, "/")
	before, after, ok := strings.Cut(before, ExtensionMark)
	switch {
	case !ok, tech == "", !letter(tech[0]), !only(tech, func(c byte) bool { return letter(c) || digit(c) || c == '_' }):
		return CodeInvalid
	case !only(before, channelByte), !only(after, channelByte), strings.HasPrefix(before, "/"), strings.HasSuffix(after, "/"),
		strings.Contains(before+after, "//"):
		return CodeInvalid
	case !strings.EqualFold(tech, "Local"):
		return ""
	}
	context, option, options := strings.Cut(strings.TrimPrefix(after, "@"), "/")
	if tech != "Local" || before != "" || !strings.HasPrefix(after, "@") || context == "" || checkContext(context) != "" || options && option != "n" {
		return CodeInvalid
	}
	return ""
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func channelByte(c byte) bool { return contextByte(c) || c == '@' || c == '/' }

// contextByte allows what contexts are called; what the dialplan takes for a pattern, a
// variable or an expression is none of it.
func contextByte(c byte) bool { return letter(c) || digit(c) || c == '_' || c == '-' || c == '.' }

// checkContext takes the name of a context.
func checkContext(s string) string {
	switch {
	case len(s) > 79: // AST_MAX_CONTEXT
		return CodeTooLong
	case !only(s, contextByte):
		return CodeInvalid
	}
	return ""
}

func checkExtension(s string) string {
	switch {
	case s == "":
		return CodeMissing
	case len(s) > 20:
		return CodeTooLong
	case !only(s, func(c byte) bool { return digit(c) || c == '*' || c == '#' }):
		return CodeInvalid
	}
	return ""
}

func checkPrefix(s string) string {
	switch {
	case !only(s, digit):
		return CodeInvalid
	case len(s) > 4:
		return CodeTooLong
	}
	return ""
}
