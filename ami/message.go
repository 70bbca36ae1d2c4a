package ami

import "bytes"

// Message is one message of the server: a view of the read buffer, valid only
// until the call it was handed to returns. Names of headers are
// case-insensitive; duplicates are kept in order and the first wins for Get
// and Bytes.
type Message struct {
	raw   []byte
	lines []line
}

// line is where one lies in Message.raw, without its LF. Nothing else is known
// of a line until somebody asks for a header: of most messages of a busy PBX
// nobody wants more than two.
type line struct{ start, end int32 }

// Bytes returns the value of the first header of that name without
// allocating; nil when there is none (a header without a value gives an empty
// slice that is not nil). The slice must not be kept or changed.
func (m *Message) Bytes(key string) []byte {
	if from, to := m.find(key); from > 0 {
		return m.raw[from:to:to]
	}
	return nil
}

// find returns where in raw the value of the first header of that name is; from
// is 0 when there is none.
func (m *Message) find(key string) (from, to int) {
	for _, l := range m.lines {
		// As named does, at less cost: nearly all lines end here.
		colon := int(l.start) + len(key)
		if colon < int(l.end) && m.raw[colon] == ':' && equalFold(m.raw[l.start:colon], key) {
			return bounds(m.raw[:l.end], colon)
		}
	}
	return 0, 0
}

// Get returns the value of the first header of that name, "" when there is
// none.
func (m *Message) Get(key string) string { return string(m.Bytes(key)) }

// All returns the values of every header of that name in order.
func (m *Message) All(key string) []string {
	var all []string
	for _, l := range m.lines {
		if text := m.raw[l.start:l.end]; named(text, key) {
			all = append(all, string(value(text, len(key))))
		}
	}
	return all
}

// Headers calls yield for each header in the server's order, until it returns
// false; the slices must not be kept or changed.
func (m *Message) Headers(yield func(key, value []byte) bool) {
	for _, l := range m.lines {
		text := m.raw[l.start:l.end]
		if colon := bytes.IndexByte(text, ':'); colon > 0 && !yield(text[:colon:colon], value(text, colon)) {
			return
		}
	}
}

// length is the number of headers.
func (m *Message) length() (n int) {
	for range m.Headers {
		n++
	}
	return n
}

// Event returns the event's name, nil for what is not an event. A message
// with both an Event and a Response header, as OriginateResponse, is an event.
func (m *Message) Event() []byte { return m.Bytes("Event") }

// named tells whether a line is a header of that name, which has no colon.
func named(text []byte, key string) bool {
	return len(text) > len(key) && text[len(key)] == ':' && equalFold(text[:len(key)], key)
}

// value is what follows the colon in a line.
func value(text []byte, colon int) []byte {
	from, to := bounds(text, colon)
	return text[from:to:to]
}

// bounds are those of the value behind a colon, in a text that ends with it:
// without the blanks before it and the CR behind.
func bounds[T string | []byte](text T, colon int) (from, to int) {
	from, to = colon+1, len(text)
	if to > from && text[to-1] == '\r' {
		to--
	}
	for from < to && (text[from] == ' ' || text[from] == '\t') {
		from++
	}
	return from, to
}

// equalFold compares ASCII without regard to case. (strings.EqualFold would
// need a string, and folds more than ASCII: U+212A is not a K here.)
func equalFold[T string | []byte](a T, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(b) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
