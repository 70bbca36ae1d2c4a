package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"cornetta/ami/clean"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// Level is how far an administrator's value goes.
type Level string

const (
	LevelDefault Level = "default" // until the person chooses another one
	LevelLocked  Level = "locked"  // it is what it is
)

// Rule is what an administrator says of one setting.
type Rule struct {
	Level  Level  `json:"level"`
	Key    string `json:"key"`
	Text   string `json:"text"`   // as the setting's Parse takes it
	Source string `json:"source"` // the file, or the key of the registry
	Line   int    `json:"line,omitempty"`

	misfit bool // it has a value of a type that the setting cannot have
}

// Place is where the rule stands, for people.
func (r Rule) Place() string { return place(r.Source, r.Line) }

func place(source string, line int) string {
	if line == 0 {
		return source
	}
	return source + ":" + strconv.Itoa(line)
}

// Policy is what administrators say of settings, merged and checked. The zero Policy
// says nothing.
type Policy struct {
	rules map[string]Rule
	// Problems are what has to be told of it: to whoever asks for the policy, all of
	// them, and those that Damaged finds to everybody.
	Problems []status.Problem
}

// IsZero reports whether it says nothing.
func (p Policy) IsZero() bool { return len(p.rules) == 0 && len(p.Problems) == 0 }

// Rule is the one for a setting.
func (p Policy) Rule(key string) (Rule, bool) {
	r, ok := p.rules[key]
	return r, ok
}

// Locked is the rule that keeps a person from changing a setting.
func (p Policy) Locked(key string) (Rule, bool) {
	r, ok := p.rules[key]
	return r, ok && r.Level == LevelLocked
}

// Damaged is the first part of the policy that could not be read, nil for none.
func (p Policy) Damaged() *status.Problem {
	for _, problem := range p.Problems {
		if problem.Code == status.CodePolicyDamaged || problem.Code == status.CodePolicyStrict {
			return &problem
		}
	}
	return nil
}

// LockedError is a change of a setting that an administrator has locked.
type LockedError struct{ Rule Rule }

func (e *LockedError) Error() string { return "config: " + e.Rule.Key + " is locked by a policy" }

// Problem implements status.Problematic.
func (e *LockedError) Problem() status.Problem {
	return status.Problem{Code: status.CodePolicyLocked, Field: e.Rule.Key, Path: e.Rule.Place()}
}

// Usual is what a person has who never chose anything.
func (p Policy) Usual() Config { return p.over(Default()) }

// over is what is in force where a person's settings are own. What is locked holds for
// each of their accounts: a lock that a second account gets round is none.
func (p Policy) over(own Config) Config {
	if len(p.rules) == 0 {
		return own
	}
	c, unset := p.overOne(own), own.Account.IsZero()
	c.Locked = map[string]string{}
	for key, r := range p.rules {
		if r.Level == LevelLocked && !(key == "name" && len(own.Others) > 0) {
			c.Locked[key] = r.Place()
		}
	}
	c.Given = unset && c.Account.Validate() == nil
	c.Others = nil
	for _, o := range own.Others {
		one := Default().With(o)
		one.Others = own.Others
		in := p.overOne(one).aside()
		c.Others = append(c.Others, Other{Own: o.Own, Numbers: in.Numbers, Account: in.Account})
	}
	return c
}

// overOne is over but for the accounts that are not in use. Of several accounts none gets
// a name.
func (p Policy) overOne(own Config) Config {
	c, unset := own, own.Account.IsZero()
	for _, d := range described {
		r, ok := p.rules[d.Key]
		if d.Key == "name" && len(own.Others) > 0 {
			continue
		}
		if ok && (r.Level == LevelLocked || !chosen(own, d, unset)) {
			_ = d.Parse(&c, r.Text) // it was checked
		}
	}
	if _, given := p.rules["tls_pin"]; !unset && !given && (c.Account.Host != own.Account.Host || c.Account.Port != own.Account.Port) {
		c.Account.TLSPin = "" // it was another machine's
	}
	return c
}

