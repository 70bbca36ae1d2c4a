package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"cornetta/ami/clean"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

// MaxAccounts is how many accounts there may be.
const MaxAccounts = 12

// maxName is how many characters the name of an account may have.
const maxName = 40

// Other is an account that is not in use, with the settings that belong to it.
//
// The PBX decides what belongs to an account, or the place where its phone stands: how it
// is reached and as whom, and of the other settings those that are PerAccount (home
// country, how a + goes out, extensions, codes, own rules). All else is the
// person's and stays when they change the account: what they want to be asked about and
// what is never called, how they type, keys, hooks, language and history.
//
// It is not changed: whoever changes an account makes another Other.
type Other struct {
	// Own is as Config.Own, of its settings.
	Own     []string       `toml:"own,omitempty"`
	Numbers map[string]any `toml:"numbers"` // by their keys
	Account Account        `toml:"account"`
}

var (
	// ErrNoAccount: there is no account with that name.
	ErrNoAccount = status.NewError(status.CodeAccountUnknown, "config: no account with that name")
	// ErrManyAccounts: there are as many accounts as there may be.
	ErrManyAccounts = status.NewError(status.CodeAccountsFull, "config: too many accounts")
)

// perAccount are those that stand in another table than the account.
var perAccount = slices.DeleteFunc(slices.Clone(described), func(d Setting) bool { return !d.PerAccount })

// aside is the account in use as one that is not.
func (c Config) aside() Other {
	o := Other{Account: c.Account, Numbers: map[string]any{}}
	for _, d := range perAccount {
		o.Numbers[d.Key] = d.Value(&c)
		if list, ok := o.Numbers[d.Key].([]string); ok && list == nil {
			o.Numbers[d.Key] = []string{} // which a file can have
		}
		if slices.Contains(c.Own, d.Key) {
			o.Own = append(o.Own, d.Key)
		}
	}
	return o
}

// With is c with o in the place of the account in use.
func (c Config) With(o Other) Config {
	c.Account, c.Own = o.Account, slices.Clone(c.Own)
	usual := Default()
	for _, d := range perAccount {
		text := d.Text(&usual)
		if v, ok := under(o.Numbers, d.Key); ok {
			text = textOf(v)
		}
		_ = d.Parse(&c, text) // what is wrong is found by the checks
		c.Own = slices.DeleteFunc(c.Own, func(key string) bool { return key == d.Key })
	}
	if c.Own = append(c.Own, o.Own...); len(c.Own) == 0 {
		c.Own = nil
	}
	return c
}

