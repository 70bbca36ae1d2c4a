package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// input is the field of a setting in the settings, and what stands below it.
func (s *settingsWindow) input(key string) (fyne.Disableable, *widget.Label) {
	switch key {
	case fieldRegion:
		return s.numbers.region.entry, s.numbers.region.note
	case fieldPin:
		return s.form.forget, nil
	case fieldClipboard:
		return s.combos.clipboard, s.combos.clipboard.note
	case fieldRedial:
		return s.combos.redial, s.combos.redial.note
	case fieldSelection:
		return s.combos.selection, s.combos.selection.note
	}
	if r := s.form.rows[key]; r != nil {
		return r.entry, r.note
	}
	for _, rows := range []settingRows{s.form.others, s.others, s.numbers.settingRows, s.combos.settingRows, s.past, s.hooks.settingRows, s.phone.settingRows} {
		if r := rows.row(key); r != nil {
			return r.input.(fyne.Disableable), r.note
		}
	}
	return nil, nil
}

// TestLockedRows: what an administrator has locked cannot be changed in the settings,
// where it says who locked it, and all else can; without the lock it can again.
func TestLockedRows(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.CopiesHighlighted = true
	const place = "/etc/cornetta/policy.toml:7"
	var all []string
	for _, group := range []string{"", "keys", "numbers", "hooks", "colleagues", "account"} {
		for _, s := range config.Settings(group) {
			if s.Kind != setting.KindList {
				all = append(all, s.Key)
			}
		}
	}
	open := func(locked map[string]string) *settingsWindow {
		t.Helper()
		d.agent.settings.Locked = locked
		s := d.openSettings()
		d.answered()
		for _, key := range all {
			in, note := s.input(key)
			if in == nil {
				t.Fatalf("%s has no field", key)
			}
			if _, want := locked[key]; in.Disabled() != want {
				t.Errorf("locked: %v; %s is locked: %v", locked, key, in.Disabled())
			} else if said := note != nil && note.Text == words.LockedBy(place); said != want && note != nil {
				t.Errorf("%s, locked %v, says %q", key, want, note.Text)
			}
		}
		return s
	}
	for _, key := range all {
		s := open(map[string]string{key: place})
		press(s.cancel, fyne.KeyReturn)
	}
	s := open(nil)
	press(s.cancel, fyne.KeyReturn)

	// What was pasted together with a host does not change what is locked.
	s = open(map[string]string{fieldTLS: place, fieldPort: place})
	s.form.rows[fieldHost].entry.SetText("tls://other.example.com:6039")
	if a := s.form.value(); a.Host != "other.example.com" || a.TLS || a.Port != account().Account.Port {
		t.Errorf("%+v", a)
	}
	press(s.cancel, fyne.KeyReturn)

	// An agent that refuses all the same is heard.
	s = open(nil)
	d.agent.noSave = &status.Problem{Code: status.CodePolicyLocked, Field: fieldPort, Path: place}
	press(s.save, fyne.KeyReturn)
	d.answered()
	if !strings.Contains(s.outcome.Text, "Port is set by your administrator") || !strings.Contains(s.outcome.Text, place) {
		t.Errorf("%q", s.outcome.Text)
	}
}

// A policy that cannot be read is told where the settings are.
func TestDamagedPolicyIsTold(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Policy = &status.Problem{Code: status.CodePolicyDamaged, Path: "/etc/cornetta/policy.toml:3"}
	s := d.openSettings()
	if !strings.Contains(s.outcome.Text, "/etc/cornetta/policy.toml:3") {
		t.Errorf("%q", s.outcome.Text)
	}
}

// Which certificate is trusted is not for the person to say where an administrator does.
func TestLockedCertificate(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Account.TLS = true
	d.agent.settings.Locked = map[string]string{fieldPin: "/etc/cornetta/policy.toml:7"}
	d.agent.check = selfSigned
	s := d.openSettings()
	press(s.test, fyne.KeyReturn)
	d.answered()
	if s.check.cert.box.Visible() || s.check.do.Text != words.Text(words.SayPinLocked) {
		t.Errorf("asked about: %v; %q", s.check.cert.box.Visible(), s.check.do.Text)
	}
}

// TestAssistantAsksWhatIsLeft: with a whole account of an administrator's the password is
// all that is asked for; with a part of one, the rest.
func TestAssistantAsksWhatIsLeft(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	d.agent.settings.Given = true
	d.agent.settings.Locked = map[string]string{fieldHost: "/etc/cornetta/policy.toml:2"}
	w := d.openAssistant()
	d.answered()
	if w.win.Canvas().Focused() != fyne.Focusable(w.form.rows[fieldSecret].entry) {
		t.Errorf("the keyboard is at %v", w.win.Canvas().Focused())
	}
	w.form.rows[fieldSecret].entry.SetText("s3cret")
	press(w.next, fyne.KeyReturn)
	d.answered()
	press(w.next, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != 1 || d.agent.saved[0].Account != account().Account || d.agent.saved[0].Secret == nil || w.page != pageDone {
		t.Errorf("on page %d, saved %+v", w.page, d.agent.saved)
	}
}

func enrolment(id uint64, risk bool) channel.Show {
	e := channel.Enrolment{ID: id, For: "mrossi", Changes: []config.Change{
		{Key: fieldHost, Old: "old.example.com", New: "pbx.example.com"}, {Key: fieldPort, Old: "5039", New: "5038"},
	}}
	if risk {
		e.Changes = append(e.Changes, config.Change{Key: fieldTLS, Old: "true", New: "false", Risk: true},
			config.Change{Key: fieldPin, Old: strings.Repeat("ab", 32), Risk: true})
	}
	return channel.Show{Window: channel.WindowEnrolment, Enrolment: &e}
}

// TestEnrolmentWindow: each line is shown, and a yes takes its time; what takes away
// protection needs one of its own.
func TestEnrolmentWindow(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	d.raise(enrolment(1, false))
	w := d.app.enrolment
	if !w.change.Disabled() || w.risk.Visible() || len(w.lines.Objects) != 2 {
		t.Errorf("at once: %v, %v, %d", w.change.Disabled(), w.risk.Visible(), len(w.lines.Objects))
	}
	if got := w.lines.Objects[0].(*widget.Label).Text; got != "•  Host: old.example.com → pbx.example.com" {
		t.Errorf("%q", got)
	}
	d.advance(drawTime + callAfter)
	press(w.change, fyne.KeyReturn)
	d.answered()
	if d.agent.count("enrol 1 false") != 1 || d.app.visible[w.win] {
		t.Errorf("%v", d.agent.asked)
	}
	d.raise(enrolment(2, true))
	d.advance(drawTime + callAfter)
	if !w.change.Disabled() || !w.risk.Visible() {
		t.Error("what takes away protection is not asked about by itself")
	}
	w.meant.SetChecked(true)
	press(w.change, fyne.KeyReturn)
	d.answered()
	if d.agent.count("enrol 2 true") != 1 {
		t.Errorf("%v", d.agent.asked)
	}
	d.show(enrolment(3, true))
	if w.meant.Checked || !w.change.Disabled() {
		t.Error("the next one is agreed to already")
	}
	w.keys.escape()
	if d.app.visible[w.win] || d.agent.count("enrol 3 true") != 0 {
		t.Error("Escape is no no")
	}
}
