package ami

import "bytes"

// Message is one message of the server: a view of the read buffer, valid only
// until the call it was handed to returns. Names of headers are
// case-insensitive; duplicates are kept in order and the first wins for Get
// and Bytes. Blanks around the colon and behind the value, spaces or tabs, do
// not count.
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
		// As colonOf does, at less cost: nearly all lines end here.
		behind := int(l.start) + len(key)
		if behind >= int(l.end) || !endsName(m.raw[behind]) || !equalFold(m.raw[l.start:behind], key) {
			continue
		}
		if colon := colonAt(m.raw[:l.end], behind); colon > 0 {
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
		text := m.raw[l.start:l.end]
		if colon := colonOf(text, key); colon > 0 {
			all = append(all, string(value(text, colon)))
		}
	}
	return all
}

// Headers calls yield for each header in the server's order, until it returns
// false; the slices must not be kept or changed.
func (m *Message) Headers(yield func(key, value []byte) bool) {
	for _, l := range m.lines {
		text := m.raw[l.start:l.end]
		colon := bytes.IndexByte(text, ':')
		if colon <= 0 {
			continue
		}
		name := bytes.TrimRight(text[:colon], blanks)
		if !yield(name[:len(name):len(name)], value(text, colon)) {
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

// blanks may stand around a colon.
const blanks = " \t"

// endsName reports whether c ends a header's name.
func endsName(c byte) bool { return c == ':' || c == ' ' || c == '\t' }

// colonOf is where the colon is in a line that is a header of that name; 0 for
// any other line.
func colonOf(text []byte, key string) int {
	if len(text) <= len(key) || !endsName(text[len(key)]) || !equalFold(text[:len(key)], key) {
		return 0
	}
	return colonAt(text, len(key))
}

// colonAt is where the colon is that stands at or, with nothing but blanks between,
// behind from; 0 where there is none.
func colonAt(text []byte, from int) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case ':':
			return i
		case ' ', '\t':
		default:
			return 0
		}
	}
	return 0
}

// value is what follows the colon in a line.
func value(text []byte, colon int) []byte {
	from, to := bounds(text, colon)
	return text[from:to:to]
}

// bounds are those of the value behind a colon, in a text that ends with it:
// without blanks, and without the CR behind.
func bounds[T string | []byte](text T, colon int) (from, to int) {
	from, to = colon+1, len(text)
	for to > from && (text[to-1] == '\r' || text[to-1] == ' ' || text[to-1] == '\t') {
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
