package window

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
)

// newWordPicker is a picker of words in a window of its own, with room for four.
func newWordPicker(d *desk, words ...string) (p *picker[string], picked, entered *[]string) {
	picked, entered = new([]string), new([]string)
	k := &keys{escape: func() {}}
	w := d.app.newWindow("", k)
	p = newPicker(d.app, k, pickerOf[string]{
		title: "Words", note: newNote(""), empty: "There are none.", none: "None fits.",
		row:   newPlainRow,
		draw:  func(r *pickRow, s string) { r.main.SetText(s) },
		fits:  fitsIn,
		pick:  func(s string) { *picked = append(*picked, s) },
		enter: func(s string) { *entered = append(*entered, s) },
	})
	w.SetContent(p.box)
	row := p.row().MinSize().Height + p.Theme().Size(theme.SizeNamePadding)
	w.Resize(p.box.MinSize().Add(fyne.NewSize(200, 0)))
	p.set(words, "")
	p.Resize(fyne.NewSize(200, 4.5*row))
	d.app.raise(w)
	d.advance(drawTime + callAfter)
	return p, picked, entered
}

func TestKeysInAPicker(t *testing.T) {
	d := newDesk(t)
	all := strings.Split("abcdefghijkl", "")
	p, picked, entered := newWordPicker(d, all...)
	for _, tc := range []struct {
		key fyne.KeyName
		at  int
	}{
		{fyne.KeyUp, 0},
		{fyne.KeyDown, 1},
		{fyne.KeyPageDown, 5},
		{fyne.KeyPageUp, 1},
		{fyne.KeyPageUp, 0},
		{fyne.KeyEnd, 11},
		{fyne.KeyDown, 11},
		{fyne.KeyPageDown, 11},
		{fyne.KeyUp, 10},
		{fyne.KeyHome, 0},
	} {
		if press(p, tc.key); p.at != tc.at {
			t.Errorf("%s leads to %d, want %d", tc.key, p.at, tc.at)
		}
	}
	press(p, fyne.KeyEnd)
	press(p, fyne.KeyReturn)
	press(p, fyne.KeySpace) // nothing yet: the character is still to come
	if len(*picked) != 0 || !slices.Equal(*entered, []string{"l"}) {
		t.Errorf("picked %q, entered %q", *picked, *entered)
	}
	p.TypedRune(' ')
	p.Select(2)
	p.Select(2) // a second click
	press(p, fyne.KeyDown)
	p.TypedRune(' ')
	if want := []string{"l", "c", "c", "d"}; !slices.Equal(*picked, want) {
		t.Errorf("picked %q, want %q", *picked, want)
	}
	if f := p.OnHighlighted; f != nil {
		f(7) // Fyne's, where the mouse rests on a row: it does not move the keyboard
	}
	if press(p, fyne.KeyReturn); (*entered)[len(*entered)-1] != "d" {
		t.Errorf("Enter takes %q", *entered)
	}
	p.set(nil, "")
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeyReturn} {
		press(p, key)
	}
	p.TypedRune('a')
	p.TypedRune(' ')
	if len(*picked) != 4 || len(*entered) != 2 || p.at != 0 {
		t.Errorf("picked %q and entered %q from an empty list", *picked, *entered)
	}
}

func TestTypingInAPicker(t *testing.T) {
	d := newDesk(t)
	p, _, _ := newWordPicker(d, "Austria", "Åland", "Finland", "France", "Sri Lanka", "United Kingdom", "United States", "Latvia")
	at := func(text, want string) {
		t.Helper()
		for _, r := range text {
			p.TypedRune(r)
		}
		if got := p.shown[p.at]; got != want {
			t.Errorf("%q leads to %s, want %s", text, got, want)
		}
		d.advance(typeAheadTime + 1)
	}
	at("u", "United Kingdom")
	at("u", "United States") // the next one
	at("u", "United Kingdom")
	at("uu", "United Kingdom") // round and round
	at("Fr", "France")
	at("la", "Latvia") // before those in which a later word begins so
	at("lan", "Sri Lanka")
	at("å", "Åland")
	at("x", "Åland")
	// Slowly typed letters are words of their own.
	p.TypedRune('f')
	d.advance(typeAheadTime + 1)
	at("u", "United Kingdom")
}

func TestWhatAPickerSaysWhereThereIsNoRow(t *testing.T) {
	d := newDesk(t)
	p, _, _ := newWordPicker(d)
	for _, tc := range []struct {
		items []string
		text  string
		shown string
		says  string
	}{
		{nil, "", "", "There are none."},
		{nil, "x", "", "There are none."},
		{[]string{"one", "two"}, "x", "", "None fits."},
		{[]string{"one", "two", "not one"}, " One ", "one not one", ""},
		{[]string{"not one", "one"}, "one", "one not one", ""},
		{[]string{"one", "two"}, "", "one two", ""},
	} {
		p.set(tc.items, tc.text)
		if got := strings.Join(p.shown, " "); got != tc.shown || p.note.Text != tc.says && p.note.Visible() ||
			p.note.Visible() != (tc.says != "") || p.Visible() == p.note.Visible() {
			t.Errorf("%q in %q: %q, says %q (%v)", tc.text, tc.items, got, p.note.Text, p.note.Visible())
		}
	}
}

// TestSpaceTakesARecentNumber: the character that the key types does not arrive
// in the entry, where it would replace the number.
func TestSpaceTakesARecentNumber(t *testing.T) {
	d := newDesk(t)
	d.agent.recent = []history.Entry{
		{At: d.now.Add(-time.Hour), Number: "0057102", State: call.Ended},
		{At: d.now.Add(-time.Hour), Number: "7103", State: call.Ended},
		{At: d.now.Add(-time.Hour), Number: "7104", State: call.Ended},
	}
	w := d.openDial("")
	w.recent.focus()
	w.recent.TypedRune('7')
	w.recent.TypedRune('1')
	w.recent.TypedRune('0')
	w.recent.TypedRune('4')
	focused := w.win.Canvas().Focused()
	focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	w.win.Canvas().Focused().TypedRune(' ')
	if w.number.Text != "7104" || w.win.Canvas().Focused() != fyne.Focusable(w.number) {
		t.Errorf("the entry has %q", w.number.Text)
	}
}
