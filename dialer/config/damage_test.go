package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// damages are what may have become of a settings file that held good. Those of which
// nothing is left to copy are moved whole.
func damages(good string) map[string]string {
	return map[string]string{
		"cut":            good[:len(good)/2],
		"empty":          "",
		"zeros":          strings.Repeat("\x00", len(good)),
		"binary":         "\x7fELF\xff\xfe\x00[account]\nhost",
		"too large":      good + strings.Repeat("# more\n", 10_000),
		"a wrong value":  strings.Replace(good, "prefix = '0'", "prefix = '*21*333'", 1),
		"another's":      "[Desktop Entry]\nName=Cornetta\n",
		"not in one key": strings.Replace(good, "port = 5038", "port = ", 1),
	}
}

func (s *Store) put(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Whatever has become of the file, the settings of before are in force again, and what
// was there is kept.
func TestRestore(t *testing.T) {
	_, good := stored1(t)
	for name, bad := range damages(string(good)) {
		t.Run(name, func(t *testing.T) {
			s, _ := stored1(t)
			s.put(t, bad)
			if _, err := s.Load(); !errors.As(err, new(*SyntaxError)) || !strings.Contains(err.Error(), s.Path()) {
				t.Errorf("Load: %v", err)
			}
			c, d, err := s.Restore()
			if err != nil || !same(c, whole()) || d == nil || !d.Restored || d.Kept == "" || content(t, d.Kept) != bad {
				t.Fatalf("%+v, %+v, %v", c, d, err)
			}
			if now := content(t, s.Path()); now != string(good) {
				t.Errorf("the file is\n%s", now)
			}
			if c, d, err := s.Restore(); err != nil || d != nil || !same(c, whole()) {
				t.Errorf("again: %+v, %+v, %v", c, d, err)
			}
		})
	}
}

// A file that was edited by hand, and was good, is what is restored.
func TestRestoreWhatWasRead(t *testing.T) {
	s, good := stored1(t)
	s.put(t, strings.Replace(string(good), "prefix = '0'", "prefix = '9'", 1))
	if _, d, err := s.Restore(); err != nil || d != nil {
		t.Fatal(d, err)
	}
	for i := range 3 {
		bad := "broken " + strconv.Itoa(i)
		s.put(t, bad)
		c, d, err := s.Restore()
		if err != nil || c.Account.Prefix != "9" || content(t, d.Kept) != bad {
			t.Errorf("%d: %+v, %+v, %v", i, c.Account, d, err)
		}
	}
	if err := s.Save(Default()); err != nil {
		t.Fatal(err)
	}
	s.put(t, "broken")
	if c, _, err := s.Restore(); err != nil || !c.Account.IsZero() {
		t.Errorf("an account that was removed came back: %+v, %v", c.Account, err)
	}
}

// Without a copy nothing is put in force and nothing is moved, until a person saves:
// then it is kept, and what it says of numbers and keys stays.
func TestNothingToRestore(t *testing.T) {
	_, good := stored1(t)
	for name, bad := range damages(string(good)) {
		for copied, copy := range map[string]string{"none": "", "a damaged one": bad, "a newer one": "version = 99\n"} {
			t.Run(name+", "+copied, func(t *testing.T) {
				s := NewStore(t.TempDir())
				s.put(t, bad)
				if copy != "" {
					if err := os.WriteFile(s.good(), []byte(copy), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				c, d, err := s.Restore()
				if !errors.As(err, new(*SyntaxError)) || d != nil || !same(c, Default()) || content(t, s.Path()) != bad {
					t.Fatalf("%+v, %+v, %v", c, d, err)
				}
				read := s.Readable()
				_, d, err = s.Change(func(c *Config) {
					if !c.Account.IsZero() {
						t.Errorf("an account that was only read: %+v", c.Account)
					}
					c.Account = account()
				})
				if err != nil || d == nil || d.Restored || content(t, d.Kept) != bad {
					t.Fatalf("%+v, %v", d, err)
				}
				want := read
				want.Account = account()
				if c, err := s.Load(); err != nil || !same(c, want) {
					t.Errorf("%+v, %v", c, err)
				}
			})
		}
	}
}

// What can still be read is read, key by key; what cannot be is as usual.
func TestReadable(t *testing.T) {
	s, data := stored1(t)
	good := string(data)
	a := account()
	a.TLS = true
	for _, tc := range []struct {
		name, text string
		want       func(c *Config)
	}{
		{"all of it", good, func(*Config) {}},
		{"one wrong value", strings.Replace(good, "port = 5038", "port = 99999", 1), func(*Config) {}}, // the usual port is the same
		{"a wrong prefix", strings.Replace(good, "prefix = '0'", "prefix = '*21*'", 1), func(*Config) {}},
		{"without its end", good[:strings.Index(good, "tenant =")], func(c *Config) {
			c.Account = Account{Host: a.Host, Port: a.Port, Username: a.Username, Extension: a.Extension, Syntax: a.Syntax, Prefix: "0", Timeout: Default().Account.Timeout}
		}},
		// It is not known to have been in clear.
		{"cut before TLS", good[:strings.Index(good, "tls =")], func(c *Config) {
			c.Account = Default().Account
			c.Account.Host, c.Account.TLS = a.Host, true
		}},
		{"without its beginning", good[strings.Index(good, "[account]"):], func(c *Config) {
			*c = Default()
			c.Account = account()
		}},
		{"with binary in it", strings.Replace(good, "[numbers]", "\x00\xff\n[numbers]", 1), func(*Config) {}},
		{"nothing", "\x00\x00", func(c *Config) { *c = Default() }},
	} {
		s.put(t, tc.text)
		want := whole()
		tc.want(&want)
		if got := s.Readable(); !same(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", tc.name, got, want)
		}
	}
}

// A file of a later version is neither replaced by a copy nor changed.
func TestNewerIsNotRestored(t *testing.T) {
	s, _ := stored1(t)
	const later = "version = 5\naccounts = [1, 2]\n"
	s.put(t, later)
	if c, d, err := s.Restore(); !errors.Is(err, ErrNewer) || d != nil || !same(c, Default()) {
		t.Errorf("Restore: %+v, %+v, %v", c, d, err)
	}
	if _, d, err := s.Change(func(*Config) { t.Error("it is edited") }); !errors.Is(err, ErrNewer) || d != nil {
		t.Errorf("Change: %+v, %v", d, err)
	}
	if now := content(t, s.Path()); now != later {
		t.Errorf("now %q", now)
	}
}

// A folder where the file should be is moved out of the way.
func TestFolderInItsPlace(t *testing.T) {
	s, _ := stored1(t)
	if err := errors.Join(os.Remove(s.Path()), os.Mkdir(s.Path(), 0o700), os.WriteFile(filepath.Join(s.Path(), "x"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	c, d, err := s.Restore()
	if err != nil || !same(c, whole()) || d.Kept == "" {
		t.Fatalf("%+v, %+v, %v", c, d, err)
	}
	if _, err := os.Stat(filepath.Join(d.Kept, "x")); err != nil {
		t.Error(err)
	}
}

// There is an end to what is kept.
func TestKeptAsideIsBounded(t *testing.T) {
	s, good := stored1(t)
	for i := range 12 {
		s.put(t, "broken "+strconv.Itoa(i))
		if _, d, err := s.Restore(); err != nil || content(t, d.Kept) != "broken "+strconv.Itoa(i) {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(s.Path()))
	if err != nil || len(left) > 11 || !bytes.Equal([]byte(content(t, s.Path())), good) {
		t.Errorf("%d files, %v", len(left), err)
	}
	for _, e := range left {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 && info.Mode().Perm() != fs.FileMode(0o666) {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
}
