package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// historyWindow lists the calls of the past. One that the keyboard or the mouse is on can
// be made again, its number copied, a note written to it, or be taken out of the list. The
// next page comes when the keyboard reaches the last row, or by a button.
type historyWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	find   *entry
	missed *tick // no others are listed
	list   *picker[history.Entry]
	more   *button
	how    *widget.Label // how the call was asked for, and with which account
	note   *entry
	keep   *button
	again  *button
	copy   *button
	remove *button
	says   *widget.Label // what was done, or went wrong
	root   *fyne.Container

	all      []history.Entry    // what is listed
	at       int                // the ID of the call that is picked, 0 for none
	asked    channel.PastParams // what the list was asked for
	loading  bool
	removing int // the ID of the call whose removal is asked about
}

func newHistoryWindow(a *App) *historyWindow {
	h := &historyWindow{app: a}
	h.keys = &keys{escape: h.hide}
	h.win = a.newWindow(words.Text(words.TitleHistory), h.keys)
	h.find = newEntry(&keys{escape: h.hide, enter: func() { h.list.focus() }, guard: h.keys.guard})
	h.find.PlaceHolder = words.Text(words.LabelHistoryFind)
	h.find.OnChanged = func(string) { h.load() }
	h.find.down = func() { h.list.focus() }
	h.missed = newTick(h.keys, words.Text(words.LabelMissedOnly), func(bool) { h.load() })
	h.list = newPicker(a, h.keys, pickerOf[history.Entry]{
		note: newNote(""), empty: words.Text(words.SayNoRecent), none: words.Text(words.SayNoSuchCall),
		row:  newTwoLineSideRow,
		draw: drawPast(a),
		fits: pastFits,
		pick: h.pick, came: func(e history.Entry) {
			h.pick(e)
			if h.list.at == len(h.list.shown)-1 {
				h.loadMore()
			}
		},
		enter: h.redial,
	})
	h.list.HideSeparators = true
	h.list.box.Add(container.NewVBox(h.list.note))
	h.more = newButton(h.keys, words.Text(words.LabelMore), h.loadMore)
	h.how = newText("")
	h.note = newEntry(&keys{escape: h.hide, enter: h.keepNote, guard: h.keys.guard})
	h.note.PlaceHolder = words.Text(words.LabelNote)
	h.keep = newButton(h.keys, words.Text(words.LabelKeepNote), h.keepNote)
	h.again = newYes(h.keys, words.Text(words.LabelRedial), func() { h.withPicked(h.redial) })
	h.copy = newButton(h.keys, words.Text(words.LabelCopyNumber), func() { h.withPicked(h.copyNumber) })
	h.remove = newButton(h.keys, words.Text(words.LabelRemove), func() { h.withPicked(h.takeOut) })
	h.says = newText("")
	footer := container.NewVBox(container.NewHBox(layout.NewSpacer(), h.more), widget.NewSeparator(), h.how,
		container.NewBorder(nil, nil, nil, h.keep, h.note),
		container.NewHBox(h.remove, h.copy, layout.NewSpacer(), h.again), h.says)
	head := container.NewBorder(nil, nil, nil, h.missed, h.find)
	h.root = container.New(layout.NewBorderLayout(head, footer, nil, nil), head, h.list.box, footer) // as Tab goes through them
	fill(h.win, h.keys, 460, h.root)
	h.win.Resize(fyne.NewSize(560, 640))
	h.tell(history.Entry{})
	return h
}

// drawPast draws a call of the past: whom, how it went and when.
func drawPast(a *App) func(*pickRow, history.Entry) {
	return func(r *pickRow, e history.Entry) {
		shown := words.Number(e.Number)
		if e.CameIn() {
			shown = words.Caller(call.Snapshot{Number: e.Given.Text()})
		}
		r.main.SetText(shown)
		r.small.SetText(outcomeText(e))
		if name := words.Clean(e.Name); name != "" {
			r.main.SetText(name)
			r.small.SetText(words.NumberOutcome(shown, outcomeText(e)))
		}
		if note := words.Clean(e.Note); note != "" {
			r.small.SetText(words.NumberOutcome(r.small.Text, note))
		}
		r.side.SetText(words.When(e.At, a.env.Now()))
	}
}

// pastFits says how well a call's number fits what is typed.
func pastFits(e history.Entry, text string) fit {
	switch at := strings.Index(e.Number, text); {
	case at == 0:
		return fitsWell
	case at > 0: // behind the outside line, or a country's code
		return fitsBelow
	}
	return fitsIn(words.Clean(e.Name), text)
}

// show lists calls, and with missed none but those that came in and that nobody answered.
func (h *historyWindow) show(missed bool) {
	h.find.SetText("")
	h.missed.SetChecked(missed)
	say(h.says, "", widget.MediumImportance)
	h.load()
	h.app.raise(h.win)
	h.win.Canvas().Focus(h.find)
}

func (h *historyWindow) hide() { h.app.hide(h.win) }

// load lists what the entry asks for, from the newest on.
func (h *historyWindow) load() {
	h.asked, h.removing = channel.PastParams{Words: h.find.Text, Missed: h.missed.Checked}, 0
	h.ask(0, func(list []history.Entry) {
		h.all = list
		h.draw()
		h.tell(first(list))
	})
}

