package window

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cornetta/dialer/call"
	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

var render = flag.Bool("render", false, "TestNothingIsCut leaves pictures in artefacts/, dark and light, at 100 and 200 %")

// TestNothingIsCut shows every window in every language, in the states in which it has
// most to say, as large as it comes up and as small as it can be made: no text sticks out
// of what it is in, ends in an ellipsis for want of room, or lies on another one. With
// -args -render it leaves pictures.
func TestNothingIsCut(t *testing.T) {
	t.Cleanup(func() { words.Use("en") })
	for _, code := range words.Languages() {
		t.Run(code, func(t *testing.T) {
			words.Use(code)
			for _, dark := range []bool{false, true} {
				if dark && !*render {
					continue // it differs in colours alone
				}
				walk(t, dark, !dark, func(d *desk, name string, w fyne.Window) {
					if *render && !strings.Contains(name, "=") {
						leave(t, name, code, dark, w)
					}
					uncut(t, name, w)
					size := w.Canvas().Size()
					shrink(t, name, w)
					uncut(t, name+", small", w)
					w.Resize(size)
				})
			}
		})
	}
}

// shrink makes w as small as a person can. That fits on a small screen at 200 %: one of
// 1920 by 1080 pixels, less what a title and a thin panel take.
func shrink(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	for range 3 { // a wrapped text knows its height when it has its width
		w.Resize(w.Content().MinSize())
	}
	if size := w.Canvas().Size(); size.Width > 960 || size.Height > 500 {
		t.Errorf("%s: no smaller than %v", name, size)
	}
}

// leave keeps a picture of w.
func leave(t *testing.T, name, code string, dark bool, w fyne.Window) {
	t.Helper()
	dir := os.Getenv("CORNETTA_ARTEFACTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "artefacts")
	}
	dir = filepath.Join(dir, strings.Split(t.Name(), "/")[0], code, map[bool]string{false: "light", true: "dark"}[dark])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float32{1, 2} {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s-%.0f.png", name, scale*100)))
		if err == nil {
			err = png.Encode(f, picture(t, w, scale))
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
}

// uncut finds what is cut in w, and what lies on something else.
func uncut(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	const tolerance = 0.6 // of a pixel that was rounded
	type line struct {
		text           string
		layer          int
		x0, y0, x1, y1 float32
	}
	var lines []line
	for _, s := range spots(w) {
		o, ok := s.CanvasObject.(*canvas.Text)
		if !ok || o.Text == "" {
			continue
		}
		need := fyne.MeasureText(o.Text, o.TextSize, o.TextStyle)
		x := s.at.X
		switch o.Alignment {
		case fyne.TextAlignCenter:
			x += (o.Size().Width - need.Width) / 2
		case fyne.TextAlignTrailing:
			x += o.Size().Width - need.Width
		}
		y := s.at.Y + max(0, (o.Size().Height-need.Height)/2)
		_, typed := s.in.(*entry) // in which one moves to and fro
		if !typed && (x < s.from.X-tolerance || x+need.Width > s.to.X+tolerance) {
			t.Errorf("%s: %q is cut: it begins at %.0f and is %.0f wide, and is seen from %.0f to %.0f", name, o.Text, x, need.Width, s.from.X, s.to.X)
		}
		if !s.rows && (y < s.from.Y-tolerance || y+need.Height > s.to.Y+tolerance) {
			t.Errorf("%s: %q is cut: its top is at %.0f and it is %.0f high, and is seen from %.0f to %.0f", name, o.Text, y, need.Height, s.from.Y, s.to.Y)
		}
		_, row := s.in.(*picker[status.Offer]) // whose reasons are told in full when it was picked
		_, book := s.in.(*picker[contacts.Listed])
		row = row || book // the same
		if strings.HasSuffix(o.Text, "…") && !ownEllipsis(o.Text) && !row {
			t.Errorf("%s: no room for the rest of %q", name, o.Text)
		}
		if brokenPair.MatchString(o.Text) {
			t.Errorf("%s: a line of a fingerprint ends within a pair: %q", name, o.Text)
		}
		// What is drawn of a line is in the middle of its height.
		middle, half := y+need.Height/2, o.TextSize*0.4
		l := line{
			text: o.Text, layer: s.layer,
			x0: max(x, s.from.X), x1: min(x+need.Width, s.to.X), y0: max(middle-half, s.from.Y), y1: min(middle+half, s.to.Y),
		}
		if l.x0 < l.x1 && l.y0 < l.y1 {
			lines = append(lines, l)
		}
	}
	for i, a := range lines {
		for _, b := range lines[:i] {
			if a.layer == b.layer && min(a.x1, b.x1)-max(a.x0, b.x0) > 1 && min(a.y1, b.y1)-max(a.y0, b.y0) > 1 {
				t.Errorf("%s: %q lies on %q", name, a.text, b.text)
			}
		}
	}
}

// brokenPair is a line of a fingerprint that had to be broken where nobody would.
var brokenPair = regexp.MustCompile(`^([0-9A-F]{2}:)+[0-9A-F]$`)

// ownEllipsis reports whether a text of ours ends like this, or one of others that is
// cut on purpose.
func ownEllipsis(text string) bool {
	if strings.HasPrefix(longName, strings.TrimSuffix(text, "…")) || strings.HasSuffix(words.Clean(unforeseen().Detail), text) {
		return true
	}
	asked := call.Snapshot{Transfer: call.Transfer{Number: "7102", State: call.TransferAsked}}
	if text == words.Transfer(asked) || strings.HasPrefix(words.NumberAndName("0390505550123", longName), strings.TrimSuffix(text, "…")) {
		return true
	}
	for _, l := range []words.Label{words.SayAskingList, words.SayChecking, words.SayAskingKeyring, words.LabelPressKeys, words.LabelCheckAll, words.SayAskingDesktop, words.LabelSettings, words.LabelBooks, words.SayReading, words.LabelHelp, words.LabelAddAccount, words.SayAskingColleagues, words.LabelTransferTo, words.LabelChoose} {
		if t := words.Text(l); strings.HasSuffix(t, text) {
			return true
		}
	}
	return text == words.CallTitle(call.Snapshot{State: call.Requested}) ||
		text == words.CallTitle(call.Snapshot{State: call.AnsweredOwn}) || text == words.CallTitle(call.Snapshot{State: call.RingingFar})
}
