package ami

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cornetta/internal/freeport"
)

func TestLoginMD5(t *testing.T) {
	var sent request
	addr := listen(t, func(p *peer) {
		p.send(banner)
		c := p.expect("Challenge")
		if c.get("AuthType") != "MD5" {
			t.Errorf("AuthType is %q", c.get("AuthType"))
		}
		p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 840415273\r\n\r\n")
		sent = p.expect("Login")
		p.send("Response: Success\r\nActionID: " + sent.get("ActionID") + "\r\n\r\n")
		p.logoff()
	})
	cfg := config(addr)
	cfg.Events = ""
	var steps []Step
	cfg.OnStep = func(s Step) { steps = append(steps, s) }
	c := dial(t, cfg)
	if c.Version() != "5.0.4" {
		t.Errorf("Version is %q", c.Version())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	// md5("840415273" + "s3cret"), computed with md5sum.
	want := request{
		"Action: Login", "ActionID: t-2", "Username: cornetta", "AuthType: MD5",
		"Key: d7994fd8cd10e2224514d095d0fd3f7b", "Events: off",
	}
	if fmt.Sprint(sent) != fmt.Sprint(want) {
		t.Errorf("sent %q\nwant %q", sent, want)
	}
	if fmt.Sprint(steps) != "[resolve connect banner login]" {
		t.Errorf("steps %v", steps)
	}
	if !errors.Is(c.Err(), ErrClosed) {
		t.Errorf("Err is %v", c.Err())
	}
}

func TestLoginPlainByChoice(t *testing.T) {
	var sent request
	addr := listen(t, func(p *peer) {
		p.send(banner)
		sent = p.expect("Login")
		p.send("Response: Success\r\nActionID: " + sent.get("ActionID") + "\r\n\r\n")
		p.logoff()
	})
	cfg := config(addr)
	cfg.Auth = AuthPlain
	dial(t, cfg).Close()
	if sent.get("Secret") != "s3cret" || sent.get("Key") != "" {
		t.Errorf("sent %q", sent)
	}
}

// TestLoginFaults is what a client meets that never gets in, and the error that
// names it.
func TestLoginFaults(t *testing.T) {
	// challenged answers the challenge and returns the Login.
	challenged := func(p *peer) request {
		p.send(banner)
		c := p.expect("Challenge")
		p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 840415273\r\n\r\n")
		return p.expect("Login")
	}
	silent := func(p *peer) { _, _ = io.Copy(io.Discard, p.in) }
	// nothing checks that the client sends nothing at all.
	nothing := func(p *peer) {
		if b, _ := io.ReadAll(p.in); len(b) > 0 {
			p.t.Errorf("the client sent %q", b)
		}
	}
	tests := []struct {
		name   string
		script func(*peer)
		change func(*Config)
		want   error
	}{
		{"no banner", nothing, nil, ErrBannerTimeout},
		{"half a banner", func(p *peer) { p.send("Asterisk Call"); nothing(p) }, nil, ErrBannerTimeout},
		{"closed before the banner", func(*peer) {}, nil, ErrTooManySessions},
		{"closed within the banner", func(p *peer) { p.send("Asterisk Call") }, nil, ErrNotAMI},
		{"a proxy", func(p *peer) { p.send("Asterisk Call Manager Proxy/1.22\r\n"); nothing(p) }, nil, ErrProxy},
		{"a proxy, byte by byte", func(p *peer) {
			for _, b := range []byte("Asterisk Manager Proxy\r\n") {
				if _, err := p.conn.Write([]byte{b}); err != nil {
					break // it is known before its end
				}
			}
		}, nil, ErrProxy},
		{"closed within a proxy's banner", func(p *peer) { p.send("Asterisk Call Manager Pro") }, nil, ErrNotAMI},
		{"SSH", func(p *peer) { p.send("SSH-2.0-OpenSSH_9.6\r\n"); nothing(p) }, nil, ErrNotAMI},
		{"HTTP", func(p *peer) { p.send("HTTP/1.1 400 Bad Request\r\n\r\n"); nothing(p) }, nil, ErrNotAMI},
		{"endless banner", func(p *peer) {
			for {
				if _, err := io.WriteString(p.conn, strings.Repeat("A", 4096)); err != nil {
					return
				}
			}
		}, nil, ErrNotAMI},
		{"endless version", func(p *peer) {
			_, _ = io.WriteString(p.conn, "Asterisk Call Manager/")
			for {
				if _, err := io.WriteString(p.conn, strings.Repeat("9", 4096)); err != nil {
					return
				}
			}
		}, nil, ErrNotAMI},
		{"wrong secret", func(p *peer) {
			l := challenged(p)
			p.send("Response: Error\r\nActionID: " + l.get("ActionID") + "\r\nMessage: Authentication failed\r\n\r\n")
		}, nil, ErrAuthFailed},
		{"logged in already", func(p *peer) {
			l := challenged(p)
			p.send("Response: Error\r\nActionID: " + l.get("ActionID") + "\r\nMessage: Login Already In Use\r\n\r\n")
		}, nil, ErrAlreadyLoggedIn},
		{"closed instead of an answer", func(p *peer) { challenged(p) }, nil, ErrLoginClosed},
		{"reset instead of an answer", func(p *peer) {
			challenged(p)
			_ = p.conn.(*net.TCPConn).SetLinger(0)
		}, nil, ErrLoginClosed},
		{"half an answer", func(p *peer) {
			l := challenged(p)
			p.send("Response: Success\r\nActionID: " + l.get("ActionID") + "\r\n")
		}, nil, ErrLoginClosed},
		{"goodbye instead of an answer", func(p *peer) {
			challenged(p)
			p.send("Response: Goodbye\r\n\r\n")
			silent(p)
		}, nil, ErrGoodbye},
		{"no challenge in clear", func(p *peer) {
			p.send(banner)
			c := p.expect("Challenge")
			p.send("Response: Error\r\nActionID: " + c.get("ActionID") + "\r\nMessage: Must specify AuthType\r\n\r\n")
			nothing(p)
		}, nil, ErrAuthMethod},
		{"hostile challenge", func(p *peer) {
			p.send(banner)
			c := p.expect("Challenge")
			p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 1\x00\x1b]0;x\a" + strings.Repeat("9", 5000) + "\r\n\r\n")
			nothing(p)
		}, nil, ErrProtocol},
		{"no challenge in the answer", func(p *peer) {
			p.send(banner)
			c := p.expect("Challenge")
			p.send("Response: Success\r\nActionID: " + c.get("ActionID") + "\r\n\r\n")
			nothing(p)
		}, nil, ErrProtocol},
		{"challenge answered without ActionID", func(p *peer) {
			p.send(banner)
			p.expect("Challenge")
			p.send("Response: Success\r\nChallenge: 840415273\r\n\r\n")
			nothing(p)
		}, nil, ErrLoginTimeout},
		{"forged success before the login", func(p *peer) {
			p.send(banner + "Response: Success\r\nMessage: Authentication accepted\r\n\r\n")
			p.expect("Login")
			silent(p)
		}, func(c *Config) { c.Auth = AuthPlain }, ErrLoginTimeout},
		{"success for somebody else's ActionID", func(p *peer) {
			challenged(p)
			p.send("Response: Success\r\nActionID: T-2\r\n\r\nResponse: Success\r\nActionID: t-22\r\n\r\n")
			silent(p)
		}, nil, ErrLoginTimeout},
		{"echo", func(p *peer) { p.send(banner); _, _ = io.Copy(p.conn, p.in) }, nil, ErrLoginTimeout},
		{"trickle", func(p *peer) {
			challenged(p)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for range tick.C {
				if _, err := io.WriteString(p.conn, "x"); err != nil {
					return
				}
			}
		}, nil, ErrLoginTimeout},
		{"endless answer", func(p *peer) {
			challenged(p)
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(p.conn, "X-%d: y\r\n", i); err != nil {
					return
				}
			}
		}, nil, ErrMessageTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(listen(t, tt.script))
			cfg.BannerTimeout = 300 * time.Millisecond
			cfg.LoginTimeout = 300 * time.Millisecond
			var log logText
			cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if tt.change != nil {
				tt.change(&cfg)
			}
			if tt.want == ErrMessageTooLarge {
				cfg.LoginTimeout = patience
			}
			begin := time.Now()
			c, err := Dial(context.Background(), cfg)
			if c != nil {
				c.Close()
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if took := time.Since(begin); took > patience/2 {
				t.Errorf("took %v", took)
			}
			if s := log.String(); strings.Contains(s, "s3cret") || strings.Contains(s, "Key") {
				t.Errorf("the log says %q", s)
			}
		})
	}
}

