//go:build linux && screenshots

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// TestScreenshots takes the pictures of the guides, of the programs as they are, in
// every language: `make screenshots`. Look at them before they are committed.
func TestScreenshots(t *testing.T) {
	t.Cleanup(func() { words.Use("en") })
	for _, language := range words.Languages() {
		t.Run(language, func(t *testing.T) {
			words.Use(language)
			first := newPhotographer(t, language)
			first.assistant()
			p := newPhotographer(t, language)
			p.day()
			p.others()
		})
	}
}

// photographer is a person's computer in one language, whose windows are taken pictures of.
type photographer struct {
	*seat
	pbx *pbxsim.PBX
	dir string
}

func newPhotographer(t *testing.T, language string) *photographer {
	dir := filepath.Join("..", "..", "docs", "images", language)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return &photographer{newSeat(t), startPBX(t), dir}
}

// start starts the agent in the language of the pictures.
func (p *photographer) start() {
	cmd := p.cornetta()
	cmd.Env = append(cmd.Env, words.Variable+"="+filepath.Base(p.dir))
	p.agentOn(cmd)
}

// take keeps what is in a part of the screen, once that has come to rest.
func (p *photographer) take(name string, part image.Rectangle) {
	p.t.Helper()
	seen := func() *image.RGBA {
		out := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
		draw.Draw(out, out.Rect, p.Screen(), part.Min, draw.Src)
		return out
	}
	img := seen()
	for same, n := 0, 0; same < 8 && n < 60; n++ { // a cursor may never rest
		if name != "call" && name != "incoming" && p.NotificationOnScreen() { // it lies over a corner
			p.CloseNotifications()
		}
		time.Sleep(100 * time.Millisecond)
		now := seen()
		if same++; !bytes.Equal(now.Pix, img.Pix) {
			same = 0
		}
		img = now
	}
	f, err := os.Create(filepath.Join(p.dir, name+".png"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, fewColours(img)); err != nil {
		p.t.Fatal(err)
	}
}

// fewColours is img with the 256 colours that it has most of, and the nearest of them in
// place of the others, which are edges of letters: a third of the bytes.
func fewColours(img *image.RGBA) image.Image {
	count := map[color.RGBA]int{}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			count[img.RGBAAt(x, y)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int { return count[b] - count[a] })
	var most color.Palette
	for _, c := range all[:min(len(all), 256)] {
		most = append(most, c)
	}
	out := image.NewPaletted(img.Rect, most)
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	return out
}

func (p *photographer) assistant() {
	p.start()
	w := p.Window(words.Text(words.TitleAssistant))
	p.Wait("the assistant to have the focus", w.Focused)
	(&firstRun{p.seat, w}).waitButton()
	p.Type("pbx.example.com")
	p.Key("Tab", "Tab", "Tab")
	p.Type("cornetta")
	p.take("assistant", w.Bounds())
}

func (p *photographer) day() {
	p.must(pbxsim.Secret, accountFlags(p.pbx.Addr(), "7101")...)
	p.must("", "contacts", "add", "--vcard", p.people())
	p.start()
	ready := words.Status(status.Snapshot{Connection: status.Ready}, time.Now())
	item := p.tray(ready)

	p.ClickTray(item, 1)
	w := p.Window("^Cornetta$")
	p.Wait("the dial window to have the focus", w.Focused)
	p.Type("050 1234507")
	p.callLive(w)
	p.Key("Return")
	p.waitState(call.InCall)
	p.told(words.CallTitle(call.Snapshot{State: call.InCall}))
	b := w.Bounds()
	p.take("call", image.Rect(b.Min.X-40, 0, p.Screen().Rect.Max.X, b.Min.Y+270))
	p.must("", "hangup")
	p.waitState(call.Ended)
	p.CloseNotifications()
	w.Focus()
	p.Key("Escape")
	w.WaitGone()
	p.ClickTray(p.tray(ready), 1)
	w = p.Window("^Cornetta$")
	p.Wait("the dial window to have the focus", w.Focused)
	p.Type("(050) 123.45.02")
	p.callLive(w)
	b = w.Bounds()
	p.take("dial", image.Rect(b.Min.X, b.Min.Y, b.Max.X, b.Min.Y+290))
	p.Key("Escape")
	w.WaitGone()

	p.Copy("+39 050 1234502")
	p.OpenTrayMenu(p.tray(ready))
	p.take("tray", image.Rect(0, 0, 420, 300))
	p.Key("Escape")

	p.must("", "tel:+390501234507")
	link := p.Window(words.Text(words.TitleLink))
	p.Wait("the question to have the focus", link.Focused)
	p.drawn(link)
	p.take("link", link.Bounds())
	p.Key("Escape")
	link.WaitGone()

	p.PickTrayMenu(p.tray(ready), words.Text(words.LabelSettings))
	s := p.Window(words.Text(words.TitleSettings))
	p.Wait("the settings to have the focus", s.Focused)
	f := &firstRun{p.seat, s}
	f.waitButton()
	f.onward(1)
	s.Resize(640, 740)                // for all steps of what is tried
	s.Click(250, s.Bounds().Dy()-266) // the tester stands above the buttons, however many these are
	p.Type("+44 20 7946 0018")
	p.take("numbers", s.Bounds())
	p.Key("ctrl+Next", "ctrl+Next", "Tab", "Tab", "Tab", "space") // links, start, language, and the address books
	books := p.Window(words.Text(words.TitleBooks))
	p.Wait("the address books to have the focus", books.Focused)
	p.take("books", books.Bounds())
	p.Key("Escape")
	books.WaitGone()
	s.Focus()
	p.Key("Escape")
	s.WaitGone()
}

// others are calls that come in, colleagues and a second account.
func (p *photographer) others() {
	p.must("", "account", "set", "--incoming", "on", "--colleagues", "on")
	p.Wait("the link to be kept", func() bool { return p.status().Connection == status.Connected })
	p.CloseNotifications()
	a := p.pbx.CallIn("0501234507", "", "600")
	a.Ring("7101", "")
	a.Ring("7105", "")
	p.told("0501234507")
	p.take("incoming", image.Rect(p.Screen().Rect.Max.X-420, 0, p.Screen().Rect.Max.X, 170))
	a.Answer("7105")
	a.End()

	for number, name := range map[string]string{"7102": "Marco De Rossi", "7103": "Giulia Ferri", "7105": "Paolo Conti"} {
		p.must("", "contacts", "favourite", "add", number, name)
	}
	hangUp := colleagueTalks(p.t, p.pbx.Addr(), "7105")
	item := p.tray("7101")
	p.PickTrayMenu(item, words.Text(words.LabelColleaguesDots))
	w := p.Window(words.Text(words.LabelColleagues))
	p.Wait("the colleagues to have the focus", w.Focused)
	p.drawn(w)
	b := w.Bounds()
	p.waitLit("Call", image.Rectangle{b.Max.Sub(image.Pt(130, 50)), b.Max.Sub(image.Pt(10, 10))})
	p.take("colleagues", b)
	hangUp()
	p.Key("Escape")
	w.WaitGone()

	more := append([]string{"account", "add", "Livorno"}, accountFlags(p.pbx.Addr(), "7106")[2:]...)
	p.must(pbxsim.Secret, more...)
	p.must("", "account", "rename", "Pisa")
	line := words.AccountInUse("Pisa", false)
	p.WaitTrayMenu(item, line, func(m desktoptest.MenuItem) bool { return m.Visible && m.Label == line })
	p.OpenTraySubmenu(item, line)
	p.take("accounts", image.Rect(0, 68, 480, 320)) // the panel scrolls its menu to the last line
	p.Key("Escape", "Escape")
}

// people writes an address book of nobody real, in a place that looks like a person's.
func (p *photographer) people() string {
	dir := filepath.Join(os.TempDir(), "anna")
	if err := os.Mkdir(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "Contacts.vcf")
	var cards strings.Builder
	for i, name := range []string{"Anna Bianchi", "Marco De Rossi", "Giulia Ferri", "Paolo Conti", "Sara Lombardi"} {
		fmt.Fprintf(&cards, "BEGIN:VCARD\nVERSION:3.0\nFN:%s\nORG:Officina Alfa S.r.l.\nTEL;TYPE=WORK:+39 050 12345%02d\nEND:VCARD\n", name, 7+i)
	}
	if err := os.WriteFile(path, []byte(cards.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}
