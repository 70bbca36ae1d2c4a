// Package trail keeps on disk what it takes to find a call again that outlives
// the program: the PBX goes on with it when Cornetta is ended or killed, and the
// next one that starts follows it to its end.
//
// A call has a file of its own from before its request is sent until its end has
// been put into the history. It holds the number, as the history does, and which
// account it was placed with; never a secret, and no names. Nothing is ever
// dialled from it: a record is only compared with the channels that live at the PBX.
//
// Beside the file lies a lock, which the program that follows the call holds for
// as long as it runs, so that of several programs only one takes a call up, and
// none that another one is following. A file that is damaged, too large or of an
// impossible time is removed.
//
// The tests write a file killed at each system call, damage it in every byte, and
// have several programs take up the same call; the decoder is fuzzed.
package trail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/internal/durable"
)

const (
	maxFile  = 16 << 10
	maxFiles = 200 // more files of the directory are not looked at

	// Fresh is how long after its last sign a call may still be going on.
	Fresh = 24 * time.Hour
	// oldest is how long a call is worth a line in the history, and ahead how far
	// in the future one may lie where a clock was set back.
	oldest = 30 * 24 * time.Hour
	ahead  = 48 * time.Hour
)

const (
	fileExt = ".json"
	lockExt = ".lock"
)

// Trail is the directory with the calls that go on. Its methods are safe for
// concurrent use, and block on the disk. A nil one keeps nothing.
type Trail struct {
	dir string

	mu   sync.Mutex           // guards what follows, and the files of the calls in it
	held map[string]*heldCall // this program's calls, by their ids
}

// hold is a call that this program follows.
type heldCall struct {
	lock *os.File
	seen time.Time // of what was written last
}

// Open keeps calls in dir, which need not exist; with "" it keeps nothing.
func Open(dir string) *Trail {
	if dir == "" {
		return nil
	}
	return &Trail{dir: dir, held: make(map[string]*heldCall)}
}

// Begin keeps a call that is about to be requested. It is not synced: that would take
// longer than all the rest that the person waits for.
func (t *Trail) Begin(r Record) error {
	if t == nil {
		return nil
	}
	data, err := encode(r)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.place(); err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	id := r.ID()
	lock, err := durable.Lock(t.path(id, lockExt))
	if err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	if err := durable.Swap(t.path(id, fileExt), data, 0o600); err != nil {
		t.dropLocked(id, lock)
		return fmt.Errorf("trail: %w", err)
	}
	t.held[id] = &heldCall{lock, r.Call.Seen}
	return nil
}

// place makes the directory, or checks that it is a directory and no symbolic link.
func (t *Trail) place() error {
	if err := os.MkdirAll(filepath.Dir(t.dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(t.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(t.dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: t.dir, Err: fs.ErrInvalid}
	}
	return durable.Private(t.dir)
}

// Update keeps the call's present state, and syncs it. A call that was not begun, or
// has ended, is ignored, and so is a state older than the one written last.
func (t *Trail) Update(r Record) error {
	if t == nil {
		return nil
	}
	data, err := encode(r)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.held[r.ID()]
	if h == nil || r.Call.Seen.Before(h.seen) {
		return nil
	}
	h.seen = r.Call.Seen
	path := t.path(r.ID(), fileExt)
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("trail: %w", err)
		}
	}
	if err := durable.Write(path, data); err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	return nil
}

// End removes a call's record: the call is over, and in the history.
func (t *Trail) End(id string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.held[id]; h != nil {
		delete(t.held, id)
		t.dropLocked(id, h.lock)
	}
}

// Holds reports whether the call has a record here.
func (t *Trail) Holds(id string) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held[id] != nil
}

// Close releases the calls' locks and keeps their records, for the next program.
func (t *Trail) Close() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, h := range t.held {
		delete(t.held, id)
		_ = h.lock.Close()
	}
}

// Any reports whether there may be a call that Adopt would take up.
func (t *Trail) Any() bool {
	if t == nil {
		return false
	}
	found, err := filepath.Glob(filepath.Join(t.dir, idPrefix+"*"+fileExt))
	return err == nil && len(found) > 0
}

// Adopt takes up the calls that other programs have left behind, the newest first;
// they are this program's from then on, which has to End each. Whatever else lies
// there is removed.
func (t *Trail) Adopt(now time.Time) []Record {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if info, err := os.Lstat(t.dir); err != nil || !info.IsDir() {
		return nil
	}
	names, _ := durable.Names(t.dir, maxFiles)
	ids := make(map[string]bool)
	for _, name := range names {
		id, ok := idOf(name)
		if !ok {
			_ = os.Remove(filepath.Join(t.dir, name)) // nothing of ours
			continue
		}
		ids[id] = true
	}
	var found []Record
	for id := range ids {
		if t.held[id] != nil {
			continue
		}
		lock, err := durable.Lock(t.path(id, lockExt))
		if err != nil {
			continue // another program follows it
		}
		r, err := read(t.path(id, fileExt))
		if err != nil || r.ID() != id || !r.credible(now) {
			t.dropLocked(id, lock)
			continue
		}
		t.held[id] = &heldCall{lock, r.Call.Seen}
		found = append(found, r)
	}
	slices.SortFunc(found, func(a, b Record) int { return b.Call.Requested.Compare(a.Call.Requested) })
	return found
}

// dropLocked removes what there is of a call whose lock is held, the lock last.
func (t *Trail) dropLocked(id string, lock *os.File) {
	path := t.path(id, fileExt)
	_ = os.Remove(path)
	for _, name := range durable.Leftovers(path) {
		_ = os.Remove(name)
	}
	durable.Unlock(lock)
}

func (t *Trail) path(id, ext string) string { return filepath.Join(t.dir, id+ext) }

// idOf is the call that a file is about, also one that a program left half
// written.
func idOf(name string) (string, bool) {
	if rest, hidden := strings.CutPrefix(name, "."); hidden {
		id, _, ok := strings.Cut(rest, fileExt)
		return id, ok && validID(id)
	}
	id := strings.TrimSuffix(strings.TrimSuffix(name, fileExt), lockExt)
	return id, validID(id) && id != name
}

// read reads a record: a regular file of limited size.
func read(path string) (Record, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Record{}, err
	}
	if !info.Mode().IsRegular() {
		return Record{}, fs.ErrInvalid
	}
	f, err := durable.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return Record{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Record{}, err
	}
	return decode(data)
}
