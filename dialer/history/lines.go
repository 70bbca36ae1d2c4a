package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"cornetta/ami/clean"
)

// blockSize is how much of the file is read at a time.
const blockSize = 256 << 10

// reader is the file's content as it was when it was opened.
type reader struct {
	io.ReaderAt
	size  int64
	close func()
	info  os.FileInfo // nil: it lives in memory
}

// line is one of the file, without its end.
type line struct {
	text  []byte
	whole bool // it has an end
}

// backward calls f with each line between from and the end, the last one first, until f
// returns false. What lies before the first line end is a line only where from is 0 or
// another one ended there. Lines that are too long to be ours are given as empty ones. end
// is where the last line that has an end ends.
func (r reader) backward(from int64, f func(line) bool) (end int64, err error) {
	end = -1
	buf := make([]byte, blockSize+maxLine)
	var rest []byte // the beginning of the line that the block before has the end of
	long, whole := false, false
	give := func(text []byte) bool {
		if long || len(text) > maxLine {
			text = nil
		}
		long = false
		return f(line{text, whole})
	}
	var starts []int
	for pos := r.size; pos > from; {
		n := int(min(blockSize, pos-from))
		pos -= int64(n)
		if _, err := r.ReadAt(buf[:n], pos); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		data := append(buf[:n], rest...)
		starts = starts[:0]
		for at := 0; at < n; {
			i := bytes.IndexByte(data[at:n], '\n')
			if i < 0 {
				break
			}
			at += i + 1
			starts = append(starts, at)
		}
		stop := len(data)
		for i := len(starts) - 1; i >= 0; i-- {
			if end < 0 {
				end = pos + int64(starts[i])
			}
			if whole || stop > starts[i] || long { // what is behind the last line end may be nothing
				if !give(data[starts[i]:stop]) {
					return end, nil
				}
			}
			stop, whole = starts[i]-1, true
		}
		if stop > maxLine {
			rest, long = rest[:0], true
		} else {
			rest = append(rest[:0], data[:stop]...)
		}
	}
	if end < 0 {
		end = from
	}
	if whole || len(rest) > 0 || long {
		give(rest)
	}
	return end, nil
}

// forward calls f with each line from a place on.
func (r reader) forward(from int64, f func(line) error) error {
	buf := make([]byte, 0, blockSize+maxLine)
	long := false
	for pos := from; ; {
		n := int(min(int64(blockSize), r.size-pos))
		if n > 0 {
			at := len(buf)
			buf = buf[:at+n]
			if _, err := r.ReadAt(buf[at:], pos); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			pos += int64(n)
		}
		data := buf
		for {
			i := bytes.IndexByte(data, '\n')
			if i < 0 {
				break
			}
			text := data[:i]
			if long || i > maxLine {
				text = nil
			}
			long = false
			if err := f(line{text, true}); err != nil {
				return err
			}
			data = data[i+1:]
		}
		if n == 0 {
			if len(data) > 0 && !long && len(data) <= maxLine {
				return f(line{data, false})
			}
			return nil
		}
		if len(data) > maxLine {
			data, long = nil, true
		}
		buf = buf[:copy(buf[:cap(buf)], data)]
	}
}

// count is how many lines there are from a place on, but for the one with the next ID.
func (r reader) count(from int64) (n int, err error) {
	buf := make([]byte, blockSize)
	last := byte('\n')
	for pos := from; pos < r.size; {
		b := buf[:min(blockSize, r.size-pos)]
		if _, err := r.ReadAt(b, pos); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		n += bytes.Count(b, []byte{'\n'})
		last = b[len(b)-1]
		pos += int64(len(b))
	}
	if last != '\n' {
		n++
	}
	if r.next() > 0 {
		n--
	}
	return n, nil
}

// next is the ID of the next call, as the first line has it; 0 where it does not.
func (r reader) next() int {
	b := make([]byte, 32)
	n, _ := r.ReadAt(b, 0)
	head, _, _ := bytes.Cut(b[:n], []byte{'\n'})
	return line{text: head}.next()
}

// first is the oldest call, of those that stand at the very beginning.
func (r reader) first() (e Entry, ok bool) {
	near := r
	near.size = min(r.size, 2*maxLine)
	_ = near.forward(0, func(l line) error {
		if e, ok = l.entry(); ok {
			return io.EOF
		}
		return nil
	})
	return e, ok
}

// next is the ID in the line that has the one of the next call; 0 for all others.
func (l line) next() int {
	b, ok := bytes.CutPrefix(l.text, []byte(nextPrefix))
	if !ok {
		return 0
	}
	n, _ := number(b)
	return n
}

// entry reads the call; false where it has no number that can be called.
func (l line) entry() (Entry, bool) {
	var e Entry
	if err := json.Unmarshal(l.text, &e); err != nil || !valid(e) {
		return Entry{}, false
	}
	e.Name, e.Account = e.Name.Line(), e.Account.Line()
	e.Given, e.Note = clean.Foreign(clean.Text(e.Given.Text(), clean.Detail)), note(e.Note.Text())
	e.Way = e.Way.Known()
	return e, true
}

const (
	findPrefix = `{"find":"`
	idPrefix   = `","id":`
	atPrefix   = `,"at":"`
)

// key is what a line is found by; false where it does not begin with that.
func (l line) key() (key, rest []byte, ok bool) {
	b, ok := bytes.CutPrefix(l.text, []byte(findPrefix))
	if !ok {
		return nil, nil, false
	}
	i := bytes.IndexByte(b, '"')
	if i < 0 {
		return nil, nil, false
	}
	return b[:i], b[i:], true
}

// head reads the call's ID and time without the rest; false where it has to be read.
func (l line) head() (id int, at time.Time, ok bool) {
	_, rest, ok := l.key()
	if !ok || !l.whole || l.text[len(l.text)-1] != '}' {
		return 0, at, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(idPrefix)); !ok {
		return 0, at, false
	}
	id, rest = number(rest)
	if rest, ok = bytes.CutPrefix(rest, []byte(atPrefix)); !ok {
		return 0, at, false
	}
	text, _, _ := bytes.Cut(rest, []byte{'"'})
	err := at.UnmarshalText(text)
	return id, at, err == nil && id > 0
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
