package dialer

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// issue makes a certificate of issuer's, or a root where there is none.
func issue(t *testing.T, issuer *tls.Certificate, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issueFor(t, issuer, key, change)
}

// issueFor is issue for that key.
func issueFor(t *testing.T, issuer *tls.Certificate, key crypto.Signer, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "pbx.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := template, any(key)
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.PrivateKey
	} else {
		template.Subject.CommonName = "authority"
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// recordingPBX is an pbxsim whose connections tell what they read, below TLS and
// inside of it.
type recordingPBX struct {
	*pbxsim.PBX
	raw recordingListener

	mu     sync.Mutex // guards server
	server *tls.Config
}

type recordingListener struct {
	net.Listener
	mu    *sync.Mutex // guards what follows
	conns *int
	bytes *bytes.Buffer
}

func (l recordingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		*l.conns++
		l.mu.Unlock()
		c = recordingConn{c, l}
	}
	return c, err
}

type recordingConn struct {
	net.Conn
	l recordingListener
}

func (o recordingConn) Read(b []byte) (int, error) {
	n, err := o.Conn.Read(b)
	o.l.mu.Lock()
	o.l.bytes.Write(b[:n])
	o.l.mu.Unlock()
	return n, err
}

// startTLS is a PBX whose certificate can be changed; nil: it speaks in clear.
func startTLS(t *testing.T, settings *tls.Config) *recordingPBX {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &recordingPBX{server: settings, raw: recordingListener{ln, new(sync.Mutex), new(int), new(bytes.Buffer)}}
	o := pbxsim.Options{Listener: p.raw}
	if settings != nil {
		o.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.server, nil
		}}
	}
	if p.PBX, err = pbxsim.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func (p *recordingPBX) change(settings *tls.Config) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = settings
}

// recorded is how many connections there were, and what came in over them.
func (p *recordingPBX) recorded() (conns int, raw string) {
	p.raw.mu.Lock()
	defer p.raw.mu.Unlock()
	return *p.raw.conns, p.raw.bytes.String()
}

func with(certs ...*tls.Certificate) *tls.Config {
	c := &tls.Config{}
	for _, cert := range certs {
		c.Certificates = append(c.Certificates, *cert)
	}
	return c
}

// TestEachCertificateFault: each has its own code, nothing is sent to the server, and
// there is no second try with weaker checks.
func TestEachCertificateFault(t *testing.T) {
	root, stranger := issue(t, nil, nil), issue(t, nil, nil)
	roots := x509.NewCertPool()
	roots.AddCert(root.Leaf)
	good := issue(t, root, nil)
	old := with(good)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	self := selfSigned(t)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := issueFor(t, root, short, nil)
	sha1 := issue(t, root, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })
	rare := with(good)
	rare.MaxVersion, rare.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA} //nolint:gosec // that is the point
	hour, day := time.Hour, 24*time.Hour
	for _, tt := range []struct {
		name   string
		server *tls.Config
		pin    string
		clock  time.Duration // how far the computer's is wrong
		want   status.Code
	}{
		{"good", with(good), "", 0, ""},
		{"self-signed", with(&self), "", 0, status.CodeCertSelf},
		{"unknown authority", with(issue(t, stranger, nil)), "", 0, status.CodeCertUnknownCA},
		{"expired", with(issue(t, root, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-hour / 2) })), "", 0, status.CodeCertExpired},
		{"not yet valid", with(issue(t, root, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(hour) })), "", 0, status.CodeCertNotYet},
		{"another host", with(issue(t, root, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} })), "", 0, status.CodeCertHost},
		{"changed", with(good), fingerprintOf(self), 0, status.CodeCertChanged},
		{"in clear", nil, "", 0, status.CodeNotTLS},
		{"in clear, pinned", nil, fingerprintOf(self), 0, status.CodeNotTLS},
		{"TLS 1.1", old, "", 0, status.CodeTLSVersion},
		{"TLS 1.1, pinned", old, fingerprintOf(*good), 0, status.CodeTLSVersion},
		{"RSA 1024", with(weak), "", 0, status.CodeCertWeakKey},
		{"RSA 1024, pinned", with(weak), fingerprintOf(*weak), 0, status.CodeCertWeakKey},
		{"SHA-1", with(sha1), "", 0, status.CodeCertWeakSignature},
		{"no cipher in common", rare, "", 0, status.CodeTLSFailed},
		{"the computer's clock a day behind", with(good), "", -day, status.CodeCertNotYet},
		{"the computer's clock 400 days ahead", with(good), "", 400 * day, status.CodeCertExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startTLS(t, tt.server)
			d := startDialer(t, config.Account{}, config.ConnectionOnDemand)
			d.reach = func(c *ami.Config) { // before its first use
				c.TLS.RootCAs = roots
				c.TLS.Time = func() time.Time { return time.Now().Add(tt.clock) }
			}
			a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			a.TLS, a.TLSPin = true, tt.pin
			if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
				t.Fatal(err)
			}
			if err := d.Check(t.Context()); codeOf(err) != tt.want || (err != nil) != (tt.want != "") {
				t.Errorf("%v, want %q", err, tt.want)
			}
			_, err := d.Dial(t.Context(), planFor("7102"))
			if codeOf(err) != tt.want {
				t.Errorf("dialling: %v, want %q", err, tt.want)
			}
			if tt.want == "" {
				return
			}
			conns, raw := p.recorded()
			if conns != 2 || bytes.Contains([]byte(raw), []byte("Action")) {
				t.Errorf("%d connections for a check and a call; heard in clear: %q", conns, raw)
			}
			if n := p.Logins() + p.LoginsRefused() + len(p.Originates()); n != 0 {
				t.Errorf("%d logins or calls", n)
			}
		})
	}
}

