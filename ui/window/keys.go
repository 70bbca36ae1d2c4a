package window

import (
	"image/color"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// keys is what a window does with the keys that mean the same everywhere in
// it. Fyne gives a key to the focused widget only, hence the widgets below,
// which are Fyne's own but ask here first.
type keys struct {
	escape func()
	always bool              // escape is no answer that loses anything
	enter  func()            // in an entry, list or choice; a button presses itself
	turn   func(by int)      // Ctrl+PageUp and Ctrl+PageDown; may be nil
	scroll *container.Scroll // what a button's Up, Down, PageUp and PageDown go through; may be nil
	speed  func(n int)       // Ctrl+1 to Ctrl+9; may be nil
	mark   func()            // Ctrl+D; may be nil
	guard  *guard            // of the window, or of the question in it that they are for
}

func (k *keys) handle(name fyne.KeyName) bool {
	switch {
	case name == fyne.KeyEscape && k.escape != nil:
		if k.always || !k.guard.early() {
			k.escape()
		}
		return true
	case (name == fyne.KeyReturn || name == fyne.KeyEnter) && k.enter != nil:
		k.guard.press(name, k.enter)
		return true
	}
	return false
}

// page scrolls what there is to read.
func (k *keys) page(name fyne.KeyName) {
	if k.scroll == nil {
		return
	}
	const line = 40
	by := float32(0)
	switch name {
	case fyne.KeyUp:
		by = -line
	case fyne.KeyDown:
		by = line
	case fyne.KeyPageUp:
		by = line - k.scroll.Size().Height
	case fyne.KeyPageDown:
		by = k.scroll.Size().Height - line
	}
	k.scroll.ScrollToOffset(k.scroll.Offset.AddXY(0, by))
}

// turns are the shortcuts that turn to another section.
var turns = map[*desktop.CustomShortcut]int{
	{KeyName: fyne.KeyPageUp, Modifier: fyne.KeyModifierControl}:   -1,
	{KeyName: fyne.KeyPageDown, Modifier: fyne.KeyModifierControl}: 1,
}

// shortcut is handle for what is pressed together.
func (k *keys) shortcut(s fyne.Shortcut) bool {
	for turn, by := range turns {
		if k.turn != nil && s.ShortcutName() == turn.ShortcutName() {
			k.turn(by)
			return true
		}
	}
	if s.ShortcutName() == marks.ShortcutName() && k.mark != nil {
		if !k.guard.early() {
			k.guard.act(k.mark)
		}
		return true
	}
	for i, speed := range speeds {
		if k.speed != nil && s.ShortcutName() == speed.ShortcutName() {
			k.guard.press(speed.KeyName, func() { k.speed(i + 1) })
			return true
		}
	}
	return false
}

// speeds are the shortcuts that call a favourite, in their order. A digit alone is a
// digit of a number.
var speeds = func() (all []*desktop.CustomShortcut) {
	for n := '1'; n <= '9'; n++ {
		all = append(all, &desktop.CustomShortcut{KeyName: fyne.KeyName(n), Modifier: fyne.KeyModifierControl})
	}
	return all
}()

// marks is the shortcut that makes a number a favourite.
var marks = &desktop.CustomShortcut{KeyName: fyne.KeyD, Modifier: fyne.KeyModifierControl}

// watch makes k work in w also while nothing has the focus. A shortcut comes here
// from every widget but those that take shortcuts themselves.
func (k *keys) watch(w fyne.Window) {
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { k.handle(e.Name) })
	if c, ok := w.Canvas().(desktop.Canvas); ok { // Fyne's for tests is none
		c.SetOnKeyDown(func(e *fyne.KeyEvent) { k.guard.keyDown(e.Name) })
		c.SetOnKeyUp(func(e *fyne.KeyEvent) { k.guard.keyUp(e.Name) })
	}
	for _, s := range slices.Concat(slices.Collect(maps.Keys(turns)), speeds, []*desktop.CustomShortcut{marks}) {
		w.Canvas().AddShortcut(s, func(s fyne.Shortcut) { k.shortcut(s) })
	}
}

