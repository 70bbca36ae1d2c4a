package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"cornetta/ami/clean"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// EnrolmentExt is how the names of files with an enrolment end.
const EnrolmentExt = ".cornetta-enroll"

// enrolmentVersion is the layout of an enrolment that this program writes.
const enrolmentVersion = 1

// Enrolment is what an administrator gives to people so that they need not type it: an
// account without its secret, or a part of one, and the home country.
type Enrolment struct {
	For   string // the login name of the person it is for; "" for everybody
	rules []Rule
}

// enrolmentFile is an enrolment as it is written: with the tables of the settings file,
// and a rule by which the extension is found.
type enrolmentFile struct {
	Enrolment int    `toml:"enrolment"`
	For       string `toml:"for,omitempty"`
	Extension *struct {
		// Login is a regular expression that the login name has to match; what its group
		// holds is the extension.
		Login string `toml:"login"`
	} `toml:"extension,omitempty"`
	Directories string         `toml:"directories,omitempty"`
	Account     map[string]any `toml:"account,omitempty"`
	Numbers     map[string]any `toml:"numbers,omitempty"`
}

// maxLoginRule is the bytes of the longest rule.
const maxLoginRule = 200

// enrolls reports whether a setting may stand in an enrolment.
func enrolls(d Setting) bool {
	switch d.Key {
	case "region", "directories", "own_rules", "withhold_code", "account_codes":
		return true
	}
	return d.Group == "account"
}

// ReadEnrolment reads one for the person who is logged in as login. It takes no more than
// an enrolment: the error is a *status.Problem for whatever else there is in it, and for
// a secret.
func ReadEnrolment(r io.Reader, login string) (Enrolment, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Enrolment{}, err
	}
	return parseEnrolment(data, login)
}

func parseEnrolment(data []byte, login string) (e Enrolment, err error) {
	no := func(why error) (Enrolment, error) {
		return Enrolment{}, &status.Problem{Code: status.CodeEnrolment, Detail: clean.Foreign(why.Error())}
	}
	if len(data) > maxSize {
		return no(fmt.Errorf("more than %d bytes", maxSize))
	}
	data = unmarked(data)
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		return no(err)
	}
	if hasSecret(all, 0) {
		return Enrolment{}, &status.Problem{Code: status.CodeEnrolmentSecret}
	}
	var file enrolmentFile
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&file); err != nil {
		return no(err)
	}
	switch v := file.Enrolment; {
	case v == 0:
		return no(errors.New("enrolment = 1 is missing"))
	case v != enrolmentVersion:
		return no(fmt.Errorf("it is of version %d, known is %d", v, enrolmentVersion))
	}
	if e.For = file.For; len(e.For) > 64 || !utf8.ValidString(e.For) || strings.ContainsFunc(e.For, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return no(errors.New("for is no name"))
	}
	wrong := func(key, fault string) (Enrolment, error) {
		return Enrolment{}, &status.Problem{Code: status.CodeEnrolment, Field: string(clean.Text(key, clean.Name)), Fault: fault}
	}
	beside := map[string]any{}
	if file.Directories != "" {
		beside["directories"] = file.Directories
	}
	for group, table := range map[string]map[string]any{"": beside, "account": file.Account, "numbers": file.Numbers} {
		for key, v := range table {
			d, ok := Described(key)
			if !ok || d.Group != group || !enrolls(d) {
				return wrong(key, setting.CodeUnknown)
			}
			text, fault := policyText(d, textOf(v))
			if !fits(d, v) {
				fault = setting.CodeInvalid
			}
			if fault != "" {
				return wrong(key, fault)
			}
			e.rules = append(e.rules, Rule{Level: LevelDefault, Key: key, Text: text})
		}
	}
	if file.Extension != nil {
		if _, twice := under(file.Account, "extension"); twice {
			return no(errors.New("the extension is given, and a rule for it, too"))
		}
		extension, err := extensionOf(file.Extension.Login, login)
		if err != nil {
			return no(err)
		}
		if extension != "" {
			e.rules = append(e.rules, Rule{Level: LevelDefault, Key: "extension", Text: extension})
		}
	}
	order := func(r Rule) int {
		return slices.IndexFunc(described, func(d Setting) bool { return d.Key == r.Key })
	}
	slices.SortFunc(e.rules, func(a, b Rule) int { return order(a) - order(b) })
	return e, nil
}

