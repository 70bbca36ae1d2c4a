package window

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// notice is the band on top of a window: why it was opened, or why dialling
// will not work, with a button to the settings.
type notice struct {
	app    *App
	box    *panel
	text   *widget.Label
	button *button
	help   *button
	helps  func(*status.Problem) // offers what the guide says
	why    string
	snap   status.Snapshot
}

func newNotice(a *App, k *keys) *notice {
	n := &notice{app: a, text: newText("")}
	n.button = newButton(k, "", func() {
		if n.snap.Connection == status.NotSetUp {
			a.showAssistant("")
		} else {
			a.showSettings("")
		}
	})
	icon := widget.NewIcon(tint(theme.WarningIcon(), theme.ColorNameWarning))
	n.help, n.helps = newHelper(a, k)
	n.box = newPanel(container.NewBorder(nil, nil, container.NewCenter(icon),
		container.New(layout.NewCenterLayout(), container.NewVBox(n.button, n.help)), n.text))
	n.box.Hide()
	return n
}

func (n *notice) reason(why string) {
	n.why = why
	n.draw()
}

func (n *notice) apply(s status.Snapshot) {
	n.snap = s
	n.draw()
}

func (n *notice) draw() {
	text, label := "", words.LabelSettings
	switch n.snap.Connection {
	case status.NotSetUp:
		text, label = words.Text(words.SaySetUpFirst), words.LabelSetUp
	case status.NoSecret:
		text = words.ProblemText(&status.Problem{Code: status.CodeSecretMissing})
	default:
		if n.snap.Trouble != nil {
			text = words.Problem(*n.snap.Trouble).String()
		}
	}
	showIf(n.button, text != "")
	n.helps(n.snap.Trouble)
	n.button.SetText(words.Text(label))
	if !strings.Contains(text, n.why) { // which may be the same
		text = strings.TrimSpace(n.why + "\n" + text)
	}
	if text == "" {
		n.box.Hide()
		return
	}
	n.text.SetText(text)
	n.box.Show()
}
