package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"cornetta/ami/clean"
	"cornetta/internal/durable"
)

// Add appends one call, and gives it an ID. A call that is there already is not added
// again, because another program may have added it just before it was killed. An entry
// whose number is no dial string is refused. When the disk fails, the entry is there
// until the program ends, and is written with the next one.
func (h *History) Add(e Entry) error {
	e.Name, e.Account = e.Name.Line(), e.Account.Line()
	e.Given, e.Note = clean.Foreign(clean.Text(e.Given.Text(), clean.Detail)), note(e.Note.Text())
	if !valid(e) {
		return errors.New("history: not a call")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keep.Entries == 0 {
		return nil
	}
	if err := h.addLocked(e); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

func (h *History) addLocked(e Entry) error {
	unlock, lockErr := h.lockLocked()
	defer unlock()
	_ = h.catchUpLocked() // what is wrong with it is found out below
	if slices.ContainsFunc(h.entries, e.sameCall) || slices.ContainsFunc(h.pending, e.sameCall) {
		return nil
	}
	if h.old && lockErr == nil {
		if err := h.changeHeldLocked(keepAll); err != nil {
			return err
		}
	}
	h.pending = append(h.pending, e)
	if over := len(h.pending) - lately; over > 0 {
		h.pending = slices.Delete(h.pending, 0, over)
	}
	h.numberLocked()
	if lockErr != nil {
		return lockErr
	}
	if h.spoiled {
		if _, err := durable.MoveAside(h.path); err != nil {
			return err
		}
		h.forgetLocked()
		h.lines = 0
	}
	for len(h.pending) > 0 {
		if err := h.appendLocked(h.pending[0]); err != nil {
			return err
		}
		h.rememberLocked(h.pending[0])
		h.pending = h.pending[1:]
	}
	return h.trimHeldLocked()
}

// numberLocked gives those calls IDs that are not in the file yet.
func (h *History) numberLocked() {
	next := max(h.next, 1)
	for i := range h.pending {
		h.pending[i].ID = next + i
	}
}

// sameCall: no two calls begin in the same nanosecond.
func (e Entry) sameCall(o Entry) bool { return e.At.Equal(o.At) && e.Number == o.Number }

func (h *History) rememberLocked(e Entry) {
	h.entries = append(h.entries, e)
	if over := len(h.entries) - lately; over > 0 {
		h.entries = slices.Delete(h.entries, 0, over)
	}
	h.next = max(h.next, e.ID+1)
}

// Trim writes the file anew where there is well more in it than is kept. With Add it is
// done as well.
func (h *History) Trim() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.catchUpLocked(); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if len(h.entries) == 0 {
		return nil
	}
	if err := h.trimLocked(); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// Remove takes calls out of the list. missing are those that are not in it.
func (h *History) Remove(ids ...int) (missing []int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	gone := make(map[int]bool, len(ids))
	err = h.changeLocked(func(e *Entry) change {
		if !slices.Contains(ids, e.ID) {
			return stays
		}
		gone[e.ID] = true
		return goes
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	for _, id := range ids {
		if !gone[id] {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// Clear takes the calls out of the list that were made before a time, all with the zero
// one, and says how many they were.
func (h *History) Clear(before time.Time) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	err = h.changeLocked(func(e *Entry) change {
		if !before.IsZero() && !e.At.Before(before) {
			return stays
		}
		n++
		return goes
	})
	if err != nil {
		return 0, fmt.Errorf("history: %w", err)
	}
	return n, nil
}

// Note writes a note to a call, in the place of the one before; "" takes that away. It is
// cleaned, and cut to MaxNote characters. It fails with ErrNoEntry.
func (h *History) Note(id int, text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := false
	err := h.changeLocked(func(e *Entry) change {
		if e.ID != id {
			return stays
		}
		found, e.Note = true, note(text)
		return differs
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if !found {
		return ErrNoEntry
	}
	return nil
}

// change is what becomes of a call when the file is written anew.
type change int

const (
	stays change = iota
	goes
	differs
)

// keepAll changes nothing but what has to be: the file is in order then.
func keepAll(*Entry) change { return stays }

// changeLocked writes the file anew, with what f does to each call of it.
func (h *History) changeLocked(f func(*Entry) change) error {
	if h.path != "" {
		if _, err := os.Lstat(h.path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	unlock, err := h.lockLocked()
	defer unlock()
	if err != nil {
		return err
	}
	if err := h.catchUpLocked(); err != nil && !h.spoiled {
		return err
	}
	if h.spoiled {
		return nil
	}
	return h.changeHeldLocked(f)
}

// changeHeldLocked is changeLocked with the lock.
func (h *History) changeHeldLocked(f func(*Entry) change) error {
	r, err := h.openLocked()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.close()
	skip, err := h.overLocked(r)
	if err != nil {
		return err
	}
	oldest := h.oldestLocked()
	next := max(h.next, r.next())
	write := func(out io.Writer, f func(*Entry) change) (last int, err error) {
		w := &rewriter{out: out}
		left := skip
		err = r.forward(max(0, r.size-maxFile), func(l line) error {
			switch {
			case l.next() > 0:
				return nil
			case left > 0:
				left--
				return nil
			}
			return w.take(l, oldest, f)
		})
		return w.last, err
	}
	if h.old { // the IDs that it gets count
		last, err := write(io.Discard, keepAll)
		if err != nil {
			return err
		}
		next = max(next, last+1)
	}
	whole := func(out io.Writer) error {
		// The first line has the next ID, so that none is given twice whatever is taken out.
		if _, err := fmt.Fprintf(out, "%s%d}\n", nextPrefix, next); err != nil {
			return err
		}
		_, err := write(out, f)
		r.close() // a file that is open cannot be replaced on Windows
		return err
	}
	if h.path == "" {
		var all bytes.Buffer
		if err := whole(&all); err != nil {
			return err
		}
		h.mem = all.Bytes()
		h.readMemLocked(next)
		return nil
	}
	if err := durable.WriteBy(h.path, whole); err != nil {
		return err
	}
	h.forgetLocked()
	return h.catchUpLocked()
}

// overLocked is how many lines are more than is kept.
func (h *History) overLocked(r reader) (int, error) {
	if err := h.countLocked(r); err != nil {
		return 0, err
	}
	return max(0, h.lines-h.keep.Entries), nil
}

func (h *History) countLocked(r reader) (err error) {
	if h.lines < 0 {
		h.lines, err = r.count(max(0, r.size-maxFile))
	}
	return err
}

// oldestLocked is the time before which no call is kept.
func (h *History) oldestLocked() time.Time {
	if h.keep.Days == 0 {
		return time.Time{}
	}
	return h.now().AddDate(0, 0, -h.keep.Days)
}

func (h *History) trimLocked() error {
	unlock, err := h.lockLocked()
	defer unlock()
	if err != nil {
		return err
	}
	return h.trimHeldLocked()
}

// trimHeldLocked writes the file anew where a tenth more is in it than is kept, or what
// is a day too old.
func (h *History) trimHeldLocked() error {
	r, err := h.openLocked()
	if err != nil {
		return err
	}
	err = h.countLocked(r)
	tooOld := false
	if oldest := h.oldestLocked(); err == nil && !oldest.IsZero() {
		if e, ok := r.first(); ok {
			tooOld = e.At.Before(oldest.AddDate(0, 0, -1))
		}
	}
	r.close()
	if err != nil || !tooOld && h.lines <= h.keep.Entries+h.keep.Entries/10 && r.size <= maxFile {
		return err
	}
	return h.changeHeldLocked(keepAll)
}

// rewriter writes the lines of a file anew.
type rewriter struct {
	out  io.Writer
	last int // the last ID
	text []byte
}

// take writes a line as f has it. What is no call is left out.
func (w *rewriter) take(l line, oldest time.Time, f func(*Entry) change) (err error) {
	id, at, quick := l.head()
	e := Entry{ID: id, At: at}
	if !quick || id <= w.last {
		var ok bool
		if e, ok = l.entry(); !ok {
			return nil
		}
		quick = false
	}
	if e.ID <= w.last { // of an earlier version, or edited by hand
		e.ID, quick = w.last+1, false
	}
	w.last = e.ID
	if e.At.Before(oldest) {
		return nil
	}
	does := f(&e)
	switch {
	case does == goes:
		return nil
	case does == differs && quick:
		whole, ok := l.entry()
		if !ok {
			return nil
		}
		f(&whole)
		e, quick = whole, false
	}
	w.text = w.text[:0]
	if quick {
		w.text = append(append(w.text, l.text...), '\n')
	} else if w.text, err = appendLine(w.text, e); err != nil {
		return err
	}
	_, err = w.out.Write(w.text)
	return err
}
