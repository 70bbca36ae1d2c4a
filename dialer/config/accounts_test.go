package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

// lab is another account than account's, on another PBX.
func lab() Account {
	a := account()
	a.Name, a.Host, a.Extension, a.Prefix = "Lab", "lab.example.com", "212", "9"
	return a
}

// several is whole with a second account, which is not in use.
func several(t *testing.T) Config {
	t.Helper()
	c := whole()
	c.Account.Name = "Office"
	c, err := c.Add(lab())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func use(t *testing.T, s *Store, name string) Config {
	t.Helper()
	c, _, err := s.Try(func(c *Config) (err error) { *c, err = c.Use(name); return err })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What belongs to an account comes and goes with it; the rest is the person's.
func TestUse(t *testing.T) {
	s := NewStore(t.TempDir())
	office := several(t)
	if err := s.Save(office); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); err != nil || !same(got, office) {
		t.Fatal(cmp.Diff(office, got), err)
	}
	in := use(t, s, "LAB")
	want := Default().Numbers
	want.Region = "DE" // people go on in their country
	was := whole().Numbers
	want.Confirm, want.TypedIs, want.LinkFeatureCodes = was.Confirm, was.TypedIs, was.LinkFeatureCodes
	want.Premium, want.Abroad, want.ServiceCodes = was.Premium, was.Abroad, was.ServiceCodes
	if in.Account != lab() || !cmp.Equal(in.Numbers, want) || in.Rules().Prefix != "9" || in.Keys != office.Keys || in.Connection != office.Connection {
		t.Errorf("%+v\n%s", in.Account, cmp.Diff(want, in.Numbers))
	}
	if _, _, err := s.Change(func(c *Config) { c.Numbers.OwnRules, c.Numbers.Confirm = []string{"5xx = 7xx"}, number.ConfirmAlways }); err != nil {
		t.Fatal(err)
	}
	back := use(t, s, " office ")
	if !slices.Equal(back.Numbers.OwnRules, office.Numbers.OwnRules) || back.Numbers.Confirm != number.ConfirmAlways || back.Account != office.Account {
		t.Errorf("%+v", back)
	}
	if in = use(t, s, "Lab"); !slices.Equal(in.Numbers.OwnRules, []string{"5xx = 7xx"}) {
		t.Errorf("%+v", in.Numbers)
	}
	if _, err := in.Use("nobody"); !errors.Is(err, ErrNoAccount) {
		t.Error(err)
	}
}

// TestBelongs: which settings are an account's own is decided for each of them.
func TestBelongs(t *testing.T) {
	var own []string
	for _, d := range described {
		if d.PerAccount {
			own = append(own, d.Key)
		}
	}
	if want := strings.Fields("region plus ext_max_len typed_line home_national local_contexts withhold_code account_codes own_rules forward_code forward_off_code do_not_disturb_code do_not_disturb_off_code voicemail_code pickup_code"); !slices.Equal(own, want) {
		t.Errorf("%v, want %v", own, want)
	}
}

func TestAddAndRemove(t *testing.T) {
	c := Default()
	first := account()
	c, err := c.Add(first)
	if err != nil || c.Account != first || c.Several() {
		t.Fatal(c.Account, err)
	}
	if c, err = c.Add(lab()); err != nil || !c.Several() || c.Account.Name != "pbx.example.com" || c.Account.Host != first.Host {
		t.Fatal(c.Account, err)
	}
	// Without a name it gets one, which is nobody's.
	again := account()
	if c, err = c.Add(again); err != nil || c.Others[1].Account.Name != "pbx.example.com 7101" {
		t.Fatal(c.Others, err)
	}
	if c, err = c.Add(again); err != nil || c.Others[2].Account.Name != "pbx.example.com 7101 2" {
		t.Fatal(c.Others, err)
	}
	for _, name := range []string{"LAB", "lab", " L\u200bab ", "Ｌａｂ", "Pbx.Example.com"} {
		a := lab()
		a.Name = name
		if _, err := c.Add(a); !isField(err, "name", CodeTaken) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for n := len(c.Accounts()); n < MaxAccounts; n++ {
		if c, err = c.Add(again); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Add(again); !errors.Is(err, ErrManyAccounts) {
		t.Error(err)
	}
	s := NewStore(t.TempDir())
	if err := s.Save(c); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); err != nil || !same(got, c) {
		t.Error(cmp.Diff(c, got), err)
	}
	if _, err := c.Remove("nobody"); !errors.Is(err, ErrNoAccount) {
		t.Error(err)
	}
	// The one in use gives way to the first of the others.
	if c, err = c.Remove("pbx.example.com"); err != nil || c.Account.Name != "Lab" || len(c.Accounts()) != MaxAccounts-1 {
		t.Error(c.Account, len(c.Accounts()), err)
	}
	for len(c.Accounts()) > 0 {
		if c, err = c.Remove(c.Accounts()[len(c.Accounts())-1].Name); err != nil {
			t.Fatal(err)
		}
	}
	if !c.Account.IsZero() {
		t.Error(c.Account)
	}
}

func isField(err error, field, code string) bool {
	var f *FieldError
	return errors.As(err, &f) && f.Field == field && f.Code == code
}

func TestRename(t *testing.T) {
	c := several(t)
	for _, tc := range []struct{ name, to, fault string }{
		{"office", "Lab", CodeTaken},
		{"lab", "OFFICE", CodeTaken},
		{"lab", "", CodeMissing},
		{"lab", strings.Repeat("n", 41), CodeTooLong},
		{"lab", "-x", CodeInvalid},
		{"lab", "a<b", CodeInvalid},
		{"lab", "a\xffb", CodeInvalid},
	} {
		if _, err := c.Rename(tc.name, tc.to); !isField(err, "name", tc.fault) {
			t.Errorf("%q to %q: %v", tc.name, tc.to, err)
		}
	}
	if _, err := c.Rename("nobody", "x"); !errors.Is(err, ErrNoAccount) {
		t.Error(err)
	}
	c, err := c.Rename("Lab", "lab")
	if c, err2 := c.Rename("office", " HQ\u202e\n2 "); err != nil || err2 != nil || c.Account.Name != "HQ 2" || c.Others[0].Account.Name != "lab" {
		t.Errorf("%+v %+v, %v, %v", c.Account, c.Others, err, err2)
	}
}

// A file of the version before is one account, and no program of that version takes one
// of now for its own.
func TestVersion3(t *testing.T) {
	s, data := stored1(t)
	c, err := s.load1(edited(t, data, "version = 4", "version = 3", "name = ''\n", "", "by_network = false\n", ""))
	if err != nil || !same(c, whole()) {
		t.Errorf("%s, %v", cmp.Diff(whole(), c), err)
	}
	// What somebody wrote there meant nothing.
	if c, err = s.load1(edited(t, data, "version = 4", "version = 3", "[account]", "[[others]]\nx = 1\n[account]")); err != nil || !same(c, whole()) {
		t.Errorf("%+v, %v", c, err)
	}
	if !strings.Contains(string(data), "version = 4\n") {
		t.Errorf("%s", data)
	}
}

// A file with several accounts that is cut anywhere, or wrong in one of them, is damaged.
func TestDamagedOthers(t *testing.T) {
	s := NewStore(t.TempDir())
	want := several(t)
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(data); n += 3 {
		if c, err := s.load1(string(data[:n])); err == nil && !same(c, want) || err == nil && n < len(data)-1 {
			t.Errorf("cut at %d, after %q: %+v, %v", n, data[max(0, n-20):n], c, err)
		}
	}
	from := strings.Index(string(data), "[[others]]")
	head, tail := string(data[:from]), string(data[from:])
	for line := range strings.Lines(tail) { // of the other account, each key that has to be there
		if line == "[account]\n" {
			break
		}
		key, _, is := strings.Cut(line, " =")
		d, ok := Described(strings.TrimSpace(key))
		if !is || !ok {
			continue
		}
		_, err := s.load1(head + strings.Replace(tail, line, "", 1))
		if damaged := errors.As(err, new(*SyntaxError)); damaged != (d.Since <= Version) && d.Key != "name" {
			t.Errorf("without %q: %v", line, err)
		}
	}
	for name, wrong := range map[string][2]string{
		"no name":        {"name = 'Lab'", "name = ''"},
		"the same name":  {"name = 'Lab'", "name = 'OFFICE'"},
		"a wrong prefix": {"prefix = '9'", "prefix = '*21*'"},
		"a wrong port":   {"port = 5038", "port = 0"},
		"no number":      {"ext_max_len = 4", "ext_max_len = 'four'"},
		"no list":        {"own_rules = []", "own_rules = ['x']"},
		"no table":       {"[others.numbers]", "[others.other]"},
		"no account":     {"[others.account]", "[others.other]"},
	} {
		text := head + strings.Replace(tail, wrong[0], wrong[1], 1)
		if c, err := s.load1(text); !errors.As(err, new(*SyntaxError)) || !same(c, Default()) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	// And the copy brings all of them back.
	s.put(t, "broken")
	if c, d, err := s.Restore(); err != nil || !same(c, want) || d == nil {
		t.Errorf("%+v, %v", d, err)
	}
}

// What is more than a file can have is not stored.
func TestTooLarge(t *testing.T) {
	c := whole()
	c.Account.Name = "first"
	for n := range 32 {
		c.Numbers.LocalContexts = append(c.Numbers.LocalContexts, fmt.Sprint(n)+strings.Repeat("x", 240))
	}
	c.Numbers.LocalContexts = c.Numbers.LocalContexts[2:]
	for range MaxAccounts - 1 {
		var err error
		if c, err = c.Add(lab().named("")); err != nil {
			t.Fatal(err)
		}
		c.Others[len(c.Others)-1].Numbers["local_contexts"] = c.Numbers.LocalContexts
	}
	s := NewStore(t.TempDir())
	if err := s.Save(c); !errors.Is(err, ErrManyAccounts) {
		t.Error(err)
	}
	if _, err := os.Stat(s.Path()); err == nil {
		t.Error("it was stored")
	}
}

func (a Account) named(name string) Account {
	a.Name = name
	return a
}

// TestEnrolsAnother: an enrolment that calls its account by a name changes that one or adds
// it, and never another one.
func TestEnrolsAnother(t *testing.T) {
	read := func(text string) Enrolment {
		t.Helper()
		e, err := ReadEnrolment(strings.NewReader("enrolment = 1\n[account]\n"+text), "")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	rest := "username = 'c2c'\ntenant = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'\n"
	unnamed := with(account())
	for _, tc := range []struct {
		name, text string
		to         Config
		adds       bool
		inUse      string
		accounts   string
		changes    string // the keys
	}{
		{"a name, nothing there", "name = 'Lab'\nhost = 'lab.example.com'\n" + rest, Default(), false, "Lab", "Lab", "host username tenant name"},
		{"a name, another PBX", "name = 'Lab'\nhost = 'new.example.com'\n" + rest, unnamed, true, "Lab", "Lab pbx.example.com", "name host username tenant"},
		{"a name, the same PBX", "name = 'HQ'\nprefix = '8'\n", unnamed, false, "HQ", "HQ", "name prefix"},
		{"of one that is not in use", "name = 'LAB'\nprefix = '8'\n", several(t), false, "LAB", "LAB Office", "name prefix"},
		{"of the one in use", "name = 'Office'\nprefix = '8'\n", several(t), false, "Office", "Lab Office", "prefix"},
		{"a third one", "name = 'Home'\nhost = 'h.example.com'\n" + rest, several(t), true, "Home", "Home Lab Office", "name host username tenant"},
		{"no name", "prefix = '8'\n", several(t), false, "Office", "Lab Office", "prefix"},
	} {
		e := read(tc.text)
		now, changes, err := e.Apply(tc.to)
		var names, keys []string
		for _, a := range now.Accounts() {
			names = append(names, a.Name)
		}
		for _, c := range changes {
			keys = append(keys, c.Key)
		}
		slices.Sort(keys)
		want := strings.Fields(tc.changes)
		slices.Sort(want)
		if err != nil || e.Adds(tc.to) != tc.adds || now.Account.Name != tc.inUse || strings.Join(names, " ") != tc.accounts || !slices.Equal(keys, want) {
			t.Errorf("%s: adds %v, in use %q, %v, changes %v, %v", tc.name, e.Adds(tc.to), now.Account.Name, names, keys, err)
		}
	}
	if p := new(status.Problem); errors.As(func() error {
		_, err := ReadEnrolment(strings.NewReader("enrolment = 1\n[account]\nname = '<x>'\n"), "")
		return err
	}(), &p) {
		if p.Field != "name" {
			t.Errorf("%+v", p)
		}
	} else {
		t.Error("a name that is none was taken")
	}
}
