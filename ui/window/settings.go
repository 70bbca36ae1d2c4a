package window

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// The sections of the settings.
const (
	sectionAccount = iota
	sectionNumbers
	sectionKeys
	sectionStart
	sectionHooks
	sectionPhone
	sections
)

// settingsWindow shows all there is to choose, for a change. Check tries the
// account that stands in it, Save stores everything, whether it was tried or
// not, and puts it in force.
type settingsWindow struct {
	app  *App
	win  fyne.Window
	keys *keys

	list    *accountsRow
	form    *form
	others  settingRows // what belongs to no section: how long the connection is kept
	check   *checkView
	scroll  *container.Scroll // of the account
	numbers *numbersForm
	combos  *keysForm
	start   *startForm
	past    settingRows // how much is kept of the history
	hooks   *hooksForm
	phone   *phoneForm

	bar     *tabBar
	tabs    *container.AppTabs
	footer  *fyne.Container
	outcome *widget.Label
	test    *button
	all     *button
	books   *button
	cancel  *button
	save    *button
	saving  bool
	of      string // the account that is shown
}

func newSettingsWindow(a *App) *settingsWindow {
	s := &settingsWindow{app: a}
	s.keys = &keys{escape: s.hide, enter: s.tapSave, turn: s.turnBy}
	s.win = a.newWindow(words.Text(words.TitleSettings), s.keys)

	s.form = newForm(a, s.keys)
	s.check = newCheckView(a, s.keys)
	s.check.box.Hide()
	s.check.done = func(bool) {
		s.test.enable(true)
		s.scroll.ScrollToBottom()
	}
	s.check.trust = func(pin string) {
		s.form.setPin(pin)
		s.tapCheck()
	}
	s.check.useTLS = func(port int) {
		s.form.setTLS(port)
		s.tapCheck()
	}
	s.outcome = newText("")
	say(s.outcome, "", widget.MediumImportance)
	edited := func() { say(s.outcome, "", widget.MediumImportance) }
	s.others = newSettingRows(s.keys, "", edited)
	s.form.rows[fieldPrefix].hint, s.form.rows[fieldPrefix].usualHint = "", "" // it stands beside the field
	s.numbers = newNumbersForm(a, s.keys, s.form)
	s.form.changed = func() {
		edited()
		s.numbers.tester.draw() // of the outside line
	}
	s.combos = newKeysForm(a, s.keys)
	s.start = newStartForm(a, s.keys)
	s.hooks = newHooksForm(a, s.keys, s.others)
	s.hooks.changed = edited
	s.phone = newPhoneForm(s.keys)
	s.phone.changed = edited
	s.numbers.changed, s.combos.changed, s.start.changed = edited, edited, edited

	s.list = newAccountsRow(s)
	fields := append(slices.Clone(s.list.named), append(s.form.login(), s.form.rest()...)...)
	s.start.page.Add(newGrid(s.others.row(fieldLanguage).label, s.others.cell(fieldLanguage)))
	fields = append(fields, s.others.cells()...)
	s.books = newButton(s.keys, words.Text(words.LabelBooks), s.app.showBooks)
	s.start.page.Add(newBold(words.Text(words.LabelBooksKept)))
	s.start.page.Add(tight(newText(words.Text(words.SayBooksWhere)), container.NewHBox(s.books)))
	s.past = newSettingRows(s.keys, "history", edited)
	s.start.page.Add(newBold(words.Text(words.LabelKept)))
	s.start.page.Add(newGrid(s.past.cells()...))
	s.scroll = container.NewVScroll(container.NewVBox(s.list.box, s.form.lay(fields...), s.check.box))
	s.form.lays(s.numbers.grid)
	s.tabs = container.NewAppTabs(
		container.NewTabItem(words.Text(words.LabelSectionAccount), s.scroll),
		container.NewTabItem(words.Text(words.LabelSectionNumbers), s.numbers.page),
		container.NewTabItem(words.Text(words.LabelSectionKeys), s.combos.page),
		container.NewTabItem(words.Text(words.LabelSectionStart), newStartPage(s.start)),
		container.NewTabItem(words.Text(words.LabelSectionHooks), s.hooks.page),
		container.NewTabItem(words.Text(words.LabelSectionPhone), s.phone.page),
	)
	into := func() { s.win.Canvas().Focus(s.first(s.section())) }
	s.tabs.OnSelected = func(*container.TabItem) {
		s.combos.leave()
		showIf(s.test, s.section() == sectionAccount)
		into()
	}
	s.bar = newTabBar(s.tabs, s.keys, into)

	s.test = newButton(s.keys, words.Text(words.LabelCheck), s.tapCheck)
	s.all = newButton(s.keys, words.Text(words.LabelCheckAll), s.app.showDoctor)
	s.cancel = newButton(s.keys, words.Text(words.LabelCancel), s.hide)
	s.save = newYes(s.keys, words.Text(words.LabelSave), s.tapSave)
	s.footer = container.NewVBox(widget.NewSeparator(), s.outcome,
		container.NewHBox(s.test, s.all, layout.NewSpacer(), s.cancel, s.save))
	fill(s.win, s.keys, 620, container.New(
		layout.NewBorderLayout(s.bar, s.footer, nil, nil), s.bar, s.tabs, s.footer)) // as Tab goes through them
	s.keys.guard.tells(&note{label: s.outcome, draw: func() { relayout(s.footer) }})
	s.win.Resize(fyne.NewSize(640, 700))
	return s
}

