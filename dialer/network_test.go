package dialer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// TestSlowAndLossyLink: two seconds there and back, one packet in twenty lost
// (and so late by a retransmission or two), everything cut into small pieces.
// Half an hour of it, with calls, is one login.
func TestSlowAndLossyLink(t *testing.T) {
	r := seededRand(t)
	synctest.Test(t, func(t *testing.T) {
		memory := newMemoryNetwork()
		p, _ := memory.pbx(t)
		defer p.Close()
		var wg sync.WaitGroup
		d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
		var mu sync.Mutex // guards r
		late := func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			delay := time.Second
			for rto := time.Second; rto <= 2*time.Second && r.IntN(20) == 0; rto *= 2 {
				delay += rto
			}
			return delay
		}
		piece := func() int {
			mu.Lock()
			defer mu.Unlock()
			return 40 + r.IntN(500)
		}
		d.reach = dialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
			time.Sleep(2 * time.Second) // SYN and its answer
			far, err := memory.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			client, near := net.Pipe()
			wg.Go(func() { slowly(far, near, piece, late) })
			wg.Go(func() { slowly(near, far, piece, late) })
			return client, nil
		})
		ctx, cancel := context.WithCancel(context.Background())
		wg.Go(func() { _ = d.Run(ctx) })
		defer wg.Wait()
		defer cancel()
		if err := d.SetAccount(ctx, accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionKept); err != nil {
			t.Fatal(err)
		}
		await(t, d, time.Minute, "connected", linkIs(status.Connected))
		p.SetName("7102", "Ada")
		for range 10 {
			if _, err := d.Dial(ctx, planFor("039050123407")); err != nil {
				t.Fatal(err)
			}
			await(t, d, time.Minute, "in call", inState(call.InCall))
			time.Sleep(2 * time.Minute)
			if err := d.Hangup(ctx); err != nil {
				t.Fatal(err)
			}
			await(t, d, time.Minute, "ended", inState(call.Ended))
			time.Sleep(time.Minute)
		}
		if n := p.Logins(); n != 1 {
			t.Errorf("%d logins: a slow link was taken for a dead one", n)
		}
		if n := len(p.Originates()); n != 10 {
			t.Errorf("%d Originates", n)
		}
	})
}

// slowly carries what comes from one connection to another, in pieces, each
// late and none before the one that was sent before it.
func slowly(to, from net.Conn, piece func() int, late func() time.Duration) {
	type packet struct {
		b  []byte
		at time.Time
	}
	packets := make(chan packet, 1<<16)
	go func() {
		defer close(packets)
		for {
			b := make([]byte, piece())
			n, err := from.Read(b)
			if err != nil {
				return
			}
			packets <- packet{b[:n], time.Now().Add(late())}
		}
	}()
	for p := range packets {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.b); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range packets { // until its reader has seen the end
	}
}

// TestPBXReloads: the PBX drops its sessions and accepts none for half a minute.
func TestPBXReloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := newMemoryNetwork()
		p, ln := memory.pbx(t)
		defer p.Close()
		var connects atomic.Int32
		d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
		d.reach = dialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
			connects.Add(1)
			return memory.dial(ctx, network, addr)
		})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = d.Run(ctx) }()
		defer func() { cancel(); <-done }()
		if err := d.SetAccount(ctx, accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionKept); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			await(t, d, time.Minute, "connected", linkIs(status.Connected))
			time.Sleep(10 * time.Minute)
			connects.Store(0)
			memory.cut()
			time.Sleep(30 * time.Second)
			memory.restoreTo(ln)
			await(t, d, time.Minute, "connected again", linkIs(status.Connected))
			if n := connects.Load(); n < 2 || n > 25 {
				t.Errorf("%d connects", n)
			}
		}
	})
}

// TestNotThePBX: a captive portal, a port that is closed, a route that is
// forbidden. Nothing is sent to any of them, and the pauses between tries grow.
func TestNotThePBX(t *testing.T) {
	for _, tt := range []struct {
		name  string
		dial  func() (net.Conn, error) // nil: serve
		serve func(*testing.T, net.Conn)
		want  status.Code
	}{
		{name: "a web server that waits for a request", serve: func(t *testing.T, c net.Conn) {
			if b, _ := io.ReadAll(c); len(b) > 0 {
				t.Errorf("said to it: %q", b)
			}
		}, want: status.CodeNotAMI},
		{name: "a captive portal that does not wait", serve: func(t *testing.T, c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n")
			if b, _ := io.ReadAll(c); len(b) > 0 {
				t.Errorf("said to it: %q", b)
			}
		}, want: status.CodeNotAMI},
		{name: "refused", dial: func() (net.Conn, error) { return nil, syscall.ECONNREFUSED }, want: status.CodeRefused},
		{name: "prohibited", dial: func() (net.Conn, error) { return nil, syscall.EACCES }, want: status.CodeUnreachable},
		{name: "no route", dial: func() (net.Conn, error) { return nil, syscall.EHOSTUNREACH }, want: status.CodeUnreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var connects atomic.Int32
				s := new(bubble)
				d := newBubble(t, s, Options{}, func(c net.Conn) { tt.serve(t, c) })
				if tt.dial != nil {
					d.reach = dialWith(func(context.Context, string, string) (net.Conn, error) {
						connects.Add(1)
						return tt.dial()
					})
				}
				if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionKept); err != nil {
					t.Fatal(err)
				}
				await(t, d, 10*time.Second, "trouble", troubleIs(tt.want))
				time.Sleep(10 * time.Minute)
				if n := connects.Load() + s.connects.Load(); n < 10 || n > 25 {
					t.Errorf("%d connects in ten minutes", n)
				}
				if n := s.logins.Load(); n != 0 {
					t.Errorf("%d logins", n)
				}
			})
		})
	}
}