// chosen reports whether a setting has the value that it has in own because the person
// chose it. Those of an account are chosen together.
func chosen(own Config, d Setting, unset bool) bool {
	if d.Group == "account" {
		return !unset
	}
	return d.Text(&own) != usualText(d) || slices.Contains(own.Own, d.Key)
}

func usualText(d Setting) string {
	usual := Default()
	return d.Text(&usual)
}

// under is what to store so that after is in force, which a person has made of before:
// their own settings were own. The error is a *LockedError.
//
// What is locked stays under it as it was, and is the person's again without the lock.
// An account is stored as it is in force: its parts belong together.
func (p Policy) under(own, before, after Config) (Config, error) {
	if name := after.Account.Name; before.other(name) >= 0 && !after.Account.IsZero() && !SameName(before.Account.Name, name) {
		// Another account is in use, with all that is its own.
		if own.Account.IsZero() {
			own.Account = before.Account
		}
		own, _ = own.Use(name)
		before, _ = before.Use(name)
	}
	var others []Other
	for _, o := range after.Others {
		i := before.other(o.Account.Name)
		if i >= 0 && reflect.DeepEqual(before.Others[i], o) {
			others = append(others, own.Others[i])
			continue
		}
		one := Default()
		one.Others = after.Others
		was := p.overOne(one)
		switch first := before.aside(); {
		case i >= 0:
			one, was = one.With(own.Others[i]), was.With(before.Others[i])
		case SameName(o.Account.Name, before.Account.Name) || before.Account.Name == "" && o.Account.Host == before.Account.Host:
			one, was = one.With(own.aside()), was.With(first) // it was in use
		}
		one, err := p.underOne(one, was, was.With(o))
		if err != nil {
			return own, err
		}
		others = append(others, one.aside())
	}
	own, err := p.underOne(own, before, after)
	own.Others = others
	return own, err
}

// underOne is under but for the accounts that are not in use.
func (p Policy) underOne(own, before, after Config) (Config, error) {
	after.Account = after.Account.Normalized()
	removed := after.Account.IsZero()
	for _, d := range described {
		same := d.Text(&after) == d.Text(&before)
		if r, locked := p.Locked(d.Key); locked && !same && !(removed && d.Group == "account") && !(d.Key == "name" && len(after.Others) > 0) {
			return own, &LockedError{r}
		}
		if same || d.Group == "account" {
			continue
		}
		text, follows := d.Text(&after), false
		if r, ok := p.rules[d.Key]; ok {
			follows = text == r.Text
		}
		own.Own = slices.DeleteFunc(slices.Clone(own.Own), func(key string) bool { return key == d.Key })
		switch usual := usualText(d); {
		case follows:
			_ = d.Parse(&own, usual)
		case text == usual && p.rules[d.Key].Key != "":
			own.Own = append(own.Own, d.Key)
			fallthrough
		default:
			// What is wrong with it is found by the checks before it is stored.
			_ = d.Parse(&own, text)
		}
	}
	if after.Account != before.Account {
		own.Account = after.Account
	}
	return own, nil
}

// Origin is where the value of a setting comes from.
type Origin string

const (
	FromBuiltIn  Origin = "builtin"  // nobody chose
	FromDefault  Origin = "default"  // an administrator's, until the person chooses
	FromLocked   Origin = "locked"   // an administrator's
	FromSettings Origin = "settings" // the person's
)

// InForce is a setting as it is in force.
type InForce struct {
	Setting
	Text   string // its value, as Parse takes it
	Origin Origin
	Rule   Rule // with FromDefault and FromLocked
}

// explain is each setting, in the order of the file.
func (p Policy) explain(own Config) []InForce {
	c, unset := p.over(own), own.Account.IsZero()
	var all []InForce
	for _, d := range described {
		v := InForce{Setting: d, Text: d.Text(&c)}
		r, ok := p.rules[d.Key]
		switch {
		case ok && r.Level == LevelLocked:
			v.Origin, v.Rule = FromLocked, r
		case ok && !chosen(own, d, unset):
			v.Origin, v.Rule = FromDefault, r
		case v.Text == usualText(d) && !slices.Contains(own.Own, d.Key):
			v.Origin = FromBuiltIn
		default:
			v.Origin = FromSettings
		}
		all = append(all, v)
	}
	return all
}

