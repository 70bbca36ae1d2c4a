//go:build linux || freebsd || openbsd || netbsd || windows

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
// goroutine.
type menu struct {
	tray   *Tray
	shown  *view // nil: nothing yet
	items  [entries]*systray.MenuItem
	copied *lines // in the place of EntryClipboard, a single one
	recent *lines

	newRecent func() *lines
	refill    chan struct{} // capacity 1: the panel shows an empty Recent menu
}

// newMenu makes the menu's lines. Clicks are listened to until ctx ends; wait
// for work afterwards.
func newMenu(ctx context.Context, t *Tray, work *sync.WaitGroup) *menu {
	m := &menu{tray: t, refill: make(chan struct{}, 1)}
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
	for i, group := range groups {
		if i > 0 {
			systray.AddSeparator()
		}
		for _, e := range group {
			if e == EntryClipboard {
				m.copied = newLines(1, systray.AddMenuItem, on, func(n number) {
					if t.actions.DialCopied != nil {
						t.actions.DialCopied(n.offer)
					}
				})
				continue
			}
			m.items[e] = systray.AddMenuItem("", "")
			if f := t.actions.Do[e]; f != nil {
				on(m.items[e], func() func() { return f })
			}
		}
	}
	m.newRecent = func() *lines {
		return newLines(recentMax, m.items[EntryRecent].AddSubMenuItem, on, func(n number) {
			if t.actions.Redial != nil {
				t.actions.Redial(n.dial)
			}
		})
	}
	m.recent = m.newRecent()
	return m
}

// follow brings everything into line with each Update until ctx ends.
func (m *menu) follow(ctx context.Context) {
	for {
		m.show(m.tray.latest())
		select {
		case <-ctx.Done():
			return
		case <-m.refill:
			m.refillRecent()
		case <-m.tray.wake:
		}
	}
}

// refillRecent makes the lines of the Recent menu anew. GTK's side of the menu
// drops the lines of a submenu that it hears of together with the submenu; the
// library sees to that for the first panel, not for one that was restarted. The
// old lines stay, unseen, as lines always do.
func (m *menu) refillRecent() {
	m.recent.hide()
	m.recent = m.newRecent()
	m.recent.show(m.shown.recent, true, false)
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
		if it == nil { // EntryClipboard
			continue
		}
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
	copied, before := v.items[EntryClipboard], was.items[EntryClipboard]
	if first || before != copied || was.copied != v.copied {
		m.copied.show([]number{{title: roomy(copied.title), offer: v.copied}}, copied.enabled,
			first || before == copied || was.copied == 0 && before.title == words.CopiedNumber("", false))
	}
	if first && len(v.recent) > 0 || !slices.Equal(was.recent, v.recent) {
		m.recent.show(v.recent, true, false)
	}
	m.shown = &v
}

// prepare sets what must be known before the icon appears.
func prepare(t *Tray) {
	systray.SetTitle(words.Text(words.LabelApp))
	systray.SetOnTapped(func() { t.click(t.actions.Do[EntryDial]) })
}
