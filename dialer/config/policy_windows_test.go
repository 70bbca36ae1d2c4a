package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"

	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

// TestRegistry: each setting can be given in the registry, to the computer and to the
// person, in the kinds of values that a group policy writes.
func TestRegistry(t *testing.T) {
	const at = `Software\Policies\CornettaTest`
	roots := map[string]registry.Key{`HKLM\`: registry.LOCAL_MACHINE, `HKCU\`: registry.CURRENT_USER}
	clean := func() {
		for _, root := range roots {
			for _, key := range []string{at + `\Locked`, at + `\Default`, at} {
				_ = registry.DeleteKey(root, key)
			}
		}
	}
	clean()
	t.Cleanup(clean)
	set := func(root registry.Key, level, key string, d Setting, text string) {
		t.Helper()
		k, _, err := registry.CreateKey(root, at+`\`+level, registry.ALL_ACCESS)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		switch d.Kind {
		case setting.KindSwitch:
			err = k.SetDWordValue(key, map[string]uint32{"true": 1, "false": 0}[text])
		case setting.KindCount:
			var n uint32
			for _, r := range text {
				n = 10*n + uint32(r-'0')
			}
			err = k.SetDWordValue(key, n)
		case setting.KindList:
			err = k.SetStringsValue(key, strings.Split(text, ","))
		default:
			err = k.SetStringValue(key, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := whole()
	want.Language = "it"
	s := NewStore(t.TempDir()).Under(&Policies{At: at})
	for _, d := range described {
		text := d.Text(&want)
		if d.Key == "tls_ca" {
			text = `C:\company.pem`
		}
		if d.Key == "tls_pin" || text == "" {
			continue
		}
		for name, root := range roots {
			for level, key := range map[Level]string{LevelLocked: "Locked", LevelDefault: "Default"} {
				clean()
				set(root, key, d.Key, d, text)
				c, err := s.Load()
				if err != nil || d.Text(&c) != text {
					t.Errorf("%s%s, %s: %q, %v", name, key, d.Key, d.Text(&c), err)
				}
				if place, locked := c.Locked[d.Key]; locked != (level == LevelLocked) || locked && place != name+at+`\Locked` {
					t.Errorf("%s%s, %s: locked at %q", name, key, d.Key, place)
				}
				if p := s.Policy(); len(p.Problems) > 0 {
					t.Errorf("%+v", p.Problems)
				}
			}
		}
	}
	// What a group policy does not write is told, and locks nothing to nothing.
	for kind, set := range map[string]func(registry.Key, string) error{
		"bytes":  func(k registry.Key, name string) error { return k.SetBinaryValue(name, []byte("x")) },
		"a list": func(k registry.Key, name string) error { return k.SetStringsValue(name, []string{"x"}) },
	} {
		for _, key := range []string{"mailbox", "premium"} {
			clean()
			k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, at+`\Locked`, registry.ALL_ACCESS)
			if err == nil {
				err = set(k, key)
				_ = k.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			c, _ := s.Load()
			if p := s.Policy(); len(p.Problems) != 1 || p.Problems[0].Code != status.CodePolicyValue || p.Problems[0].Field != key || c.Locked["mailbox"] != "" || key == "premium" && c.Numbers.Premium != number.KindNever {
				t.Errorf("%s for %s: %+v, %v", kind, key, p.Problems, c.Locked)
			}
		}
	}
	clean()
	many, _, err := registry.CreateKey(registry.LOCAL_MACHINE, at+`\Locked`, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxRules + 1 {
		err = errors.Join(err, many.SetStringValue(fmt.Sprintf("a%d", i), "x"))
	}
	if err = errors.Join(err, many.Close()); err != nil {
		t.Fatal(err)
	}
	if c, _ := s.Load(); c.Locked["tls"] == "" || s.Policy().Damaged() == nil {
		t.Errorf("more than are read: %v", c.Locked)
	}
	clean()
	tls, _ := Described("tls")
	set(registry.LOCAL_MACHINE, "Locked", "tls", tls, "true")
	set(registry.CURRENT_USER, "Locked", "tls", tls, "false")
	set(registry.CURRENT_USER, "Locked", "secret", Setting{}, "hunter2")
	set(registry.CURRENT_USER, "Locked", "tsl", Setting{}, "1")
	c, err := s.Load()
	if p := s.Policy(); err != nil || !c.Account.TLS || len(p.Problems) != 3 {
		t.Errorf("%v, %+v, %v", c.Account.TLS, p.Problems, err)
	} else {
		for _, problem := range p.Problems {
			switch problem.Code {
			case status.CodePolicyConflict, status.CodePolicySecret, status.CodePolicyUnknown:
			default:
				t.Errorf("%+v", problem)
			}
		}
	}
}
