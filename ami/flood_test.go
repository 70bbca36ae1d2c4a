//go:build !windows

package ami

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// floodFor is how long each flood lasts; go test ./ami -run Flood -flood 60s is the
// long form. Floods are as fast as the machine can make them.
var floodFor = flag.Duration("flood", 300*time.Millisecond, "how long a server floods")

// floodLimit is how much the heap may grow in a flood, after a collection: maxHeld, and
// what a message of the largest size takes while it is read.
const floodLimit = maxHeld + 3*maxMessage

// filler is a part of a message: n headers of a length that is nearly the longest.
func filler(n int) string {
	return strings.Repeat("Filler: "+strings.Repeat("x", maxLine-1024)+"\r\n", n)
}

// large makes a message of more than is copied as one.
func large(head string) string { return head + fill + "\r\n" }

// largest makes one of nearly a mebibyte.
func largest(head string) string { return head + mostFill + "\r\n" }

var fill, mostFill = filler(1), filler(14)

// made is a stream of texts that are made when they are read.
type made struct {
	next func(i int) string
	i    int
	rest string
}

func (m *made) Read(b []byte) (int, error) {
	if m.rest == "" {
		m.rest = m.next(m.i)
		m.i++
	}
	n := copy(b, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// flood writes what next makes until the connection ends or that time has passed, and
// returns how much that was.
func flood(conn net.Conn, atMost time.Duration, next func(i int) string) (sent int) {
	var b bytes.Buffer
	for i, began := 0, time.Now(); time.Since(began) < atMost; {
		for b.Len() < 64<<10 {
			b.WriteString(next(i))
			i++
		}
		n, err := conn.Write(b.Bytes())
		if sent += n; err != nil {
			return sent
		}
		b.Reset()
	}
	return sent
}

// TestEventsDoNotKeepTheirMessage: what somebody keeps of forty events is not the forty
// mebibytes that they came in.
func TestEventsDoNotKeepTheirMessage(t *testing.T) {
	const events = 40
	for _, head := range []string{
		"Event: Newchannel\r\nChannel: PJSIP/7101-%d\r\nUniqueid: %d.1\r\nCallerIDName: Anna\r\n",
		"Event: DialBegin\r\nDestChannel: PJSIP/7101-%d\r\nDestUniqueid: %d.1\r\nDestCallerIDName: Anna\r\n",
		"Event: DialEnd\r\nDestChannel: PJSIP/7101-%d\r\nDestUniqueid: %d.1\r\nDialStatus: BUSY\r\n",
		"Event: Rename\r\nNewname: PJSIP/7101-%d\r\nUniqueid: %d.1\r\n",
		"Event: OriginateResponse\r\nResponse: Failure\r\nChannel: PJSIP/7101-%d\r\nUniqueid: %d.1\r\n",
		"Event: ExtensionStatus\r\nExten: %d\r\nHint: PJSIP/%d\r\nStatusText: Idle\r\n",
		// The values themselves are of any length.
		"Event: Newchannel\r\nChannel: PJSIP/7101-%d\r\nUniqueid: %d.1\r\nCallerIDName: " + strings.Repeat("x", maxLine/2) +
			"\r\nConnectedLineName: " + strings.Repeat("é", maxLine/4) + "\r\nContext: " + strings.Repeat("x", maxLine/2) + "\r\n",
	} {
		r := newReader(&made{next: func(i int) string { return largest(fmt.Sprintf(head, i, i)) }})
		kept := make([]Event, 0, events)
		before := heap()
		for range events {
			m, err := r.next()
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, Decode(m))
		}
		if grew := heap() - before; grew > 5<<20 { // two of it are the reader's
			t.Errorf("%.40q: %d events keep %d bytes", head, len(kept), grew)
		}
		for _, ev := range kept {
			if ev == nil {
				t.Fatalf("%.40q is no event", head)
			}
		}
	}
}

// TestFlood: whatever a server sends without end, memory is bounded; a client either
// goes on to deliver the events of its own call, or gives the connection up.
func TestFlood(t *testing.T) {
	const own = "Event: Hangup\r\nUniqueid: own\r\nCause: 16\r\n\r\n"
	item := func(name string) func(id string, i int) string {
		return func(id string, i int) string {
			return fmt.Sprintf("Event: %s\r\nActionID: %s\r\nExten: %d\r\nHint: PJSIP/%d\r\nChannel: PJSIP/7201-%d\r\nUniqueid: 9.%d\r\nLinkedid: 9.%d\r\nChannelState: 6\r\n\r\n", name, id, i, i, i, i, i)
		}
	}
	none := func(*Message) bool { return false }
	for _, tt := range []struct {
		name    string
		list    Action // asked for; nil: Ping
		keep    Filter
		next    func(id string, i int) string
		want    Filter // of the subscription; nil: own only
		taken   bool   // somebody takes the events
		givesUp error  // nil: the client lives on
	}{
		{"a list of channels of which none is wanted", Status{}, none, item("Status"), nil, true, nil},
		{"a list of channels of which all are wanted", Status{}, nil, item("Status"), nil, true, ErrTooMuch},
		{"a list of extensions", ExtensionStateList{}, nil, item("ExtensionStatus"), nil, true, ErrTooMuch},
		{"a list of large items", ExtensionStateList{}, nil, func(id string, i int) string {
			return large(fmt.Sprintf("Event: ExtensionStatus\r\nActionID: %s\r\nExten: %d\r\n", id, i))
		}, nil, true, ErrTooMuch},
		{"a list of items that are none", Status{}, nil, item("CoreShowChannel"), nil, true, nil},
		{"a list without a beginning", nil, nil, item("Status"), nil, true, nil},
		{"events that nobody wants", nil, nil, func(_ string, i int) string { return hangupText(i) }, nil, true, nil},
		{"events that are taken", nil, nil, func(_ string, i int) string { return hangupText(i) }, func(*Message) bool { return true }, true, nil},
		{"events that nobody takes", nil, nil, func(_ string, i int) string { return hangupText(i) }, func(*Message) bool { return true }, false, ErrTooMuch},
		{"large events that nobody takes", nil, nil, func(_ string, i int) string {
			return large(fmt.Sprintf("Event: Newchannel\r\nUniqueid: %d\r\n", i))
		}, func(*Message) bool { return true }, false, ErrTooMuch},
		{"answers", nil, nil, func(_ string, i int) string {
			return largest(fmt.Sprintf("Response: Success\r\nActionID: x-%d\r\nMessage: x\r\n", i))
		}, nil, true, nil},
		{"torn messages", nil, nil, func(string, int) string { return "Event: Hangup\r\nUniqueid: 1\r\n" }, nil, true, nil},
		{"blank lines", nil, nil, func(string, int) string { return "\r\n \r\n\t\r\r\n" }, nil, true, nil},
		{"lines without a colon", nil, nil, func(string, int) string { return "nothing\r\n" }, nil, true, nil},
		{"variables", nil, nil, func(string, int) string { return "Variable: a=b\r\n" }, nil, true, ErrMessageTooLarge},
		{"one line", nil, nil, func(string, int) string { return "x" }, nil, true, ErrMessageTooLarge},
		{"one line with a colon", nil, nil, func(_ string, i int) string {
			if i == 0 {
				return "Event: "
			}
			return "xxxxxxxxxxxxxxxx"
		}, nil, true, ErrMessageTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var owns, took atomic.Int64
			var sub *Subscription
			flooded := make(chan struct{})
			cfg := config(listen(t, func(p *peer) {
				_ = p.conn.SetDeadline(time.Now().Add(*floodFor + 6*patience))
				p.login("")
				id := p.request().get("ActionID")
				if tt.list != nil {
					p.send("Response: Success\r\nActionID: " + id + "\r\nEventList: start\r\n\r\n")
				}
				atMost := *floodFor
				if tt.givesUp != nil {
					atMost += 5 * patience // until it does
				}
				sent := flood(p.conn, atMost, func(i int) string {
					if i%1000 == 500 && tt.givesUp == nil {
						owns.Add(1)
						return "\r\n" + own + tt.next(id, i)
					}
					return tt.next(id, i)
				})
				t.Logf("%d MiB", sent>>20)
				if tt.givesUp == nil {
					owns.Add(1)
					p.send("\r\n" + own)
				}
				close(flooded)
				p.logoff()
			}))
			cfg.ActionTimeout = *floodFor + 5*patience
			if tt.givesUp == nil {
				cfg.ActionTimeout = *floodFor / 2
			}
			cfg.OnLogin = func(c *Client) {
				sub = c.Subscribe(func(m *Message) bool {
					return string(m.Bytes("Uniqueid")) == "own" || tt.want != nil && tt.want(m)
				}, 0)
			}
			c := dial(t, cfg)
			consumed := make(chan struct{})
			if tt.taken {
				go func() {
					defer close(consumed)
					for ev := range sub.C() {
						if h, ok := ev.(HangupEvent); ok && h.Channel.UniqueID == "own" {
							took.Add(1)
						}
					}
				}()
			} else {
				close(consumed)
			}
			before := heap()
			var err error
			if tt.list != nil {
				_, err = c.List(context.Background(), tt.list, tt.keep)
			} else {
				_, err = c.Do(context.Background(), Ping{})
			}
			if tt.givesUp != nil {
				<-c.Done()
				if !errors.Is(c.Err(), tt.givesUp) || !errors.Is(err, tt.givesUp) {
					t.Errorf("ended with %v, the action with %v, want %v", c.Err(), err, tt.givesUp)
				}
				if grew := heap() - before; grew > floodLimit {
					t.Errorf("the heap grew by %d", grew)
				}
				<-flooded
				return
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the action: %v", err)
			}
			<-flooded
			if grew := heap() - before; grew > floodLimit {
				t.Errorf("the heap grew by %d", grew)
			}
			for late := time.Now().Add(6 * patience); took.Load() < owns.Load() && time.Now().Before(late) && c.Err() == nil; {
				time.Sleep(time.Millisecond)
			}
			if err := c.Err(); err != nil || took.Load() != owns.Load() {
				t.Errorf("%d of %d own events came, %v", took.Load(), owns.Load(), err)
			}
			_ = c.Close()
			<-consumed
		})
	}
}

