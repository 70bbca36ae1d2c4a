package window

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// The pages of the assistant.
const (
	pageAccount = iota
	pageTest
	pagePick
	pagePrefix
	pageDone
	pages
)

// assistantWindow leads through the set-up. Nothing is saved before the last
// but one page, and it is saved in one go.
type assistantWindow struct {
	app  *App
	win  fyne.Window
	keys *keys

	page    int
	count   *widget.Label
	heading *widget.Label
	intro   *widget.Label
	body    *fyne.Container
	pages   [pages]fyne.CanvasObject
	problem *widget.Label
	back    *button
	cancel  *button
	next    *button

	form   *form
	check  *checkView
	passed bool // the check of what stands in the form went well
	given  bool // all but the password was known from the start
	adding bool // one account more

	pick     *pickView
	example  *widget.Label
	exampleN *widget.Label

	saving   bool
	saved    channel.Saved
	warning  *widget.Label
	test     *button
	testing  bool
	testFrom string // the call that was known before the test call
	view     *callView
}

func newAssistantWindow(a *App) *assistantWindow {
	s := &assistantWindow{app: a}
	s.keys = &keys{escape: s.hide, enter: s.goOn}
	s.win = a.newWindow(words.Text(words.TitleAssistant), s.keys)

	s.count, s.heading, s.intro = newNote(""), newHeading(""), newText("")
	s.problem = newText("")
	s.back = newButton(s.keys, words.Text(words.LabelBack), s.goBack)
	s.cancel = newButton(s.keys, words.Text(words.LabelCancel), s.hide)
	s.next = newYes(s.keys, "", s.goOn)

	s.form = newForm(a, s.keys)
	s.form.changed = func() { s.passed = false }
	s.check = newCheckView(a, s.keys)
	s.check.done = func(ok bool) {
		s.passed = ok
		s.draw()
		s.win.Canvas().Focus(s.afterCheck())
	}
	s.check.trust = func(pin string) {
		s.form.setPin(pin)
		s.startCheck()
	}
	s.check.useTLS = func(port int) {
		s.form.setTLS(port)
		s.startCheck()
	}
	s.pick = newPickView(a, s.keys, s.form.rows[fieldExtension])
	s.pages[pageAccount] = container.NewVScroll(s.form.lay(s.form.login()...))
	s.pages[pageTest] = container.NewVScroll(s.check.box)
	s.pages[pagePick] = s.pick.box
	s.pages[pagePrefix] = s.prefixPage()
	s.pages[pageDone] = s.donePage()

	s.body = container.NewStack()
	footer := container.NewVBox(s.problem, container.NewHBox(s.cancel, layout.NewSpacer(), s.back, s.next))
	fill(s.win, s.keys, 560, container.NewBorder(
		tight(s.count, s.heading, s.intro), footer, nil, nil, s.body))
	s.keys.guard.tells(&note{label: s.problem, draw: func() { relayout(footer) }})
	s.win.Resize(fyne.NewSize(620, 640))
	say(s.problem, "", widget.DangerImportance)
	return s
}

func (s *assistantWindow) prefixPage() fyne.CanvasObject {
	r := s.form.rows[fieldPrefix]
	s.example, s.exampleN = newText(words.Example(exampleNumber)), newBold("")
	s.exampleN.SizeName = theme.SizeNameSubHeadingText
	s.exampleN.TextStyle = fyne.TextStyle{Monospace: true}
	typed := r.entry.OnChanged
	r.entry.OnChanged = func(text string) {
		typed(text)
		s.drawExample()
	}
	return container.NewVBox(
		newGrid(fieldLabel(words.FieldName(fieldPrefix)), tight(container.NewHBox(minWidth(110, r.entry)), r.note)),
		newPanel(tight(s.example, s.exampleN)))
}

// drawExample shows what the prefix does, by the rule that dialling uses.
func (s *assistantWindow) drawExample() {
	if s.form.fault(fieldPrefix) != "" {
		s.exampleN.SetText("…")
		return
	}
	set := number.DefaultSettings()
	set.Prefix = s.form.value().Prefix
	s.exampleN.SetText(words.Number(number.Parse(exampleNumber, number.Typed, set).Shown()))
}

