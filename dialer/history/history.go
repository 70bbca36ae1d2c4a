// Package history keeps the calls of the past, so that a person finds one again, calls
// its number again, or writes a note to it.
//
// The file holds one JSON object a line, oldest first, and is appended to: a crash
// costs the line that was being written at most. A line that cannot be read is passed
// over, and is gone when the file is next written anew, which happens when a call is
// taken out or gets a note, and when the file has grown well over what is kept ([Keep]).
// What has no call in it, or is no file that can be read, is kept aside as
// history.jsonl.damaged when the next call is added. Numbers are personal data: the
// file is readable for its owner alone.
//
// Nothing but the last calls is held in memory: what is looked for is read from the file,
// from its end. Each line begins with the words by which it is found, so that the others
// need not be read as JSON.
//
// Several programs write the file (the agent, and a command that dials by itself). Each
// takes the lock beside it first, and reads what the others have written.
//
// A History is safe for concurrent use; its methods block on the disk, and on another
// program that writes, for two seconds at most. The tests damage files, cut and kill
// writers everywhere, and run them against each other.
package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

const (
	// Max is how many calls can be kept.
	Max = 100_000
	// MaxNote is how many characters a note can have.
	MaxNote = 500

	// lately is how many calls are held in memory.
	lately = 200

	maxLine = 8 << 10
	maxFile = 64 << 20 // bytes; of a larger file the end is read
)

// Keep is how much is kept.
type Keep struct {
	Entries int // the newest; 0: nothing at all
	Days    int // those that are no older; 0: of any age
}

// Entry is one call that is over.
type Entry struct {
	ID       int           `json:"id"` // stays the same whatever is taken out, and is never given again
	At       time.Time     `json:"at"`
	Number   string        `json:"number"` // the dial string
	State    call.State    `json:"state"`
	Cause    call.Cause    `json:"cause,omitempty"`
	ByPBX    bool          `json:"by_pbx,omitempty"`      // nobody else answered
	Duration time.Duration `json:"duration_ns,omitempty"` // of the conversation
	Name     clean.Foreign `json:"name,omitempty"`        // of the other side, as it was known then
	Way      call.Way      `json:"way,omitempty"`         // by which it was asked for
	Given    clean.Foreign `json:"given,omitempty"`       // the number as it came in
	Account  clean.Foreign `json:"account,omitempty"`     // that it was placed with
	Note     clean.Foreign `json:"note,omitempty"`        // the person's own
	Called   string        `json:"called,omitempty"`      // of a call that came in: the group or queue that was called
}

// CameIn reports whether somebody has called, and not the person. Number is then what is
// dialled to call back, "" where there is nothing, and Given the caller's number.
func (e Entry) CameIn() bool { return e.Way == call.CameIn }

// Call is the call that e remembers.
func (e Entry) Call() call.Snapshot {
	s := call.Snapshot{Number: e.Number, State: e.State, Cause: e.Cause, ByPBX: e.ByPBX, FarName: e.Name, Called: e.Called, Requested: e.At}
	if e.CameIn() {
		s.Number = e.Given.Text()
	}
	if e.Duration > 0 {
		s.Answered, s.Ended = e.At, e.At.Add(e.Duration)
	}
	return s
}

var (
	// ErrNoEntry: there is no call with that number in the list.
	ErrNoEntry = status.NewError(status.CodeNoEntry, "history: no such call")
	// errBusy: another program has held the file for too long.
	errBusy = errors.New("history: another program writes the file")
	// errNoCalls is for a file that has lines, and in none of them a call.
	errNoCalls = errors.New("no call in it")
)

// History is the list of past calls.
type History struct {
	path string // "" for memory only
	now  func() time.Time

	mu      sync.Mutex // guards what follows, and the file
	keep    Keep
	mem     []byte  // the file's content, where there is none
	entries []Entry // the last of the file, oldest first, at most lately
	pending []Entry // for which the disk had no room, at most lately
	next    int     // the ID of the next call, at least
	size    int64   // of the whole lines that were read or written
	lines   int     // in the file, the unreadable ones included; -1: not counted yet
	file    os.FileInfo
	torn    bool // the file does not end with a line end
	old     bool // there are calls without an ID, of an earlier version
	spoiled bool // there is something at path, and no call in it
}