// SystemPolicies are the ones of this computer. good is the file in which a copy of
// what could be read last is kept for a person, "" for none.
func SystemPolicies(good string) *Policies { return &Policies{At: systemPolicy, Good: good} }

// Policies is where a policy is read from. Nothing in the environment changes that.
type Policies struct {
	At   string // a folder; on Windows a key below HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER
	Good string // a copy of what was read last; "" for none
}

// given is what one file, or one key of the registry, says.
type given struct {
	Source string `json:"source"`
	Rules  []Rule `json:"rules"`

	enrolment bool  // it is one that was left for first runs, not a policy: it forbids nothing
	err       error // why it could not be read, nil where it was
	line      int   // where that is
	problems  []status.Problem
}

// maxRules is far more than there are settings.
const maxRules = 256

// Read reads the policy. It blocks on the disk.
//
// What is damaged never permits more than before: of a file that cannot be read, what
// it said last is in force, and where that is not known, whatever a policy may forbid is
// forbidden. Of two locks on one setting the stricter one holds, and where none is that,
// the first one.
func (s *Policies) Read() Policy {
	if s == nil {
		return Policy{}
	}
	all := readGiven(s.At)
	if len(all) == 0 && s.Good == "" {
		return Policy{}
	}
	before, kept := s.kept(), []given(nil)
	p := Policy{rules: map[string]Rule{}}
	for _, g := range all {
		rules, good := p.checked(g, before)
		for _, r := range rules {
			p.add(r)
		}
		kept = append(kept, good...)
	}
	s.keep(before, kept)
	return p
}

// checked is what is in force of g, and what of it is to be kept for when it cannot be
// read. before is what was kept.
func (p *Policy) checked(g given, before []given) (rules []Rule, good []given) {
	if g.enrolment && g.err != nil {
		problem := status.Problem{Code: status.CodeEnrolment, Detail: clean.Foreign(g.err.Error())}
		if p := new(status.Problem); errors.As(g.err, &p) {
			problem = *p
		}
		problem.Path = g.Source
		p.Problems = append(p.Problems, problem)
		return nil, nil
	}
	if g.err != nil {
		problem := status.Problem{Code: status.CodePolicyDamaged, Path: place(g.Source, g.line), Detail: clean.Foreign(g.err.Error())}
		for _, b := range before { // a folder is all that was in it
			if b.Source == g.Source || strings.HasPrefix(b.Source, g.Source+string(filepath.Separator)) {
				rules, good = append(rules, b.Rules...), append(good, b)
			}
		}
		if good == nil {
			problem.Code, rules = status.CodePolicyStrict, strictest(g.Source)
		}
		p.Problems = append(p.Problems, problem)
		return rules, good
	}
	p.Problems = append(p.Problems, g.problems...)
	for _, r := range g.Rules {
		d, _ := Described(r.Key)
		text, fault := policyText(d, r.Text)
		if r.misfit {
			fault = setting.CodeInvalid
		}
		if fault == "" {
			r.Text = text
			rules = append(rules, r)
			continue
		}
		p.Problems = append(p.Problems, status.Problem{Code: status.CodePolicyValue, Field: r.Key, Fault: fault, Path: r.Place()})
		if r.Level != LevelLocked {
			continue
		}
		was := rulesOf(before, g.Source)
		if i := slices.IndexFunc(was, func(b Rule) bool { return b.Key == r.Key && b.Level == LevelLocked }); i >= 0 {
			rules = append(rules, was[i])
		} else if len(d.Strict) > 0 {
			rules = append(rules, Rule{Level: LevelLocked, Key: r.Key, Text: d.Strict[0], Source: r.Source, Line: r.Line})
		}
	}
	return rules, []given{{Source: g.Source, Rules: rules}}
}

