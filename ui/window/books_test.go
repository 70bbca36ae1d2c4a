package window

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

func (d *desk) openBooks() *booksWindow {
	d.t.Helper()
	s := d.openSettings()
	s.turn(sectionStart)
	d.advance(longAfter)
	press(s.books, fyne.KeyReturn)
	d.answered()
	d.advance(longAfter)
	return d.app.books
}

func (d *desk) press(b *button) {
	d.t.Helper()
	d.advance(longAfter)
	press(b, fyne.KeyReturn)
	d.answered()
}

// An address book is read before it can be added, and only as it was read; what it says of
// itself is shown.
func TestBooksAdd(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	w := d.openBooks()
	if !w.add.Disabled() {
		t.Error("it can be added before it was read")
	}
	d.press(w.test)
	if len(d.agent.sourced) != 0 || w.path.note.Text == "" {
		t.Error("nothing was given, and it was read")
	}
	path, _ := filepath.Abs("people.vcf")
	w.path.entry.SetText(path)
	d.agent.had = contacts.Tried{People: 184, NoNumber: 12}
	d.press(w.test)
	if len(d.agent.sourced) != 1 || d.agent.sourced[0].Source != (contacts.Source{Type: contacts.VCard, Path: path}) || d.agent.sourced[0].Secret != nil {
		t.Fatalf("%+v", d.agent.sourced)
	}
	if !strings.Contains(w.outcome.Text, "184 people, 12 without a number") || w.add.Disabled() {
		t.Errorf("%q", w.outcome.Text)
	}
	w.path.entry.SetText(path + "x")
	if !w.add.Disabled() {
		t.Error("what was not read can be added")
	}
	w.path.entry.SetText(path)
	d.press(w.add)
	if d.agent.count("add source") != 1 || w.path.entry.Text != "" || !w.add.Disabled() {
		t.Errorf("%v", d.agent.asked)
	}

	// One that cannot be read cannot be added.
	d.agent.noSource = &status.Problem{Code: status.CodeSourceNone}
	w.path.entry.SetText(path)
	d.press(w.test)
	if !w.add.Disabled() || !strings.Contains(w.outcome.Text, "no contacts") {
		t.Errorf("%q", w.outcome.Text)
	}
}

// A server's certificate is trusted after it was compared; a password is not left in a
// window that is hidden, and is sent only with a user.
func TestBooksServer(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	w := d.openBooks()
	w.kind.pick(string(contacts.LDAP))
	w.secret.entry.SetText("pass word")
	d.press(w.test)
	w.address.entry.SetText("ldaps://pbx.example.com")
	d.press(w.test)
	w.base.entry.SetText("ou=people,dc=example,dc=com")
	d.press(w.test)
	if len(d.agent.sourced) != 0 || w.user.note.Text == "" {
		t.Fatalf("%+v, %q", d.agent.sourced, w.user.note.Text)
	}
	w.user.entry.SetText("cn=reader")
	d.agent.noSource = &status.Problem{Code: status.CodeCertSelf, Attempt: status.AttemptContacts, Cert: selfSignedCert()}
	d.press(w.test)
	if !w.cert.box.Visible() || len(d.agent.sourced) != 1 || *d.agent.sourced[0].Secret != "pass word" || strings.Contains(w.outcome.Text, "--tls-pin") {
		t.Fatalf("%+v, %q", d.agent.sourced, w.outcome.Text)
	}
	d.agent.noSource = nil
	d.advance(longAfter)
	w.cert.tick.SetChecked(true)
	d.advance(drawTime + longAfter)
	pointAt(w.cert.trust)
	tap(w.cert.trust)
	d.answered()
	want := contacts.Source{Type: contacts.LDAP, URL: "ldaps://pbx.example.com", Base: "ou=people,dc=example,dc=com", User: "cn=reader", Pin: selfSignedCert().Fingerprint}
	if n := len(d.agent.sourced); n != 2 || d.agent.sourced[1].Source != want {
		t.Fatalf("%+v", d.agent.sourced)
	}
	w.address.entry.SetText("ldaps://other.example.com")
	if w.value().Pin != "" {
		t.Error("another server's certificate is trusted as this one's")
	}
	w.hide()
	if w.secret.entry.Text != "" {
		t.Error("the password is still there")
	}
}

