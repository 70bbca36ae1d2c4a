package dialer

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// kills is how often each of the tests below kills; their long form is -kills=1000.
var kills = flag.Int("kills", 400, "how often TestPBXKilled, in each mode, and TestClientKilled kill")

// memoryNetwork is the network between a Dialer and a PBX in one bubble. It counts what
// passes, and can be cut at any read or write.
type memoryNetwork struct {
	mu         sync.Mutex // guards what follows
	incoming   chan net.Conn
	conns      map[net.Conn]struct{}
	operations int           // reads and writes of the PBX so far
	cutAt      int           // … at which the network is cut; 0: never
	cutDone    chan struct{} // closed then
	originates []time.Time   // when the PBX received one
}

// memoryConn is the PBX's end of a connection.
type memoryConn struct {
	net.Conn
	network *memoryNetwork
	tail    []byte // of what was read: an action may come in pieces
}

func (c *memoryConn) Read(b []byte) (int, error) {
	if c.network.operation() {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(b)
	seen := append(c.tail, b[:n]...)
	for range bytes.Count(seen, []byte("Action: Originate\r\n")) {
		c.network.mu.Lock()
		c.network.originates = append(c.network.originates, time.Now())
		c.network.mu.Unlock()
	}
	c.tail = bytes.Clone(seen[max(0, len(seen)-len("Action: Originate\r\n")+1):])
	return n, err
}

func (c *memoryConn) Write(b []byte) (int, error) {
	if c.network.operation() {
		return 0, io.EOF
	}
	return c.Conn.Write(b)
}

// operation counts a read or write and reports whether the network is cut at it.
func (l *memoryNetwork) operation() (cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.operations++
	if l.cutAt == 0 || l.operations < l.cutAt {
		return false
	}
	l.cutLocked()
	return true
}

func (l *memoryNetwork) cutLocked() {
	for c := range l.conns {
		c.Close()
	}
	clear(l.conns)
	l.incoming = nil
	if l.cutAt = 0; l.cutDone != nil {
		close(l.cutDone)
		l.cutDone = nil
	}
}

// cut ends every connection and lets none through until mend.
func (l *memoryNetwork) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cutLocked()
}

func (l *memoryNetwork) restoreTo(to *memoryListener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.incoming = to.incoming
}

// cutAfter cuts the network at the n-th operation from now on (0: never). The
// channel is closed then.
func (l *memoryNetwork) cutAfter(n int) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.operations, l.cutAt, l.cutDone, l.originates = 0, n, make(chan struct{}), nil
	return l.cutDone
}

// disarm has it cut no more.
func (l *memoryNetwork) disarm() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cutAt = 0
}

func (l *memoryNetwork) sent() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.originates)
}

func (l *memoryNetwork) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.mu.Lock()
	incoming := l.incoming
	if incoming == nil {
		l.mu.Unlock()
		return nil, syscall.ECONNREFUSED
	}
	client, server := net.Pipe()
	l.conns[server] = struct{}{}
	l.mu.Unlock()
	select {
	case incoming <- &memoryConn{Conn: server, network: l}:
		return client, nil
	case <-ctx.Done():
		client.Close()
		server.Close()
		return nil, ctx.Err()
	}
}

// memoryListener is where a PBX listens; each has its own.
type memoryListener struct {
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5038} }

func newMemoryNetwork() *memoryNetwork { return &memoryNetwork{conns: make(map[net.Conn]struct{})} }

// pbx starts a PBX on the network.
func (l *memoryNetwork) pbx(t *testing.T) (*pbxsim.PBX, *memoryListener) {
	t.Helper()
	ln := &memoryListener{incoming: make(chan net.Conn), closed: make(chan struct{})}
	p, err := pbxsim.Start(pbxsim.Options{Listener: ln})
	if err != nil {
		t.Fatal(err)
	}
	l.restoreTo(ln)
	return p, ln
}

