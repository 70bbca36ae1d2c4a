//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directorytest"
)

// TestAddressBookByKeyboard adds a directory on a real slapd from Settings, with nothing
// but keys, and calls somebody in it by name.
func TestAddressBookByKeyboard(t *testing.T) {
	pbx := startPBX(t)
	ldap := directorytest.LDAP(t, false, directorytest.Person("Anna Rossi", "telephoneNumber: 050 123402")+
		directorytest.Person("Ugo Neri", "mobile: 333 1234507")+directorytest.Person("Nobody", ""))
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.changeSettings(func(c *config.Config) { c.Account.TLSCA = ldap.CA })
	s.agent()
	f := s.openSettings("Ready")
	f.onward(3)
	f.Key("Tab", "Tab", "Tab", "space") // start, language, and the address books
	b := &firstRun{s, s.Window("Address books$")}
	s.Wait("the address books to have the focus", b.window.Focused)
	kind := func() []byte { return b.part(110, 330, -20, 360).Pix }
	below := func() []byte { return b.part(110, 370, -20, 530).Pix }
	vcard, closed := b.rest(kind), b.rest(below)
	s.Key("Down")
	s.Wait("the kinds", func() bool { return !bytes.Equal(below(), closed) })
	s.Key("Down", "Down", "Down", "Return") // vCard, CSV, LDAP
	s.Wait("another kind", func() bool { return !bytes.Equal(kind(), vcard) })
	s.Key("Tab")
	s.Type("ldap://" + ldap.Addr)
	s.Key("Tab")
	s.Type(directorytest.Base)
	s.Key("Tab")
	s.Type(directorytest.Reader)
	s.Key("Tab")
	s.Type(directorytest.Secret)
	b.look("1-filled")
	outcome := func() []byte { return b.part(10, -110, -10, -50).Pix }
	before := b.rest(outcome)
	b.until("what is in it to be said", b.press("Return"), func() bool { return !bytes.Equal(outcome(), before) })
	b.waitButton() // Add, which is grey until then
	b.look("2-tested")
	kept := func() (all []contacts.Listed) {
		t.Helper()
		if err := json.Unmarshal([]byte(s.must("", "contacts", "sources", "--json")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if n := len(kept()); n != 0 {
		t.Errorf("%d are kept before Add", n)
	}
	b.until("it to be kept", b.press("Return"), func() bool { return len(kept()) == 1 })
	b.look("3-added")
	if l := kept()[0]; l.URL != "ldap://"+ldap.Addr || l.Base != directorytest.Base || l.User != directorytest.Reader || l.Clear || l.People != 2 || l.NoNumber != 1 {
		t.Errorf("%+v", l)
	}
	if secrets := s.keptSecrets(); strings.Count(secrets, "pass word") != 1 {
		t.Errorf("in the keyring: %q", secrets)
	}
	s.Key("Escape")
	b.window.WaitGone()
	f.window.Focus()
	s.Key("Escape")
	f.window.WaitGone()

	s.ClickTray(s.tray("Ready"), 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("rossi an")
	s.look("4-found")
	s.Key("Down")
	s.until("the call", func() { s.Key("Return") }, func() bool { return s.status().Call != nil })
	if c := s.status().Call; c.Number != "0050123402" {
		t.Errorf("dialled %s", c.Number)
	}
	s.look("5-called")
}

// TestAddressBookIsChosen finds a file by going through folders, on a real screen with
// nothing but keys, and adds it.
func TestAddressBookIsChosen(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	path := filepath.Join(s.Home(), "Zz downloads", "contatti.vcf")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Rossi\r\nTEL:050 123402\r\nEND:VCARD\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.agent()
	f := s.openSettings("Ready")
	f.onward(3)
	f.Key("Tab", "Tab", "Tab", "space") // start, language, and the address books
	b := &firstRun{s, s.Window("Address books$")}
	s.Wait("the address books to have the focus", b.window.Focused)
	s.Key("Tab", "Tab") // the path, and the button beside it
	s.Key("space")
	c := &firstRun{s, s.Window("Choose an address book$")}
	s.Wait("the folders to have the focus", c.window.Focused)
	c.rest(func() []byte { return c.part(0, 0, -1, -1).Pix })
	b.look("1-home")
	list := func() []byte { return c.part(0, 0, -1, -60).Pix }
	s.Type("zz")
	before := c.rest(list)
	c.until("the folder", c.press("Return"), func() bool { return !bytes.Equal(list(), before) })
	c.rest(list)
	b.look("2-folder")
	s.Key("End", "Return")
	c.window.WaitGone()
	s.Wait("the address books to have the focus", b.window.Focused)
	outcome := func() []byte { return b.part(10, -110, -10, -50).Pix }
	before = b.rest(outcome)
	b.until("what is in it to be said", b.press("Return"), func() bool { return !bytes.Equal(outcome(), before) })
	b.waitButton() // Add, which is grey until then
	b.look("3-tested")
	s.Key("Tab")
	var kept []contacts.Listed
	b.until("it to be kept", b.press("Return"), func() bool {
		if err := json.Unmarshal([]byte(s.must("", "contacts", "sources", "--json")), &kept); err != nil {
			t.Fatal(err)
		}
		return len(kept) == 1
	})
	if kept[0].Path != path || kept[0].People != 1 {
		t.Errorf("%+v", kept[0])
	}
}
