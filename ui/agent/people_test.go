package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/tray"
)

// who is an agent that knows Anna, whom it has called, and two more.
func who(t *testing.T) *agent {
	t.Helper()
	a := &agent{cfg: config.Default()}
	a.cfg.Numbers.Region, a.cfg.Account.Prefix = "IT", "0"
	rules := a.cfg.Rules()
	person := func(name string, numbers ...string) contacts.Person {
		p := contacts.Person{Name: clean.Foreign(name), Source: "1"}
		for _, n := range numbers {
			l := number.List(n, rules)[0]
			p.Numbers = append(p.Numbers, contacts.Number{Kind: contacts.Work, Text: clean.Foreign(n), Key: l.Key})
		}
		return p
	}
	path := filepath.Join(t.TempDir(), "people")
	err := contacts.Write(path, []contacts.Person{
		person("Anna Rossi", "+39 050 123402", "333 1234507"), person("Ugo Rossi", "050 123403"), person("Eva Neri", "7103"),
	}, []contacts.State{{ID: "1"}}, rules)
	if err != nil {
		t.Fatal(err)
	}
	a.People = contacts.Open(path)
	a.Marked = contacts.OpenFavourites(filepath.Join(t.TempDir(), "favourites.json"))
	a.Store, a.tray = config.NewStore(t.TempDir()), tray.New(tray.Actions{})
	a.Past, _ = history.Open("")
	if err := a.Past.Add(history.Entry{At: time.Now(), Number: "0050123402", State: call.Ended, Name: "Anna Rossi"}); err != nil {
		t.Fatal(err)
	}
	return a
}

// What was called comes first, and once.
func TestFind(t *testing.T) {
	h := &windowHandler{agent: who(t)}
	for text, want := range map[string]string{
		"rossi":      "called 0050123402, 333 1234507, 050 123403",
		"0501234":    "called 0050123402, 050 123403, 333 1234507",
		"050 123403": "050 123403",
		"eva":        "7103",
		"xx":         "",
		"76774":      "called 0050123402, 333 1234507, 050 123403",
		"neri":       "7103",
		"":           "called 0050123402",
	} {
		all, err := h.find(t.Context(), channel.FindParams{Text: text, N: 20})
		var got []string
		for _, s := range all {
			said := s.Number.Text()
			if s.Recent != nil {
				said = "called " + said
			}
			got = append(got, said)
		}
		if s := strings.Join(got, ", "); err != nil || !sameParts(s, want) {
			t.Errorf("%q: %s, %v", text, s, err)
		}
	}
	if name := h.nameOf("03331234507"); name != "Anna Rossi" {
		t.Errorf("%q", name.Text())
	}
	nobody := &windowHandler{agent: &agent{cfg: config.Default(), Options: Options{Past: h.Past}}}
	if all, err := nobody.find(t.Context(), channel.FindParams{Text: "anna", N: 5}); err != nil || len(all) != 1 || nobody.nameOf("7102") != "" {
		t.Errorf("without directories: %v, %v", all, err)
	}
}

// Favourites come first, are there once, and are marked wherever their number is found.
func TestFavourites(t *testing.T) {
	h := &windowHandler{agent: who(t)}
	mark := func(p channel.MarkParams, want int) {
		t.Helper()
		if m, err := h.mark(t.Context(), p); err != nil || m.Place != want {
			t.Errorf("%+v: place %d, want %d; %v", p.Number.Text(), m.Place, want, err)
		}
	}
	list := func(text string) string {
		t.Helper()
		all, err := h.find(t.Context(), channel.FindParams{Text: text, N: 20})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range all {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", s.Favourite, s.Name.Text(), s.Kind, s.Number.Text())))
		}
		return strings.Join(got, ", ")
	}
	ugo := channel.Suggestion{Name: "Ugo Rossi", Kind: "work", Number: "050 123403"}
	mark(channel.MarkParams{Suggestion: ugo}, 0)
	mark(channel.MarkParams{Suggestion: ugo, Change: true}, 1)
	mark(channel.MarkParams{Suggestion: channel.Suggestion{Number: "7103"}, Typed: true, Change: true}, 2)
	mark(channel.MarkParams{Suggestion: channel.Suggestion{Number: "0050123403"}, Typed: true}, 1) // the same number
	for text, want := range map[string]string{
		"":       "1 Ugo Rossi work 050 123403, 2 Eva Neri  7103, 0 Anna Rossi  0050123402",
		"rossi":  "1 Ugo Rossi work 050 123403, 0 Anna Rossi work 0050123402, 0 Anna Rossi work 333 1234507",
		"710":    "2 Eva Neri work 7103",
		"382":    "2 Eva Neri work 7103",
		"123403": "1 Ugo Rossi work 050 123403",
		"846":    "1 Ugo Rossi work 050 123403",
	} {
		if got := list(text); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
	if _, err := h.mark(t.Context(), channel.MarkParams{Suggestion: channel.Suggestion{Number: "call me"}, Typed: true, Change: true}); err == nil {
		t.Error("what is no number is a favourite")
	}
	mark(channel.MarkParams{Suggestion: ugo, Change: true}, 0)
	if got := list("eva"); got != "1 Eva Neri work 7103" {
		t.Error(got)
	}
	// What a directory has is dialled as what was copied, what was dialled as it is.
	if p := h.listed("050 123403", false); p.Dial != "0050123403" {
		t.Errorf("a directory's: %s", p.Dial)
	}
	if p := h.listed("0050123403", true); p.Dial != "0050123403" || len(p.Reasons) > 0 {
		t.Errorf("what was dialled: %s, %v", p.Dial, p.Reasons)
	}
}

// sameParts: the first is the same, and the others are.
func sameParts(got, want string) bool {
	a, b := strings.Split(got, ", "), strings.Split(want, ", ")
	if len(a) != len(b) || a[0] != b[0] {
		return false
	}
	for _, part := range b {
		if !strings.Contains(got, part) {
			return false
		}
	}
	return true
}

// The directories are read once an hour where there are any, and soon after the rules
// for numbers have changed; also where that fails.
func TestDirectoriesAreReadFromTimeToTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var reads atomic.Int32
		a := &agent{cfg: config.Default()}
		a.Log = slog.New(slog.DiscardHandler)
		a.People, a.PeopleFrom = contacts.Open(filepath.Join(dir, "people")), filepath.Join(dir, "contacts.json")
		a.Contacts = func(context.Context, *string, ...string) ([]byte, error) { reads.Add(1); return nil, os.ErrInvalid }
		done := make(chan struct{})
		go func() { defer close(done); a.readPeople(ctx) }()
		after := func(d time.Duration, want int32) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if n := reads.Load(); n != want {
				t.Errorf("read %d times, want %d", n, want)
			}
		}
		after(10*time.Hour, 0)
		if err := os.WriteFile(a.PeopleFrom, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		after(6*time.Minute, 1)
		after(50*time.Minute, 1)
		after(11*time.Minute, 2)
		a.mu.Lock()
		a.cfg.Numbers.Region = "DE"
		a.mu.Unlock()
		after(6*time.Minute, 3)
		after(30*time.Minute, 3)
		cancel()
		<-done
	})
}
