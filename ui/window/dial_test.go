package window

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

func TestTheNumberEntryHasTheFocusAndItsTextIsSelected(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102")
	if w.win.Canvas().Focused() != fyne.Focusable(w.number) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	if got := w.number.SelectedText(); got != "7102" {
		t.Errorf("selected %q", got)
	}
	press(w.number, fyne.KeyEscape)
	if d.app.visible[w.win] {
		t.Error("Esc does not hide the window")
	}
	d.openDial("")
	if got := w.number.SelectedText(); got != "7102" || !d.app.visible[w.win] {
		t.Errorf("shown again: selected %q", got)
	}
}

func TestEscHidesFromEveryWidget(t *testing.T) {
	d := newDesk(t)
	d.agent.recent = []history.Entry{{Number: "1", State: call.Ended}}
	w := d.openDial("1")
	for _, o := range []fyne.Focusable{w.number, w.call, w.view.hangup, w.recent, w.notice.button} {
		d.openDial("")
		press(o, fyne.KeyEscape)
		if d.app.visible[w.win] {
			t.Errorf("not from a %T", o)
		}
	}
	for _, window := range []string{channel.WindowSettings, channel.WindowAssistant} {
		d.show(channel.Show{Window: window})
	}
	form := d.app.settings.form
	for _, o := range []fyne.Focusable{form.rows[fieldHost].entry, form.tls, form.others.row(fieldSyntax).input, d.app.settings.save} {
		d.show(channel.Show{Window: channel.WindowSettings})
		press(o, fyne.KeyEscape)
		if d.app.visible[d.app.settings.win] {
			t.Errorf("not from a %T of the settings", o)
		}
	}
	press(d.app.assistant.form.tls, fyne.KeyEscape)
	if d.app.visible[d.app.assistant.win] {
		t.Error("not from the assistant")
	}
}

func TestTheLineSaysWhatIsDialled(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	if w.line.Text != words.Text(words.SayTypeNumber) || !w.call.Disabled() {
		t.Errorf("empty: %q, button %v", w.line.Text, !w.call.Disabled())
	}
	write(w.number, "+39 0555")
	d.answered()
	if want := words.WillDial("0 00390555"); w.line.Text != want || w.call.Disabled() {
		t.Errorf("line %q, want %q", w.line.Text, want)
	}
	write(w.number, "x")
	d.answered()
	if want := words.NumberError("letters").String(); w.line.Text != want || !w.call.Disabled() {
		t.Errorf("line %q, want %q", w.line.Text, want)
	}
}

func TestAnAnswerForAnEarlierTextIsNotShown(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	w.number.SetText("1") // its answer is on its way when
	w.number.SetText("")  // this is typed
	d.answered()
	if w.line.Text != words.Text(words.SayTypeNumber) || !w.call.Disabled() {
		t.Errorf("line %q", w.line.Text)
	}
}

func TestEnterDialsOnce(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102")
	for range 3 {
		press(w.number, fyne.KeyReturn)
		tap(w.call)
	}
	d.answered()
	press(w.number, fyne.KeyReturn) // accepted, but no snapshot says so yet
	d.answered()
	d.push(status.Snapshot{Seq: 1, Call: ringing("1", "7102", "", call.RingingOwn)})
	press(w.number, fyne.KeyReturn) // a call goes on
	d.answered()
	if n := d.agent.count("dial 7102"); n != 1 {
		t.Fatalf("dialled %d times", n)
	}
	ended := ringing("1", "7102", "", call.Ended)
	d.push(status.Snapshot{Seq: 2, Call: ended})
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 2 {
		t.Errorf("after the call: dialled %d times in all, want 2", n)
	}
}

// Who types faster than the agent answers calls what stands there, and nothing that
// stood there before.
func TestEnterDialsTheTextThatStandsThere(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102") // and it is seen
	w.number.SetText("7103")
	press(w.number, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial 7103") != 1 || d.agent.count("dial 7102") != 0 {
		t.Errorf("asked %v", d.agent.asked)
	}
}

