package window

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// examineTime is for all that the doctor looks at: hops that hang take ten seconds each.
const examineTime = time.Minute

// doctorWindow has everything checked and lists what was found, each check as soon as
// it is made.
type doctorWindow struct {
	app     *App
	win     fyne.Window
	list    *fyne.Container
	scroll  *container.Scroll
	busy    *widget.Activity
	outcome *widget.Label
	copy    *button
	again   *button

	number uint64 // of the examination that is shown
	found  []status.Finding
	cancel context.CancelFunc
}

func newDoctorWindow(a *App) *doctorWindow {
	d := &doctorWindow{app: a, list: container.NewVBox(), busy: widget.NewActivity(), outcome: newText("")}
	k := &keys{escape: d.hide}
	d.win = a.newWindow(words.Text(words.TitleDoctor), k)
	d.copy = newButton(k, words.Text(words.LabelCopyAll), d.tapCopy)
	d.again = newButton(k, words.Text(words.LabelCheckAgain), d.start)
	shut := newButton(k, words.Text(words.LabelDone), d.hide)
	d.scroll = container.NewVScroll(d.list)
	footer := container.NewVBox(widget.NewSeparator(),
		container.NewBorder(nil, nil, d.busy, nil, d.outcome),
		container.NewHBox(d.copy, layout.NewSpacer(), d.again, shut))
	k.scroll = d.scroll
	fill(d.win, k, 420, container.NewBorder(nil, footer, nil, nil, d.scroll))
	d.win.Resize(fyne.NewSize(680, 640))
	return d
}

func (d *doctorWindow) show() {
	if !d.app.visible[d.win] {
		d.start()
	}
	d.app.raise(d.win)
	d.win.Canvas().Focus(d.again)
}

func (d *doctorWindow) hide() {
	d.stop()
	d.app.hide(d.win)
}

// stop gives up an examination that goes on.
func (d *doctorWindow) stop() {
	d.number = 0
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
	d.busy.Stop()
	d.busy.Hide()
}

func (d *doctorWindow) start() {
	d.stop()
	d.found = nil
	d.list.RemoveAll()
	d.busy.Show()
	d.busy.Start()
	d.again.enable(false)
	d.copy.enable(false)
	say(d.outcome, words.Text(words.SayExamining), widget.MediumImportance)
	number := d.app.agent.NewCheck()
	d.number = number
	d.cancel = d.app.ask(examineTime, func(ctx context.Context) func() {
		all, p := d.app.agent.Examine(ctx, number)
		return func() {
			if d.number == number {
				d.finish(all, p)
			}
		}
	})
}

// add shows one finding of the examination that is shown.
func (d *doctorWindow) add(e channel.Examined) {
	if e.Examination != d.number || d.number == 0 ||
		slices.ContainsFunc(d.found, func(f status.Finding) bool { return f.ID == e.Finding.ID }) {
		return
	}
	d.found = append(d.found, e.Finding)
	d.list.Add(findingRow(e.Finding))
}

func (d *doctorWindow) finish(all []status.Finding, p *status.Problem) {
	d.stop()
	d.again.enable(true)
	d.win.Canvas().Focus(d.again)
	if p != nil {
		say(d.outcome, words.ProblemText(p), widget.DangerImportance)
		return
	}
	d.found = all
	d.list.RemoveAll()
	for _, f := range all { // in their order
		d.list.Add(findingRow(f))
	}
	d.copy.enable(true)
	n := map[status.FindingState]int{}
	for _, f := range all {
		n[f.State]++
	}
	look := widget.SuccessImportance
	switch {
	case n[status.FindingFailed] > 0:
		look = widget.DangerImportance
	case n[status.FindingWarning]+n[status.FindingUntried] > 0:
		look = widget.WarningImportance
	}
	say(d.outcome, words.FindingsSummary(n[status.FindingOK], n[status.FindingWarning], n[status.FindingFailed], n[status.FindingUntried]), look)
	relayout(d.list)
}

// tapCopy copies the list as text, which the person can send to who helps them.
func (d *doctorWindow) tapCopy() {
	lines := make([]string, len(d.found))
	for i, f := range d.found {
		lines[i] = words.Finding(f)
	}
	d.app.fyne.Clipboard().SetContent(strings.Join(lines, "\n") + "\n")
	say(d.outcome, words.Text(words.SayCopied), widget.MediumImportance)
}

// findingRow tells how a check ended by a sign of its own shape and by a word, and only
// then by a colour.
func findingRow(f status.Finding) fyne.CanvasObject {
	icon, color := theme.ContentRemoveIcon(), theme.ColorNameDisabled
	switch f.State {
	case status.FindingOK:
		icon, color = theme.ConfirmIcon(), theme.ColorNameSuccess
	case status.FindingWarning:
		icon, color = theme.WarningIcon(), theme.ColorNameWarning
	case status.FindingFailed:
		icon, color = theme.CancelIcon(), theme.ColorNameError
	}
	head := newBold(words.FindingHead(f))
	text := tight(head, newText(f.Seen))
	if f.Do != "" {
		text.Add(newText(words.FindingDo(f)))
	}
	sign := container.NewVBox(indented(widget.NewIcon(tint(icon, color))))
	return container.NewBorder(nil, nil, sign, nil, text)
}
