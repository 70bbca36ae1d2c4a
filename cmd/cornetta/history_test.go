package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	foreign "cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
)

// past makes this test's user one who has made some calls, and runs `cornetta history`.
func past(t *testing.T, calls ...history.Entry) func(args ...string) (code int, out, err string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "APPDATA", "HOME"} {
		t.Setenv(name, dir)
	}
	path, err := history.DefaultPath()
	if err != nil || !strings.HasPrefix(filepath.Clean(path), dir) {
		t.Fatal(path, err)
	}
	h, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range calls {
		e.At = time.Date(2026, 11, 20+i, 12, 0, 0, 0, time.Local)
		if e.State == "" {
			e.State = call.Ended
		}
		if err := h.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"history"}, args...), streams{strings.NewReader(""), &out, &errs})
		return code, out.String(), errs.String()
	}
}

func TestHistoryCommand(t *testing.T) {
	cornetta := past(t,
		history.Entry{Number: "00390501234502", Given: "+39 050 1234502", Way: call.ByLink, Name: "Zoë Müller", Duration: 61 * time.Second, Account: "c2c@pbx.example.com:5038"},
		history.Entry{Number: "7102", Way: call.ByTyping, Given: "7102", State: call.Failed, Cause: call.Busy, Name: "evil\x1b[2J\u202e"},
	)
	ids := func(args ...string) string {
		t.Helper()
		code, out, errs := cornetta(append(args, "--json")...)
		var all []historyJSON
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
			t.Fatalf("%v: %d, %q, %q: %v", args, code, out, errs, err)
		}
		var s []string
		for _, e := range all {
			s = append(s, fmt.Sprint(e.ID))
		}
		return strings.Join(s, " ")
	}
	for want, args := range map[string][]string{
		"2 1": {}, "1": {"--find", "muller zoe"}, "2": {"--since", "2026-11-21"}, " 2": {"--limit", "1"}, "": {"--find", "nobody"},
	} {
		if got := ids(args...); got != strings.TrimSpace(want) {
			t.Errorf("%v: %s", args, got)
		}
	}
	_, out, _ := cornetta("--json", "--find", "zoe")
	var one []map[string]any
	if err := json.Unmarshal([]byte(out), &one); err != nil || len(one) != 1 {
		t.Fatal(out, err)
	}
	for key, want := range map[string]any{
		"id": 1.0, "way": "link", "given": "+39 050 1234502", "number": "00390501234502", "name": "Zoë Müller", "outcome": "Ended after 01:01",
		"state": "ended", "cause": "", "by_pbx": false, "duration_s": 61.0, "account": "c2c@pbx.example.com:5038", "note": "",
	} {
		if key == "outcome" && strings.Contains(fmt.Sprint(one[0][key]), "01:01") {
			continue
		}
		if one[0][key] != want {
			t.Errorf("%s is %v, not %v", key, one[0][key], want)
		}
	}
	code, out, _ := cornetta()
	if code != 0 || !strings.Contains(out, "7102 (evil[2J)") || !strings.Contains(out, "Busy") && !strings.Contains(out, "busy") || strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("%d: %q", code, out)
	}
	for _, tc := range []struct {
		args string
		code int
	}{
		{"note 2 call back tomorrow", 0},
		{"note 9 x", exitFailed},
		{"remove 9", exitFailed},
		{"--find nobody", exitFailed},
		{"--json --csv", exitUsage},
		{"--since tomorrow", exitUsage},
		{"--limit -1", exitUsage},
		{"clear --before x", exitUsage},
		{"--find zoe clear", exitUsage},
		{"--limit 1 remove 1", exitUsage},
		{"remove", exitUsage},
		{"remove x", exitUsage},
		{"remove 1 9", exitFailed},
	} {
		if code, out, errs := cornetta(strings.Fields(tc.args)...); code != tc.code || code != 0 && errs == "" {
			t.Errorf("%s: %d, %q, %q", tc.args, code, out, errs)
		}
	}
	if got := ids("--find", "tomorrow"); got != "2" {
		t.Errorf("by its note: %s", got)
	}
	if got := ids(); got != "2" {
		t.Errorf("after remove: %s", got)
	}
	if code, out, _ := cornetta("clear", "--before", "2026-11-21"); code != 0 || !strings.HasPrefix(out, "0 ") {
		t.Errorf("%d, %q", code, out)
	}
	if code, out, _ := cornetta("clear"); code != 0 || !strings.HasPrefix(out, "1 ") || ids() != "" {
		t.Errorf("%d, %q", code, out)
	}
}