// seededRand gives the same numbers again with CORNETTA_SEED.
func seededRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("CORNETTA_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CORNETTA_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// outcomes are calls, and what can become of each that nobody kills.
var outcomes = []struct {
	ext, number string
	ends        []call.State
}{
	{"7101", "039050123407", nil}, // the far side answers and stays
	{"7101", "7105", nil},         // a colleague does
	{"7101", "800", nil},          // the echo service
	{"7101", "039050123402", []call.State{call.Ended}},
	{"7101", "039050123403", []call.State{call.Failed}},
	{"7101", "039050123404", []call.State{call.Failed}},
}

// TestPBXKilled kills the PBX, or only the network to it, again and again in each
// connection mode: at every read and write of a call's beginning, and at any time of its
// life. Whatever happens, what was consented to is sent
// once or the person is told that it was not; a call whose connection died is unknown
// until the PBX says how it stands; and no end is made up.
func TestPBXKilled(t *testing.T) {
	for _, mode := range []config.ConnectionMode{config.ConnectionOnDemand, config.ConnectionKept} {
		t.Run(string(mode), func(t *testing.T) {
			r := seededRand(t)
			synctest.Test(t, func(t *testing.T) { killPBX(t, mode, r) })
		})
	}
}

func killPBX(t *testing.T, mode config.ConnectionMode, r *rand.Rand) {
	memory := newMemoryNetwork()
	d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
	d.reach = dialWith(memory.dial)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = d.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	p, ln := memory.pbx(t)
	defer func() { p.Close() }()
	if err := d.SetAccount(ctx, accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), mode); err != nil {
		t.Fatal(err)
	}

	spread := map[string]int{}
	consents, originates, told := 0, 0, 0
	for i := range *kills {
		o := outcomes[i%len(outcomes)]
		dies := i%4 < 2 // the PBX, or only the network
		cutAt := 0
		if i%2 == 0 {
			cutAt = 1 + r.IntN(40)
		}
		down := time.Duration(r.Int64N(int64(90 * time.Second)))
		if r.IntN(3) == 0 {
			down = time.Duration(r.Int64N(int64(time.Second)))
		}
		what := fmt.Sprintf("%d: %s, cut at %d, dies: %v, down for %v", i, o.number, cutAt, dies, down)

		cut := memory.cutAfter(cutAt)
		begin := time.Now()
		type result struct {
			s   call.Snapshot
			err error
		}
		dialled := make(chan result, 1)
		consents++
		go func() {
			s, err := d.Dial(ctx, planFor(o.number))
			dialled <- result{s, err}
		}()
		life := time.NewTimer(time.Duration(r.Int64N(int64(400 * time.Millisecond))))
		select {
		case <-cut:
		case <-life.C:
			memory.cut()
		}
		life.Stop()
		before := "before the call"
		if c := d.Snapshot().Call; c != nil && !c.Requested.Before(begin) {
			before = string(c.State)
		}
		spread[before]++
		if dies {
			p.Close()
		}
		// What was live is unknown as soon as the connection is gone.
		synctest.Wait()
		if c := d.Snapshot().Call; c != nil && c.Live() {
			t.Fatalf("%s: without a link it is %s", what, c.State)
		}
		time.Sleep(down)
		if c := d.Snapshot().Call; c != nil && c.Live() {
			t.Fatalf("%s: a ghost, %s", what, c.State)
		}
		if dies {
			p, ln = memory.pbx(t)
		} else {
			memory.restoreTo(ln)
		}
		res := <-dialled
		time.Sleep(2 * time.Minute) // the connection is back, where it is kept

		sent := memory.sent()
		final := d.Snapshot().Call
		switch {
		case len(sent) > 1:
			t.Fatalf("%s: %d Originates", what, len(sent))
		case len(sent) == 1 && sent[0].Sub(begin) > stale:
			t.Fatalf("%s: sent after %v", what, sent[0].Sub(begin))
		case res.err != nil:
			told++
			if len(sent) != 0 {
				t.Fatalf("%s: told %v, but an Originate went out", what, res.err)
			}
		case res.s.State == call.Failed && len(sent) == 0 || res.s.State == call.Unknown && len(sent) == 0:
			told++ // it says so itself
		case len(sent) == 0:
			t.Fatalf("%s: %s, but no Originate went out", what, res.s.State)
		}
		originates += len(sent)
		if res.err == nil {
			goesOn := p.Calls() == 1
			switch {
			case goesOn && (mode == config.ConnectionKept || down < 40*time.Second) && !final.Live():
				t.Fatalf("%s: it goes on at the PBX, and here it is %s %q (was %s)", what, final.State, final.Cause, before)
			case !goesOn && final.Live():
				t.Fatalf("%s: it is over, and here it is %s", what, final.State)
			case !final.Live() && final.State != call.Unknown && !slices.Contains(o.ends, final.State) && !(final.State == call.Failed && len(sent) == 0):
				t.Fatalf("%s: it ended as %s %q (was %s)", what, final.State, final.Cause, before)
			}
		}
		p.HangUpAll()
		time.Sleep(2 * time.Minute)
		if n := p.Calls(); n != 0 {
			t.Fatalf("%s: %d calls are left", what, n)
		}
		if c := d.Snapshot().Call; c != nil && c.Live() {
			t.Fatalf("%s: %s for two minutes after its end", what, c.State)
		}
		if n := len(memory.sent()); n != len(sent) {
			t.Fatalf("%s: dialled again", what)
		}
	}
	t.Logf("%d consents: %d Originates on the memory, %d told that it was not sent or not known to be; killed: %v", consents, originates, told, sorted(spread))
	if consents != originates+told {
		t.Errorf("%d consents, %d Originates, %d told", consents, originates, told)
	}
	for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Unknown} {
		if spread[string(s)] == 0 && s != call.Unknown {
			t.Errorf("never killed when %s", s)
		}
	}
}

