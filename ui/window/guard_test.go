package window

import (
	"fmt"
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

// strokes are the keys that type a text.
func strokes(text string) []fyne.KeyName {
	var keys []fyne.KeyName
	for _, r := range text {
		switch r {
		case '\t':
			keys = append(keys, fyne.KeyTab)
		case '\b': // back with Shift
			keys = append(keys, desktop.KeyShiftLeft, fyne.KeyTab)
		case '\r':
			keys = append(keys, fyne.KeyReturn)
		case ' ':
			keys = append(keys, fyne.KeySpace)
		case '→':
			keys = append(keys, fyne.KeyRight)
		default:
			keys = append(keys, fyne.KeyName(string(r)))
		}
	}
	return keys
}

// stroke is a key that is pressed and let go in a window, as Fyne hands it on.
func (d *desk) stroke(w fyne.Window, name fyne.KeyName, back bool) {
	c := w.Canvas()
	focused := func() fyne.Focusable { d.pump(); return c.Focused() }
	ev := &fyne.KeyEvent{Name: name}
	if o := focused(); o != nil {
		o.(desktop.Keyable).KeyDown(ev)
	} else {
		d.app.guards[w].keyDown(name)
	}
	switch o := focused(); {
	case name == fyne.KeyTab && back:
		c.FocusPrevious()
	case name == fyne.KeyTab:
		c.FocusNext()
	case o != nil:
		o.TypedKey(ev)
		if o = focused(); o != nil && name == fyne.KeySpace {
			o.TypedRune(' ')
		} else if o != nil && len(name) == 1 {
			o.TypedRune(rune(name[0]))
		}
	}
	if o := focused(); o != nil {
		o.(desktop.Keyable).KeyUp(ev)
	} else {
		d.app.guards[w].keyUp(name)
	}
	d.pump()
}

// formTexts are what people type into forms elsewhere.
var formTexts = []string{
	"Ferrari\tVia Roma 5",
	"ab\t\t x\t y\r",
	"\t \t \t \t \t ",
	"\t x",
	" \t \t\r\t\r",
	"\b \b \b \b ",
	"\r\r\r\r\r\r",
	"→ → \t→ \t ",
	"a\t b\t c\t d\t\r",
}

// TestTypingElsewhereIsNoYes: whatever was being typed elsewhere when the question
// came up, and however fast, says no or nothing.
func TestTypingElsewhereIsNoYes(t *testing.T) {
	d := newDesk(t)
	id := uint64(0)
	for _, rate := range []int{2, 5, 12} {
		between := time.Second / time.Duration(rate)
		for _, text := range formTexts {
			for before := time.Millisecond; before <= between; before += between/6 + 1 {
				id++
				d.app.Ask(question(id))
				d.pump()
				w := d.app.confirm
				d.advance(before) // from the question to the next key
				if id%5 == 0 {
					d.advance(longAfter + time.Duration(id%7)*300*time.Millisecond) // after a pause to think
				}
				back := false
				for _, name := range strokes(text) {
					if d.app.visible[w.win] {
						d.stroke(w.win, name, back)
						d.answered()
					}
					if back = name == desktop.KeyShiftLeft; !back {
						d.advance(between)
					}
				}
				if d.agent.count(fmt.Sprintf("answer %d true", id)) != 0 {
					t.Fatalf("%q at %d keys a second, the first one %v after the question, calls", text, rate, before)
				}
				if d.app.visible[w.win] {
					w.refuse()
					d.answered()
				}
			}
		}
	}
}

// TestClickingElsewhereIsNoYes: the same for clicks where Call comes up, under a
// pointer that lies still.
func TestClickingElsewhereIsNoYes(t *testing.T) {
	d := newDesk(t)
	id := uint64(0)
	for _, between := range []time.Duration{50, 100, 170, 250, 400, 600, 900, 1200, 2000, 3000, 4000} {
		between *= time.Millisecond
		for before := time.Millisecond; before <= between; before += between/10 + 1 {
			id++
			d.app.Ask(question(id))
			d.pump()
			w := d.app.confirm
			if id%3 == 0 {
				w.call.MouseIn(nil) // it came under the pointer
			}
			d.advance(before)
			if id%3 == 1 {
				w.call.MouseMoved(nil) // or that was told late, or with the first press only
			}
			for n := range 5 {
				d.at = d.at.AddXY(float32(n%3-1)*7, float32(n%2)*5) // of a finger, or a hand that shakes
				w.call.MouseMoved(nil)
				tap(w.call)
				tap(w.call) // a double click
				d.answered()
				d.advance(between)
			}
			if d.agent.count(fmt.Sprintf("answer %d true", id)) != 0 {
				t.Fatalf("clicks every %v, the first one %v after the question, call", between, before)
			}
			w.call.MouseOut()
			w.refuse()
			d.answered()
		}
	}
}

// TestWhoReadsNeedsNoSecondTry with mouse or keyboard.
func TestWhoReadsNeedsNoSecondTry(t *testing.T) {
	for name, yes := range map[string]func(d *desk, w *confirmWindow){
		"mouse": func(d *desk, w *confirmWindow) {
			d.advance(300 * time.Millisecond)
			d.at = fyne.NewPos(700, 500)
			w.call.MouseIn(nil)
			d.advance(drawTime + callAfter - 300*time.Millisecond)
			tap(w.call)
		},
		"a mouse that lay there": func(d *desk, w *confirmWindow) {
			w.call.MouseIn(nil)
			d.advance(drawTime + restAfter)
			tap(w.call)
		},
		"a mouse that lay there and is moved": func(d *desk, w *confirmWindow) {
			w.call.MouseIn(nil)
			d.advance(drawTime + callAfter)
			if w.call.Disabled() || w.failed.Text != words.Text(words.SayMouseLay) {
				t.Errorf("live: %v, told %q", !w.call.Disabled(), w.failed.Text)
			}
			d.at = d.at.AddXY(reach, 0)
			w.call.MouseMoved(nil)
			if w.failed.Text != "" {
				t.Errorf("still told %q", w.failed.Text)
			}
			tap(w.call)
		},
		"a finger": func(d *desk, w *confirmWindow) {
			d.advance(drawTime + callAfter)
			d.at = fyne.NewPos(700, 500)
			w.call.MouseIn(nil)
			tap(w.call)
		},
		"Tab and Space": func(d *desk, w *confirmWindow) {
			d.advance(drawTime + callAfter)
			d.stroke(w.win, fyne.KeyTab, false)
			d.stroke(w.win, fyne.KeySpace, false)
		},
		"Shift, Tab and Enter": func(d *desk, w *confirmWindow) {
			d.advance(drawTime + callAfter)
			d.stroke(w.win, desktop.KeyShiftLeft, false)
			d.stroke(w.win, fyne.KeyTab, true)
			d.stroke(w.win, fyne.KeyReturn, false)
		},
		"the mouse, after typing into it": func(d *desk, w *confirmWindow) {
			for range 5 {
				d.stroke(w.win, "x", false)
				d.advance(100 * time.Millisecond)
			}
			d.at = fyne.NewPos(700, 500)
			w.call.MouseIn(nil)
			d.advance(callAfter)
			tap(w.call)
		},
		"the keyboard, after typing into it": func(d *desk, w *confirmWindow) {
			for range 5 {
				d.stroke(w.win, "x", false)
				d.advance(100 * time.Millisecond)
			}
			d.advance(longAfter)
			d.stroke(w.win, fyne.KeyTab, false)
			d.stroke(w.win, fyne.KeyReturn, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.app.Ask(question(1))
			d.pump()
			w := d.app.confirm
			yes(d, w)
			d.advance(settleAfter)
			d.answered()
			if n := d.agent.count("answer 1 true"); n != 1 || d.app.visible[w.win] {
				t.Errorf("called %d times, visible: %v", n, d.app.visible[w.win])
			}
		})
	}
}

// TestTypingOnIsNoYes: a key that would call does not where others follow, and says so.
func TestTypingOnIsNoYes(t *testing.T) {
	for name, on := range map[string]func(d *desk, w *confirmWindow){
		"a letter":         func(d *desk, w *confirmWindow) { d.stroke(w.win, "x", false) },
		"the same":         func(d *desk, w *confirmWindow) { d.stroke(w.win, fyne.KeySpace, false) },
		"a click":          func(_ *desk, w *confirmWindow) { w.keys.guard.pointerDown(false) },
		"the focus":        func(_ *desk, w *confirmWindow) { w.call.FocusLost() },
		"another question": func(d *desk, w *confirmWindow) { d.askFor(question(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			w := d.askFor(question(1))
			d.advance(drawTime + callAfter)
			d.stroke(w.win, fyne.KeyTab, false)
			d.stroke(w.win, fyne.KeySpace, false)
			d.advance(settleAfter - time.Millisecond)
			on(d, w)
			if told := w.failed.Text; (name == "a letter" || name == "the same") && told != words.Text(words.SayTypedOn) {
				t.Errorf("told %q", told)
			}
			d.advance(time.Minute)
			d.answered()
			if n := d.agent.count("answer 1 true"); n != 0 {
				t.Errorf("called %d times", n)
			}
		})
	}
}

// TestClicksInTheWrongWindow: the dial window comes up, with an old number in it, under a
// pointer that clicks for another one.
func TestClicksInTheWrongWindow(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102")
	press(w.number, fyne.KeyEscape)
	d.show(channel.Show{Window: channel.WindowDial})
	for range 5 {
		d.advance(3 * time.Second)
		d.at = d.at.AddXY(2, 1)
		w.call.MouseIn(nil)
		click(w.call)
		d.answered()
		if w.line.Text != words.Text(words.SayMouseLay) {
			t.Fatalf("told %q", w.line.Text)
		}
	}
	if n := d.agent.count("dial 7102"); n != 0 {
		t.Fatalf("dialled %d times", n)
	}
	d.advance(callAfter)
	press(w.number, fyne.KeyEnd) // whoever types here is here
	if w.line.Text == words.Text(words.SayMouseLay) {
		t.Error("it is still told")
	}
	click(w.call)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// TestWhereThePointerIsNotTold by the desktop, Fyne's word is taken, but for the one that
// comes with the window or with the press.
func TestWhereThePointerIsNotTold(t *testing.T) {
	at := func(x float32) *desktop.MouseEvent {
		return &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(x, 9)}}
	}
	for name, c := range map[string]struct {
		do   func(d *desk, w *confirmWindow)
		want int
	}{
		"it comes with the window": {func(d *desk, w *confirmWindow) {
			w.call.MouseIn(at(100))
			d.advance(time.Second)
			w.call.MouseMoved(at(101))
		}, 0},
		"it is told with the press": {func(d *desk, w *confirmWindow) {
			d.advance(time.Second)
			w.call.MouseIn(at(100))
		}, 0},
		"it is moved there": {func(d *desk, w *confirmWindow) {
			d.advance(time.Second)
			w.call.MouseIn(at(100))
			d.advance(100 * time.Millisecond)
		}, 1},
		"from elsewhere in the window": {func(d *desk, w *confirmWindow) {
			w.keys.guard.pointerAt(at(20), false)
			d.advance(time.Second)
			w.call.MouseIn(at(100))
			d.advance(100 * time.Millisecond)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.app.env.Pointer = nil
			w := d.askFor(question(1))
			c.do(d, w)
			tap(w.call)
			d.answered()
			if n := d.agent.count("answer 1 true"); n != c.want {
				t.Errorf("called %d times", n)
			}
		})
	}
}

// TestACertificateIsNotRefusedByTyping: what was typed into the assistant is not lost by
// a press that was on its way elsewhere.
func TestACertificateIsNotRefusedByTyping(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Account.TLS = true
	d.agent.check = selfSigned
	d.raise(channel.Show{Window: channel.WindowAssistant})
	d.advance(time.Second)
	w := d.app.assistant
	w.form.rows[fieldSecret].entry.SetText("secret")
	w.goOn()
	d.until("the certificate", func() bool { return w.check.cert.box.Visible() })
	for range 9 {
		for _, name := range append(strokes("\t \t\r"), fyne.KeyEscape) {
			d.stroke(w.win, name, false)
			d.advance(100 * time.Millisecond)
		}
		tap(w.cancel)
		tap(w.back)
	}
	if !d.app.visible[w.win] || w.page != pageTest {
		t.Fatalf("visible: %v, page %d", d.app.visible[w.win], w.page)
	}
	if w.problem.Text != words.Text(words.SayPressedEarly) {
		t.Errorf("told %q", w.problem.Text)
	}
	d.advance(longAfter)
	if w.win.Canvas().Focused() != fyne.Focusable(w.check.cert.tick) {
		t.Errorf("the keyboard went to %T", w.win.Canvas().Focused())
	}
	tap(w.cancel)
	if d.app.visible[w.win] {
		t.Error("Cancel does nothing in time either")
	}
}

// A press says yes where it began here, at its time, and ended here without repeating.
func TestAPressHasToBeginHere(t *testing.T) {
	for name, no := range map[string]func(d *desk, w *confirmWindow){
		"a key that is let go": func(_ *desk, w *confirmWindow) { letGo(w.call, fyne.KeyReturn) },
		"a key that is held down": func(_ *desk, w *confirmWindow) {
			hold(w.call, fyne.KeyReturn)
			for range 9 {
				repeats(w.call, fyne.KeyReturn)
			}
			letGo(w.call, fyne.KeyReturn)
		},
		"a key that was held down": func(_ *desk, w *confirmWindow) {
			repeats(w.call, fyne.KeySpace)
			letGo(w.call, fyne.KeySpace)
		},
		"a button of the mouse that is let go": func(_ *desk, w *confirmWindow) {
			w.call.MouseUp(nil)
			w.call.Tapped(&fyne.PointEvent{})
		},
		"the focus that goes elsewhere and comes back": func(d *desk, w *confirmWindow) {
			w.call.FocusLost()
			w.call.FocusGained()
			press(w.call, fyne.KeyReturn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			w := d.askFor(question(1))
			d.advance(drawTime + longAfter)
			w.win.Canvas().Focus(w.call)
			no(d, w)
			d.answered()
			if n := d.agent.count("answer 1 true"); n != 0 {
				t.Errorf("called %d times", n)
			}
		})
	}
}

// TestALinkTakesNoKeyboard from what is typed: it waits for a pause, and not for ever.
func TestALinkTakesNoKeyboard(t *testing.T) {
	d := newDesk(t)
	d.idle = 80 * time.Millisecond
	shown := func() bool { return d.app.confirm != nil && d.app.visible[d.app.confirm.win] }
	d.askFor(question(1))
	d.advance(5 * time.Second)
	more := question(1)
	more.More = 2
	d.app.Ask(more)
	d.pump()
	if shown() {
		t.Fatal("it comes up while somebody types")
	}
	d.idle = quietTime
	d.advance(lookTime)
	if !shown() || d.app.confirm.counts.Text == "" {
		t.Fatal("it does not come up in the pause, or without its newest count")
	}
	d.idle = 0
	more.More = 3
	d.askFor(more)
	if w := d.app.confirm; w.counts.Text != words.LinksMeanwhile(3) {
		t.Errorf("on the screen its count waits: %q", w.counts.Text)
	}
	d.app.confirm.refuse()
	d.answered()

	// Nor does one that is to be corrected.
	d.raise(channel.Show{Window: channel.WindowDial, Link: 2, Text: "tel:x", Reason: "why"})
	if w := d.app.dial; w != nil && d.app.visible[w.win] {
		t.Error("a link that cannot be read comes up while somebody types")
	}
	d.advance(patience + lookTime)
	if w := d.app.dial; w == nil || !d.app.visible[w.win] {
		t.Error("it never comes up")
	}
	// What the person asked for comes at once.
	if d.raise(channel.Show{Window: channel.WindowSettings}); !d.app.visible[d.app.settings.win] {
		t.Error("so do the settings")
	}
}

// TestARaiseTakesNoEnter: what was on its way to another window dials nothing, and
// after that moment it does.
func TestARaiseTakesNoEnter(t *testing.T) {
	entries := []history.Entry{{Number: "7102", State: call.Ended}}
	for name, enter := range map[string]func(d *desk, w *dialWindow){
		"Enter":        func(_ *desk, w *dialWindow) { press(w.number, fyne.KeyReturn) },
		"Call":         func(_ *desk, w *dialWindow) { tap(w.call) },
		"Enter on it":  func(_ *desk, w *dialWindow) { press(w.call, fyne.KeyReturn) },
		"Space on it":  func(_ *desk, w *dialWindow) { press(w.call, fyne.KeySpace) },
		"a recent one": func(_ *desk, w *dialWindow) { press(w.recent, fyne.KeyReturn) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.agent.recent = entries
			w := d.openDial("7102")
			press(w.number, fyne.KeyEscape)
			d.raise(channel.Show{Window: channel.WindowDial})
			d.advance(drawTime + callAfter - time.Millisecond)
			enter(d, w)
			d.answered()
			if n := d.agent.count("dial 7102"); n != 0 {
				t.Fatalf("dialled %d times", n)
			}
			d.advance(callAfter) // from that press on
			enter(d, w)
			d.answered()
			if n := d.agent.count("dial 7102"); n != 1 {
				t.Errorf("after a moment: dialled %d times", n)
			}
		})
	}
}

