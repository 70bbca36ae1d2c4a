package ami

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// reissued is a certificate like that which certificate makes, for another key; with a
// nil issuer it signs itself. A server shows it to whoever does not get as far as to the
// proof that it has the key.
func reissued(t *testing.T, issuer *tls.Certificate, key crypto.Signer, public any, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate(t, nil, func(c *x509.Certificate) { *template = *c })
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.PrivateKey.(crypto.Signer)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// rsaCertificate has a key of so many bits.
func rsaCertificate(t *testing.T, bits int, issuer *tls.Certificate, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	if bits < 1024 { // crypto/rsa makes none
		n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return reissued(t, issuer, key, &rsa.PublicKey{N: n, E: 65537}, change)
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return reissued(t, issuer, key, key.Public(), change)
}

// kept are the certificates of a file in testdata, made by openssl: crypto/x509 makes
// none such. The server has a key that is not theirs.
func kept(t *testing.T, name string) []*tls.Certificate {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "certificates", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var all []*tls.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return all
		}
		c := &tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key}
		c.Leaf, _ = x509.ParseCertificate(block.Bytes) // nil where that is the point
		all, data = append(all, c), rest
	}
}

// with is c as a server shows it with those that issued it.
func with(c *tls.Certificate, issuers ...*tls.Certificate) *tls.Certificate {
	chain := *c
	for _, i := range issuers {
		chain.Certificate = append(chain.Certificate, i.Certificate...)
	}
	return &chain
}

// TestWeakCertificates: a key that is too short and a signature that can be forged are
// named as that, whoever vouches for the certificate, and nothing is sent; what is not
// weak, or weak where nobody relies on it, is accepted.
func TestWeakCertificates(t *testing.T) {
	ca, stranger := certificate(t, nil, authority), certificate(t, nil, authority)
	sha1 := func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }
	short := rsaCertificate(t, 1024, nil, authority)
	shortMiddle := rsaCertificate(t, 1024, ca, authority)
	sha1Root := certificate(t, nil, func(c *x509.Certificate) { authority(c); sha1(c) })
	sha1Middle := certificate(t, ca, func(c *x509.Certificate) {
		authority(c)
		c.Subject.CommonName = "between"
		sha1(c)
	})
	shortMiddle.Leaf.Subject.CommonName = "authority"
	weak, good := rsaCertificate(t, 1024, ca, nil), certificate(t, ca, nil)
	weakSelf, sha1Self := rsaCertificate(t, 1024, nil, nil), certificate(t, nil, sha1)
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	by512, md5 := kept(t, "authority_rsa512"), kept(t, "md5")
	pin := func(c *tls.Certificate) TLS { return TLS{Pin: fingerprintOf(c.Leaf)} }
	under := func(roots ...*tls.Certificate) TLS { return TLS{RootCAs: pool(roots...)} }

	for _, tt := range []struct {
		name   string
		server *tls.Certificate
		client TLS
		kind   CertKind // -1: accepted
	}{
		{"RSA 512 under a root", rsaCertificate(t, 512, ca, nil), under(ca), CertWeakKey},
		{"RSA 768 under a root", rsaCertificate(t, 768, ca, nil), under(ca), CertWeakKey},
		{"RSA 1024 under a root", weak, under(ca), CertWeakKey},
		{"RSA 1024 of nobody known", weak, under(stranger), CertWeakKey},
		{"RSA 1024, pinned", weak, pin(weak), CertWeakKey},
		{"RSA 1024, self-signed", weakSelf, under(ca), CertWeakKey},
		{"RSA 1024, self-signed and pinned", weakSelf, pin(weakSelf), CertWeakKey},
		{"RSA 1024, self-signed and a root", weakSelf, under(weakSelf), CertWeakKey},
		{"RSA 1024 in the place of the pinned one", weak, pin(good), CertWeakKey},
		{"RSA 1024 and of another host", weak, TLS{RootCAs: pool(ca), ServerName: "x.example"}, CertWeakKey},
		{"RSA 1024 and expired", rsaCertificate(t, 1024, ca, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), under(ca), CertWeakKey},
		{"RSA 512, self-signed", kept(t, "self_rsa512")[0], under(ca), CertWeakKey},
		{"RSA 512, self-signed and pinned", kept(t, "self_rsa512")[0], pin(kept(t, "self_rsa512")[0]), CertWeakKey},
		{"a root of RSA 1024", certificate(t, short, nil), under(short), CertWeakKey},
		{"a root of RSA 512", by512[0], under(by512[1]), CertWeakKey},
		{"a root of RSA 512 that is sent", with(by512[0], by512[1]), under(by512[1]), CertWeakKey},
		{"RSA 1024 in between", with(certificate(t, shortMiddle, nil), shortMiddle), under(ca), CertWeakKey},
		{"P-224", reissued(t, ca, p384, p224.Public(), nil), under(ca), CertWeakKey},
		{"SHA-1 under a root", certificate(t, ca, sha1), under(ca), CertWeakSignature},
		{"SHA-1 of nobody known", certificate(t, ca, sha1), under(stranger), CertWeakSignature},
		{"SHA-1 and of another host", certificate(t, ca, sha1), TLS{RootCAs: pool(ca), ServerName: "x.example"}, CertWeakSignature},
		{"SHA-1, self-signed", sha1Self, under(ca), CertWeakSignature},
		{"SHA-1 in between", with(certificate(t, sha1Middle, nil), sha1Middle), under(ca), CertWeakSignature},
		{"MD5 under a root", md5[0], under(md5[1]), CertWeakSignature},
		{"secp256k1", kept(t, "secp256k1")[0], under(ca), CertUnsupported},
		{"secp256k1, pinned", kept(t, "secp256k1")[0], pin(good), CertUnsupported},
		{"RSA 2048", rsaCertificate(t, 2048, ca, nil), under(ca), -1},
		{"P-384", reissued(t, ca, p384, p384.Public(), nil), under(ca), -1},
		{"Ed25519", reissued(t, ca, edwards, edwards.Public(), nil), under(ca), -1},
		// The pin is of all of it, by SHA-256.
		{"SHA-1, self-signed and pinned", sha1Self, pin(sha1Self), -1},
		{"SHA-1 of the root on itself", certificate(t, sha1Root, nil), under(sha1Root), -1},
		{"a weak one that nobody needs", with(good, weakSelf), under(ca), -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(listenTLS(t, &tls.Config{Certificates: []tls.Certificate{*tt.server}}, func(p *peer) {
				if tt.kind >= 0 {
					if b, err := io.ReadAll(p.conn); len(b) > 0 || err == nil {
						t.Errorf("the server read %q, %v", b, err)
					}
					return
				}
				p.login("")
				p.logoff()
			}))
			cfg.TLS = &tt.client
			c, err := Dial(context.Background(), cfg)
			if tt.kind < 0 {
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				return
			}
			var bad *CertError
			if !errors.As(err, &bad) || bad.Kind != tt.kind {
				t.Fatalf("got %v, want %v", err, tt.kind)
			}
			t.Log(err)
		})
	}
}

