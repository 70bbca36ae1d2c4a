package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/setting"
	"cornetta/ui/words"
)

// TestGroupPolicy: the templates are good XML, every setting is there as a default and
// locked, with words for all that it shows, in every language.
func TestGroupPolicy(t *testing.T) {
	t.Cleanup(func() { words.Use("en") })
	template := func(code, what string) string {
		t.Helper()
		t.Setenv("HOME", t.TempDir())
		t.Setenv(words.Variable, code)
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"describe", what}, streams{nil, &out, &errs}); code != exitOK {
			t.Fatalf("%s: exit status %d\n%s", what, code, &errs)
		}
		return out.String()
	}
	admx := template("en", "admx")
	wellFormed(t, admx)
	all := policySettings()
	if got := strings.Count(admx, "<policy "); got != 2*len(all) || len(all) < 25 {
		t.Errorf("%d policies for %d settings", got, len(all))
	}
	for _, s := range all {
		for _, level := range []string{"Locked", "Default"} {
			i := strings.Index(admx, `<policy name="`+level+"_"+s.Key+`"`)
			if i < 0 {
				t.Errorf("no policy for %s, %s", s.Key, level)
				continue
			}
			policy, _, _ := strings.Cut(admx[i:], "</policy>")
			if !strings.Contains(policy, `key="Software\Policies\Cornetta\`+level+`"`) || !strings.Contains(policy, `valueName="`+s.Key+`"`) ||
				(s.Kind == setting.KindSwitch) == strings.Contains(policy, "presentation=") {
				t.Errorf("%s", policy)
			}
			for _, code := range s.Codes {
				if !strings.Contains(policy, "<string>"+code+"</string>") {
					t.Errorf("%s cannot be %q", s.Key, code)
				}
			}
		}
	}
	if strings.Contains(admx, `"secret"`) {
		t.Error("a secret can be given")
	}
	names := map[string]string{}
	for _, code := range words.Languages() {
		adml := template(code, "adml")
		wellFormed(t, adml)
		for _, m := range regexp.MustCompile(`\$\((string|presentation)\.([^)]*)\)`).FindAllStringSubmatch(admx, -1) {
			if strings.Count(adml, "<"+m[1]+` id="`+m[2]+`">`) != 1 {
				t.Errorf("%s: not once: the %s %s", code, m[1], m[2])
			}
		}
		for _, m := range regexp.MustCompile(`<string id="([^"]*)">([^<]*)<`).FindAllStringSubmatch(adml, -1) {
			if m[2] == "" || strings.HasPrefix(m[2], "Unexpected") {
				t.Errorf("%s: %s says %q", code, m[1], m[2])
			}
		}
		names[code] = adml
	}
	if len(names) < 2 || names["en"] == names["it"] {
		t.Error("there is one language only")
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	var ids []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "id" && (e.Name.Local == "string" || e.Name.Local == "presentation") || a.Name.Local == "name" {
					ids = append(ids, e.Name.Local+" "+a.Value)
				}
			}
		}
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("ids are there twice: %v", ids)
	}
}
