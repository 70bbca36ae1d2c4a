//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directorytest"
	"cornetta/dialer/status"
)

// book is an address book of Italy, with a name that every language folds.
const book = `BEGIN:VCARD
VERSION:3.0
FN:Zoë D'Łuca
ORG:Officina Àlfa
TEL;TYPE=WORK:+39 050 123407
TEL;TYPE=CELL:333 1234502
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Nobody
END:VCARD
`

// TestContactIsCalled: a source is added, somebody in it is found as one types, and
// called with the keys; the name is in the notification, in the list of calls and in no
// log.
func TestContactIsCalled(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	path := filepath.Join(t.TempDir(), "book.vcf")
	if err := os.WriteFile(path, []byte(book), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := s.must("", "contacts", "test", "--vcard", path); out != "connected, 1 person, 1 without a number\n" {
		t.Errorf("test: %q", out)
	}
	if out := s.must("", "contacts", "sources", "--json"); out != "[]\n" {
		t.Errorf("a test has kept something: %s", out)
	}
	s.must("", "contacts", "sources", "add", "--vcard", path)
	var found []findJSON
	if err := json.Unmarshal([]byte(s.must("", "contacts", "find", "--json", "luca", "zoe")), &found); err != nil || len(found) != 1 || found[0].Numbers[0].Dial != "0050123407" {
		t.Fatalf("%+v, %v", found, err)
	}
	var log strings.Builder
	agent := s.cornetta()
	agent.Stderr = &log
	s.agentOn(agent)
	item := s.tray("Ready")
	s.ClickTray(item, 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("dluca zo")
	s.look("1-found")
	s.Key("Down")
	s.look("2-picked")
	s.until("the call", func() { s.Key("Return") }, func() bool { return s.status().Call != nil })
	s.told("Zoë D")
	s.waitState(call.InCall)
	s.look("3-in-call")
	if c := s.status().Call; c.Number != "0050123407" || c.FarName != "Zoë D'Łuca" {
		t.Errorf("%s", c.Number)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.Wait("the call in the list", func() bool { all := s.lines(); return len(all) == 1 && all[0].Name == "Zoë D'Łuca" })
	w.Focus()
	s.look("4-recent")
	if strings.Contains(log.String(), "Zo") || strings.Contains(log.String(), "123407") {
		t.Errorf("the log:\n%s", log.String())
	}
}

// What is said of sources, and the exit status.
func TestContactSources(t *testing.T) {
	s := newSeat(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	vcf := write("a.vcf", book)
	table := write("b.csv", "Nome;Telefono\nUgo Neri;050 123403\n")
	fails := func(says string, code int, args ...string) {
		t.Helper()
		if _, errs, got := s.run("", append([]string{"contacts"}, args...)...); got != code || !strings.Contains(errs, says) {
			t.Errorf("%v: exit status %d, %q", args, got, errs)
		}
	}
	fails("--vcard PATH", exitUsage, "add")
	fails("can't be used together", exitUsage, "add", "--vcard", vcf, "--csv", table)
	fails("is not there", exitFailed, "add", "--vcard", filepath.Join(dir, "none"))
	fails("no contacts in it", exitFailed, "add", "--vcard", write("c.vcf", "Nome\n"))
	fails("no source of contacts with this id", exitFailed, "remove", "1")
	fails("nobody was found", exitFailed, "find", "zoe")
	fails("from 1 to 1000", exitUsage, "find", "--limit", "0", "zoe")

	s.must("", "contacts", "add", "--vcard", vcf)
	if out := s.must("", "contacts", "add", "--csv", table); !strings.Contains(out, "“Telefono”: number") {
		t.Errorf("the columns: %q", out)
	}
	if err := os.Remove(vcf); err != nil {
		t.Fatal(err)
	}
	fails("1: cannot be read (since: Today", exitFailed, "refresh")
	var all []contacts.Listed
	if err := json.Unmarshal([]byte(s.must("", "contacts", "sources", "--json")), &all); err != nil || len(all) != 2 {
		t.Fatal(err)
	}
	if a := all[0]; a.ID != "1" || a.People != 1 || a.NoNumber != 1 || a.Problem == nil || time.Since(a.Since) > time.Hour || a.Path != vcf {
		t.Errorf("%+v", a)
	}
	if out := s.must("", "contacts", "find", "zoe"); !strings.HasPrefix(out, "Zoë D'Łuca, Officina Àlfa\n") {
		t.Errorf("who was read before is gone: %q", out)
	}
	s.must("", "contacts", "sources", "remove", "1")
	fails("nobody was found", exitFailed, "find", "zoe")
	s.must("", "contacts", "find", "ugo")
	s.must("", "uninstall", "--forget")
	fails("nobody was found", exitFailed, "find", "ugo")
}

// TestDirectoriesOnServers: sources on servers are tried, kept with their secrets in the
// keyring, read again by them, given another secret, given by the settings, and removed
// with their secrets.
func TestDirectoriesOnServers(t *testing.T) {
	ldap := directorytest.LDAP(t, false, directorytest.Person("Anna Rossi", "telephoneNumber: 050 123402")+directorytest.Person("Nobody", ""))
	dav := directorytest.CardDAV(t, true, map[string]map[string]string{
		"work": {"a.vcf": directorytest.Card("a", "FN:Zoë Bianchi\nN:Bianchi;Zoë;;;\nTEL:050 123403")},
	})
	s := newSeat(t)
	password := directorytest.Secret + "\n"
	ofLDAP := []string{"--ldap", "ldap://" + ldap.Addr, "--base", directorytest.Base, "--bind", directorytest.Reader, "--secret-stdin"}
	ofDAV := []string{"--carddav", "https://" + dav.Addr, "--user", directorytest.User, "--secret-stdin", "--tls-pin", dav.Pin}
	run := func(in, command string, more ...string) (out, errs string, code int) {
		return s.run(in, append([]string{"contacts", command}, more...)...)
	}
	fails := func(says string, code int, in, command string, more ...string) {
		t.Helper()
		if _, errs, got := run(in, command, more...); got != code || !strings.Contains(errs, says) {
			t.Errorf("%s %v: exit status %d, %q", command, more, got, errs)
		}
	}
	list := func() (all []contacts.Listed) {
		t.Helper()
		if err := json.Unmarshal([]byte(s.must("", "contacts", "sources", "--json")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	fails("--tls-pin", exitNoLink, password, "add", ofLDAP...)
	fails(ldap.Pin, exitNoLink, password, "test", ofLDAP...)
	ofLDAP = append(ofLDAP, "--tls-pin", ldap.Pin)
	fails("refused the user or the password", exitFailed, "wrong\n", "add", ofLDAP...)
	fails("give the base", exitUsage, "", "add", "--ldap", "ldap://"+ldap.Addr)
	fails("a password needs a user", exitUsage, "", "add", "--carddav", "https://"+dav.Addr, "--secret-stdin")
	fails("are for --ldap", exitUsage, "", "add", "--carddav", "https://"+dav.Addr, "--base", "dc=x")
	fails("of this kind", exitFailed, "", "add", "--carddav", "https://anna:"+"x@"+dav.Addr)
	fails("one source", exitUsage, "", "add", "--user", "anna")
	if out, _, code := run(password, "test", ofLDAP...); code != 0 || out != "connected, 1 person, 1 without a number\n" {
		t.Errorf("test: exit status %d, %q", code, out)
	}
	if out, _, code := run(password, "test", ofDAV...); code != 0 || out != "Address books there: anna/work\nconnected, 1 person\n" {
		t.Errorf("test: exit status %d, %q", code, out)
	}
	if all := list(); len(all) != 0 {
		t.Fatalf("%d sources are kept", len(all))
	}
	for _, of := range [][]string{ofLDAP, ofDAV, ofDAV} { // the last one twice, which is once
		if out, errs, code := run(password, "add", of...); code != 0 {
			t.Fatalf("%v: exit status %d, %s%s", of, code, out, errs)
		}
	}
	if secrets := s.keptSecrets(); strings.Count(secrets, "pass word") != 2 {
		t.Errorf("secrets in the keyring: %q", secrets)
	}
	s.must("", "contacts", "find", "rossi")
	s.must("", "contacts", "find", "zoe")
	all := list()
	if len(all) != 2 || all[0].User != directorytest.Reader || all[1].Pin != dav.Pin {
		t.Fatalf("%+v", all)
	}
	if data, err := os.ReadFile(filepath.Join(s.ConfigHome(), "cornetta", "contacts.json")); err != nil || strings.Contains(string(data), directorytest.Secret) {
		t.Errorf("the file: %v", err)
	}
	// As the agent has it done, and after the server is gone.
	s.must("", "contacts", "refresh", "--quiet")
	dav.Stop()
	fails("othing answers on the directory's port", exitFailed, "", "refresh")
	s.must("", "contacts", "find", "zoe")
	if all := list(); all[1].Problem == nil || all[1].Problem.Code != status.CodeRefused || all[0].Problem != nil {
		t.Errorf("%+v", all)
	}
	s.must("", "contacts", "remove", "2")
	fails("nobody was found", exitFailed, "", "find", "zoe")
	if secrets := s.keptSecrets(); strings.Count(secrets, "pass word") != 1 {
		t.Errorf("secrets in the keyring: %q", secrets)
	}

	// The settings give one, too, which the person has added with their own user; and one
	// that nobody added.
	s.changeSettings(func(c *config.Config) {
		c.Directories = "ldap://" + ldap.Addr + "/" + directorytest.Base + " ldaps://directory.invalid/dc=x"
	})
	if all = list(); len(all) != 2 || all[1].URL != "ldaps://directory.invalid" {
		t.Fatalf("%+v", all)
	}
	fails("name is not known", exitFailed, "", "refresh")
	fails("taken away there", exitFailed, "", "remove", all[1].ID)
	s.must("", "contacts", "find", "rossi")
	s.changeSettings(func(c *config.Config) { c.Directories = "" })

	// A keyring that is locked is not made to ask where nobody waits; the people stay.
	s.LockKeyring()
	fails("The keyring", exitFailed, "", "refresh", "--quiet")
	s.must("", "contacts", "find", "rossi")
}

// keptSecrets are the secrets in the keyring.
func (s *seat) keptSecrets() string {
	s.t.Helper()
	out, err := s.output("secret-tool", "search", "--all", "service", "cornetta")
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	return out
}
