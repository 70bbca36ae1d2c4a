package ami

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// certificate makes one; with a nil issuer it signs itself.
func certificate(t *testing.T, issuer *tls.Certificate, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "pbx"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:     []string{"pbx.example"},
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, any(key)
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func authority(c *x509.Certificate) {
	c.Subject.CommonName = "authority"
	c.IsCA, c.BasicConstraintsValid = true, true
	c.KeyUsage = x509.KeyUsageCertSign
}

func pool(certs ...*tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AddCert(c.Leaf)
	}
	return p
}

// wireTap keeps what the client wrote to the TCP connection.
type wireTap struct {
	net.Conn
	mu      *sync.Mutex // guards written
	written *bytes.Buffer
}

func (w wireTap) Write(b []byte) (int, error) {
	w.mu.Lock()
	w.written.Write(b)
	w.mu.Unlock()
	return w.Conn.Write(b)
}

func TestTLS(t *testing.T) {
	ca := certificate(t, nil, authority)
	other := certificate(t, nil, authority)
	good := certificate(t, ca, nil)
	self := certificate(t, nil, nil)
	expired := certificate(t, ca, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	nameless := certificate(t, nil, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, nil }) // as ast_tls_cert makes them
	pin := fingerprintOf(self.Leaf)
	colons := strings.ToUpper(pin[:2])
	for i := 2; i < 64; i += 2 {
		colons += ":" + strings.ToUpper(pin[i:i+2])
	}

	for _, tt := range []struct {
		name   string
		server *tls.Certificate
		client TLS
		kind   CertKind // -1: accepted
	}{
		{"issued by a root", good, TLS{RootCAs: pool(ca)}, -1},
		{"by another name", good, TLS{RootCAs: pool(ca), ServerName: "pbx.example"}, -1},
		{"self-signed root", self, TLS{RootCAs: pool(self)}, -1},
		{"pinned", self, TLS{RootCAs: pool(ca), Pin: pin}, -1},
		{"pinned with colons", self, TLS{RootCAs: pool(ca), Pin: colons}, -1},
		{"pinned without a name", nameless, TLS{Pin: fingerprintOf(nameless.Leaf)}, -1},
		{"pinned and expired", expired, TLS{Pin: fingerprintOf(expired.Leaf)}, -1},
		{"self-signed", self, TLS{RootCAs: pool(ca)}, CertSelfSigned},
		{"self-signed, the system's roots", self, TLS{}, CertSelfSigned},
		{"self-signed and nameless", nameless, TLS{RootCAs: pool(ca)}, CertSelfSigned},
		{"unknown authority", good, TLS{RootCAs: pool(other)}, CertUnknownCA},
		{"unknown authority, wrong name", good, TLS{RootCAs: pool(other), ServerName: "x.example"}, CertUnknownCA},
		{"wrong host", good, TLS{RootCAs: pool(ca), ServerName: "x.example"}, CertWrongHost},
		{"expired", expired, TLS{RootCAs: pool(ca)}, CertExpired},
		{"not yet valid", certificate(t, ca, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }), TLS{RootCAs: pool(ca)}, CertNotYetValid},
		{"for clients only", certificate(t, ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), TLS{RootCAs: pool(ca)}, CertInvalid},
		{"changed", good, TLS{RootCAs: pool(ca), Pin: pin}, CertChanged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*tt.server}}, func(p *peer) {
				if tt.kind >= 0 {
					// The client must not get as far as sending anything.
					if b, err := io.ReadAll(p.conn); len(b) > 0 || err == nil {
						t.Errorf("the server read %q, %v", b, err)
					}
					return
				}
				p.login("")
				p.logoff()
			})
			cfg := config(addr)
			cfg.TLS = &tt.client
			var steps []Step
			cfg.OnStep = func(s Step) { steps = append(steps, s) }
			tap := wireTap{mu: new(sync.Mutex), written: new(bytes.Buffer)}
			cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return wireTap{conn, tap.mu, tap.written}, err
			}
			c, err := Dial(context.Background(), cfg)
			if tt.kind < 0 {
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				if fmt.Sprint(steps) != "[resolve connect tls banner login]" {
					t.Errorf("steps %v", steps)
				}
			} else {
				var bad *CertError
				if !errors.As(err, &bad) || bad.Kind != tt.kind {
					t.Fatalf("got %v, want %v", err, tt.kind)
				}
				if !bad.Cert.Equal(tt.server.Leaf) || bad.Fingerprint != fingerprintOf(tt.server.Leaf) {
					t.Errorf("it shows another certificate: %s", bad.Fingerprint)
				}
				if want := map[bool]string{true: pin}[tt.kind == CertChanged]; bad.Pinned != want {
					t.Errorf("Pinned is %q, want %q", bad.Pinned, want)
				}
			}
			tap.mu.Lock()
			defer tap.mu.Unlock()
			if bytes.Contains(tap.written.Bytes(), []byte("Action")) {
				t.Error("an action went out in clear")
			}
		})
	}
}

func TestTLSOnlyOldVersions(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{
		Certificates: []tls.Certificate{*self}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	}, func(p *peer) { _, _ = io.Copy(io.Discard, p.conn) }))
	cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrTLSVersion) {
		t.Errorf("got %v", err)
	}
}

