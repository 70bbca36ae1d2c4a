//go:build linux

package main

import (
	"bytes"
	"image"
	"path/filepath"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"cornetta/dialer/contacts/directorytest"
)

// patienceWithAList is how long a list is waited for that may be the one that is there.
const patienceWithAList = 400 * time.Millisecond

// untilRest is until the agent has given back what it took for what it did last.
const untilRest = 12 * time.Second

// BenchmarkTyping measures, with 50,000 people who have 80,000 numbers, from a letter
// typed in the dial window until the list of whom it may mean is drawn; and what the
// agent's own memory has grown by when it rests again (beside what the window itself took),
// and while nobody dials, beside an agent that knows nobody.
func BenchmarkTyping(b *testing.B) {
	pbx := startPBX(b)
	s := benchSeat(b, pbx.Addr())
	own := func() (*child, float64) {
		agent := s.start(filepath.Join(programs, "cornetta"))
		s.tray("Ready")
		time.Sleep(untilRest)
		return agent, burdenOf(b, agent.cmd.Process.Pid).private
	}
	agent, alone := own()
	agent.end()
	path := filepath.Join(b.TempDir(), "crowd.vcf")
	directorytest.Crowd(b, path, 50_000)
	s.must("", "contacts", "add", "--vcard", path)
	agent, idle := own()
	defer agent.end()
	item := s.tray("Ready")
	s.ClickTray(item, 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	time.Sleep(untilRest)
	open := burdenOf(b, agent.cmd.Process.Pid).private
	see := glance(b, s.Display())
	keys := map[rune]func() time.Time{}
	for _, r := range "abcdefghijklmnopqrstuvwxyz " {
		keys[r] = keysOf(b, s.Display(), xproto.Keysym(r))
	}
	list := w.Bounds().Inset(8)
	list.Min.Y += 150 // below the entry and its line
	list.Max.Y = list.Min.Y + 90
	settle := func() []byte {
		last := see(list)
		for same := 0; same < 15; same++ {
			time.Sleep(10 * time.Millisecond)
			if now := see(list); !bytes.Equal(now, last) {
				last, same = now, 0
			}
		}
		return last
	}
	var took durations
	missed := 0
	for range *benchTimes {
		for _, text := range []string{"rossi an", "marco b", "azienda si"} {
			s.Key("ctrl+a", "BackSpace")
			before := settle()
			for _, r := range text {
				if r == ' ' {
					keys[r]()
					before = settle()
					continue
				}
				began := keys[r]()
				for bytes.Equal(see(list), before) && time.Since(began) < patienceWithAList {
					time.Sleep(200 * time.Microsecond)
				}
				d := time.Since(began)
				if d < patienceWithAList {
					took = append(took, d)
				} else {
					missed++ // the same people fit one letter more
				}
				before = settle()
			}
		}
	}
	time.Sleep(untilRest)
	used := burdenOf(b, agent.cmd.Process.Pid).private
	took.report(b, "drawn")
	b.ReportMetric(float64(len(took)), "keys")
	b.ReportMetric(float64(missed), "keys-same-list")
	b.ReportMetric(idle-alone, "idle-grown-MB")
	b.ReportMetric(open-idle, "window-MB")
	b.ReportMetric(used-open, "grown-MB")
}

// glance returns a function that says how a part of the screen looks.
func glance(b *testing.B, display string) func(part image.Rectangle) []byte {
	b.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(x.Close)
	root := xproto.Drawable(xproto.Setup(x).DefaultScreen(x).Root)
	return func(part image.Rectangle) []byte {
		img, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, root, int16(part.Min.X), int16(part.Min.Y), uint16(part.Dx()), uint16(part.Dy()), ^uint32(0)).Reply()
		if err != nil {
			b.Fatal(err)
		}
		return img.Data
	}
}
