package contacts

import (
	"cornetta/ami/clean"
	"cornetta/dialer/number"
)

// Names makes a function that tells what the person's own directories call whoever has the
// number dial, or else their favourites, and at which place it is among these, 0 for none.
// The favourites are those of now; where they cannot be read there are none.
func Names(b *Book, f *Favourites, rules number.Settings) func(dial string) (name clean.Foreign, place int) {
	type mark struct {
		name  clean.Foreign
		place int
	}
	marks := map[number.Key]mark{}
	all, _ := f.List() // changing one says why
	for i, m := range all {
		if key := m.Key(rules); key != 0 {
			marks[key] = mark{m.Name, i + 1}
		}
	}
	return func(dial string) (clean.Foreign, int) {
		m := marks[number.KeyOf(dial, rules)]
		if name := b.Who(dial, rules); name != "" {
			m.name = name
		}
		return m.name, m.place
	}
}
