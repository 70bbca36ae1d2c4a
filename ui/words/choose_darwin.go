//go:build darwin

package words

import (
	"context"
	"os/exec"
	"regexp"
	"time"
)

var quotedLanguage = regexp.MustCompile(`[A-Za-z]{2,3}(-[A-Za-z0-9]+)*`)

// userLanguages are the languages that macOS speaks to this person, the first one
// first. Programs that are started from the Dock have no LANG.
func userLanguages() []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	list, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleLanguages").Output()
	if err != nil {
		return nil
	}
	return quotedLanguage.FindAllString(string(list), -1)
}
