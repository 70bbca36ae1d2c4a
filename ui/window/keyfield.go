package window

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// captureTime is how long keys are waited for.
const captureTime = time.Minute

// keyField is a combination of keys that is set by pressing it.
type keyField struct {
	button
	app  *App
	name string // in the settings file
	note *widget.Label

	value   string // "Ctrl+Alt+G", "" for none
	inForce string // what the agent listens to, as far as is known
	trouble *channel.KeyTrouble
	wrong   string // what is wrong with the value
	locked  string // where an administrator has locked it, "" where nobody has
	held    func() fyne.KeyModifier
	stop    context.CancelFunc // while the keys are awaited
	turn    int                // tells an answer from one that is no longer waited for
	eaten   fyne.KeyName       // went into the combination, and is no key to the button
	taken   func(keys string) bool
	changed func()
	resized func()
}

func newKeyField(a *App, k *keys, name string) *keyField {
	f := &keyField{
		app: a, name: name, note: newNote(""), held: heldKeys,
		taken: func(string) bool { return false }, changed: func() {}, resized: func() {},
	}
	f.keys = k
	f.OnTapped = f.capture
	f.ExtendBaseWidget(f)
	f.draw()
	return f
}

func heldKeys() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// load shows what is in force.
func (f *keyField) load(value string, trouble *channel.KeyTrouble) {
	f.leave()
	f.value, f.inForce, f.trouble, f.wrong = value, value, trouble, ""
	f.draw()
}

// capture waits for keys. Those that are in force dial nothing meanwhile: the
// desktop gives them to the agent alone, which says what they were.
func (f *keyField) capture() {
	if f.stop != nil {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(f); c != nil {
		c.Focus(f) // a button that is pressed loses the keyboard
	}
	f.turn++
	turn := f.turn
	f.stop = f.app.ask(captureTime, func(ctx context.Context) func() {
		pressed, _ := channel.Call(ctx, f.app.agent, channel.AwaitKeys, ipc.None{})
		return func() {
			if f.turn != turn {
				return
			}
			f.leave()
			if pressed.Keys != "" {
				f.take(pressed.Keys)
			}
			f.draw()
		}
	})
	f.wrong = ""
	f.draw()
}

// leave gives up the wait for keys.
func (f *keyField) leave() {
	f.turn++
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

func (f *keyField) capturing() bool { return f.stop != nil }

// AcceptsTab implements fyne.Tabbable: while keys are awaited Tab is one.
func (f *keyField) AcceptsTab() bool { return f.capturing() }

// TypedKey implements fyne.Focusable.
func (f *keyField) TypedKey(ev *fyne.KeyEvent) {
	if !f.capturing() && ev.Name != f.eaten {
		f.button.TypedKey(ev)
	}
}

// TypedShortcut implements fyne.Shortcutable: what was pressed to be the value is
// nothing else besides.
func (f *keyField) TypedShortcut(s fyne.Shortcut) {
	if f.eaten == "" {
		f.keys.shortcut(s)
	}
}

// FocusLost implements fyne.Focusable.
func (f *keyField) FocusLost() {
	f.button.FocusLost()
	if f.capturing() {
		f.leave()
		f.draw()
	}
}

// KeyDown implements desktop.Keyable.
func (f *keyField) KeyDown(ev *fyne.KeyEvent) {
	f.eaten = ""
	if !f.capturing() {
		f.button.KeyDown(ev)
		return
	}
	f.eaten = ev.Name
	held := f.held()
	name, modifier := keyName(ev.Name)
	switch {
	case modifier:
		f.SetText(held2text(held) + "…")
	case ev.Name == fyne.KeyEscape && held == 0:
		f.leave()
		f.draw()
	case (ev.Name == fyne.KeyDelete || ev.Name == fyne.KeyBackspace) && held == 0:
		f.leave()
		f.take("")
	case name == "":
		f.say(words.Text(words.SayKeyUnusable))
	case held&^fyne.KeyModifierShift == 0 && (held == 0 || !isFunctionKey(name)):
		f.say(words.ProblemText(&status.Problem{Code: status.CodeKeysBad}))
	default:
		f.leave()
		f.take(held2text(held) + name)
	}
}

// KeyUp implements desktop.Keyable.
func (f *keyField) KeyUp(ev *fyne.KeyEvent) {
	f.button.KeyUp(ev)
	if _, modifier := keyName(ev.Name); modifier && f.capturing() {
		f.draw()
	}
}

// take makes keys the value, and asks whether they can be had.
func (f *keyField) take(keys string) {
	f.value, f.wrong = keys, ""
	if keys != "" && f.taken(keys) {
		f.wrong = words.Text(words.SayKeysTwice)
	}
	f.changed()
	f.draw()
	if keys == "" || keys == f.inForce || f.wrong != "" {
		return
	}
	f.app.ask(askTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, f.app.agent, channel.CheckKeys, channel.KeysParams{Keys: keys})
		return func() {
			if f.value == keys && p != nil && p.Code != status.CodeAgentSilent {
				f.wrong = words.ProblemHere(p)
				f.draw()
			}
		}
	})
}