// loadMore lists the page behind the last row.
func (h *historyWindow) loadMore() {
	if h.loading || len(h.all) == 0 {
		return
	}
	h.ask(h.all[len(h.all)-1].ID, func(list []history.Entry) {
		h.all = append(h.all, list...)
		h.stay(h.draw)
		if len(list) == 0 {
			h.more.enable(false)
		}
	})
}

// ask asks for calls before that with an ID, and does something with them where they are still
// wanted.
func (h *historyWindow) ask(before int, then func([]history.Entry)) {
	h.loading = true
	asked := h.asked
	h.app.ask(askTime, func(ctx context.Context) func() {
		list, p := channel.Call(ctx, h.app.agent, channel.Past, channel.PastParams{Words: asked.Words, Missed: asked.Missed, Before: before})
		return func() {
			if h.asked != asked {
				return
			}
			h.loading = false
			if p != nil {
				say(h.says, words.ProblemText(p), widget.DangerImportance)
				relayout(h.root)
				return
			}
			then(list)
		}
	})
}

func first(list []history.Entry) history.Entry {
	if len(list) == 0 {
		return history.Entry{}
	}
	return list[0]
}

func (h *historyWindow) draw() {
	h.list.set(h.all, "")
	if len(h.all) == 0 && h.asked != (channel.PastParams{}) {
		say(h.list.note, words.Text(words.SayNoSuchCall), widget.MediumImportance)
	}
	h.more.enable(len(h.all) > 0)
	relayout(h.root)
}

func (h *historyWindow) pick(e history.Entry) {
	if e.ID != h.at {
		h.removing = 0
		say(h.says, "", widget.MediumImportance)
		h.tell(e)
	}
}

// tell shows what there is to know of a call, and to do with it.
func (h *historyWindow) tell(e history.Entry) {
	h.at = e.ID
	how := ""
	if e.ID != 0 {
		given := e.Given.Text()
		if given == e.Number {
			given = ""
		}
		how = words.Asked(e.Way, given)
		if e.Account != "" {
			how = words.NumberOutcome(how, words.Clean(e.Account))
		}
	}
	say(h.how, how, widget.LowImportance)
	h.note.SetText(e.Note.Text())
	enableIf(h.note, e.ID != 0)
	for _, b := range []*button{h.keep, h.again, h.copy, h.remove} {
		b.enable(e.ID != 0)
	}
	h.again.SetText(words.Text(words.LabelRedial))
	if e.CameIn() {
		h.again.SetText(words.Text(words.LabelCallBack))
	}
	if e.CameIn() && e.Number == "" { // nobody to be called back
		h.again.enable(false)
		h.copy.enable(false)
	}
	relayout(h.root)
}

// withPicked does something with the call that is picked.
func (h *historyWindow) withPicked(do func(history.Entry)) {
	for _, e := range h.all {
		if e.ID == h.at && e.ID != 0 {
			do(e)
			return
		}
	}
}

// redial makes the call again in the dial window, which asks where there is a reason.
func (h *historyWindow) redial(e history.Entry) {
	h.app.showDial(channel.Show{Window: channel.WindowDial})
	h.app.dial.again(e)
	h.app.dial.dial()
}

func (h *historyWindow) copyNumber(e history.Entry) {
	h.app.fyne.Clipboard().SetContent(e.Number)
	h.said(words.SayCopiedNumber)
}

func (h *historyWindow) said(l words.Label) {
	say(h.says, words.Text(l), widget.MediumImportance)
	relayout(h.root)
}

// takeOut takes a call out of the list, at the second press.
func (h *historyWindow) takeOut(e history.Entry) {
	if h.removing != e.ID {
		h.removing = e.ID
		who := words.Clean(e.Name)
		if who == "" {
			who = words.Number(e.Number)
		}
		say(h.says, words.RemoveIt(who), widget.WarningImportance)
		relayout(h.root)
		return
	}
	h.removing = 0
	h.change(func(ctx context.Context) *status.Problem {
		return channel.Do(ctx, h.app.agent, channel.RemovePast, channel.PastCall{ID: e.ID})
	}, func() {
		var left []history.Entry
		next := history.Entry{}
		for i, o := range h.all {
			if o.ID != e.ID {
				left = append(left, o)
			} else if i+1 < len(h.all) {
				next = h.all[i+1]
			}
		}
		h.all = left
		h.draw()
		h.tell(next)
	})
}

func (h *historyWindow) keepNote() {
	text := strings.TrimSpace(h.note.Text)
	h.withPicked(func(e history.Entry) {
		h.change(func(ctx context.Context) *status.Problem {
			return channel.Do(ctx, h.app.agent, channel.NotePast, channel.NoteParams{ID: e.ID, Note: text})
		}, func() {
			for i := range h.all {
				if h.all[i].ID == e.ID {
					h.all[i].Note = clean.Foreign(clean.Text(text, history.MaxNote))
				}
			}
			h.stay(h.draw)
			h.said(words.SayNoteKept)
		})
	})
}

// stay draws the list anew, with the keyboard on the same row.
func (h *historyWindow) stay(draw func()) {
	at := h.list.at
	draw()
	h.list.at = at
	h.list.Highlight(at)
}

// change has the agent change the list, and then shows that.
func (h *historyWindow) change(do func(context.Context) *status.Problem, then func()) {
	h.app.ask(askTime, func(ctx context.Context) func() {
		p := do(ctx)
		return func() {
			if p != nil {
				say(h.says, words.ProblemText(p), widget.DangerImportance)
				relayout(h.root)
				return
			}
			say(h.says, "", widget.MediumImportance)
			then()
		}
	})
}
