package tray

import (
	"runtime"
	"time"

	"cornetta/assets"
	"cornetta/dialer/call"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// recentMax is how many numbers the Recent menu offers.
const recentMax = 10

// Entry names a line of the menu. A new one is here, in groups and in viewOf; what it
// does is in Actions.Do.
type Entry int

const (
	EntryStatus Entry = iota
	EntryNote         // what else is wrong
	EntryDial
	EntryClipboard
	EntryHangUp
	EntryRedial // of the last number
	EntryFavourites
	EntryRecent
	EntryHistory
	EntryMissed     // calls that came in and were missed, and nobody has looked at
	EntryColleagues // how their phones stand
	EntryPrivate    // the next call leaves no line in it
	EntryAccount    // which is in use, where there are several
	EntryVoicemail
	EntryCodes
	EntrySettings
	EntryQuit
	entries // how many there are
)

// groups is the order of the menu, with a line between the groups.
var groups = [][]Entry{
	{EntryStatus, EntryNote},
	{EntryDial, EntryClipboard, EntryHangUp},
	{EntryFavourites, EntryRedial, EntryRecent, EntryMissed, EntryHistory, EntryColleagues, EntryPrivate, EntryVoicemail, EntryCodes},
	{EntryAccount, EntrySettings, EntryQuit},
}

// item is how a line of the menu looks.
type item struct {
	title    string
	toOthers string // in its place, where a program other than the panel reads the menu; "": no such line
	enabled  bool
	hidden   bool
}

// number is a line of the Recent menu or of the favourites and what it dials, or the
// line for what was copied and the offer that it names.
type number struct {
	title, dial string
	toOthers    string // as an item's
	offer       uint64
	listed      bool // dial is as a directory has it, not what is dialled
}

// view is everything a person sees of the tray.
type view struct {
	icon    assets.State
	tooltip string
	items   [entries]item
	recent  []number
	redial  []number // the last number, at most one
	marked  []number
	coded   []number
	others  []number // the accounts, that in use first
	copied  uint64   // the offer that EntryClipboard names, 0 for none
}

// viewOf is the view of a Snapshot.
func viewOf(s status.Snapshot, recent []history.Entry, now time.Time) view {
	settings := words.LabelSettings
	if s.Connection == status.NotSetUp {
		settings = words.LabelSetUp
	}
	private := words.LabelPrivate
	if s.Private {
		private = words.LabelPrivateOn
	}
	unnamed := withoutNumber(s)
	v := view{
		icon:    iconOf(s),
		tooltip: words.Tooltip(unnamed, now),
		items: [entries]item{
			EntryStatus:     {title: words.Status(s, now)},
			EntryNote:       {hidden: true},
			EntryDial:       {title: words.Text(words.LabelDial), enabled: true},
			EntryClipboard:  {title: words.CopiedNumber("", false), enabled: true},
			EntryHangUp:     {title: words.Text(words.LabelHangUp), enabled: true, hidden: s.Call == nil || !s.Call.Live()},
			EntryFavourites: {hidden: true},
			EntryAccount:    {hidden: true},
			EntryHistory:    {title: words.Text(words.LabelHistoryDots), enabled: true},
			EntryColleagues: {title: words.Text(words.LabelColleaguesDots), enabled: true, hidden: !s.Colleagues},
			EntryPrivate:    {title: words.Text(private), enabled: true},
			EntryMissed:     {title: words.MissedCalls(s.Missed), enabled: true, hidden: s.Missed == 0},
			EntryRecent:     {title: words.Text(words.LabelRecent), enabled: len(recent) > 0},
			EntryVoicemail:  {title: words.Voicemail(s.Voicemail), enabled: true, hidden: !s.Voicemail.Set && !s.Voicemail.Known},
			EntryCodes:      {hidden: true},
			EntrySettings:   {title: words.Text(settings), enabled: true},
			EntryQuit:       {title: words.Text(words.LabelQuit), enabled: true},
		},
	}
	for e := range v.items {
		v.items[e].toOthers = v.items[e].title
	}
	v.items[EntryStatus].toOthers = words.Status(unnamed, now)
	v.items[EntryRecent].toOthers = ""
	if tooltipIsOurs {
		v.tooltip = words.Tooltip(s, now)
	}
	if len(recent) > 0 {
		v.redial = []number{{title: words.Redial(recent[0].Call()), toOthers: words.Text(words.LabelRedialLast), dial: recent[0].Number}}
	}
	for _, e := range recent[:min(len(recent), recentMax)] {
		v.recent = append(v.recent, number{title: words.Recent(e.Call()), dial: e.Number})
	}
	return v
}

// markedOf are the lines of favourites.
func markedOf(all []contacts.Favourite) (lines []number) {
	for _, f := range all[:min(len(all), contacts.MaxFavourites)] {
		lines = append(lines, number{
			title: words.Favourite(words.Clean(f.Name), string(f.Kind), words.Number(f.Number.Text())), dial: f.Number.Text(), listed: !f.Dialled,
		})
	}
	return lines
}

// accountsOf are the lines of accounts.
func accountsOf(names []string, inUse string) (lines []number) {
	for _, name := range names {
		title := words.NameOfAccount(name)
		if name == inUse {
			title = words.AccountChosen(name)
		}
		lines = append(lines, number{title: title, dial: name})
	}
	return lines
}

// withoutNumber is s without the number of its call. Where the desktop has a session
// bus every program on it can read the tooltip, and the library tells them when it
// changes.
func withoutNumber(s status.Snapshot) status.Snapshot {
	if s.Call != nil {
		c := *s.Call
		c.Number, c.FarName = "", ""
		s.Call = &c
	}
	return s
}

// tooltipIsOurs: nobody but the person gets to see it.
const tooltipIsOurs = runtime.GOOS == "windows"

// copiedOf is the line for what was copied, and the offer that it names. The dots
// behind it say that a window opens first.
func copiedOf(o status.Offer) (named uint64, line item) {
	whole := o.Problem == nil && len(o.Choices) == 0 && len(o.Shown) <= OfferRoom
	if !whole {
		o.ID, o.Shown = 0, ""
	}
	asks := len(o.Reasons)+len(o.Choices) > 0 || o.Problem != nil
	nothing := len(o.Choices) == 0 && o.Problem != nil &&
		(o.Problem.Code == status.CodeCopiedEmpty || o.Problem.Code == status.CodeNotNumber)
	return o.ID, item{
		title: words.CopiedNumber(o.Shown, asks && !nothing), toOthers: words.CopiedNumber("", false), enabled: !nothing,
	}
}

func iconOf(s status.Snapshot) assets.State {
	if s.Call != nil && s.Call.Live() {
		if s.Call.State == call.InCall {
			return assets.InCall
		}
		return assets.Calling
	}
	switch s.Connection {
	case status.NotSetUp, status.NoSecret:
		return assets.NotSetUp
	case status.Unchecked, status.Checking:
		return assets.Checking
	case status.Ready, status.Connected:
		if s.Missed > 0 {
			return assets.Missed
		}
		return assets.Ready
	}
	return assets.Trouble
}
