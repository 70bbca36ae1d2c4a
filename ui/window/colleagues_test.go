package window

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// fakePhones are the colleagues' phones of a fakeAgent.
type fakePhones struct {
	mu    sync.Mutex // guards what follows
	view  channel.ColleaguesView
	fail  *status.Problem
	news  chan struct{}
	asks  int // questions that are open now
	asked int
}

// change changes what there is to tell.
func (p *fakePhones) change(f func(v *channel.ColleaguesView)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.Seq++
	p.view.Told = max(p.view.Told, 1)
	f(&p.view)
	if p.news != nil {
		close(p.news)
	}
	p.news = nil
}

// set has the PBX tell of those, each "number state name".
func (p *fakePhones) set(all ...string) {
	p.change(func(v *channel.ColleaguesView) {
		v.Live = true
		for _, line := range all {
			w := strings.SplitN(line, " ", 3)
			c := channel.Colleague{Colleague: status.Colleague{Number: w[0], State: status.PhoneState(w[1])}}
			if len(w) > 2 {
				c.Name = clean.Foreign(w[2])
			}
			i := slices.IndexFunc(v.Changed, func(o channel.Colleague) bool { return o.Number == c.Number })
			if i < 0 {
				v.Changed = append(v.Changed, c)
			} else {
				c.Favourite = v.Changed[i].Favourite
				v.Changed[i] = c
			}
		}
	})
}

func (p *fakePhones) tell(ctx context.Context, known channel.ColleaguesParams) (channel.ColleaguesView, error) {
	p.mu.Lock()
	p.asks++
	p.asked++
	defer func() { p.asks--; p.mu.Unlock() }()
	for {
		if p.fail != nil {
			return channel.ColleaguesView{}, p.fail
		}
		if known.Since != p.view.Seq {
			v := p.view
			v.Changed, v.Waited = slices.Clone(v.Changed), slices.Clone(v.Waited)
			return v, nil
		}
		if p.news == nil {
			p.news = make(chan struct{})
		}
		news := p.news
		p.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if ctx.Err() != nil {
			return channel.ColleaguesView{}, nil
		}
	}
}

func (p *fakePhones) later(l channel.CallLaterParams) error {
	p.change(func(v *channel.ColleaguesView) {
		v.Told++
		v.Waited = slices.DeleteFunc(v.Waited, func(n string) bool { return n == l.Number })
		if l.Free && !l.Off {
			v.Waited = append(v.Waited, l.Number)
		}
	})
	return nil
}

func (p *fakePhones) open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asks
}

// colleaguesOn is how everything stands where they are switched on.
func colleaguesOn(seq uint64) status.Snapshot {
	return status.Snapshot{Seq: seq, Connection: status.Connected, Extension: "7101", Colleagues: true}
}

func (d *desk) openColleagues() *colleaguesWindow {
	d.t.Helper()
	d.push(colleaguesOn(1))
	d.show(channel.Show{Window: channel.WindowColleagues})
	d.answered()
	return d.app.colleagues
}

// phoneIs waits until somebody's phone is known to stand so.
func (d *desk) phoneIs(number string, want status.PhoneState) {
	d.t.Helper()
	d.until(number+" "+string(want), func() bool { return d.app.phones.by[number].State == want })
}

// inOrder are the numbers that the list shows.
func (c *colleaguesWindow) inOrder() string {
	var all []string
	for _, o := range c.list.shown {
		all = append(all, o.Number)
	}
	return strings.Join(all, " ")
}

