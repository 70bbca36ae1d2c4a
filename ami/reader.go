package ami

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What is accepted from a server; beyond it the connection is given up.
const (
	maxLine    = 64 << 10
	maxMessage = 1 << 20
	maxLines   = 1024 // a message
	maxBanner  = 512
)

// A buffer that has grown beyond bufferKeep for one message is let go.
const (
	bufferStart = 16 << 10
	bufferKeep  = 64 << 10
	maxBuffer   = maxMessage + maxLine + 4<<10 // the limits strike before it is full
)

// reader frames what the server sends, from the banner on: there is one for
// the whole connection, so nothing that came in one segment is lost between
// the banner, the login and the events. It is used by one goroutine at a time.
//
// Lines end in CRLF or LF; blank lines between messages and lines without a
// colon are skipped. A line of nothing but blanks and CRs is a blank one. A CR
// by itself ends no line: a caller's name may hold one, and would make headers of
// what is behind it.
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

	start, end int   // buf[start:end] is unread
	received   int64 // bytes taken from src so far
	offset     int64 // where the last message began, counted the same way
	torn       int   // messages lost to tearing so far

	msg Message
}

func newReader(src io.Reader) *reader {
	return &reader{src: src, buf: make([]byte, bufferStart)}
}

const bannerPrefix = "Asterisk Call Manager/"

// proxyBanners are how AstManProxy greets: PROXY_BANNER in its astmanproxy.h,
// alone or with a version behind it, and the same as asterisk-java knows it.
var proxyBanners = []string{"Asterisk Call Manager Proxy", "Asterisk Manager Proxy"}

// banner reads the first line and returns the version in it.
func (r *reader) banner() (string, error) {
	for {
		head := r.buf[r.start:r.end]
		if !begins(head, bannerPrefix) {
			proxy := false // perhaps, as far as it has come
			for _, b := range proxyBanners {
				if !begins(head, b) {
					continue
				}
				if len(head) >= len(b) {
					return "", ErrProxy
				}
				proxy = true
			}
			if !proxy {
				return "", ErrNotAMI
			}
		}
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			if i > maxBanner {
				return "", ErrNotAMI
			}
			version := string(bytes.TrimRight(head[len(bannerPrefix):i], lineEnd))
			r.start += i + 1
			if !isVersion(version) {
				version = "" // an AMI all the same
			}
			return version, nil
		}
		if len(head) > maxBanner {
			return "", ErrNotAMI
		}
		if err := r.fill(); err != nil {
			if errors.Is(err, io.EOF) && len(head) > 0 {
				return "", fmt.Errorf("%w: %w", ErrNotAMI, &NetworkError{"the connection", err})
			}
			return "", err
		}
	}
}

// isVersion reports whether s is a version as Asterisk writes one, so that it may be
// logged: one to four numbers of at most three digits.
func isVersion(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) <= 4
}

// begins reports whether head can be the beginning of a text that begins with
// prefix.
func begins(head []byte, prefix string) bool {
	n := min(len(head), len(prefix))
	return string(head[:n]) == prefix[:n]
}

