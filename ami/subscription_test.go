package ami

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

func hangupText(id int) string {
	return fmt.Sprintf("Event: Hangup\r\nUniqueid: %d\r\n\r\n", id)
}

// TestBoundedQueueReportsLost: a subscriber that does not read gets as many events as
// the queue holds, then the number of those that are missing, then what came when
// there was room again.
func TestBoundedQueueReportsLost(t *testing.T) {
	var s *Subscription
	more := make(chan struct{})
	cfg := config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Ping")
		for i := range 10 {
			p.send(hangupText(i))
		}
		p.send("Response: Success\r\nActionID: t-3\r\n\r\n")
		<-more
		p.send(hangupText(10))
		p.logoff()
	}))
	cfg.OnLogin = func(c *Client) { s = c.Subscribe(nil, 3) }
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), Ping{}); err != nil { // all ten were read
		t.Fatal(err)
	}
	// pump may hold one, or it is still in the queue: three or four came through.
	n, lost := 0, 0
	for n+lost < 10 {
		switch ev := take(t, s).(type) {
		case Lost:
			lost += ev.N
		default:
			if lost > 0 {
				t.Errorf("%v behind %d lost ones", ev, lost)
			}
			wantEvents(t, []Event{ev}, hangup(fmt.Sprint(n)))
			n++
		}
	}
	if n < 3 || n > 4 {
		t.Errorf("%d events came through", n)
	}
	close(more)
	wantEvents(t, []Event{take(t, s)}, hangup("10"))
}

// TestListedStaysInPlace: a list that is asked for into a stream is behind the events
// that came before its end, however late they are taken, and before the others.
func TestListedStaysInPlace(t *testing.T) {
	const before = 5_000
	var s *Subscription
	cfg := config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Status")
		p.send("Response: Success\r\nActionID: t-3\r\nEventList: start\r\n\r\n")
		for i := range before {
			p.send(hangupText(i))
		}
		for _, id := range []string{"1.1", "1.2"} {
			p.send("Event: Status\r\nActionID: t-3\r\nUniqueid: " + id + "\r\n\r\n")
		}
		p.send("Event: StatusComplete\r\nActionID: t-3\r\nEventList: Complete\r\n\r\n" + hangupText(before))
		p.logoff()
	}))
	cfg.OnLogin = func(c *Client) { s = c.Subscribe(nil, 0) }
	c := dial(t, cfg)
	if err := s.List(t.Context(), Status{}, func(m *Message) bool { return m.Get("Uniqueid") == "1.2" }); err != nil {
		t.Fatal(err)
	}
	for i := range before {
		wantEvents(t, []Event{take(t, s)}, hangup(fmt.Sprint(i)))
	}
	wantEvents(t, []Event{take(t, s), take(t, s)}, Listed{[]Event{ChannelStatus{Channel: Channel{UniqueID: "1.2"}}}}, hangup(fmt.Sprint(before)))
	if held := c.held.n.Load(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}

// TestLostStaysInPlace looks at the queue itself.
func TestLostStaysInPlace(t *testing.T) {
	s := &Subscription{client: new(Client), limit: 2, more: make(chan struct{}, 1)}
	take := func() Event { ev, _ := s.take(); return ev }
	put := func(ev Event) {
		if err := s.put(ev, 1); err != nil {
			t.Error(err)
		}
	}
	for i := range 5 {
		put(hangup(fmt.Sprint(i)))
	}
	got := []Event{take(), take()}
	put(hangup("5"))
	s.miss(2)
	put(hangup("6"))
	put(hangup("7"))
	got = append(got, take(), take(), take(), take())
	wantEvents(t, got, hangup("0"), hangup("1"), Lost{3}, hangup("5"), Lost{4}, nil)
}

