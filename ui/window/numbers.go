package window

import (
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// numbersForm is how numbers are dialled, with the tester underneath. The outside
// line is the account's and stands in its form.
type numbersForm struct {
	app         *App
	region      *countryPick
	plus        *choice
	length      *entry
	lengthNote  *widget.Label
	typed       *choice
	typedNote   *widget.Label
	line        *choice // with TypedPlan
	lineLabel   fyne.CanvasObject
	home        *tick
	confirm     *choice
	confirmNote *widget.Label
	codes       *choice
	tester      *tester
	grid        *fyne.Container
	page        fyne.CanvasObject

	loaded  number.Settings // what has no field stays
	changed func()
}

// An option is a value of a setting and what people choose it by.
type option struct{ value, text string }

var (
	plusOptions    = []option{{number.PlusZeros, textPlusZeros}, {number.PlusKeep, textPlusKeep}}
	typedOptions   = []option{{number.TypedPlan, textTypedPlan}, {number.TypedKeypad, textTypedKeypad}, {number.TypedPublic, textTypedPublic}}
	lineOptions    = []option{{number.LineAsk, textLineAsk}, {number.LineMissing, textLineMissing}, {number.LineTyped, textLineTyped}}
	confirmOptions = []option{
		{number.ConfirmLinks, textConfirmLinks},
		{number.ConfirmAlways, textConfirmAlways},
		{number.ConfirmTrusted, textConfirmTrusted},
	}
	codesOptions = []option{{number.CodesConfirm, textCodesConfirm}, {number.CodesBlock, textCodesBlock}}

	typedNotes = map[string]string{
		number.TypedPlan: textTypedPlanNote, number.TypedKeypad: textTypedKeypadNote, number.TypedPublic: textTypedPublicNote,
	}
	confirmNotes = map[string]string{
		number.ConfirmLinks: textConfirmLinksNote, number.ConfirmAlways: textConfirmAlwaysNote,
		number.ConfirmTrusted: textConfirmTrustedNote,
	}
)

func texts(options []option) []string {
	var out []string
	for _, o := range options {
		out = append(out, o.text)
	}
	return out
}

// chosen is the value behind what is selected.
func chosen(c *choice, options []option) string {
	for _, o := range options {
		if o.text == c.Selected {
			return o.value
		}
	}
	return options[0].value
}

func pick(c *choice, options []option, value string) {
	for _, o := range options {
		if o.value == value {
			c.SetSelected(o.text)
		}
	}
}

func newNumbersForm(a *App, k *keys, account *form) *numbersForm {
	n := &numbersForm{app: a, changed: func() {}, lengthNote: newNote(""), confirmNote: newNote(""), typedNote: newNote("")}
	edited := func() {
		n.draw()
		n.changed()
		n.tester.ask()
	}
	n.region = newCountryPick(a, k)
	n.region.changed = edited
	n.region.resized = func() { relayout(n.grid) }
	n.plus = newChoice(k, texts(plusOptions), func(string) { edited() })
	n.length = newEntry(k)
	n.length.OnChanged = func(string) { edited() }
	n.typed = newChoice(k, texts(typedOptions), func(string) { edited() })
	n.line = newChoice(k, texts(lineOptions), func(string) { edited() })
	n.home = newTick(k, textHomeNational, func(bool) { edited() })
	n.confirm = newChoice(k, texts(confirmOptions), func(string) { edited() })
	n.codes = newChoice(k, texts(codesOptions), func(string) { edited() })
	n.tester = newTester(a, k, func() number.Settings {
		rules := n.value()
		rules.Prefix = account.text(fieldPrefix)
		return rules
	})

	label := func(name string) fyne.CanvasObject { return fieldLabel(words.FieldName(name)) }
	n.lineLabel = label(fieldTypedLine)
	n.grid = newGrid(
		label(fieldRegion), n.region.box,
		label(fieldPrefix), account.narrow(fieldPrefix, textPrefixUnit),
		label(fieldPlus), n.plus,
		label(fieldLength), tight(container.NewHBox(minWidth(110, n.length), widget.NewLabel(textLengthUnit)), n.lengthNote),
		label(fieldTyped), tight(n.typed, n.typedNote),
		n.lineLabel, n.line,
		label(fieldHome), n.home,
		label(fieldConfirm), tight(n.confirm, n.confirmNote),
		label(fieldCodes), n.codes,
	)
	n.page = container.NewBorder(nil, n.tester.box, nil, nil, container.NewVScroll(n.grid))
	return n
}

func (n *numbersForm) load(v number.Settings, regions []string) {
	n.loaded = v
	n.region.all = countries(regions)
	n.region.set(v.Region)
	pick(n.plus, plusOptions, v.Plus)
	n.length.SetText(strconv.Itoa(v.ExtMaxLen))
	pick(n.typed, typedOptions, v.TypedIs)
	pick(n.line, lineOptions, v.TypedLine)
	n.home.SetChecked(v.HomeNational)
	pick(n.confirm, confirmOptions, v.Confirm)
	pick(n.codes, codesOptions, v.LinkFeatureCodes)
	n.draw()
	n.tester.reset()
}

// value is what stands in the form; a length that is none is 0.
func (n *numbersForm) value() number.Settings {
	v := n.loaded
	v.Region = n.region.code
	v.Plus = chosen(n.plus, plusOptions)
	v.ExtMaxLen, _ = strconv.Atoi(strings.TrimSpace(n.length.Text))
	v.TypedIs = chosen(n.typed, typedOptions)
	v.TypedLine = chosen(n.line, lineOptions)
	v.HomeNational = n.home.Checked
	v.Confirm = chosen(n.confirm, confirmOptions)
	v.LinkFeatureCodes = chosen(n.codes, codesOptions)
	return v
}

// draw says what the choices mean, and what is wrong.
func (n *numbersForm) draw() {
	before := n.notes()
	say(n.typedNote, typedNotes[chosen(n.typed, typedOptions)], widget.LowImportance)
	both := chosen(n.typed, typedOptions) == number.TypedPlan
	showIf(n.lineLabel, both)
	showIf(n.line, both)
	say(n.confirmNote, confirmNotes[chosen(n.confirm, confirmOptions)], widget.LowImportance)
	say(n.lengthNote, "", widget.LowImportance)
	if code := n.fault(); code != "" {
		say(n.lengthNote, words.FieldError(fieldLength, code).String(), widget.DangerImportance)
	}
	if n.grid != nil && before != n.notes() {
		relayout(n.grid)
	}
}

// notes is all that changes the height of the form.
func (n *numbersForm) notes() string {
	return n.lengthNote.Text + n.confirmNote.Text + n.typedNote.Text
}

// fault is what is wrong with the length, the one field that takes what is none.
func (n *numbersForm) fault() string {
	v := number.DefaultSettings()
	v.ExtMaxLen = n.value().ExtMaxLen
	var fe *config.FieldError
	if errors.As(v.Validate(), &fe) {
		return fe.Code
	}
	return ""
}

// check shows what is wrong and returns the field to correct, nil for none.
func (n *numbersForm) check() fyne.Focusable {
	n.draw()
	switch {
	case !n.region.valid():
		return n.region.entry
	case n.fault() != "":
		return n.length
	}
	return nil
}

// point is the field that a problem of the agent's is about, nil for none of
// these.
func (n *numbersForm) point(p *channel.Problem) fyne.Focusable {
	if p.Kind != channel.KindField {
		return nil
	}
	switch p.Field {
	case fieldRegion:
		n.region.bad = true
		n.region.draw()
		return n.region.entry
	case fieldPlus:
		return n.plus
	case fieldLength:
		return n.length
	case fieldTyped:
		return n.typed
	case fieldTypedLine:
		return n.line
	case fieldConfirm:
		return n.confirm
	case fieldCodes:
		return n.codes
	}
	return nil
}
