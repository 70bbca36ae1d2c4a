package window

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/ui/channel"
)

func (d *desk) openHistory() *historyWindow {
	d.t.Helper()
	d.show(channel.Show{Window: channel.WindowHistory})
	d.answered()
	return d.app.history
}

// What can be done with a call of the history is done with the one that was picked.
func TestHistoryWindow(t *testing.T) {
	d := newDesk(t)
	for i := range 8 {
		d.agent.past = append(d.agent.past, history.Entry{
			ID: 8 - i, At: d.now.Add(-time.Duration(i) * time.Hour), Number: fmt.Sprint(7100 + i), State: call.Ended, Way: call.ByTyping,
		})
	}
	w := d.openHistory()
	if len(w.list.shown) != pastPage || w.at != 8 {
		t.Fatalf("%d calls, picked is %d", len(w.list.shown), w.at)
	}
	w.list.focus()
	press(w.list, fyne.KeyEnd) // the next page comes
	d.answered()
	if len(w.list.shown) != 8 || w.at != 4 {
		t.Fatalf("%d calls, picked is %d", len(w.list.shown), w.at)
	}
	w.note.SetText(" call back ")
	press(w.keep, fyne.KeyReturn)
	d.answered()
	if d.agent.count("note 4 call back") != 1 || w.all[4].Note != "call back" || w.at != 4 {
		t.Errorf("%v", d.agent.asked)
	}
	press(w.copy, fyne.KeyReturn)
	if got := d.app.fyne.Clipboard().Content(); got != "7104" {
		t.Errorf("%q was copied", got)
	}
	press(w.remove, fyne.KeyReturn)
	d.answered()
	if d.agent.count("remove 4") != 0 {
		t.Error("it was taken out without a question")
	}
	press(w.remove, fyne.KeyReturn)
	d.answered()
	if d.agent.count("remove 4") != 1 || len(w.list.shown) != 7 || w.at != 3 {
		t.Errorf("%v, picked is %d", d.agent.asked, w.at)
	}
	w.find.SetText("7102")
	d.answered()
	if len(w.list.shown) != 1 || w.at != 6 {
		t.Errorf("%d calls, picked is %d", len(w.list.shown), w.at)
	}
	w.list.focus()
	d.advance(longAfter)
	press(w.list, fyne.KeyReturn)
	d.answered()
	if d.agent.count("again 6") == 0 || d.app.dial == nil || d.app.dial.number.Text != "7102" {
		t.Errorf("%v", d.agent.asked)
	}
}

// The tick in the dial window asks for a private call, and shows whether there will be one.
func TestPrivateTick(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	w.private.SetChecked(true)
	d.answered()
	if d.agent.count("private true") != 1 {
		t.Errorf("%v", d.agent.asked)
	}
}