type entry struct {
	widget.Entry
	ring ring
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

// KeyDown implements desktop.Keyable.
func (e *entry) KeyDown(ev *fyne.KeyEvent) {
	e.keys.guard.keyDown(ev.Name)
	e.Entry.KeyDown(ev)
}

// KeyUp implements desktop.Keyable.
func (e *entry) KeyUp(ev *fyne.KeyEvent) {
	e.Entry.KeyUp(ev)
	e.keys.guard.keyUp(ev.Name)
}

// MouseDown implements desktop.Mouseable.
func (e *entry) MouseDown(ev *desktop.MouseEvent) {
	e.keys.guard.pointerDown(false)
	e.Entry.MouseDown(ev)
}

// MouseUp implements desktop.Mouseable.
func (e *entry) MouseUp(ev *desktop.MouseEvent) {
	e.Entry.MouseUp(ev)
	e.keys.guard.pointerUp()
}

// CreateRenderer implements fyne.Widget.
func (e *entry) CreateRenderer() fyne.WidgetRenderer {
	return e.ring.around(e, e.Entry.CreateRenderer())
}

func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	e.ring.show(true)
	e.keys.guard.gained(e)
}

func (e *entry) FocusLost() {
	e.Entry.FocusLost()
	e.ring.show(false)
	e.keys.guard.lostIt(e)
	if e.left != nil {
		e.left()
	}
}

// selectAll selects the whole text, as a person's Ctrl+A does.
func (e *entry) selectAll() { e.TypedShortcut(&fyne.ShortcutSelectAll{}) }

// newRevealer makes an entry one for a password, and the button beside it that shows what
// was typed and hides it again: Fyne's own, inside the entry, has no key. conceal hides it
// in any case.
func newRevealer(e *entry) (b *button, conceal func()) {
	b = newButton(e.keys, "", nil)
	show := func(on bool) {
		e.Password = !on
		b.Icon = theme.VisibilityOffIcon()
		if on {
			b.Icon = theme.VisibilityIcon()
		}
		e.Refresh()
		b.Refresh()
	}
	b.OnTapped = func() {
		show(e.Password)
		if c := fyne.CurrentApp().Driver().CanvasForObject(e); c != nil {
			c.Focus(e)
		}
	}
	e.ActionItem = canvas.NewRectangle(color.Transparent) // in the place of Fyne's
	conceal = func() { show(false) }
	conceal()
	return b, conceal
}

type button struct {
	widget.Button
	watched
	ring
	yes bool // pressing it agrees to something, which the window's guard may not let it yet
}

func newButton(k *keys, text string, tapped func()) *button {
	b := &button{watched: watched{k}}
	b.Text, b.OnTapped = text, tapped
	b.ExtendBaseWidget(b)
	return b
}

// newYes makes a button that agrees to something.
func newYes(k *keys, text string, tapped func()) *button {
	b := newButton(k, text, tapped)
	b.yes, b.Importance = true, widget.HighImportance
	return b
}

func (b *button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		press := func() { b.Button.Tapped(nil) }
		switch g := b.keys.guard; {
		case b.yes:
			g.press(ev.Name, press)
		case !g.early():
			g.act(press)
		}
	case fyne.KeyEscape:
		b.keys.handle(ev.Name)
	default:
		b.keys.page(ev.Name)
	}
}

// Tapped implements fyne.Tappable.
func (b *button) Tapped(ev *fyne.PointEvent) {
	if g := b.keys.guard; !b.yes && !g.early() || b.yes && g.tapped() {
		b.keys.guard.act(func() { b.Button.Tapped(ev) })
	}
}

// MouseDown implements desktop.Mouseable.
func (b *button) MouseDown(*desktop.MouseEvent) { b.keys.guard.pointerDown(b.yes) }

func (b *button) MouseIn(ev *desktop.MouseEvent) {
	b.Button.MouseIn(ev)
	b.MouseMoved(ev)
}

// MouseMoved implements desktop.Hoverable.
func (b *button) MouseMoved(ev *desktop.MouseEvent) { b.keys.guard.pointerAt(ev, b.yes) }

// MouseOut implements desktop.Hoverable.
func (b *button) MouseOut() {
	b.Button.MouseOut()
	if b.yes {
		b.keys.guard.pointerOff()
	}
}

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	b.ring.edge = func() fyne.ThemeColorName {
		if b.Importance == widget.MediumImportance && !b.Disabled() {
			return theme.ColorNameInputBorder
		}
		return ""
	}
	b.ring.colour = func() fyne.ThemeColorName {
		switch b.Importance { // as its text
		case widget.HighImportance:
			return theme.ColorNameForegroundOnPrimary
		case widget.DangerImportance:
			return theme.ColorNameForegroundOnError
		}
		return theme.ColorNamePrimary
	}
	b.ring.inset = ringWidth
	return b.ring.around(b, b.Button.CreateRenderer())
}

