package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// numbersForm is how numbers are dialled, with the tester underneath. The outside
// line is the account's and stands in its form.
type numbersForm struct {
	settingRows
	region *countryPick
	tester *tester
	grid   *fyne.Container
	page   fyne.CanvasObject

	loaded  number.Settings // what has no row stays
	changed func()
}

func newNumbersForm(a *App, k *keys, account *form) *numbersForm {
	n := &numbersForm{changed: func() {}}
	edited := func() {
		n.draw()
		n.changed()
		n.tester.draw()
	}
	n.settingRows = newSettingRows(k, "numbers", edited, fieldRegion, "local_contexts")
	n.region = newCountryPick(a, k)
	n.region.changed = edited
	n.region.resized = func() { relayout(n.grid) }
	n.tester = newTester(a, k, func() number.Settings {
		rules := n.value()
		rules.Prefix = account.text(fieldPrefix)
		return rules
	})
	n.grid = newGrid(append([]fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldRegion)), n.region.box,
		fieldLabel(words.FieldName(fieldPrefix)), account.narrow(fieldPrefix),
	}, n.cells(fieldPlus, fieldLength, fieldTyped, fieldTypedLine, fieldHome, fieldConfirm, fieldCodes)...)...)
	n.page = container.NewBorder(nil, n.tester.box, nil, nil, minHeight(100, container.NewVScroll(n.grid)))
	return n
}

func (n *numbersForm) load(v number.Settings, regions []string, locked map[string]string) {
	n.loaded = v
	n.region.all = countries(regions)
	n.region.set(v.Region)
	n.region.lock(locked[fieldRegion])
	n.settingRows.load(config.Config{Numbers: v, Locked: locked})
	n.draw()
	n.tester.reset()
}

// value is what stands in the form.
func (n *numbersForm) value() number.Settings {
	c := config.Config{Numbers: n.loaded}
	n.read(&c)
	c.Numbers.Region = n.region.code
	return c.Numbers
}

// draw says what the choices mean, and what is wrong.
func (n *numbersForm) draw() {
	line, both := n.row(fieldTypedLine), n.row(fieldTyped).text() == number.TypedPlan
	showIf(line.label, both)
	showIf(line.cell, both)
	if n.settingRows.draw() && n.grid != nil {
		relayout(n.grid)
	}
}

// check shows what is wrong and returns the field to correct, nil for none.
func (n *numbersForm) check() fyne.Focusable {
	n.draw()
	if !n.region.valid() {
		return n.region.entry
	}
	return n.wrong()
}

// point is the field that a problem of the agent's is about, nil for none of
// these.
func (n *numbersForm) point(p *status.Problem) fyne.Focusable {
	if p.Code != status.CodeField {
		return nil
	}
	if p.Field == fieldRegion {
		n.region.bad = true
		n.region.draw()
		return n.region.entry
	}
	if r := n.row(p.Field); r != nil {
		return r.input
	}
	return nil
}