func (f *keyField) draw() {
	text := f.value
	if text == "" {
		text = words.Text(words.LabelNoKeys)
	}
	if f.capturing() {
		text = words.Text(words.LabelPressKeys)
	}
	f.Importance = widget.MediumImportance
	if f.capturing() {
		f.Importance = widget.HighImportance
	}
	f.SetText(text)
	f.Refresh()
	switch {
	case f.locked != "":
		f.say(words.LockedBy(f.locked))
	case f.capturing():
		f.say(words.Text(words.SayCapturing))
	case f.wrong != "":
		f.sayAs(f.wrong, widget.DangerImportance)
	case f.value == f.inForce && f.value != "" && f.trouble != nil:
		f.sayAs(words.KeysTrouble(f.value, f.trouble.Problem, f.trouble.Command).Here().String(), widget.DangerImportance)
	case f.value == f.inForce && f.value == "":
		f.say(words.Text(words.SayKeysOff))
	case f.value == f.inForce:
		f.sayAs(words.Text(words.SayKeysInForce), widget.SuccessImportance)
	default:
		f.say(words.Text(words.SayKeysUnsaved))
	}
}

func (f *keyField) say(s string) { f.sayAs(s, widget.LowImportance) }

func (f *keyField) sayAs(s string, imp widget.Importance) {
	before := f.note.Text
	say(f.note, s, imp)
	if s != before {
		f.resized()
	}
}

// held2text is "Ctrl+Alt+" for modifiers, as settings have them.
func held2text(held fyne.KeyModifier) string {
	var b strings.Builder
	for _, m := range []struct {
		bit  fyne.KeyModifier
		name string
	}{
		{fyne.KeyModifierControl, "Ctrl+"},
		{fyne.KeyModifierAlt, "Alt+"},
		{fyne.KeyModifierShift, "Shift+"},
		{fyne.KeyModifierSuper, "Super+"},
	} {
		if held&m.bit != 0 {
			b.WriteString(m.name)
		}
	}
	return b.String()
}

// keyName is what settings call one of Fyne's keys, "" for those that are in no
// combination. The agent has the last word.
func keyName(k fyne.KeyName) (name string, modifier bool) {
	switch k {
	case desktop.KeyControlLeft, desktop.KeyControlRight, desktop.KeyAltLeft, desktop.KeyAltRight,
		desktop.KeyShiftLeft, desktop.KeyShiftRight, desktop.KeySuperLeft, desktop.KeySuperRight:
		return "", true
	case fyne.KeyReturn, fyne.KeyEnter:
		return "Enter", false
	case fyne.KeyPageUp:
		return "PageUp", false
	case fyne.KeyPageDown:
		return "PageDown", false
	case fyne.KeyBackspace:
		return "Backspace", false
	case fyne.KeySpace, fyne.KeyTab, fyne.KeyInsert, fyne.KeyDelete, fyne.KeyHome, fyne.KeyEnd,
		fyne.KeyLeft, fyne.KeyUp, fyne.KeyRight, fyne.KeyDown:
		return string(k), false
	}
	if s := string(k); isFunctionKey(s) || len(s) == 1 && (s[0] >= 'A' && s[0] <= 'Z' || s[0] >= '0' && s[0] <= '9') {
		return s, false
	}
	return "", false
}