// extensionOf is what the rule finds in a login name, "" where it finds nothing.
func extensionOf(rule, login string) (string, error) {
	if rule == "" || len(rule) > maxLoginRule {
		return "", fmt.Errorf("the rule for the extension has none or more than %d characters", maxLoginRule)
	}
	re, err := regexp.Compile(rule)
	if err != nil {
		return "", err
	}
	if re.NumSubexp() != 1 {
		return "", errors.New("the rule for the extension needs one group")
	}
	found := re.FindStringSubmatch(login)
	if found == nil || found[1] == "" {
		return "", nil
	}
	if checkExtension(found[1]) != "" {
		return "", errors.New("what the rule finds in the login name is no extension")
	}
	return found[1], nil
}

// hasSecret reports whether there is something in a file that is called like a secret.
func hasSecret(table map[string]any, depth int) bool {
	for key, v := range table {
		if slices.Contains(secretKeys, strings.ToLower(key)) {
			return true
		}
		if in, ok := v.(map[string]any); ok && depth < 8 && hasSecret(in, depth+1) {
			return true
		}
	}
	return false
}

// Login is the name under which the person has logged in, without a domain.
func Login() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
}

// OpenEnrolment reads the enrolment in a file.
func OpenEnrolment(path, login string) (Enrolment, error) {
	data, err := durable.Read(path, maxSize)
	if err != nil {
		return Enrolment{}, &status.Problem{Code: status.CodeEnrolment, Path: path, Detail: clean.Foreign(err.Error())}
	}
	e, err := ReadEnrolment(bytes.NewReader(data), login)
	if p := new(status.Problem); errors.As(err, &p) {
		p.Path = path
	}
	return e, err
}

// Change is a setting that would have another value.
type Change struct {
	Key      string `json:"key"`
	Old, New string // as its Parse takes them
	Risk     bool   `json:"risk,omitempty"` // it would take away protection
}

// Description is of the setting.
func (c Change) Description() setting.Description {
	d, _ := Described(c.Key)
	return d.Description
}

// left is what an enrolment says that an administrator has left for first runs, as
// defaults: they ask the person for what it does not say, the password first of all.
func left(path string, data []byte, err error, login string) given {
	g := given{Source: path, enrolment: true, err: err}
	if g.err != nil {
		return g
	}
	e, err := parseEnrolment(data, login)
	if g.err = err; err == nil && (e.For == "" || e.For == login) {
		for _, r := range e.rules {
			r.Source = path
			g.Rules = append(g.Rules, r)
		}
	}
	return g
}

// weakens reports whether a server of people that is read encrypted, or by a certificate of
// its own, would be read otherwise.
func weakens(before, after []Directory) bool {
	return slices.ContainsFunc(after, func(d Directory) bool {
		return slices.ContainsFunc(before, func(was Directory) bool {
			return was.host() == d.host() && (d.Clear && !was.Clear || was.Pin != "" && d.Pin != was.Pin)
		})
	})
}

// Risky reports whether one of the changes takes away protection.
func Risky(all []Change) bool {
	return slices.ContainsFunc(all, func(c Change) bool { return c.Risk })
}

// name is how the enrolment calls its account, "" where it does not.
func (e Enrolment) name() string {
	for _, r := range e.rules {
		if r.Key == "name" {
			return r.Text
		}
	}
	return ""
}

