package window

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cornetta/dialer/config"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

func TestAHiddenWindowForgetsTheSecret(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	fillLogin(w.form)
	w.hide()
	if got := w.form.rows[fieldSecret].entry.Text; got != "" {
		t.Errorf("the assistant still has %q", got)
	}
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	s.form.rows[fieldSecret].entry.SetText("s3cret")
	press(s.cancel, fyne.KeyReturn)
	if got := s.form.rows[fieldSecret].entry.Text; got != "" {
		t.Errorf("the settings still have %q", got)
	}
}

func TestSettingsAreSavedWithoutTheSecretUnlessItWasTyped(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	if got := s.form.value(); got != account().Account {
		t.Errorf("shown %+v, want %+v", got, account().Account)
	}
	s.form.rows[fieldTimeout].entry.SetText("25")
	press(s.form.rows[fieldTimeout].entry, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != 1 || d.agent.saved[0].Secret != nil ||
		d.agent.saved[0].Account.Timeout != config.Duration(25*time.Second) || d.app.visible[s.win] {
		t.Errorf("saved %+v", d.agent.saved)
	}
	d.show(channel.Show{Window: channel.WindowSettings})
	s.form.rows[fieldSecret].entry.SetText("new")
	d.agent.save = channel.Saved{Warning: &channel.Problem{Kind: channel.KindSecret, Code: channel.SecretTimeout}}
	press(s.save, fyne.KeyReturn)
	d.answered()
	if got := d.agent.saved[1].Secret; got == nil || *got != "new" {
		t.Errorf("secret %v", got)
	}
	if !d.app.visible[s.win] || !strings.Contains(s.outcome.Text, problemText(d.agent.save.Warning)) {
		t.Errorf("outcome %q", s.outcome.Text)
	}
}

func TestSettingsPointAtTheFieldTheAgentRefuses(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.save = channel.Saved{Problem: &channel.Problem{Kind: channel.KindField, Field: fieldUsername, Code: config.CodeInvalid}}
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	press(s.save, fyne.KeyReturn)
	d.answered()
	r := s.form.rows[fieldUsername]
	if r.note.Text != words.FieldError(fieldUsername, config.CodeInvalid).String() ||
		s.win.Canvas().Focused() != fyne.Focusable(r.entry) || !d.app.visible[s.win] {
		t.Errorf("note %q", r.note.Text)
	}
}

func TestSettingsCheckWhatStandsInThem(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	s.form.rows[fieldHost].entry.SetText("pbx2.example.com")
	press(s.test, fyne.KeyReturn)
	d.answered()
	if len(d.agent.checked) != 1 || d.agent.checked[0].Account.Host != "pbx2.example.com" || len(d.agent.saved) != 0 {
		t.Errorf("checked %+v, saved %+v", d.agent.checked, d.agent.saved)
	}
	if s.check.what.Text != textCheckOK || s.test.Disabled() {
		t.Errorf("outcome %q", s.check.what.Text)
	}
}

func TestNothingIsAskedAfterClose(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("1")
	d.app.Close()
	press(w.number, fyne.KeyReturn)
	d.pump()
	if d.agent.count("dial 1") != 0 {
		t.Error("dialled after the end")
	}
}

func TestTheLinkIsChosenInTheSettingsAlone(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Link = config.LinkKept
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	link := s.others.row(fieldLink)
	if shown := link.input.(*choice).Selected; shown != words.FieldValue(fieldLink, string(config.LinkKept)) {
		t.Errorf("shown: %q", shown)
	}
	press(s.save, fyne.KeyReturn)
	d.answered()
	d.show(channel.Show{Window: channel.WindowSettings})
	link.show(string(config.LinkOnDemand))
	press(s.save, fyne.KeyReturn)
	d.answered()

	w := d.openAssistant()
	fillLogin(w.form)
	w.form.rows[fieldExtension].entry.SetText("7101")
	w.turn(pagePrefix)
	w.goOn()
	d.answered()
	var links []config.LinkMode
	for _, e := range d.agent.saved {
		links = append(links, e.Link)
	}
	// Empty: the one that is stored stays.
	if want := []config.LinkMode{config.LinkKept, config.LinkOnDemand, ""}; !slices.Equal(links, want) {
		t.Errorf("saved %q, want %q", links, want)
	}
}
