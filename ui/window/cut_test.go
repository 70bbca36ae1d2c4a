package window

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

var render = flag.Bool("render", false, "TestNothingIsCut leaves pictures in artefacts/, at 100 and 200 %")

// gallery looks at windows as they stand, and keeps their pictures.
type gallery struct {
	*desk
	language string
}

// see finds what is cut in w: a text that sticks out of what it is in, or ends in an
// ellipsis for want of room. Only a column may be longer than it is seen, where it scrolls.
func (g gallery) see(name string, w fyne.Window) {
	g.t.Helper()
	g.look(name, w)
	if !*render {
		return
	}
	c := w.Canvas()
	dir := os.Getenv("CORNETTA_ARTEFACTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "artefacts")
	}
	dir = filepath.Join(dir, g.t.Name())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		g.t.Fatal(err)
	}
	size := c.Size()
	for _, scale := range []float32{1, 2} {
		c.(software.WindowlessCanvas).SetScale(scale)
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s-%s-%.0f.png", name, g.language, scale*100)))
		if err == nil {
			err = png.Encode(f, software.RenderCanvas(c, g.app.fyne.Settings().Theme()))
		}
		if err != nil {
			g.t.Fatal(err)
		}
		_ = f.Close()
		if c.Size() != size {
			g.t.Errorf("%s: %v at %v, %v else", name, c.Size(), scale, size)
		}
	}
	c.(software.WindowlessCanvas).SetScale(1)
}

// look is see without a picture.
func (g gallery) look(name string, w fyne.Window) {
	g.t.Helper()
	c := w.Canvas()
	g.texts(name, c.Content(), fyne.NewPos(0, 0), 0, c.Size().Width)
	for _, o := range c.Overlays().List() {
		g.texts(name+", over it", o, fyne.NewPos(0, 0), 0, c.Size().Width)
	}
}

// texts looks at all below o, which is at a place and is seen from left to right.
func (g gallery) texts(name string, o fyne.CanvasObject, at fyne.Position, left, right float32) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	kind := reflect.TypeOf(o).String()
	if strings.HasSuffix(kind, "Scroll") {
		left, right = max(left, at.X), min(right, at.X+o.Size().Width)
	}
	switch o := o.(type) {
	case *canvas.Text:
		const tolerance = 0.6 // of a pixel that was rounded
		need := fyne.MeasureText(o.Text, o.TextSize, o.TextStyle)
		start := at.X
		switch o.Alignment {
		case fyne.TextAlignCenter:
			start += (o.Size().Width - need.Width) / 2
		case fyne.TextAlignTrailing:
			start += o.Size().Width - need.Width
		}
		if o.Text != "" && (start < left-tolerance || start+need.Width > right+tolerance) {
			g.t.Errorf("%s, %s: %q is cut: it begins at %.0f and is %.0f wide, and is seen from %.0f to %.0f", g.language, name, o.Text, start, need.Width, left, right)
		}
		if strings.HasSuffix(o.Text, "…") && !ownEllipsis(o.Text) {
			g.t.Errorf("%s, %s: no room for the rest of %q", g.language, name, o.Text)
		}
	case *fyne.Container:
		if o.Layout != nil { // the rows of a list are laid out only when they are drawn
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, part := range o.Objects {
			g.texts(name, part, at, left, right)
		}
	case fyne.Widget:
		for _, part := range fynetest.WidgetRenderer(o).Objects() {
			g.texts(name, part, at, left, right)
		}
	}
}

// ownEllipsis reports whether a text of ours ends like this.
func ownEllipsis(text string) bool {
	for _, l := range []words.Label{words.SayAskingList, words.SayChecking, words.SayAskingKeyring, words.LabelPressKeys, words.SayAskingDesktop, words.LabelSettings} {
		if t := words.Text(l); strings.HasSuffix(t, text) {
			return true
		}
	}
	return text == words.CallTitle(call.Snapshot{State: call.Requested}) ||
		text == words.CallTitle(call.Snapshot{State: call.AnsweredOwn}) || text == words.CallTitle(call.Snapshot{State: call.RingingFar})
}

