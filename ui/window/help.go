package window

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// helpWindow shows what the guide says of a problem: what it comes from, and what to do.
type helpWindow struct {
	app  *App
	win  fyne.Window
	what *widget.Label
	text *widget.Label
	page *widget.Label
	done *button
	root *fyne.Container
	keys *keys
}

func newHelpWindow(a *App) *helpWindow {
	h := &helpWindow{app: a, what: newHeading(""), text: newText(""), page: newNote("")}
	h.keys = &keys{escape: h.hide}
	h.win = a.newWindow(words.Text(words.TitleHelp), h.keys)
	h.page.Wrapping = fyne.TextWrapBreak
	h.done = newButton(h.keys, words.Text(words.LabelDone), h.hide)
	h.keys.scroll = container.NewVScroll(h.text)
	footer := container.NewVBox(widget.NewSeparator(), h.page, container.NewHBox(layout.NewSpacer(), h.done))
	h.root = container.NewBorder(h.what, footer, nil, nil, h.keys.scroll)
	fill(h.win, h.keys, 420, h.root)
	h.win.Resize(fyne.NewSize(560, 420))
	return h
}

func (h *helpWindow) hide() { h.app.hide(h.win) }

// newHelper is a button that shows what the guide says of a problem; offer says of which,
// and hides it where the guide says nothing.
func newHelper(a *App, k *keys) (b *button, offer func(*status.Problem)) {
	var of *status.Problem
	b = newButton(k, words.Text(words.LabelHelp), func() {
		if a.help == nil {
			a.help = newHelpWindow(a)
		}
		text, page := a.env.Help(string(of.Code))
		a.help.show(of, text, page)
	})
	offer = func(p *status.Problem) {
		text := ""
		if of = p; p != nil && a.env.Help != nil {
			text, _ = a.env.Help(string(p.Code))
		}
		showIf(b, text != "")
	}
	offer(nil)
	return b, offer
}

func (h *helpWindow) show(p *status.Problem, text, page string) {
	what := words.Problem(*p).What
	h.what.SetText(what)
	h.text.SetText(strings.TrimPrefix(text, what+". ")) // the guide begins with it
	say(h.page, words.WhatHelps(page, string(p.Code)), widget.LowImportance)
	h.keys.scroll.ScrollToTop()
	relayout(h.root)
	h.app.raise(h.win)
	h.win.Canvas().Focus(h.done)
}
