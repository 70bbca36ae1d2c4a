package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// dialWindow is where a number is typed and the call followed.
type dialWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	notice *notice
	number *entry
	call   *button
	line   *widget.Label // what Enter will do, or why it cannot
	view   *callView
	mark   *button                     // makes the number in the entry a favourite
	recent *picker[channel.Suggestion] // favourites and the calls of before
	found  *picker[channel.Suggestion] // in its place where somebody fits what is typed
	choice *picker[status.Offer]       // in its place where the entry holds several numbers
	beside *beside                     // what can be chosen with the call
	root   *fyne.Container

	busy       *busyStrip // of the last call
	colleagues *button    // opens their window

	private *tick // the next call leaves no line in the history

	toHand     bool  // the window was opened for that, and the call is not known yet
	handing    bool  // the number is to whom the call in hand goes
	speakFirst *tick // in an attended transfer

	live     bool   // a call goes on
	dialling bool   // Dial was asked for, and nothing is known of it yet
	before   string // the call that was known when it was asked for
	stop     func() bool
	bad      bool               // what stands in the entry is no number
	asking   asking             // whether it is asked about first
	ended    string             // the last call whose end was seen
	given    channel.Show       // what the window was last opened with
	link     uint64             // the link that it was opened with, until that is done with
	linkText string             // as it came: a page chose it, and no key dials it
	oldLinks uint64             // up to here they are done with
	searched string             // the text for which found was asked for
	besides  string             // the text that d.beside is for
	offered  string             // the text whose choices are shown, if there are any
	meant    meant              // how the entry's text is to be read
	whom     channel.Suggestion // whose number was last picked from a list
}

func newDialWindow(a *App) *dialWindow {
	d := &dialWindow{app: a}
	d.keys = &keys{escape: d.hide, speed: d.speedDial, mark: d.toggleMark}
	d.win = a.newWindow(words.Text(words.LabelApp), d.keys)

	entryKeys := &keys{escape: d.hide, enter: d.dial, speed: d.speedDial, mark: d.toggleMark, guard: d.keys.guard}
	d.number = newEntry(entryKeys)
	d.number.PlaceHolder = words.Text(words.LabelNumberHere)
	d.number.OnChanged = func(string) { d.preview() }
	d.call = newYes(d.keys, words.Text(words.LabelCall), d.dial)
	d.call.Icon = handset
	d.call.Disable()
	d.line = newText(words.Text(words.SayTypeNumber))
	d.line.Importance = widget.LowImportance
	d.beside = newBeside(d.keys, func(string) { d.forget(); d.sayDialled() })
	d.notice = newNotice(a, d.keys)
	d.view = newCallView(a, d.keys)
	d.view.transferTo = d.pressTransfer
	d.speakFirst = newTick(d.keys, words.Text(words.LabelSpeakFirst), func(bool) {})
	d.speakFirst.Hide()
	d.busy = newBusyStrip(a, d.keys)
	d.mark = newButton(d.keys, "", d.toggleMark)
	d.mark.Importance = widget.LowImportance
	d.drawMark(0)
	d.mark.Hide()
	d.recent = newRecent(a, d)
	d.choice = newChoices(a, d.keys, d.pick)
	d.found = newFound(a, d)
	d.number.down = func() {
		for _, list := range []interface{ focus() bool }{d.choice, d.found, d.recent} {
			if list.focus() {
				break
			}
		}
	}

	look := &big{a.fyne.Settings().Theme()}
	first := container.NewBorder(nil, nil, nil, container.NewThemeOverride(minWidth(110, d.call), look),
		container.NewThemeOverride(d.number, look))
	top := spaced(d.notice.box, tight(first, container.NewBorder(nil, nil, nil, container.NewCenter(d.mark), d.line), d.beside.box, d.speakFirst), d.view.box, d.busy.box)
	lists := container.NewStack(d.recent.box, d.found.box, d.choice.box)
	d.private = newTick(d.keys, words.Text(words.LabelPrivate), d.keepPrivate)
	past := newButton(d.keys, words.Text(words.LabelKept), func() { a.showHistory(false) })
	d.colleagues = newButton(d.keys, words.Text(words.LabelColleagues), a.showColleagues)
	d.colleagues.Hide()
	bottom := container.NewBorder(nil, nil, nil, container.NewHBox(d.colleagues, past), d.private)
	d.root = container.New(layout.NewBorderLayout(top, bottom, nil, nil), top, lists, bottom) // as Tab goes through them
	fill(d.win, d.keys, 420, d.root)
	d.keys.guard.changed, d.keys.guard.held = d.enable, d.forget
	d.keys.guard.tells(&note{label: d.line, draw: func() {
		showIf(d.line, d.typing())
		relayout(d.root)
	}})
	d.win.Resize(fyne.NewSize(460, 520))
	d.apply(a.snap)
	return d
}

