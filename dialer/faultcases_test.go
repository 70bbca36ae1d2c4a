package dialer

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// faultCase is one hostile or damaged server of ami/testdata/ami_faults.json,
// of which this package tests what a Dialer makes of it.
type faultCase struct {
	ID, Name, Send string
	TestedIn       []string `json:"tested_in"`
}

var faultTests = map[string]func(*testing.T, faultCase){
	"A01": inBubble(func(t *testing.T, _ faultCase) {
		d, s := startBubble(t, config.ConnectionKept, func(c net.Conn) {
			if b, _ := io.ReadAll(c); len(b) > 0 {
				t.Errorf("the client sent %q", b)
			}
		})
		await(t, d, 6*time.Second, "trouble", troubleIs(status.CodeNotAMI))
		time.Sleep(10 * time.Minute)
		if n := s.connects.Load(); n < 10 || n > 25 {
			t.Errorf("%d connects in ten minutes", n)
		}
	}),
	"A07": inBubble(func(t *testing.T, c faultCase) {
		var log bytes.Buffer
		keys := &countingStore{Store: fixedStore(pbxsim.Secret)}
		d, s := startBubbleWith(t, config.ConnectionKept, Options{Secrets: keys, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
			scripted(func(conn net.Conn, h map[string]string) bool {
				if h["Action"] != "Login" {
					return false
				}
				_, answer, _ := strings.Cut(c.Send, "\r\n") // the banner is out already
				fmt.Fprint(conn, strings.ReplaceAll(answer, "{login}", h["ActionID"]))
				return true
			}))
		await(t, d, time.Second, "trouble", troubleIs(status.CodeLoginRefused))
		for range 24 * 60 {
			time.Sleep(time.Minute)
			if err := d.Prepare(t.Context()); err != nil { // a window is opened
				t.Fatal(err)
			}
			if err := d.Changed(t.Context()); err != nil { // and the network is another
				t.Fatal(err)
			}
		}
		if n := s.logins.Load(); n != 1 {
			t.Errorf("%d logins in 24 hours", n)
		}
		if err := d.Check(t.Context()); codeOf(err) != status.CodeLoginRefused {
			t.Errorf("checked: %v", err)
		}
		time.Sleep(24 * time.Hour)
		if n := s.logins.Load(); n != 2 {
			t.Errorf("%d logins, want one more for the check", n)
		}
		if keys.changed.Load() != 0 {
			t.Error("the keyring's entry was touched")
		}
		synctest.Wait()
		if strings.Contains(log.String(), pbxsim.Secret) {
			t.Error("the secret is in the log")
		}
	}),
	"A08": inBubble(func(t *testing.T, _ faultCase) {
		dir := filepath.Join(t.TempDir(), "logins")
		closes := scripted(func(conn net.Conn, h map[string]string) bool {
			if h["Action"] == "Login" {
				conn.Close()
			}
			return h["Action"] == "Login"
		})
		d, s := startBubbleWith(t, config.ConnectionKept, Options{Logins: OpenLogins(dir)}, closes)
		await(t, d, time.Second, "trouble", troubleIs(status.CodeLoginClosed))
		time.Sleep(10 * time.Minute)
		if n := s.logins.Load(); n < 2 || n > 3 {
			t.Errorf("%d logins in ten minutes", n)
		}
		// A kept connection has to come back by itself.
		time.Sleep(50 * time.Minute)
		if n := s.logins.Load(); n < 10 || n > 18 {
			t.Errorf("%d logins in an hour", n)
		}
		// Neither other programs nor restarts get round it.
		before := s.logins.Load()
		for range 9 {
			other, s := startBubbleWith(t, config.ConnectionOnDemand, Options{Logins: OpenLogins(dir)}, closes)
			_ = other.Recheck(t.Context())
			before -= s.logins.Load()
			time.Sleep(time.Minute)
		}
		if n := s.logins.Load() - before; n > 3 {
			t.Errorf("%d logins in nine minutes of ten programs", n)
		}
	}),
	"A29": inBubble(func(t *testing.T, _ faultCase) {
		const channels = 1_000_000
		d, s := startBubble(t, config.ConnectionOnDemand, scripted(func(conn net.Conn, h map[string]string) bool {
			if h["Action"] != "Originate" {
				return false
			}
			accept(conn, h, "")
			var b bytes.Buffer
			for i := range channels {
				// Every fourth claims to be born of our call.
				linked := fmt.Sprintf("7.%d", i)
				if i%4 == 0 {
					linked = h["ChannelId"]
				}
				fmt.Fprintf(&b, "Event: Newchannel\r\nChannel: PJSIP/7201-%08x\r\nChannelState: 0\r\nUniqueid: 9.%d\r\nLinkedid: %s\r\n\r\n", i, i, linked)
				if b.Len() > 32<<10 || i == channels-1 {
					_, _ = conn.Write(b.Bytes())
					b.Reset()
				}
			}
			return true
		}))
		before := heap()
		if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if grew := heap() - before; grew > 4<<20 {
			t.Errorf("the heap grew by %d", grew)
		}
		// The table itself, from the loop that owns it.
		if err := d.do(t.Context(), func(l *loop, done func(error)) {
			if n := len(l.cur.call.Channels()); n > 256 {
				t.Errorf("%d channels are followed", n)
			}
			done(nil)
		}); err != nil {
			t.Fatal(err)
		}
		if n := s.originates.Load(); n != 1 {
			t.Errorf("%d Originates", n)
		}
	}),
	"A30": inBubble(func(t *testing.T, c faultCase) {
		messages := strings.SplitAfter(strings.TrimSpace(c.Send)+"\r\n\r\n", "\r\n\r\n")
		for _, order := range [][]int{{0, 1, 2, 3}, {1, 0, 2, 3}, {1, 1, 0, 1}} {
			d, _ := startBubble(t, config.ConnectionOnDemand, scripted(func(conn net.Conn, h map[string]string) bool {
				if h["Action"] != "Originate" {
					return false
				}
				accept(conn, h, "")
				for _, i := range order {
					fmt.Fprint(conn, strings.ReplaceAll(messages[i], "9.9", h["ChannelId"]))
				}
				return true
			}))
			snapshots, cancel := d.Subscribe()
			if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			cancel()
			ends, live := 0, false
			for s := range snapshots {
				if s.Call == nil {
					continue
				}
				if live && !s.Call.Live() {
					ends++
				}
				live = s.Call.Live()
			}
			if live || ends != 1 {
				t.Errorf("%v: it ended %d times, live: %v", order, ends, live)
			}
		}
	}),
	"A32": answered(func(t *testing.T, d *Dialer) {
		if s := d.Snapshot().Call; s.State != call.Failed || s.Cause != call.NoSuchNumber {
			t.Errorf("%s %q", s.State, s.Cause)
		}
	}),
	"A33": answered(func(t *testing.T, d *Dialer) {
		if s := d.Snapshot().Call; s.State != call.AnsweredOwn {
			t.Errorf("%s %q", s.State, s.Cause)
		}
	}),
	"A34": answered(func(t *testing.T, d *Dialer) {
		// The account's own phone may ring for two seconds.
		time.Sleep(12*time.Second - time.Millisecond)
		if s := d.Snapshot().Call; !s.Live() {
			t.Errorf("given up too early: %s", s.State)
		}
		time.Sleep(time.Second)
		if s := d.Snapshot().Call; s.State != call.Unknown {
			t.Errorf("%s %q", s.State, s.Cause)
		}
		time.Sleep(time.Hour)
	}),
	"A35": answered(func(t *testing.T, d *Dialer) {
		if s := d.Snapshot().Call; s.State != call.Failed || s.Cause != call.NoRight {
			t.Errorf("%s %q", s.State, s.Cause)
		}
	}),
	"A36": func(t *testing.T, c faultCase) {
		for _, reason := range []string{"-1", "", "999999999999999999999", "x", "9"} {
			c.Send = strings.Replace(c.Send, "Reason: -1", "Reason: "+reason, 1)
			answered(func(t *testing.T, d *Dialer) {
				time.Sleep(2 * time.Second)
				if s := d.Snapshot().Call; s.State != call.Failed || s.Detail != "unknown reason" {
					t.Errorf("%q: %s %q %q", reason, s.State, s.Cause, s.Detail)
				}
			})(t, c)
			c.Send = strings.Replace(c.Send, "Reason: "+reason, "Reason: -1", 1)
		}
	},
	"A38": func(t *testing.T, _ faultCase) {
		for _, lives := range []bool{false, true} {
			var originates atomic.Int32
			var channel atomic.Value
			s := runScript(t, func(c net.Conn, h map[string]string) bool {
				switch h["Action"] {
				case "Originate":
					originates.Add(1)
					channel.Store(h["ChannelId"])
					_ = c.(*net.TCPConn).SetLinger(0)
					c.Close()
					return true
				case "Status":
					if !lives {
						return false
					}
					accept(c, h, "EventList: start\r\n")
					event(c, "Status", "ActionID: "+h["ActionID"], "Channel: Local/7101@c2c-1;1", "ChannelState: 5", "Uniqueid: "+channel.Load().(string))
					event(c, "StatusComplete", "ActionID: "+h["ActionID"], "EventList: Complete")
					return true
				}
				return false
			})
			d := startDialer(t, s.account(t), config.ConnectionOnDemand)
			snap, err := d.Dial(t.Context(), planFor("7102"))
			if err != nil || snap.State != call.Unknown || snap.Cause != call.ConnectionLost {
				t.Errorf("%s %q %v", snap.State, snap.Cause, err)
			}
			eventually(t, "connected again", func() bool { return s.logins.Load() == 2 })
			if lives {
				until(t, d, "put right", inState(call.Requested))
			} else {
				until(t, d, "unknown", inState(call.Unknown))
			}
			if n := originates.Load(); n != 1 {
				t.Errorf("%d Originates", n)
			}
		}
	},
	"A39": func(t *testing.T, _ faultCase) {
		half := make(chan func() error, 1)
		s := runScript(t, func(c net.Conn, h map[string]string) bool {
			if h["Action"] == "Login" {
				select {
				case half <- c.(*net.TCPConn).CloseWrite:
				default:
				}
			}
			return false
		})
		d := startDialer(t, s.account(t), config.ConnectionKept)
		until(t, d, "connected", linkIs(status.Connected))
		snapshots, cancel := d.Subscribe()
		defer cancel()
		begin := time.Now()
		if err := (<-half)(); err != nil {
			t.Fatal(err)
		}
		for s := range snapshots {
			if s.Connection != status.Connected {
				break
			}
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("noticed after %v", took)
		}
		eventually(t, "connected again", func() bool { return s.logins.Load() == 2 })
	},
	"A40": inBubble(func(t *testing.T, _ faultCase) {
		for _, reads := range []bool{true, false} { // what a stopped peer's kernel does, at first and when it is full
			for _, calling := range []bool{false, true} {
				pbx := &stoppableServer{reads: reads}
				d, s := startBubble(t, config.ConnectionKept, pbx.serve)
				await(t, d, time.Second, "connected", linkIs(status.Connected))
				time.Sleep(33 * time.Second)
				limit := 45 * time.Second
				if calling {
					if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
						t.Fatal(err)
					}
					limit = 15 * time.Second
					time.Sleep(5*time.Second + time.Millisecond) // it has just answered a Ping: the worst moment
				}
				snapshots, cancel := d.Subscribe()
				begin := time.Now()
				pbx.stop()
				for s := range snapshots {
					if s.Connection != status.Connected {
						break
					}
				}
				if took := time.Since(begin); took > limit {
					t.Errorf("reads: %v, in a call: %v: noticed after %v", reads, calling, took)
				}
				cancel()
				pbx.resume()
				await(t, d, 5*time.Second, "connected again", linkIs(status.Connected))
				if n := s.logins.Load(); n != 2 {
					t.Errorf("%d logins", n)
				}
			}
		}
	}),
	"A41": inBubble(func(t *testing.T, _ faultCase) {
		pbx := new(stoppableServer)
		d, _ := startBubble(t, config.ConnectionKept, pbx.serve)
		await(t, d, time.Second, "connected", linkIs(status.Connected))
		pbx.stop()
		begin := time.Now()
		dialled := make(chan call.Snapshot, 1)
		go func() {
			s, _ := d.Dial(t.Context(), planFor("7102"))
			dialled <- s
		}()
		synctest.Wait()
		// Whoever asks meanwhile is answered at once.
		for range 10 {
			if err := d.Prepare(t.Context()); err != nil || d.Snapshot().Call == nil {
				t.Errorf("%v %+v", err, d.Snapshot())
			}
		}
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("the loop was away for %v", took)
		}
		if s := <-dialled; s.State != call.Unknown {
			t.Errorf("%s %q", s.State, s.Cause)
		}
		if took := time.Since(begin); took > 6*time.Second {
			t.Errorf("given up after %v", took)
		}
		pbx.resume()
		await(t, d, 5*time.Second, "connected again", linkIs(status.Connected))
	}),
	"A45": inBubble(func(t *testing.T, c faultCase) {
		said := false
		d, s := startBubble(t, config.ConnectionKept, scripted(func(conn net.Conn, h map[string]string) bool {
			if h["Action"] != "Login" || said {
				return false
			}
			said = true
			accept(conn, h, "")
			fmt.Fprint(conn, c.Send)
			return true
		}))
		await(t, d, 5*time.Second, "connected again", func(snap status.Snapshot) bool {
			return snap.Connection == status.Connected && s.logins.Load() == 2
		})
	}),
	"A47": inBubble(func(t *testing.T, c faultCase) {
		cert := selfSigned(t)
		originated := atomic.Int32{}
		s := new(bubble)
		d := newBubble(t, s, Options{}, func(pipe net.Conn) {
			raw := newBufferedConn(pipe)
			defer raw.Close()
			conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}})
			new(script).serve(conn, func(_ net.Conn, h map[string]string) bool {
				if h["Action"] != "Originate" {
					return false
				}
				originated.Add(1)
				fmt.Fprint(conn, strings.ReplaceAll(c.Send, "{originate}", h["ActionID"]))
				raw.Close() // below TLS: no close_notify
				return true
			})
		})
		a := accountAt(t, "127.0.0.1:5039", "7101", config.SyntaxVariables)
		a.TLS, a.TLSPin = true, fingerprintOf(cert)
		if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		snap, err := d.Dial(t.Context(), planFor("7102"))
		if err != nil || snap.State != call.Unknown || snap.Cause != call.ConnectionLost {
			t.Errorf("%s %q %v", snap.State, snap.Cause, err)
		}
		time.Sleep(time.Hour)
		if n := originated.Load(); n != 1 {
			t.Errorf("%d Originates", n)
		}
	}),
}

