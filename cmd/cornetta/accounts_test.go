//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/ui/consent"
)

// TestAccounts: accounts are added, named, listed, put in use and removed by command, and
// what is wrong is said with the exit status for it.
func TestAccounts(t *testing.T) {
	dir := governed(t, "[default]\nregion = 'IT'\n")
	do := func(want int, args ...string) (out, errs string) {
		t.Helper()
		out, errs, code := command(t, "", args...)
		if code != want {
			t.Fatalf("%v: exit status %d\n%s%s", args, code, out, errs)
		}
		return out, errs
	}
	listed := func() (names []string, inUse string) {
		t.Helper()
		out, _ := do(exitOK, "account", "list", "--json")
		var all []accountJSON
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			names = append(names, a.Name)
			if *a.InUse {
				inUse += a.Name
			}
		}
		return names, inUse
	}
	do(exitNoLink, "account", "list")
	if names, _ := listed(); len(names) > 0 {
		t.Error(names)
	}
	do(exitNoLink, "account", "use", "Lab")
	do(exitNoLink, "account", "rename", "Lab")
	with := func(host string) []string {
		return []string{"--host", host, "--user", "c2c", "--tenant", tenantOfTest, "--extension", "7101"}
	}
	do(exitOK, append([]string{"account", "set"}, with("pbx.example.com")...)...)
	if names, inUse := listed(); !slices.Equal(names, []string{""}) || inUse != "" {
		t.Error(names, inUse)
	}
	do(exitOK, append([]string{"account", "add", "Lab", "--prefix", "9"}, with("lab.example.com")...)...)
	if names, inUse := listed(); !slices.Equal(names, []string{"Lab", "pbx.example.com"}) || inUse != "pbx.example.com" {
		t.Error(names, inUse)
	}
	for _, wrong := range []string{"LAB", "", "\u202e", strings.Repeat("x", 41), "a<b"} {
		if _, errs := do(exitUsage, append([]string{"account", "add", wrong}, with("x.example.com")...)...); !strings.Contains(errs, "Name ") {
			t.Errorf("%q: %s", wrong, errs)
		}
	}
	do(exitOK, "account", "rename", "Head  Office", "--of", "PBX.example.com")
	if out, _ := do(exitOK, "account", "use", "lab"); out != "In use now: Lab.\n" {
		t.Error(out)
	}
	if out, _ := do(exitOK, "account", "list"); out != "  Head Office  7101  pbx.example.com\n* Lab          7101  lab.example.com\n" {
		t.Errorf("%s", out)
	}
	if out, _ := do(exitOK, "account", "list", "--names"); out != "Head Office\nLab\n" {
		t.Error(out)
	}
	if out, _ := do(exitOK, "status", "--json"); !strings.Contains(out, `"account":"Lab"`) {
		t.Error(out)
	}
	if out, _ := do(exitOK, "account", "show", "head office", "--json"); !strings.Contains(out, `"name":"Head Office","host":"pbx.example.com"`) {
		t.Error(out)
	}
	// What is set is the one in use, which keeps its name.
	do(exitOK, append([]string{"account", "set"}, with("lab2.example.com")...)...)
	if out, _ := do(exitOK, "account", "show", "--json"); !strings.Contains(out, `"name":"Lab","host":"lab2.example.com"`) {
		t.Error(out)
	}
	do(exitUsage, append([]string{"account", "set", "--name", "HEAD OFFICE"}, with("lab2.example.com")...)...)

	// An enrolment says of which account it is, and exports have its name.
	file := filepath.Join(dir, "e.cornetta-enroll")
	enroll := func(text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte("enrolment = 1\n[account]\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := do(exitOK, "account", "enroll", "--yes", file)
		return out
	}
	if out := enroll("prefix = '7'\n"); !strings.Contains(out, "It changes the account Lab.") {
		t.Error(out)
	}
	if out := enroll("name = 'Third'\nhost = 'third.example.com'\nusername = 'c'\ntenant = '" + tenantOfTest + "'\n"); !strings.Contains(out, "It adds an account, Third, and puts it in use.") {
		t.Error(out)
	}
	if names, inUse := listed(); len(names) != 3 || inUse != "Third" {
		t.Error(names, inUse)
	}
	if out, _ := do(exitOK, "account", "export"); !strings.Contains(out, "name = 'Third'\n") {
		t.Error(out)
	}

	if _, errs := do(exitNoLink, "account", "remove", "nobody"); !strings.Contains(errs, "no account with that name") {
		t.Error(errs)
	}
	if out, _ := do(exitOK, "account", "remove"); out != "In use now: Head Office.\n" {
		t.Error(out)
	}
	do(exitOK, "account", "remove", "Lab")
	if names, inUse := listed(); !slices.Equal(names, []string{"Head Office"}) || inUse != "Head Office" {
		t.Error(names, inUse)
	}
	do(exitOK, "account", "remove")
	do(exitNoLink, "account", "show")
}