// show raises the window with a text in the entry, or what stood there, selected.
// Where there are several numbers in it the keyboard is on their list, unless a
// link brought them, which may have come while somebody typed elsewhere.
func (d *dialWindow) show(s channel.Show) {
	if s.Link != 0 && s.Link <= d.oldLinks {
		return // its news come late
	}
	if s.Link != 0 && s.Link == d.link {
		if d.notice.why == d.given.Reason {
			d.notice.reason(s.Reason)
			relayout(d.root)
		}
		d.given.Reason = s.Reason
		return
	}
	d.toHand = false
	d.leaveLink(func() {})
	if s.Text == "" && d.raw(d.number.Text) {
		d.number.SetText("")
	}
	if s.Transfer {
		d.toHand = true
		d.app.raise(d.win)
		d.apply(d.app.snap)
		return
	}
	d.given, d.link, d.linkText = s, s.Link, ""
	if s.Link != 0 {
		d.linkText = s.Text
	}
	d.notice.reason(s.Reason)
	relayout(d.root)
	if s.Text != "" {
		d.number.SetText(s.Text)
	}
	d.offer(s.Choices)
	d.preview()
	d.app.raise(d.win)
	d.app.env.Do(d.found.prepare)
	d.lookAtPhones()
	d.loadRecent()
	d.win.Canvas().Focus(d.number)
	d.number.selectAll()
	if len(s.Choices) > 0 && s.Link == 0 {
		d.choice.focus()
	}
}

// leaveLink tells the agent that the link is done with, so that the next one may
// be shown, and then does then.
func (d *dialWindow) leaveLink(then func()) {
	id := d.link
	if id == 0 {
		then()
		return
	}
	d.link, d.oldLinks = 0, id
	d.app.ask(askTime, func(ctx context.Context) func() {
		channel.Do(ctx, d.app.agent, channel.Answer, channel.AnswerParams{ID: id})
		return then
	})
}

// raw reports whether text is that of the link as it came.
func (d *dialWindow) raw(text string) bool {
	return d.linkText != "" && strings.TrimSpace(text) == d.linkText
}

// again puts the number of a past call into the entry.
func (d *dialWindow) again(e history.Entry) {
	d.meant = meant{text: e.Number, dial: e.Number, past: e.ID}
	d.fill(e.Number)
	d.preview() // also where the same stood there
}

// keepPrivate has the next call leave no line in the history, or as all others.
func (d *dialWindow) keepPrivate(on bool) {
	if on == d.app.snap.Private {
		return
	}
	d.app.ask(askTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, d.app.agent, channel.Private, channel.PrivateParams{On: on})
		return func() {
			if p != nil {
				d.sayLine(words.ProblemText(p), widget.DangerImportance)
				d.private.SetChecked(d.app.snap.Private)
			}
		}
	})
}

// offer shows what there is to pick from, in the place of the recent calls.
func (d *dialWindow) offer(choices []status.Offer) {
	if len(choices) == 0 && !d.choice.box.Visible() {
		return
	}
	d.choice.set(choices, "")
	showIf(d.choice.box, len(choices) > 0)
	d.arrange()
}

// arrange shows one of the lists: what there is to pick from, whom one may mean, or the
// recent calls.
func (d *dialWindow) arrange() {
	picks, people := d.choice.box.Visible(), len(d.found.shown) > 0
	showIf(d.found.box, people && !picks)
	showIf(d.recent.box, !people && !picks)
	place(d.root)
}

