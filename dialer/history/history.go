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
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
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
}

// Call is the call that e remembers.
func (e Entry) Call() call.Snapshot {
	s := call.Snapshot{Number: e.Number, State: e.State, Cause: e.Cause, ByPBX: e.ByPBX, FarName: e.Name, Requested: e.At}
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

// note is text as a person's note is kept.
func note(text string) clean.Foreign { return clean.Foreign(clean.Text(text, MaxNote)) }

func valid(e Entry) bool {
	if e.Number == "" || len(e.Number) > 43 || e.At.IsZero() || e.Duration < 0 || e.ID < 0 {
		return false
	}
	for i, r := range e.Number {
		if (r < '0' || r > '9') && r != '*' && r != '#' && (r != '+' || i != 0) {
			return false
		}
	}
	return true
}