// A window that is raised over the person who works in it takes the Enter.
func TestARaiseDoesNotDisturb(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	w.number.SetText("7102")
	d.answered()
	d.raise(channel.Show{Window: channel.WindowDial})
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// TestHalfAYesIsForgotten with the window, and when the person turns to another one.
func TestHalfAYesIsForgotten(t *testing.T) {
	const premium = "899123456"
	for name, away := range map[string]func(d *desk, w *dialWindow){
		"Esc": func(d *desk, w *dialWindow) { press(w.number, fyne.KeyEscape) },
		"closed before the answer": func(d *desk, w *dialWindow) {
			w.number.SetText(premium + "0")
			press(w.number, fyne.KeyReturn) // it is asked about what is not shown yet
			w.hide()
			d.answered()
			w.number.SetText(premium)
			press(w.number, fyne.KeyEscape)
		},
		"another window": func(d *desk, w *dialWindow) {
			w.number.FocusLost()
			d.advance(time.Minute)
			w.number.FocusGained()
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			w := d.openDial(premium)
			press(w.number, fyne.KeyReturn)
			d.answered()
			if w.call.Text != words.Text(words.LabelCallAnyway) {
				t.Fatalf("button %q", w.call.Text)
			}
			away(d, w)
			d.answered()
			d.show(channel.Show{Window: channel.WindowDial})
			if w.call.Text != words.Text(words.LabelCall) {
				t.Errorf("button %q", w.call.Text)
			}
			press(w.number, fyne.KeyReturn)
			d.answered()
			if n := d.agent.count("dial " + premium + " as " + premium); n != 0 {
				t.Errorf("one Enter dials %d times", n)
			}
		})
	}
}

