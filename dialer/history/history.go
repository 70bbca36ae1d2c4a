// Package history keeps the calls of the past, so that a number can be called again.
//
// The file holds one JSON object a line, oldest first, and is appended to: a
// crash costs the last call at most. A line that cannot be read is passed over,
// and is gone when the file is next rewritten, which happens when it has grown
// to twice what is kept. What has no call in it, or is no file that can be read, is
// kept aside as history.jsonl.damaged when the next call is added. Numbers are personal data: the file is readable for
// its owner alone.
//
// A History is safe for concurrent use; its methods block on the disk only for
// as long as one small write takes. The tests damage files and run writers
// against each other.
package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/internal/durable"
)

// Cap is how many calls are kept.
const Cap = 200

const (
	maxLine = 4 << 10
	maxFile = 1 << 20 // bytes; of a larger file the end is read
)

// Entry is one call that is over.
type Entry struct {
	At       time.Time     `json:"at"`
	Number   string        `json:"number"` // the dial string
	State    call.State    `json:"state"`
	Cause    call.Cause    `json:"cause,omitempty"`
	ByPBX    bool          `json:"by_pbx,omitempty"`      // nobody else answered
	Duration time.Duration `json:"duration_ns,omitempty"` // of the conversation
	Name     clean.Foreign `json:"name,omitempty"`        // of the other side, as it was known then
}

// Call is the call that e remembers.
func (e Entry) Call() call.Snapshot {
	return call.Snapshot{Number: e.Number, State: e.State, Cause: e.Cause, ByPBX: e.ByPBX, FarName: e.Name}
}

