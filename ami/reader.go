package ami

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// What is accepted from a server; beyond it the connection is given up.
const (
	maxLine    = 64 << 10
	maxMessage = 1 << 20
	maxHeaders = 1024
	maxBanner  = 512
)

// A buffer that has grown beyond bufferKeep for one message is let go.
const (
	bufferStart = 16 << 10
	bufferKeep  = 64 << 10
	bufferMost  = maxMessage + maxLine + 4<<10 // the limits strike before it is full
)

// reader frames what the server sends, from the banner on: there is one for
// the whole connection, so nothing that came in one segment is lost between
// the banner, the login and the events. It is used by one goroutine at a time.
//
// Lines end in CRLF or LF; blank lines between messages and lines without a
// colon are skipped.
//
// Servers before 16.26 and 18.12 could tear a message inside the stream, so a
// message must begin with its Event or Response line, with at most an ActionID
// before it. An Event or Response line anywhere else means that what precedes
// it was torn: that is dropped, a new message begins with this line, and torn
// counts one. The exceptions are the two events that have a Response header of
// their own (OriginateResponse and ChallengeResponseFailed), once. In them a
// second ActionID, and in any event a second Privilege line, shows that two
// messages were glued together in mid-line; neither can be trusted then and
// both are dropped.
type reader struct {
	src io.Reader
	buf []byte

	start, scan, end int   // buf[start:end] is unread, buf[start:scan] already looked at
	received         int64 // bytes taken from src so far
	offset           int64 // where the last message began, counted the same way
	torn             int   // messages lost to tearing so far

	msg Message
}

func newReader(src io.Reader) *reader {
	return &reader{src: src, buf: make([]byte, bufferStart)}
}

const bannerPrefix = "Asterisk Call Manager/"

// banner reads the first line and returns the version in it.
func (r *reader) banner() (string, error) {
	for {
		head := r.buf[r.start:r.end]
		if n := min(len(head), len(bannerPrefix)); string(head[:n]) != bannerPrefix[:n] {
			return "", ErrNotAMI
		}
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			if i > maxBanner {
				return "", ErrNotAMI
			}
			version := string(trimCR(head[len(bannerPrefix):i]))
			r.start += i + 1
			r.scan = r.start
			if !nameChars.holds(version, 1, 32) {
				version = "" // an AMI all the same; but this text goes to logs
			}
			return version, nil
		}
		if len(head) > maxBanner {
			return "", ErrNotAMI
		}
		if err := r.fill(); err != nil {
			if errors.Is(err, io.EOF) && len(head) > 0 {
				return "", fmt.Errorf("%w: %w", ErrNotAMI, err)
			}
			return "", err
		}
	}
}

// next returns the next message; it is valid until the following call. At the
// end of the stream a fragment without its blank line is discarded.
func (r *reader) next() (*Message, error) {
	m := &r.msg
	m.headers = m.headers[:0]
	var kind shape
	r.scan = r.start
	line := r.scan // where the current line begins
	for {
		i := bytes.IndexByte(r.buf[r.scan:r.end], '\n')
		if i < 0 {
			if r.end-line > maxLine+1 { // 1: a CR that may belong to the end
				return nil, ErrMessageTooLarge
			}
			// Positions move when the buffer does: keep them relative.
			line -= r.start
			r.scan = r.end
			err := r.fill()
			line += r.start
			if err != nil {
				return nil, err
			}
			continue
		}
		next := r.scan + i + 1
		r.scan = next
		text := trimCR(r.buf[line : next-1])
		if len(text) > maxLine || next-r.start > maxMessage {
			return nil, ErrMessageTooLarge
		}

		if len(text) == 0 {
			if len(m.headers) > 0 {
				m.raw = r.buf[r.start:line]
				r.offset = r.received - int64(r.end-r.start)
				r.start = next
				if !kind.glued {
					return m, nil
				}
				r.torn += 2
				m.headers = m.headers[:0]
			}
			r.start, line, kind = next, next, shape{}
			continue
		}

		colon := bytes.IndexByte(text, ':')
		if colon <= 0 {
			if len(m.headers) == 0 {
				r.start = next
			}
			line = next
			continue
		}
		if kind.interrupts(text[:colon], len(m.headers)) {
			r.torn++
			r.start = line
			m.headers, kind = m.headers[:0], shape{}
		}
		if len(m.headers) == maxHeaders {
			return nil, ErrMessageTooLarge
		}
		value := colon + 1
		for value < len(text) && (text[value] == ' ' || text[value] == '\t') {
			value++
		}
		kind.saw(text[:colon], text[value:])
		at := int32(line - r.start)                                                                          //nolint:gosec // below maxMessage
		m.headers = append(m.headers, span{at, at + int32(colon), at + int32(value), at + int32(len(text))}) //nolint:gosec // as above
		line = next
	}
}

// fill takes more from the source, making room first.
func (r *reader) fill() error {
	if r.start == r.end {
		r.start, r.scan, r.end = 0, 0, 0
	}
	if pending := r.buf[r.start:r.end]; cap(r.buf) > bufferKeep && len(pending) < bufferStart/2 {
		r.move(make([]byte, bufferStart))
	} else if r.end == len(r.buf) {
		if r.start > len(r.buf)/2 || len(r.buf) == bufferMost {
			r.move(r.buf)
		} else {
			r.move(make([]byte, min(2*len(r.buf), bufferMost)))
		}
	}
	// A Read may return nothing; more than a few times in a row is a fault.
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.received += int64(n)
		if n > 0 {
			return nil // an error will come again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// move brings what is unread to the start of buf.
func (r *reader) move(buf []byte) {
	n := copy(buf, r.buf[r.start:r.end])
	r.scan -= r.start
	r.buf, r.start, r.end = buf, 0, n
}

// shape is what next has to know of the message so far to tell a torn one.
type shape struct {
	begun      bool // an Event or a Response line was there
	event      bool
	ownReply   bool // an event that has a Response header of its own
	replied    bool // … and it was there
	actionIDs  int
	privileges int
	glued      bool
	firstID    bool // the first header is an ActionID
}

// interrupts tells whether a header of that name, after n others, must be the
// first of another message.
func (s *shape) interrupts(key []byte, n int) bool {
	isEvent := equalFold(key, "Event")
	if !isEvent && !equalFold(key, "Response") {
		return false
	}
	if !s.begun {
		return n > 1 || n == 1 && !s.firstID
	}
	return isEvent || !s.ownReply || s.replied
}

func (s *shape) saw(key, value []byte) {
	switch {
	case equalFold(key, "Event"):
		s.begun, s.event = true, true
		s.ownReply = equalFold(value, "OriginateResponse") || equalFold(value, "ChallengeResponseFailed")
	case equalFold(key, "Response"):
		s.replied = s.begun
		s.begun = true
	case equalFold(key, "ActionID"):
		s.actionIDs++
		s.firstID = s.firstID || !s.begun
		s.glued = s.glued || s.ownReply && s.actionIDs > 1
	case equalFold(key, "Privilege"):
		s.privileges++
		s.glued = s.glued || s.event && s.privileges > 1
	}
}

func trimCR(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
