package window

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/ui/words"
)

// settingRow is a setting on a form, made of its description: what it is called,
// what to choose or to type, and below that what is wrong or what the choice means.
type settingRow struct {
	config.Setting
	label  fyne.CanvasObject
	cell   fyne.CanvasObject
	input  fyne.Focusable
	note   *widget.Label
	text   func() string // what stands there, as Parse takes it
	show   func(text string)
	placed bool
	locked string // where an administrator has locked it, "" where nobody has
}

func newSettingRow(k *keys, s config.Setting, edited func()) *settingRow {
	r := &settingRow{Setting: s, label: fieldLabel(words.FieldName(s.Key)), note: newNote("")}
	var field fyne.CanvasObject
	switch s.Kind {
	case setting.KindSwitch:
		t := newTick(k, words.FieldValue(s.Key, "true"), func(bool) { edited() })
		field, r.input = t, t
		r.text = func() string { return strconv.FormatBool(t.Checked) }
		r.show = func(text string) { t.SetChecked(text == "true") }
	case setting.KindChoice:
		c := newChoice(k, s.Codes, func(code string) string { return words.FieldValue(s.Key, code) }, edited)
		field, r.input, r.text, r.show = c, c, c.code, c.pick
	default:
		e := newEntry(k)
		e.OnChanged = func(string) { edited() }
		field, r.input = e, e
		r.text = func() string { return typedText(s.Kind, e.Text) }
		r.show = func(text string) { e.SetText(shownText(s.Kind, text)) }
		if s.Kind != setting.KindText && s.Kind != setting.KindList {
			field = narrow(e, words.FieldUnit(s.Key))
		}
	}
	r.cell = tight(field, r.note)
	r.draw()
	return r
}

// narrow is a short field with its unit behind it.
func narrow(e *entry, unit string) fyne.CanvasObject {
	box := container.NewHBox(minWidth(110, e))
	if unit != "" {
		box.Add(widget.NewLabel(unit))
	}
	return box
}

// typedText is what was typed for a setting as its Parse takes it: a time is typed
// in seconds, as "10", "2.5" or "10s".
func typedText(kind setting.Kind, text string) string {
	text = strings.TrimSpace(text)
	if kind != setting.KindPeriod {
		return text
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.Replace(text, ",", ".", 1), "s")), 64)
	if err != nil || n <= 0 || n > 3600 {
		return ""
	}
	return time.Duration(n * float64(time.Second)).String()
}

// shownText is a setting's text as people type it.
func shownText(kind setting.Kind, text string) string {
	if d, err := time.ParseDuration(text); err == nil && kind == setting.KindPeriod {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
	}
	return text
}

// fault is what is wrong with what stands there, "" for nothing.
func (r *settingRow) fault() string {
	var c config.Config
	_ = r.Parse(&c, r.text())
	return r.Check(&c)
}

// lock keeps the person from changing what an administrator has locked at place, which
// is "" where nobody has.
func (r *settingRow) lock(place string) {
	r.locked = place
	if d, ok := r.input.(fyne.Disableable); ok {
		enableIf(d, place == "")
	}
	r.draw()
}

func enableIf(d fyne.Disableable, on bool) {
	if on {
		d.Enable()
	} else {
		d.Disable()
	}
}

func (r *settingRow) draw() {
	if r.locked != "" {
		say(r.note, words.LockedBy(r.locked), widget.LowImportance)
		return
	}
	if code := r.fault(); code != "" {
		say(r.note, words.FieldError(r.Key, code).String(), widget.DangerImportance)
		return
	}
	say(r.note, cmp.Or(words.FieldValueNote(r.Key, r.text()), words.FieldNote(r.Key)), widget.LowImportance)
}

// settingRows are the rows of a form.
type settingRows []*settingRow

// newSettingRows makes a row of every setting of a group, but for those that the form
// shows in another way, or not at all.
func newSettingRows(k *keys, group string, edited func(), except ...string) settingRows {
	var rows settingRows
	for _, s := range config.Settings(group) {
		if !slices.Contains(except, s.Key) {
			rows = append(rows, newSettingRow(k, s, edited))
		}
	}
	return rows
}

// row is that of a setting, nil where it has none.
func (rows settingRows) row(key string) *settingRow {
	if i := slices.IndexFunc(rows, func(r *settingRow) bool { return r.Key == key }); i >= 0 {
		return rows[i]
	}
	return nil
}

// cell is the row of a setting without what it is called, for a place of its own.
func (rows settingRows) cell(key string) fyne.CanvasObject {
	r := rows.row(key)
	r.placed = true
	return r.cell
}

// cells are what a grid shows: the rows of some settings, in that order, then those
// of all others that have no place yet.
func (rows settingRows) cells(keys ...string) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	add := func(r *settingRow) {
		if !r.placed {
			r.placed = true
			out = append(out, r.label, r.cell)
		}
	}
	for _, key := range keys {
		add(rows.row(key))
	}
	for _, r := range rows {
		add(r)
	}
	return out
}

func (rows settingRows) load(c config.Config) {
	for _, r := range rows {
		r.show(r.Text(&c))
		r.lock(c.Locked[r.Key])
	}
}

// read puts what stands in the rows into c; what cannot be read is the zero value
// there.
func (rows settingRows) read(c *config.Config) {
	for _, r := range rows {
		_ = r.Parse(c, r.text())
	}
}

// draw says what is wrong and what the choices mean. It reports whether that
// changed, and with it perhaps the height.
func (rows settingRows) draw() (changed bool) {
	for _, r := range rows {
		before := r.note.Text
		r.draw()
		changed = changed || r.note.Text != before
	}
	return changed
}

// wrong is the first input to correct, nil for none.
func (rows settingRows) wrong() fyne.Focusable {
	for _, r := range rows {
		if r.fault() != "" {
			return r.input
		}
	}
	return nil
}
