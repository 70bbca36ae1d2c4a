//go:build linux || freebsd || openbsd || netbsd || windows

package tray

import "sync"

// lines are the menu's lines with numbers. There are two banks of them, and a change is
// made in the hidden one: a line that a person reads, or has just clicked, never
// becomes another number. (Lines cannot be removed and made again: the library closes a
// channel on which it may be sending a click.) It belongs to the menu's goroutine; only
// numberOf is called by others.
type lines struct {
	banks [2]bank
	seen  int // which one is
}

type bank struct {
	items []line
	used  int // how many are seen while the bank is

	mu      sync.Mutex // guards numbers
	numbers []number
}

// newLines makes room for n lines in list, below parent, none of which is seen. chosen
// is told of a click by the person, others of any other one.
func newLines(n int, list lister, parent line, chosen func(number), others func()) *lines {
	l := &lines{}
	for i := range l.banks {
		b := &l.banks[i]
		b.numbers = make([]number, n)
		for i := range n {
			it := list.add(parent, func(byPerson bool) {
				if byPerson {
					chosen(b.numberOf(i))
				} else {
					others()
				}
			})
			it.Hide()
			b.items = append(b.items, it)
		}
	}
	return l
}

func (b *bank) numberOf(i int) number {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.numbers[i]
}

// show makes numbers what is seen. Where what is seen now promises nothing it may
// change in place, which keeps an open menu still.
func (l *lines) show(numbers []number, enabled, inPlace bool) {
	old := &l.banks[l.seen]
	if inPlace {
		old.show(numbers, enabled)
		return
	}
	l.seen = 1 - l.seen
	l.banks[l.seen].show(numbers, enabled)
	old.hide()
}

func (b *bank) hide() {
	for _, it := range b.items[:b.used] {
		it.Hide()
		it.SetTitle("", "") // a line that is not seen can be read on the bus
	}
	b.used = 0
}

func (b *bank) show(numbers []number, enabled bool) {
	b.mu.Lock()
	clear(b.numbers)
	copy(b.numbers, numbers)
	b.mu.Unlock()
	b.used = len(numbers)
	for i, n := range numbers {
		it := b.items[i]
		it.SetTitle(escapeLabel(n.title), escapeLabel(n.toOthers))
		if it.Disabled() == enabled {
			enable(it, enabled)
		}
		it.Show()
	}
}
