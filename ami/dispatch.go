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
		if c.lists.Load() == 0 || !c.listed(m) {
			c.deliver(m)
		}
		return nil
	}
	status := m.Bytes("Response")
	if status == nil {
		return nil
	}
	if !c.answered(m) && equalFold(status, "Goodbye") {
		return ErrGoodbye
	}
	return nil
}

// deliver looks for a type before it asks any filter: half of what a busy PBX
// sends has none.
func (c *Client) deliver(m *Message) {
	decode := decoderOf(m)
	if decode == nil {
		return
	}
	var ev Event
	for _, s := range *c.subs.Load() {
		if s.want != nil && !s.want(m) {
			continue
		}
		if ev == nil {
			if ev = decode(copyOf(m)); ev == nil {
				return
			}
		}
		s.put(ev)
	}
}

// answered gives a Response to the action it is for, if that is in flight.
func (c *Client) answered(m *Message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[string(m.Bytes("ActionID"))]
	if p == nil {
		return false
	}
	if p.answer(m) {
		c.forgetLocked(m.Get("ActionID"), p)
		close(p.done)
	}
	return true
}

// listed gives an event to the List it is an item of.
func (c *Client) listed(m *Message) bool {
	id := m.Bytes("ActionID")
	if id == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[string(id)]
	if p == nil || !p.list {
		return false
	}
	if p.item(m) {
		c.forgetLocked(string(id), p)
		close(p.done)
	}
	return true
}
