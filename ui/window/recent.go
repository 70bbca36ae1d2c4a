package window

import (
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/words"
)

// newRecent lists the numbers called last, each with how it went. A click or
// Space puts one into the entry, Enter dials it.
func newRecent(a *App, k *keys, fill, dial func(history.Entry)) *picker[history.Entry] {
	p := newPicker(a, k, pickerOf[history.Entry]{
		title: words.Text(words.LabelRecent), note: newNote(""), empty: words.Text(words.SayNoRecent),
		row: newTwoLineSideRow, draw: drawPast(a), fits: pastFits,
		pick: fill, enter: dial,
	})
	p.HideSeparators = true
	return p
}

// outcomeText says in a word how a past call went.
func outcomeText(e history.Entry) string {
	if e.State == call.Ended && e.Cause == "" && !e.ByPBX {
		return words.Clock(e.Duration)
	}
	return words.Outcome(e.Call())
}
