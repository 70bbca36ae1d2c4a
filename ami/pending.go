package ami

import (
	"sync/atomic"

	"cornetta/ami/clean"
)

// maxHeld is how many bytes of what the server has sent may wait in a client, in all
// its lists, answers and queues together, until somebody takes them. A PBX with ten
// thousand extensions lists them in less than three million.
const maxHeld = 4 << 20

// held counts those bytes.
type held struct{ n atomic.Int64 }

// add counts n more, or fewer; ErrTooMuch where that is more than may be.
func (h *held) add(n int) error {
	if h.n.Add(int64(n)) > maxHeld && n > 0 {
		return ErrTooMuch
	}
	return nil
}

// pending is an action that was sent, or is about to be, and not yet answered.
// The reader fills it in and closes done; who waits for done may then read it.
type pending struct {
	action string
	list   bool
	keep   Filter        // of a list; nil: all
	into   *Subscription // whose stream gets the list; nil: whoever waits for done
	done   chan struct{}
	size   int // what it counts in held

	answered bool // the Response was there; for a list its end is still to come
	response Response
	items    []Event
	err      error
}

// answer takes a Response and tells whether the action is finished by it. The
// first one counts.
func (p *pending) answer(m *Message) (finished bool) {
	if p.answered {
		return false
	}
	p.size += 2 * len(m.raw) // texts, and where they are
	p.answered = true
	p.response = response(m)
	if !p.response.Success {
		p.err = &ResponseError{Action: p.action, Message: p.response.Message}
		return true
	}
	return !p.list
}

// item takes an event of a list and tells whether it was the last. Lists end
// with an event that says "EventList: Complete" or, before Asterisk 13, only
// has a name like StatusComplete.
func (p *pending) item(m *Message) (finished bool) {
	switch end := m.Bytes("EventList"); {
	case equalFold(end, "Complete"):
		return true
	case equalFold(end, "Cancelled"):
		p.err = &ResponseError{Action: p.action, Message: "list cancelled"}
		return true
	}
	const suffix = "Complete"
	if name := m.Event(); len(name) > len(suffix) && equalFold(name[len(name)-len(suffix):], suffix) {
		return true
	}
	if p.keep != nil && !p.keep(m) {
		return false
	}
	if ev := Decode(m); ev != nil {
		p.size += sizeOf(ev, m)
		p.items = append(p.items, ev)
	}
	return false
}

// response copies a Response out of the read buffer.
func response(m *Message) Response {
	status := m.Bytes("Response")
	r := Response{
		Success:  equalFold(status, "Success") || equalFold(status, "Pong") || equalFold(status, "Goodbye"),
		ActionID: m.Get("ActionID"),
		Message:  clean.Foreign(text(m.Get("Message"), clean.Detail)),
	}
	for key, value := range m.Headers {
		r.headers = append(r.headers, field{string(key), string(value)})
	}
	return r
}
