package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// confirmWindow asks whether a link may call. Whatever is not a press of Call
// is a no.
type confirmWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	notice *notice
	number *widget.RichText
	line   *widget.Label // the outside line, set apart above
	with   *widget.Label // the account, where there are several
	digits *panel        // the two of them
	beside *beside
	why    *fyne.Container
	failed *widget.Label // why nothing was dialled
	counts *widget.Label
	cancel *button
	call   *button
	root   *fyne.Container

	ask     channel.Ask
	open    bool // the question has no answer yet
	calling bool // a yes is on its way
}

func newConfirmWindow(a *App) *confirmWindow {
	c := &confirmWindow{app: a}
	c.keys = &keys{escape: c.refuse, always: true}
	c.win = a.newWindow(words.Text(words.TitleLink), c.keys)

	c.notice = newNotice(a, c.keys)
	c.number = widget.NewRichText()
	c.number.Wrapping = fyne.TextWrapBreak
	c.line = newNote("")
	c.with = newText("")
	c.beside = newBeside(c.keys, func(string) { c.drawNumber(); c.keys.guard.again(); relayout(c.root) })
	c.why = tight()
	c.failed = newText("")
	c.counts = newText("")
	c.cancel = newButton(c.keys, words.Text(words.LabelCancel), c.refuse)
	c.call = newYes(c.keys, words.Text(words.LabelCall), c.accept)
	c.call.Icon = handset
	// Wide apart: a hand that slips off one does not land on the other.
	buttons := container.NewHBox(minWidth(130, c.cancel), layout.NewSpacer(), minWidth(130, c.call))
	c.digits = newPanel(tight(withSize(a, theme.SizeNameText, 30, c.number), c.line))
	c.keys.scroll = container.NewVScroll(spaced(c.notice.box, tight(newHeading(words.Text(words.SayCallThis)), newText(words.Text(words.SayFromLink))), c.digits, c.with, c.beside.box, c.failed, c.counts, c.why))
	c.root = container.NewBorder(nil, buttons, nil, nil, c.keys.scroll)
	fill(c.win, c.keys, 420, c.root)
	g := c.keys.guard
	g.strict, g.after, g.changed = true, settleAfter, c.enable
	g.tells(&note{label: c.failed, draw: func() { relayout(c.root) }})
	c.apply(a.snap)
	return c
}

// show takes a question, or new counts of the one that is shown: that one is
// never swapped for another.
func (c *confirmWindow) show(q channel.Ask) {
	if c.open && q.Offer.ID == c.ask.Offer.ID {
		c.ask.More = q.More
		c.sayCounts()
		return
	}
	if q.Offer.ID == c.ask.Offer.ID {
		return // its counts come late: it was answered
	}
	c.ask, c.open, c.calling = q, true, false
	c.beside.offer(status.Offer{}, false) // of another link
	c.beside.offer(q.Offer, false)
	c.drawNumber()
	with := ""
	if q.Account != "" {
		with = words.AccountInUse(q.Account, false)
	}
	say(c.with, with, widget.MediumImportance)
	say(c.failed, "", widget.MediumImportance)
	c.why.RemoveAll()
	for _, reason := range q.Offer.Reasons {
		c.why.Add(newText("•  " + words.NumberReasons([]string{reason})))
	}
	c.sayCounts()
	c.keys.guard.hold()
	c.win.Resize(c.size())
	c.app.raise(c.win)
	c.win.Canvas().Focus(c.cancel)
	relayout(c.root)
}

// size leaves room for what is asked; more of it is scrolled to.
func (c *confirmWindow) size() fyne.Size {
	height := 300 + 46*float32(max(1, len(c.ask.Offer.Reasons)))
	if len(c.ask.Offer.Codes) > 0 {
		height += 45
	}
	if c.ask.Account != "" {
		height += 40
	}
	if c.ask.Offer.Then != "" { // which has to be seen before it is agreed to
		height += 80
	}
	return fyne.NewSize(480, min(620, height))
}

func (c *confirmWindow) drawNumber() {
	line := drawDigits(c.number, c.beside.dialled())
	say(c.line, "", widget.LowImportance)
	if line != "" && c.beside.wish().Code == "" {
		say(c.line, words.OutsideLine(line), widget.LowImportance)
	}
}

func (c *confirmWindow) sayCounts() {
	var lines []string
	if n := c.ask.Ignored; n > 0 {
		lines = append(lines, words.LinksWereMuted(n))
	}
	if n := c.ask.More; n > 0 {
		lines = append(lines, words.LinksMeanwhile(n))
	}
	say(c.counts, strings.Join(lines, "\n"), widget.WarningImportance)
	relayout(c.root)
}

// enable makes Call live in time. Until then no Tab leads there, and no key stays there.
func (c *confirmWindow) enable() {
	c.call.enable(c.open && c.keys.guard.live && !c.calling)
	if canvas := c.win.Canvas(); !c.keys.guard.live && canvas.Focused() == fyne.Focusable(c.call) {
		canvas.Focus(c.cancel)
	}
}

// refuse answers no, and hides the window once the agent knows: a link that came
// between the two would be dropped, as one beside a question.
func (c *confirmWindow) refuse() {
	if !c.open || c.calling {
		c.close()
		return
	}
	id := c.ask.Offer.ID
	c.app.ask(askTime, func(ctx context.Context) func() {
		channel.Do(ctx, c.app.agent, channel.Answer, channel.AnswerParams{ID: id})
		return func() {
			if c.ask.Offer.ID == id {
				c.close()
			}
		}
	})
	c.open = false
	c.enable()
}

// close hides the window; a yes that is on its way goes on.
func (c *confirmWindow) close() {
	c.app.hide(c.win)
}

// accept answers yes, to what is shown.
func (c *confirmWindow) accept() {
	if !c.open || !c.keys.guard.live || c.calling {
		return
	}
	c.calling = true
	c.enable()
	say(c.failed, "", widget.MediumImportance)
	id, wish := c.ask.Offer.ID, c.beside.wish()
	c.app.ask(checkTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, c.app.agent, channel.Answer, channel.AnswerParams{ID: id, Yes: true, Wish: wish})
		return func() {
			if c.ask.Offer.ID != id {
				return
			}
			c.calling = false
			switch {
			case p == nil:
				c.open = false
				c.close()
			case !c.app.visible[c.win]: // it was closed meanwhile
				c.refuse()
			default:
				say(c.failed, words.ProblemText(p), widget.DangerImportance)
				c.win.Canvas().Focus(c.cancel)
				c.keys.guard.again()
				relayout(c.root)
			}
		}
	})
}

// apply shows what keeps dialling from working.
func (c *confirmWindow) apply(s status.Snapshot) {
	c.notice.apply(s)
	if c.root != nil {
		relayout(c.root)
	}
}
