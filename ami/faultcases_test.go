package ami

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
)

// faultCase is one hostile or damaged server of testdata/ami_faults.json.
type faultCase struct {
	ID       string
	Name     string
	Send     string
	SendHex  string   `json:"send_hex"`
	TestedIn []string `json:"tested_in"`
}

// text is what the server sends, with the ActionID in flight put in.
func (c faultCase) text(id string) string {
	text := c.Send
	if c.SendHex != "" {
		raw, err := hex.DecodeString(c.SendHex)
		if err != nil {
			panic(err)
		}
		text = string(raw)
	}
	return strings.NewReplacer("{login}", id, "{challenge}", id).Replace(text)
}

// faultTests has a function for each case that is tested in this package. Each
// runs in a bubble of its own, so that the real timeouts cost no time, against
// a server on an in-memory connection.
var faultTests = map[string]func(*testing.T, faultCase){
	"A01": func(t *testing.T, _ faultCase) {
		begin := time.Now()
		_, err := dialPipe(t, config("127.0.0.1:1"), sendsNothingTo)
		if took := time.Since(begin); !errors.Is(err, ErrBannerTimeout) || took > 5500*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
	},
	"A03": func(t *testing.T, c faultCase) {
		if _, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) { p.send(c.text("")); sendsNothingTo(p) }); !errors.Is(err, ErrNotAMI) {
			t.Error(err)
		}
	},
	"A04": func(t *testing.T, _ faultCase) {
		before := heap()
		var written int
		_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			block := bytes.Repeat([]byte{'A'}, 4096)
			for written < 1<<30 {
				n, err := p.conn.Write(block)
				if written += n; err != nil {
					return
				}
			}
		})
		if !errors.Is(err, ErrNotAMI) {
			t.Error(err)
		}
		synctest.Wait()
		if grew := heap() - before; grew >= 1<<20 {
			t.Errorf("the heap grew by %d", grew)
		}
		if written > bufferStart {
			t.Errorf("took %d bytes of a banner", written)
		}
	},
	"A05": func(t *testing.T, c faultCase) {
		for _, banner := range []string{c.text(""), "Asterisk Call Manager/99.9\r\n", "Asterisk Call Manager/5.0.1\n"} {
			if _, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) { p.loginAfter(banner, ""); p.logoff() }); err != nil {
				t.Fatalf("%q: %v", banner, err)
			}
		}
	},
	"A06": func(t *testing.T, c faultCase) {
		answered := false
		_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			p.send(c.text("")) // the forged answer in one segment with the banner
			id := p.expect("Challenge").get("ActionID")
			p.send("Response: Success\r\nActionID: " + id + "\r\nChallenge: 840415273\r\n\r\n")
			id = p.expect("Login").get("ActionID")
			answered = true
			p.send("Response: Success\r\nActionID: " + id + "\r\n\r\n")
			p.logoff()
		})
		if err != nil {
			t.Fatal(err)
		}
		if !answered {
			t.Error("connected before the real answer")
		}
	},
	"A10": func(t *testing.T, c faultCase) {
		_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			banner, answer, _ := strings.Cut(c.Send, "\r\n")
			p.send(banner + "\r\n")
			id := p.expect("Challenge").get("ActionID")
			p.send(strings.ReplaceAll(answer, "{challenge}", id))
			sendsNothingTo(p)
		})
		if !errors.Is(err, ErrAuthMethod) {
			t.Error(err)
		}
	},
	"A11": func(t *testing.T, c faultCase) {
		_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			banner, answer, _ := strings.Cut(c.Send, "\r\n")
			p.send(banner + "\r\n")
			id := p.expect("Challenge").get("ActionID")
			_, _ = io.WriteString(p.conn, strings.ReplaceAll(answer, "{challenge}", id)) // the client may hang up before its end
			sendsNothingTo(p)
		})
		if !errors.Is(err, ErrProtocol) {
			t.Error(err)
		}
	},
	"A12": testLoginAnswer,
	"A13": func(t *testing.T, _ faultCase) { showEverySplit(t) },
	"A15": func(t *testing.T, c faultCase) {
		if evs := eventsOf(t, c.text("")); len(evs) != 1 || evs[0].(HangupEvent).Cause != 16 {
			t.Errorf("%v", evs)
		}
	},
	"A19": func(t *testing.T, c faultCase) {
		if evs := eventsOf(t, c.text("")); len(evs) != 1 || evs[0].(HangupEvent).Channel.UniqueID != "1.1" {
			t.Errorf("%v", evs)
		}
		r := newReader(strings.NewReader("Event: Newchannel\r\nVariable: a=1\r\nvariable: b=2\r\nUniqueid: 1\r\n\r\n"))
		if m, err := r.next(); err != nil || !slices.Equal(m.All("Variable"), []string{"a=1", "b=2"}) {
			t.Errorf("%v %v", m, err)
		}
	},
	"A21": func(t *testing.T, _ faultCase) {
		before := heap()
		written := 0
		client, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			p.login("Event: Newexten\r\n")
			for i := range 10_000_000 {
				n, err := fmt.Fprintf(p.conn, "X-%d: y\r\n", i)
				if written += n; err != nil {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := ended(t, client); !errors.Is(err, ErrMessageTooLarge) {
			t.Error(err)
		}
		if grew := heap() - before; grew >= 4<<20 {
			t.Errorf("the heap grew by %d", grew)
		}
	},
	"A22": func(t *testing.T, _ faultCase) {
		before := heap()
		client, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			p.login("Response: Follows\r\nPrivilege: Command\r\n")
			for i := range 1_000_000 {
				if _, err := fmt.Fprintf(p.conn, "output line %d\n", i); err != nil {
					return // closed: that is one of the two ways out
				}
			}
			_, _ = io.WriteString(p.conn, "\r\nEvent: Hangup\r\nUniqueid: 1.1\r\nCause: 16\r\n\r\n")
			p.logoff()
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := ended(t, client); !errors.Is(err, ErrMessageTooLarge) {
			t.Error(err)
		}
		if grew := heap() - before; grew >= 4<<20 {
			t.Errorf("the heap grew by %d", grew)
		}
	},
	"A23": func(t *testing.T, c faultCase) {
		evs := eventsOf(t, c.text(""))
		if len(evs) != 1 || evs[0].(Newchannel).Channel.CallerIDName != "ab]0;pwnc" {
			t.Errorf("%q", evs)
		}
		if strings.ContainsFunc(fmt.Sprint(evs), unicode.IsControl) {
			t.Errorf("control characters in %q", fmt.Sprint(evs))
		}
	},
	"A24": func(t *testing.T, c faultCase) {
		if evs := eventsOf(t, c.text("")); len(evs) != 1 || evs[0].(Newchannel).Channel.CallerIDName != "Niccol\uFFFD" {
			t.Errorf("%q", evs)
		}
	},
	"A28": testFlood,
	"A41": func(t *testing.T, _ faultCase) {
		read := make(chan struct{}) // closed at the end, for a peer that does not read
		client, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) { p.login(""); <-read })
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, err = client.Do(context.Background(), Ping{})
		if took := time.Since(begin); !errors.Is(err, ErrWriteTimeout) || took > 6*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if err := ended(t, client); !errors.Is(err, ErrWriteTimeout) {
			t.Error(err)
		}
		close(read)
	},
	"A42": func(t *testing.T, _ faultCase) {
		begin := time.Now()
		_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			p.send(banner)
			id := p.expect("Challenge").get("ActionID")
			for _, b := range []byte("Response: Success\r\nActionID: " + id + "\r\nChallenge: 123456789\r\n\r\n") {
				if _, err := p.conn.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		if took := time.Since(begin); !errors.Is(err, ErrLoginTimeout) || took > 16*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	},
	"A44": testLoginAnswer,
	"A45": func(t *testing.T, c faultCase) {
		client, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
			p.login(c.text(""))
			_, _ = io.Copy(io.Discard, p.in)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := ended(t, client); !errors.Is(err, ErrGoodbye) {
			t.Error(err)
		}
	},
	"A48": func(t *testing.T, _ faultCase) {
		self := certificate(t, nil, nil)
		cfg := config("127.0.0.1:1")
		cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
		_, err := dialPipe(t, cfg, func(p *peer) {
			server := tls.Server(p.conn, &tls.Config{
				Certificates: []tls.Certificate{*self}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
			})
			if server.Handshake() == nil {
				t.Error("agreed on TLS 1.1")
			}
		})
		if !errors.Is(err, ErrTLSVersion) {
			t.Error(err)
		}
	},
	"A49": func(t *testing.T, _ faultCase) {
		for _, auth := range []Auth{AuthMD5, AuthPlain} {
			var log logText
			cfg := config("127.0.0.1:1")
			cfg.Auth = auth
			cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			_, err := dialPipe(t, cfg, func(p *peer) { p.send(banner); _, _ = io.Copy(p.conn, p.in) })
			if !errors.Is(err, ErrLoginTimeout) {
				t.Error(err)
			}
			if s := log.String(); strings.Contains(s, cfg.Secret) || strings.Contains(s, "Key") {
				t.Errorf("the log says %q", s)
			}
		}
	},
}

