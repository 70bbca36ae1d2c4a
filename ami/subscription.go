package ami

import "sync"

// Filter chooses events. It runs on the reader's goroutine, for each event of
// the PBX that comes in, so it must be quick, must not block and must not call
// Do or List; m is valid only during the call. A nil Filter wants everything.
type Filter func(m *Message) bool

// mostQueued bounds also the queue of those who must lose nothing: who is that
// far behind will not catch up.
const mostQueued = 1 << 16

// Subscription is a stream of events. Its queue is its own: the reader puts
// events there and never waits for whoever takes them out. It ends when
// Close, or the client's Close, is called (what is queued is dropped then), or
// when the connection dies (what is queued is still delivered).
type Subscription struct {
	client *Client
	want   Filter
	limit  int
	out    chan Event
	stop   chan struct{} // closed by Close
	once   sync.Once
	gone   chan struct{} // closed when pump has returned
	more   chan struct{} // room for one: the queue is not empty or has ended

	mu    sync.Mutex // guards what follows
	queue []Event
	ended bool
}

func newSubscription(c *Client, want Filter, queue int) *Subscription {
	if queue <= 0 || queue > mostQueued {
		queue = mostQueued
	}
	s := &Subscription{
		client: c, want: want, limit: queue,
		out:  make(chan Event),
		stop: make(chan struct{}),
		gone: make(chan struct{}),
		more: make(chan struct{}, 1),
	}
	go s.pump()
	return s
}

// C returns the stream. It is closed when the subscription has ended. Events
// are in the order in which the server sent them.
func (s *Subscription) C() <-chan Event { return s.out }

// Close ends the subscription and waits until its stream is closed. It may be
// called from any goroutine and more than once. The Filter may be running one
// last time when it returns.
func (s *Subscription) Close() {
	s.client.unsubscribe(s)
	s.once.Do(func() { close(s.stop) })
	<-s.gone
}

// put queues an event, or counts it in the Lost at the queue's end. Called by
// the reader.
func (s *Subscription) put(ev Event) {
	s.mu.Lock()
	switch {
	case s.ended:
	case len(s.queue) < s.limit:
		s.queue = append(s.queue, ev)
	default:
		s.missLocked(1)
	}
	s.mu.Unlock()
	s.wake()
}

// miss reports events that were wanted, perhaps, and never came.
func (s *Subscription) miss(n int) {
	s.mu.Lock()
	if !s.ended {
		s.missLocked(n)
	}
	s.mu.Unlock()
	s.wake()
}

// missLocked keeps one Lost at the end of the queue, beyond its limit, so that
// it is told even when no other event follows.
func (s *Subscription) missLocked(n int) {
	if last := len(s.queue) - 1; last >= 0 {
		if l, ok := s.queue[last].(Lost); ok {
			s.queue[last] = Lost{l.N + n}
			return
		}
	}
	s.queue = append(s.queue, Lost{n})
}

// end lets pump return once the queue is empty.
func (s *Subscription) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// pump hands the queue out. Its owner is the subscription; Close waits for it.
func (s *Subscription) pump() {
	defer close(s.gone)
	defer close(s.out)
	for {
		ev, ended := s.take()
		switch {
		case ev != nil:
			select {
			case s.out <- ev:
			case <-s.stop:
				return
			}
		case ended:
			return
		default:
			select {
			case <-s.more:
			case <-s.stop:
				return
			}
		}
	}
}

func (s *Subscription) take() (ev Event, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil // its array may be long
		return nil, s.ended
	}
	ev = s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	return ev, false
}
