package window

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// beside is what a person can choose with a call, below what would be dialled: a code in
// front of it, and that the PBX keys in what follows it. It is hidden where there is
// nothing to choose.
type beside struct {
	box   *fyne.Container
	keys  *keys
	code  *choice
	room  *fyne.Container // of code, which is made anew for other codes
	then  *tick
	keyed *widget.Label // what is keyed in then
	of    status.Offer
	shown bool // the window has room for it

	changed func(shown string) // what is dialled is another, as it is shown
}

func newBeside(k *keys, changed func(shown string)) *beside {
	b := &beside{shown: true, keys: k, room: container.NewStack(), changed: changed}
	b.then, b.keyed = newTick(k, words.Text(words.LabelKeyThen), nil), newText("")
	b.then.yes = true // one press too many must not send digits
	b.box = tight(b.room, b.then, b.keyed)
	b.draw()
	return b
}

// offer shows what there is to choose with o; own says that the person wrote it themselves,
// or copied it, so that it is meant.
func (b *beside) offer(o status.Offer, own bool) {
	if o.Then != b.of.Then {
		b.keyed.SetText(words.Then(o.Then))
		b.then.SetChecked(own && o.Then != "")
	}
	same := func(a, b status.Front) bool { return a.Key == b.Key && a.Name == b.Name }
	if !slices.EqualFunc(o.Codes, b.of.Codes, same) {
		b.choices(o.Codes)
	} else if b.code != nil && !own {
		b.code.pick("")
	}
	b.of = o
	b.draw()
}

// choices makes the list to choose a code from: none is the first.
func (b *beside) choices(codes []status.Front) {
	b.code = nil
	b.room.RemoveAll()
	if len(codes) == 0 {
		return
	}
	keys, names := []string{""}, map[string]string{"": words.Text(words.LabelNoCode)}
	for _, c := range codes {
		keys = append(keys, c.Key)
		names[c.Key] = words.CallCode(c.Key, c.Name)
	}
	b.code = newChoice(b.keys, keys, func(key string) string { return names[key] }, func() { b.changed(b.dialled()) })
	b.code.Selected = b.code.Options[0]
	b.room.Add(b.code)
}

// dialled is what is dialled with what was chosen, as it is shown.
func (b *beside) dialled() string {
	code := b.wish().Code
	for _, c := range b.of.Codes {
		if c.Key == code {
			return c.Shown
		}
	}
	return b.of.Shown
}

// show hides what is to be chosen while it has no use.
func (b *beside) show(on bool) {
	b.shown = on
	b.draw()
}

func (b *beside) draw() {
	showIf(b.then, b.shown && b.of.Then != "")
	showIf(b.keyed, b.then.Visible())
	showIf(b.room, b.shown && len(b.of.Codes) > 0)
	showIf(b.box, b.then.Visible() || b.room.Visible())
}

// wish is what was chosen.
func (b *beside) wish() status.Wish {
	w := status.Wish{Then: b.then.Checked && b.of.Then != ""}
	if b.code != nil && len(b.of.Codes) > 0 {
		w.Code = b.code.code()
	}
	return w
}
