package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// pickView is the PBX's list of extensions under the entry that takes one by
// hand: typing narrows the list, picking from the list fills the entry.
type pickView struct {
	app   *App
	box   *fyne.Container
	row   *row
	note  *widget.Label
	list  *list
	all   []status.Extension
	shown []status.Extension

	loading bool
	cancel  context.CancelFunc
	turn    int // tells an answer from one that is no longer waited for
}

func newPickView(a *App, k *keys, r *row) *pickView {
	v := &pickView{app: a, row: r, note: newText("")}
	v.list = newList(k, func() int { return len(v.shown) }, newExtensionRow, v.updateRow)
	v.list.OnSelected = func(i int) {
		if i < len(v.shown) {
			v.choose(v.shown[i].Number)
		}
	}
	v.list.enter = func(i int) { v.choose(v.shown[i].Number); k.enter() }
	typed := r.entry.OnChanged
	r.entry.OnChanged = func(text string) {
		typed(text)
		v.draw()
	}
	r.entry.down = func() {
		if c := fyne.CurrentApp().Driver().CanvasForObject(r.entry); c != nil && len(v.shown) > 0 {
			c.Focus(v.list)
		}
	}
	v.box = container.NewBorder(
		container.NewVBox(
			newGrid(fieldLabel(words.FieldName(fieldExtension)), tight(r.entry, r.note)),
			v.note),
		nil, nil, nil, v.list)
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
				say(v.note, here(words.ProblemText(p)), widget.MediumImportance) // nothing is wrong
			default:
				say(v.note, textNoList+"\n"+words.ProblemText(p), widget.WarningImportance)
			}
		}
	})
}

func (v *pickView) draw() {
	v.shown = matches(v.all, v.row.entry.Text)
	v.list.at = 0
	v.list.UnselectAll()
	v.list.Refresh()
	v.list.ScrollToTop()
	v.say()
}

// matches are the extensions whose number begins like text, or whose hint has it in
// it.
func matches(list []status.Extension, text string) []status.Extension {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return list
	}
	var out []status.Extension
	for _, e := range list {
		if strings.HasPrefix(e.Number, text) || strings.Contains(strings.ToLower(e.Hint), text) {
			out = append(out, e)
		}
	}
	return out
}

// say tells what to do with the list.
func (v *pickView) say() {
	text, imp := textPick, widget.MediumImportance
	number := v.row.entry.Text
	switch {
	case v.loading:
		text = textAskingList
	case len(v.all) == 0:
		text = textNoList
	case len(v.shown) == 0:
		text = textNoMatch
	}
	for _, e := range v.all {
		if e.Number == number && e.Status == statusUnavailable {
			text, imp = textAway, widget.WarningImportance
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
		return textFree
	case status&statusUnavailable != 0:
		return textNotThere
	case status&8 != 0:
		return textRings
	case status&16 != 0:
		return textOnHold
	case status&2 != 0:
		return textBusy
	}
	return textInUse
}

func newExtensionRow() fyne.CanvasObject {
	number := newLine("")
	number.TextStyle.Bold = true
	name := newLine("")
	status := newLine("")
	for _, l := range []*widget.Label{name, status} {
		l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	}
	return container.NewBorder(nil, nil, minWidth(110, number), minWidth(120, status), name)
}

func (v *pickView) updateRow(i int, o fyne.CanvasObject) {
	if i >= len(v.shown) {
		return
	}
	e := v.shown[i]
	row := o.(*fyne.Container)
	inner := func(i int) *widget.Label { return row.Objects[i].(*fyne.Container).Objects[1].(*widget.Label) }
	row.Objects[0].(*widget.Label).SetText(words.Clean(e.Hint))
	inner(1).SetText(words.Clean(e.Number))
	inner(2).SetText(statusText(e.Status))
}