// TestNamesAreCompleted: what an account is called is offered by bash, and expanded by
// nobody.
func TestNamesAreCompleted(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("bash is needed")
	} else if err != nil {
		t.Fatal(err)
	}
	governed(t, "[default]\nregion = 'IT'\n")
	trap := filepath.Join(t.TempDir(), "trap")
	names := []string{"Head Office", "Lab", "$(touch " + trap + ")", "`touch " + trap + "`"}
	_, _, err = openStore(filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "cornetta")).Try(func(c *config.Config) (err error) {
		a := config.Default().Account
		a.Host, a.Username, a.Tenant = "pbx.example.com", "c2c", tenantOfTest
		for _, a.Name = range names {
			if strings.Contains(a.Name, "/") && len(a.Name) > 40 {
				a.Name = a.Name[:40]
			}
			if *c, err = c.Add(a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := command(t, "", "account", "list", "--names")
	script, _, code := command(t, "", "describe", "bash")
	if code != exitOK {
		t.Fatal(code)
	}
	complete := func(words ...string) []string {
		t.Helper()
		run := "cornetta() { cat <<'EOF'\n" + list + "EOF\n}\n" + script + "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($#-1)); _cornetta; printf '%s\\n' \"${COMPREPLY[@]}\"\n"
		out, err := exec.Command(bash, append([]string{"-c", run, "bash", "cornetta"}, words...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	for _, path := range [][]string{{"account", "use"}, {"account", "remove"}, {"account", "show"}, {"account", "rename", "--of"}} {
		all := complete(append(path, "")...)
		if !slices.Contains(all, `Head\ Office`) || !slices.Contains(all, "Lab") {
			t.Errorf("%v: %q", path, all)
		}
		if some := complete(append(path, "He")...); !slices.Equal(some, []string{`Head\ Office`}) {
			t.Errorf("%v He: %q", path, some)
		}
	}
	if all := complete("account", ""); slices.Contains(all, "Lab") || !slices.Contains(all, "use") {
		t.Errorf("%q", all)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("a name was run")
	}
}

// TestDialAloneWhileAccountsChange: what a person agreed to where no agent runs is not
// dialled once another account is in use, or its rules are others, by neither of the two.
func TestDialAloneWhileAccountsChange(t *testing.T) {
	governed(t, "[default]\nplus = '00'\n")
	office, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer office.Close()
	lab, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	for _, one := range [][2]string{{"Office", office.Addr()}, {"Lab", lab.Addr()}} {
		args := []string{
			"account", "add", one[0], "--host", one[1], "--user", pbxsim.Username, "--tenant", pbxsim.Tenant,
			"--extension", "7101", "--prefix", pbxsim.OutboundPrefix,
		}
		if _, errs, code := command(t, "", args...); code != exitOK {
			t.Fatal(errs)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := newEnv(ctx, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	e.keys = secret.Session(nil)
	begin := func() (place func() error) {
		t.Helper()
		cfg, err := e.settings()
		if err != nil {
			t.Fatal(err)
		}
		if err := e.keys.Set(ctx, secret.Key(cfg.Account), pbxsim.Secret); err != nil {
			t.Fatal(err)
		}
		m := consent.Made{Plan: number.Parse("7102", number.Typed, cfg.Rules()), Origin: call.Origin{Way: call.ByCommand}}
		return func() error {
			o, err := (&dialCmd{}).placeAlone(e, cfg, m)
			if err == nil {
				_ = o.hangup(ctx)
				o.close()
			}
			return err
		}
	}
	expect := func(what string, err error, want [2]int) {
		t.Helper()
		changed := errors.Is(err, dialer.ErrAccountChanged)
		if got := [2]int{len(office.Originates()), len(lab.Originates())}; got != want || !changed && err != nil {
			t.Errorf("%s: %v calls, want %v; %v", what, got, want, err)
		}
	}
	place := begin()
	if _, errs, code := command(t, "", "account", "use", "Lab"); code != exitOK {
		t.Fatal(errs)
	}
	err = place()
	if expect("another account", err, [2]int{}); err == nil {
		t.Error("dialled")
	}
	place = begin()
	if _, _, err := e.store.Change(func(c *config.Config) { c.Account.Prefix = "9" }); err != nil {
		t.Fatal(err)
	}
	err = place()
	if expect("another outside line", err, [2]int{}); err == nil {
		t.Error("dialled")
	}
	expect("nothing changed", begin()(), [2]int{0, 1})
}
