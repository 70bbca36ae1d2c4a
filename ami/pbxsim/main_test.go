package pbxsim

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; nothing waits so long unless it fails.
const patience = 10 * time.Second

func start(t *testing.T, o Options) *PBX {
	t.Helper()
	p, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil && err != net.ErrClosed {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

// client is a bare socket, so that what is tested is what is on the wire.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	seen []wire // everything received after the banner
}

// wire is one message as it came: the lines, without their ends.
type wire []string

func (w wire) get(name string) string {
	for _, line := range w {
		if k, v, ok := strings.Cut(line, ":"); ok && k == name {
			return strings.TrimPrefix(v, " ")
		}
	}
	return ""
}

func dial(t *testing.T, p *PBX) *client {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, conn)
}

func newClient(t *testing.T, conn net.Conn) *client {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	c := &client{t: t, conn: conn, r: bufio.NewReader(conn)}
	banner, err := c.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(banner, "Asterisk Call Manager/") {
		t.Fatalf("banner %q, %v", banner, err)
	}
	return c
}

// login logs in with plain secret and all events.
func login(t *testing.T, p *PBX) *client {
	t.Helper()
	c := dial(t, p)
	c.send("Action: Login", "ActionID: in", "Username: "+Username, "Secret: "+Secret, "Events: on")
	c.answer("in", "Success", "Authentication accepted")
	return c
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) next() (wire, error) {
	var w wire
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line != "" {
			w = append(w, line)
		} else if w != nil {
			c.seen = append(c.seen, w)
			return w, nil
		}
	}
}

// until reads to the first message that fits.
func (c *client) until(what string, fits func(wire) bool) wire {
	c.t.Helper()
	for {
		w, err := c.next()
		if err != nil {
			c.t.Fatalf("no %s: %v\nlast: %v", what, err, tail(c.seen, 6))
		}
		if fits(w) {
			return w
		}
	}
}

func tail(all []wire, n int) string {
	var b strings.Builder
	for _, w := range all[max(0, len(all)-n):] {
		fmt.Fprintf(&b, "\n%s", strings.Join(w, "\n"))
	}
	return b.String()
}

// answer waits for the response to an action and checks it.
func (c *client) answer(id, response, message string) wire {
	c.t.Helper()
	w := c.until("answer to "+id, func(w wire) bool { return w.get("Event") == "" && w.get("ActionID") == id })
	if w.get("Response") != response || w.get("Message") != message {
		c.t.Fatalf("answer to %s: %v, want %s %q", id, w, response, message)
	}
	return w
}

// event waits for an event whose headers have these values.
func (c *client) event(name string, pairs ...string) wire {
	c.t.Helper()
	return c.until(fmt.Sprint("event ", name, pairs), func(w wire) bool {
		if w.get("Event") != name {
			return false
		}
		for i := 0; i < len(pairs); i += 2 {
			if w.get(pairs[i]) != pairs[i+1] {
				return false
			}
		}
		return true
	})
}

// closed waits for the end of the connection.
func (c *client) closed() {
	c.t.Helper()
	for {
		if _, err := c.next(); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				c.t.Fatal("the connection stays open")
			}
			return
		}
	}
}

func (c *client) key() string {
	c.t.Helper()
	c.send("Action: Challenge", "ActionID: c", "AuthType: MD5")
	w := c.answer("c", "Success", "")
	sum := md5.Sum([]byte(w.get("Challenge") + Secret))
	return hex.EncodeToString(sum[:])
}

// variable and wrapper are the two syntaxes.
func variable(id, ext, number string, more ...string) []string {
	return append([]string{
		"Action: Originate", "ActionID: originate", "Async: true", "Channel: Local/" + ext + "@c2c",
		"Context: from_c2c", "Exten: " + number, "Priority: 1",
		fmt.Sprintf(`CallerId: "c2c: %s" <%s>`, number, number), "Timeout: 10000",
		"Variable: C2C_SRC=" + ext, "Variable: C2C_DST=" + number, "Variable: __TENANT_UUID=" + Tenant,
		"ChannelId: " + id,
	}, more...)
}

func wrapper(id, ext, number string) []string {
	return []string{
		"Action: Originate", "ActionID: originate", "Async: true",
		"Channel: Local/" + ext + "@c2c_" + Tenant, "Context: from_c2c_" + Tenant,
		"Exten: " + number, "Priority: 1",
		fmt.Sprintf(`CallerId: "c2c: %s" <%s>`, number, ext), "Timeout: 10000", "ChannelId: " + id,
	}
}

// eventually waits for a condition that no message tells.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}
