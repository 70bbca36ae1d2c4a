package history

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cornetta/dialer/call"
)

// TestSharedFile: the agent and the command line write one file. Neither loses
// what the other wrote, also where it is rewritten, and a call that both of them
// finish is there once.
func TestSharedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	const kept = 40
	open := func() *History {
		h, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		h.SetKeep(Keep{Entries: kept})
		return h
	}
	begin := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	add := func(h *History, i int, s call.State) {
		t.Helper()
		if err := h.Add(Entry{At: begin.Add(time.Duration(i) * time.Second), Number: "0501", State: s}); err != nil {
			t.Fatal(err)
		}
	}
	first, second := open(), open()
	for i := range 3 * kept { // it is rewritten in between
		h := first
		if i%3 == 0 {
			h = second
		}
		add(h, i, call.Ended)
	}
	for name, h := range map[string]*History{"first": first, "second": second, "later": open()} {
		add(h, 3*kept-1, call.Unknown) // it is there
		all := h.All()
		if len(all) != kept {
			t.Fatalf("%s: %d calls", name, len(all))
		}
		for i, e := range all {
			if want := begin.Add(time.Duration(3*kept-1-i) * time.Second); !e.At.Equal(want) || e.State != call.Ended {
				t.Fatalf("%s: the %d-th is %+v, not of %v", name, i, e, want)
			}
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	add(second, 5000, call.Failed)
	if got := open().All(); len(got) != 1 || got[0].State != call.Failed {
		t.Errorf("after the file was removed: %+v", got)
	}
}
