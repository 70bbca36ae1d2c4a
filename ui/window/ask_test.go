package window

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

func TestWhatIsAskedFirstTakesTwoPresses(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	write(w.number, "899123456")
	d.answered()
	want := words.WillDial("899123456") + ".\n" + words.NumberReasons([]string{"premium"})
	if w.line.Text != want || w.call.Disabled() || w.call.Text != words.Text(words.LabelCall) {
		t.Errorf("line %q, button %q; want %q", w.line.Text, w.call.Text, want)
	}
	for range 20 { // the key is held down
		press(w.number, fyne.KeyReturn)
		d.advance(30 * time.Millisecond)
	}
	d.answered()
	if w.call.Text != words.Text(words.LabelCallAnyway) {
		t.Errorf("button %q", w.call.Text)
	}
	if n := d.agent.count("dial 899123456") + d.agent.count("dial 899123456 as 899123456"); n != 0 {
		t.Fatalf("dialled %d times", n)
	}
	d.advance(repeatTime)
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 899123456 as 899123456"); n != 1 {
		t.Fatalf("dialled %d times", n)
	}
	d.push(status.Snapshot{Seq: 1, Call: ringing("1", "899123456", "", call.Failed)})
	if w.call.Text != words.Text(words.LabelCall) {
		t.Errorf("button %q after the call", w.call.Text)
	}
	// The yes was for one call.
	press(w.number, fyne.KeyReturn)
	d.answered()
	d.advance(repeatTime)
	if n := d.agent.count("dial 899123456 as 899123456"); n != 1 || w.call.Text != words.Text(words.LabelCallAnyway) {
		t.Errorf("dialled %d times, button %q", n, w.call.Text)
	}
}

func TestAYesIsForTheTextThatWasSeen(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("899123456")
	press(w.number, fyne.KeyReturn)
	d.answered()
	w.number.SetText("8991234567")
	if w.call.Text != words.Text(words.LabelCall) {
		t.Errorf("button %q", w.call.Text)
	}
	d.advance(repeatTime)
	press(w.number, fyne.KeyReturn) // its preview is not there yet
	d.answered()
	if n := d.agent.count("dial 8991234567 as 8991234567"); n != 0 || w.call.Text != words.Text(words.LabelCallAnyway) {
		t.Fatalf("dialled %d times, button %q", n, w.call.Text)
	}
	d.advance(repeatTime)
	tap(w.call)
	d.answered()
	if n := d.agent.count("dial 8991234567 as 8991234567"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}
