package pbxsim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

func TestLoginPlain(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	c.send("Action: Login", "ActionID: again", "Username: "+Username, "Secret: x")
	c.answer("again", "Success", "Already authenticated")
	c.send("Action: Logoff", "ActionID: out")
	c.answer("out", "Goodbye", "Thanks for all the fish.")
	c.closed()
	eventually(t, "the session is gone", func() bool { return p.Sessions() == 0 })
	if p.Logins() != 1 || p.LoginsRefused() != 0 {
		t.Errorf("%d logins, %d refused", p.Logins(), p.LoginsRefused())
	}
	for _, w := range c.seen {
		if w.get("Event") != "" {
			t.Errorf("an event without a call: %v", w)
		}
	}
}

func TestLoginMD5(t *testing.T) {
	p := start(t, Options{})
	c := dial(t, p)
	c.send("Action: Login", "ActionID: in", "AuthType: MD5", "Username: "+Username, "Key: "+c.key())
	c.answer("in", "Success", "Authentication accepted")
}

func TestLoginRefused(t *testing.T) {
	p := start(t, Options{})
	for name, lines := range map[string][]string{
		"secret":       {"Username: " + Username, "Secret: wrong"},
		"user":         {"Username: nobody", "Secret: " + Secret},
		"no secret":    {"Username: " + Username},
		"no challenge": {"AuthType: MD5", "Username: " + Username, "Key: "},
		"key":          {"AuthType: MD5", "Username: " + Username, "Key: d41d8cd98f00b204e9800998ecf8427e"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, p)
			c.send(append([]string{"Action: Login", "ActionID: in"}, lines...)...)
			c.answer("in", "Error", "Authentication failed")
			c.closed()
		})
	}
	if p.Logins() != 0 || p.LoginsRefused() != 5 {
		t.Errorf("%d logins, %d refused", p.Logins(), p.LoginsRefused())
	}
	p.SetSecret("other")
	c := dial(t, p)
	c.send("Action: Login", "ActionID: in", "Username: "+Username, "Secret: other")
	c.answer("in", "Success", "Authentication accepted")
}

func TestRights(t *testing.T) {
	p := start(t, Options{})
	before := dial(t, p)
	before.send("Action: Ping", "ActionID: 1")
	before.answer("1", "Error", "Permission denied")
	before.send("Action: Challenge", "ActionID: 2", "AuthType: sha256")
	before.answer("2", "Error", "Must specify AuthType")

	c := login(t, p)
	for action, want := range map[string]string{
		"CoreShowChannels": "Permission denied", "command": "Permission denied", "Filter": "Permission denied",
		"PJSIPShowEndpoints": "Permission denied", "Getvar": "No variable specified",
		"Frobnicate": "Invalid/unknown command: Frobnicate. Use Action: ListCommands to show available commands.",
		"":           "Missing action in request",
		"Hangup":     "No channel specified", "Redirect": "Channel not specified", "Atxfer": "No channel specified",
		"ExtensionState": "Extension not specified", "Originate": "Channel not specified",
	} {
		c.send("Action: "+action, "ActionID: x"+action)
		c.answer("x"+action, "Error", want)
	}
	c.send("Action: Ping", "ActionID:  kept: as it came ")
	if w := c.until("pong", func(w wire) bool { return w.get("Ping") == "Pong" }); w.get("ActionID") != "kept: as it came " {
		t.Errorf("ActionID %q", w.get("ActionID"))
	}
	c.send("Action: ListCommands", "ActionID: l")
	if w := c.answer("l", "Success", ""); w.get("Originate") == "" || w.get("Command") != "" {
		t.Errorf("ListCommands: %v", w)
	}
}

func TestEventMask(t *testing.T) {
	p := start(t, Options{})
	for mask, want := range map[string]string{
		"on": "On", "call": "On", "system,call": "On", "off": "Off", "system": "Off", "calls": "Off", "0": "Off",
	} {
		c := login(t, p)
		c.send("Action: Events", "ActionID: e", "EventMask: "+mask)
		if w := c.answer("e", "Success", ""); w.get("Events") != want {
			t.Errorf("EventMask %s: %v", mask, w)
		}
		other := login(t, p)
		other.send(variable("m-"+mask, "7104", "800")...)
		other.event("OriginateResponse", "Response", "Failure")
		c.send("Action: Ping", "ActionID: end")
		c.answer("end", "Success", "")
		heard := false
		for _, w := range c.seen {
			heard = heard || w.get("Event") == "Newchannel"
		}
		if heard != (want == "On") {
			t.Errorf("EventMask %s: heard %v", mask, heard)
		}
	}
}

