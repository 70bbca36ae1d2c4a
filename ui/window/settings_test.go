package window

import (
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
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
	d.agent.save = channel.Saved{Warning: &status.Problem{Code: status.CodeKeyring}}
	press(s.save, fyne.KeyReturn)
	d.answered()
	if got := d.agent.saved[1].Secret; got == nil || *got != "new" {
		t.Errorf("secret %v", got)
	}
	if !d.app.visible[s.win] || !strings.Contains(s.outcome.Text, words.ProblemText(d.agent.save.Warning)) {
		t.Errorf("outcome %q", s.outcome.Text)
	}
}

func TestSettingsPointAtTheFieldTheAgentRefuses(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.noSave = &status.Problem{Code: status.CodeField, Field: fieldUsername, Fault: config.CodeInvalid}
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
	if s.check.what.Text != words.Text(words.SayCheckOK) || s.test.Disabled() {
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
	d.agent.settings.Connection = config.ConnectionKept
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	link := s.others.row(fieldLink)
	if shown := link.input.(*choice).Selected; shown != words.FieldValue(fieldLink, string(config.ConnectionKept)) {
		t.Errorf("shown: %q", shown)
	}
	press(s.save, fyne.KeyReturn)
	d.answered()
	d.show(channel.Show{Window: channel.WindowSettings})
	link.show(string(config.ConnectionOnDemand))
	press(s.save, fyne.KeyReturn)
	d.answered()

	w := d.openAssistant()
	fillLogin(w.form)
	w.form.rows[fieldExtension].entry.SetText("7101")
	w.turn(pagePrefix)
	w.goOn()
	d.answered()
	var links []config.ConnectionMode
	for _, e := range d.agent.saved {
		links = append(links, e.Link)
	}
	// Empty: the one that is stored stays.
	if want := []config.ConnectionMode{config.ConnectionKept, config.ConnectionOnDemand, ""}; !slices.Equal(links, want) {
		t.Errorf("saved %q, want %q", links, want)
	}
}

// TestSectionsByKeyboard: from every field, and on the bar of the tabs itself.
func TestSectionsByKeyboard(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	down := &desktop.CustomShortcut{KeyName: fyne.KeyPageDown, Modifier: fyne.KeyModifierControl}
	up := &desktop.CustomShortcut{KeyName: fyne.KeyPageUp, Modifier: fyne.KeyModifierControl}
	typed := func(sc fyne.Shortcut) { // as Fyne's driver hands it on; the test's has no canvas with shortcuts
		if to, ok := s.win.Canvas().Focused().(fyne.Shortcutable); ok {
			to.TypedShortcut(sc)
		} else {
			s.keys.shortcut(sc)
		}
	}
	at := func(section int, o fyne.Focusable) {
		t.Helper()
		if s.section() != section || s.win.Canvas().Focused() != o || s.test.Visible() != (section == sectionAccount) {
			t.Errorf("section %d, focus on %T", s.section(), s.win.Canvas().Focused())
		}
	}
	at(sectionAccount, s.form.rows[fieldHost].entry)
	for _, section := range []int{sectionNumbers, sectionKeys, sectionStart, sectionHooks, sectionPhone, sectionAccount, sectionNumbers} {
		typed(down)
		at(section, s.first(section))
	}
	for _, o := range []fyne.Focusable{s.numbers.row(fieldLength).input, s.numbers.row(fieldPlus).input, s.save} {
		s.win.Canvas().Focus(o)
		typed(up)
		at(sectionAccount, s.first(sectionAccount))
		typed(down)
	}
	// While it is what a key field takes it turns nothing.
	s.turn(sectionKeys)
	s.combos.clipboard.capture()
	s.combos.clipboard.held = func() fyne.KeyModifier { return fyne.KeyModifierControl }
	s.combos.clipboard.KeyDown(&fyne.KeyEvent{Name: fyne.KeyPageUp})
	typed(up)
	at(sectionKeys, s.combos.clipboard)
	if s.combos.clipboard.value != "Ctrl+PageUp" {
		t.Errorf("took %q", s.combos.clipboard.value)
	}
	s.combos.leave()
	d.answered()

	s.win.Canvas().FocusPrevious() // with Shift+Tab
	if s.win.Canvas().Focused() != fyne.Focusable(s.bar) || s.bar.line.FillColor == color.Transparent {
		t.Fatalf("focus on %T", s.win.Canvas().Focused())
	}
	for _, tc := range []struct {
		key     fyne.KeyName
		section int
	}{{fyne.KeyLeft, sectionNumbers}, {fyne.KeyEnd, sectionPhone}, {fyne.KeyRight, sectionPhone}, {fyne.KeyHome, sectionAccount}, {fyne.KeyLeft, sectionAccount}, {fyne.KeyRight, sectionNumbers}} {
		press(s.bar, tc.key)
		at(tc.section, s.bar)
	}
	press(s.bar, fyne.KeyReturn)
	at(sectionNumbers, s.numbers.region.entry)
	press(s.bar, fyne.KeyEscape)
	if d.app.visible[s.win] {
		t.Error("Esc does not hide the window")
	}
}
