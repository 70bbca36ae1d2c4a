package window

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// somebody are three numbers that fit "ros".
func somebody() map[string][]channel.Suggestion {
	e := history.Entry{Number: "0050123402", Name: "Anna Rossi", State: call.Ended, At: time.Now()}
	return map[string][]channel.Suggestion{"ros": {
		{Name: "Anna Rossi", Number: "0050123402", Recent: &e},
		{Name: "Anna Rossi", Company: "Acme S.p.A.", Kind: "mobile", Number: "+39 333 1234507"},
		{Name: "Marco Rossi", Company: "Beta", Kind: "work", Number: "899 123402"},
	}}
}

// A name is typed, picked with the keys, and called: as what was copied is, and with
// the digits under the line before.
func TestWhomIsFoundAndCalled(t *testing.T) {
	d := newDesk(t)
	d.agent.found = somebody()
	d.agent.outside = "0"
	d.agent.recent = []history.Entry{{Number: "7102", State: call.Ended}}
	w := d.openDial("")
	if !w.recent.box.Visible() || w.found.box.Visible() {
		t.Fatal("not the recent calls at first")
	}
	write(w.number, "ros")
	d.answered()
	if w.recent.box.Visible() || !w.found.box.Visible() || len(w.found.shown) != 3 {
		t.Fatalf("%d are listed", len(w.found.shown))
	}
	if w.line.Text != words.Text(words.SayPickWhom) || !w.call.Disabled() {
		t.Errorf("line %q", w.line.Text)
	}
	press(w.number, fyne.KeyReturn) // of whom it is not clear yet
	d.answered()
	if w.win.Canvas().Focused() != fyne.Focusable(w.found) || strings.Contains(strings.Join(d.agent.asked, ","), "dial") {
		t.Fatalf("focus on %T, asked %v", w.win.Canvas().Focused(), d.agent.asked)
	}
	press(w.found, fyne.KeyDown)
	d.answered()
	if want := words.WillDial("0 00393331234507"); w.line.Text != want {
		t.Errorf("the line says %q, want %q", w.line.Text, want)
	}
	if d.agent.count("as copied +39 333 1234507") == 0 {
		t.Error("it was read as what is typed is")
	}
	press(w.found, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial +39 333 1234507") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

// What is asked about is asked about for a name as well.
func TestWhomIsAskedAbout(t *testing.T) {
	d := newDesk(t)
	d.agent.found = somebody()
	w := d.openDial("")
	write(w.number, "ros")
	d.answered()
	press(w.number, fyne.KeyDown)
	press(w.found, fyne.KeyEnd)
	press(w.found, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 899 123402 as 899123402"); n != 0 || w.call.Text != words.Text(words.LabelCallAnyway) {
		t.Errorf("dialled %d times; the button says %q", n, w.call.Text)
	}
	d.advance(time.Second)
	press(w.number, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial 899 123402 as 899123402") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

// One that was called is called as it was; and what stands in the entry is whose list
// is shown.
func TestWhomOneCalled(t *testing.T) {
	d := newDesk(t)
	d.agent.found = somebody()
	w := d.openDial("")
	write(w.number, "ros")
	d.answered()
	press(w.number, fyne.KeyDown)
	w.found.TypedRune(' ')
	d.answered()
	if w.number.Text != "0050123402" || d.agent.count("as copied 0050123402") != 0 {
		t.Errorf("%q, asked %v", w.number.Text, d.agent.asked)
	}
	press(w.number, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial 0050123402") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
	write(w.number, "rosx")
	d.answered()
	if w.found.box.Visible() || !w.recent.box.Visible() || w.line.Text != words.NumberError("letters").String() {
		t.Errorf("nobody fits, and the line says %q", w.line.Text)
	}
	write(w.number, "ros")
	w.number.SetText("")
	d.answered()
	if w.found.box.Visible() || w.line.Text != words.Text(words.SayTypeNumber) {
		t.Errorf("an answer for an earlier text is shown: %q", w.line.Text)
	}
}

// What a link brought is not exchanged for somebody's number by Enter.
func TestWhomALinkNames(t *testing.T) {
	d := newDesk(t)
	d.agent.found = somebody()
	d.show(channel.Show{Window: channel.WindowDial, Text: "ros", Link: 7, Reason: "why"})
	w := d.app.dial
	d.answered()
	press(w.number, fyne.KeyReturn)
	d.answered()
	if w.win.Canvas().Focused() == fyne.Focusable(w.found) || w.found.box.Visible() {
		t.Error("people are suggested for the text of a link")
	}
	d.push(status.Snapshot{Seq: 1})
}

// shortcut is a combination of keys, pressed and let go, where f has the keyboard.
func shortcut(w *dialWindow, f fyne.Focusable, s *desktop.CustomShortcut) {
	f.(desktop.Keyable).KeyDown(&fyne.KeyEvent{Name: s.KeyName})
	if to, ok := f.(fyne.Shortcutable); ok {
		to.TypedShortcut(s)
	} else {
		w.keys.shortcut(s) // by the window, for which Fyne's canvas for tests has none
	}
	f.(desktop.Keyable).KeyUp(&fyne.KeyEvent{Name: s.KeyName})
}

// A favourite is called by its keys, from wherever the keyboard is, with what was typed
// left alone by the digit itself.
func TestSpeedDials(t *testing.T) {
	d := newDesk(t)
	d.agent.marked = []channel.Suggestion{
		{Name: "Anna Rossi", Kind: "mobile", Number: "+39 333 1234507"}, {Number: "7102", Dialled: true}, {Number: "899 123402"},
	}
	d.agent.recent = []history.Entry{{Number: "7104", State: call.Ended, At: d.now}}
	w := d.openDial("")
	d.answered()
	if w.recent.head.Text != words.Text(words.LabelWithRecent) || len(w.recent.shown) != 4 {
		t.Fatalf("%q with %d", w.recent.head.Text, len(w.recent.shown))
	}
	shortcut(w, w.number, speeds[0])
	d.answered()
	if d.agent.count("dial +39 333 1234507") != 1 || d.agent.count("as copied +39 333 1234507") == 0 {
		t.Errorf("the first: asked %v", d.agent.asked)
	}
	d.advance(settleTime)
	w.recent.focus()
	w.recent.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	shortcut(w, w.recent, speeds[1])
	d.answered()
	if d.agent.count("dial 7102") != 1 || d.agent.count("as copied 7102") != 0 || d.agent.count("marked 7102") == 0 {
		t.Errorf("the second, as it was dialled: asked %v", d.agent.asked)
	}
	d.advance(settleTime)
	before := len(d.agent.asked)
	shortcut(w, w.number, speeds[2]) // which is asked about
	d.answered()
	if w.call.Text != words.Text(words.LabelCallAnyway) || d.agent.count("dial 899 123402 as 899123402") != 0 {
		t.Errorf("asked %v", d.agent.asked[before:])
	}
	shortcut(w, w.number, speeds[3])
	d.answered()
	if w.line.Text != words.NoFavouriteAt(4) || w.number.Text != "899 123402" {
		t.Errorf("one that there is not: %q, %q", w.line.Text, w.number.Text)
	}
	// In a call, and before the window may say yes to anything, it calls nobody.
	d.push(status.Snapshot{Seq: 5, Call: ringing("1", "7102", "", call.InCall)})
	shortcut(w, w.number, speeds[0])
	d.answered()
	d.push(status.Snapshot{Seq: 6})
	if n := d.agent.count("dial +39 333 1234507"); n != 1 || w.number.Text != "899 123402" {
		t.Errorf("in a call: %d, %q", n, w.number.Text)
	}
}

// What comes before a person can have seen the window is not meant for it.
func TestSpeedDialsAreNotForAnotherWindow(t *testing.T) {
	d := newDesk(t)
	d.agent.marked = []channel.Suggestion{{Number: "7102", Dialled: true}}
	d.raise(channel.Show{Window: channel.WindowDial})
	w := d.app.dial
	shortcut(w, w.number, speeds[0])
	d.answered()
	if len(w.recent.shown) != 1 || d.agent.count("dial 7102") != 0 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

// Ctrl+D and the star make a number a favourite, in the entry and in a list, and no longer.
func TestFavouritesAreMarked(t *testing.T) {
	d := newDesk(t)
	d.agent.found = somebody()
	w := d.openDial("")
	if w.mark.Visible() {
		t.Error("nothing, a favourite")
	}
	write(w.number, "7102")
	d.answered()
	if !w.mark.Visible() || w.mark.Icon != starOutline {
		t.Error("a number that is none is not shown as none")
	}
	tap(w.mark)
	d.answered()
	if len(d.agent.marked) != 1 || d.agent.marked[0].Number != "7102" || !d.agent.marked[0].Dialled || w.mark.Icon != star || w.line.Text != words.Marked(1) {
		t.Fatalf("%+v, the line says %q; asked %v", d.agent.marked, w.line.Text, d.agent.asked)
	}
	w.number.SetText("ros")
	d.answered()
	if w.mark.Visible() {
		t.Error("a name, a favourite")
	}
	press(w.number, fyne.KeyDown)
	press(w.found, fyne.KeyDown)
	d.answered()
	shortcut(w, w.found, marks)
	d.answered()
	if len(d.agent.marked) != 2 || d.agent.marked[1].Name != "Anna Rossi" || d.agent.marked[1].Kind != "mobile" || d.agent.marked[1].Dialled || w.line.Text != words.Marked(2) {
		t.Fatalf("%+v, the line says %q; asked %v", d.agent.marked, w.line.Text, d.agent.asked)
	}
	if w.found.at != 1 || w.win.Canvas().Focused() != fyne.Focusable(w.found) {
		t.Errorf("the keyboard went to %d", w.found.at)
	}
	shortcut(w, w.found, marks)
	d.answered()
	if len(d.agent.marked) != 1 || w.line.Text != words.Text(words.SayUnmarked) {
		t.Errorf("%+v, the line says %q", d.agent.marked, w.line.Text)
	}
	w.found.TypedRune(' ') // into the entry, with whose it is
	d.answered()
	shortcut(w, w.number, marks)
	d.answered()
	if len(d.agent.marked) != 2 || d.agent.marked[1].Name != "Anna Rossi" || d.agent.marked[1].Dialled {
		t.Errorf("%+v", d.agent.marked)
	}
	w.number.SetText("call me")
	d.answered()
	shortcut(w, w.number, marks)
	d.answered()
	if len(d.agent.marked) != 2 {
		t.Errorf("what is no number: %+v", d.agent.marked)
	}
}