func sorted(spread map[string]int) []string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(spread)) {
		all = append(all, fmt.Sprintf("%s %d", k, spread[k]))
	}
	return all
}

// TestClientKilled ends the Dialer again and again, at every step and in every state of a
// call: nothing is sent twice, by it or by its successor, and the
// call goes on at the PBX. (What a process that is killed leaves, beside what
// Run's end does, is its connection, which the PBX sees closed in both cases:
// half of the times it is cut first, so that no Logoff is said.)
func TestClientKilled(t *testing.T) {
	r := seededRand(t)
	synctest.Test(t, func(t *testing.T) {
		memory := newMemoryNetwork()
		p, ln := memory.pbx(t)
		defer p.Close()
		account := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
		spread := map[string]int{}
		consents, originates, told := 0, 0, 0
		for i := range *kills {
			o := outcomes[i%3]
			start := func() (*Dialer, func()) {
				d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
				d.reach = dialWith(memory.dial)
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					_ = d.Run(ctx)
				}()
				if err := d.SetAccount(ctx, account, config.ConnectionOnDemand); err != nil {
					t.Fatal(err)
				}
				return d, func() { cancel(); <-ended }
			}
			cutAt := 0
			if i%2 == 0 {
				cutAt = 1 + r.IntN(40)
			}
			cut := memory.cutAfter(cutAt)
			begin := time.Now()
			d, stop := start()
			type result struct {
				s   call.Snapshot
				err error
			}
			dialled := make(chan result, 1)
			consents++
			go func() {
				s, err := d.Dial(t.Context(), planFor(o.number))
				dialled <- result{s, err}
			}()
			life := time.NewTimer(time.Duration(r.Int64N(int64(400 * time.Millisecond))))
			select {
			case <-cut:
			case <-life.C:
			}
			life.Stop()
			memory.disarm()
			state := "before the call"
			if c := d.Snapshot().Call; c != nil {
				state = string(c.State)
			}
			spread[state]++
			kill := time.Now()
			stop()
			if took := time.Since(kill); took > 2*time.Second {
				t.Errorf("%d: ended after %v", i, took)
			}
			res := <-dialled
			synctest.Wait()
			sent := memory.sent()
			switch {
			case len(sent) > 1 || len(sent) == 1 && sent[0].Sub(begin) > stale:
				t.Fatalf("%d: sent at %v", i, sent)
			case len(sent) == 0:
				told++ // if whoever asked is still there
				if res.err == nil && res.s.Live() {
					t.Fatalf("%d: nothing was sent, and nobody told: %+v", i, res.s)
				}
			case res.err != nil && !errors.Is(res.err, ErrClosed):
				t.Fatalf("%d: sent, but told %v", i, res.err)
			}
			originates += len(sent)
			// It goes on at the PBX: exiting hangs nothing up.
			time.Sleep(time.Second)
			if n := p.Calls(); n != len(p.Originates())-(originates-len(sent)) && n > 1 {
				t.Fatalf("%d: %d calls", i, n)
			}
			if n := p.Sessions(); n != 0 {
				t.Fatalf("%d: %d sessions are left", i, n)
			}
			// The next one starts, looks, and sends nothing.
			memory.restoreTo(ln)
			next, stop := start()
			if err := next.Recheck(t.Context()); err != nil {
				t.Fatalf("%d: the next one: %v", i, err)
			}
			time.Sleep(time.Minute)
			stop()
			if n := len(memory.sent()); n != len(sent) {
				t.Fatalf("%d: %d Originates after the next start", i, n)
			}
			p.HangUpAll()
			time.Sleep(time.Second)
		}
		t.Logf("%d consents: %d Originates on the memory, %d told or gone before; killed: %v", consents, originates, told, sorted(spread))
		if consents != originates+told {
			t.Errorf("%d consents, %d Originates, %d told", consents, originates, told)
		}
		for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall} {
			if spread[string(s)] == 0 {
				t.Errorf("never killed when %s", s)
			}
		}
	})
}
