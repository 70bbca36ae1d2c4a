package window

import (
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// newRecent lists the favourites and the numbers called last, while nothing is typed.
func newRecent(a *App, d *dialWindow) *picker[channel.Suggestion] {
	of := d.suggestions()
	of.title, of.note, of.empty = words.Text(words.LabelRecent), newNote(""), words.Text(words.SayNoRecent)
	p := newPicker(a, d.keys, of)
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