// TestTLSNotAgreed: a server with which there is no encryption in common, or that hangs
// up, can be reached.
func TestTLSNotAgreed(t *testing.T) {
	self := certificate(t, nil, nil)
	cfg := config(listenTLS(t, &tls.Config{
		Certificates: []tls.Certificate{*self}, MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}, //nolint:gosec // that is the point
	}, func(p *peer) { _, _ = io.Copy(io.Discard, p.conn) }))
	hangsUp := config(listen(t, func(p *peer) { _, _ = p.in.ReadByte() }))
	resets := config(listen(t, func(p *peer) {
		_, _ = p.in.ReadByte()
		_ = p.conn.(*net.TCPConn).SetLinger(0)
	}))
	for name, cfg := range map[string]Config{"no cipher in common": cfg, "hangs up": hangsUp, "reset": resets} {
		cfg.TLS = &TLS{}
		if _, err := Dial(context.Background(), cfg); !errors.Is(err, ErrHandshake) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOffersTLS: that there is an AMI behind TLS is found out without a word to it.
func TestOffersTLS(t *testing.T) {
	greets := func(p *peer) {
		p.send(banner)
		if b, _ := io.ReadAll(p.in); len(b) > 0 {
			t.Errorf("the server read %q", b)
		}
	}
	shows := func(c *tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{*c}} }
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		addr string
		want bool
	}{
		{"self-signed", t.Context(), listenTLS(t, shows(certificate(t, nil, nil)), greets), true},
		{"in clear", t.Context(), listen(t, func(p *peer) { p.send(banner); _, _ = io.Copy(io.Discard, p.in) }), false},
		{"a weak key", t.Context(), listenTLS(t, shows(rsaCertificate(t, 1024, nil, nil)), func(p *peer) { _, _ = io.ReadAll(p.conn) }), false},
		{"no AMI", t.Context(), listenTLS(t, shows(certificate(t, nil, nil)), func(p *peer) { p.send("220 mail\r\n") }), false},
		{"silent", ctx, listen(t, func(p *peer) { _, _ = io.Copy(io.Discard, p.in) }), false},
	} {
		if got := OffersTLS(tt.ctx, Config{Addr: tt.addr}); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