// What can be done with an address book is done with the one that was picked; one that an
// administrator gives is not removed.
func TestBooksList(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	d.agent.sources = []contacts.Listed{
		{Source: contacts.Source{ID: "1", Type: contacts.VCard, Path: "/home/anna/Contacts.vcf"}, People: 184, Read: d.now},
		{Source: contacts.Source{ID: "g1", Type: contacts.CardDAV, URL: "https://cloud.example.com"}, Given: true},
	}
	w := d.openBooks()
	if w.at.ID != "1" || !strings.Contains(w.about.Text, "184 people") {
		t.Fatalf("%+v, %q", w.at, w.about.Text)
	}
	d.press(w.again)
	d.press(w.remove)
	if d.agent.count("refresh source 1") != 1 || d.agent.count("remove source 1") != 0 {
		t.Errorf("%v", d.agent.asked)
	}
	d.press(w.remove)
	if d.agent.count("remove source 1") != 1 {
		t.Errorf("%v", d.agent.asked)
	}
	w.list.focus()
	press(w.list, fyne.KeyDown)
	if w.at.ID != "g1" || !w.remove.Disabled() || w.again.Disabled() {
		t.Errorf("%+v", w.at)
	}
	d.advance(longAfter)
	press(w.list, fyne.KeyReturn) // its form is filled, for a user of one's own
	if w.kind.code() != string(contacts.CardDAV) || w.address.text() != "https://cloud.example.com" {
		t.Errorf("%q %q", w.kind.code(), w.address.text())
	}

	// Nothing else can be pressed while something is read, and closing gives it up.
	d.agent.hold = make(chan struct{})
	d.advance(longAfter)
	press(w.test, fyne.KeyReturn)
	if !w.test.Disabled() || !w.again.Disabled() || !w.add.Disabled() {
		t.Error("more can be pressed")
	}
	w.hide()
	d.answered()
	if w.cancel != nil {
		t.Error("it goes on")
	}
}

// A path is taken as people have it.
func TestBooksPath(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	t.Setenv("USERPROFILE", "/home/anna")
	for text, want := range map[string]string{
		" /home/anna/a b.vcf ":        "/home/anna/a b.vcf",
		`"/home/anna/a b.vcf"`:        "/home/anna/a b.vcf",
		"file:///home/anna/a%20b.vcf": "/home/anna/a b.vcf",
		"~/a.vcf":                     "/home/anna/a.vcf",
		"people.vcf":                  "people.vcf",
	} {
		if runtime.GOOS == "windows" && strings.HasPrefix(text, "file:") {
			text, want = "file:///C:/a%20b.vcf", "C:/a b.vcf"
		}
		if got := filepath.ToSlash(pathIn(text)); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
	d := newDesk(t)
	d.agent.settings = account()
	w := d.openBooks()
	w.chosen("/home/anna/table.csv")
	if w.kind.code() != string(contacts.CSV) || !slices.Equal([]string{w.path.text()}, []string{filepath.FromSlash("/home/anna/table.csv")}) {
		t.Errorf("%q %q", w.kind.code(), w.path.text())
	}
}

// A file is found by going through folders, with the keyboard alone.
func TestBooksChoose(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"Zeta/deep/people.vcf", "Zeta/a.txt", "b.vcf", "a.csv", "notes.pdf", ".secret.vcf"} {
		path := filepath.Join(home, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	d := newDesk(t)
	d.agent.settings = account()
	w := d.openBooks()
	lists := func(want ...string) {
		t.Helper()
		var got []string
		for _, f := range w.browse.list.shown {
			got = append(got, f.name())
		}
		if !slices.Equal(got, append([]string{"Folder above"}, want...)) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	on := func(want string) {
		t.Helper()
		if b := w.browse; !b.list.has || b.list.shown[b.list.at].path != filepath.Join(home, filepath.FromSlash(want)) {
			t.Errorf("the keyboard is on %q, not on %q", b.list.shown[b.list.at].path, want)
		}
	}
	enter := func(keys ...fyne.KeyName) {
		t.Helper()
		for _, k := range keys {
			press(w.browse.list, k)
		}
		d.advance(longAfter)
		press(w.browse.list, fyne.KeyReturn)
		d.answered()
	}
	w.path.entry.SetText(filepath.Join(home, "b.vcf"))
	d.press(w.choose)
	lists("Zeta", "a.csv", "b.vcf")
	on("b.vcf")
	enter(fyne.KeyHome, fyne.KeyDown) // Zeta
	lists("deep", "a.txt")
	on("Zeta/deep")
	enter()
	lists("people.vcf")
	enter(fyne.KeyHome) // and up again
	on("Zeta/deep")
	enter(fyne.KeyHome)
	on("Zeta")
	enter(fyne.KeyDown)
	if w.kind.code() != string(contacts.CSV) || w.path.entry.Text != filepath.Join(home, "a.csv") || d.app.visible[w.browse.win] || w.win.Canvas().Focused() != w.test {
		t.Errorf("%s %q", w.kind.code(), w.path.entry.Text)
	}

	d.press(w.choose)
	d.press(w.browse.whole) // a folder of vCards
	if w.kind.code() != string(contacts.VCard) || w.path.entry.Text != home {
		t.Errorf("%s %q", w.kind.code(), w.path.entry.Text)
	}

	// What cannot be read leads nowhere but up, and what was asked for before it came is
	// not shown over what was asked for last.
	d.press(w.choose)
	w.browse.load(filepath.Join(home, "gone"), "")
	d.answered()
	lists()
	if w.browse.says.Text == "" || !w.browse.whole.Disabled() {
		t.Errorf("%q", w.browse.says.Text)
	}
	w.hide()
	if d.app.visible[w.browse.win] {
		t.Error("it stays over a window that is gone")
	}
}
