package window

import (
	"strings"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/words"
)

// newRecent lists the numbers called last, each with how it went. A click or
// Space puts one into the entry, Enter dials it.
func newRecent(a *App, k *keys, fill, dial func(number string)) *picker[history.Entry] {
	p := newPicker(a, k, pickerOf[history.Entry]{
		title: words.Text(words.LabelRecent), note: newNote(""), empty: words.Text(words.SayNoRecent),
		row: newTwoLineSideRow,
		draw: func(r *pickRow, e history.Entry) {
			r.main.SetText(words.Number(e.Number))
			r.small.SetText(outcomeText(e))
			if name := words.Clean(e.Name); name != "" {
				r.main.SetText(name)
				r.small.SetText(words.NumberOutcome(words.Number(e.Number), outcomeText(e)))
			}
			r.side.SetText(words.When(e.At, a.env.Now()))
		},
		fits: func(e history.Entry, text string) fit {
			switch at := strings.Index(e.Number, text); {
			case at == 0:
				return fitsWell
			case at > 0: // behind the outside line, or a country's code
				return fitsBelow
			}
			return fitsNot
		},
		pick:  func(e history.Entry) { fill(e.Number) },
		enter: func(e history.Entry) { dial(e.Number) },
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
