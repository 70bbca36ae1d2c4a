package window

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/words"
)

// recentView is the list of the numbers called last.
type recentView struct {
	box     *fyne.Container
	list    *list
	empty   *widget.Label
	entries []history.Entry
	now     func() time.Time

	fill func(number string) // a row was clicked, or Space
	dial func(number string) // Enter on a row
}

func newRecentView(k *keys, now func() time.Time) *recentView {
	v := &recentView{empty: newNote(textNoRecent), now: now}
	v.list = newList(k, func() int { return len(v.entries) }, newRecentRow, v.updateRow)
	v.list.HideSeparators = true
	v.list.OnSelected = func(i int) {
		v.list.UnselectAll()
		if i < len(v.entries) {
			v.fill(v.entries[i].Number)
		}
	}
	v.list.enter = func(i int) { v.dial(v.entries[i].Number) }
	title := newBold(words.Text(words.LabelRecent))
	v.box = container.NewBorder(title, nil, nil, nil, container.NewStack(container.NewVBox(v.empty), v.list))
	return v
}

func (v *recentView) set(entries []history.Entry) {
	v.entries = entries
	if len(entries) == 0 {
		v.empty.Show()
		v.list.Hide()
	} else {
		v.empty.Hide()
		v.list.Show()
	}
	v.list.Refresh()
}

// A row is the number with how it went below, and the time on the right.
func newRecentRow() fyne.CanvasObject {
	number := newLine("")
	outcome := newLine("")
	outcome.SizeName, outcome.Importance = theme.SizeNameCaptionText, widget.LowImportance
	when := widget.NewLabel("")
	when.SizeName, when.Importance = theme.SizeNameCaptionText, widget.LowImportance
	return container.NewBorder(nil, nil, nil, container.NewCenter(when),
		container.New(layout.NewCustomPaddedVBoxLayout(-14), number, outcome))
}

func (v *recentView) updateRow(i int, o fyne.CanvasObject) {
	if i >= len(v.entries) {
		return
	}
	e := v.entries[i]
	row := o.(*fyne.Container)
	cols, when := row.Objects[0].(*fyne.Container), row.Objects[1].(*fyne.Container).Objects[0].(*widget.Label)
	cols.Objects[0].(*widget.Label).SetText(words.Number(e.Number))
	cols.Objects[1].(*widget.Label).SetText(outcomeText(e))
	when.SetText(whenText(e.At, v.now()))
}

// outcomeText says in a word how a past call went.
func outcomeText(e history.Entry) string {
	if e.State == call.Ended && e.Cause == "" && !e.ByPBX {
		return words.Clock(e.Duration)
	}
	return words.Outcome(e.Call())
}

// whenText is the time of day for today and yesterday, the date before.
func whenText(at, now time.Time) string {
	at = at.In(now.Location())
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	}
	switch today := day(now); {
	case day(at).Equal(today):
		return textToday + " " + at.Format(textClockLayout)
	case day(at).Equal(today.AddDate(0, 0, -1)):
		return textYesterday + " " + at.Format(textClockLayout)
	}
	return at.Format(textDateLayout)
}
