package history

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

func ids(es []Entry) (all []int) {
	for _, e := range es {
		all = append(all, e.ID)
	}
	return all
}

func find(t *testing.T, h *History, q Query) []int {
	t.Helper()
	all, err := h.Find(q)
	if err != nil {
		t.Fatal(err)
	}
	return ids(all)
}

func wants(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// everywhere does something with a list in memory, and with one in a file that is opened
// anew each time.
func everywhere(t *testing.T, do func(t *testing.T, h func() *History)) {
	t.Run("memory", func(t *testing.T) {
		h := open(t, "")
		do(t, func() *History { return h })
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "history.jsonl")
		do(t, func() *History { return open(t, path) })
	})
}

func TestFind(t *testing.T) {
	everywhere(t, func(t *testing.T, h func() *History) {
		for i, e := range []Entry{
			{Number: "00390501234502", Given: "+39 050 1234502", Name: "Zoë Müller", Note: "quote sent"},
			{Number: "7102", Name: "Mario Rossi"},
			{Number: "00390501234502", Name: "Zoë Müller"},
			{Number: "*43#", Given: "*43#"},
			{Number: "0800", Name: `"quoted" \ <b>Anna</b> O'Neill`, Note: "12.5 kg"},
		} {
			e.At, e.State = entry(i).At, call.Ended
			add(t, h(), e)
		}
		for words, want := range map[string][]int{
			"":                        {5, 4, 3, 2, 1},
			"zoe muller":              {3, 1},
			"MÜLLER, Zoë":             {3, 1},
			"müll 050":                {3, 1},
			"quote":                   {5, 1},
			"+39 050":                 {3, 1},
			"050-1234502":             {3, 1},
			"(050) 123":               {3, 1},
			"rossi mario":             {2},
			"rossi zoe":               nil,
			"*43#":                    {4},
			"o'neill":                 {5},
			"12.5 kg":                 {5},
			"find":                    nil, // what the file is made of is not found
			"ended":                   nil,
			"\u202e\x00\n":            {5, 4, 3, 2, 1},
			"%":                       {5, 4, 3, 2, 1},
			strings.Repeat("x", 9999): nil,
		} {
			wants(t, words, find(t, h(), Query{Words: words}), want...)
		}
		wants(t, "the newest two", find(t, h(), Query{Limit: 2}), 5, 4)
		wants(t, "those before", find(t, h(), Query{Before: 4, Limit: 2}), 3, 2)
		wants(t, "since", find(t, h(), Query{Since: entry(3).At}), 5, 4)
		if e, err := h().Get(2); err != nil || e.Name != "Mario Rossi" {
			t.Errorf("%+v, %v", e, err)
		}
		for _, id := range []int{-1, 0, 6} {
			if _, err := h().Get(id); !errors.Is(err, ErrNoEntry) {
				t.Errorf("%d: %v", id, err)
			}
		}
	})
}

// An ID is that of one call for good, whatever is taken out and whoever adds.
func TestIDsStay(t *testing.T) {
	everywhere(t, func(t *testing.T, h func() *History) {
		for i := range 5 {
			add(t, h(), entry(i))
		}
		if missing, err := h().Remove(5, 2, 9, 2); err != nil || !slices.Equal(missing, []int{9}) {
			t.Errorf("%v, %v", missing, err)
		}
		wants(t, "after two went", ids(h().All()), 4, 3, 1)
		wants(t, "lately", ids(h().Recent(9)), 4, 3, 1)
		add(t, h(), entry(10))
		wants(t, "the next", ids(h().All()), 6, 4, 3, 1)
		if n, err := h().Clear(entry(3).At); err != nil || n != 2 {
			t.Errorf("Clear: %d, %v", n, err)
		}
		wants(t, "after those before went", ids(h().All()), 6, 4)
		if n, err := h().Clear(time.Time{}); err != nil || n != 2 {
			t.Errorf("Clear: %d, %v", n, err)
		}
		wants(t, "after all went", ids(h().All()))
		add(t, h(), entry(11))
		wants(t, "the next", ids(h().All()), 7)
	})
}

func TestNote(t *testing.T) {
	everywhere(t, func(t *testing.T, h func() *History) {
		add(t, h(), entry(1), entry(2), entry(3))
		before := h().All()
		if err := h().Note(2, "  call\x1b[2J back\u202e,\n\"tomorrow\" <at> 9  "); err != nil {
			t.Fatal(err)
		}
		before[1].Note = `call[2J back, "tomorrow" <at> 9`
		equal(t, h().All(), before)
		wants(t, "by the note", find(t, h(), Query{Words: "tomorrow"}), 2)
		if err := h().Note(2, strings.Repeat("ü", 5000)); err != nil {
			t.Fatal(err)
		}
		if n := len([]rune(h().All()[1].Note.Text())); n != MaxNote {
			t.Errorf("it has %d characters", n)
		}
		if err := h().Note(2, ""); err != nil {
			t.Fatal(err)
		}
		before[1].Note = ""
		equal(t, h().All(), before)
		if err := h().Note(4, "x"); !errors.Is(err, ErrNoEntry) {
			t.Error(err)
		}
	})
}