func (s *settingsWindow) section() int { return s.tabs.SelectedIndex() }

// turn shows a section, with the keyboard in its first field.
func (s *settingsWindow) turn(section int) { s.tabs.SelectIndex(section) }

// turnBy goes through the sections, round and round.
func (s *settingsWindow) turnBy(by int) { s.turn((s.section() + by + sections) % sections) }

// first is the first field of a section.
func (s *settingsWindow) first(section int) fyne.Focusable {
	switch section {
	case sectionNumbers:
		return s.numbers.region.entry
	case sectionKeys:
		return s.combos.clipboard
	case sectionStart:
		return s.start.links
	case sectionHooks:
		return s.hooks.row("hooks").input
	case sectionPhone:
		return s.phone.row("incoming").input
	}
	if first := s.form.first(fieldHost, fieldUsername, fieldSecret); first != nil {
		return first
	}
	return s.form.rows[fieldHost].entry
}

// focus shows the section that o is in, and o.
func (s *settingsWindow) focus(section int, o fyne.Focusable) {
	s.turn(section)
	s.win.Canvas().Focus(o)
}

func (s *settingsWindow) show(reason string) {
	if s.app.visible[s.win] {
		s.app.raise(s.win)
		return
	}
	s.check.reset(false)
	s.check.box.Hide()
	s.saving = false
	s.save.enable(false)
	s.test.enable(false)
	s.turn(sectionAccount)
	s.start.load()
	s.reload(reason)
}

// reload fills the window with what is in force, and shows it.
func (s *settingsWindow) reload(reason string) {
	s.app.ask(askTime, func(ctx context.Context) func() {
		v, p := channel.Call(ctx, s.app.agent, channel.InForce, ipc.None{})
		return func() {
			if !s.app.visible[s.win] {
				defer s.app.raise(s.win) // filled, not empty for a moment
			}
			if p != nil {
				say(s.outcome, words.ProblemText(p), widget.DangerImportance)
				return
			}
			s.load(v)
			if reason == "" {
				reason = words.ProblemText(v.Policy)
			}
			say(s.outcome, reason, widget.WarningImportance)
			relayout(s.footer)
			s.save.enable(true)
			s.test.enable(true)
			s.scroll.ScrollToTop()
			s.win.Canvas().Focus(s.form.rows[fieldHost].entry)
			s.form.askSecret(func() {
				// Only where the person has not begun with something else.
				if s.win.Canvas().Focused() == fyne.Focusable(s.form.rows[fieldHost].entry) {
					s.win.Canvas().Focus(s.form.rows[fieldSecret].entry)
				}
			})
		}
	})
}

func (s *settingsWindow) load(v channel.Settings) {
	s.form.lock(v.Locked)
	s.check.locked = v.Locked[fieldPin] != ""
	s.form.load(v.Account)
	s.others.load(v.Config)
	s.past.load(v.Config)
	s.numbers.load(v.Numbers, v.Regions, v.Locked)
	s.combos.load(v.Keys, v.KeyTroubles, v.Locked)
	s.combos.offerCopying(v.CopiesHighlighted)
	s.hooks.load(v.Hooks, v.Locked)
	s.phone.load(v.Config)
	s.of = v.Account.Name
	s.list.load(v)
}