// next returns the next message; it is valid until the following call. At the
// end of the stream a fragment without its blank line is discarded.
//
// It runs for each line of a busy PBX, so it does no more than find where a
// line ends and look at its first letter; who wants a header finds its colon.
func (r *reader) next() (*Message, error) {
	lines := r.msg.lines[:0]
	var kind shape
	start, scan := r.start, r.start // where the current line begins, and how far it was looked at
	buf := r.buf[:r.end]
	for {
		i := bytes.IndexByte(buf[scan:], '\n')
		if i < 0 {
			if len(buf)-start > maxLine+1 { // 1: a CR that may belong to the end
				return nil, ErrMessageTooLarge
			}
			// Positions move when the buffer does: keep them relative.
			begun, seen := start-r.start, len(buf)-r.start
			if err := r.fill(); err != nil {
				return nil, err
			}
			start, scan = r.start+begun, r.start+seen
			buf = r.buf[:r.end]
			continue
		}
		text := buf[start : scan+i]
		scan += i + 1
		if len(text) > maxLine && len(trimCR(text)) > maxLine || scan-r.start > maxMessage {
			return nil, ErrMessageTooLarge
		}

		if isBlank(text) {
			if len(lines) > 0 {
				r.msg = Message{raw: buf[r.start:start], lines: lines}
				r.offset = r.received - int64(len(buf)-r.start)
				r.start = scan
				if !kind.glued {
					return &r.msg, nil
				}
				r.torn += 2
				lines = lines[:0]
			}
			r.start, start, kind = scan, scan, shape{}
			continue
		}

		if len(lines) == 0 && bytes.IndexByte(text, ':') <= 0 {
			r.start, start = scan, scan // a message begins with a header
			continue
		}
		if is := markOf(text); is != markNone {
			if kind.interruptedBy(is, &Message{raw: buf[r.start:], lines: lines}) {
				r.torn++
				r.start = start
				lines, kind = lines[:0], shape{}
			}
			kind.saw(is, text)
		}
		if len(lines) == maxLines {
			return nil, ErrMessageTooLarge
		}
		from := int32(start - r.start) //nolint:gosec // below maxMessage
		lines = append(lines, line{from, from + int32(len(text))})
		start = scan
	}
}

// fill takes more from the source, making room first.
func (r *reader) fill() error {
	switch pending := r.end - r.start; {
	case len(r.buf) > bufferKeep && pending < bufferStart/2:
		r.move(make([]byte, bufferStart))
	case pending == len(r.buf):
		// Never beyond maxBuffer: the limits of next strike before.
		r.move(make([]byte, min(2*len(r.buf), maxBuffer)))
	case r.start > 0:
		r.move(r.buf) // mostly little, and it saves a system call
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
	r.buf, r.start, r.end = buf, 0, n
}

// shape is what next has to know of a message so far in order to notice a torn one.
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

// mark is a header that tells of the shape of a message.
type mark int

const (
	markNone mark = iota
	markEvent
	markResponse
	markActionID
	markPrivilege
)

// markOf looks at no more than two letters of most lines.
func markOf(text []byte) mark {
	switch text[0] {
	case 'E', 'e':
		if colonOf(text, "Event") > 0 {
			return markEvent
		}
	case 'P', 'p':
		if colonOf(text, "Privilege") > 0 {
			return markPrivilege
		}
	case 'R', 'r':
		if colonOf(text, "Response") > 0 {
			return markResponse
		}
	case 'A', 'a':
		if colonOf(text, "ActionID") > 0 {
			return markActionID
		}
	}
	return markNone
}

// interruptedBy tells whether a line with that mark, behind what there is of
// m, must be the first of another message.
func (s *shape) interruptedBy(is mark, m *Message) bool {
	switch {
	case is != markEvent && is != markResponse:
		return false
	case s.begun:
		return is == markEvent || !s.ownReply || s.replied
	}
	n := m.length()
	return n > 1 || n == 1 && !s.firstID
}

func (s *shape) saw(is mark, text []byte) {
	switch is {
	case markEvent:
		s.begun, s.event = true, true
		name := value(text, colonOf(text, "Event"))
		s.ownReply = equalFold(name, "OriginateResponse") || equalFold(name, "ChallengeResponseFailed")
	case markResponse:
		s.replied = s.begun
		s.begun = true
	case markActionID:
		s.actionIDs++
		s.firstID = s.firstID || !s.begun
		s.glued = s.glued || s.ownReply && s.actionIDs > 1
	case markPrivilege:
		s.privileges++
		s.glued = s.glued || s.event && s.privileges > 1
	}
}

// lineEnd is what may stand behind the last character of a line, before its LF.
const lineEnd = blanks + "\r"

// isBlank reports whether a line, without its LF, is a blank one.
func isBlank(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	switch text[0] { // nearly all lines end here
	case '\r', ' ', '\t':
		return len(bytes.TrimRight(text, lineEnd)) == 0
	}
	return false
}

func trimCR(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