// History is the list of past calls.
type History struct {
	path string // "" for memory only

	mu      sync.Mutex // guards what follows, and the file
	entries []Entry    // oldest first, at most Cap
	lines   int        // in the file, the unreadable ones included
	size    int64      // of the file as far as it was read or written
	file    os.FileInfo
	torn    bool // the file does not end with a line end
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

// Open reads the file at path, which need not exist; with "" the history lives
// in memory only. With an error the History is still usable, and begins anew.
func Open(path string) (*History, error) {
	h := &History{path: path}
	if path == "" {
		return h, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.catchUpLocked(); err != nil {
		return h, fmt.Errorf("history: %w", err)
	}
	return h, nil
}

func (h *History) read(r io.Reader) error {
	in := bufio.NewReaderSize(io.LimitReader(r, maxFile), maxLine)
	for {
		line, err := in.ReadSlice('\n')
		h.size += int64(len(line))
		whole := err == nil
		for errors.Is(err, bufio.ErrBufferFull) { // longer than any of ours
			var more []byte
			more, err = in.ReadSlice('\n')
			h.size += int64(len(more))
		}
		if len(line) > 0 {
			h.lines++
			h.torn = !whole
			if e, ok := parse(line); ok && (whole || errors.Is(err, io.EOF)) {
				h.keepLocked(e)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// parse reads an entry; false where it has no number that can be called.
func parse(line []byte) (Entry, bool) {
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil || !valid(e) {
		return Entry{}, false
	}
	e.Name = e.Name.Line()
	return e, true
}

func valid(e Entry) bool {
	if e.Number == "" || len(e.Number) > 43 || e.At.IsZero() || e.Duration < 0 {
		return false
	}
	for i, r := range e.Number {
		if (r < '0' || r > '9') && r != '*' && r != '#' && (r != '+' || i != 0) {
			return false
		}
	}
	return true
}

func (h *History) keepLocked(e Entry) {
	h.entries = append(h.entries, e)
	if over := len(h.entries) - Cap; over > 0 {
		h.entries = slices.Delete(h.entries, 0, over)
	}
}

// Add appends one call. A call that is there already is not added again, because
// another program may have added it just before it was killed. An entry whose number
// is no dial string is refused. When the disk fails, the entry is there until the
// program ends.
func (h *History) Add(e Entry) error {
	if !valid(e) {
		return errors.New("history: not a call")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.catchUpLocked() // what is wrong with it is found out below
	if slices.ContainsFunc(h.entries, e.sameCall) {
		return nil
	}
	h.keepLocked(e)
	if h.path == "" {
		return nil
	}
	if h.spoiled {
		if _, err := durable.MoveAside(h.path); err != nil {
			return fmt.Errorf("history: %w", err)
		}
		h.spoiled, h.torn, h.lines, h.size, h.file = false, false, 0, 0, nil
	}
	write := h.appendLocked
	if h.lines >= 2*Cap || h.size > maxFile {
		write = h.rewriteLocked
	}
	if err := write(e); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// sameCall: no two calls begin in the same nanosecond.
func (e Entry) sameCall(o Entry) bool { return e.At.Equal(o.At) && e.Number == o.Number }

// errNoCalls is for a file that has lines, and in none of them a call.
var errNoCalls = errors.New("no call in it")

// catchUpLocked reads what is new in the file: at first all of it, then what another
// program has appended, so that it is not lost when the file is next rewritten.
func (h *History) catchUpLocked() error {
	if h.path == "" {
		return nil
	}
	f, err := durable.OpenFile(h.path, os.O_RDONLY, 0)
	if err != nil {
		h.spoiled = durable.Spoiled(h.path, err)
		if errors.Is(err, fs.ErrNotExist) && !h.spoiled {
			return nil
		}
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if h.file == nil || !os.SameFile(h.file, info) || info.Size() < h.size {
		h.lines, h.size, h.spoiled = 0, max(0, info.Size()-maxFile), false // it was rewritten
	}
	h.file = info
	if info.Size() != h.size {
		if _, err := f.Seek(h.size, io.SeekStart); err != nil {
			return err
		}
		var tail History
		if err := tail.read(f); err != nil {
			return err
		}
		h.size, h.lines, h.torn = h.size+tail.size, h.lines+tail.lines, tail.torn
		for _, e := range tail.entries {
			if !slices.ContainsFunc(h.entries, e.sameCall) {
				h.keepLocked(e)
			}
		}
		// The one line of a program that was killed in its first write is no more than that.
		if len(tail.entries) == 0 && h.lines == tail.lines && (h.lines > 1 || !h.torn || h.size > maxLine) {
			h.spoiled = true
			return &fs.PathError{Op: "read", Path: h.path, Err: errNoCalls}
		}
	}
	return nil
}

func (h *History) appendLocked(e Entry) (err error) {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := durable.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var line bytes.Buffer
	if h.torn {
		line.WriteByte('\n') // so that this call does not share the damaged line
	}
	if err := json.NewEncoder(&line).Encode(e); err != nil {
		return err
	}
	n, err := f.Write(line.Bytes()) // one write: two processes do not mix their lines
	h.torn = n > 0 && n < line.Len() || n == 0 && h.torn
	h.size += int64(n)
	h.lines++
	return err
}

func (h *History) rewriteLocked(Entry) error {
	var all bytes.Buffer
	out := json.NewEncoder(&all)
	for _, e := range h.entries {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	if err := durable.Write(h.path, all.Bytes()); err != nil {
		return err
	}
	h.lines, h.torn, h.size = len(h.entries), false, int64(all.Len())
	h.file, _ = os.Stat(h.path)
	return nil
}

// Recent returns at most n entries, newest first, one for each number.
func (h *History) Recent(n int) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := make(map[string]bool)
	var recent []Entry
	for _, e := range slices.Backward(h.entries) {
		if len(recent) >= n {
			break
		}
		if !seen[e.Number] {
			seen[e.Number] = true
			recent = append(recent, e)
		}
	}
	return recent
}

// All returns every entry, newest first.
func (h *History) All() []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := slices.Clone(h.entries)
	slices.Reverse(all)
	return all
}
