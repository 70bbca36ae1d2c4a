//go:build linux

package desktop

import (
	"encoding/hex"
	"encoding/json"
	"html"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// TestFaultCases runs those cases of the catalogue of hostile servers that end
// at the notification daemon: what it is told about a call with somebody of
// that name.
func TestFaultCases(t *testing.T) {
	tests := map[string]func(t *testing.T, name string, markup bool, got sent){
		"A24": func(t *testing.T, _ string, _ bool, got sent) {
			if !strings.Contains(got.Body, "Niccol\uFFFD") {
				t.Errorf("body %q", got.Body)
			}
		},
		"A25": func(t *testing.T, name string, markup bool, got sent) {
			raw := got.Body
			if markup {
				if strings.ContainsRune(got.Body, '<') || !strings.Contains(got.Body, "&lt;b&gt;") {
					t.Errorf("not escaped: %q", got.Body)
				}
				raw = html.UnescapeString(got.Body)
			}
			// A name is cut where it is too long to be one.
			if begins := string([]rune(name)[:50]); !strings.Contains(raw, begins) {
				t.Errorf("%q does not hold the name", raw)
			}
			if strings.Contains(got.Summary, "Bank") || got.Icon != "" {
				t.Errorf("summary %q, icon %q", got.Summary, got.Icon)
			}
			if len(got.Actions) != 0 {
				t.Errorf("actions %q: the daemon had offered none", got.Actions)
			}
			for name, hint := range got.Hints { // the picture is ours
				if strings.Contains(hint.String(), "http") || strings.Contains(hint.String(), "Bank") {
					t.Errorf("the hint %s holds what the PBX said", name)
				}
			}
		},
	}
	data, err := os.ReadFile("../../ami/testdata/ami_faults.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct {
		Cases []struct {
			ID, Name, Send string
			SendHex        string   `json:"send_hex"`
			TestedIn       []string `json:"tested_in"`
		}
	}
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	here := 0
	for _, c := range catalogue.Cases {
		if !slices.Contains(c.TestedIn, "ui/desktop") {
			continue
		}
		here++
		t.Run(c.ID+" "+c.Name, func(t *testing.T) {
			test := tests[c.ID]
			if test == nil {
				t.Fatal("there is no test of it")
			}
			if raw, err := hex.DecodeString(c.SendHex); err == nil && len(raw) > 0 {
				c.Send = string(raw)
			}
			_, name, _ := strings.Cut(c.Send, "CallerIDName: ")
			name, _, _ = strings.Cut(name, "\r\n")
			for _, caps := range [][]string{{"body-markup"}, {"body"}} {
				privateBus(t)
				d := startDaemon(t, caps...)
				n, _ := notifier(t, patience)
				show(t, n, noteFor(call.Snapshot{ID: "c1", State: call.RingingOwn, Number: "061234567", FarName: clean.Foreign(name)}, time.Now()))
				test(t, name, caps[0] == "body-markup", d.last(t, 1))
				// The bus has not thrown us out: the next one arrives too.
				show(t, n, Note{Key: "c1", Title: "Call ended"})
				d.last(t, 2)
			}
		})
	}
	if here != len(tests) {
		t.Errorf("%d tests for %d cases", len(tests), here)
	}
}
