package ami

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestChallenges: only what an Asterisk gives is answered.
func TestChallenges(t *testing.T) {
	for challenge, answered := range map[string]bool{
		"840415273": true, "214748364": true, "100000": true, "2147483647": true, strings.Repeat("9", 20): true,
		"": false, "1": false, "0": false, "99999": false, strings.Repeat("9", 21): false, "84041527a": false,
		"abcdefghi": false, "-84041527": false, "840 415 273": false, "0x84041527": false, "840415273;1": false,
		"٨٤٠٤١٥٢٧٣": false, "840415273\x00": false, "8404\x1b[2J15273": false,
	} {
		var logins atomic.Int32
		addr := listenOften(t, func(p *peer) {
			p.send(banner)
			c := p.expect("Challenge")
			p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: " + challenge + "\r\n\r\n")
			l, err := p.read()
			if err != nil {
				return
			}
			logins.Add(1)
			p.send("Response: Success\r\nActionID: " + l.get("ActionID") + "\r\n\r\n")
			p.logoff()
		})
		c, err := Dial(context.Background(), config(addr))
		if answered {
			if err != nil {
				t.Errorf("%q: %v", challenge, err)
				continue
			}
			c.Close()
			continue
		}
		if !errors.Is(err, ErrChallenge) || logins.Load() > 0 {
			t.Errorf("%q: %v, and it was answered %d times", challenge, err, logins.Load())
		}
	}
}

// TestShortChallengeOnce: an honest Asterisk gives one now and then, and another to the
// next connection. Each step is told once.
func TestShortChallengeOnce(t *testing.T) {
	var conns atomic.Int32
	cfg := config(listenOften(t, func(p *peer) {
		if conns.Add(1) > 1 {
			p.login("")
			p.logoff()
			return
		}
		p.send(banner)
		c := p.expect("Challenge")
		p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 4711\r\n\r\n")
		if b, _ := io.ReadAll(p.in); len(b) > 0 {
			t.Errorf("the client sent %q", b)
		}
	}))
	var steps []Step
	cfg.OnStep = func(s Step) { steps = append(steps, s) }
	dial(t, cfg)
	if fmt.Sprint(steps) != "[resolve connect banner login]" || conns.Load() != 2 {
		t.Errorf("%d connections, steps %v", conns.Load(), steps)
	}
}

// listenOften is listen for as many connections as come.
func listenOften(t *testing.T, script func(*peer)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { _ = l.Close() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(3 * patience))
				script(&peer{t: t, conn: conn, in: bufio.NewReader(conn)})
			})
		}
	})
	return l.Addr().String()
}