// What a link led to is asked about also where it was not seen before the window hid.
func TestALinksTextIsAskedAboutAfterTheWindowHid(t *testing.T) {
	d := newDesk(t)
	d.show(channel.Show{Window: channel.WindowDial, Link: 1, Text: "tel:x", Reason: "why"})
	w := d.app.dial
	w.number.SetText("7102")
	press(w.number, fyne.KeyReturn)
	w.number.FocusLost()
	w.number.FocusGained()
	d.advance(drawTime + callAfter)
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 0 {
		t.Errorf("dialled %d times", n)
	}
}

// TestACertificateIsNotTrustedByTyping: the question comes up by itself, while a field
// may be typed into.
func TestACertificateIsNotTrustedByTyping(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Account.TLS = true
	d.agent.check = selfSigned
	d.show(channel.Show{Window: channel.WindowSettings})
	s := d.app.settings
	c := s.win.Canvas()
	c.Focus(s.form.rows[fieldHost].entry)
	s.tapCheck()
	d.until("the certificate", func() bool { return s.check.cert.box.Visible() })
	if _, ok := c.Focused().(*entry); !ok {
		t.Errorf("the keyboard went to %T", c.Focused())
	}
	c.Unfocus()
	trusted := func() bool { return s.form.value().TLSPin != "" }
	for range 20 {
		for _, name := range strokes(" \t ") {
			d.stroke(s.win, name, false)
			d.advance(400 * time.Millisecond)
		}
		tap(s.check.cert.tick)
		tap(s.check.cert.trust)
	}
	if s.check.cert.tick.Checked || trusted() {
		t.Fatal("typing trusts it")
	}
	c.Unfocus()
	d.advance(longAfter)
	d.stroke(s.win, fyne.KeySpace, false)
	if !s.check.cert.tick.Checked {
		t.Fatal("Space does not tick")
	}
	c.Focus(s.check.cert.trust)
	d.stroke(s.win, fyne.KeyReturn, false)
	if !trusted() {
		t.Error("it cannot be trusted")
	}
	d.answered()
}

