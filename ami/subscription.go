package ami

import (
	"context"
	"math"
	"sync"
	"time"
)

// Filter chooses events. It runs on the reader's goroutine, for each event that
// this package has a type for, so it must be quick, must not block and must not call
// Do or List; m is valid only during the call. A nil Filter wants everything.
type Filter func(m *Message) bool

// channelBuffer is how many events may lie in a subscription's channel, so that
// neither side has to be woken for each.
const channelBuffer = 64

// queueKeep is the longest queue whose array is kept for the next one.
const queueKeep = 1 << 10

// takeTime is how long the reader waits for whoever takes events out of a queue, where
// too much is held: on a slow machine they may be just a little behind.
const takeTime = time.Second

// Subscription is a stream of events. Its queue is its own: the reader puts
// events there, and waits for whoever takes them out only where it is full, for
// takeTime. It ends when
// Close, or the client's Close, is called (what is queued is dropped then), or
// when the connection dies (what is queued is still delivered).
type Subscription struct {
	client *Client
	want   Filter
	limit  int
	out    chan Event    // the front of the queue
	stop   chan struct{} // closed by Close
	once   sync.Once
	gone   chan struct{} // closed when pump has returned
	more   chan struct{} // room for one: the queue is not empty or has ended
	taken  chan struct{} // room for one: something was taken out of the queue

	mu      sync.Mutex // guards what follows
	queue   []waiting  // what waits behind out: queue[head:]
	head    int
	pumping bool // pump has an event that is before those
	ended   bool // nothing is put into out or queue any more
}

// waiting is an event in a queue, with what it counts in held.
type waiting struct {
	ev   Event
	size int
}

func newSubscription(c *Client, want Filter, queue int) *Subscription {
	if queue <= 0 {
		queue = math.MaxInt // held bounds it
	}
	s := &Subscription{
		client: c, want: want, limit: queue,
		out:  make(chan Event, min(queue, channelBuffer)),
		stop: make(chan struct{}),
		gone: make(chan struct{}),
		more: make(chan struct{}, 1), taken: make(chan struct{}, 1),
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

// List is Client.List for a list that is to be in order with the events: it is put
// into the stream, as Listed, behind those that came before its end. List returns when
// it is there, or with the error. A subscription that bounds its queue may lose it.
func (s *Subscription) List(ctx context.Context, a Action, keep Filter) error {
	p := &pending{action: a.Name(), list: true, keep: keep, into: s}
	if err := s.client.roundTrip(ctx, a, p); err != nil {
		return err
	}
	return p.err
}

// put queues an event of that size, or counts it in the Lost at the queue's end.
// Called by the reader.
func (s *Subscription) put(ev Event, size int) error {
	err := s.enqueue(ev, size)
	if err == nil {
		return nil
	}
	late := time.NewTimer(takeTime)
	defer late.Stop()
	for s.client.held.n.Load() > maxHeld {
		select {
		case <-s.taken:
		case <-s.stop:
			return nil
		case <-late.C:
			return err
		}
	}
	return nil
}

func (s *Subscription) enqueue(ev Event, size int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch n := len(s.queue) - s.head; {
	case s.ended:
	case len(s.out)+n >= s.limit:
		s.missLocked(1)
	case n > 0 || s.pumping:
		return s.queueLocked(ev, size)
	default:
		// No other event waits.
		select {
		case s.out <- ev:
		default:
			return s.queueLocked(ev, size)
		}
	}
	return nil
}

// miss counts n events that were lost and may have been wanted.
func (s *Subscription) miss(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.missLocked(n)
	}
}

// missLocked keeps one Lost at the end of the queue, beyond its limit, so that
// it is told even when no other event follows.
func (s *Subscription) missLocked(n int) {
	if last := len(s.queue) - 1; last >= s.head {
		if l, ok := s.queue[last].ev.(Lost); ok {
			s.queue[last].ev = Lost{l.N + n}
			return
		}
	}
	_ = s.queueLocked(Lost{n}, 0)
}

func (s *Subscription) queueLocked(ev Event, size int) error {
	if len(s.queue) == cap(s.queue) && s.head > len(s.queue)/2 {
		n := copy(s.queue, s.queue[s.head:])
		clear(s.queue[n:])
		s.queue, s.head = s.queue[:n], 0
	}
	s.queue = append(s.queue, waiting{ev, size})
	s.wakeLocked()
	return s.client.held.add(size)
}

// end lets pump return once the queue is empty.
func (s *Subscription) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.wakeLocked()
}

func (s *Subscription) wakeLocked() {
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// pump hands out what found no room in out when it came. Its owner is the
// subscription; Close waits for it.
func (s *Subscription) pump() {
	defer close(s.gone)
	defer close(s.out) // put sends nothing any more: see ended
	for {
		ev, ended := s.take()
		switch {
		case ev != nil:
			select {
			case s.out <- ev:
			case <-s.stop:
				s.drop()
				return
			}
		case ended:
			return
		default:
			select {
			case <-s.more:
			case <-s.stop:
				s.drop()
				return
			}
		}
	}
}

// take returns the next of the queue; nil when it is empty.
func (s *Subscription) take() (ev Event, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pumping = s.head < len(s.queue); s.pumping {
		w := s.queue[s.head]
		s.queue[s.head] = waiting{}
		s.head++
		_ = s.client.held.add(-w.size)
		select {
		case s.taken <- struct{}{}:
		default:
		}
		return w.ev, false
	}
	if s.queue, s.head = s.queue[:0], 0; cap(s.queue) > queueKeep {
		s.queue = nil
	}
	return nil, s.ended
}

// drop empties the queue at the end.
func (s *Subscription) drop() {
	s.end()
	for {
		select {
		case <-s.out:
			continue
		default:
		}
		if ev, _ := s.take(); ev == nil {
			return
		}
	}
}