// TestHistoryMissed: calls that nobody answered, alone.
func TestHistoryMissed(t *testing.T) {
	cornetta := past(t,
		history.Entry{Number: "00501234507", Given: "0501234507", Way: call.CameIn, State: call.InMissed, Name: "Ditta Verdi"},
		history.Entry{Number: "00501234507", Given: "0501234507", Way: call.CameIn, State: call.InElsewhere},
		history.Entry{Number: "7102", Given: "7102", Way: call.ByTyping, State: call.Failed, Cause: call.NoAnswer},
	)
	var all []historyJSON
	if code, out, errs := cornetta("--missed", "--json"); code != 0 || json.Unmarshal([]byte(out), &all) != nil || len(all) != 1 || all[0].ID != 1 {
		t.Errorf("%d, %q, %q", code, out, errs)
	}
	if code, out, _ := cornetta("--missed"); code != 0 || strings.Count(out, "2026-") != 1 || !strings.Contains(out, "Verdi") {
		t.Errorf("%d, %q", code, out)
	}
	for args, want := range map[string]int{"--missed --find anna": exitFailed, "--missed clear": exitUsage} {
		if code, out, _ := cornetta(strings.Fields(args)...); code != want {
			t.Errorf("%s: %d, %q", args, code, out)
		}
	}
}

// TestHistoryForSpreadsheets: nothing is a formula there, also where the spreadsheet divides
// at semicolons or tabs, and numbers stay whole.
func TestHistoryForSpreadsheets(t *testing.T) {
	var calls []history.Entry
	for _, name := range []string{"=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "'quoted", "Anna, \"B\"\nC", "plain"} {
		calls = append(calls, history.Entry{Number: "00390501234502", Given: "+39 050 1234502", Name: foreign.Foreign(name), Note: foreign.Foreign(name)})
	}
	for text, want := range map[string]string{
		"x;=cmd|' /c calc'!A1;": "x;'=cmd|' /c calc'!A1;", "a\t@SUM(1)": "a\t'@SUM(1)", "Rossi; +39 050 1": "Rossi; '+39 050 1",
		"x;\"=1+1": "x;\"'=1+1", "a;b": "a;b", "1-2": "1-2", "a=b": "a=b", "|x": "'|x", "=;=": "'=;'=",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q is %q in a cell, want %q", text, got, want)
		}
	}
	calls = append(calls, history.Entry{Number: "7102", Given: "7102"})
	code, out, errs := past(t, calls...)("--csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != 0 || err != nil || len(rows) != len(calls)+1 || strings.Join(rows[0], ",") != strings.Join(historyColumns, ",") {
		t.Fatal(code, errs, err, out)
	}
	for i, row := range rows[1:] {
		e := calls[len(calls)-1-i]
		for c, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s is %q", historyColumns[c], cell)
			}
		}
		for c, want := range map[int]string{3: e.Given.Text(), 4: e.Number, 5: e.Name.Line().Text(), 11: e.Note.Line().Text()} {
			if got := strings.TrimPrefix(row[c], "'"); got != want {
				t.Errorf("%s is %q, for %q", historyColumns[c], row[c], want)
			}
		}
	}
	if last := rows[1]; last[4] != "7102" || rows[2][4] != "'00390501234502" {
		t.Errorf("numbers are %q and %q", last[4], rows[2][4])
	}
}
