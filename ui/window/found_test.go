package window

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

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
