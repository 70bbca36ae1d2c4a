package ami

import "cornetta/ami/clean"

// maxListed bounds the answer to one List.
const maxListed = 1 << 16

// pending is an action that was sent, or is about to be, and not yet answered.
// The reader fills it in and closes done; who waits for done may then read it.
type pending struct {
	action string
	list   bool
	done   chan struct{}

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
	if ev := decode(m); ev != nil {
		if len(p.items) == maxListed {
			p.err = ErrListTooLong
			return true
		}
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
		Message:  text(m.Get("Message"), clean.Detail),
	}
	for key, value := range m.Headers {
		r.headers = append(r.headers, field{string(key), string(value)})
	}
	return r
}