// Whom one looks at can be called, waited for and picked up; what is asked is asked for the
// one on whom the keyboard is, wherever the list moves them.
func TestColleaguesWindow(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7102 busy Bruno Bianchi", "7103 free Ada Rossi", "7110 away", "7109 unknown", "7105 ringing Zoe")
	d.agent.phones.change(func(v *channel.ColleaguesView) { v.Pickup = "**"; v.Changed[4].Favourite = 2 })
	w := d.openColleagues()
	d.phoneIs("7105", status.PhoneRinging)
	if got := w.inOrder(); got != "7105 7103 7102 7109 7110" {
		t.Errorf("listed as %s", got)
	}
	w.find.SetText("bru")
	if got := w.inOrder(); got != "7102" || w.at != "7102" {
		t.Errorf("listed as %s, picked %s", got, w.at)
	}
	w.find.SetText("71")
	if w.at != "7102" || w.call.Disabled() || w.tell.Disabled() || !w.pickup.Disabled() {
		t.Errorf("picked %s; call %v, tell %v, pick up %v", w.at, w.call.Disabled(), w.tell.Disabled(), w.pickup.Disabled())
	}
	// Somebody else's news do not move the keyboard.
	d.agent.phones.set("7101 free", "7102 busy Bruno Bianchi")
	d.phoneIs("7101", status.PhoneFree)
	if w.list.shown[w.list.at].Number != "7102" {
		t.Errorf("the keyboard is on %s", w.list.shown[w.list.at].Number)
	}
	press(w.tell, fyne.KeyReturn)
	d.answered()
	d.until("waited for", func() bool { return d.app.phones.waited("7102") })
	if d.agent.count("later 7102 free=true off=false") != 1 || w.tell.Text != words.Text(words.LabelTellNot) || !strings.Contains(w.says.Text, "Bruno Bianchi") {
		t.Errorf("%q, %q", w.tell.Text, w.says.Text)
	}
	press(w.tell, fyne.KeyReturn)
	d.answered()
	if d.agent.count("later 7102 free=true off=true") != 1 {
		t.Error("it is not given up")
	}
	d.agent.phones.set("7102 free Bruno Bianchi")
	d.phoneIs("7102", status.PhoneFree)
	if !w.tell.Disabled() {
		t.Error("who is free need not be waited for")
	}
	d.agent.phones.set("7102 ringing Bruno Bianchi")
	d.phoneIs("7102", status.PhoneRinging)
	d.advance(longAfter)
	press(w.pickup, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial **7102") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

// TestMessagesBesideColleagues: where a mailbox is counted its messages are there, for a click.
func TestMessagesBesideColleagues(t *testing.T) {
	d := newDesk(t)
	w := d.openColleagues()
	if w.inbox.Visible() {
		t.Error("messages of no mailbox")
	}
	d.push(status.Snapshot{Seq: 5, Connection: status.Connected, Voicemail: status.Voicemail{Known: true, New: 2}})
	if !w.inbox.Visible() || w.inbox.Text != words.Voicemail(status.Voicemail{Known: true, New: 2}) {
		t.Errorf("%v, %q", w.inbox.Visible(), w.inbox.Text)
	}
	d.advance(longAfter)
	press(w.inbox, fyne.KeyReturn)
	d.answered()
	if d.agent.count("voicemail") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

// TestPickingUpNeedsACode: where there is none nothing is offered.
func TestPickingUpNeedsACode(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7105 ringing Zoe")
	w := d.openColleagues()
	d.phoneIs("7105", status.PhoneRinging)
	if w.pickup.Visible() {
		t.Error("picking up is offered")
	}
}

// TestPhonesAreFollowedWhileSeen: nothing is asked for of which nobody sees anything.
func TestPhonesAreFollowedWhileSeen(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7102 busy")
	w := d.openDial("")
	d.pump()
	if d.agent.phones.asked != 0 {
		t.Error("they are followed although that is switched off")
	}
	d.push(colleaguesOn(1))
	d.phoneIs("7102", status.PhoneBusy)
	c := d.openColleagues()
	w.hide()
	d.answered()
	d.agent.phones.set("7102 free")
	d.phoneIs("7102", status.PhoneFree)
	c.hide()
	d.until("nobody asks", func() bool { return d.agent.phones.open() == 0 })
	if len(d.app.phones.by) > 0 {
		t.Error("somebody is kept")
	}
	// Switched off while the window is open.
	d.show(channel.Show{Window: channel.WindowDial})
	d.phoneIs("7102", status.PhoneFree)
	d.push(status.Snapshot{Seq: 9, Connection: status.Ready, Extension: "7101"})
	d.until("nobody asks", func() bool { return d.agent.phones.open() == 0 })
}

// TestALostConnectionShowsNoStates: a sign that is not known any more is none.
func TestALostConnectionShowsNoStates(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7102 busy Bruno")
	w := d.openColleagues()
	d.phoneIs("7102", status.PhoneBusy)
	d.agent.phones.change(func(v *channel.ColleaguesView) { v.Live = false })
	d.push(status.Snapshot{Seq: 5, Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeConnectionLost}, Colleagues: true})
	d.phoneIs("7102", status.PhoneUnknown)
	if w.says.Text == "" {
		t.Error("it is not said why")
	}
}

// TestPhonesInTheDialWindow: beside the numbers, by a sign and in a word.
func TestPhonesInTheDialWindow(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7102 busy Bruno")
	d.agent.found = map[string][]channel.Suggestion{"bru": {
		{Name: "Bruno", Kind: "internal", Number: "7102"}, {Name: "Bruno", Kind: "mobile", Number: "333 1234507"},
	}}
	w := d.openDial("")
	d.push(colleaguesOn(1))
	d.phoneIs("7102", status.PhoneBusy)
	w.number.SetText("bru")
	d.answered()
	row := w.found.row()
	w.found.draw(row, w.found.shown[0])
	if !row.sign.Visible() || !strings.Contains(row.small.Text, words.PhoneState(status.PhoneBusy)) {
		t.Errorf("%v %q", row.sign.Visible(), row.small.Text)
	}
	w.found.draw(row, w.found.shown[1])
	if row.sign.Visible() || strings.Contains(row.small.Text, words.PhoneState(status.PhoneBusy)) {
		t.Errorf("a mobile phone: %v %q", row.sign.Visible(), row.small.Text)
	}
	// How a call of before went is not how the phone stands.
	past := history.Entry{Number: "7102", Name: "Bruno", State: call.Failed, Cause: call.NoAnswer}
	w.found.draw(row, channel.Suggestion{Name: "Bruno", Number: "7102", Recent: &past})
	if !row.sign.Visible() || !strings.HasSuffix(row.small.Text, words.Now(words.PhoneState(status.PhoneBusy))) {
		t.Errorf("of a past call: %v %q", row.sign.Visible(), row.small.Text)
	}
}

// busyCall is a call that found the line busy.
func busyCall(seq uint64, number string) status.Snapshot {
	c := ringing(fmt.Sprint(seq), number, "Bruno Bianchi", call.Failed)
	c.Cause = call.Busy
	return status.Snapshot{Seq: seq, Connection: status.Connected, Extension: "7101", Colleagues: true, Remind: 10, Call: c}
}

// TestBusy: what is offered about it is asked for by the person's own click, once; nothing is
// called.
func TestBusy(t *testing.T) {
	d := newDesk(t)
	d.agent.phones.set("7102 busy Bruno")
	w := d.openDial("")
	d.push(colleaguesOn(1))
	d.phoneIs("7102", status.PhoneBusy)
	if w.busy.box.Visible() {
		t.Error("there was no call")
	}
	d.push(busyCall(2, "7102"))
	if !w.busy.tell.Visible() || w.busy.back.Text != words.RemindIn(10) {
		t.Errorf("%v, %q", w.busy.tell.Visible(), w.busy.back.Text)
	}
	d.advance(longAfter)
	press(w.busy.tell, fyne.KeyReturn)
	d.answered()
	if d.agent.count("later 7102 free=true off=false") != 1 || w.busy.says.Text == "" || w.busy.tell.Visible() || w.busy.back.Visible() {
		t.Errorf("asked %v, says %q", d.agent.asked, w.busy.says.Text)
	}
	d.push(busyCall(3, "0390501234503")) // no colleague
	if w.busy.tell.Visible() || !w.busy.back.Visible() || w.busy.says.Visible() {
		t.Errorf("%v %v %q", w.busy.tell.Visible(), w.busy.back.Visible(), w.busy.says.Text)
	}
	press(w.busy.back, fyne.KeyReturn)
	d.answered()
	if d.agent.count("later 0390501234503 free=false off=false") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
	d.push(colleaguesOn(4))
	if w.busy.box.Visible() {
		t.Error("it stays")
	}
	for _, asked := range d.agent.asked {
		if strings.HasPrefix(asked, "dial ") {
			t.Error(asked)
		}
	}
}

// TestAThousandColleagues are listed, sought among and followed without a moment's wait.
func TestAThousandColleagues(t *testing.T) {
	d := newDesk(t)
	var all []string
	for i := range 1000 {
		all = append(all, fmt.Sprintf("%d free Person %03d", 2000+i, i))
	}
	d.agent.phones.set(all[:500]...)
	d.agent.phones.set(all[500:]...)
	w := d.openColleagues()
	d.until("all of them", func() bool { return len(w.list.shown) == 1000 })
	w.find.SetText("person 99")
	if len(w.list.shown) == 0 || len(w.list.shown) == 1000 {
		t.Errorf("%d are found", len(w.list.shown))
	}
	w.find.SetText("2999")
	if w.inOrder() != "2999" {
		t.Errorf("found %s", w.inOrder())
	}
	d.agent.phones.set("2999 busy Person 999")
	d.phoneIs("2999", status.PhoneBusy)
}
