package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// choiceView lists the numbers that were found in a text, each as it would be
// dialled; below that, how it is written there, or why one might not want it.
type choiceView struct {
	box     *fyne.Container
	list    *list
	choices []status.Offer

	pick func(status.Offer) // a row was clicked, or Enter or Space on it
}

func newChoiceView(k *keys) *choiceView {
	v := &choiceView{}
	v.list = newList(k, func() int { return len(v.choices) }, newChoiceRow, v.updateRow)
	v.list.HideSeparators = true
	v.list.OnSelected = func(i int) {
		v.list.UnselectAll()
		v.take(i)
	}
	v.list.enter = v.take
	v.box = container.NewBorder(newBold(textPickOne), nil, nil, nil, v.list)
	v.box.Hide()
	return v
}

func (v *choiceView) take(i int) {
	if i < len(v.choices) {
		v.pick(v.choices[i])
	}
}

// set shows the choices, the first one under the keyboard; without any the view
// is hidden.
func (v *choiceView) set(choices []status.Offer) {
	v.choices = choices
	showIf(v.box, len(choices) > 0)
	v.list.Refresh()
	if len(choices) > 0 {
		v.list.Highlight(0)
	}
}

func newChoiceRow() fyne.CanvasObject {
	number, below := newLine(""), newLine("")
	below.SizeName = theme.SizeNameCaptionText
	return container.New(layout.NewCustomPaddedVBoxLayout(-14), number, below)
}

func (v *choiceView) updateRow(i int, o fyne.CanvasObject) {
	if i >= len(v.choices) {
		return
	}
	c, row := v.choices[i], o.(*fyne.Container)
	row.Objects[0].(*widget.Label).SetText(words.Number(c.Shown))
	below := row.Objects[1].(*widget.Label)
	below.Importance = widget.LowImportance
	below.SetText(words.Number(c.Text))
	switch {
	case c.Line != "":
		below.SetText(lineText(c))
	case len(c.Reasons) > 0:
		below.Importance = widget.WarningImportance
		below.SetText(words.NumberReasons(c.Reasons))
	}
}
