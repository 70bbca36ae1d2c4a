package window

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// settingsWindow shows the account's fields and how the link is kept, for a
// change. Check tries what stands in them, Save stores it whether it was tried
// or not.
type settingsWindow struct {
	app  *App
	win  fyne.Window
	keys *keys

	form    *form
	link    *choice
	check   *checkView
	scroll  *container.Scroll
	outcome *widget.Label
	test    *button
	cancel  *button
	save    *button
	saving  bool
}

func newSettingsWindow(a *App) *settingsWindow {
	s := &settingsWindow{app: a, keys: &keys{}}
	s.win = a.newWindow(titleSettings, s.hide)
	s.keys.escape, s.keys.enter = s.hide, s.tapSave
	s.keys.watch(s.win)

	s.form = newForm(a, s.keys)
	s.check = newCheckView(a, s.keys)
	s.check.box.Hide()
	s.check.done = func(bool) {
		s.test.enable(true)
		s.scroll.ScrollToBottom()
		if s.check.cert.box.Visible() {
			s.win.Canvas().Focus(s.check.cert.tick)
		}
	}
	s.check.trust = func(pin string) {
		s.form.setPin(pin)
		s.tapCheck()
	}
	s.outcome = newText("")
	say(s.outcome, "", widget.MediumImportance)
	s.form.changed = func() { say(s.outcome, "", widget.MediumImportance) }
	s.link = newChoice(s.keys, []string{textLinkOnDemand, textLinkKept}, func(string) { s.form.changed() })
	s.test = newButton(s.keys, words.Text(words.LabelCheck), s.tapCheck)
	s.cancel = newButton(s.keys, words.Text(words.LabelCancel), s.hide)
	s.save = newButton(s.keys, words.Text(words.LabelSave), s.tapSave)
	s.save.Importance = widget.HighImportance

	fields := append(s.form.login(), s.form.rest()...)
	fields = append(fields, fieldLabel(words.FieldName(fieldLink)), tight(s.link, newNote(textLinkCost)))
	s.scroll = container.NewVScroll(container.NewVBox(s.form.lay(fields...), s.check.box))
	footer := container.NewVBox(widget.NewSeparator(), s.outcome,
		container.NewHBox(s.test, layout.NewSpacer(), s.cancel, s.save))
	s.win.SetContent(container.NewPadded(container.NewBorder(nil, footer, nil, nil, s.scroll)))
	s.win.Resize(fyne.NewSize(620, 640))
	return s
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
	s.app.raise(s.win)
	s.app.ask(askTime, func(ctx context.Context) func() {
		v, p := s.app.agent.Account(ctx)
		return func() {
			if p != nil {
				say(s.outcome, problemText(p), widget.DangerImportance)
				return
			}
			s.load(v)
			say(s.outcome, reason, widget.WarningImportance)
			s.save.enable(true)
			s.test.enable(true)
			s.scroll.ScrollToTop()
			first := s.form.rows[fieldHost].entry
			if v.Account.Host != "" && !v.HasSecret {
				first = s.form.rows[fieldSecret].entry
			}
			s.win.Canvas().Focus(first)
		}
	})
}

func (s *settingsWindow) load(v channel.AccountView) {
	s.form.load(v)
	s.link.SetSelected(textLinkOnDemand)
	if v.Link == config.LinkKept {
		s.link.SetSelected(textLinkKept)
	}
}

// edit is what stands in the window.
func (s *settingsWindow) edit() channel.Edit {
	e := s.form.edit()
	e.Link = config.LinkOnDemand
	if s.link.Selected == textLinkKept {
		e.Link = config.LinkKept
	}
	return e
}

func (s *settingsWindow) hide() {
	s.check.stop()
	s.form.load(channel.AccountView{}) // a secret does not stay behind in a hidden window
	s.app.hide(s.win)
}

func (s *settingsWindow) tapCheck() {
	if !s.form.check(s.win, fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant) {
		return
	}
	s.test.enable(false)
	s.check.box.Show()
	s.check.start(s.edit())
	s.scroll.ScrollToBottom()
}

func (s *settingsWindow) tapSave() {
	if s.saving || s.save.Disabled() {
		return
	}
	if !s.form.check(s.win, fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant,
		fieldExtension, fieldPrefix, fieldTimeout) {
		return
	}
	s.saving = true
	s.save.enable(false)
	e := s.edit()
	s.app.ask(askTime, func(ctx context.Context) func() {
		saved := s.app.agent.SaveAccount(ctx, e)
		return func() {
			s.saving = false
			s.save.enable(true)
			switch {
			case saved.Problem != nil:
				if !s.form.point(s.win, saved.Problem) {
					say(s.outcome, problemText(saved.Problem), widget.DangerImportance)
				}
			case saved.Warning != nil:
				// It stays open: this has to be read.
				s.load(channel.AccountView{Account: e.Account, Link: e.Link, HasSecret: true})
				say(s.outcome, textSaved+" "+problemText(saved.Warning), widget.WarningImportance)
			default:
				s.hide()
			}
		}
	})
}