// TestLongestLine: 1,022 bytes are a line; one byte more ends the message
// there, and what was its rest is a message of its own.
func TestLongestLine(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	line := func(n int) string { return "X-Fill: " + strings.Repeat("x", n-len("X-Fill: ")) }

	c.send("Action: Ping", "ActionID: fits", line(1022))
	c.answer("fits", "Success", "")

	c.send("Action: Ping", "ActionID: first", line(1023), "Action: Ping", "ActionID: injected")
	c.answer("first", "Error", "Failed to parse message: line too long")
	c.answer("injected", "Success", "")

	c.send("Action: Ping", "ActionID: long", line(3000), "ActionID: second")
	c.answer("long", "Error", "Failed to parse message: line too long")

	many := []string{"Action: Ping", "ActionID: 128"}
	for len(many) < maxHeaders {
		many = append(many, "X: y")
	}
	c.send(many...)
	c.answer("128", "Success", "")
	many[1] = "ActionID: 129"
	c.send(append(many, "X: y")...)
	c.answer("129", "Error", "Too many lines in message or allocation failure")
}

func TestAuthLimit(t *testing.T) {
	p := start(t, Options{})
	for range authLimit {
		dial(t, p)
	}
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if got, _ := io.ReadAll(conn); len(got) != 0 {
		t.Errorf("one too many got %q", got)
	}
	if n := p.Sessions(); n != authLimit {
		t.Errorf("%d sessions", n)
	}
}

// TestSlowReader: who takes nothing is dropped, and nobody else suffers.
func TestSlowReader(t *testing.T) {
	p := start(t, Options{})
	slow := login(t, p)
	_ = slow.conn.(*net.TCPConn).SetReadBuffer(4096)
	good := login(t, p)
	p.Noise(1000)
	// good must be read all the while.
	go func() {
		eventuallyQuiet(func() bool { return p.Sessions() == 1 })
		p.Noise(0)
		_, _ = good.conn.Write([]byte("Action: Ping\r\nActionID: still\r\n\r\n"))
	}()
	good.answer("still", "Success", "")
	if n := p.Sessions(); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func eventuallyQuiet(ok func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			return
		}
	}
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := x509.ParseCertificate(der)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	p := start(t, Options{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}})
	conn, err := tls.Dial("tcp", p.Addr(), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, conn)
	c.send("Action: Login", "ActionID: in", "Username: "+Username, "Secret: "+Secret)
	c.answer("in", "Success", "Authentication accepted")
	c.send(variable("tls", "7101", "800")...)
	c.event("OriginateResponse", "Reason", "4")
}

func TestDropSessions(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	c.send(variable("drop", "7101", "0501234507")...)
	c.event("LocalOptimizationEnd")
	p.DropSessions()
	c.closed()
	if n := p.Calls(); n != 1 {
		t.Fatalf("%d calls", n)
	}
	again := login(t, p)
	again.send("Action: Status", "ActionID: s")
	again.answer("s", "Success", "Channel status will follow")
	again.event("Status", "Linkedid", "drop", "ConnectedLineNum", "0501234507")
	again.event("StatusComplete")
	if !p.FarHangsUp() {
		t.Error("nobody at the far side")
	}
	again.event("Hangup", "Linkedid", "drop")
	eventually(t, "the call is over", func() bool { return p.Calls() == 0 })
}

func TestCloseWithCallsAndSessions(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	c.send(variable("a", "7102", "800")...)
	c.event("DialState")
	held := login(t, p)
	lines := variable("b", "7102", "800")
	lines[2] = "Async: false"
	held.send(lines...)
	c.event("DialState", "DestLinkedid", "b")
	p.Noise(100)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p.Sessions() != 0 || p.Calls() != 0 {
		t.Errorf("%d sessions, %d calls after Close", p.Sessions(), p.Calls())
	}
	if err := p.Close(); err != net.ErrClosed {
		t.Errorf("second Close: %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	if _, err := Start(Options{Asterisk: "12"}); err == nil {
		t.Error("flavour 12 was accepted")
	}
	if _, err := Start(Options{Listen: "256.0.0.1:0"}); err == nil {
		t.Error("listens nowhere")
	}
}
