package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cornetta/internal/durable"
)

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
