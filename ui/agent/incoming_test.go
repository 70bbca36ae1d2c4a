package agent

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
)

// TestMissed: what was missed is counted until it is looked at, called back, or answered
// after all; and by the next program, too.
func TestMissed(t *testing.T) {
	past, err := history.Open(filepath.Join(t.TempDir(), "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	m := newMissed(past, log)
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	see := func(m *missed, id, number string, state call.State) {
		m.see(call.Snapshot{ID: id, Number: number, State: state, Requested: at})
	}
	count := func(m *missed, want int) {
		t.Helper()
		if n := m.count(); n != want {
			t.Errorf("%d missed, want %d", n, want)
		}
	}
	see(m, "in-1", "050123", call.InRinging)
	count(m, 0)
	see(m, "in-1", "050123", call.InMissed)
	see(m, "in-1", "050123", call.InMissed)
	see(m, "in-2", "050124", call.InMissed)
	count(m, 2)
	see(m, "in-2", "050124", call.InElsewhere)
	m.see(call.Snapshot{ID: "in-3", Number: "050125", State: call.InMissed, Cause: call.OwnDeclined, Requested: at})
	count(m, 1)
	for i, e := range []history.Entry{
		{Number: "0050123", Given: "050123", State: call.InMissed, Way: call.CameIn},
		{Number: "0050125", Given: "050125", State: call.InMissed, Cause: call.OwnDeclined, Way: call.CameIn},
		{Number: "0050124", Given: "050124", State: call.InElsewhere, Way: call.CameIn},
	} {
		e.At = at.Add(time.Duration(i) * time.Second)
		if err := past.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	next := newMissed(past, log)
	count(next, 1)
	next.called("050123")
	count(next, 0)
	if err := past.Add(history.Entry{At: at.Add(time.Minute), Number: "0050123", Given: "050123", State: call.Ended, Way: call.ByCallBack}); err != nil {
		t.Fatal(err)
	}
	count(newMissed(past, log), 0) // called back
	if err := past.Add(history.Entry{At: at.Add(2 * time.Minute), Number: "0050123", Given: "050123", State: call.InMissed, Way: call.CameIn}); err != nil {
		t.Fatal(err)
	}
	count(newMissed(past, log), 1) // and then missed anew
	// One that rang before another was missed, and is missed after it, counts over a restart.
	early := at.Add(3 * time.Minute)
	m.looked(at.Add(4 * time.Minute))
	m.see(call.Snapshot{ID: "in-5", Number: "050127", State: call.InMissed, Requested: early.Add(time.Second)})
	m.see(call.Snapshot{ID: "in-4", Number: "050126", State: call.InMissed, Requested: early})
	for i, number := range []string{"050127", "050126"} {
		if err := past.Add(history.Entry{At: early.Add(time.Duration(1-i) * time.Second), Number: "0" + number, Given: clean.Foreign(number), State: call.InMissed, Way: call.CameIn}); err != nil {
			t.Fatal(err)
		}
	}
	count(m, 2)
	count(newMissed(past, log), 2)
	m.looked(at.Add(time.Hour))
	count(m, 0)
	count(newMissed(past, log), 0)
	// What the person knows of is followed on, and not counted again, unless it rings again.
	see(m, "in-4", "050126", call.InMissed)
	count(m, 0)
	see(m, "in-4", "050126", call.InRinging)
	see(m, "in-4", "050126", call.InMissed)
	count(m, 1)
	m.called("050126")
	see(m, "in-4", "050126", call.InMissed)
	count(m, 0)
	if c, found := m.last("050126"); !found || c.ID != "in-4" {
		t.Errorf("the last one from there: %+v", c)
	}
	for range 2 * maxMissed {
		at = at.Add(time.Second)
		see(m, at.String(), "050125", call.InMissed)
	}
	count(m, maxMissed)
}
