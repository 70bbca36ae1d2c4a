//go:build linux

package desktoptest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// accesses finds the stacks of a report's two accesses.
var accesses = regexp.MustCompile(`(?mi)^(?:previous )?(?:atomic )?(?:read|write) at .*:\n((?:  .*\n)+)`)

// races are the data races that the race detector found in programs on the
// desktop, which were built with -race, but for those of the tray library:
// fyne.io/systray 1.12.2 counts its menu's versions without holding its lock, and
// changes its icon and its properties while they are being sent. They are written to
// files, because they would end the programs otherwise (baseEnv).
func (d *Desktop) races() (found []string) {
	logs, _ := filepath.Glob(d.path("log", "race.*"))
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil {
			found = append(found, err.Error())
		}
		for _, report := range strings.Split(string(text), "==================\n") {
			if strings.Contains(report, "DATA RACE") && !ofTrayLibrary(report) {
				found = append(found, report)
			}
		}
	}
	return found
}

// ofTrayLibrary reports whether one of the accesses is made by the tray library, by
// itself or through what it has others do.
func ofTrayLibrary(report string) bool {
	for _, access := range accesses.FindAllStringSubmatch(report, -1) {
		for frame := range strings.Lines(access[1]) {
			name := strings.TrimSpace(frame)
			if strings.HasPrefix(frame, "      ") || strings.HasPrefix(name, "reflect.") || strings.HasPrefix(name, "runtime.") ||
				strings.HasPrefix(name, "github.com/godbus/dbus/v5") {
				continue // a file's name, or a function that works for its caller
			}
			if strings.HasPrefix(name, "fyne.io/systray.") {
				return true
			}
			break
		}
	}
	return false
}