// TestTLSOldServerHello: a server that ignores what was offered and answers
// with TLS 1.1, as old OpenSSL does.
func TestTLSOldServerHello(t *testing.T) {
	cfg := config(listen(t, func(p *peer) {
		hello := append([]byte{3, 2}, make([]byte, 32)...)                    // version 1.1, random
		hello = append(hello, 0, 0x00, 0x2f, 0)                               // no session, a cipher, no compression
		body := append([]byte{2, 0, 0, byte(len(hello))}, hello...)           // ServerHello
		p.send(string(append([]byte{22, 3, 2, 0, byte(len(body))}, body...))) // a handshake record
		_, _ = io.Copy(io.Discard, p.in)
	}))
	cfg.TLS = &TLS{}
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrTLSVersion) {
		t.Errorf("got %v", err)
	}
}

// TestTLSToPlainServer: the error says so, and there is no second try without TLS.
func TestTLSToPlainServer(t *testing.T) {
	cfg := config(listen(t, func(p *peer) {
		p.send(banner)
		if b, _ := io.ReadAll(p.in); bytes.Contains(b, []byte("Action")) {
			t.Errorf("the client sent %q", b)
		}
	}))
	cfg.TLS = &TLS{}
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrNotTLS) {
		t.Errorf("got %v", err)
	}
}

// TestPlainToTLSServer: it waits for our hello, we for its banner.
func TestPlainToTLSServer(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*self}}, func(p *peer) {
		_, _ = io.Copy(io.Discard, p.conn)
	}))
	cfg.BannerTimeout = 200 * time.Millisecond
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrBannerTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestTLSSilentServer(t *testing.T) {
	cfg := config(listen(t, func(p *peer) { _, _ = io.Copy(io.Discard, p.in) }))
	cfg.TLS, cfg.BannerTimeout = &TLS{}, 200*time.Millisecond
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrBannerTimeout) {
		t.Errorf("got %v", err)
	}
}

// TestTLSTooManySessions: Asterisk agrees on TLS before it counts sessions.
func TestTLSTooManySessions(t *testing.T) {
	self := certificate(t, nil, nil)
	for name, end := range map[string]func(net.Conn){
		"close_notify":    func(net.Conn) {},
		"no close_notify": func(raw net.Conn) { _ = raw.Close() },
		"reset": func(raw net.Conn) { // as where our request was not read
			_ = raw.(*net.TCPConn).SetLinger(0)
			_ = raw.Close()
		},
	} {
		cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*self}}, func(p *peer) {
			if err := p.conn.(*tls.Conn).Handshake(); err != nil {
				t.Error(err)
			}
			end(p.conn.(*tls.Conn).NetConn())
		}))
		cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
		if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrTooManySessions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTLSChallengeBeforeBanner: the request for a challenge saves the round trip
// of the banner.
func TestTLSChallengeBeforeBanner(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*self}}, func(p *peer) {
		c := p.expect("Challenge")
		p.send(banner + "Response: Success\r\nActionID: " + c.get("ActionID") + "\r\nChallenge: 840415273\r\n\r\n")
		l := p.expect("Login")
		if want := challengeKey("840415273", "s3cret"); l.get("Key") != want {
			t.Errorf("Key is %q, want %q", l.get("Key"), want)
		}
		p.send("Response: Success\r\nActionID: " + l.get("ActionID") + "\r\n\r\n")
		p.logoff()
	}))
	cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
	dial(t, cfg)
}

// TestNothingBeforeBanner: without TLS nothing is sent before the banner, because the
// server may not be an AMI.
func TestNothingBeforeBanner(t *testing.T) {
	cfg := config(listen(t, func(p *peer) {
		_ = p.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if b, err := p.in.ReadByte(); err == nil {
			t.Errorf("sent before the banner: %q", b)
		}
	}))
	if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrTooManySessions) {
		t.Errorf("got %v", err)
	}
}

// TestTLSFallsBackToSecret: inside verified TLS the secret may go out when the
// server has no challenge.
func TestTLSFallsBackToSecret(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*self}}, func(p *peer) {
		p.send(banner)
		c := p.expect("Challenge")
		p.send("Response: Error\r\nActionID: " + c.get("ActionID") + "\r\nMessage: Must specify AuthType\r\n\r\n")
		l := p.expect("Login")
		if l.get("Secret") != "s3cret" || l.get("AuthType") != "" {
			t.Errorf("Login is %q", l)
		}
		p.send("Response: Success\r\nActionID: " + l.get("ActionID") + "\r\n\r\n")
		p.logoff()
	}))
	cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
	dial(t, cfg)
}

// TestTLSTruncation: the TCP connection ends in the middle of an answer,
// without close_notify (io.EOF to crypto/tls, at the end of a record). The
// fragment counts for nothing.
func TestTLSTruncation(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*self}}, func(p *peer) {
		p.login("")
		p.expect("Originate")
		p.send("Response: Success\r\nActionID: call-1\r\n")
		_ = p.conn.(*tls.Conn).NetConn().Close()
	}))
	cfg.TLS = &TLS{Pin: fingerprintOf(self.Leaf)}
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), call1); !errors.Is(err, io.EOF) || errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
}