// Adds reports whether the enrolment adds an account to those of c. One that calls its
// account by a name changes the account with that name, or else the one in use, where that
// has no name and the same PBX, or else adds one; any other changes the account in use.
func (e Enrolment) Adds(c Config) bool {
	name := e.name()
	if name == "" || len(c.Accounts()) == 0 || c.taken(name) {
		return false
	}
	if c.Account.Name != "" || c.Account.IsZero() {
		return true
	}
	now := c
	for _, r := range e.rules {
		if d, _ := Described(r.Key); d.Group == "account" {
			_ = d.Parse(&now, r.Text) // it was checked
		}
	}
	return now.Account.Normalized().Host != c.Account.Host
}

// target is c with the account in use that the enrolment is about.
func (e Enrolment) target(c Config) (Config, error) {
	name := e.name()
	switch {
	case e.Adds(c):
		fresh := Default().Account
		fresh.Name = name
		c, err := c.Add(fresh)
		if err != nil {
			return c, err
		}
		return c.Use(name)
	case name != "" && c.taken(name):
		return c.Use(name)
	}
	return c, nil
}

// Apply is c as the enrolment would have it, with its account in use, and what of it would
// be other than now. What the enrolment does not name stays, but for the certificate that
// was trusted where the PBX is another machine. The error is a *FieldError where it leaves
// no account that a login can be tried with.
func (e Enrolment) Apply(c Config) (Config, []Change, error) {
	name := c.Account.Name // of the one in use
	c, err := e.target(c)
	if err != nil {
		return c, nil, err
	}
	now, setUp := c, c.Account.ValidateLogin() == nil
	pin := false
	for _, r := range e.rules {
		d, _ := Described(r.Key)
		_ = d.Parse(&now, r.Text) // it was checked
		pin = pin || r.Key == "tls_pin"
	}
	if !pin && (now.Account.Host != c.Account.Host || now.Account.Port != c.Account.Port) {
		now.Account.TLSPin = ""
	}
	now.Account = now.Account.Normalized()
	if err := now.Account.ValidateLogin(); err != nil {
		return c, nil, err
	}
	var all []Change
	for _, d := range described {
		old, text := d.Text(&c), d.Text(&now)
		if d.Key == "name" {
			old = name
		}
		if old == text {
			continue
		}
		if place, locked := c.Locked[d.Key]; locked {
			return c, nil, &LockedError{Rule{Key: d.Key, Source: place}}
		}
		change := Change{Key: d.Key, Old: old, New: text}
		switch d.Key {
		case "tls":
			change.Risk = c.Account.TLS
		case "tls_pin", "tls_ca":
			change.Risk = old != "" || setUp && c.Account.TLS
		case "tls13":
			change.Risk = c.Account.TLS13
		case "directories":
			change.Risk = weakens(c.ParseDirectories(), now.ParseDirectories())
		}
		all = append(all, change)
	}
	return now, all, nil
}

// ExportEnrolment writes c as an enrolment: for everybody, or for the person with that
// login name, and with an extension where that is not "". It has no secret, and not the
// extension of c. about says what it is, on lines of their own.
func ExportEnrolment(w io.Writer, about string, c Config, login, extension string) error {
	file := enrolmentFile{Enrolment: enrolmentVersion, For: login, Account: map[string]any{}, Numbers: map[string]any{}}
	a := c.Account
	a.Extension = extension
	data, err := toml.Marshal(Config{Account: a, Numbers: c.Numbers})
	if err != nil {
		return err
	}
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		return err
	}
	file.Directories = c.Directories
	for _, d := range described {
		if !enrolls(d) || d.Group == "" || d.Text(&c) == "" && d.Key != "prefix" && d.Key != "region" || d.Key == "extension" && extension == "" {
			continue
		}
		v, _ := under(all[d.Group].(map[string]any), d.Key)
		map[string]map[string]any{"account": file.Account, "numbers": file.Numbers}[d.Group][d.Key] = v
	}
	var out bytes.Buffer
	for line := range strings.Lines(about) {
		out.WriteString("# " + strings.TrimSuffix(line, "\n") + "\n")
	}
	if err := toml.NewEncoder(&out).Encode(file); err != nil {
		return err
	}
	if _, err := parseEnrolment(out.Bytes(), ""); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}
