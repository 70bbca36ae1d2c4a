package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cornetta/ui/words"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestMenuInOneLanguage: on each machine one entry of the menu is installed, in its
// language where we speak that, and with it what Windows says where programs are chosen.
func TestMenuInOneLanguage(t *testing.T) {
	var description bytes.Buffer
	if err := write(&description, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(description.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	var all bytes.Buffer
	if err := queries(&all); err != nil {
		t.Fatal(err)
	}
	for machine, want := range map[string]string{"1033": "en", "1031": "en", "1040": "it", "2064": "it"} {
		var shown []string
		for language, says := range words.Translations(words.LabelDialsThrough) {
			c, err := condition(language)
			if err != nil {
				t.Fatal(err)
			}
			if holds(c, machine) {
				shown = append(shown, language)
			}
			if !strings.Contains(all.String(), "'"+c+"' WHERE `Component`='Menu_"+language+"'") ||
				!strings.Contains(description.String(), `<ComponentRef Id="Menu_`+language+`"/>`) || !strings.Contains(description.String(), `Description="`+says+`"`) {
				t.Errorf("%s is not described:\n%s\n%s", language, all.String(), description.String())
			}
		}
		if len(shown) != 1 || shown[0] != want {
			t.Errorf("a machine of language %s shows %q", machine, shown)
		}
	}
	for language, says := range words.Translations(words.LabelDialsThrough) {
		_, component, _ := strings.Cut(description.String(), `<Component Id="Menu_`+language+`"`)
		component, _, _ = strings.Cut(component, "</Component>")
		for name, want := range map[string]string{"ApplicationDescription": says, "": words.Translations(words.LabelEnrolmentFile)[language]} {
			if name != "" {
				name = `Name="` + name + `" `
			}
			if value := name + `Type="string" Value="` + want + `"/>`; !strings.Contains(component, value) || strings.Count(description.String(), value) != 1 {
				t.Errorf("not once, or not in the component of %s: %s\n%s", language, value, component)
			}
		}
	}
	if c, err := condition("xx"); err == nil {
		t.Errorf("a language of no machine has the condition %s", c)
	}
	for _, property := range properties {
		if !strings.Contains(all.String(), ";"+property) || !strings.Contains(description.String(), property) {
			t.Errorf("%s has no effect", property)
		}
	}
}

// holds is as much of the installer's logic as condition writes.
func holds(condition, machine string) bool {
	is := func(term string) bool {
		value, not := strings.CutPrefix(term, "NOT ")
		return (value == "SystemLanguageID = "+machine) != not
	}
	any := strings.Split(condition, " OR ")
	for _, term := range any {
		every := true
		for _, t := range strings.Split(term, " AND ") {
			every = every && is(t)
		}
		if every {
			return true
		}
	}
	return false
}
