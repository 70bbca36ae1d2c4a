//go:build linux

package desktoptest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// accessed finds who accessed what others did: the innermost function of each
// of a report's two accesses.
var accessed = regexp.MustCompile(`(?mi)^(?:previous )?(?:atomic )?(?:read|write) at .*:\n  (.*)$`)

// races are the data races that the race detector found in programs on the
// desktop, which were built with -race, but for those of the tray library:
// fyne.io/systray 1.12.2 counts its menu's versions without holding its lock, and
// changes its icon while it is being sent. They are written to files, because they
// would end the programs otherwise (baseEnv).
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

func ofTrayLibrary(report string) bool {
	for _, access := range accessed.FindAllStringSubmatch(report, -1) {
		if strings.HasPrefix(access[1], "fyne.io/systray.") {
			return true
		}
	}
	return false
}