// edit is what stands in the window.
func (s *settingsWindow) edit() channel.Edit {
	e := s.form.edit()
	e.Of = &s.of
	if s.form.blank() { // not set up yet: the rest can be chosen all the same
		e = channel.Edit{}
	}
	var c config.Config
	s.others.read(&c)
	s.past.read(&c)
	n := s.numbers.value()
	s.phone.read(&c)
	e.History, e.Phone, e.Colleagues, e.Codes = &c.History, &c.Phone, &c.Colleagues, &c.Codes
	e.Link, e.Numbers, e.Keys, e.Register, e.Language = c.Connection, &n, s.combos.value(), s.start.value(), &c.Language
	e.Hooks, e.BusNumbers = s.hooks.value(), &c.BusNumbers
	return e
}

func (s *settingsWindow) hide() {
	s.check.stop()
	s.combos.leave()
	s.form.load(config.Account{}) // a secret does not stay behind in a hidden window
	s.numbers.tester.reset()
	s.app.hide(s.win)
}

func (s *settingsWindow) tapCheck() {
	if !s.form.check(s.win, fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant, fieldChannel, fieldContext) {
		return
	}
	s.test.enable(false)
	s.check.box.Show()
	s.check.start(s.edit())
	s.scroll.ScrollToBottom()
}

// valid shows all that is wrong and leads to the first of it.
func (s *settingsWindow) valid() bool {
	var account, prefix, number, combo, action fyne.Focusable
	if !s.form.blank() {
		account = s.form.faulty(fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant, fieldChannel, fieldContext, fieldExtension, fieldTimeout)
	}
	prefix, number, combo = s.form.faulty(fieldPrefix), s.numbers.check(), s.combos.check()
	action = s.hooks.check()
	switch {
	case account != nil:
		s.focus(sectionAccount, account)
	case prefix != nil:
		s.focus(sectionNumbers, prefix)
	case number != nil:
		s.focus(sectionNumbers, number)
	case combo != nil:
		s.focus(sectionKeys, combo)
	case s.past.wrong() != nil:
		s.past.draw()
		s.focus(sectionStart, s.past.wrong())
	case action != nil:
		s.focus(sectionHooks, action)
	case s.phone.wrong() != nil:
		s.phone.draw()
		s.focus(sectionPhone, s.phone.wrong())
	default:
		return true
	}
	return false
}

func (s *settingsWindow) tapSave() {
	if s.saving || s.save.Disabled() || !s.valid() {
		return
	}
	s.saving = true
	s.save.enable(false)
	e := s.edit()
	s.app.ask(saveTime, func(ctx context.Context) func() {
		saved, p := channel.Call(ctx, s.app.agent, channel.Save, e)
		return func() {
			s.saving = false
			s.save.enable(true)
			if p != nil {
				s.refused(p)
				return
			}
			s.saved(e, saved)
		}
	})
}

// saved tells what became of Save. The window stays open where that has to be
// read.
func (s *settingsWindow) saved(e channel.Edit, saved channel.Saved) {
	if s.app.dial != nil {
		s.app.dial.preview() // what stands there may be dialled in another way now
	}
	if saved.Warning == nil && len(saved.KeyTroubles) == 0 {
		s.hide()
		return
	}
	if e.Secret != nil {
		s.form.kept()
	}
	if e.Keys != nil {
		s.combos.load(*e.Keys, saved.KeyTroubles, s.form.locked)
	}
	s.start.load()
	say(s.outcome, words.Text(words.SaySaved), widget.WarningImportance)
	switch {
	case saved.Warning != nil:
		say(s.outcome, words.Text(words.SaySaved)+" "+words.ProblemText(saved.Warning), widget.WarningImportance)
	case len(saved.KeyTroubles) > 0:
		say(s.outcome, words.Text(words.SaySavedKeys), widget.WarningImportance)
		s.turn(sectionKeys)
	}
}

// refused leads to the field that the agent did not take.
func (s *settingsWindow) refused(p *status.Problem) {
	number, combo := s.numbers.point(p), s.combos.point(p)
	account, action := s.form.point(p), s.hooks.point(p)
	switch {
	case number != nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
		s.focus(sectionNumbers, number)
	case combo != nil:
		s.focus(sectionKeys, combo)
	case s.past.row(p.Field) != nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
		s.focus(sectionStart, s.past.row(p.Field).input)
	case action != nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
		s.focus(sectionHooks, action)
	case s.phone.point(p) != nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
		s.focus(sectionPhone, s.phone.point(p))
	case s.form.others.row(p.Field) != nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
		s.focus(sectionAccount, s.form.others.row(p.Field).input)
	case account == nil:
		say(s.outcome, words.ProblemText(p), widget.DangerImportance)
	case p.Field == fieldPrefix:
		s.focus(sectionNumbers, account)
	default:
		s.focus(sectionAccount, account)
	}
}
