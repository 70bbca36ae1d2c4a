package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// pickView is the PBX's list of extensions under the entry that takes one by
// hand: typing narrows the list, picking from the list fills the entry.
type pickView struct {
	app  *App
	box  *fyne.Container
	row  *row
	note *widget.Label
	list *picker[status.Extension]
	all  []status.Extension

	loading bool
	cancel  context.CancelFunc
	turn    int // tells an answer from one that is no longer waited for
}

func newPickView(a *App, k *keys, r *row) *pickView {
	v := &pickView{app: a, row: r, note: newText("")}
	v.list = newPicker(a, k, pickerOf[status.Extension]{
		note: v.note, empty: words.Text(words.SayNoList), none: words.Text(words.SayNoMatch),
		row: newColumnsRow, draw: drawExtension, fits: fitsExtension,
		pick:  func(e status.Extension) { v.choose(e.Number) },
		enter: func(e status.Extension) { v.choose(e.Number); k.enter() },
	})
	typed := r.entry.OnChanged
	r.entry.OnChanged = func(text string) {
		typed(text)
		v.draw()
	}
	r.entry.down = func() { v.list.focus() }
	top := container.NewVBox(newGrid(fieldLabel(words.FieldName(fieldExtension)), tight(r.entry, r.note)), v.note)
	v.box = container.New(layout.NewBorderLayout(top, nil, nil, nil), top, v.list.box) // as Tab goes through them
	return v
}

// choose puts a number into the entry without narrowing the list to it.
func (v *pickView) choose(number string) {
	changed := v.row.entry.OnChanged
	v.row.entry.OnChanged = nil
	v.row.entry.SetText(number)
	v.row.entry.OnChanged = changed
	v.row.shown = false
	say(v.row.note, "", widget.LowImportance)
	v.say()
}

func (v *pickView) reset() {
	v.stop()
	v.all = nil
	v.draw()
}

func (v *pickView) stop() {
	v.turn++
	v.loading = false
	if v.cancel != nil {
		v.cancel()
		v.cancel = nil
	}
}

// start asks the PBX for its list.
func (v *pickView) start(e channel.Edit) {
	v.reset()
	v.loading = true
	v.draw()
	turn := v.turn
	v.cancel = v.app.ask(checkTime, func(ctx context.Context) func() {
		list, p := v.app.agent.Extensions(ctx, e)
		return func() {
			if v.turn != turn {
				return
			}
			v.loading, v.all = false, list
			v.draw()
			switch {
			case p == nil:
			case p.Code == status.CodeNoList:
				say(v.note, words.ProblemHere(p), widget.MediumImportance) // nothing is wrong
			default:
				say(v.note, words.Text(words.SayNoList)+"\n"+words.ProblemText(p), widget.WarningImportance)
			}
		}
	})
}

func (v *pickView) draw() {
	v.list.set(v.all, v.row.entry.Text)
	v.say()
}

// fitsExtension takes the beginning of a number, or any part of the hint.
func fitsExtension(e status.Extension, text string) fit {
	if strings.HasPrefix(e.Number, text) || strings.Contains(strings.ToLower(e.Hint.Text()), text) {
		return fitsWell
	}
	return fitsNot
}

// say tells what to do with the list.
func (v *pickView) say() {
	text, imp := words.Text(words.SayPickYours), widget.MediumImportance
	number := v.row.entry.Text
	switch {
	case v.loading:
		text = words.Text(words.SayAskingList)
	case len(v.all) == 0:
		text = words.Text(words.SayNoList)
	case len(v.list.shown) == 0:
		text = words.Text(words.SayNoMatch)
	}
	for _, e := range v.all {
		if e.Number == number && e.Status == statusUnavailable {
			text, imp = words.Text(words.SayAway), widget.WarningImportance
		}
	}
	say(v.note, text, imp)
}

// statusUnavailable is Asterisk's number for a phone that is not registered.
const statusUnavailable = 4

// statusText says how an extension's phone is; Asterisk's numbers are bits.
func statusText(status int) string {
	switch {
	case status < 0:
		return ""
	case status == 0:
		return words.Text(words.LabelFree)
	case status&statusUnavailable != 0:
		return words.Text(words.LabelNotThere)
	case status&8 != 0:
		return words.Text(words.LabelRings)
	case status&16 != 0:
		return words.Text(words.LabelOnHold)
	case status&2 != 0:
		return words.Text(words.LabelBusy)
	}
	return words.Text(words.LabelInUse)
}

func drawExtension(r *pickRow, e status.Extension) {
	r.main.SetText(words.Clean(e.Number))
	r.small.SetText(words.Clean(e.Hint))
	r.side.SetText(statusText(e.Status))
}
