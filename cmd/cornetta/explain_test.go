package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/number"
	"cornetta/ui/words"
)

// explain runs the command line in this process.
func explain(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv(words.Variable, "en")
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"explain"}, args...), streams{strings.NewReader(stdin), &out, &errs})
	return out.String(), errs.String(), code
}

// Every case of the specification, as a script asks for it.
func TestExplainSpecification(t *testing.T) {
	data, err := os.ReadFile("../../dialer/number/testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Cases []struct {
			ID       string                     `json:"id"`
			Source   string                     `json:"source"`
			Input    string                     `json:"input"`
			InputHex string                     `json:"input_hex"`
			Settings map[string]json.RawMessage `json:"settings"`
			Expect   struct {
				Dial    string          `json:"dial"`
				Confirm string          `json:"confirm"`
				Reasons []number.Reason `json:"reasons"`
				Error   number.Code     `json:"error"`
			} `json:"expect"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	if len(spec.Cases) != 101 {
		t.Fatalf("%d cases", len(spec.Cases))
	}
	for _, c := range spec.Cases {
		input := c.Input
		if c.InputHex != "" {
			raw, err := hex.DecodeString(c.InputHex)
			if err != nil {
				t.Fatal(err)
			}
			input = string(raw)
		}
		source := c.Source
		if source == "tel" {
			source = "link"
		}
		args := []string{"--json", "--source", source}
		for key, value := range c.Settings {
			args = append(args, "--set", key+"="+strings.Trim(string(value), `"`))
		}
		want := explainJSON{Outcome: number.Dial, Dial: c.Expect.Dial}
		code := exitOK
		switch {
		case c.Expect.Confirm != "":
			want = explainJSON{Outcome: number.Confirm, Dial: c.Expect.Confirm, Reasons: c.Expect.Reasons}
		case c.Expect.Error != "":
			want, code = explainJSON{Outcome: number.Error, Error: c.Expect.Error}, exitNotNumber
		}
		ways := [][]string{append(args, "-")}
		if !strings.Contains(input, "\x00") && input != "-" {
			ways = append(ways, append(slices.Clip(args), "--", input))
		}
		for _, way := range ways {
			out, errs, got := explain(t, input, way...)
			var answer explainJSON
			if err := json.Unmarshal([]byte(out), &answer); err != nil {
				t.Fatalf("%s: %v\n%s%s", c.ID, err, out, errs)
			}
			if got != code || answer.Outcome != want.Outcome || answer.Dial != want.Dial || answer.Error != want.Error ||
				!slices.Equal(answer.Reasons, want.Reasons) || answer.Source != source {
				t.Errorf("%s %q: exit status %d, %s\nwant %d, %+v", c.ID, way, got, out, code, want)
			}
			if answer.Reasons == nil || answer.Steps == nil {
				t.Errorf("%s: a list is null: %s", c.ID, out)
			}
			if c.InputHex == "" && answer.Input != input {
				t.Errorf("%s: input %q, want %q", c.ID, answer.Input, input)
			}
		}
	}
}

// Every case that people reported of other programs, the same way. What is offered
// is the number in the question or one of the candidates, by its digits.
func TestExplainReports(t *testing.T) {
	data, err := os.ReadFile("../../dialer/number/testdata/reports.json")
	if err != nil {
		t.Fatal(err)
	}
	var reports struct {
		Defaults map[string]json.RawMessage `json:"defaults"`
		Cases    []struct {
			ID       string                     `json:"id"`
			Source   string                     `json:"source"`
			Input    string                     `json:"input"`
			Settings map[string]json.RawMessage `json:"settings"`
			Want     struct {
				Outcome []number.Outcome `json:"outcome"`
				Dial    []string         `json:"dial"`
				Reasons []number.Reason  `json:"reasons"`
				Error   []number.Code    `json:"error"`
				Offers  []string         `json:"offers"`
			} `json:"want"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(data, &reports); err != nil {
		t.Fatal(err)
	}
	if len(reports.Cases) != 64 {
		t.Fatalf("%d cases", len(reports.Cases))
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	for _, c := range reports.Cases {
		args := []string{"--json", "--source", c.Source}
		for _, settings := range []map[string]json.RawMessage{reports.Defaults, c.Settings} {
			for key, value := range settings {
				args = append(args, "--set", key+"="+strings.Trim(string(value), `"`))
			}
		}
		out, errs, _ := explain(t, "", append(args, "--", c.Input)...)
		var answer explainJSON
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("%s: %v\n%s%s", c.ID, err, out, errs)
		}
		right := slices.Contains(c.Want.Outcome, answer.Outcome) &&
			(c.Want.Dial == nil || slices.Contains(c.Want.Dial, answer.Dial)) &&
			(c.Want.Error == nil || answer.Error == "" || slices.Contains(c.Want.Error, answer.Error)) &&
			(c.Want.Reasons == nil || slices.ContainsFunc(answer.Reasons, func(r number.Reason) bool { return slices.Contains(c.Want.Reasons, r) }))
		for _, offer := range c.Want.Offers {
			right = right && (strings.HasSuffix(answer.Dial, digits(offer)) ||
				slices.ContainsFunc(answer.Candidates, func(s string) bool { return digits(s) == digits(offer) }))
		}
		if !right {
			t.Errorf("%s %q: %s\nwant %+v", c.ID, c.Input, out, c.Want)
		}
	}
}

func TestExplainForPeople(t *testing.T) {
	out, _, code := explain(t, "", "--source", "clipboard", "--set", "prefix=9", "--set", "region=IT", "Cell.", "899", "123456")
	want := `clipboard     "Cell. 899 123456"
label         "899 123456"
separators    "899123456"
prefix        "9899123456"
Asks before it dials 9 899 123 456.
` + words.NumberReasons([]string{"premium"}) + "\n"
	if out != want || code != exitOK {
		t.Errorf("exit status %d\n%s\nwant\n%s", code, out, want)
	}
	out, errs, code := explain(t, "", "--source", "clipboard", "06 1234567 / \x1b[31m333 1234567")
	if code != exitNotNumber || errs != "" || strings.Contains(out, "\x1b") ||
		!strings.Contains(out, words.NumberError("control_character").String()) {
		t.Errorf("exit status %d\n%s%s", code, out, errs)
	}
	out, _, _ = explain(t, "", "--source", "clipboard", "06 1234567 / 333 1234567")
	if !strings.Contains(out, words.NumberError("multiple_numbers").String()) || !strings.Contains(out, `"333 1234567"`) {
		t.Error(out)
	}
}

func TestExplainUsage(t *testing.T) {
	for _, args := range [][]string{
		nil,
		{"--source", "phone", "1"},
		{"--set", "prefix", "1"},
		{"--set", "nonsense=1", "1"},
		{"--set", "prefix=0,", "1"},
		{"--set", "region=xx", "1"},
		{"--nonsense", "1"},
	} {
		if out, errs, code := explain(t, "", args...); code != exitUsage || out != "" || !strings.HasPrefix(errs, "cornetta: ") {
			t.Errorf("%q: exit status %d\n%s%s", args, code, out, errs)
		}
	}
	if _, _, code := explain(t, strings.Repeat("1", 1<<20), "-"); code != exitNotNumber {
		t.Errorf("a long input: exit status %d", code)
	}
}
