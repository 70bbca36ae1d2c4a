//go:build linux || freebsd || openbsd || netbsd || windows

package tray

import (
	"context"
	"slices"
	"time"

	"fyne.io/systray"

	"cornetta/assets"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/ui/words"
)

// line is a line of the real menu. It belongs to the goroutine that made it.
type line interface {
	// SetTitle gives it its text. Where programs other than the panel can read the menu
	// they get toOthers in its place, and no such line where that is "".
	SetTitle(title, toOthers string)
	Enable()
	Disable()
	Disabled() bool
	Show()
	Hide()
}

// lister is where the real menu's lines are put.
type lister interface {
	// add puts a line at the end, of the submenu of parent unless that is nil. clicked is
	// told of each click, and whether it was made in a menu that the person had opened;
	// it must not block. nil: nothing happens.
	add(parent line, clicked func(byPerson bool)) line
	separator()
	// again is sent on where a panel has to be told anew of all that there is; nil:
	// never.
	again() <-chan struct{}
	retell()
}

// menu is the real icon and menu, and what they show now. It belongs to one
// goroutine.
type menu struct {
	tray   *Tray
	list   lister
	shown  *view // nil: nothing yet
	items  [entries]line
	copied *lines // in the place of EntryClipboard, a single one
	recent *lines
	redial *lines // in the place of EntryRedial, a single one
	marked *lines
	coded  *lines
	others *lines // the accounts
}

// newMenu makes the menu's lines in list.
func newMenu(t *Tray, list lister) *menu {
	m := &menu{tray: t, list: list}
	// asks is a click on a line that dials, where nothing says that a person made it.
	asks := func() { t.click(t.actions.Do[EntryDial]) }
	redial := func(n number) {
		if f := t.actions.Redial; f != nil {
			t.click(func() { f(n.dial) })
		}
	}
	for i, group := range groups {
		if i > 0 {
			list.separator()
		}
		for _, e := range group {
			if e == EntryRedial {
				m.redial = newLines(1, list, nil, redial, asks)
				continue
			}
			if e == EntryClipboard {
				m.copied = newLines(1, list, nil, func(n number) {
					if f := t.actions.DialCopied; f != nil {
						t.click(func() { f(n.offer) })
					}
				}, asks)
				continue
			}
			if e == EntryVoicemail {
				m.items[e] = list.add(nil, func(byPerson bool) {
					if byPerson {
						t.click(t.actions.Voicemail)
					} else {
						asks()
					}
				})
				continue
			}
			var clicked func(bool)
			if f := t.actions.Do[e]; f != nil {
				clicked = func(bool) { t.click(f) }
			}
			m.items[e] = list.add(nil, clicked)
		}
	}
	m.recent = newLines(recentMax, list, m.items[EntryRecent], redial, asks)
	m.marked = newLines(contacts.MaxFavourites, list, m.items[EntryFavourites], func(n number) {
		if f := t.actions.Favourite; f != nil {
			t.click(func() { f(n.dial, !n.listed) })
		}
	}, asks)
	m.coded = newLines(maxCodes, list, m.items[EntryCodes], func(n number) {
		if f := t.actions.Code; f != nil {
			t.click(func() { f(n.dial) })
		}
	}, asks)
	m.others = newLines(config.MaxAccounts, list, m.items[EntryAccount], func(n number) {
		if f := t.actions.Account; f != nil {
			t.click(func() { f(n.dial) })
		}
	}, func() {})
	return m
}

// retellAfter is how long a panel gets to take in the menu before it is told of it
// anew.
const retellAfter = 150 * time.Millisecond

// follow brings everything into line with each Update until ctx ends.
func (m *menu) follow(ctx context.Context) {
	var retell <-chan time.Time
	for {
		m.show(m.tray.latest())
		select {
		case <-ctx.Done():
			return
		case <-m.list.again():
			retell = time.After(retellAfter)
		case <-retell:
			m.list.retell()
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
		if it == nil { // EntryClipboard, EntryRedial
			continue
		}
		before, now := was.items[e], v.items[e]
		if first || before.title != now.title || before.toOthers != now.toOthers {
			it.SetTitle(escapeLabel(now.title), escapeLabel(now.toOthers))
		}
		if first || before.enabled != now.enabled {
			enable(it, now.enabled)
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
		m.copied.show([]number{{title: roomy(copied.title), toOthers: copied.toOthers, offer: v.copied}}, copied.enabled,
			first || before == copied || was.copied == 0 && before.title == words.CopiedNumber("", false))
	}
	if first && len(v.redial) > 0 || !slices.Equal(was.redial, v.redial) {
		m.redial.show(v.redial, true, false)
	}
	if first && len(v.recent) > 0 || !slices.Equal(was.recent, v.recent) {
		m.recent.show(v.recent, true, false)
	}
	if first && len(v.marked) > 0 || !slices.Equal(was.marked, v.marked) {
		m.marked.show(v.marked, true, false)
	}
	if first && len(v.coded) > 0 || !slices.Equal(was.coded, v.coded) {
		m.coded.show(v.coded, true, false)
	}
	if first && len(v.others) > 0 || !slices.Equal(was.others, v.others) {
		m.others.show(v.others, true, false)
	}
	m.shown = &v
}

func enable(it line, yes bool) {
	if yes {
		it.Enable()
	} else {
		it.Disable()
	}
}

// prepare sets what must be known before the icon appears.
func prepare(t *Tray) {
	systray.SetTitle(words.Text(words.LabelApp))
	systray.SetOnTapped(func() { t.click(t.actions.Do[EntryDial]) })
}