// Dir is the folder that the file is in, "" where the history lives in memory.
func (h *History) Dir() string {
	if h.path == "" {
		return ""
	}
	return filepath.Dir(h.path)
}

// DefaultPath is this user's file. It need not exist. On Linux it belongs to
// the state of the program ($XDG_STATE_HOME), elsewhere it lies beside the
// settings.
func DefaultPath() (string, error) {
	dir, err := stateDir()
	if err != nil {
		return "", fmt.Errorf("history: no directory for it: %w", err)
	}
	return filepath.Join(dir, "cornetta", "history.jsonl"), nil
}

// Open reads the end of the file at path, which need not exist; with "" the history lives
// in memory only. As many calls as there can be are kept until SetKeep says otherwise.
// With an error the History is still usable, and begins anew.
func Open(path string) (*History, error) {
	h := &History{path: path, now: time.Now, keep: Keep{Entries: Max}, lines: -1}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.catchUpLocked(); err != nil {
		return h, fmt.Errorf("history: %w", err)
	}
	if h.old {
		_ = h.changeLocked(keepAll) // else it is done with the next call
	}
	return h, nil
}

// SetKeep says how much is kept. What is more is not shown any longer; Trim takes it out
// of the file.
func (h *History) SetKeep(k Keep) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep = Keep{Entries: max(0, min(k.Entries, Max)), Days: max(0, k.Days)}
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

// note is text as a person's note is kept.
func note(text string) clean.Foreign { return clean.Foreign(clean.Text(text, MaxNote)) }

func valid(e Entry) bool {
	if e.Number == "" && !e.CameIn() || len(e.Number) > call.MaxNumber || len(e.Called) > call.MaxNumber || e.At.IsZero() || e.Duration < 0 || e.ID < 0 {
		return false
	}
	for i, r := range e.Number {
		if (r < '0' || r > '9') && r != '*' && r != '#' && (r != '+' || i != 0) {
			return false
		}
	}
	return true
}

// lockTime is how long another program may write the file.
const lockTime = 2 * time.Second

// lockLocked takes the lock that all writers of the file take, so that none writes
// into a file that another one is just replacing.
func (h *History) lockLocked() (unlock func(), err error) {
	unlock = func() {}
	if h.path == "" {
		return unlock, nil
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return unlock, err
	}
	if err := durable.Private(filepath.Dir(h.path)); err != nil {
		return unlock, err
	}
	for end := time.Now().Add(lockTime); ; {
		f, err := durable.Lock(h.path + ".lock")
		if err == nil {
			return func() { durable.Unlock(f) }, nil
		}
		switch {
		case !errors.Is(err, durable.ErrLocked):
			return unlock, err
		case !time.Now().Before(end):
			return unlock, errBusy
		}
		time.Sleep(time.Millisecond + rand.N(4*time.Millisecond))
	}
}

// openLocked opens the file to be read.
func (h *History) openLocked() (r reader, err error) {
	if h.path == "" {
		return reader{bytes.NewReader(h.mem), int64(len(h.mem)), func() {}, nil}, nil
	}
	f, err := durable.OpenFile(h.path, os.O_RDONLY, 0)
	if err != nil {
		return reader{}, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return reader{}, err
	}
	return reader{f, info.Size(), func() { _ = f.Close() }, info}, nil
}

// refreshLocked is catchUpLocked where the file has changed.
func (h *History) refreshLocked() {
	if h.path != "" {
		info, err := os.Stat(h.path)
		if err == nil && h.file != nil && os.SameFile(info, h.file) && info.Size() == h.file.Size() && info.ModTime().Equal(h.file.ModTime()) {
			return
		}
		if errors.Is(err, fs.ErrNotExist) && h.file != nil { // somebody removed it
			h.forgetLocked()
		}
	}
	_ = h.catchUpLocked()
}