func (s *assistantWindow) donePage() fyne.CanvasObject {
	s.warning = newText("")
	s.test = newYes(s.keys, words.Text(words.LabelTestCall), s.testCall)
	s.test.Importance = widget.MediumImportance
	s.test.Icon = handset
	s.view = newCallView(s.app, s.keys)
	return container.NewVBox(s.warning, newText(words.Text(words.SayTestCall)), container.NewHBox(s.test), s.view.box)
}

// show opens the assistant on its first page, or raises it where it stands.
func (s *assistantWindow) show(reason string) { s.open(reason, false) }

// open is show, or with adding shows it for one account more.
func (s *assistantWindow) open(reason string, adding bool) {
	if s.app.visible[s.win] {
		s.app.raise(s.win)
		return
	}
	s.adding = adding
	s.form.load(config.Account{})
	s.check.reset(false)
	s.pick.reset()
	s.passed, s.saving, s.testing, s.saved = false, false, false, channel.Saved{}
	s.view.apply(nil)
	s.turn(pageAccount)
	say(s.problem, reason, widget.WarningImportance)
	s.app.raise(s.win)
	s.app.ask(askTime, func(ctx context.Context) func() {
		v, p := channel.Call(ctx, s.app.agent, channel.InForce, ipc.None{})
		return func() {
			if p != nil {
				say(s.problem, words.ProblemText(p), widget.DangerImportance)
				return
			}
			s.form.lock(v.Locked)
			s.check.locked = v.Locked[fieldPin] != ""
			if adding {
				v.Account, v.Given = blankUnder(v.Config), false
			}
			s.form.load(v.Account)
			s.given = v.Given
			s.form.askSecret(func() {})
			if first := s.form.first(fieldHost, fieldUsername, fieldTenant, fieldSecret); first != nil {
				s.win.Canvas().Focus(first)
			}
		}
	})
}

// blankUnder is an account of which nothing is set but what an administrator has locked.
func blankUnder(c config.Config) config.Account {
	blank := config.Default()
	for _, d := range config.Settings("account") {
		if c.Locked[d.Key] != "" && d.Key != "name" {
			_ = d.Parse(&blank, d.Text(&c))
		}
	}
	return blank.Account
}

func (s *assistantWindow) hide() {
	s.check.stop()
	s.pick.stop()
	s.form.load(config.Account{}) // a secret does not stay behind in a hidden window
	s.app.hide(s.win)
	s.app.showHeld()
}

// ending reports whether all that is left to do here is to read that all is set.
func (s *assistantWindow) ending() bool {
	return s.app.visible[s.win] && (s.saving || s.page == pageDone)
}

// turn shows a page and does what it is there for.
func (s *assistantWindow) turn(page int) {
	s.page = page
	say(s.problem, "", widget.DangerImportance)
	s.body.Objects = []fyne.CanvasObject{s.pages[page]}
	s.body.Refresh()
	var focus fyne.Focusable
	switch page {
	case pageAccount:
		focus = s.form.rows[fieldHost].entry
		if s.check.refused() { // Back from there: it is the password, most likely
			e := s.form.rows[fieldSecret].entry
			e.selectAll()
			focus = e
		}
	case pageTest:
		s.startCheck()
	case pagePick:
		s.pick.start(s.form.edit())
		focus = s.form.rows[fieldExtension].entry
	case pagePrefix:
		s.drawExample()
		focus = s.form.rows[fieldPrefix].entry
	case pageDone:
		say(s.warning, words.ProblemText(s.saved.Warning), widget.WarningImportance)
		focus = s.next
	}
	s.draw()
	s.win.Canvas().Focus(focus)
}

