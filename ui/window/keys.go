package window

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// keys is what a window does with the keys that mean the same everywhere in
// it. Fyne gives a key to the focused widget only, hence the widgets below,
// which are Fyne's own but ask here first.
type keys struct {
	escape func()
	enter  func()       // in an entry, list or choice; a button presses itself
	turn   func(by int) // Ctrl+PageUp and Ctrl+PageDown; may be nil
}

func (k *keys) handle(name fyne.KeyName) bool {
	if k == nil {
		return false
	}
	switch {
	case name == fyne.KeyEscape && k.escape != nil:
		k.escape()
		return true
	case (name == fyne.KeyReturn || name == fyne.KeyEnter) && k.enter != nil:
		k.enter()
		return true
	}
	return false
}

// turns are the shortcuts that turn to another section.
var turns = map[*desktop.CustomShortcut]int{
	{KeyName: fyne.KeyPageUp, Modifier: fyne.KeyModifierControl}:   -1,
	{KeyName: fyne.KeyPageDown, Modifier: fyne.KeyModifierControl}: 1,
}

// shortcut is handle for what is pressed together.
func (k *keys) shortcut(s fyne.Shortcut) bool {
	for turn, by := range turns {
		if k != nil && k.turn != nil && s.ShortcutName() == turn.ShortcutName() {
			k.turn(by)
			return true
		}
	}
	return false
}

// watch makes k work in w also while nothing has the focus. A shortcut comes here
// from every widget but those that take shortcuts themselves.
func (k *keys) watch(w fyne.Window) {
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { k.handle(e.Name) })
	for turn := range turns {
		w.Canvas().AddShortcut(turn, func(s fyne.Shortcut) { k.shortcut(s) })
	}
}

type entry struct {
	widget.Entry
	keys *keys
	down func() // the Down key
	left func() // the focus went elsewhere
}

func newEntry(k *keys) *entry {
	e := &entry{keys: k}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

func (e *entry) TypedKey(ev *fyne.KeyEvent) {
	switch {
	case e.keys.handle(ev.Name):
	case ev.Name == fyne.KeyDown && e.down != nil:
		e.down()
	default:
		e.Entry.TypedKey(ev)
	}
}

func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if !e.keys.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

func (e *entry) FocusLost() {
	e.Entry.FocusLost()
	if e.left != nil {
		e.left()
	}
}

// selectAll selects the whole text, as a person's Ctrl+A does.
func (e *entry) selectAll() { e.TypedShortcut(&fyne.ShortcutSelectAll{}) }

type button struct {
	widget.Button
	keys *keys
}

func newButton(k *keys, text string, tapped func()) *button {
	b := &button{keys: k}
	b.Text, b.OnTapped = text, tapped
	b.ExtendBaseWidget(b)
	return b
}

func (b *button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeyEscape:
		b.keys.handle(ev.Name)
	default:
		b.Button.TypedKey(ev)
	}
}

// enable is Enable or Disable.
func (b *button) enable(on bool) {
	switch {
	case on == !b.Disabled():
	case on:
		b.Enable()
	default:
		b.Disable()
	}
}

type tick struct {
	widget.Check
	keys *keys
}

func newTick(k *keys, text string, changed func(bool)) *tick {
	t := &tick{keys: k}
	t.Text, t.OnChanged = text, changed
	t.ExtendBaseWidget(t)
	return t
}

func (t *tick) TypedKey(ev *fyne.KeyEvent) {
	if !t.keys.handle(ev.Name) {
		t.Check.TypedKey(ev)
	}
}

// choice is one of some codes, shown in words.
type choice struct {
	widget.Select
	keys  *keys
	codes []string
}

func newChoice(k *keys, codes []string, text func(code string) string, changed func()) *choice {
	c := &choice{keys: k, codes: codes}
	for _, code := range codes {
		c.Options = append(c.Options, text(code))
	}
	c.OnChanged = func(string) { changed() }
	c.ExtendBaseWidget(c)
	return c
}

// code is what is chosen, the first where nothing is.
func (c *choice) code() string { return c.codes[max(c.SelectedIndex(), 0)] }

// pick chooses a code, the first in the place of one that there is not.
func (c *choice) pick(code string) { c.SetSelectedIndex(max(slices.Index(c.codes, code), 0)) }

func (c *choice) TypedKey(ev *fyne.KeyEvent) {
	if !c.keys.handle(ev.Name) {
		c.Select.TypedKey(ev)
	}
}
