package window

import (
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// offices are the settings of who has two accounts.
func offices() channel.Settings {
	v := account()
	v.Account.Name, v.Accounts = "Office", []string{"Lab", "Office"}
	return v
}

// TestOneAccount: who has one is offered another one, and nothing else of it.
func TestOneAccount(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Accounts = []string{""}
	s := d.openSettings()
	name := s.form.others.row("name")
	if !s.list.box.Visible() || s.list.pick.Visible() || s.list.remove.Visible() || !s.list.add.Visible() || name.label.Visible() || name.cell.Visible() {
		t.Error("there is something to choose")
	}
	if e := d.save(s); e.Of == nil || *e.Of != "" || e.Add || e.Account.Name != "" {
		t.Errorf("%+v", e)
	}
	fresh := newDesk(t)
	if s := fresh.openSettings(); s.list.box.Visible() {
		t.Error("one more is offered to who has none")
	}
}

// TestAccountsInTheSettings: another account is put in use at once, unless something would
// be lost; what is saved is said to be of the one that was shown.
func TestAccountsInTheSettings(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = offices(), inKeyring
	s := d.openSettings()
	if s.list.pick.code() != "Office" || !s.list.remove.Visible() {
		t.Errorf("in use is %q", s.list.pick.code())
	}
	extension := s.form.rows[fieldExtension].entry
	was := extension.Text
	extension.SetText("7102")
	s.list.pick.pick("Lab")
	d.answered()
	if d.agent.count("use Lab") != 0 || s.list.pick.code() != "Office" || s.outcome.Text != words.Text(words.SaySaveFirst) {
		t.Errorf("in use is %q: %s", s.list.pick.code(), s.outcome.Text)
	}
	press(s.list.add, fyne.KeyReturn)
	if d.app.assistant != nil {
		t.Error("one more is added, and what was typed is lost")
	}
	extension.SetText(was)
	s.list.pick.pick("Lab")
	d.answered()
	if d.agent.count("use Lab") != 1 || s.list.pick.code() != "Lab" || s.save.Disabled() {
		t.Errorf("in use is %q", s.list.pick.code())
	}
	s.form.others.row("name").show("Workshop")
	d.advance(drawTime + callAfter)
	if e := d.save(s); *e.Of != "Lab" || e.Account.Name != "Workshop" {
		t.Errorf("%q, %+v", *e.Of, e.Account)
	}
}

// TestAccountIsRemoved: it takes two presses, and says what went wrong.
func TestAccountIsRemoved(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = offices(), inKeyring
	s := d.openSettings()
	press(s.list.remove, fyne.KeyReturn)
	d.answered()
	if d.agent.count("remove Office") != 0 || s.list.remove.Text != words.Text(words.LabelRemoveSure) {
		t.Error("it was removed by one press")
	}
	d.agent.noSave = trouble(status.CodeSettingsReadOnly)
	press(s.list.remove, fyne.KeyReturn)
	d.answered()
	if d.agent.count("remove Office") != 1 || s.outcome.Text != words.ProblemText(d.agent.noSave) || s.list.remove.Text != words.Text(words.LabelRemoveAccount) {
		t.Errorf("%q", s.outcome.Text)
	}
}

// TestOneMoreAccount: the assistant begins with nothing of the account in use but what an
// administrator has locked, and says that it is one more.
func TestOneMoreAccount(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = offices(), inKeyring
	d.agent.settings.Locked = map[string]string{"tenant": "/etc/cornetta/policy.toml:2"}
	s := d.openSettings()
	press(s.list.add, fyne.KeyReturn)
	d.answered()
	a := d.app.assistant
	if a == nil || d.app.visible[s.win] || !a.adding || a.form.text(fieldHost) != "" || a.form.text(fieldTenant) != d.agent.settings.Account.Tenant {
		t.Fatalf("%+v", a)
	}
	if a.problem.Text != words.Text(words.SayAddAccount) {
		t.Error(a.problem.Text)
	}
	for name, text := range map[string]string{fieldHost: "lab.example.com", fieldUsername: "c2c", fieldSecret: "x", fieldExtension: "212"} {
		a.form.rows[name].entry.SetText(text)
	}
	a.page = pagePrefix
	a.save()
	d.answered()
	saved := d.agent.saved[len(d.agent.saved)-1]
	if !saved.Add || saved.Of != nil || saved.Account.Host != "lab.example.com" || saved.Account.Name != "" {
		t.Errorf("%+v", saved)
	}
	a.hide()
	// The next time it is about the one in use again.
	d.show(channel.Show{Window: channel.WindowAssistant})
	if a.adding || a.form.text(fieldHost) == "" {
		t.Error("it adds one more")
	}
}

// TestAnotherAccountReadsAnew: what stands in the dial window is read by the rules of the
// account that is in use now.
func TestAnotherAccountReadsAnew(t *testing.T) {
	d := newDesk(t)
	d.openDial("0501234567")
	d.answered()
	shown := len(d.agent.shown)
	d.push(status.Snapshot{Connection: status.Ready, Account: "Office"})
	d.answered()
	if len(d.agent.shown) == shown {
		t.Error("it is not read again")
	}
	shown = len(d.agent.shown)
	d.push(status.Snapshot{Connection: status.Connected, Account: "Office"})
	d.answered()
	if len(d.agent.shown) != shown {
		t.Error("it is read again for nothing")
	}
}
