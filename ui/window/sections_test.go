package window

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// openSettings shows the settings of somebody with an account.
func (d *desk) openSettings() *settingsWindow {
	d.t.Helper()
	if d.agent.settings.Account.IsZero() {
		d.agent.settings, d.agent.secret = account(), inKeyring
	}
	d.show(channel.Show{Window: channel.WindowSettings})
	return d.app.settings
}

// save presses Save and returns what was saved.
func (d *desk) save(s *settingsWindow) channel.Edit {
	d.t.Helper()
	n := len(d.agent.saved)
	press(s.save, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != n+1 {
		d.t.Fatalf("saved %d times: %q", len(d.agent.saved)-n, s.outcome.Text)
	}
	return d.agent.saved[n]
}

// TestSettingsDoNotWait for a keyring or a desktop that hangs: what is known is
// shown and can be changed at once.
func TestSettingsDoNotWait(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), channel.SecretView{Where: channel.SecretSession}
	d.agent.registered = channel.Registered{Register: channel.Register{Autostart: true}, Other: "Linphone"}
	d.agent.hold = make(chan struct{})
	d.app.Show(channel.Show{Window: channel.WindowSettings})
	d.until("the settings", func() bool { s := d.app.settings; return s != nil && d.app.visible[s.win] })
	s := d.app.settings
	password := s.form.rows[fieldSecret]
	if got := s.form.text(fieldHost); got != "pbx.example.com" || s.save.Disabled() || password.entry.PlaceHolder != words.Text(words.SayAskingKeyring) {
		t.Errorf("host %q, Save disabled: %v, password %q", got, s.save.Disabled(), password.entry.PlaceHolder)
	}
	if s.start.links.Disabled() == false || s.start.value() != nil {
		t.Error("what is not known can be switched")
	}
	close(d.agent.hold)
	d.answered()
	if password.entry.PlaceHolder != words.Text(words.SayInSession) {
		t.Errorf("password %q", password.entry.PlaceHolder)
	}
	if s.start.links.Disabled() || s.start.links.Checked || !s.start.autostart.Checked || !strings.Contains(s.start.linksNote.Text, "Linphone") {
		t.Errorf("links %v, start %v, %q", s.start.links.Checked, s.start.autostart.Checked, s.start.linksNote.Text)
	}
}

func TestAPasswordThatIsMissingIsAskedFor(t *testing.T) {
	for _, tc := range []struct {
		none *status.Problem
		says string
	}{
		{nil, ""},
		{&status.Problem{Code: status.CodeKeyring}, words.Text(words.SayKeyringSilent)},
	} {
		d := newDesk(t)
		d.agent.settings, d.agent.noSecret = account(), tc.none
		d.show(channel.Show{Window: channel.WindowSettings})
		s := d.app.settings
		r := s.form.rows[fieldSecret]
		if s.win.Canvas().Focused() != fyne.Focusable(r.entry) || r.note.Text != tc.says {
			t.Errorf("%v: focus on %T, note %q", tc.none, s.win.Canvas().Focused(), r.note.Text)
		}
		press(s.save, fyne.KeyReturn)
		d.answered()
		if missing := tc.none == nil; missing == (len(d.agent.saved) == 1) {
			t.Errorf("%v: saved %d times", tc.none, len(d.agent.saved))
		}
	}
}