func (s *assistantWindow) draw() {
	heads := [pages][2]string{
		{words.Text(words.HeadAccount), words.Text(words.SayAccount)},
		{words.Text(words.HeadTest), words.Text(words.SayTest)},
		{words.Text(words.HeadPick), words.Text(words.SayPick)},
		{words.Text(words.HeadPrefix), words.Text(words.SayPrefix)},
		{words.Text(words.HeadDone), words.Text(words.SayDone)},
	}
	s.count.SetText(words.StepOf(s.page+1, pages))
	s.heading.SetText(heads[s.page][0])
	s.intro.SetText(heads[s.page][1])

	label, on := words.Text(words.LabelNext), true
	switch s.page {
	case pageTest:
		on = (s.passed || s.check.failed != nil) && !s.saving
		if s.given {
			label = words.Text(words.LabelSave)
		}
		if s.check.failed != nil {
			label = words.Text(words.LabelTryAgain)
		}
	case pagePrefix:
		label, on = words.Text(words.LabelSave), !s.saving
	case pageDone:
		label = words.Text(words.LabelDone)
	}
	s.next.SetText(label)
	s.next.enable(on)
	showIf(s.back, s.page != pageAccount && s.page != pageDone)
	showIf(s.cancel, s.page != pageDone)
	s.back.enable(!s.saving)
}

func showIf(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func (s *assistantWindow) startCheck() {
	s.passed = false
	s.check.start(s.form.edit())
	s.draw()
}

// afterCheck is what Enter should do once a check has ended. A refused login is
// not asked for again with the same password: the PBX may lock the user out.
func (s *assistantWindow) afterCheck() fyne.Focusable {
	switch {
	case s.check.cert.box.Visible():
		return nil // the question takes it in time
	case s.check.refused():
		return s.back
	}
	return s.next
}

func (s *assistantWindow) goBack() {
	if s.page == pageAccount || s.page == pageDone || s.saving {
		return
	}
	s.check.stop()
	s.pick.stop()
	to := s.page - 1
	if to == pageTest {
		to = pageAccount // the test is no page to come back to
	}
	s.turn(to)
}

// goOn is Next, by button or Enter.
func (s *assistantWindow) goOn() {
	if s.next.Disabled() {
		return
	}
	switch s.page {
	case pageAccount:
		if s.form.check(s.win, fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant, fieldChannel, fieldContext) {
			s.turn(pageTest)
		}
	case pageTest:
		switch {
		case s.passed && s.given:
			s.save() // there is nothing to ask any more
		case s.passed:
			s.turn(pagePick)
		default:
			s.startCheck()
		}
	case pagePick:
		if s.form.check(s.win, fieldExtension) {
			s.turn(pagePrefix)
		}
	case pagePrefix:
		if s.form.check(s.win, fieldPrefix) {
			s.save()
		}
	case pageDone:
		s.hide()
	}
}

func (s *assistantWindow) save() {
	s.saving = true
	s.draw()
	e := s.form.edit()
	e.Add = s.adding
	s.app.ask(askTime, func(ctx context.Context) func() {
		saved, p := channel.Call(ctx, s.app.agent, channel.Save, e)
		return func() {
			s.saving, s.saved = false, saved
			if p != nil {
				s.draw()
				say(s.problem, words.ProblemText(p), widget.DangerImportance)
				return
			}
			s.form.kept()
			if s.app.visible[s.win] {
				s.turn(pageDone)
			}
		}
	})
}

func (s *assistantWindow) testCall() {
	if s.testing {
		return
	}
	s.testing = true
	s.test.enable(false)
	s.testFrom = ""
	if c := s.app.snap.Call; c != nil {
		s.testFrom = c.ID
	}
	say(s.problem, "", widget.DangerImportance)
	s.app.ask(askTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, s.app.agent, channel.TestCall, ipc.None{})
		return func() {
			if p != nil {
				s.testing = false
				s.test.enable(true)
				say(s.problem, words.ProblemText(p), widget.DangerImportance)
			}
		}
	})
}

// apply follows the test call.
func (s *assistantWindow) apply(snap status.Snapshot) {
	c := snap.Call
	if !s.testing || c == nil || c.ID == s.testFrom {
		return
	}
	s.view.apply(c)
	relayout(s.body)
	if !c.Live() && c.State != call.Unknown {
		s.test.enable(true)
		s.testFrom = ""
		s.testing = false
	}
}
