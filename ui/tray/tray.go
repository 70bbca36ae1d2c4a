// Package tray is Cornetta's icon in the panel and its menu.
//
// What is shown is a function of the Dialer's Snapshot (view) and comes as a
// table, so that the tests read it as one; a single goroutine, [Tray.Run],
// brings the real icon and menu into line with it. Update only leaves the
// newest Snapshot behind for that goroutine: it never blocks, and of several in
// a row only the last is drawn.
//
// Clicks arrive on goroutines of D-Bus or of the system's window and are handed
// to one goroutine that calls the Actions one after the other. A click that
// finds four others waiting is dropped.
//
// Icon and menu are fyne.io/systray's, except that on a session bus, where any program
// can read and click a menu, we offer the menu ourselves (busMenu), to tell the panel
// from others. A line with a number is replaced by another line when the number changes,
// so that a click means what was read.
//
// A process has one tray icon, once: Run can be called a single time. On Linux
// an icon is seen only where there is a host for it; [WaitHost] tells, so that
// whoever has none gets a window instead.
//
// The tests drive a program of their own through a real panel (xfce4-panel
// under Xvfb): icons, tooltip, menu, a panel that restarts, strangers on a real session
// bus, and one that is absent or goes away.
package tray

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
	"cornetta/ui/words"
)

// Actions are what the icon and its menu can ask for. Each is called on the
// same goroutine, one after the other, so that none should take long. A nil one
// does nothing.
type Actions struct {
	// Do is what the lines do that name no number. That of EntryDial, the dial window,
	// is a left click's, too; EntrySettings leads to the assistant while nothing is set
	// up.
	Do     map[Entry]func()
	Redial func(number string) // a number of the Recent menu, in one that the person opened
	// Favourite is for a line of the favourites, as Redial. dialled: number is what is
	// dialled, outside line and all; else as a directory has it.
	Favourite func(number string, dialled bool)

	// Code is for a line of the codes, by its Key, as Redial. Voicemail is for that of the
	// messages.
	Code      func(key string)
	Voicemail func()
	// Account is for a line of the accounts, as Redial, by its name.
	Account func(name string)

	// Opening says that the menu is about to be seen: the moment for Offer. Some
	// panels, and Windows, never say it.
	Opening func()
	// DialCopied is for the number that was copied. id is that of the Offer whose
	// number the line named, 0 where it named none. It is called for a click in a menu
	// that the person opened, as Redial is; any other click on these lines is one on
	// EntryDial.
	DialCopied func(id uint64)
}

// OfferRoom is how many characters of a number the menu has room for: an outside
// line and nearly every number there is.
const OfferRoom = 18

// ErrUsed is returned by a second Run in the same process.
var ErrUsed = errors.New("tray: a process has one tray icon, once")

// used is set by the first Run: the tray library keeps its state in globals.
var used atomic.Bool

// Tray is the icon and its menu. Its methods are safe for concurrent use.
type Tray struct {
	actions Actions
	log     *slog.Logger
	clicks  chan func()
	wake    chan struct{} // capacity 1: there is something new in next
	shown   chan struct{} // closed when Run has done what it can to show the icon
	isShown func()        // closes shown, once

	mu    sync.Mutex // guards what follows
	next  view
	note  string
	hint  string
	offer status.Offer
	marks []number
	codes []number

	accounts []number
	account  item
}

// New makes a Tray that shows, once Run is called, that nothing is set up.
func New(a Actions) *Tray {
	shown := make(chan struct{})
	return &Tray{
		actions: a, log: safelog.New(os.Stderr, slog.LevelInfo), clicks: make(chan func(), 4), wake: make(chan struct{}, 1),
		shown: shown, isShown: sync.OnceFunc(func() { close(shown) }),
		next: viewOf(status.Snapshot{Connection: status.NotSetUp}, nil, time.Now()),
	}
}

// Update shows s, and recent, newest first, in the Recent menu. It never blocks
// and may be called before, during and after Run.
func (t *Tray) Update(s status.Snapshot, recent []history.Entry) {
	v := viewOf(s, recent, time.Now())
	t.change(func() { t.next = v })
}

// Hint shows note in a line of the menu, and text below the tooltip's own, until the next
// Hint; "" takes it away. It never blocks and may be called before, during and after Run.
func (t *Tray) Hint(note, text string) { t.change(func() { t.note, t.hint = note, text }) }

// Offer shows o in the menu's line for what was copied until the next Offer; an empty
// one says nothing. It never blocks and may be called before, during and after Run.
func (t *Tray) Offer(o status.Offer) { t.change(func() { t.offer = o }) }

// Favourites shows all in a menu of their own until the next Favourites, and no such menu
// where there are none. It never blocks and may be called before, during and after Run.
func (t *Tray) Favourites(all []contacts.Favourite) {
	lines := markedOf(all)
	t.change(func() { t.marks = lines })
}

// Accounts shows the names of all accounts in a menu of their own until the next Accounts,
// and no such menu where there is no choice; here says that the network chose the one in
// use. It never blocks and may be called before, during and after Run.
func (t *Tray) Accounts(names []string, inUse string, here bool) {
	lines, line := accountsOf(names, inUse), item{
		title: words.AccountInUse(inUse, here), toOthers: words.Text(words.LabelAccount), enabled: true,
	}
	if len(names) < 2 {
		lines, line = nil, item{}
	}
	t.change(func() { t.accounts, t.account = lines, line })
}

func (t *Tray) change(f func()) {
	t.mu.Lock()
	f()
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *Tray) latest() view {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.next
	if t.hint != "" {
		v.tooltip += "\n" + t.hint
	}
	v.items[EntryNote] = item{title: t.note, toOthers: t.note, hidden: t.note == ""}
	v.copied, v.items[EntryClipboard] = copiedOf(t.offer)
	v.marked, v.items[EntryFavourites] = t.marks, item{
		title: words.Text(words.LabelFavourites), enabled: true, hidden: len(t.marks) == 0,
	}
	v.coded, v.items[EntryCodes] = t.codes, item{title: words.Text(words.LabelCodes), enabled: true, hidden: len(t.codes) == 0}
	v.others, v.items[EntryAccount] = t.accounts, t.account
	v.items[EntryAccount].hidden = len(t.accounts) == 0
	return v
}

// Run shows the icon until ctx ends, and then takes it away and waits for what
// it started; an Action that is under way is waited for. On Windows it also
// returns when the system closes the icon, at the end of the session. Where nothing
// can be shown (there is no session bus) Run only waits for ctx; WaitHost tells. It
// fails with ErrUsed the second time, and with errors.ErrUnsupported on systems that
// have no tray.
func (t *Tray) Run(ctx context.Context) error {
	defer t.isShown()
	if !used.CompareAndSwap(false, true) {
		return ErrUsed
	}
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case f := <-t.clicks:
				f()
			}
		}
	})
	return t.run(ctx)
}

// Shown is closed once Run has given the icon to the desktop, or knows that it cannot.
// Work that can wait at the start is better done after it.
func (t *Tray) Shown() <-chan struct{} { return t.shown }

// click hands f over without ever blocking.
func (t *Tray) click(f func()) {
	if f == nil {
		return
	}
	select {
	case t.clicks <- f:
	default:
		t.log.Debug("tray: a click was dropped, others are waiting")
	}
}
