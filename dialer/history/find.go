package history

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/contacts"
)

// Recent returns at most n of the last calls that the person made, newest first, one for
// each number.
func (h *History) Recent(n int) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refreshLocked()
	oldest := h.oldestLocked()
	seen := make(map[string]bool)
	var recent []Entry
	all := slices.Concat(h.entries, h.pending)
	for i, e := range slices.Backward(all) {
		if len(recent) >= n || len(all)-i > h.keep.Entries {
			break
		}
		if !seen[e.Number] && !e.CameIn() && !e.At.Before(oldest) {
			seen[e.Number] = true
			recent = append(recent, e)
		}
	}
	return recent
}

// Query is what is looked for.
type Query struct {
	Words  string    // all of them, in names, numbers and notes, in whatever order; "": any
	Since  time.Time // no older ones
	Before int       // only calls with a lower ID; 0: all
	Limit  int       // the newest; 0: as many as there are
	Missed bool      // only calls that came in and that nobody answered
}

// Find returns the calls that q asks for, newest first.
func (h *History) Find(q Query) ([]Entry, error) {
	var all []Entry
	err := h.Each(q, func(e Entry) bool {
		all = append(all, e)
		return true
	})
	return all, err
}

// Each calls f with each call that q asks for, newest first, until it returns false. f
// must not use the History.
func (h *History) Each(q Query, f func(Entry) bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keep.Entries == 0 {
		return nil
	}
	h.refreshLocked()
	since := q.Since
	if oldest := h.oldestLocked(); oldest.After(since) {
		since = oldest
	}
	words := wordsOf(q.Words)
	// A clock may have been set back: older ones may follow newer ones.
	out := func(id int, at time.Time) bool { return q.Before > 0 && id >= q.Before || at.Before(since) }
	seen, found := 0, 0
	more := func(e Entry) bool {
		if q.Missed && e.State != call.InMissed {
			return true
		}
		found++
		return f(e) && (q.Limit <= 0 || found < q.Limit)
	}
	for _, e := range slices.Backward(h.pending) {
		if seen++; !out(e.ID, e.At) && fit([]byte(keyOf(e)), words) && !more(e) {
			return nil
		}
	}
	r, err := h.openLocked()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	defer r.close()
	_, err = r.backward(max(0, r.size-maxFile), func(l line) bool {
		if l.next() > 0 {
			return true
		}
		if seen++; seen > h.keep.Entries {
			return false
		}
		if !l.fits(words) {
			return true
		}
		if id, at, ok := l.head(); ok && out(id, at) {
			return true
		}
		e, ok := l.entry()
		return !ok || out(e.ID, e.At) || more(e)
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// Get is the call with that ID.
func (h *History) Get(id int) (Entry, error) {
	var found Entry
	err := h.Each(Query{Before: id + 1}, func(e Entry) bool {
		found = e
		return false
	})
	if err == nil && found.ID != id || id <= 0 {
		err = ErrNoEntry
	}
	return found, err
}

// All returns every entry, newest first.
func (h *History) All() []Entry {
	all, _ := h.Find(Query{})
	return all
}

// word is one that is looked for.
type word struct {
	number []byte   // its digits, nil where it is none
	parts  [][]byte // as they are searched
}

func wordsOf(text string) (all []word) {
	for _, w := range strings.Fields(clean.Text(text, clean.Detail)) {
		var found word
		if strings.Trim(w, "+0123456789*#-./()") == "" {
			found.number = []byte(keypad(w))
		}
		for _, p := range strings.Fields(contacts.Fold(w)) {
			found.parts = append(found.parts, []byte(p))
		}
		if len(found.number)+len(found.parts) > 0 {
			all = append(all, found)
		}
	}
	return all
}

// keypad is what of a text can be keyed in.
func keypad(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, text)
}

// keyOf is what e is found by.
func keyOf(e Entry) string {
	all := []string{contacts.Fold(e.Name.Text() + " " + e.Note.Text()), keypad(e.Number)}
	if given := keypad(e.Given.Text()); given != all[1] {
		all = append(all, given)
	}
	return strings.TrimSpace(strings.Join(all, " "))
}

// fits reports whether the line may be of a call that has all words.
func (l line) fits(words []word) bool {
	if len(words) == 0 {
		return true
	}
	key, _, ok := l.key()
	if !ok { // of an earlier version, or edited by hand
		e, ok := l.entry()
		if !ok {
			return false
		}
		key = []byte(keyOf(e))
	}
	return fit(key, words)
}

func fit(key []byte, words []word) bool {
	for _, w := range words {
		if len(w.number) > 0 && bytes.Contains(key, w.number) {
			continue
		}
		if len(w.parts) == 0 {
			return false
		}
		for _, p := range w.parts {
			if !bytes.Contains(key, p) {
				return false
			}
		}
	}
	return true
}