func TestARefusedCallCanBeTriedAgainAtOnce(t *testing.T) {
	d := newDesk(t)
	d.agent.dial = &status.Problem{Code: status.CodeNotSetUp}
	w := d.openDial("7102")
	press(w.number, fyne.KeyReturn)
	d.answered()
	if want := words.ProblemText(d.agent.dial); w.line.Text != want || w.line.Importance != widget.DangerImportance {
		t.Errorf("line %q, want %q", w.line.Text, want)
	}
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

func TestWithoutASnapshotTheButtonComesBack(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102")
	press(w.number, fyne.KeyReturn)
	d.answered()
	if !w.call.Disabled() {
		t.Error("the button is live")
	}
	d.advance(settleTime)
	if w.call.Disabled() {
		t.Error("the button is dead for ever")
	}
}

func TestTheCallIsFollowed(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("7102")
	if w.view.box.Visible() {
		t.Error("a call is shown where there is none")
	}
	c := ringing("1", "7102", "Anna\u202e\nBianchi", call.RingingOwn)
	d.push(status.Snapshot{Seq: 1, Call: c})
	if !w.view.box.Visible() || w.view.title.Text != words.CallTitle(*c) ||
		w.view.own.text.Text != words.OwnLeg(*c) || w.view.far.text.Text != words.FarLeg(*c) {
		t.Errorf("shown: %q, %q, %q", w.view.title.Text, w.view.own.text.Text, w.view.far.text.Text)
	}
	if got := w.view.name.Text; strings.ContainsAny(got, "\u202e\n") || !strings.Contains(got, "Anna") {
		t.Errorf("name %q", got)
	}
	c = ringing("1", "7102", "", call.InCall)
	c.Answered = d.now.Add(-83*time.Second - 300*time.Millisecond)
	d.push(status.Snapshot{Seq: 2, Call: c})
	if w.view.clock.Text != "01:23" {
		t.Errorf("clock %q", w.view.clock.Text)
	}
	d.advance(2 * time.Second)
	if w.view.clock.Text != "01:25" {
		t.Errorf("clock %q two seconds later", w.view.clock.Text)
	}
	w.win.Canvas().Focus(w.view.hangup)
	press(w.view.hangup, fyne.KeyReturn)
	press(w.view.hangup, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("hangup"); n != 1 {
		t.Errorf("hung up %d times", n)
	}
	c = ringing("1", "7102", "", call.Failed)
	c.Cause = call.Busy
	d.push(status.Snapshot{Seq: 3, Call: c})
	if w.view.hangup.Visible() || w.view.title.Text != words.Cause(call.Busy).What ||
		w.view.advice.Text != words.Cause(call.Busy).Do {
		t.Errorf("failed: %q, %q", w.view.title.Text, w.view.advice.Text)
	}
	if w.win.Canvas().Focused() != fyne.Focusable(w.number) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	if w.view.stopTick != nil {
		t.Error("the clock still runs")
	}
	c = ringing("1", "7102", "", call.Ended)
	c.Answered, c.Ended = d.now.Add(-83*time.Second), d.now
	d.push(status.Snapshot{Seq: 4, Call: c})
	if w.view.clock.Visible() || !strings.Contains(w.view.title.Text, "01:23") {
		t.Errorf("ended: %q, clock %v", w.view.title.Text, w.view.clock.Visible())
	}
}

func TestSnapshotsAreMerged(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	for i, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn} {
		d.app.Snapshot(status.Snapshot{Seq: uint64(i + 1), Call: ringing("1", "7102", "", s)})
	}
	d.mu.Lock()
	waiting := len(d.queue)
	d.mu.Unlock()
	if waiting != 1 {
		t.Errorf("%d redraws for three snapshots", waiting)
	}
	d.pump()
	if w.view.call.State != call.AnsweredOwn {
		t.Errorf("shows %v", w.view.call.State)
	}
}

func TestRecentCallsFillTheEntry(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	if !w.recent.note.Visible() {
		t.Error("nothing says that there are none")
	}
	d.agent.recent = []history.Entry{
		{At: d.now.Add(-time.Hour), Number: "7102", State: call.Ended, Duration: time.Minute},
		{At: d.now.Add(-48 * time.Hour), Number: "7103", State: call.Failed, Cause: call.Busy},
	}
	d.show(channel.Show{Window: channel.WindowDial})
	if w.win.Canvas().Focused() != fyne.Focusable(w.number) || w.recent.note.Visible() {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	press(w.number, fyne.KeyDown)
	if w.win.Canvas().Focused() != fyne.Focusable(w.recent) {
		t.Error("the Down key does not lead to the list")
	}
	w.recent.Select(1)
	if w.number.Text != "7103" || w.win.Canvas().Focused() != fyne.Focusable(w.number) {
		t.Errorf("entry %q", w.number.Text)
	}
	press(w.recent, fyne.KeyHome)
	press(w.recent, fyne.KeyReturn)
	d.answered()
	if d.agent.count("dial 7102") != 1 {
		t.Errorf("asked %v", d.agent.asked)
	}
	before := d.agent.count("recent")
	ended := ringing("1", "7102", "", call.Ended)
	d.push(status.Snapshot{Seq: 1, Call: ended})
	d.push(status.Snapshot{Seq: 2, Call: ended})
	d.answered()
	if n := d.agent.count("recent") - before; n != 1 {
		t.Errorf("the list was read %d times after a call", n)
	}
}

var several = []status.Offer{
	{Text: "050 1234507", Shown: "0 0501234507"},
	{Text: "(899) 123456", Shown: "0 899123456", Reasons: []string{"premium"}},
	{Text: "7102", Shown: "7102"},
}

// A typed number is one as it is, and one behind the outside line: both are shown,
// and the one that is picked is dialled by Enter, with what was typed still there.
func TestOneOfTwoReadingsIsPicked(t *testing.T) {
	d := newDesk(t)
	d.agent.previews = map[string]status.Offer{"0331 1234567": {
		Shown: "0 0331 123 4567", Reasons: []string{"ambiguous_line"},
		Choices: []status.Offer{
			{Text: "0331 1234567", Shown: "0 0331 123 4567", Reasons: []string{"ambiguous_line"}, Line: number.LineMissing},
			{Text: "0331 1234567", Shown: "0 331 123 4567", Reasons: []string{"ambiguous_line"}, Line: number.LineTyped},
		},
	}}
	d.show(channel.Show{Window: channel.WindowDial})
	w := d.app.dial
	w.number.SetText("0331 1234567")
	d.answered()
	if !w.choice.box.Visible() || !w.call.Disabled() || w.line.Text != words.NumberReasons([]string{"ambiguous_line"}) {
		t.Fatalf("choices %v, line %q", w.choice.box.Visible(), w.line.Text)
	}
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 0331 1234567"); n != 0 {
		t.Fatal("Enter dials before one is picked")
	}
	press(w.choice, fyne.KeyDown)
	press(w.choice, fyne.KeyReturn)
	d.answered()
	if w.number.Text != "0331 1234567" || w.choice.box.Visible() || w.line.Text != words.WillDial("0 331 123 4567") || w.call.Disabled() {
		t.Errorf("picked: %q, choices %v, line %q", w.number.Text, w.choice.box.Visible(), w.line.Text)
	}
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 0331 1234567 as 03311234567 from now on"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
	d.advance(settleTime)

	// Another text is another question.
	w.number.SetText("0331 12345")
	w.number.SetText("0331 1234567")
	d.answered()
	if !w.choice.box.Visible() {
		t.Error("the choice outlives the text")
	}
}

// What was copied holds several numbers: one is picked with the keyboard, and
// picking it dials nothing yet.
func TestOneOfSeveralNumbersIsPicked(t *testing.T) {
	d := newDesk(t)
	d.agent.recent = []history.Entry{{At: d.now, Number: "1", State: call.Ended}}
	d.show(channel.Show{Window: channel.WindowDial, Text: "Tel. 050 1234507", Choices: several})
	w := d.app.dial
	if !w.choice.box.Visible() || w.recent.box.Visible() || w.win.Canvas().Focused() != fyne.Focusable(w.choice) ||
		w.line.Text != words.Text(words.SaySeveral) || !w.call.Disabled() {
		t.Fatalf("choices %v, focus on %T, line %q", w.choice.box.Visible(), w.win.Canvas().Focused(), w.line.Text)
	}
	press(w.choice, fyne.KeyDown)
	press(w.choice, fyne.KeyReturn)
	d.answered()
	if w.number.Text != "0899123456" || w.win.Canvas().Focused() != fyne.Focusable(w.number) ||
		w.notice.text.Text != words.NumberReasons([]string{"premium"}) {
		t.Errorf("picked %q, focus on %T, notice %q", w.number.Text, w.win.Canvas().Focused(), w.notice.text.Text)
	}
	if w.choice.box.Visible() || !w.recent.box.Visible() {
		t.Error("the choices stay")
	}
	if n := d.agent.count("dial 0899123456"); n != 0 {
		t.Error("picking dials")
	}
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 0899123456"); n != 1 {
		t.Errorf("Enter then dials %d times", n)
	}
	d.advance(settleTime)

	// The first one without an arrow, and a click.
	d.show(channel.Show{Window: channel.WindowDial, Text: "Tel. 050 1234507", Choices: several})
	press(w.choice, fyne.KeyReturn)
	d.answered()
	if w.number.Text != several[0].Dial() || w.notice.box.Visible() {
		t.Errorf("picked %q, notice %q", w.number.Text, w.notice.text.Text)
	}
	d.show(channel.Show{Window: channel.WindowDial, Text: "Tel. 050 1234507", Choices: several})
	w.choice.Select(2)
	d.answered()
	if w.number.Text != several[2].Dial() {
		t.Errorf("picked %q", w.number.Text)
	}

	// A reason that the line below the entry gives, too, is given once.
	d.show(channel.Show{Window: channel.WindowDial, Text: "899 12", Reason: words.NumberReasons([]string{"premium"})})
	if w.notice.box.Visible() || !strings.Contains(w.line.Text, "premium") {
		t.Errorf("notice %q, line %q", w.notice.text.Text, w.line.Text)
	}
	d.show(channel.Show{Window: channel.WindowDial, Text: "12", Reason: "why"})
	if !w.notice.box.Visible() {
		t.Error("the reason is not shown")
	}
	w.number.SetText("13")
	d.answered()
	if w.notice.box.Visible() {
		t.Error("the reason outlives its text")
	}

	// Typing something else takes the list away; the same text later has none.
	d.show(channel.Show{Window: channel.WindowDial, Text: "Tel. 050 1234507", Choices: several})
	w.number.SetText("7")
	d.answered()
	if w.choice.box.Visible() || w.call.Disabled() {
		t.Error("the choices of another text")
	}
	d.show(channel.Show{Window: channel.WindowDial})
	if w.choice.box.Visible() {
		t.Error("the choices come back")
	}
}