// add merges a rule with those that were read before it: what is locked stays so, and
// of two defaults the later one is it.
func (p *Policy) add(r Rule) {
	have, ok := p.rules[r.Key]
	switch {
	case ok && have.Level == LevelLocked && r.Level == LevelLocked:
		if have.Text == r.Text {
			return
		}
		p.Problems = append(p.Problems, status.Problem{Code: status.CodePolicyConflict, Field: r.Key, Path: r.Place()})
		if d, _ := Described(r.Key); !d.Stricter(r.Text, have.Text) {
			return
		}
	case ok && have.Level == LevelLocked:
		return
	}
	p.rules[r.Key] = r
}

// strictest forbids all that can be forbidden.
func strictest(source string) []Rule {
	var all []Rule
	for _, d := range described {
		if len(d.Strict) > 0 {
			all = append(all, Rule{Level: LevelLocked, Key: d.Key, Text: d.Strict[0], Source: source})
		}
	}
	return all
}

// policyText is a value in the one form that is compared, and what is wrong with it.
// A host is one alone: what else is pasted with one has settings of its own.
func policyText(d Setting, text string) (string, string) {
	var c Config
	code := d.Parse(&c, text)
	if d.Kind == setting.KindText && d.Group == "account" {
		c.Account = c.Account.Normalized()
		code = d.Check(&c)
		rest := c.Account
		if rest.Host = ""; d.Key == "host" && rest != (Account{}) {
			code = CodeInvalid
		}
	}
	return d.Text(&c), code
}

func rulesOf(all []given, source string) []Rule {
	for _, g := range all {
		if g.Source == source {
			return g.Rules
		}
	}
	return nil
}

// kept is the copy of what was read last, as far as it is good.
func (s *Policies) kept() []given {
	if s.Good == "" {
		return nil
	}
	data, err := read(s.Good)
	if err != nil {
		return nil
	}
	var all []given
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	for i, g := range all {
		if len(g.Rules) > maxRules {
			return nil
		}
		for j, r := range g.Rules {
			d, ok := Described(r.Key)
			text, fault := "", setting.CodeUnknown
			if ok {
				text, fault = policyText(d, r.Text)
			}
			if fault != "" || r.Level != LevelDefault && r.Level != LevelLocked {
				return nil // a copy that is wrong in one place is no copy
			}
			all[i].Rules[j].Text = text
		}
	}
	return all
}

// keep writes that copy, where there is something new. That it fails costs no more than
// what would have been kept.
func (s *Policies) keep(before, now []given) {
	if s.Good == "" || len(before) == 0 && len(now) == 0 {
		return
	}
	old, _ := json.Marshal(before)
	data, err := json.Marshal(now)
	if err == nil && string(old) != string(data) && len(data) <= maxSize {
		_ = durable.Write(s.Good, data)
	}
}

// secretKeys are what a secret could be called in a policy, where none has a place.
var secretKeys = []string{"secret", "password", "passwd", "pwd"}

// take puts a value that stands in g under level and key into g. group is the table it
// stands in, "" for none.
func (g *given) take(level Level, group, key string, v any, line int) {
	problem := status.Problem{Field: key, Path: place(g.Source, line)}
	d, ok := Described(key)
	switch {
	case slices.Contains(secretKeys, key):
		problem.Code, problem.Field = status.CodePolicySecret, ""
	case !ok || group != "" && group != d.Group:
		problem.Code, problem.Field = status.CodePolicyUnknown, string(clean.Text(key, clean.Name))
	case len(g.Rules) >= maxRules:
		g.err = fmt.Errorf("more than %d settings", maxRules)
		return
	default:
		g.Rules = append(g.Rules, Rule{level, key, textOf(v), g.Source, line, !fits(d, v)})
		return
	}
	if len(g.problems) < maxRules {
		g.problems = append(g.problems, problem)
	}
}

var errEmpty = errors.New("it is empty: a policy that is over is removed")

// Stamp is another one whenever the policy may be. It blocks on the disk, though not
// for long.
func (s *Policies) Stamp() string {
	if s == nil {
		return ""
	}
	var all []string
	for _, g := range readGiven(s.At) {
		data, _ := json.Marshal(g)
		all = append(all, string(data), fmt.Sprint(g.err, g.problems))
	}
	return strings.Join(all, "\n")
}