// TestNothingIsCut shows every window in every language, in the states in which it has
// most to say. With -args -render it leaves pictures.
func TestNothingIsCut(t *testing.T) {
	t.Cleanup(func() { words.Use("en") })
	for _, code := range words.Languages() {
		t.Run(code, func(t *testing.T) {
			words.Use(code)
			dialIsNotCut(gallery{newDesk(t), code})
			assistantIsNotCut(gallery{newDesk(t), code})
			settingsAreNotCut(gallery{newDesk(t), code})
			questionIsNotCut(gallery{newDesk(t), code})
		})
	}
}

func dialIsNotCut(g gallery) {
	w := g.openDial("")
	g.see("dial-empty", w.win)
	now := g.now
	g.agent.recent = []history.Entry{
		{At: now.Add(-time.Minute), Number: "0390505550123", State: call.Ended, Duration: 83 * time.Second},
		{At: now.Add(-26 * time.Hour), Number: "7102", State: call.Failed, Cause: call.NoAnswer},
		{At: now.Add(-50 * time.Hour), Number: "000390505550199", State: call.Failed, Cause: call.Unreachable},
		{At: now.Add(-900 * time.Hour), Number: "*401", State: call.Failed, Cause: call.NotPermitted},
	}
	g.show(channel.Show{Window: channel.WindowDial})
	g.see("dial-recent", w.win)
	w.number.SetText("899 123456")
	g.answered()
	g.see("dial-risk", w.win)
	w.number.SetText("call me")
	g.answered()
	g.see("dial-wrong", w.win)
	g.agent.found = map[string][]channel.Suggestion{"ros": {
		{Name: "Anna Rossi", Number: "0390505550123", Recent: &g.agent.recent[0]},
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "mobile", Number: "+39 333 1234507"},
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "fax", Number: "050 555 0129"},
		{Name: "Rossana Bianchi", Kind: "main", Number: "050 555 0130"},
		{Name: "Marco De Rossi", Company: "Beta", Kind: "internal", Number: "7102"},
	}}
	w.number.SetText("ros")
	g.answered()
	g.see("dial-found", w.win)
	w.found.focus()
	press(w.found, fyne.KeyDown)
	g.answered()
	g.see("dial-found-picked", w.win)
	w.number.SetText("0390505550123")
	g.answered()
	seq := uint64(0)
	say := func(name string, c *call.Snapshot) {
		seq++
		g.push(status.Snapshot{Seq: seq, Connection: status.Connected, Extension: "7101", Call: c})
		g.see(name, w.win)
	}
	for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Cancelled} {
		say("dial-call-"+string(s), ringing("1", "0390505550123", "Mario Rossi", s))
	}
	for _, cause := range []call.Cause{
		call.OwnNoAnswer, call.OwnBusy, call.OwnUnreachable, call.OwnDeclined, call.OwnDoNotDisturb, call.OwnNotConfirmed, call.Unreachable, call.Busy,
		call.NoAnswer, call.Rejected, call.NoSuchNumber, call.Network, call.NotPermitted, call.NoRight, call.Refused,
	} {
		c := ringing("1", "0390505550123", "", call.Failed)
		c.Cause = cause
		say("dial-failed-"+string(cause), c)
	}
	for _, code := range []status.Code{status.CodeLoginClosed, status.CodeCertUnknownCA, status.CodeUnreachable, status.CodeKeyring} {
		seq++
		g.push(status.Snapshot{Seq: seq, Connection: status.Trouble, Trouble: &status.Problem{Code: code}, Extension: "7101"})
		g.see("dial-trouble-"+string(code), w.win)
	}
	g.show(channel.Show{Window: channel.WindowDial, Text: "tel:x", Link: 3, Reason: words.LinkUnread("letters", 3)})
	g.see("dial-link", w.win)
}