// pemOf writes certificates as an administrator hands them out.
func pemOf(t *testing.T, certs ...*tls.Certificate) (path string) {
	t.Helper()
	var data []byte
	for _, c := range certs {
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})...)
	}
	path = filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOwnAuthorities: with tls_ca the authorities of the file are trusted, and those of
// the system no longer; with tls13 no older version is. What is refused hears nothing.
func TestOwnAuthorities(t *testing.T) {
	root, stranger := issue(t, nil, nil), issue(t, nil, nil)
	good := with(issue(t, root, nil))
	older := with(issue(t, root, nil))
	older.MaxVersion = tls.VersionTLS12
	own, both, none := pemOf(t, root), pemOf(t, stranger, root), pemOf(t)
	for _, tt := range []struct {
		name   string
		server *tls.Config
		ca     string
		tls13  bool
		want   status.Code
	}{
		{"the authority's file", good, own, false, ""},
		{"among others", good, both, false, ""},
		{"TLS 1.3 alone", good, own, true, ""},
		{"TLS 1.2 permitted", older, own, false, ""},
		{"TLS 1.2 not permitted", older, own, true, status.CodeTLSVersion},
		{"the system's authorities", good, "", false, status.CodeCertUnknownCA},
		{"another authority's file", good, pemOf(t, stranger), false, status.CodeCertUnknownCA},
		{"no certificate in the file", good, none, false, status.CodeCertAuthorities},
		{"no file", good, none + ".gone", false, status.CodeCertAuthorities},
		{"a folder", good, filepath.Dir(none), false, status.CodeCertAuthorities},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startTLS(t, tt.server)
			a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			a.TLS, a.TLSCA, a.TLS13 = true, tt.ca, tt.tls13
			d := startDialer(t, a, config.ConnectionOnDemand)
			if err := d.Check(t.Context()); codeOf(err) != tt.want || (err != nil) != (tt.want != "") {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if _, err := d.Dial(t.Context(), planFor("7102")); codeOf(err) != tt.want {
				t.Errorf("dialling: %v, want %q", err, tt.want)
			}
			if n := p.Logins() + p.LoginsRefused() + len(p.Originates()); (n > 0) != (tt.want == "") {
				t.Errorf("%d logins or calls", n)
			}
		})
	}
}

// TestSelfSignedAtFirstUse: a person sees what is needed to decide, nothing is sent
// before the yes, and afterwards only this certificate is accepted.
func TestSelfSignedAtFirstUse(t *testing.T) {
	self, next := selfSigned(t), selfSigned(t)
	p := startTLS(t, with(&self))
	d := startDialer(t, config.Account{}, config.ConnectionOnDemand)
	a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
	a.TLS = true
	if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	if err := d.Check(t.Context()); codeOf(err) != status.CodeCertSelf {
		t.Fatal(err)
	}
	shown := until(t, d, "the trouble", func(s status.Snapshot) bool { return s.Trouble != nil }).Trouble.Cert
	if shown == nil || shown.Fingerprint != fingerprintOf(self) || shown.Subject != "CN=pbx" ||
		shown.NotBefore.IsZero() || !shown.NotAfter.After(time.Now()) || shown.Pinned != "" {
		t.Errorf("shown: %+v", shown)
	}
	if _, raw := p.recorded(); bytes.Contains([]byte(raw), []byte("Action")) || p.Logins()+p.LoginsRefused() != 0 {
		t.Errorf("said before the yes: %q", raw)
	}

	a.TLSPin = shown.Fingerprint // the yes
	if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Fatal(err)
	}

	logins := p.Logins()
	p.change(with(&next))
	if err := d.Check(t.Context()); codeOf(err) != status.CodeCertChanged {
		t.Fatal(err)
	}
	shown = until(t, d, "the trouble", func(s status.Snapshot) bool {
		return s.Trouble != nil && s.Trouble.Code == status.CodeCertChanged
	}).Trouble.Cert
	if shown == nil || shown.Fingerprint != fingerprintOf(next) || shown.Pinned != fingerprintOf(self) {
		t.Errorf("shown: %+v", shown)
	}
	if _, err := d.Dial(t.Context(), planFor("7102")); codeOf(err) != status.CodeCertChanged {
		t.Errorf("dialling: %v", err)
	}
	if n := p.Logins() - logins; n != 0 || p.LoginsRefused() != 0 {
		t.Errorf("%d logins with a certificate that changed", n)
	}
}

// A name with letters that the DNS has none of is looked up, and the certificate
// checked against, in the form that both have.
func TestNameWithLetters(t *testing.T) {
	a := config.Account{Host: "tls://pbx.müller.example:6039"}.Normalized()
	cfg, err := amiConfig(a, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "pbx.xn--mller-kva.example:6039"; cfg.Addr != want || cfg.TLS == nil {
		t.Fatalf("dials %s with TLS %v, want %s", cfg.Addr, cfg.TLS, want)
	}
	for name, good := range map[string]bool{"pbx.xn--mller-kva.example": true, "*.xn--mller-kva.example": true, "pbx.muller.example": false} {
		cert := issue(t, nil, func(c *x509.Certificate) { c.DNSNames = []string{name} })
		if err := cert.Leaf.VerifyHostname(cfg.TLS.ServerName); (err == nil) != good {
			t.Errorf("a certificate for %s: %v", name, err)
		}
	}
}
