package window

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// busyStrip is what can be done about a call that found the line busy: be told when the
// colleague is free, or be reminded. It is hidden where there was no such call.
type busyStrip struct {
	app  *App
	box  *fyne.Container
	tell *button
	back *button
	says *widget.Label

	snap status.Snapshot
	done string // the call for which it was asked
}

func newBusyStrip(a *App, k *keys) *busyStrip {
	b := &busyStrip{app: a, says: newText("")}
	b.tell = newButton(k, words.Text(words.LabelTellWhenFree), func() { b.later(true) })
	b.back = newButton(k, "", func() { b.later(false) })
	say(b.says, "", widget.MediumImportance)
	b.box = tight(container.NewHBox(layout.NewSpacer(), b.back, b.tell), b.says)
	b.box.Hide()
	return b
}

// apply shows what there is to do about the call in s.
func (b *busyStrip) apply(s status.Snapshot) {
	b.snap = s
	b.draw()
}

func (b *busyStrip) draw() {
	c := b.snap.Call
	if c == nil || c.State != call.Failed || c.Cause != call.Busy {
		b.box.Hide()
		return
	}
	o, colleague := b.app.phones.by[c.Number]
	free := colleague && o.State != status.PhoneFree && o.State != status.PhoneUnknown
	done := b.done == c.ID
	if !done {
		say(b.says, "", widget.MediumImportance)
	}
	b.back.SetText(words.RemindIn(b.snap.Remind))
	showIf(b.tell, free && !done)
	showIf(b.back, !done && b.snap.Remind > 0)
	b.box.Show()
}

func (b *busyStrip) later(free bool) {
	c := b.snap.Call
	if c == nil {
		return
	}
	id := c.ID
	b.app.callLater(c.Number, free, false, cmp.Or(words.Clean(c.FarName), words.Number(c.Number)), func(said string, imp widget.Importance) {
		if b.snap.Call == nil || b.snap.Call.ID != id {
			return
		}
		if imp != widget.DangerImportance {
			b.done = id
		}
		say(b.says, said, imp)
		b.draw()
		if b.app.dial != nil {
			relayout(b.app.dial.root)
		}
	})
}
