package window

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// enrolmentWindow shows what a file from an administrator would change, and asks. What
// takes away protection stands first, and has a question of its own.
type enrolmentWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	whom   *widget.Label
	which  *widget.Label // which account it is about
	risks  *fyne.Container
	risk   *panel
	meant  *tick
	lines  *fyne.Container
	failed *widget.Label
	cancel *button
	change *button
	root   *fyne.Container

	shown  channel.Enrolment
	saving bool
}

func newEnrolmentWindow(a *App) *enrolmentWindow {
	w := &enrolmentWindow{app: a}
	w.keys = &keys{escape: w.hide}
	w.win = a.newWindow(words.Text(words.TitleEnrolment), w.keys)
	w.whom, w.which, w.failed = newText(""), newText(""), newText("")
	w.risks, w.lines = tight(), tight()
	w.meant = newTick(w.keys, words.Text(words.LabelRiskMeant), func(bool) { w.enable() })
	w.meant.yes = true
	w.risk = newPanel(container.NewVBox(newHeading(words.Text(words.HeadEnrolmentRisk)), w.risks, w.meant))
	w.cancel = newButton(w.keys, words.Text(words.LabelCancel), w.hide)
	w.change = newYes(w.keys, words.Text(words.LabelChange), w.accept)
	buttons := container.NewHBox(minWidth(130, w.cancel), layout.NewSpacer(), minWidth(130, w.change))
	w.keys.scroll = container.NewVScroll(spaced(
		newText(words.Text(words.SayEnrolment)), w.whom, w.which, w.risk,
		tight(newHeading(words.Text(words.HeadEnrolment)), w.lines)))
	w.root = container.NewBorder(nil, container.NewVBox(w.failed, buttons), nil, nil, w.keys.scroll)
	fill(w.win, w.keys, 420, w.root)
	w.keys.guard.strict, w.keys.guard.changed = true, w.enable
	w.win.Resize(fyne.NewSize(560, 560))
	return w
}

// show takes the place of what was shown before.
func (w *enrolmentWindow) show(e channel.Enrolment) {
	w.shown, w.saving = e, false
	say(w.failed, "", widget.DangerImportance)
	say(w.whom, "", widget.MediumImportance)
	if e.For != "" {
		say(w.whom, words.EnrolmentFor(e.For), widget.MediumImportance)
	}
	say(w.which, e.Account, widget.MediumImportance)
	w.risks.RemoveAll()
	w.lines.RemoveAll()
	for _, c := range e.Changes {
		line := words.Change(c.Description(), c.Old, c.New)
		w.lines.Add(newText("•  " + line))
		if c.Risk {
			w.risks.Add(newText("•  " + line + "\n" + words.EnrolmentRisk(c.Key)))
		}
	}
	if len(e.Changes) == 0 {
		w.lines.Add(newText(words.Text(words.SayEnrolmentSame)))
	}
	showIf(w.risk, config.Risky(e.Changes))
	w.meant.SetChecked(false)
	w.keys.guard.hold()
	w.enable()
	w.app.raise(w.win)
	w.win.Canvas().Focus(w.cancel)
	relayout(w.root)
}

// enable makes the yes live in time, and only once what takes away protection was
// agreed to by itself.
func (w *enrolmentWindow) enable() {
	live := w.keys.guard.live && !w.saving
	enableIf(w.meant, live)
	w.change.enable(live && len(w.shown.Changes) > 0 && (!config.Risky(w.shown.Changes) || w.meant.Checked))
}

func (w *enrolmentWindow) hide() { w.app.hide(w.win) }

func (w *enrolmentWindow) accept() {
	if w.change.Disabled() {
		return
	}
	w.saving = true
	w.enable()
	p := channel.EnrolParams{ID: w.shown.ID, Risk: w.meant.Checked}
	w.app.ask(saveTime, func(ctx context.Context) func() {
		saved, problem := channel.Call(ctx, w.app.agent, channel.Enrol, p)
		return func() {
			if w.shown.ID != p.ID {
				return
			}
			w.saving = false
			switch {
			case problem != nil:
				say(w.failed, words.ProblemText(problem), widget.DangerImportance)
				w.keys.guard.hold()
			case saved.Warning != nil:
				say(w.failed, words.ProblemText(saved.Warning), widget.WarningImportance)
				w.shown.Changes = nil
			default:
				w.hide()
			}
			w.enable()
			relayout(w.root)
		}
	})
}
