package words

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// TestFaultCases runs those cases of the catalogue of hostile servers that
// speak of what a person gets to read: names the PBX sent, in every sentence
// that holds one.
func TestFaultCases(t *testing.T) {
	tests := map[string]func(t *testing.T, name, shown string){
		"A23": func(t *testing.T, _, shown string) {
			if strings.ContainsFunc(strings.ReplaceAll(shown, "\n", ""), func(r rune) bool { return r < 0x20 || 0x7f <= r && r < 0xa0 }) {
				t.Errorf("control characters in %q", shown)
			}
		},
		"A26": func(t *testing.T, name, shown string) {
			if !strings.ContainsRune(name, '\u202e') {
				t.Fatalf("the case has lost its point: %q", name)
			}
			if strings.ContainsFunc(shown, func(r rune) bool {
				return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' || r == '\u200b'
			}) {
				t.Errorf("bidi controls in %q", shown)
			}
		},
		"A27": func(t *testing.T, _, shown string) {
			emoji := strings.Count(shown, "😀")
			if emoji != clean.Name-1 || !strings.Contains(shown, "😀…") || !utf8.ValidString(shown) {
				t.Errorf("%d emoji in %q", emoji, shown)
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
			TestedIn       []string `json:"tested_in"`
		}
	}
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	here := 0
	for _, c := range catalogue.Cases {
		if !slices.Contains(c.TestedIn, "ui/words") {
			continue
		}
		here++
		t.Run(c.ID+" "+c.Name, func(t *testing.T) {
			test := tests[c.ID]
			if test == nil {
				t.Fatal("there is no test of it")
			}
			_, name, _ := strings.Cut(c.Send, "CallerIDName: ")
			name, _, _ = strings.Cut(name, "\r\n")
			if c.ID == "A27" {
				name = strings.Repeat("😀", 60_000)
			}
			for _, s := range constants(t, "../../dialer/call", "State") {
				snap := call.Snapshot{Number: "061234567", State: call.State(s), FarName: clean.Foreign(name), Detail: clean.Foreign(name), Cause: call.Refused}
				shown := CallBody(snap, noon)
				switch snap.State {
				case call.Requested, call.RingingOwn, call.InCall: // these tell the name
					test(t, name, shown)
				default:
					if c.ID != "A27" {
						test(t, name, shown)
					}
				}
				if CallTitle(snap) == "" || strings.Contains(CallTitle(snap), Clean(name)) {
					t.Errorf("title %q", CallTitle(snap))
				}
			}
		})
	}
	if here != len(tests) {
		t.Errorf("%d tests for %d cases", len(tests), here)
	}
}