// TestNumbersInTheSettings: what stands in the form is tried before it is saved,
// and saved as it was tried.
func TestNumbersInTheSettings(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Numbers.LocalContexts = []string{"pbx.example.com"} // has no field
	s := d.openSettings()
	n := s.numbers
	if got := n.value(); !slices.Equal(got.LocalContexts, []string{"pbx.example.com"}) || got.Region != "IT" || !got.HomeNational {
		t.Errorf("shown %+v", got)
	}
	n.region.entry.SetText("Germany")
	for key, value := range map[string]string{
		fieldPlus: number.PlusKeep, fieldLength: "6", fieldTyped: number.TypedPublic, fieldHome: "false",
		fieldConfirm: number.ConfirmTrusted, fieldCodes: number.CodesBlock,
	} {
		n.row(key).show(value)
	}
	s.form.rows[fieldPrefix].entry.SetText("9")
	n.tester.source.pick("tel")
	n.tester.entry.SetText("tel:+49-30-1234567")
	d.answered()
	want := number.Settings{
		Region: "DE", Plus: number.PlusKeep, ExtMaxLen: 6, TypedIs: number.TypedPublic, TypedLine: number.LineAsk,
		Confirm: number.ConfirmTrusted, LinkFeatureCodes: number.CodesBlock, LocalContexts: []string{"pbx.example.com"},
	}
	same := func(a, b number.Settings) bool {
		equal := slices.Equal(a.LocalContexts, b.LocalContexts)
		a.LocalContexts, b.LocalContexts = nil, nil
		return equal && a.Region == b.Region && a.Plus == b.Plus && a.Confirm == b.Confirm && a.ExtMaxLen == b.ExtMaxLen &&
			a.TypedIs == b.TypedIs && a.TypedLine == b.TypedLine && a.HomeNational == b.HomeNational && a.LinkFeatureCodes == b.LinkFeatureCodes
	}
	if n.tester.number.String() != "+49 30 1234567" || n.tester.line.Text != words.Text(words.SayCalledAtOnce) || len(n.tester.steps.Objects) != 4 {
		t.Errorf("shown %q, %q, %d steps", n.tester.number.String(), n.tester.line.Text, len(n.tester.steps.Objects))
	}
	// Whatever is changed is tried at once, also the outside line.
	n.row(fieldPlus).show(number.PlusZeros)
	if got := n.tester.number.String(); got != "9 00 49 30 1234567" {
		t.Errorf("tried with the outside line 9: %q", got)
	}
	n.row(fieldPlus).show(number.PlusKeep)
	s.form.rows[fieldPrefix].entry.SetText("8")
	n.tester.source.pick("clipboard")
	n.tester.entry.SetText("7102 345")
	if got := n.tester.number.String(); got != "8 7102345" {
		t.Errorf("tried with the outside line 8: %q", got)
	}
	n.tester.entry.SetText("call me")
	d.answered()
	if n.tester.digits.Visible() || n.tester.line.Text != words.NumberError(string(number.NotANumber)).String() {
		t.Errorf("what is no number: %v, %q", n.tester.digits.Visible(), n.tester.line.Text)
	}
	if e := d.save(s); !same(*e.Numbers, want) || e.Account.Prefix != "8" || e.Keys != nil || e.Register != nil {
		t.Errorf("saved %+v %+v", e, e.Numbers)
	}
}

// TestTheTester: what it shows is what stands there, whatever stood there before.
func TestTheTester(t *testing.T) {
	d := newDesk(t)
	tester := d.openSettings().numbers.tester
	var labels func(in *fyne.Container) []string
	labels = func(in *fyne.Container) (all []string) {
		for _, o := range in.Objects {
			switch o := o.(type) {
			case *widget.Label:
				all = append(all, o.Text)
			case *fyne.Container:
				all = append(all, labels(o)...)
			}
		}
		return all
	}
	steps := func() []string { return labels(tester.steps) }
	for text, want := range map[string]string{
		"7102":                         words.Text(words.SayCalledAtOnce),
		"\u202e050 123402\n":           words.NumberError(string(number.BidiOverride)).String(),
		"899 123456":                   words.Text(words.SayAskedFirst) + " " + words.NumberReasons([]string{"premium"}),
		"+44 20 7946 0018":             words.Text(words.SayAskedFirst) + " " + words.NumberReasons([]string{"international:GB"}),
		"050 123402, (050) 123403":     words.NumberError(string(number.MultipleNumbers)).String(),
		strings.Repeat("0123456 ", 99): words.NumberError(string(number.TooLong)).String(),
	} {
		tester.entry.SetText(text)
		if tester.line.Text != want {
			t.Errorf("%q: %q, want %q", text, tester.line.Text, want)
		}
		for _, s := range steps() {
			if strings.ContainsAny(s, "\n\u202e") || len([]rune(s)) > 120 {
				t.Errorf("%q: shown as %q", text, s)
			}
		}
	}
	tester.entry.SetText("050 123402, (050) 123403")
	if got := steps(); !slices.Contains(got, words.Text(words.SayFound)) || !slices.Contains(got, "(050) 123403") {
		t.Errorf("found %q", got)
	}
	tester.entry.SetText("")
	if tester.digits.Visible() || tester.line.Text != words.Text(words.SayTryIt) {
		t.Errorf("nothing to try: %q", tester.line.Text)
	}
}

