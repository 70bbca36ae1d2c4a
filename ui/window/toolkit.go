package window

import (
	"encoding/json"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"cornetta/ui/words"
)

// toolkitLanguages are those that Fyne has texts in.
var toolkitLanguages = []fyne.Locale{"cs", "de", "el", "en", "es", "fr", "ja", "pl", "pt", "pt-BR", "ru", "sv", "ta", "uk", "zh-Hans"}

// speakToolkit has Fyne say its own texts (of the menu of a field, above all) in the
// language in use. Fyne chooses by the system's, and has no way to be told another: so
// they become the texts of whichever it chooses.
func speakToolkit() error {
	texts, err := json.Marshal(words.Toolkit())
	if err != nil {
		return err
	}
	// Where Fyne looks there first, and else cannot read the locale C.UTF-8, of which it
	// would complain for each. Nothing else in this program looks there any more.
	if err := os.Setenv("LANGUAGE", words.Language()); err != nil {
		return err
	}
	for _, l := range toolkitLanguages {
		if err := lang.AddTranslationsForLocale(texts, l); err != nil {
			return err
		}
	}
	return nil
}
