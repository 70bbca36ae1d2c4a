//go:build unix

package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A lock holds for every account, and what an administrator gives is the person's where
// they have chosen it, for each account by itself.
func TestPolicyOfSeveral(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.toml")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(policy, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("[default]\nregion = 'FR'\n")
	s := NewStore(t.TempDir()).Under(&Policies{At: dir})
	office := account()
	office.Name = "Office"
	if _, _, err := s.Change(func(c *Config) { c.Account = office }); err != nil {
		t.Fatal(err)
	}
	add := func(a Account) error {
		_, _, err := s.Try(func(c *Config) (err error) { *c, err = c.Add(a); return err })
		return err
	}
	if err := add(lab()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Change(func(c *Config) { c.Numbers.Region = "AT" }); err != nil {
		t.Fatal(err)
	}
	for name, region := range map[string]string{"Lab": "FR", "Office": "AT"} {
		if c := use(t, s, name); c.Numbers.Region != region {
			t.Errorf("%s: %s", name, c.Numbers.Region)
		}
	}
	write("[default]\nregion = 'ES'\n[locked]\ntls = true\n")
	for _, one := range [][2]string{{"Lab", "ES"}, {"Office", "AT"}, {"Lab", "ES"}} {
		if c := use(t, s, one[0]); !c.Account.TLS || c.Numbers.Region != one[1] || c.Locked["tls"] == "" {
			t.Errorf("%+v", c)
		}
	}
	for _, o := range use(t, s, "Lab").Others { // as it is shown before it is in use
		if !o.Account.TLS {
			t.Errorf("not in use: %+v", o)
		}
	}
	clear := lab()
	clear.Name = "Clear"
	var locked *LockedError
	if err := add(clear); !errors.As(err, &locked) || locked.Rule.Key != "tls" {
		t.Errorf("one in clear was added: %v", err)
	}
	write("[locked]\nhost = 'pbx.example.com'\nname = 'Everybody'\n")
	if err := add(clear); !errors.As(err, &locked) || locked.Rule.Key != "host" {
		t.Errorf("one on another PBX was added: %v", err)
	}
	c := use(t, s, "Lab")
	if c.Account.Host != "pbx.example.com" || c.Account.Name != "Lab" {
		t.Errorf("%+v", c.Account)
	}
	if c, _, err := s.Try(func(c *Config) (err error) { *c, err = c.Rename("Lab", "Lab 2"); return err }); err != nil || c.Account.Name != "Lab 2" {
		t.Error(c.Account, err)
	}
	// Without the lock each has its own PBX again.
	if err := os.Remove(policy); err != nil {
		t.Fatal(err)
	}
	if c := use(t, s, "Office"); c.Account.Host != office.Host || c.Account.TLS || c.Others[0].Account.Host != "lab.example.com" && c.Others[0].Account.Host != "pbx.example.com" {
		t.Errorf("%+v %+v", c.Account, c.Others)
	}
	// An account that is an administrator's is there again when it is removed.
	write("[default.account]\nhost = 'given.example.com'\nusername = 'c2c'\ntenant = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'\nextension = '1'\n")
	fresh := NewStore(t.TempDir()).Under(&Policies{At: dir})
	if c, _, err := fresh.Try(func(c *Config) (err error) { *c, err = c.Add(lab()); return err }); err != nil || c.Account.Host != "given.example.com" || len(c.Others) != 1 {
		t.Fatal(c, err)
	}
	for range 2 {
		c, _, err := fresh.Try(func(c *Config) (err error) { *c, err = c.Remove(c.Account.Name); return err })
		if err != nil {
			t.Fatal(c, err)
		}
	}
	if c, err := fresh.Load(); err != nil || !c.Given || c.Account.Host != "given.example.com" || c.Several() {
		t.Errorf("%+v, %v", c, err)
	}
}