// TestAnEnterHeldDownGoesNowhere in the assistant: one press is one page.
func TestAnEnterHeldDownGoesNowhere(t *testing.T) {
	d := newDesk(t)
	d.agent.settings = account()
	d.raise(channel.Show{Window: channel.WindowAssistant})
	w := d.app.assistant
	host := w.form.rows[fieldHost].entry
	w.form.rows[fieldSecret].entry.SetText("secret")
	press(host, fyne.KeyReturn)
	hold(host, fyne.KeyReturn)
	d.advance(time.Second)
	repeats(host, fyne.KeyReturn)
	letGo(host, fyne.KeyReturn)
	hold(host, fyne.KeyReturn)
	repeats(host, fyne.KeyReturn)
	letGo(host, fyne.KeyReturn)
	if w.page != pageAccount {
		t.Fatalf("page %d", w.page)
	}
	press(host, fyne.KeyReturn)
	d.answered()
	if w.page != pageTest {
		t.Errorf("page %d", w.page)
	}
}

// TestAPasswordDoesNotStayBehind in the form once the agent has it, nor in its history
// of changes.
func TestAPasswordDoesNotStayBehind(t *testing.T) {
	const typed = "a typed password"
	gone := func(t *testing.T, f *form) {
		t.Helper()
		e := f.rows[fieldSecret].entry
		text := e.Text
		e.Undo()
		if text != "" || e.Text != "" {
			t.Errorf("the form still has %q, and %q after Undo", text, e.Text)
		}
	}
	t.Run("assistant", func(t *testing.T) {
		d := newDesk(t)
		d.agent.settings = account()
		w := d.openAssistant()
		w.form.load(account().Account)
		w.form.rows[fieldSecret].entry.SetText(typed)
		w.turn(pagePrefix)
		w.save()
		d.answered()
		if len(d.agent.saved) != 1 || w.page != pageDone {
			t.Fatalf("saved %+v, page %d", d.agent.saved, w.page)
		}
		gone(t, w.form)
	})
	for name, hide := range map[string]func(s *settingsWindow){
		"saved":  func(s *settingsWindow) { s.tapSave() },
		"hidden": func(s *settingsWindow) { s.hide() },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.agent.settings = account()
			d.agent.save = channel.Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}
			d.show(channel.Show{Window: channel.WindowSettings})
			s := d.app.settings
			for _, r := range typed {
				s.form.rows[fieldSecret].entry.TypedRune(r)
			}
			hide(s)
			d.answered()
			gone(t, s.form)
		})
	}
}