// forgetLocked forgets what was read.
func (h *History) forgetLocked() {
	h.entries, h.size, h.lines, h.file, h.torn, h.old, h.spoiled = nil, 0, -1, nil, false, false, false
}

// catchUpLocked reads what is new in the file: at first its end, then what another
// program has appended, or its end again where it was written anew.
func (h *History) catchUpLocked() error {
	r, err := h.openLocked()
	if err != nil {
		h.spoiled = durable.Spoiled(h.path, err)
		if errors.Is(err, fs.ErrNotExist) && !h.spoiled {
			if h.file != nil {
				h.lines, h.size, h.file, h.torn = 0, 0, nil, false // what is known is written with the next call
			}
			return nil
		}
		return err
	}
	defer r.close()
	if h.path == "" {
		return nil
	}
	anew := h.file == nil || !os.SameFile(h.file, r.info) || r.size < h.size
	if anew {
		h.forgetLocked()
		h.size = max(0, r.size-maxFile)
		h.next = max(h.next, r.next())
	}
	h.file = r.info
	if !anew && r.size == h.size {
		h.torn = false
		return nil
	}
	from, seen, calls := h.size, 0, []Entry(nil)
	end, err := r.backward(from, func(l line) bool {
		seen++
		if e, ok := l.entry(); ok {
			calls = append(calls, e)
		}
		return len(calls) < lately
	})
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(calls) {
		h.old = h.old || e.ID == 0
		if !slices.ContainsFunc(h.entries, e.sameCall) {
			h.rememberLocked(e)
		}
	}
	h.size, h.torn = end, end < r.size
	switch {
	case h.lines < 0:
	case h.torn, len(calls) == lately: // not all of it was seen, or some will be again
		h.lines = -1
	default:
		h.lines += seen
	}
	// The one line of a program that was killed in its first write is no more than that.
	if anew && len(calls) == 0 && r.next() == 0 && (seen > 1 || seen == 1 && (!h.torn || r.size > maxLine)) {
		h.spoiled = true
		return &fs.PathError{Op: "read", Path: h.path, Err: errNoCalls}
	}
	return nil
}

func (h *History) appendLocked(e Entry) (err error) {
	var text []byte
	if h.torn {
		text = append(text, '\n') // so that this call does not share the damaged line
	}
	if text, err = appendLine(text, e); err != nil {
		return err
	}
	if h.path == "" {
		h.mem = append(h.mem, text...)
		h.size = int64(len(h.mem))
	} else if err := h.appendFileLocked(text); err != nil {
		return err
	}
	if h.lines >= 0 {
		h.lines++
	}
	return nil
}

func (h *History) appendFileLocked(text []byte) (err error) {
	f, err := durable.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err := f.Write(text)
	if info, statErr := f.Stat(); statErr == nil {
		h.file = info
		if err == nil {
			h.size = info.Size()
		}
	}
	if err == nil {
		h.torn = false
	} else {
		h.torn = h.torn || n > 0
	}
	return err
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

// readMemLocked reads again what lives in memory.
func (h *History) readMemLocked(next int) {
	h.forgetLocked()
	r, _ := h.openLocked()
	var calls []Entry
	_, _ = r.backward(0, func(l line) bool {
		if e, ok := l.entry(); ok {
			calls = append(calls, e)
		}
		return len(calls) < lately
	})
	slices.Reverse(calls)
	h.entries, h.size, h.next = calls, r.size, next
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

// nextPrefix begins the line with the ID of the next call.
const nextPrefix = `{"next":`

// stored is an Entry as it is written.
type stored struct {
	Find string `json:"find"` // what it is found by; letters, digits, spaces, * and # only
	Entry
}

func appendLine(b []byte, e Entry) ([]byte, error) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(stored{keyOf(e), e}); err != nil {
		return b, err
	}
	return append(b, text.Bytes()...), nil
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

// number reads the digits at the front of b.
func number(b []byte) (n int, rest []byte) {
	end := 0
	for end < len(b) && end < 10 && b[end] >= '0' && b[end] <= '9' {
		end++
	}
	n, _ = strconv.Atoi(string(b[:end]))
	return n, b[end:]
}
