package window

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/lang"

	"cornetta/ui/words"
)

// TestToolkit: all that Fyne says by itself is said in the language that was chosen,
// whatever the system's is.
func TestToolkit(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "fyne.io/fyne/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "lang", "translations", "base.*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var has []string
	for _, f := range files {
		code := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "base."), ".json")
		has = append(has, strings.ReplaceAll(code, "_", "-"))
	}
	var known []string
	for _, l := range toolkitLanguages {
		known = append(known, string(l))
	}
	if slices.Sort(has); !slices.Equal(has, known) {
		t.Errorf("Fyne has texts in %q, known are %q", has, known)
	}

	texts := map[string]string{}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "lang", "translations", "base.en.json"))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	for key, v := range raw {
		if many, ok := v.(map[string]any); ok {
			v = many["other"]
		}
		texts[key] = v.(string)
	}
	t.Cleanup(func() {
		words.Use("en")
		_ = speakToolkit()
	})
	for _, system := range []string{"de_DE.UTF-8", "it_IT.UTF-8", "pt_BR.UTF-8", "zh_CN.UTF-8", "C.UTF-8"} {
		t.Setenv("LC_ALL", system)
		t.Setenv("LANGUAGE", "")
		for _, code := range words.Languages() {
			words.Use(code)
			if err := speakToolkit(); err != nil {
				t.Fatal(err)
			}
			// As on a system where Fyne does not ask the environment.
			t.Setenv("LANGUAGE", "")
			_ = lang.AddTranslationsForLocale([]byte("{}"), "en")
			for key, text := range texts {
				want := words.Toolkit()[key]
				if got := lang.X(key, text); got != want || code == "en" && want != text {
					t.Errorf("%s on %s: %q is %q, want %q", code, system, key, got, want)
				}
			}
			if len(words.Toolkit()) != len(texts) {
				t.Errorf("%s: %d texts, Fyne has %d", code, len(words.Toolkit()), len(texts))
			}
		}
	}
}