// TestNameFailsThenHeals: whatever a resolver answers, nothing of it is kept, and of
// two kinds of addresses a dead one only costs a moment.
func TestNameFailsThenHeals(t *testing.T) {
	servfail := &net.DNSError{Err: "server misbehaving", Name: "pbx.example", IsTemporary: true}
	nxdomain := &net.DNSError{Err: "no such host", Name: "pbx.example", IsNotFound: true}
	for name, broken := range map[string]func(context.Context) ([]string, error){
		"SERVFAIL": func(context.Context) ([]string, error) { return nil, servfail },
		"NXDOMAIN": func(context.Context) ([]string, error) { return nil, nxdomain },
		"empty":    func(context.Context) ([]string, error) { return nil, nil },
		"silence": func(ctx context.Context) ([]string, error) {
			<-ctx.Done()
			return nil, &net.DNSError{Err: "i/o timeout", Name: "pbx.example", IsTimeout: true}
		},
	} {
		for _, hint := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, hint %v", name, hint), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var healed atomic.Bool
					s := new(bubble)
					d := newBubble(t, s, Options{}, scripted(noSpecialAnswer))
					serve := d.reach
					d.reach = func(c *ami.Config) {
						serve(c)
						dial := c.DialContext
						c.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
							if host, _, _ := net.SplitHostPort(addr); host != "192.0.2.1" {
								<-ctx.Done() // no route to the other kind
								return nil, ctx.Err()
							}
							return dial(ctx, network, addr)
						}
						c.LookupHost = func(ctx context.Context, host string) ([]string, error) {
							if host != "pbx.example" {
								t.Errorf("asked for %q", host)
							}
							if !healed.Load() {
								return broken(ctx)
							}
							return []string{"2001:db8::1", "192.0.2.1"}, nil
						}
					}
					a := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
					a.Host = "pbx.example"
					if err := d.SetAccount(t.Context(), a, config.ConnectionKept); err != nil {
						t.Fatal(err)
					}
					await(t, d, 30*time.Second, "trouble", troubleIs(status.CodeNameNotFound))
					time.Sleep(10 * time.Minute)
					healed.Store(true)
					limit := time.Minute
					if hint {
						if err := d.Changed(t.Context()); err != nil {
							t.Fatal(err)
						}
						limit = 5 * time.Second
					}
					await(t, d, limit, "connected", linkIs(status.Connected))
				})
			})
		}
	}
}

// TestKeyringTakesItsTime: whoever waited for half a minute does not want that
// call any more.
func TestKeyringTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := &slowStore{fixedStore(pbxsim.Secret), 31 * time.Second}
		s := new(bubble)
		d := newBubble(t, s, Options{Secrets: keys}, scripted(noSpecialAnswer))
		if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Dial(t.Context(), planFor("7102")); !errors.Is(err, ErrStale) {
			t.Errorf("dialled: %v", err)
		}
		time.Sleep(time.Hour)
		if n := s.originates.Load(); n != 0 {
			t.Errorf("%d Originates", n)
		}
	})
}

// slowStore takes its time for each answer, whatever its caller's patience.
type slowStore struct {
	fixedStore
	takes time.Duration
}

func (k *slowStore) Get(ctx context.Context, key string) (string, error) {
	time.Sleep(k.takes)
	return k.fixedStore.Get(ctx, key)
}

// TestLateAnswersAreNoDeath: a server that has too much to say answers late,
// but it can be heard.
func TestLateAnswersAreNoDeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := startBubble(t, config.ConnectionKept, scripted(func(c net.Conn, h map[string]string) bool {
			if h["Action"] != "Ping" {
				return false
			}
			for range 15 {
				time.Sleep(time.Second)
				event(c, "Newexten", "Uniqueid: 7.1")
			}
			accept(c, h, "")
			return true
		}))
		await(t, d, time.Second, "connected", linkIs(status.Connected))
		time.Sleep(time.Hour)
		if n := s.logins.Load(); n != 1 {
			t.Errorf("%d logins", n)
		}
	})
}
