package number

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// reports is testdata/reports.json: inputs on which people reported that some
// dialer failed them, and what is right.
type reports struct {
	Defaults Settings          `json:"defaults"`
	Kinds    map[string]string `json:"kinds"`
	Cases    []struct {
		ID       string          `json:"id"`
		Kind     string          `json:"kind"`
		Source   Source          `json:"source"`
		Input    string          `json:"input"`
		Settings json.RawMessage `json:"settings"`
		Want     struct {
			Outcome []Outcome `json:"outcome"`
			Dial    []string  `json:"dial"`
			Reasons []Reason  `json:"reasons"` // one of these
			Error   []Code    `json:"error"`
			Offers  []string  `json:"offers"` // compared by their digits
		} `json:"want"`
	} `json:"cases"`
}

func loadReports(t testing.TB) reports {
	t.Helper()
	data, err := os.ReadFile("testdata/reports.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reports
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReports(t *testing.T) {
	all := loadReports(t)
	if len(all.Cases) != 64 || len(all.Kinds) != 24 {
		t.Fatalf("%d cases of %d kinds", len(all.Cases), len(all.Kinds))
	}
	for _, c := range all.Cases {
		t.Run(c.ID+"/"+c.Kind, func(t *testing.T) {
			s := all.Defaults
			if c.Settings != nil {
				if err := json.Unmarshal(c.Settings, &s); err != nil {
					t.Fatal(err)
				}
			}
			p := Parse(c.Input, c.Source, s)
			check(t, p, s)
			right := slices.Contains(c.Want.Outcome, p.Outcome)
			if p.Outcome == Error {
				right = right && (c.Want.Error == nil || slices.Contains(c.Want.Error, p.Error))
			} else {
				right = right && (c.Want.Dial == nil || slices.Contains(c.Want.Dial, p.Dial))
			}
			if c.Want.Reasons != nil {
				right = right && slices.ContainsFunc(p.Reasons, func(r Reason) bool { return slices.Contains(c.Want.Reasons, r) })
			}
			for _, offer := range c.Want.Offers {
				right = right && slices.ContainsFunc(p.Choices, func(p Plan) bool {
					return onlyDigits(p.Input) == onlyDigits(offer) || strings.HasSuffix(p.Dial, onlyDigits(offer))
				})
			}
			if !right {
				t.Errorf("%s %q: %s, offers %q; want %+v", c.Source, c.Input, brief(p), inputs(p.Choices), c.Want)
			}
		})
	}
}

func inputs(plans []Plan) []string {
	var out []string
	for _, p := range plans {
		out = append(out, strings.TrimSpace(p.Label+" "+p.Input))
	}
	return out
}
