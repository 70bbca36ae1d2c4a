package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

func question(id uint64) channel.Ask {
	return channel.Ask{Offer: status.Offer{
		ID: id, Shown: "0 050123450", Reasons: []string{"international", "link"},
	}}
}

func (d *desk) askFor(q channel.Ask) *confirmWindow {
	d.app.Ask(q)
	d.pump()
	d.answered()
	return d.app.confirm
}

func TestALinkIsCalledOnlyByCallAndOnlyAfterAMoment(t *testing.T) {
	d := newDesk(t)
	w := d.askFor(question(1))
	if w.win.Canvas().Focused() != fyne.Focusable(w.cancel) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	if got := w.number.String(); got != "0 050123450" {
		t.Errorf("shown as %q", got)
	}
	d.advance(drawTime + callAfter - 1)
	if !w.call.Disabled() {
		t.Error("Call is live at once")
	}
	w.accept()
	d.answered()
	d.advance(1)
	if w.call.Disabled() {
		t.Fatal("Call stays dead")
	}
	if n := d.agent.count("answer 1 true"); n != 0 {
		t.Fatal("called by a press that came too early")
	}
	pointAt(w.call)
	tap(w.call)
	tap(w.call)
	d.answered()
	if n := d.agent.count("answer 1 true"); n != 1 || d.app.visible[w.win] {
		t.Errorf("called %d times, visible: %v", n, d.app.visible[w.win])
	}
	if n := d.agent.count("answer 1 false"); n != 0 {
		t.Error("and refused")
	}
}

func TestWhateverElseIsANo(t *testing.T) {
	for name, no := range map[string]func(w *confirmWindow){
		"Enter":  func(w *confirmWindow) { press(w.cancel, fyne.KeyReturn) },
		"space":  func(w *confirmWindow) { press(w.cancel, fyne.KeySpace) },
		"Esc":    func(w *confirmWindow) { press(w.call, fyne.KeyEscape) },
		"Cancel": func(w *confirmWindow) { tap(w.cancel) },
		"close":  func(w *confirmWindow) { w.win.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			w := d.askFor(question(7))
			if name != "Esc" && name != "close" { // which lose nothing, and count at once
				no(w)
				d.answered()
				if !d.app.visible[w.win] || w.failed.Text != words.Text(words.SayPressedEarly) {
					t.Fatalf("answered before it could be read, or told %q", w.failed.Text)
				}
				d.advance(drawTime + longAfter)
			}
			if name == "close" { // the test driver's Close knows no intercept
				no = func(w *confirmWindow) { w.refuse() }
			}
			no(w)
			d.answered()
			if n := d.agent.count("answer 7 false"); n != 1 || d.app.visible[w.win] {
				t.Errorf("refused %d times, visible: %v", n, d.app.visible[w.win])
			}
			d.askFor(channel.Ask{Offer: question(7).Offer, More: 3}) // late
			if d.app.visible[w.win] {
				t.Error("it comes back")
			}
			d.advance(drawTime + callAfter)
			w.accept()
			d.answered()
			if n := d.agent.count("answer 7 true"); n != 0 {
				t.Error("called after a no")
			}
		})
	}
}

func TestFurtherLinksAreCounted(t *testing.T) {
	d := newDesk(t)
	q := question(1)
	q.Ignored = 4
	w := d.askFor(q)
	d.advance(drawTime + callAfter)
	if want := words.LinksWereMuted(4); w.counts.Text != want {
		t.Errorf("%q, want %q", w.counts.Text, want)
	}
	q.More = 12
	d.askFor(q)
	if !strings.Contains(w.counts.Text, "12 more links") || w.call.Disabled() {
		t.Errorf("%q, Call disabled: %v", w.counts.Text, w.call.Disabled())
	}
	if len(w.why.Objects) != 2 {
		t.Errorf("%d reasons", len(w.why.Objects))
	}
}

func TestAFailedCallCanBeTriedAgain(t *testing.T) {
	d := newDesk(t)
	d.agent.dial = &status.Problem{Code: status.CodeCallInProgress}
	w := d.askFor(question(1))
	d.advance(drawTime + callAfter)
	pointAt(w.call)
	tap(w.call)
	d.answered()
	if !d.app.visible[w.win] || w.failed.Text != words.ProblemText(d.agent.dial) || !w.call.Disabled() {
		t.Fatalf("visible: %v, %q", d.app.visible[w.win], w.failed.Text)
	}
	d.agent.dial = nil
	d.advance(drawTime + longAfter) // the mouse has not been moved since
	tap(w.call)
	d.answered()
	if n := d.agent.count("answer 1 true"); n != 2 || d.app.visible[w.win] {
		t.Errorf("asked %d times, visible: %v", n, d.app.visible[w.win])
	}
}

// A link that was clicked before anything was set up is asked about when the
// assistant is closed, not over its last page.
func TestALinkWaitsForTheAssistant(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	w.turn(pageDone)
	d.app.Ask(question(1))
	d.pump()
	more := question(1)
	more.More = 2
	d.askFor(more)
	if c := d.app.confirm; c != nil && d.app.visible[c.win] {
		t.Fatal("asked over the assistant")
	}
	press(w.next, fyne.KeyReturn)
	d.pump()
	if c := d.app.confirm; c == nil || !d.app.visible[c.win] || c.counts.Text == "" {
		t.Fatal("not asked, or without the newest count")
	}
	d.app.confirm.refuse()
	d.show(channel.Show{Window: channel.WindowAssistant})
	if c := d.askFor(question(2)); !d.app.visible[c.win] {
		t.Error("an assistant that has just begun keeps links from being asked about")
	}
}
