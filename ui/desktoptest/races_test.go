//go:build linux

package desktoptest

import "testing"

// A race is the tray library's only where its own code makes one of the accesses.
func TestOfTrayLibrary(t *testing.T) {
	const (
		library = "  reflect.Value.Set()\n      /go/value.go:1 +0x1\n  github.com/godbus/dbus/v5/prop.(*Properties).SetMust()\n      /prop.go:1 +0x1\n  fyne.io/systray.SetIcon()\n      /systray.go:1 +0x1\n  cornetta/ui/tray.(*menu).show()\n      /menu.go:1 +0x1\n"
		ours    = "  cornetta/ui/tray.(*menu).show()\n      /menu.go:1 +0x1\n  fyne.io/systray.Run()\n      /systray.go:1 +0x1\n"
		bus     = "  reflect.Value.Int()\n      /go/value.go:1 +0x1\n  github.com/godbus/dbus/v5.(*Conn).handleCall()\n      /export.go:1 +0x1\n"
	)
	for _, tc := range []struct {
		one, other string
		want       bool
	}{
		{library, bus, true},
		{bus, library, true},
		{ours, bus, false},
		{ours, ours, false},
		{bus, bus, false},
	} {
		report := "WARNING: DATA RACE\nWrite at 0x1 by main goroutine:\n" + tc.one + "\nPrevious read at 0x1 by goroutine 7:\n" + tc.other + "\nGoroutine 7 (running) created at:\n" + ours
		if got := ofTrayLibrary(report); got != tc.want {
			t.Errorf("%v for\n%s", got, report)
		}
	}
}
