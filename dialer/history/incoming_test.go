package history

import (
	"path/filepath"
	"testing"
	"time"

	"cornetta/dialer/call"
)

// TestCameIn: calls that came in are listed and found, and never among the numbers to call
// again; one of a caller without a number is kept, too.
func TestCameIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	for i, e := range []Entry{
		{Number: "00501234507", State: call.Ended, Way: call.ByTyping},
		{Number: "00501234508", Given: "0501234508", State: call.InMissed, Way: call.CameIn, Name: "Ditta Verdi", Called: "600"},
		{State: call.InEnded, Way: call.CameIn, Duration: time.Minute},
	} {
		e.At = at.Add(time.Duration(i) * time.Minute)
		if err := h.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Add(Entry{At: at, State: call.Ended, Way: call.ByTyping}); err == nil {
		t.Error("a call of ours to no number was taken")
	}
	if h, err = Open(path); err != nil { // as the next program reads it
		t.Fatal(err)
	}
	all := h.All()
	if len(all) != 3 || all[0].Number != "" || all[1].Called != "600" || !all[1].CameIn() || all[2].CameIn() {
		t.Fatalf("%+v", all)
	}
	if c := all[1].Call(); c.Number != "0501234508" || c.Called != "600" {
		t.Errorf("%+v", c)
	}
	if recent := h.Recent(10); len(recent) != 1 || recent[0].Number != "00501234507" {
		t.Errorf("to call again: %+v", recent)
	}
	if found, err := h.Find(Query{Words: "verdi 1234508"}); err != nil || len(found) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
	for _, q := range []Query{{Missed: true}, {Missed: true, Words: "verdi", Limit: 1}} {
		if found, err := h.Find(q); err != nil || len(found) != 1 || found[0].State != call.InMissed {
			t.Errorf("missed: %+v, %v", found, err)
		}
	}
}
