package window

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// startForm is the page with what the desktop knows of Cornetta: as it is now,
// whoever made it so.
type startForm struct {
	app       *App
	links     *tick
	linksNote *widget.Label
	autostart *tick
	note      *widget.Label
	page      *fyne.Container

	now     channel.Register // as it was loaded
	known   bool
	turn    int // tells an answer from one that is no longer waited for
	changed func()
}

func newStartForm(a *App, k *keys) *startForm {
	f := &startForm{app: a, changed: func() {}, linksNote: newNote(""), note: newText("")}
	f.links = newTick(k, words.Text(words.LabelOpenLinks), func(bool) { f.changed() })
	f.autostart = newTick(k, words.Text(words.LabelAutostart), func(bool) { f.changed() })
	f.page = spaced(
		tight(f.links, f.linksNote),
		tight(f.autostart, newNote(words.Text(words.SayAutostart))),
		f.note)
	return f
}

// load asks the desktop; until it has answered nothing can be switched.
func (f *startForm) load() {
	f.turn++
	f.known = false
	f.links.Disable()
	f.autostart.Disable()
	say(f.linksNote, words.Text(words.SayAskingDesktop), widget.LowImportance)
	say(f.note, "", widget.LowImportance)
	turn := f.turn
	f.app.ask(askTime, func(ctx context.Context) func() {
		r, p := channel.Call(ctx, f.app.agent, channel.OnDesktop, ipc.None{})
		return func() {
			if f.turn == turn {
				f.show(r, p)
			}
		}
	})
}

func (f *startForm) show(r channel.Registered, p *status.Problem) {
	defer relayout(f.page)
	if p != nil {
		say(f.linksNote, "", widget.LowImportance)
		say(f.note, words.ProblemText(p), widget.WarningImportance)
		return
	}
	f.now, f.known = r.Register, true
	changed := f.changed
	f.changed = func() {} // it is not the person who does it
	f.links.SetChecked(r.Links)
	f.autostart.SetChecked(r.Autostart)
	f.changed = changed
	f.links.Enable()
	f.autostart.Enable()
	switch {
	case r.Links:
		say(f.linksNote, words.Text(words.SayLinksOurs), widget.SuccessImportance)
	case r.Other != "":
		say(f.linksNote, words.LinksOpenWith(r.Other), widget.LowImportance)
	default:
		say(f.linksNote, words.Text(words.SayLinksNobody), widget.LowImportance)
	}
}

// value is nil where nothing was switched.
func (f *startForm) value() *channel.Register {
	v := channel.Register{Links: f.links.Checked, Autostart: f.autostart.Checked}
	if !f.known || v == f.now {
		return nil
	}
	return &v
}

func newStartPage(f *startForm) fyne.CanvasObject { return container.NewVScroll(f.page) }