// TestOwnQueueNeverLoses: a flood of other people's events, with one of our own
// among many, while nobody takes anything and answers are waited for.
func TestOwnQueueNeverLoses(t *testing.T) {
	const flood, each = 200_000, 100
	other := strings.Repeat(crlf("Event: Newexten\nPrivilege: dialplan,all\nChannel: PJSIP/x-1\nUniqueid: 5.5\nAppData: x\n\n"), each-1)
	var own, lazy *Subscription
	cfg := config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Ping")
		for i := range flood / each {
			p.send(other + hangupText(i))
		}
		p.send("Response: Success\r\nActionID: t-3\r\n\r\n")
		p.logoff()
	}))
	cfg.OnLogin = func(c *Client) {
		own = c.Subscribe(func(m *Message) bool { return string(m.Event()) == "Hangup" }, 0)
		lazy = c.Subscribe(nil, 1)
	}
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Fatal(err)
	}
	for i := range flood / each {
		wantEvents(t, []Event{take(t, own)}, hangup(fmt.Sprint(i)))
	}
	take(t, lazy)
}

// TestOwnQueueIsCapped: a queue that is to lose nothing does not grow for ever.
func TestOwnQueueIsCapped(t *testing.T) {
	c := &Client{done: make(chan struct{})}
	c.subs.Store(new([]*Subscription))
	s := newSubscription(c, nil, 0)
	defer s.Close()
	const size = 1 << 10
	put := 0
	for ; put < 2*maxHeld/size; put++ {
		if err := s.put(hangup(fmt.Sprint(put)), size); err != nil {
			if !errors.Is(err, ErrTooMuch) {
				t.Error(err)
			}
			break
		}
	}
	if put < maxHeld/size || put > maxHeld/size+channelBuffer+1 { // one may be in the pump's hand
		t.Errorf("it is full with %d events", put)
	}
	for range put {
		take(t, s)
	}
}

// TestQueuedIsDeliveredAfterTheEnd: the connection dies, the consumer comes
// late.
func TestQueuedIsDeliveredAfterTheEnd(t *testing.T) {
	cfg, sub := everything(config(listen(t, func(p *peer) { p.login(hangupText(1) + hangupText(2) + hangupText(3)) })))
	c := dial(t, cfg)
	_ = ended(t, c)
	wantEvents(t, rest(t, sub()), hangup("1"), hangup("2"), hangup("3"))
}

// TestCloseDoesNotWaitForConsumers: nobody takes anything, everybody closes.
func TestCloseDoesNotWaitForConsumers(t *testing.T) {
	var subs []*Subscription
	cfg := config(listen(t, func(p *peer) {
		p.login(strings.Repeat(hangupText(1), 100))
		p.logoff()
	}))
	cfg.OnLogin = func(c *Client) {
		for i := range 5 {
			subs = append(subs, c.Subscribe(nil, i))
		}
	}
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Fatal(err)
	}
	subs[0].Close()
	subs[0].Close()
	c.Close()
	for _, s := range subs {
		s.Close()
		if _, open := <-s.C(); open {
			t.Error("an event after Close")
		}
	}
}

// TestSubscribersComeAndGo while events stream in and actions are in flight:
// for the race detector.
func TestSubscribersComeAndGo(t *testing.T) {
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("")
		for {
			r, err := p.read()
			if err != nil {
				return
			}
			if r.get("Action") == "Logoff" {
				return
			}
			_, err = io.WriteString(p.conn, "Response: Success\r\nActionID: "+r.get("ActionID")+"\r\n\r\n"+hangupText(1))
			if err != nil {
				return
			}
		}
	})))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				s := c.Subscribe(nil, 4)
				if _, err := c.Do(context.Background(), Ping{}); err != nil {
					t.Error(err)
				}
				take(t, s) // that of one's own Ping at the latest
				s.Close()
			}
		})
	}
	wg.Wait()
	if n := len(*c.subs.Load()); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}

// TestNoDoInOnLogin: Do would wait for the reader, which starts only afterwards.
func TestNoDoInOnLogin(t *testing.T) {
	cfg := config(listen(t, func(p *peer) { p.login(""); p.logoff() }))
	var got error
	cfg.OnLogin = func(c *Client) { _, got = c.Do(context.Background(), Ping{}) }
	dial(t, cfg)
	if got == nil {
		t.Error("Do was carried out")
	}
}