// TestFaultCases runs the catalogue of hostile and damaged servers: each case
// in the packages it names, and in one at least.
func TestFaultCases(t *testing.T) {
	data, err := os.ReadFile("testdata/ami_faults.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue struct{ Cases []faultCase }
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	if len(catalogue.Cases) != 38 {
		t.Errorf("%d cases: was one lost?", len(catalogue.Cases))
	}
	here := 0
	for _, c := range catalogue.Cases {
		if len(c.TestedIn) == 0 {
			t.Errorf("%s, %s, is tested nowhere", c.ID, c.Name)
		}
		for _, dir := range c.TestedIn {
			// Without a test of that name the case would not be missed.
			if source, err := os.ReadFile("../" + dir + "/faultcases_test.go"); dir != "ami" && (err != nil || !bytes.Contains(source, []byte("func TestFaultCases("))) {
				t.Errorf("%s: %s has no TestFaultCases", c.ID, dir)
			}
		}
		if !slices.Contains(c.TestedIn, "ami") {
			continue
		}
		here++
		t.Run(c.ID+" "+c.Name, func(t *testing.T) {
			test := faultTests[c.ID]
			if test == nil {
				t.Fatal("there is no test of it")
			}
			synctest.Test(t, func(t *testing.T) { test(t, c) })
		})
	}
	if here != len(faultTests) {
		t.Errorf("%d tests for %d cases", len(faultTests), here)
	}
}

// dialPipe is Dial to a server that runs script at the other end of an
// in-memory connection. The test closes the client at its end, and waits for
// script.
func dialPipe(t *testing.T, cfg Config, script func(*peer)) (*Client, error) {
	t.Helper()
	cfg.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		done := make(chan struct{})
		t.Cleanup(func() { <-done })
		go func() {
			defer close(done)
			defer server.Close()
			script(&peer{t: t, conn: server, in: bufio.NewReader(server)})
		}()
		return client, nil
	}
	c, err := Dial(context.Background(), cfg)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// sendsNothingTo fails the test when the client says anything.
func sendsNothingTo(p *peer) {
	if b, _ := io.ReadAll(p.in); len(b) > 0 {
		p.t.Errorf("the client sent %q", b)
	}
}

// testLoginAnswer: an answer to the login, after which the client is
// connected at once.
func testLoginAnswer(t *testing.T, c faultCase) {
	begin := time.Now()
	_, err := dialPipe(t, config("127.0.0.1:1"), func(p *peer) {
		banner, answer, _ := strings.Cut(c.Send, "\r\n")
		p.send(banner + "\r\n")
		id := p.expect("Challenge").get("ActionID")
		p.send("Response: Success\r\nActionID: " + id + "\r\nChallenge: 840415273\r\n\r\n")
		p.send(strings.ReplaceAll(answer, "{login}", p.expect("Login").get("ActionID")))
		p.logoff()
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 0 {
		t.Errorf("connected after %v", took)
	}
}

// eventsOf is what a client delivers of a stream that ends.
func eventsOf(t *testing.T, stream string) []Event {
	t.Helper()
	cfg, sub := everything(config("127.0.0.1:1"))
	dialled := make(chan struct{})
	_, err := dialPipe(t, cfg, func(p *peer) { p.login(stream); <-dialled })
	close(dialled)
	if err != nil {
		t.Fatal(err)
	}
	return rest(t, sub())
}

// testFlood: other people's events as fast as the machine can make them, our
// own among them, one in ten thousand. Six million is a minute of a hundred
// thousand a second; what is checked depends on their number, not on the time,
// and a tenth of them will do.
func testFlood(t *testing.T, _ faultCase) {
	const events, every = 600_000, 10_000
	foreign := "Event: Newexten\r\nPrivilege: dialplan,all\r\nChannel: PJSIP/7201-00000001\r\nUniqueid: 1.7\r\n" +
		"Context: internal\r\nExtension: 7202\r\nPriority: 3\r\nApplication: Dial\r\nAppData: PJSIP/7202\r\n\r\n"
	block := strings.Repeat(foreign, 100)
	cfg := config("127.0.0.1:1")
	var own *Subscription
	cfg.OnLogin = func(c *Client) {
		own = c.Subscribe(func(m *Message) bool { return string(m.Bytes("Uniqueid")) == "own" }, 0)
	}
	flooded := make(chan struct{})
	client, err := dialPipe(t, cfg, func(p *peer) {
		p.login("")
		pinged := make(chan string, 1)
		go func() {
			if r, err := p.read(); err == nil { // the Ping, in the midst of it
				pinged <- r.get("ActionID")
			}
		}()
		for sent := 0; sent < events; sent += 100 {
			if sent%every == 0 {
				p.send("Event: Hangup\r\nUniqueid: own\r\nCause: 16\r\n\r\n")
			}
			p.send(block)
			select {
			case id := <-pinged:
				p.send("Response: Success\r\nActionID: " + id + "\r\nPing: Pong\r\n\r\n")
			default:
			}
		}
		close(flooded)
		p.logoff()
	})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	begin := time.Now()
	if _, err := client.Do(context.Background(), Ping{}); err != nil || time.Since(begin) > time.Second {
		t.Errorf("Ping: %v after %v", err, time.Since(begin))
	}
	<-flooded
	if grew := heap() - before; grew >= 32<<20 {
		t.Errorf("the heap grew by %d", grew)
	}
	for range events / every {
		if _, ok := take(t, own).(HangupEvent); !ok {
			t.Error("one of our own is missing")
		}
	}
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far from its end
}
