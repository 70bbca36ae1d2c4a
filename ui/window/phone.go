package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// phoneForm is the page about what Cornetta tells and does of the phone beside calls that it
// places. Each setting has its cost below it.
type phoneForm struct {
	settingRows
	page    fyne.CanvasObject
	changed func()
}

func newPhoneForm(k *keys) *phoneForm {
	f := &phoneForm{changed: func() {}}
	f.settingRows = newSettingRows(k, "phone", func() {
		f.draw()
		f.changed()
	})
	f.page = container.NewVScroll(spaced(newText(words.Text(words.SayPhone)), newGrid(f.cells()...)))
	return f
}

func (f *phoneForm) load(v config.Phone, locked map[string]string) {
	f.settingRows.load(config.Config{Phone: v, Locked: locked})
	f.draw()
}

// value is what stands in the form.
func (f *phoneForm) value() *config.Phone {
	var c config.Config
	f.read(&c)
	return &c.Phone
}

// point is the field that a problem of the agent's is about, nil for none of these.
func (f *phoneForm) point(p *status.Problem) fyne.Focusable {
	if r := f.row(p.Field); r != nil {
		return r.input
	}
	return nil
}
