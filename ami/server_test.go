package ami

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. It only passes when a
// test fails.
const patience = 10 * time.Second

// peer is the server's side of one connection, driven by a test's script.
type peer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// listen serves one connection with script on a socket of this machine, closes
// it when script returns, and returns the address. The test waits for script.
func listen(t *testing.T, script func(*peer)) string {
	t.Helper()
	return listenTLS(t, nil, script)
}

func listenTLS(t *testing.T, settings *tls.Config, script func(*peer)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { <-done })
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return // the test never connected
		}
		if settings != nil {
			conn = tls.Server(conn, settings)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(3 * patience))
		script(&peer{t: t, conn: conn, in: bufio.NewReader(conn)})
	}()
	return l.Addr().String()
}

func (p *peer) send(text string) {
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Errorf("server: send: %v", err)
		runtime.Goexit()
	}
}

// request is what a client sent: lines, in order, without their ends.
type request []string

func (r request) get(key string) string {
	for _, line := range r {
		if k, v, _ := strings.Cut(line, ": "); strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// request reads one action; it fails the test when there is none.
func (p *peer) request() request {
	r, err := p.read()
	if err != nil {
		p.t.Errorf("server: no action: %v", err)
		runtime.Goexit()
	}
	return r
}

func (p *peer) read() (request, error) {
	var r request
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return r, err
		}
		line, crlf := strings.CutSuffix(line, "\r\n")
		if !crlf {
			return r, errors.New("a line without CRLF")
		}
		if line == "" {
			return r, nil
		}
		r = append(r, line)
	}
}

// expect reads one action and checks its name.
func (p *peer) expect(name string) request {
	r := p.request()
	if r.get("Action") != name {
		p.t.Errorf("server: got %q, want Action %s", r, name)
		runtime.Goexit()
	}
	return r
}

const banner = "Asterisk Call Manager/5.0.4\r\n"

// login speaks the server's part up to the login's answer, which goes out in
// one segment with whatever follows.
func (p *peer) login(follows string) { p.loginAfter(banner, follows) }

// loginAfter is login with another banner.
func (p *peer) loginAfter(banner, follows string) {
	p.send(banner)
	c := p.expect("Challenge")
	p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 123456789\r\n\r\n")
	l := p.expect("Login")
	p.send("Response: Success\r\nActionID: " + l.get("ActionID") + "\r\nMessage: Authentication accepted\r\n\r\n" + follows)
}

// logoff answers requests until Logoff or the end of the connection.
func (p *peer) logoff() {
	for {
		r, err := p.read()
		if err != nil {
			return
		}
		id := "ActionID: " + r.get("ActionID") + "\r\n"
		if r.get("Action") == "Logoff" {
			p.send("Response: Goodbye\r\n" + id + "Message: Thanks for all the fish.\r\n\r\n")
			return
		}
		p.send("Response: Success\r\n" + id + "\r\n")
	}
}

func config(addr string) Config {
	return Config{Addr: addr, Username: "cornetta", Secret: "s3cret", Events: "call", actionIDs: "t"}
}

// dial connects or fails the test, and closes the client at its end.
func dial(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := Dial(context.Background(), cfg)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// everything subscribes in OnLogin to all events, unbounded.
func everything(cfg Config) (Config, func() *Subscription) {
	var s *Subscription
	cfg.OnLogin = func(c *Client) { s = c.Subscribe(nil, 0) }
	return cfg, func() *Subscription { return s }
}

// take waits for the next event of a subscription.
func take(t *testing.T, s *Subscription) Event {
	t.Helper()
	select {
	case ev, ok := <-s.C():
		if !ok {
			t.Fatal("the subscription has ended")
		}
		return ev
	case <-time.After(patience):
		t.Fatal("no event")
	}
	return nil
}

// rest takes events until the subscription ends.
func rest(t *testing.T, s *Subscription) []Event {
	t.Helper()
	var all []Event
	late := time.After(patience)
	for {
		select {
		case ev, ok := <-s.C():
			if !ok {
				return all
			}
			all = append(all, ev)
		case <-late:
			t.Fatalf("the subscription does not end; so far %d events", len(all))
		}
	}
}

// ended waits for the client's end.
func ended(t *testing.T, c *Client) error {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("the client does not end")
	}
	return c.Err()
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