func assistantIsNotCut(g gallery) {
	g.agent.extensions = []status.Extension{
		{Number: "7101", Hint: "PJSIP/7101"},
		{Number: "7102", Hint: "PJSIP/7102", Status: 1},
		{Number: "7103", Hint: "PJSIP/7103", Status: 4},
		{Number: "7104", Hint: "PJSIP/7104", Status: 8},
		{Number: "7202", Hint: "PJSIP/7202", Status: 16},
	}
	g.agent.check = selfSigned
	w := g.openAssistant()
	g.see("assistant-1", w.win)
	press(w.next, fyne.KeyReturn)
	g.see("assistant-1-missing", w.win)
	fillLogin(w.form)
	w.form.tls.SetChecked(true)
	press(w.next, fyne.KeyReturn)
	g.answered()
	g.see("assistant-2-certificate", w.win)
	w.check.cert.tick.SetChecked(true)
	fynetest.Tap(w.check.cert.trust)
	g.answered()
	g.see("assistant-2-works", w.win)
	press(w.next, fyne.KeyReturn)
	g.answered()
	g.see("assistant-3", w.win)
	w.form.rows[fieldExtension].entry.SetText("7103")
	g.see("assistant-3-away", w.win)
	press(w.next, fyne.KeyReturn)
	g.answered()
	g.see("assistant-4", w.win)
	press(w.next, fyne.KeyReturn)
	g.answered()
	g.see("assistant-5", w.win)
	g.push(status.Snapshot{Seq: 1, Call: ringing("t", "800", "", call.RingingOwn)})
	g.see("assistant-5-call", w.win)
}

func settingsAreNotCut(g gallery) {
	g.agent.settings, g.agent.secret = account(), inKeyring
	g.agent.settings.Account.TLS, g.agent.settings.Account.TLSPin = true, strings.Repeat("a1b2", 16)
	g.agent.settings.CopiesHighlighted = true
	g.agent.settings.KeyTroubles = map[string]channel.KeyTrouble{
		fieldClipboard: {Problem: status.Problem{Code: status.CodeKeysNoPortal}, Command: "cornetta dial --clipboard"},
		fieldSelection: {Problem: status.Problem{Code: status.CodeKeysRefused}},
	}
	g.agent.registered = channel.Registered{Other: "Linphone"}
	s := g.openSettings()
	for section, name := range []string{"account", "numbers", "keys", "start"} {
		s.turn(section)
		g.see("settings-"+name, s.win)
	}
	// Whatever can be chosen has room where it is chosen.
	for section, rows := range map[int]settingRows{
		sectionAccount: s.form.others, sectionNumbers: s.numbers.settingRows, sectionStart: {s.others.row(fieldLanguage)},
	} {
		s.turn(section)
		for _, r := range rows {
			before := r.text()
			for _, v := range r.Codes {
				r.show(v)
				rows.draw()
				g.look("settings with "+r.Key+"="+v, s.win)
			}
			r.show(before)
		}
	}
	s.turn(sectionNumbers)
	s.numbers.row(fieldConfirm).show("trusted")
	s.numbers.draw()
	s.numbers.tester.entry.SetText("+44 20 7946 0018")
	g.see("settings-numbers-tester", s.win)
	s.numbers.tester.entry.SetText("call me")
	g.see("settings-numbers-wrong", s.win)
	s.form.load(config.Account{})
	s.turn(sectionAccount)
	for _, r := range s.form.all {
		r.entry.SetText("é é")
	}
	s.tapCheck()
	g.see("settings-account-wrong", s.win)
}

func questionIsNotCut(g gallery) {
	w := g.askFor(question(1))
	g.see("question", w.win)
	q := channel.Ask{Offer: status.Offer{ID: 2, Shown: "0 039012345678901234567890123456789012345678", Reasons: []string{
		"ambiguous_trunk_zero", "extension_dropped", "international", "link", "params_ignored", "policy", "post_dial_dropped", "premium",
	}}, More: 987, Ignored: 12}
	w = g.askFor(q)
	g.see("question-long", w.win)
}
