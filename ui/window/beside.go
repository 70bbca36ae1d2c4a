package window

import (
	"fyne.io/fyne/v2"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// beside is what a person can choose with a call, below what would be dialled: that the
// PBX keys in what follows the number. It is hidden where there is nothing to choose.
type beside struct {
	box   *fyne.Container
	then  *tick
	of    status.Offer
	shown bool // the window has room for it
}

func newBeside(k *keys) *beside {
	b := &beside{shown: true}
	b.then = newTick(k, "", nil)
	b.then.yes = true // one press too many must not send digits
	b.box = tight(b.then)
	b.draw()
	return b
}

// offer shows what there is to choose with o; own says that the person wrote it themselves,
// or copied it, so that it is meant.
func (b *beside) offer(o status.Offer, own bool) {
	if o.Then != b.of.Then {
		b.then.SetText(words.KeyThen(o.Then))
		b.then.SetChecked(own && o.Then != "")
	}
	b.of = o
	b.draw()
}

// show hides what is to be chosen while it has no use.
func (b *beside) show(on bool) {
	b.shown = on
	b.draw()
}

func (b *beside) draw() {
	showIf(b.then, b.shown && b.of.Then != "")
	showIf(b.box, b.then.Visible())
}

// wish is what was chosen.
func (b *beside) wish() status.Wish {
	return status.Wish{Then: b.then.Checked && b.of.Then != ""}
}