func isFunctionKey(name string) bool {
	return len(name) > 1 && name[0] == 'F' && strings.Trim(name[1:], "0123456789") == ""
}

// keysForm is the page with all combinations, whether the second may copy, and
// what else there is to choose about them.
type keysForm struct {
	settingRows
	clipboard, selection, redial *keyField

	grid *fyne.Container
	page fyne.CanvasObject

	loaded  config.Keys
	changed func()
}

func newKeysForm(a *App, k *keys) *keysForm {
	f := &keysForm{
		clipboard: newKeyField(a, k, fieldClipboard), selection: newKeyField(a, k, fieldSelection), redial: newKeyField(a, k, fieldRedial),
		changed: func() {},
	}
	for _, field := range f.fields() {
		field.taken = func(keys string) bool {
			return slices.ContainsFunc(f.fields(), func(o *keyField) bool { return o != field && o.value == keys })
		}
	}
	f.settingRows = newSettingRows(k, "keys", func() { f.changed() }, fieldClipboard, fieldSelection, fieldRedial)
	f.grid = newGrid(append([]fyne.CanvasObject{
		fieldLabel(words.Text(words.LabelDialCopiedKeys)), tight(container.NewHBox(minWidth(240, f.clipboard)), f.clipboard.note),
		fieldLabel(words.Text(words.LabelDialHighlightedKeys)), tight(container.NewHBox(minWidth(240, f.selection)), f.selection.note, f.cell(fieldCopying)),
		fieldLabel(words.Text(words.LabelKeysRedial)), tight(container.NewHBox(minWidth(240, f.redial)), f.redial.note),
	}, f.cells()...)...)
	f.offerCopying(false)
	for _, field := range f.fields() {
		field.changed = func() { f.changed() }
		field.resized = func() { relayout(f.grid) }
	}
	f.page = container.NewVScroll(container.NewVBox(newText(words.Text(words.SayKeys)), f.grid))
	return f
}

// fields are those of the combinations, as they stand below each other.
func (f *keysForm) fields() []*keyField { return []*keyField{f.clipboard, f.selection, f.redial} }

// offerCopying shows the switch, or not.
func (f *keysForm) offerCopying(on bool) {
	showIf(f.row(fieldCopying).cell, on)
	relayout(f.grid)
}

func (f *keysForm) load(k config.Keys, troubles map[string]channel.KeyTrouble, locked map[string]string) {
	for _, field := range []struct {
		f     *keyField
		value string
	}{{f.clipboard, k.Clipboard}, {f.selection, k.Selection}, {f.redial, k.Redial}} {
		var trouble *channel.KeyTrouble
		if t, ok := troubles[field.f.name]; ok {
			trouble = &t
		}
		field.f.locked = locked[field.f.name]
		field.f.load(field.value, trouble)
		field.f.enable(field.f.locked == "")
	}
	changed := f.changed
	f.changed = func() {} // it is not the person who does it
	f.settingRows.load(config.Config{Keys: k, Locked: locked})
	f.changed = changed
	f.loaded = k
}

func (f *keysForm) leave() {
	for _, field := range f.fields() {
		field.leave()
	}
}

// value is nil where nothing was changed: who saves something else is not told
// again what is wrong with the keys.
func (f *keysForm) value() *config.Keys {
	c := config.Config{Keys: f.loaded}
	f.read(&c)
	c.Keys.Clipboard, c.Keys.Selection, c.Keys.Redial = f.clipboard.value, f.selection.value, f.redial.value
	if c.Keys == f.loaded {
		return nil
	}
	return &c.Keys
}

// check returns the field to correct, nil for none. Keys that another program
// has may be saved: it may be gone the next time.
func (f *keysForm) check() fyne.Focusable {
	seen := map[string]bool{}
	for _, field := range f.fields() {
		if field.value != "" && seen[field.value] {
			return field
		}
		seen[field.value] = true
	}
	return nil
}

func (f *keysForm) point(p *status.Problem) fyne.Focusable {
	if p.Code != status.CodeField {
		return nil
	}
	for _, field := range f.fields() {
		if field.name == p.Field {
			field.wrong = words.ProblemText(p)
			field.draw()
			return field
		}
	}
	return nil
}
