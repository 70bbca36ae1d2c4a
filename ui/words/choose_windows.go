//go:build windows

package words

import "golang.org/x/sys/windows"

// userLanguages are the languages that Windows speaks to this person, the first one
// first.
func userLanguages() []string {
	languages, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return nil
	}
	return languages
}