// pick puts a number into the entry as it would be dialled. It is dialled as
// what is typed is: by Enter, and asked about where there is a reason.
func (d *dialWindow) pick(c status.Offer) {
	if c.Line != "" { // of one number, which stands there already
		d.meant = meant{text: d.number.Text, dial: c.Dial(), remember: true, copied: d.meant.copied && d.meant.text == d.number.Text}
		d.preview()
		d.win.Canvas().Focus(d.number)
		return
	}
	d.meant = meant{text: c.Dial(), dial: c.Dial()}
	d.given = channel.Show{Text: c.Dial(), Link: d.given.Link}
	d.offer(nil)
	d.notice.reason(words.NumberReasons(c.Reasons))
	relayout(d.root)
	d.fill(c.Dial())
}

// hide hides the window once the agent knows of the link in it: one that came
// between the two would be dropped.
func (d *dialWindow) hide() {
	d.forget()
	if d.handing {
		d.handOff()
		return
	}
	given := d.given.N
	d.leaveLink(func() {
		if d.given.N == given {
			d.app.hide(d.win)
		}
	})
}

// forget takes back what was half agreed to.
func (d *dialWindow) forget() {
	d.asking.disarm()
	d.call.SetText(d.callLabel())
}

func (d *dialWindow) fill(number string) {
	d.number.SetText(number)
	d.win.Canvas().Focus(d.number)
	d.number.selectAll()
}

func (d *dialWindow) loadRecent() {
	d.app.ask(askTime, func(ctx context.Context) func() {
		list, p := channel.Call(ctx, d.app.agent, channel.Find, channel.FindParams{N: maxRecent})
		return func() {
			if p != nil {
				return
			}
			title := words.LabelRecent
			if len(list) > 0 && list[0].Favourite > 0 {
				title = words.LabelWithRecent
			}
			d.recent.head.SetText(words.Text(title))
			again(d.recent, list)
		}
	})
}

func (d *dialWindow) enable() {
	d.call.enable(d.keys.guard.live && d.typing() && !d.dialling && !d.bad && strings.TrimSpace(d.number.Text) != "")
}

// typing reports whether a number can be typed that is then called.
func (d *dialWindow) typing() bool { return !d.live || d.handing }

func (d *dialWindow) apply(s status.Snapshot) {
	d.notice.apply(s)
	d.private.SetChecked(s.Private)
	c := s.Call
	d.live = c != nil && c.Live()
	if d.dialling && c != nil && c.ID != d.before {
		d.settled()
	}
	switch may := d.view.transferable(c); {
	case d.toHand && may:
		d.toHand = false
		if c.Transfers.Why == "" { // else the window says why not
			d.transferTo()
		}
	case d.handing && !may:
		d.handOff()
	}
	d.enable()
	showIf(d.line, d.typing()) // what Enter will do is nothing, else
	if d.live {
		d.mark.Hide()
	}
	d.beside.show(!d.live)
	d.view.apply(c)
	d.busy.apply(s)
	showIf(d.colleagues, s.Colleagues)
	if d.app.visible[d.win] {
		d.lookAtPhones()
	}
	// The button to hang up took the keyboard with it when it went.
	if f := d.win.Canvas().Focused(); !d.live && (f == nil || f == fyne.Focusable(d.view.hangup)) {
		d.win.Canvas().Focus(d.number)
	}
	relayout(d.root)
	if c != nil && !d.live && c.ID != d.ended {
		d.ended = c.ID
		if d.app.visible[d.win] {
			d.loadRecent()
		}
	}
}

// lookAtPhones has the lists show how the phones of colleagues stand, where that is switched
// on.
func (d *dialWindow) lookAtPhones() {
	if !d.app.snap.Colleagues {
		d.app.phones.leave(d.win)
		return
	}
	d.app.phones.look(d.win, func() {
		d.found.redraw()
		d.recent.redraw()
		d.busy.draw()
		relayout(d.root)
	})
}
