package window

import (
	"strings"

	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// newChoices lists the numbers that were found in a text, each as it would be
// dialled; below that, how it is written there, or why one might not want it.
func newChoices(a *App, k *keys, pick func(status.Offer)) *picker[status.Offer] {
	p := newPicker(a, k, pickerOf[status.Offer]{
		title: words.Text(words.LabelPickOne),
		row:   newTwoLineRow,
		draw: func(r *pickRow, c status.Offer) {
			r.main.SetText(words.Number(c.Shown))
			r.small.Importance = widget.LowImportance
			r.small.SetText(words.Number(c.Text))
			switch {
			case c.Line != "":
				r.small.SetText(lineText(c))
			case len(c.Reasons) > 0:
				r.small.Importance = widget.WarningImportance
				r.small.SetText(words.NumberReasons(c.Reasons))
			}
		},
		fits: func(c status.Offer, text string) fit {
			if strings.HasPrefix(c.Dial(), text) {
				return fitsWell
			}
			return fitsIn(c.Text, text)
		},
		pick: pick,
	})
	p.HideSeparators = true
	p.box.Hide()
	return p
}