type logText struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestLoginTolerated are servers that are let in although they differ.
func TestLoginTolerated(t *testing.T) {
	tests := []struct {
		name    string
		banner  string
		version string
		answer  string // to Login; ID stands for its ActionID
	}{
		{"no ActionID echoed", banner, "5.0.4", "Response: Success\r\nMessage: Authentication accepted\r\n\r\n"},
		{"forged success with the banner", banner + "Response: Success\r\nMessage: Authentication accepted\r\n\r\n", "5.0.4", "Response: Success\r\nActionID: ID\r\n\r\n"},
		{"version 1.0", "Asterisk Call Manager/1.0\r\n", "1.0", "Response: Success\r\nActionID: ID\r\n\r\n"},
		{"version 99.9, LF", "Asterisk Call Manager/99.9\n", "99.9", "Response: Success\nActionID: ID\n\n"},
		{"Asterisk 12.1", "Asterisk Call Manager/2.1.0\r\n", "2.1.0", "Response: Success\r\nActionID: ID\r\n\r\n"},
		{"Asterisk 12.2", "Asterisk Call Manager/2.2.0\r\n", "2.2.0", "Response: Success\r\nActionID: ID\r\n\r\n"},
		{"no plain version", "Asterisk Call Manager/\x1b]0;x\a\r\n", "", "Response: Success\r\nActionID: ID\r\n\r\n"},
		{"ActionID first", banner, "5.0.4", "ActionID: ID\r\nResponse: Success\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, config(listen(t, func(p *peer) {
				p.send(tt.banner)
				ch := p.expect("Challenge")
				p.send("Response: Success\r\nActionID: " + ch.get("ActionID") + "\r\nChallenge: 840415273\r\n\r\n")
				l := p.expect("Login")
				p.send(strings.ReplaceAll(tt.answer, "ID: ID", "ID: "+l.get("ActionID")))
				p.logoff()
			})))
			if c.Version() != tt.version {
				t.Errorf("Version is %q, want %q", c.Version(), tt.version)
			}
			if ids := tt.version != "" && tt.version != "1.0" && tt.version != "2.1.0"; c.TakesChannelIDs() != ids {
				t.Errorf("version %q takes ids: %v", tt.version, !ids)
			}
		})
	}
}