func TestCountries(t *testing.T) {
	d := newDesk(t)
	s := d.openSettings()
	p := s.numbers.region
	s.focus(sectionNumbers, p.entry)
	for _, tc := range []struct {
		typed, code string
		listed      string
	}{
		{"united", "IT", "GB US"}, // until one is chosen the one before counts
		{"kingdom", "IT", "GB"},
		{"gr", "GR", ""}, // a code
		{"Greece", "GR", ""},
		{"GREECE (gr)", "GR", ""},
		{"", "", ""},
		{"Atlantis", "", ""},
		{"german", "", "DE"},
	} {
		if tc.typed == "united" || tc.typed == "gr" {
			p.set("IT")
		}
		p.entry.SetText(tc.typed)
		var codes []string
		for _, c := range p.list.shown {
			codes = append(codes, c.code)
		}
		if p.code != tc.code || strings.Join(codes, " ") != tc.listed || p.frame.Visible() != (tc.listed != "") {
			t.Errorf("%q: %q, listed %q", tc.typed, p.code, codes)
		}
	}
	// Who goes on with one that fits means it; who goes on with none is told.
	s.win.Canvas().Focus(s.numbers.row(fieldLength).input)
	if p.code != "DE" || p.entry.Text != "Germany (DE)" || p.frame.Visible() {
		t.Errorf("left: %q, %q", p.code, p.entry.Text)
	}
	s.win.Canvas().Focus(p.entry)
	p.entry.SetText("Atlantis")
	s.turn(sectionKeys)
	press(s.save, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != 0 || s.section() != sectionNumbers || s.win.Canvas().Focused() != fyne.Focusable(p.entry) ||
		p.note.Text != words.FieldError(fieldRegion, config.CodeInvalid).String() {
		t.Errorf("saved %d times, section %d, note %q", len(d.agent.saved), s.section(), p.note.Text)
	}
	// Esc closes the list, then the window.
	p.entry.SetText("united")
	press(p.entry, fyne.KeyEscape)
	if p.frame.Visible() || !d.app.visible[s.win] {
		t.Error("Esc closed more than the list")
	}
	press(p.entry, fyne.KeyDown)
	press(p.list, fyne.KeyDown)
	press(p.list, fyne.KeyReturn)
	if p.code != p.all[1].code || s.win.Canvas().Focused() != fyne.Focusable(p.entry) {
		t.Errorf("picked %q", p.code)
	}
	press(p.entry, fyne.KeyEscape)
	if d.app.visible[s.win] {
		t.Error("Esc did not close the window")
	}
}

// hold has the keyField see modifiers, and down presses a key.
func down(f *keyField, held fyne.KeyModifier, name fyne.KeyName) {
	f.held = func() fyne.KeyModifier { return held }
	f.KeyDown(&fyne.KeyEvent{Name: name})
	f.TypedKey(&fyne.KeyEvent{Name: name})
	f.KeyUp(&fyne.KeyEvent{Name: name})
}

func TestKeysAreSetByPressingThem(t *testing.T) {
	const ctrl, alt, shift, super = fyne.KeyModifierControl, fyne.KeyModifierAlt, fyne.KeyModifierShift, fyne.KeyModifierSuper
	for _, tc := range []struct {
		name string
		held fyne.KeyModifier
		key  fyne.KeyName
		want string // "" for none, "-" where it goes on waiting
	}{
		{"as most", ctrl | alt, fyne.KeyJ, "Ctrl+Alt+J"},
		{"all of them", ctrl | alt | shift | super, fyne.Key7, "Ctrl+Alt+Shift+Super+7"},
		{"a function key with Shift", shift, fyne.KeyF9, "Shift+F9"},
		{"a function key alone", 0, fyne.KeyF9, "-"},
		{"a letter alone", 0, fyne.KeyJ, "-"},
		{"a capital", shift, fyne.KeyJ, "-"},
		{"a sign", ctrl, fyne.KeySemicolon, "-"},
		{"no key that Fyne knows", ctrl, fyne.KeyUnknown, "-"},
		{"a modifier", ctrl, desktop.KeyControlLeft, "-"},
		{"Tab", super, fyne.KeyTab, "Super+Tab"},
		{"Page Up", ctrl, fyne.KeyPageUp, "Ctrl+PageUp"},
		{"Enter", ctrl, fyne.KeyReturn, "Ctrl+Enter"},
		{"Escape", 0, fyne.KeyEscape, "Ctrl+Alt+G"},
		{"Delete", 0, fyne.KeyDelete, ""},
		{"Backspace", 0, fyne.KeyBackspace, ""},
		{"Delete with others", ctrl | alt, fyne.KeyDelete, "Ctrl+Alt+Delete"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t)
			s := d.openSettings()
			f := s.combos.clipboard
			s.focus(sectionKeys, f)
			press(f, fyne.KeySpace)
			if !f.capturing() || !f.AcceptsTab() {
				t.Fatal("no keys are awaited")
			}
			down(f, tc.held, tc.key)
			if waits := tc.want == "-"; f.capturing() != waits {
				t.Errorf("still waiting: %v; %q", f.capturing(), f.note.Text)
			} else if !waits && f.value != tc.want {
				t.Errorf("%q, want %q", f.value, tc.want)
			}
			if !d.app.visible[s.win] {
				t.Error("the window is gone")
			}
			f.leave()
			d.answered() // with what the agent waited for
		})
	}
}

