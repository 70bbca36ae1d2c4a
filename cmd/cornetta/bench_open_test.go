//go:build linux

package main

import (
	"path/filepath"
	"testing"
	"time"

	"cornetta/ui/desktoptest"
)

// BenchmarkOpen watches windows that are open and left alone, with the focus in an
// entry, and compares each with a program that shows a Fyne window with an entry
// and nothing else. OpenGL is software here.
func BenchmarkOpen(b *testing.B) {
	ui := filepath.Join(programs, "cornetta-ui")
	other := bare(b, "barewindow", "1")
	var bareShare, bareRSS float64
	for _, name := range []string{"bare", "dial", "settings"} {
		b.Run(name, func(b *testing.B) {
			pbx := startPBX(b)
			s := benchSeat(b, pbx.Addr())
			var w *desktoptest.Window
			program := ui
			switch name {
			case "bare":
				program = other
				r := s.start(other)
				defer r.end()
				w = s.Window("^Bare$")
			default:
				s.agent()
				item := s.tray("Ready")
				if name == "settings" {
					w = s.openSettings("Ready").window
				} else {
					if err := s.Bus().Object(item.Service, item.Path).Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err; err != nil {
						b.Fatal(err)
					}
					w = s.Window("^Cornetta$")
				}
			}
			s.Wait("the window to have the focus", w.Focused)
			pids := pidsOf(program)
			if len(pids) != 1 {
				b.Fatalf("%s runs %d times", program, len(pids))
			}
			pid := pids[0]
			time.Sleep(3 * time.Second) // what opening cost
			before := burdenOf(b, pid)
			time.Sleep(*benchIdle)
			after := burdenOf(b, pid)
			share := 100 * float64(after.cpu-before.cpu) / float64(*benchIdle)
			if name == "bare" {
				bareShare, bareRSS = share, after.rss
			}
			b.ReportMetric(share, "cpu-%")
			b.ReportMetric(share/bareShare, "cpu-x-bare")
			b.ReportMetric(after.rss, "rss-MB")
			b.ReportMetric(after.rss/bareRSS, "rss-x-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}