func (b *button) FocusGained() {
	b.ring.show(true)
	b.keys.guard.gained(b)
}

func (b *button) FocusLost() {
	b.ring.show(false)
	b.keys.guard.lostIt(b)
}

// SetText does nothing where it says so already: Fyne would draw its icon anew as well.
func (b *button) SetText(text string) {
	if text != b.Text {
		b.Button.SetText(text)
	}
}

// SetIcon is as SetText.
func (b *button) SetIcon(icon fyne.Resource) {
	if icon != b.Icon {
		b.Button.SetIcon(icon)
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
	watched
	ring
	yes bool // as that of a button
}

func newTick(k *keys, text string, changed func(bool)) *tick {
	t := &tick{watched: watched{k}}
	t.Text, t.OnChanged = text, changed
	t.ExtendBaseWidget(t)
	return t
}

func (t *tick) TypedKey(ev *fyne.KeyEvent) {
	switch {
	case t.keys.handle(ev.Name):
	case t.yes && ev.Name == fyne.KeySpace:
		t.keys.guard.press(ev.Name, func() { t.SetChecked(!t.Checked) })
	default:
		t.Check.TypedKey(ev)
	}
}

// TypedRune implements fyne.Focusable: the character that Space types ticks.
func (t *tick) TypedRune(r rune) {
	if !t.yes {
		t.Check.TypedRune(r)
	}
}

// Tapped implements fyne.Tappable.
func (t *tick) Tapped(ev *fyne.PointEvent) {
	if !t.yes || t.keys.guard.tapped() {
		t.Check.Tapped(ev)
	}
}

// MouseIn implements desktop.Hoverable.
func (t *tick) MouseIn(ev *desktop.MouseEvent) {
	t.Check.MouseIn(ev)
	t.keys.guard.pointerAt(ev, t.yes)
}

// MouseMoved implements desktop.Hoverable.
func (t *tick) MouseMoved(ev *desktop.MouseEvent) {
	t.Check.MouseMoved(ev)
	t.keys.guard.pointerAt(ev, t.yes)
}

// MouseOut implements desktop.Hoverable.
func (t *tick) MouseOut() {
	t.Check.MouseOut()
	if t.yes {
		t.keys.guard.pointerOff()
	}
}

// MouseDown implements desktop.Mouseable.
func (t *tick) MouseDown(*desktop.MouseEvent) { t.keys.guard.pointerDown(t.yes) }

// CreateRenderer implements fyne.Widget.
func (t *tick) CreateRenderer() fyne.WidgetRenderer {
	t.ring.fit = true
	return t.ring.around(t, t.Check.CreateRenderer())
}

func (t *tick) FocusGained() {
	t.ring.show(true)
	t.keys.guard.gained(t)
}

func (t *tick) FocusLost() {
	t.ring.show(false)
	t.keys.guard.lostIt(t)
}

// choice is one of some codes, shown in words.
type choice struct {
	widget.Select
	watched
	ring
	codes []string
}

func newChoice(k *keys, codes []string, text func(code string) string, changed func()) *choice {
	c := &choice{watched: watched{k}, codes: codes}
	for _, code := range codes {
		c.Options = append(c.Options, text(code))
	}
	c.OnChanged = func(string) { changed() }
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *choice) CreateRenderer() fyne.WidgetRenderer {
	c.ring.edge = func() fyne.ThemeColorName { return theme.ColorNameInputBorder }
	return c.ring.around(c, c.Select.CreateRenderer())
}

// FocusGained implements fyne.Focusable.
func (c *choice) FocusGained() { c.ring.show(true) }

// FocusLost implements fyne.Focusable.
func (c *choice) FocusLost() { c.ring.show(false) }

// code is what is chosen, the first where nothing is.
func (c *choice) code() string { return c.codes[max(c.SelectedIndex(), 0)] }

// pick chooses a code, the first in the place of one that there is not.
func (c *choice) pick(code string) { c.SetSelectedIndex(max(slices.Index(c.codes, code), 0)) }

func (c *choice) TypedKey(ev *fyne.KeyEvent) {
	if !c.keys.handle(ev.Name) {
		c.Select.TypedKey(ev)
	}
}