func TestKeysInTheSettings(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.KeyTroubles = map[string]channel.KeyTrouble{
		fieldClipboard: {Problem: status.Problem{Code: status.CodeKeysNoPortal}, Command: "cornetta dial --clipboard"},
	}
	s := d.openSettings()
	f, other := s.combos.clipboard, s.combos.selection
	if !strings.Contains(f.note.Text, "“cornetta dial --clipboard”") || other.Text != words.Text(words.LabelNoKeys) || other.note.Text != words.Text(words.SayKeysOff) {
		t.Errorf("%q, %q %q", f.note.Text, other.Text, other.note.Text)
	}
	// Those in force reach the agent alone.
	s.focus(sectionKeys, other)
	press(other, fyne.KeyReturn)
	d.agent.pressed <- "Ctrl+Alt+G"
	d.answered()
	if other.value != "Ctrl+Alt+G" || other.note.Text != words.Text(words.SayKeysTwice) {
		t.Errorf("%q, %q", other.value, other.note.Text)
	}
	press(s.save, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != 0 || s.win.Canvas().Focused() != fyne.Focusable(other) {
		t.Error("saved one combination for both")
	}
	// Who looks elsewhere has given up.
	begun, given := d.agent.count("await keys"), d.agent.count("awaited in vain")
	press(other, fyne.KeyReturn)
	d.until("the agent to wait", func() bool { return d.agent.count("await keys") == begun+1 })
	s.win.Canvas().Focus(f)
	d.answered()
	if other.capturing() {
		t.Error("keys are still awaited")
	}
	d.until("the agent to know", func() bool { return d.agent.count("awaited in vain") == given+1 })
	press(other, fyne.KeyReturn)
	down(other, fyne.KeyModifierControl|fyne.KeyModifierAlt, fyne.KeyT)
	d.answered()
	if other.value != "Ctrl+Alt+T" || d.agent.count("keys Ctrl+Alt+T") != 1 || !strings.HasPrefix(other.note.Text, "Another program") ||
		strings.Contains(other.note.Text, "Settings") {
		t.Errorf("%q, %q", other.value, other.note.Text)
	}
	// It may be saved all the same, and then the window stays and says so.
	d.agent.save = channel.Saved{KeyTroubles: map[string]channel.KeyTrouble{fieldSelection: {Problem: status.Problem{Code: status.CodeKeysTaken}}}}
	want := d.agent.settings.Keys
	want.Selection = "Ctrl+Alt+T"
	if e := d.save(s); e.Keys == nil || *e.Keys != want {
		t.Errorf("saved %+v", e.Keys)
	}
	if !d.app.visible[s.win] || s.outcome.Text != words.Text(words.SaySavedKeys) || f.note.Text != words.Text(words.SayKeysInForce) || !strings.Contains(other.note.Text, "Another program") {
		t.Errorf("%q, %q, %q", s.outcome.Text, f.note.Text, other.note.Text)
	}
}

// The switch for copying is there only where the system needs it, and what was
// chosen stays where it is not.
func TestCopyingIsOfferedWhereItIsNeeded(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Keys.CopyHighlighted = true
	s := d.openSettings()
	if s.combos.row(fieldCopying).cell.Visible() {
		t.Error("it is offered where nothing needs it")
	}
	s.combos.selection.value = "F8"
	if e := d.save(s); e.Keys == nil || !e.Keys.CopyHighlighted {
		t.Errorf("saved %+v", e.Keys)
	}
	d.agent.settings.Keys.CopyHighlighted, d.agent.settings.CopiesHighlighted = false, true
	s = d.openSettings()
	if !s.combos.row(fieldCopying).cell.Visible() || (s.combos.row(fieldCopying).text() == "true") {
		t.Errorf("visible %v, checked %v", s.combos.row(fieldCopying).cell.Visible(), (s.combos.row(fieldCopying).text() == "true"))
	}
	if e := d.save(s); e.Keys != nil {
		t.Errorf("saved what nobody changed: %+v", e.Keys)
	}
	s = d.openSettings()
	s.combos.row(fieldCopying).show("true")
	want := d.agent.settings.Keys
	want.CopyHighlighted = true
	if e := d.save(s); e.Keys == nil || *e.Keys != want {
		t.Errorf("saved %+v", e.Keys)
	}
}

func TestSwitchesAreSavedOnlyWhenSwitched(t *testing.T) {
	d := newDesk(t)
	d.agent.registered = channel.Registered{Register: channel.Register{Links: true}}
	s := d.openSettings()
	s.start.autostart.SetChecked(true)
	if e := d.save(s); e.Register == nil || *e.Register != (channel.Register{Links: true, Autostart: true}) {
		t.Errorf("saved %+v", e.Register)
	}
	d.agent.noDesktop = &status.Problem{Code: status.CodeUnsupported}
	s = d.openSettings()
	if !s.start.links.Disabled() || s.start.note.Text == "" || d.save(s).Register != nil {
		t.Errorf("where it is not known how: %q", s.start.note.Text)
	}
}

// TestNumbersWithoutAnAccount: what has nothing to do with a PBX can be chosen
// before there is one.
func TestNumbersWithoutAnAccount(t *testing.T) {
	d := newDesk(t)
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	s.numbers.row(fieldLength).show("5")
	if e := d.save(s); e.Account != (config.Account{}) || e.Numbers.ExtMaxLen != 5 {
		t.Errorf("saved %+v", e)
	}
	d.show(channel.Show{Window: channel.WindowSettings})
	s.form.rows[fieldUsername].entry.SetText("c2c")
	press(s.save, fyne.KeyReturn)
	d.answered()
	if len(d.agent.saved) != 1 || s.form.rows[fieldHost].note.Text == "" {
		t.Error("half an account was saved")
	}
}

func TestAFaultLeadsToItsSection(t *testing.T) {
	d := newDesk(t)
	s := d.openSettings()
	s.turn(sectionKeys)
	s.numbers.row(fieldLength).show("40")
	press(s.save, fyne.KeyReturn)
	if s.section() != sectionNumbers || s.numbers.row(fieldLength).note.Text != words.FieldError(fieldLength, config.CodeRange).String() {
		t.Errorf("section %d, %q", s.section(), s.numbers.row(fieldLength).note.Text)
	}
	s.numbers.row(fieldLength).show("4")
	s.form.rows[fieldPrefix].entry.SetText("*21")
	s.turn(sectionStart)
	press(s.save, fyne.KeyReturn)
	if s.section() != sectionNumbers || s.win.Canvas().Focused() != fyne.Focusable(s.form.rows[fieldPrefix].entry) {
		t.Errorf("section %d", s.section())
	}
	s.form.rows[fieldPrefix].entry.SetText("0")
	for field, section := range map[string]int{
		fieldRegion: sectionNumbers, fieldConfirm: sectionNumbers, fieldSelection: sectionKeys,
		fieldHost: sectionAccount, fieldPrefix: sectionNumbers, "on_ended": sectionHooks, "incoming": sectionPhone,
	} {
		s.turn(sectionStart)
		d.agent.noSave = &status.Problem{Code: status.CodeField, Field: field, Fault: config.CodeInvalid}
		press(s.save, fyne.KeyReturn)
		d.answered()
		if s.section() != section || s.win.Canvas().Focused() == nil || !d.app.visible[s.win] {
			t.Errorf("%s: section %d", field, s.section())
		}
	}
}

// TestOtherDigitsAreSeenFirst: where the settings were changed behind the window,
// the digits of now are shown before anything is dialled.
func TestOtherDigitsAreSeenFirst(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("12345")
	// What would be dialled is not what is shown any more.
	d.agent.outside, d.agent.stale = "9", uint64(len(d.agent.shown))
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 12345"); n != 0 || w.line.Text != "Will dial 9 12345" || w.call.Text != words.Text(words.LabelCall) {
		t.Errorf("dialled %d times; %q, %q", n, w.line.Text, w.call.Text)
	}
	d.advance(repeatTime)
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 12345"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// TestWhatIsTypedIsReadAnew after a save: the digits that are shown are the ones
// that would be dialled now.
func TestWhatIsTypedIsReadAnew(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("+39 050 1234")
	s := d.openSettings()
	w.line.SetText("stale")
	d.save(s)
	if w.line.Text != "Will dial 0 00390501234" {
		t.Errorf("shown %q", w.line.Text)
	}
}