// TestFaultCases runs those cases of the catalogue that concern more than the
// protocol.
func TestFaultCases(t *testing.T) {
	data, err := os.ReadFile("../ami/testdata/ami_faults.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct{ Cases []faultCase }
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	here := 0
	for _, c := range catalogue.Cases {
		if !slices.Contains(c.TestedIn, "dialer") {
			continue
		}
		here++
		t.Run(c.ID+" "+c.Name, func(t *testing.T) {
			test := faultTests[c.ID]
			if test == nil {
				t.Fatal("there is no test of it")
			}
			test(t, c)
		})
	}
	if here != len(faultTests) {
		t.Errorf("%d tests for %d cases", len(faultTests), here)
	}
}

// inBubble runs a test with a clock of its own, on which hours take no time.
func inBubble(f func(*testing.T, faultCase)) func(*testing.T, faultCase) {
	return func(t *testing.T, c faultCase) {
		synctest.Test(t, func(t *testing.T) { f(t, c) })
	}
}

// answered has the PBX answer an Originate with what the case sends, has look check
// what became of the call, and counts the Originates.
func answered(look func(*testing.T, *Dialer)) func(*testing.T, faultCase) {
	return inBubble(func(t *testing.T, c faultCase) {
		d, s := startBubble(t, config.ConnectionOnDemand, scripted(func(conn net.Conn, h map[string]string) bool {
			if h["Action"] == "Originate" {
				fmt.Fprint(conn, strings.ReplaceAll(c.Send, "{originate}", h["ActionID"]))
			}
			return h["Action"] == "Originate"
		}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _, _ = d.Dial(ctx, planFor("7102")) }()
		synctest.Wait()
		look(t, d)
		if n := s.originates.Load(); n != 1 {
			t.Errorf("%d Originates", n)
		}
	})
}

// bubble is what a test sees of a server in a synctest bubble, with connections in
// memory and a fake clock.
type bubble struct {
	connects, logins, originates atomic.Int32

	mu    sync.Mutex // guards conns
	conns []net.Conn
}

// closeAll ends every connection from the server's side.
func (s *bubble) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

// startBubble runs a Dialer against servers that run serve at the other end of
// each of its connections.
func startBubble(t *testing.T, mode config.ConnectionMode, serve func(net.Conn)) (*Dialer, *bubble) {
	t.Helper()
	return startBubbleWith(t, mode, Options{}, serve)
}

func startBubbleWith(t *testing.T, mode config.ConnectionMode, o Options, serve func(net.Conn)) (*Dialer, *bubble) {
	t.Helper()
	s := new(bubble)
	d := newBubble(t, s, o, serve)
	if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), mode); err != nil {
		t.Fatal(err)
	}
	return d, s
}