// A text that is pasted offers its numbers below, and leaves the keyboard where
// it is.
func TestSeveralNumbersWereTyped(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	d.agent.choices = several
	w.number.SetText("050 1234507 / 899 123456x")
	d.answered()
	if !w.choice.box.Visible() || w.win.Canvas().Focused() != fyne.Focusable(w.number) {
		t.Errorf("choices %v, focus on %T", w.choice.box.Visible(), w.win.Canvas().Focused())
	}
	press(w.number, fyne.KeyReturn)
	press(w.number, fyne.KeyDown)
	if w.win.Canvas().Focused() != fyne.Focusable(w.choice) {
		t.Error("the Down key does not lead to the list")
	}
	press(w.choice, fyne.KeyEscape)
	if d.app.visible[w.win] {
		t.Error("Esc does not hide the window")
	}
	w.number.SetText("")
	d.answered()
	if w.choice.box.Visible() {
		t.Error("choices without a text")
	}
}

func TestTroubleLeadsToTheSettings(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	d.push(status.Snapshot{Seq: 1, Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeRefused}})
	if !w.notice.box.Visible() || w.notice.text.Text != words.Problem(status.Problem{Code: status.CodeRefused}).String() {
		t.Errorf("notice %q", w.notice.text.Text)
	}
	press(w.notice.button, fyne.KeyReturn)
	d.answered()
	if d.app.settings == nil || !d.app.visible[d.app.settings.win] {
		t.Error("no settings")
	}
	d.push(status.Snapshot{Seq: 2, Connection: status.Ready})
	if w.notice.box.Visible() {
		t.Error("the notice outlives the trouble")
	}
	d.push(status.Snapshot{Seq: 3, Connection: status.NotSetUp})
	tap(w.notice.button)
	if d.app.assistant == nil || !d.app.visible[d.app.assistant.win] {
		t.Error("no assistant")
	}
}

