package ami

import "errors"

// start lets the reader run; Dial calls it last.
func (c *Client) start() {
	c.mu.Lock()
	c.running = true
	c.mu.Unlock()
	go c.run()
}

// run is the reader's goroutine. It ends with the connection, which Close, a
// failed write and the server can end; Close waits for it.
func (c *Client) run() {
	defer func() {
		for _, s := range *c.subs.Load() {
			s.end()
		}
		close(c.done)
	}()
	for {
		m, err := c.read.next()
		if c.read.torn > 0 {
			for _, s := range *c.subs.Load() {
				s.miss(c.read.torn)
			}
			c.log.Debug("ami: torn messages dropped", "count", c.read.torn)
			c.read.torn = 0
		}
		if err == nil {
			err = c.dispatch(m)
		}
		if err != nil {
			c.fail(err) // from now on Subscribe adds none to the list
			c.log.Debug("ami: connection ended", "closed", errors.Is(c.Err(), ErrClosed))
			return
		}
	}
}

// dispatch hands one message on. Event wins over Response; what is neither,
// and an answer nobody waits for, is ignored.
func (c *Client) dispatch(m *Message) error {
	if m.Event() != nil {
		if c.lists.Load() > 0 {
			if listed, err := c.listed(m); listed {
				return err
			}
		}
		return c.deliver(m)
	}
	status := m.Bytes("Response")
	if status == nil {
		return nil
	}
	answered, err := c.answered(m)
	if !answered && equalFold(status, "Goodbye") {
		return ErrGoodbye
	}
	return err
}

// deliver looks for a type before it asks any filter: half of what a busy PBX
// sends has none.
func (c *Client) deliver(m *Message) error {
	decode := decoderOf(m)
	if decode == nil {
		return nil
	}
	var ev Event
	for _, s := range *c.subs.Load() {
		if s.want != nil && !s.want(m) {
			continue
		}
		if ev == nil {
			if ev = decode(copyOf(m)); ev == nil {
				return nil
			}
		}
		if err := s.put(ev, sizeOf(ev, m)); err != nil {
			return err
		}
	}
	return nil
}

// answered gives a Response to the action it is for, if that is in flight.
func (c *Client) answered(m *Message) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[string(m.Bytes("ActionID"))]
	if p == nil {
		return false, nil
	}
	return true, c.takenLocked(m.Get("ActionID"), p, func() bool { return p.answer(m) })
}

// listed gives an event to the List it is an item of.
func (c *Client) listed(m *Message) (bool, error) {
	id := m.Bytes("ActionID")
	if id == nil {
		return false, nil
	}
	c.mu.Lock()
	p := c.pending[string(id)]
	if p == nil || !p.list {
		c.mu.Unlock()
		return false, nil
	}
	err := c.takenLocked(string(id), p, func() bool { return p.item(m) })
	into, items, size := c.streamedLocked(p)
	c.mu.Unlock()
	if err == nil && into != nil {
		err = into.put(Listed{items}, size)
	}
	return true, err
}

// streamedLocked is a list that is complete and belongs into a stream, with what it
// counts there; no stream: it does not, or is not.
func (c *Client) streamedLocked(p *pending) (into *Subscription, items []Event, size int) {
	select {
	case <-p.done:
	default:
		return nil, nil, 0
	}
	if p.into == nil || p.err != nil {
		return nil, nil, 0
	}
	size, p.size = p.size, 0
	_ = c.held.add(-size)
	return p.into, p.items, size
}

// takenLocked has p take a message, and finishes p where take says so. What p has
// taken counts until roundTrip hands it out.
func (c *Client) takenLocked(id string, p *pending, take func() bool) error {
	before := p.size
	finished := take()
	err := c.held.add(p.size - before)
	if finished && err == nil {
		c.forgetLocked(id, p)
		close(p.done)
	}
	return err
}