// Texts are foreign, also those in the file.
func TestTextsAreCleaned(t *testing.T) {
	everywhere(t, func(t *testing.T, h func() *History) {
		e := entry(1)
		evil := clean.Foreign("\x1b]0;x\x07\r\n" + strings.Repeat("A\u202e", 3000))
		e.Name, e.Given, e.Account, e.Note = evil, evil, evil, evil
		add(t, h(), e, entry(2))
		for _, e := range h().All() {
			for _, text := range []clean.Foreign{e.Name, e.Given, e.Account, e.Note} {
				if s := text.Text(); s != clean.Text(s, MaxNote) {
					t.Errorf("%q", s)
				}
			}
		}
	})
	path := filepath.Join(t.TempDir(), "history.jsonl")
	text := `{"find":"x","id":1,"at":"2026-11-23T09:00:00Z","number":"7102","state":"ended","name":"a\u001b[2J\nb","note":"` +
		strings.Repeat("n", 3000) + `","given":"\u202e1","way":"\u001b","account":"\u0000"}` + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := open(t, path).All()
	if len(got) != 1 || got[0].Name != "a[2J b" || len([]rune(got[0].Note.Text())) != MaxNote || got[0].Given != "1" || got[0].Way != "" || got[0].Account != "" {
		t.Errorf("%+v", got)
	}
}

// A file of version 0.1 gets IDs in its order, and is found in.
func TestEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var text strings.Builder
	for i := range 3 {
		fmt.Fprintf(&text, `{"at":"2026-11-23T09:00:0%dZ","number":"0050%d","state":"failed","cause":"busy","name":"Anna"}`+"\n", i, i)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(t, "all", ids(open(t, path).All()), 3, 2, 1)
	wants(t, "by name", find(t, open(t, path), Query{Words: "anna 00501"}), 2)
	// It runs once more, beside or after this one.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(`{"at":"2026-11-23T10:00:00Z","number":"7109","state":"ended"}` + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, path), entry(70*60))
	wants(t, "after both", ids(open(t, path).All()), 5, 4, 3, 2, 1)
}

// Of a list that is changed while others write to it nothing is lost but what was to go.
func TestChangedWhileOthersWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	add(t, open(t, path), entry(0))
	const each = 40
	done := make(chan error, 2)
	for w := range 2 {
		h := open(t, path)
		go func() {
			for i := range each {
				if err := h.Add(entry(1 + w + 2*i)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	h := open(t, path)
	gone := map[int]bool{}
	for i := 0; i < 20; {
		all := h.All()
		if len(all) < 3 {
			continue
		}
		i++
		id := all[len(all)/2].ID
		if missing, err := h.Remove(id); err != nil || len(missing) > 0 {
			t.Fatal(missing, err)
		}
		gone[id] = true
		if err := h.Note(all[len(all)-1].ID, fmt.Sprint(i)); err != nil && !errors.Is(err, ErrNoEntry) {
			t.Fatal(err)
		}
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, e := range h.All() {
		if seen[e.ID] || gone[e.ID] {
			t.Errorf("%d is there twice, or again", e.ID)
		}
		seen[e.ID] = true
	}
	if len(seen)+len(gone) != 1+2*each {
		t.Errorf("%d of %d calls are left, %d were taken out", len(seen), 1+2*each, len(gone))
	}
}

var measure = flag.Bool("measure", false, "say how long a list of as many calls as there can be takes")

// TestAsManyAsThereCanBe: nothing but the last calls is held in memory, and everything
// works. With -measure it says how long that takes.
func TestAsManyAsThereCanBe(t *testing.T) {
	n := 5000
	if *measure {
		n = Max
	}
	path := filepath.Join(t.TempDir(), "history.jsonl")
	fill(t, path, n)
	took := func(what string, do func()) {
		t.Helper()
		var all []time.Duration
		for range 21 {
			begin := time.Now()
			do()
			all = append(all, time.Since(begin))
		}
		slices.Sort(all)
		if *measure {
			t.Logf("%-30s median %v, longest %v", what, all[10], all[20])
		}
	}
	var h *History
	took("open", func() { h = open(t, path) })
	if got := h.All(); len(got) != n || got[0].ID != n || got[n-1].ID != 1 {
		t.Fatalf("%d calls", len(got))
	}
	if len(h.entries) != lately {
		t.Errorf("%d calls are held", len(h.entries))
	}
	took("the first page", func() { find(t, h, Query{Limit: 50}) })
	took("found in the last", func() { find(t, h, Query{Words: "rossi", Limit: 50}) })
	took("found in the first", func() { wants(t, "the first", find(t, h, Query{Words: "unique", Limit: 50}), 1) })
	took("found nowhere", func() { wants(t, "none", find(t, h, Query{Words: "nobody 050"})) })
	took("add", func() { add(t, h, entry(100_000+h.next)) })
	n += 21
	begin := time.Now()
	if err := h.Note(n/2, "a note"); err != nil {
		t.Fatal(err)
	}
	if *measure {
		t.Logf("a note: %v", time.Since(begin))
	}
	wants(t, "the note", find(t, h, Query{Words: "note"}), n/2)
}