// TestHeldIsGivenBack: what was taken does not count any more, so that a client can
// live for ever.
func TestHeldIsGivenBack(t *testing.T) {
	const rounds, items = 40, 500
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("")
		for {
			r, err := p.read()
			if err != nil {
				return
			}
			id := "ActionID: " + r.get("ActionID") + "\r\n"
			switch r.get("Action") {
			case "Logoff":
				return
			case "Status":
				p.send("Response: Success\r\n" + id + "\r\n" + strings.Repeat("Event: Status\r\n"+id+"Uniqueid: 1\r\n\r\n", items) +
					strings.Repeat(hangupText(1), items) + "Event: StatusComplete\r\n" + id + "\r\n")
			default:
				p.send("Response: Success\r\n" + id + filler(10) + "\r\n")
			}
		}
	})))
	sub := c.Subscribe(nil, 0)
	for range rounds {
		if list, err := c.List(context.Background(), Status{}, nil); err != nil || len(list) != items {
			t.Fatalf("%d items, %v", len(list), err)
		}
		if _, err := c.Do(context.Background(), ListCommands{}); err != nil {
			t.Fatal(err)
		}
		for range items {
			take(t, sub)
		}
	}
	sub.Close()
	lost := c.Subscribe(nil, 0)
	if _, err := c.List(context.Background(), Status{}, nil); err != nil {
		t.Fatal(err)
	}
	lost.Close() // with what waits in it
	if n := c.held.n.Load(); n != 0 {
		t.Errorf("%d bytes count as held, and nobody holds them", n)
	}
}

// TestAMomentBehind: who takes events a little later than they come loses none, and the
// connection lives.
func TestAMomentBehind(t *testing.T) {
	const most = 40_000 // far more than are held
	var sent atomic.Int64
	c := dial(t, config(listen(t, func(p *peer) {
		_ = p.conn.SetDeadline(time.Now().Add(6 * patience))
		p.login("")
		p.request()
		for i := range most {
			if _, err := p.conn.Write([]byte(hangupText(i))); err != nil {
				t.Error(err)
				return
			}
			sent.Add(1)
		}
		p.logoff()
	})))
	sub := c.Subscribe(nil, 0)
	go func() { _, _ = c.Do(context.Background(), Ping{}) }() // which begins it
	for late := time.Now().Add(6 * patience); c.held.n.Load() <= maxHeld; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%d were sent, %d bytes are held, %v", sent.Load(), c.held.n.Load(), c.Err())
		}
	}
	took := 0
	for ; took < most; took++ {
		if _, ok := <-sub.C(); !ok {
			break
		}
	}
	if took != most || c.Err() != nil {
		t.Errorf("%d of %d, %v", took, most, c.Err())
	}
	_ = c.Close()
}