func newBubble(t *testing.T, s *bubble, o Options, serve func(net.Conn)) *Dialer {
	t.Helper()
	return newBubbleAt(t, s, o, nil, serve)
}

// newBubbleAt is newBubble with a wall clock of the test's.
func newBubbleAt(t *testing.T, s *bubble, o Options, wall func() time.Time, serve func(net.Conn)) *Dialer {
	t.Helper()
	if o.Secrets == nil {
		o.Secrets = fixedStore(pbxsim.Secret)
	}
	d := New(o)
	if wall != nil {
		d.wall = wall
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	d.reach = dialWith(func(context.Context, string, string) (net.Conn, error) {
		s.connects.Add(1)
		client, server := net.Pipe()
		s.mu.Lock()
		s.conns = append(s.conns, server)
		s.mu.Unlock()
		wg.Go(func() {
			defer server.Close()
			defer context.AfterFunc(ctx, func() { server.Close() })()
			serve(countingConn{server, s})
		})
		return client, nil
	})
	wg.Go(func() { _ = d.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return d
}

// bufferedConn takes what is written at once, as a socket does: at the end of a
// handshake both sides write.
type bufferedConn struct {
	net.Conn
	writes chan []byte
	close  func()
}

func newBufferedConn(conn net.Conn) *bufferedConn {
	q := &bufferedConn{Conn: conn, writes: make(chan []byte, 64)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := range q.writes {
			_, _ = conn.Write(b) // the reader may be gone
		}
	}()
	q.close = sync.OnceFunc(func() { close(q.writes); <-done; conn.Close() })
	return q
}

func (q *bufferedConn) Write(b []byte) (int, error) {
	q.writes <- bytes.Clone(b)
	return len(b), nil
}

func (q *bufferedConn) Close() error { q.close(); return nil }

// dialWith has a Dialer reach its PBX by dial.
func dialWith(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(*ami.Config) {
	return func(c *ami.Config) { c.DialContext = dial }
}

// countingConn counts the actions that come in over a connection. (The client
// writes each in one piece.)
type countingConn struct {
	net.Conn
	s *bubble
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if bytes.HasPrefix(b[:n], []byte("Action: Login\r\n")) {
		c.s.logins.Add(1)
	}
	if bytes.HasPrefix(b[:n], []byte("Action: Originate\r\n")) {
		c.s.originates.Add(1)
	}
	return n, err
}

// scripted serves as runScript does.
func scripted(on handler) func(net.Conn) {
	return func(c net.Conn) { new(script).serve(c, on) }
}

// stoppableServer is a server that can be stopped in its tracks, as by SIGSTOP.
type stoppableServer struct {
	reads   bool // what is sent to it while it is stopped goes somewhere: a kernel's buffer that is not full yet
	stopped atomic.Bool
	mu      sync.Mutex // guards what follows
	conns   []net.Conn
	era     int
}

func (s *stoppableServer) serve(c net.Conn) {
	s.mu.Lock()
	s.conns = append(s.conns, c)
	era := s.era
	s.mu.Unlock()
	new(script).serve(stoppableConn{c, s}, func(net.Conn, map[string]string) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.stopped.Load() || s.era != era
	})
}

func (s *stoppableServer) stop() {
	s.stopped.Store(true)
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.SetReadDeadline(time.Now()) // wakes whoever reads
	}
	s.mu.Unlock()
	synctest.Wait()
}

// forget makes the existing connections silent, as a network does that has lost
// their state.
func (s *stoppableServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
}

func (s *stoppableServer) resume() { s.stopped.Store(false) }

type stoppableConn struct {
	net.Conn
	s *stoppableServer
}

func (s stoppableConn) Read(b []byte) (int, error) {
	for {
		for s.s.stopped.Load() && !s.s.reads {
			time.Sleep(time.Second)
			if err := s.SetReadDeadline(time.Now()); err != nil {
				return 0, err // closed meanwhile
			}
		}
		_ = s.SetReadDeadline(time.Time{})
		n, err := s.Conn.Read(b)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// countingStore counts changes of a secret.Store.
type countingStore struct {
	secret.Store
	changed atomic.Int32
}

func (c *countingStore) Set(ctx context.Context, key, value string) error {
	c.changed.Add(1)
	return c.Store.Set(ctx, key, value)
}

func (c *countingStore) Delete(ctx context.Context, key string) error {
	c.changed.Add(1)
	return c.Store.Delete(ctx, key)
}

func troubleIs(want status.Code) func(status.Snapshot) bool {
	return func(s status.Snapshot) bool {
		return s.Connection == status.Trouble && s.Trouble != nil && s.Trouble.Code == want
	}
}

// await is until with a limit of the bubble's own time.
func await(t *testing.T, d *Dialer, limit time.Duration, what string, ok func(status.Snapshot) bool) {
	t.Helper()
	snapshots, cancel := d.Subscribe()
	defer cancel()
	late := time.After(limit)
	for {
		select {
		case s := <-snapshots:
			if ok(s) {
				return
			}
		case <-late:
			t.Fatalf("not %s within %v; now %+v %+v", what, limit, d.Snapshot(), d.Snapshot().Trouble)
		}
	}
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// selfSigned makes a certificate for this machine.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pbx"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func fingerprintOf(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return hex.EncodeToString(sum[:])
}
