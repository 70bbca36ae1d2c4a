//go:build windows

package tray

import (
	"context"
	"slices"
	"sync"

	"fyne.io/systray"

	"cornetta/assets"
	"cornetta/ui/words"
)

// menu is the real icon and menu, and what they show now. It belongs to one
// goroutine; dialOf alone is asked by others.
type menu struct {
	tray  *Tray
	shown *view // nil: nothing yet
	items [entries]*systray.MenuItem
	banks [2]bank
	bank  int // which one is seen
}

// bank is one set of lines of the Recent menu. There are two, and a change is
// made in the one that is not seen: a line that is read, or that was clicked
// while the change was under way, never becomes another number under the
// pointer. (Taking lines away and making new ones is no choice: the library
// closes a channel on which it may be sending a click.)
type bank struct {
	items [recentMax]*systray.MenuItem

	mu   sync.Mutex // guards dial
	dial [recentMax]string
}

func (b *bank) dialOf(i int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dial[i]
}

// newMenu makes the menu's lines. Clicks are listened to until ctx ends; wait
// for work afterwards.
func newMenu(ctx context.Context, t *Tray, work *sync.WaitGroup) *menu {
	m := &menu{tray: t}
	// pick says what a click means at the moment it is made.
	on := func(it *systray.MenuItem, pick func() func()) {
		work.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-it.ClickedCh:
					t.click(pick())
				}
			}
		})
	}
	do := map[entry]func(){
		entryDial: t.actions.Dial, entryHangUp: t.actions.Hangup,
		entrySettings: t.actions.Settings, entryQuit: t.actions.Quit,
	}
	if f := t.actions.DialCopied; f != nil {
		do[entryClipboard] = func() { f("") } // the library does not tell that the menu opens
	}
	for i, group := range groups {
		if i > 0 {
			systray.AddSeparator()
		}
		for _, e := range group {
			m.items[e] = systray.AddMenuItem("", "")
			if f := do[e]; f != nil {
				on(m.items[e], func() func() { return f })
			}
		}
	}
	for b := range m.banks {
		bank := &m.banks[b]
		for i := range bank.items {
			it := m.items[entryRecent].AddSubMenuItem("", "")
			it.Hide()
			bank.items[i] = it
			on(it, func() func() {
				n := bank.dialOf(i)
				if n == "" || t.actions.Redial == nil {
					return nil
				}
				return func() { t.actions.Redial(n) }
			})
		}
	}
	return m
}

// follow brings everything into line with each Update until ctx ends.
func (m *menu) follow(ctx context.Context) {
	for {
		m.show(m.tray.latest())
		select {
		case <-ctx.Done():
			return
		case <-m.tray.wake:
		}
	}
}

// show changes what differs from what is shown.
func (m *menu) show(v view) {
	first := m.shown == nil
	was := v
	if !first {
		was = *m.shown
	}
	if first || was.icon != v.icon {
		systray.SetIcon(assets.Tray(v.icon))
	}
	if first || was.tooltip != v.tooltip {
		systray.SetTooltip(cutTooltip(v.tooltip))
	}
	for e, it := range m.items {
		before, now := was.items[e], v.items[e]
		if first || before.title != now.title {
			it.SetTitle(escapeLabel(now.title))
		}
		if first || before.enabled != now.enabled {
			if now.enabled {
				it.Enable()
			} else {
				it.Disable()
			}
		}
		if before.hidden != now.hidden || first && now.hidden {
			if now.hidden {
				it.Hide()
			} else {
				it.Show()
			}
		}
	}
	if first && len(v.recent) > 0 || !slices.Equal(was.recent, v.recent) {
		m.showRecent(v.recent)
	}
	m.shown = &v
}

func (m *menu) showRecent(recent []number) {
	old := &m.banks[m.bank]
	m.bank = 1 - m.bank
	bank := &m.banks[m.bank]
	bank.mu.Lock()
	clear(bank.dial[:])
	for i, n := range recent {
		bank.dial[i] = n.dial
	}
	bank.mu.Unlock()
	for i, n := range recent {
		bank.items[i].SetTitle(escapeLabel(n.title))
		bank.items[i].Show()
	}
	for _, it := range old.items {
		it.Hide()
	}
}

// prepare sets what must be known before the icon appears.
func prepare(t *Tray) {
	systray.SetTitle(words.Text(words.LabelApp))
	systray.SetOnTapped(func() { t.click(t.actions.Dial) })
}