// TestALinkThatCannotBeReadIsCorrected: as it came no key dials it, although it
// could be typed; what the person makes of it is asked about.
func TestALinkThatCannotBeReadIsCorrected(t *testing.T) {
	d := newDesk(t)
	link := func(id uint64, text, reason string) *dialWindow {
		d.show(channel.Show{Window: channel.WindowDial, Link: id, Text: text, Reason: reason})
		return d.app.dial
	}
	w := link(1, "*21*7102#", "why")
	if w.number.Text != "*21*7102#" || w.notice.text.Text != "why" || !w.call.Disabled() || w.line.Text != words.Text(words.SayCorrectLink) {
		t.Fatalf("%q, %q, %q", w.number.Text, w.notice.text.Text, w.line.Text)
	}
	for range 3 {
		press(w.number, fyne.KeyReturn)
		d.advance(time.Second)
		d.answered()
	}
	if n := d.agent.count("dial *21*7102#"); n != 0 || w.call.Text != words.Text(words.LabelCall) {
		t.Fatalf("Enter dialled it: %d", n)
	}
	if link(1, "*21*7102#", "why, and more"); w.notice.text.Text != "why, and more" {
		t.Errorf("its count is not shown: %q", w.notice.text.Text)
	}

	w.number.SetText("7102")
	press(w.number, fyne.KeyReturn) // before anybody could see what it is
	d.answered()
	if n := d.agent.count("dial 7102"); n != 0 || w.call.Text != words.Text(words.LabelCallAnyway) || !strings.Contains(w.line.Text, words.NumberReasons([]string{"link"})) {
		t.Fatalf("dialled %d times, button %q, line %q", n, w.call.Text, w.line.Text)
	}
	if n := d.agent.count("answer 1 false"); n != 0 {
		t.Error("it is done with while it is being corrected")
	}
	d.advance(repeatTime)
	press(w.number, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("dial 7102"); n != 1 {
		t.Errorf("dialled %d times", n)
	}
	if n := d.agent.count("answer 1 false"); n != 1 {
		t.Errorf("%d answers", n)
	}
	w.number.SetText("7103") // the person's own
	d.answered()
	if strings.Contains(w.line.Text, words.NumberReasons([]string{"link"})) {
		t.Errorf("the next number is still the link's: %q", w.line.Text)
	}
}

// A link that is left as it is makes room for the next one, and is not what
// stands in the entry when the window is opened again.
func TestALinkThatCannotBeReadIsLeft(t *testing.T) {
	d := newDesk(t)
	d.show(channel.Show{Window: channel.WindowDial, Link: 1, Text: "tel:*21%23", Reason: "why"})
	w := d.app.dial
	press(w.number, fyne.KeyEscape)
	d.answered()
	if n := d.agent.count("answer 1 false"); n != 1 || d.app.visible[w.win] {
		t.Fatalf("%d answers, on the screen: %v", n, d.app.visible[w.win])
	}
	d.show(channel.Show{Window: channel.WindowDial, Link: 1, Text: "tel:*21%23", Reason: "why, late"})
	if d.app.visible[w.win] {
		t.Error("its late news raise the window")
	}
	if d.openDial(""); w.number.Text != "" {
		t.Errorf("%q stands there", w.number.Text)
	}
	d.show(channel.Show{Window: channel.WindowDial, Link: 2, Text: "tel:x", Reason: "why"})
	if d.openDial("7102"); w.number.Text != "7102" || w.call.Disabled() {
		t.Errorf("%q stands there", w.number.Text)
	}
	d.answered()
	if n := d.agent.count("answer 2 false"); n != 1 {
		t.Errorf("%d answers to the one in whose place another text came", n)
	}
}

// One that came before anything was set up comes up when the assistant is closed.
func TestALinkThatCannotBeReadWaitsForTheAssistant(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	w.turn(pageDone)
	d.show(channel.Show{Window: channel.WindowDial, Link: 1, Text: "tel:x", Reason: "why"})
	if c := d.app.dial; c != nil && d.app.visible[c.win] {
		t.Fatal("shown over the assistant")
	}
	press(w.next, fyne.KeyReturn)
	d.pump()
	if c := d.app.dial; c == nil || !d.app.visible[c.win] || c.number.Text != "tel:x" {
		t.Error("not shown")
	}
}
