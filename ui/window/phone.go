package window

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// phoneForm is the page about what Cornetta tells and does of phones beside calls that it
// places: the calls that come in, colleagues, the codes of the PBX. What costs something has
// its cost below it.
type phoneForm struct {
	settingRows
	page    fyne.CanvasObject
	changed func()
}

func newPhoneForm(k *keys) *phoneForm {
	f := &phoneForm{changed: func() {}}
	edited := func() {
		f.draw()
		f.changed()
	}
	incoming, colleagues, codes := newSettingRows(k, "phone", edited), newSettingRows(k, "colleagues", edited), newSettingRows(k, "codes", edited)
	f.settingRows = slices.Concat(incoming, colleagues, codes)
	f.page = container.NewVScroll(spaced(
		newText(words.Text(words.SayPhone)), newGrid(incoming.cells()...),
		newBold(words.Text(words.LabelColleagues)), newText(words.Text(words.SayColleagues)), newGrid(colleagues.cells()...),
		newBold(words.Text(words.LabelCodes)), newGrid(codes.cells()...)))
	return f
}

// point is the field that a problem of the agent's is about, nil for none of these.
func (f *phoneForm) point(p *status.Problem) fyne.Focusable {
	if r := f.row(p.Field); r != nil {
		return r.input
	}
	return nil
}
