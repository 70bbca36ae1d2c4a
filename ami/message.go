package ami

// Message is one message of the server: a view of the read buffer, valid only
// until the call it was handed to returns. Names of headers are
// case-insensitive; duplicates are kept in order and the first wins for Get
// and Bytes.
type Message struct {
	raw     []byte
	headers []span
}

// span is where a header lies in Message.raw.
type span struct{ key, keyEnd, value, valueEnd int32 }

// Bytes returns the value of the first header of that name without
// allocating; nil when there is none (a header without a value gives an empty
// slice that is not nil). The slice must not be kept or changed.
func (m *Message) Bytes(key string) []byte {
	for _, h := range m.headers {
		if equalFold(m.raw[h.key:h.keyEnd], key) {
			return m.raw[h.value:h.valueEnd:h.valueEnd]
		}
	}
	return nil
}

// Get returns the value of the first header of that name, "" when there is
// none.
func (m *Message) Get(key string) string { return string(m.Bytes(key)) }

// All returns the values of every header of that name in order.
func (m *Message) All(key string) []string {
	var all []string
	for _, h := range m.headers {
		if equalFold(m.raw[h.key:h.keyEnd], key) {
			all = append(all, string(m.raw[h.value:h.valueEnd]))
		}
	}
	return all
}

// Len returns the number of headers.
func (m *Message) Len() int { return len(m.headers) }

// At returns the i'th header in the server's order; the slices must not be
// kept or changed.
func (m *Message) At(i int) (key, value []byte) {
	h := m.headers[i]
	return m.raw[h.key:h.keyEnd:h.keyEnd], m.raw[h.value:h.valueEnd:h.valueEnd]
}

// Event returns the event's name, nil for what is not an event. A message
// with both an Event and a Response header, as OriginateResponse, is an event.
func (m *Message) Event() []byte { return m.Bytes("Event") }

// Is tells whether the message is that event. It does not allocate.
func (m *Message) Is(event string) bool {
	name := m.Bytes("Event")
	return name != nil && equalFold(name, event)
}

// equalFold compares ASCII without regard to case. (strings.EqualFold would
// need a string, and folds more than ASCII: U+212A is not a K here.)
func equalFold[T string | []byte](a T, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(b) {
		if lower(a[i]) != lower(b[i]) {
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