func TestBadConfigNeverConnects(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"CR in the secret":        func(c *Config) { c.Secret = "a\rb" },
		"LF in the secret":        func(c *Config) { c.Secret = "a\nAction: Command" },
		"NUL in the username":     func(c *Config) { c.Username = "a\x00" },
		"no username":             func(c *Config) { c.Username = "" },
		"secret too long":         func(c *Config) { c.Secret = strings.Repeat("x", 1000) },
		"unknown class of events": func(c *Config) { c.Events = "calls" },
		"pin not of SHA-256":      func(c *Config) { c.TLS = &TLS{Pin: "abcd"} },
		"no port":                 func(c *Config) { c.Addr = "127.0.0.1" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config("127.0.0.1:1")
			cfg.DialContext = func(context.Context, string, string) (net.Conn, error) {
				t.Error("connected")
				return nil, io.EOF
			}
			change(&cfg)
			if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrBadValue) {
				t.Errorf("got %v", err)
			} else if strings.Contains(err.Error(), cfg.Secret) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestConnectErrors(t *testing.T) {
	port, err := freeport.TCP()
	if err != nil {
		t.Fatal(err)
	}
	closed := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if _, err := Dial(context.Background(), config(closed)); !errors.Is(err, refused) {
		t.Errorf("closed port: %v", err)
	}

	var steps []Step
	cfg := config("no-such-host.invalid:5038")
	cfg.OnStep = func(s Step) { steps = append(steps, s) }
	var dns *net.DNSError
	if _, err := Dial(context.Background(), cfg); !errors.As(err, &dns) {
		t.Errorf("unknown name: %v", err)
	}
	if len(steps) != 0 {
		t.Errorf("steps %v", steps)
	}
}

// TestCancel: ctx interrupts Dial in each of its stages.
func TestCancel(t *testing.T) {
	for _, stage := range []string{"connect", "banner", "login"} {
		t.Run(stage, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			cfg := config(listen(t, func(p *peer) {
				if stage == "login" {
					p.send(banner)
					p.expect("Challenge")
				}
				cancel()
				_, _ = io.Copy(io.Discard, p.in)
			}))
			if stage == "connect" {
				cfg.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
					cancel()
					<-ctx.Done()
					return nil, ctx.Err()
				}
			}
			if _, err := Dial(ctx, cfg); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAddressesInTurn: an address that refuses or says nothing does not keep
// the next one from being tried.
func TestAddressesInTurn(t *testing.T) {
	if got := fmt.Sprint(alternate([]string{"::1", "::2", "::3", "1.1.1.1"})); got != "[::1 1.1.1.1 ::2 ::3]" {
		t.Errorf("alternate: %s", got)
	}
	addr := listen(t, func(p *peer) { _, _ = io.Copy(io.Discard, p.in) })
	_, port, _ := net.SplitHostPort(addr)
	cfg, err := config(addr).complete()
	if err != nil {
		t.Fatal(err)
	}
	direct := cfg.DialContext
	var mu sync.Mutex
	var tried []string
	cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(addr)
		mu.Lock()
		tried = append(tried, host)
		mu.Unlock()
		switch host {
		case "192.0.2.1": // silent
			<-ctx.Done()
			return nil, ctx.Err()
		case "192.0.2.2":
			return nil, syscall.ECONNREFUSED
		}
		return direct(ctx, network, addr)
	}
	conn, err := race(context.Background(), cfg, []string{"192.0.2.1", "192.0.2.2", "127.0.0.1"}, port)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if fmt.Sprint(tried) != "[192.0.2.1 192.0.2.2 127.0.0.1]" {
		t.Errorf("tried %v", tried)
	}
	begin := time.Now()
	refused := slices.Repeat([]string{"192.0.2.2"}, 20)
	if conn, err = race(context.Background(), cfg, append(refused, "127.0.0.1"), port); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if took := time.Since(begin); took > 10*headStart {
		t.Errorf("20 refusals took %v", took)
	}
	if _, err := race(context.Background(), cfg, []string{"192.0.2.2"}, port); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}