// Accounts are all of them, that in use too, in the order of their names.
func (c Config) Accounts() []Account {
	var all []Account
	if !c.Account.IsZero() {
		all = append(all, c.Account)
	}
	for _, o := range c.Others {
		all = append(all, o.Account)
	}
	slices.SortFunc(all, func(a, b Account) int {
		return cmp.Or(strings.Compare(foldName(a.Name), foldName(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return all
}

// Several reports whether there is an account to choose.
func (c Config) Several() bool { return len(c.Accounts()) > 1 }

// other is where the account with that name is among those that are not in use, -1 where
// it is not.
func (c Config) other(name string) int {
	return slices.IndexFunc(c.Others, func(o Other) bool { return SameName(o.Account.Name, name) })
}

// Use is c with the account of that name in use; ErrNoAccount where there is none.
func (c Config) Use(name string) (Config, error) {
	i := c.other(name)
	switch {
	case !c.Account.IsZero() && SameName(c.Account.Name, name):
		return c, nil
	case i < 0:
		return c, ErrNoAccount
	}
	before := c
	c = c.With(c.Others[i])
	c.Others = slices.Clone(c.Others)
	if before.Account.IsZero() {
		c.Others = slices.Delete(c.Others, i, i+1)
	} else {
		c.Others[i] = before.aside()
	}
	return c, nil
}

// Add is c with one account more, which is in use where there was none. It gets a name
// where it has none and needs one, and so does the first one.
func (c Config) Add(a Account) (Config, error) {
	a = a.Normalized()
	switch all := c.Accounts(); {
	case len(all) == 0:
		c.Account = a
		return c, nil
	case len(all) >= MaxAccounts:
		return c, ErrManyAccounts
	}
	if a.Name != "" && c.taken(a.Name) {
		return c, &FieldError{Field: "name", Code: CodeTaken}
	}
	// The first one keeps out of the way of the one that was given a name.
	added := c
	added.Others = append(slices.Clone(c.Others), Other{Account: a})
	if c.Account.Name == "" && !c.Account.IsZero() {
		c.Account.Name = added.freeName(c.Account)
	}
	if a.Name == "" {
		a.Name = c.freeName(a)
	}
	fresh := Default()
	fresh.Account, fresh.Numbers.Region = a, c.Numbers.Region // most people go on in their country
	c.Others = append(slices.Clone(c.Others), fresh.aside())
	return c, nil
}

// Remove is c without the account of that name. Where it was in use the first of the
// others is from then on, if any.
func (c Config) Remove(name string) (Config, error) {
	if i := c.other(name); i >= 0 {
		c.Others = slices.Delete(slices.Clone(c.Others), i, i+1)
		return c, nil
	}
	if c.Account.IsZero() || !SameName(c.Account.Name, name) {
		return c, ErrNoAccount
	}
	if len(c.Others) == 0 {
		c.Account = Account{}
		return c, nil
	}
	c.Account = Account{}
	return c.Use(c.Accounts()[0].Name)
}

// Rename is c with another name for the account of that name.
func (c Config) Rename(name, to string) (Config, error) {
	to = normalName(to)
	same := SameName(name, to)
	switch i := c.other(name); {
	case checkName(to) != "":
		return c, &FieldError{Field: "name", Code: checkName(to)}
	case to == "" && len(c.Others) > 0:
		return c, &FieldError{Field: "name", Code: CodeMissing}
	case !same && c.taken(to):
		return c, &FieldError{Field: "name", Code: CodeTaken}
	case i >= 0:
		c.Others = slices.Clone(c.Others)
		c.Others[i].Account.Name = to
	case c.Account.IsZero() || !SameName(c.Account.Name, name):
		return c, ErrNoAccount
	default:
		c.Account.Name = to
	}
	return c, nil
}

// taken reports whether an account has that name.
func (c Config) taken(name string) bool {
	return c.other(name) >= 0 || !c.Account.IsZero() && SameName(c.Account.Name, name)
}

// freeName is a name for an account that has none: that of its PBX, with its extension
// or a number behind it where that is needed.
func (c Config) freeName(a Account) string {
	host := []rune(normalName(ShownHost(a.Host)))
	if room := maxName - 24; len(host) > room { // an extension has 20 signs
		host = host[:room]
	}
	name := string(host)
	if checkName(name) != "" {
		name = "PBX"
	}
	if c.taken(name) && a.Extension != "" {
		name += " " + a.Extension
	}
	for n := 2; ; n++ {
		if free := name; !c.taken(free) {
			return free
		}
		if free := fmt.Sprint(name, " ", n); !c.taken(free) {
			return free
		}
	}
}

// SameName reports whether two accounts cannot both have their names.
func SameName(a, b string) bool { return foldName(a) == foldName(b) }

// foldName is a name as it is compared: letters that look or mean the same are the same.
func foldName(name string) string {
	return strings.ToLower(strings.ToUpper(norm.NFKC.String(normalName(name))))
}

// normalName is a name as it is kept: what is not seen is not in it. Of one that is too
// long checkName says so.
func normalName(name string) string { return norm.NFC.String(clean.Text(name, maxName+1)) }

// checkName takes a name that can be shown on a line, and typed behind a command.
func checkName(name string) string {
	switch {
	case name == "":
		return ""
	case utf8.RuneCountInString(name) > maxName:
		return CodeTooLong
	case name[0] == '-', strings.ContainsAny(name, "<>"), strings.ContainsFunc(name, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }):
		return CodeInvalid
	}
	return ""
}

// checkAccounts checks the accounts that are not in use, and that all have names where
// there are several. Those that are among untouched are as they were, and pass.
func (c Config) checkAccounts(untouched []Other) error {
	if len(c.Others) == 0 {
		return nil
	}
	if len(c.Others) >= MaxAccounts && !c.Account.IsZero() || len(c.Others) > MaxAccounts {
		return ErrManyAccounts
	}
	seen := map[string]bool{}
	for _, a := range c.Accounts() {
		name := foldName(a.Name)
		switch {
		case name == "":
			return &FieldError{Field: "name", Code: CodeMissing}
		case seen[name]:
			return &FieldError{Field: "name", Code: CodeTaken}
		}
		seen[name] = true
	}
	for _, o := range c.Others {
		if slices.ContainsFunc(untouched, func(was Other) bool { return reflect.DeepEqual(was, o) }) {
			continue
		}
		one := Default().With(o)
		if err := errors.Join(setting.Check(perAccount, &one), one.Account.ValidateLogin()); err != nil {
			if first := new(FieldError); errors.As(err, &first) {
				return first
			}
			return err
		}
	}
	return nil
}

// canonical are accounts of a file in the one form that is stored and compared. The error
// is a *FieldError for what cannot be read.
func canonical(all []Other) ([]Other, error) {
	var out []Other
	for _, o := range all {
		for _, d := range perAccount {
			c := Default()
			if v, there := under(o.Numbers, d.Key); there {
				if code := d.Parse(&c, textOf(v)); code != "" {
					return nil, &FieldError{Field: d.Key, Code: code}
				}
			}
		}
		o.Account = o.Account.Normalized()
		out = append(out, Default().With(o).aside())
	}
	return out, nil
}
