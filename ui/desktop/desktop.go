// Package desktop is what Cornetta uses of the desktop it runs on, beside the
// tray: one small interface for each thing, and a file for each system behind
// it.
//
// Notifications: a [Notifier] shows one [Note] at a time and replaces it in
// place, and [Follow] turns the Snapshots of a Dialer into Notes. A
// notification daemon may be absent, hang, restart or send wrong signals; nothing of
// that reaches the caller. Show hands the Note to a goroutine of the Notifier and
// returns, the newest Note wins, and every call of the daemon has a deadline of five
// seconds. On Linux and the BSDs the session bus is reached over a
// connection of our own (ui/internal/sessionbus), made when the first Note is shown
// and again after it was lost.
//
// Questions: [Ask] puts one to a person where Cornetta has no windows, by a notification with
// actions or, on Windows, a dialog, and blocks until it is answered; whatever is not a yes in
// its time, by the daemon that was asked, is a no. [Inform] tells in a dialog, on Windows.
//
// The clipboard: [ReadClipboard] and [ReadSelection] read text within 500 ms and
// 4 KiB, whatever the program does that it was copied in. X11 is spoken here;
// on Wayland wl-paste is asked, on macOS pbpaste, on Windows the system. On Windows
// highlighted text can only be read by making the program in front copy it, which the
// person has to allow.
//
// Keys: [Hotkeys] listens to a [Combination] whatever window has the focus: by
// grabs on X11, through the portal on Wayland, by RegisterHotKey on Windows. One
// goroutine owns the connection and builds it anew when it was lost.
//
// A Note's texts are plain. Where the daemon says that it reads markup, they
// are escaped; daemons that do not say so get them as they are.
//
// Sleep and networks: [FollowChanges] tells when the computer woke or came into
// another network, by logind and the routing socket on Linux, by Windows' own
// notifications there.
//
// Registration: [Register] puts Cornetta into the user's menu and autostart and
// makes it the program for tel: and callto: links, [Unregister] takes exactly
// that away. Both touch files only and may be called from any goroutine, one at
// a time.
//
// The session bus: an [Application] answers the desktop that chooses Cornetta in
// its menu, and whoever opens a link that way, and the bus starts Cornetta for that
// where it does not run. What it is told to open is a link like any other.
//
// The tests speak to a fake daemon on a bus of their own, for the exact bytes and for
// every fault, and to a real dunst under Xvfb.
// Clipboard and keys are tried with xclip, xdotool and setxkbmap under Xvfb,
// with owners of the clipboard that hang or misbehave, with a sway without a screen,
// and with a fake portal.
package desktop

import (
	"errors"
	"log/slog"
	"time"

	"cornetta/ui/words"
)

// Note is what a notification tells. Texts are plain, without markup; Title
// holds none of the PBX's text.
type Note struct {
	Key     string // which call it is about; Notes of one Key replace each other
	Title   string
	Body    string
	HangUp  bool          // offers to hang up
	Offers  Offer         // what else it offers
	Number  string        // who is called where it is offered
	Minutes int           // in which one is reminded where it is offered
	Expire  time.Duration // how long it stays; 0 is until it is replaced or dismissed
	Gone    bool          // nothing is shown any more
	Minor   bool          // one of several on the way: left out where Notes cannot be replaced in place
}

// Offer is a set of what can be done about a call beside hanging up.
type Offer uint8

const (
	OfferTransfer Offer = 1 << iota // to whom is asked then
	OfferHandOver                   // completes an attended transfer
	OfferTakeBack                   // ends it
	OfferCallBack                   // calls whoever called
	OfferRemind                     // has one reminded of the call later
)

// actionHangUp is the name of hanging up where that is offered.
const actionHangUp = "hangup"

// offers are their names and what stands on them, in the order in which they are
// shown.
var offers = []struct {
	offer  Offer
	action string
	label  func(Note) string
}{
	{OfferHandOver, "handover", labelled(words.LabelHandOver)},
	{OfferTakeBack, "takeback", labelled(words.LabelTakeBack)},
	{OfferTransfer, "transfer", labelled(words.LabelTransferTo)},
	{OfferCallBack, "callback", labelled(words.LabelCallBack)},
	{OfferRemind, "remind", func(n Note) string { return words.RemindIn(n.Minutes) }},
}

func labelled(l words.Label) func(Note) string {
	return func(Note) string { return words.Text(l) }
}

// Notifier shows Notes. Its methods are safe for concurrent use.
type Notifier interface {
	// Show replaces what is shown with n. It never blocks; what goes wrong
	// after it returned is logged. It fails with ErrClosed after Close.
	Show(n Note) error
	// Close takes away a Note that would stay, and waits for the goroutine and
	// for calls of OnHangUp to end; after five seconds it gives up with an
	// error. It is idempotent and must not be called by OnHangUp.
	Close() error
}

// Options are what a Notifier needs from outside.
type Options struct {
	// OnHangUp is called, on a goroutine of its own, with the Key of the Note
	// whose Hang up was chosen. nil: Hang up is not offered.
	OnHangUp func(key string)
	// OnOffer is called in the same way with the Note and what else of it was chosen. nil:
	// nothing is offered.
	OnOffer func(n Note, chosen Offer)
	// Dir is a directory of this user's where the icon can be put for the
	// daemon to read. "": notifications go without one.
	Dir string
	Log *slog.Logger // nil: discards
}

// ErrClosed is what Show returns after Close.
var ErrClosed = errors.New("desktop: closed")

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}
