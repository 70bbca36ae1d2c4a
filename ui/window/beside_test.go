package window

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

const wishThen = "wish {Then:true Code:}"

// What a link carries behind its number is keyed in only where the person ticks it.
func TestALinksDigitsAreSentOnlyWhenTicked(t *testing.T) {
	for _, ticked := range []bool{false, true} {
		d := newDesk(t)
		q := question(1)
		q.Offer.Then = ",,12#"
		w := d.askFor(q)
		if !w.beside.then.Visible() || w.beside.then.Checked || w.beside.keyed.Text == "" {
			t.Fatalf("offered: %v, ticked: %v", w.beside.then.Visible(), w.beside.then.Checked)
		}
		d.advance(drawTime + callAfter)
		if ticked {
			w.keys.guard.from = fyne.NewPos(-100, -100)
			w.beside.then.MouseMoved(&desktop.MouseEvent{})
			tap(w.beside.then)
			d.advance(settleAfter)
		}
		pointAt(w.call)
		tap(w.call)
		d.answered()
		want := 0
		if ticked {
			want = 1
		}
		if n := d.agent.count(wishThen); n != want || d.agent.count("answer 1 true") != 1 {
			t.Errorf("ticked %v: sent along %d times, calls: %v", ticked, n, d.agent.asked)
		}
		// The next link's are not ticked by that.
		q.Offer.ID = 2
		if w = d.askFor(q); w.beside.then.Checked {
			t.Error("ticked for another link")
		}
	}
}

// In the dial window it is the person's own text, so that they are meant; what a link
// brought there is not.
func TestTypedDigitsAreTicked(t *testing.T) {
	d := newDesk(t)
	d.agent.previews = map[string]status.Offer{
		"06 1,,12": {Shown: "0 06 1", Then: ",,12"}, "06 1": {Shown: "0 06 1"},
	}
	w := d.openDial("")
	w.number.SetText("06 1,,12")
	d.answered()
	if !w.beside.then.Visible() || w.beside.wish() != (status.Wish{Then: true}) {
		t.Errorf("typed: %v", w.beside.wish())
	}
	w.number.SetText("06 1")
	d.answered()
	if w.beside.box.Visible() || w.beside.wish() != (status.Wish{}) {
		t.Errorf("without: %v", w.beside.wish())
	}
	d.show(channel.Show{Window: channel.WindowDial, Text: "tel:x", Link: 3})
	w.number.SetText("06 1,,12")
	d.answered()
	if !w.beside.then.Visible() || w.beside.then.Checked {
		t.Error("ticked although a link brought it")
	}
}

// The code that is chosen is in front of what is shown, and of what is sent.
func TestACodeIsChosen(t *testing.T) {
	d := newDesk(t)
	d.agent.previews = map[string]status.Offer{
		"06 1": {Shown: "0 06 1", Codes: []status.Front{{Key: "withhold", Shown: "*671 0 06 1"}, {Key: "12", Name: "Rossi", Shown: "12* 0 06 1"}}},
		"112":  {Shown: "112"},
	}
	w := d.openDial("")
	w.number.SetText("06 1")
	d.answered()
	if w.beside.code == nil || w.beside.wish() != (status.Wish{}) || len(w.beside.code.Options) != 3 {
		t.Fatalf("%+v", w.beside.wish())
	}
	w.beside.code.pick("12")
	d.answered()
	if want := words.WillDial("12* 0 06 1"); w.line.Text != want {
		t.Errorf("shown: %q, want %q", w.line.Text, want)
	}
	d.advance(drawTime + callAfter)
	tap(w.call)
	d.answered()
	if d.agent.count("wish {Then:false Code:12}") != 1 {
		t.Errorf("%q", d.agent.asked)
	}
	// An emergency number has none, and none is left from before.
	w.number.SetText("112")
	d.answered()
	if w.beside.box.Visible() || w.beside.wish() != (status.Wish{}) || w.line.Text != words.WillDial("112") {
		t.Errorf("112: %+v, %q", w.beside.wish(), w.line.Text)
	}
}

// During the call the digits are shown to be keyed in on the phone, and can be copied.
func TestDigitsOfACall(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	c := ringing("1", "0061", "", call.InCall)
	c.Then, c.Keying = ",,12#", call.KeyedByHand
	d.push(status.Snapshot{Seq: 1, Connection: status.Connected, Extension: "7101", Call: c})
	if !w.view.then.Visible() || !w.view.keys.Visible() {
		t.Fatal("not shown")
	}
	tap(w.view.copy)
	if got := d.app.fyne.Clipboard().Content(); got != "12#" {
		t.Errorf("copied %q", got)
	}
	c = ringing("1", "0061", "", call.InCall)
	c.Keying = call.KeyedByPBX
	d.push(status.Snapshot{Seq: 2, Connection: status.Connected, Extension: "7101", Call: c})
	if !w.view.then.Visible() || w.view.keys.Visible() {
		t.Error("what the PBX keys in is to be copied")
	}
}
