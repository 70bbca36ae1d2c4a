package ami

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// handshake does the TLS handshake over raw, with TLS 1.2 at least. It succeeds only
// with a server whose certificate was accepted.
func handshake(ctx context.Context, cfg Config, raw net.Conn, host string) (net.Conn, error) {
	if err := raw.SetDeadline(time.Now().Add(cfg.BannerTimeout)); err != nil {
		return nil, &NetworkError{"the connection", err}
	}
	settings := &tls.Config{
		MinVersion: max(cfg.TLS.MinVersion, tls.VersionTLS12),
		ServerName: cfg.TLS.ServerName,
		RootCAs:    cfg.TLS.RootCAs,
		Time:       cfg.TLS.Time,
	}
	if settings.ServerName == "" {
		settings.ServerName = host
	}
	pin := ""
	if cfg.TLS.Pin != "" {
		var err error
		if pin, err = fingerprint(cfg.TLS.Pin); err != nil {
			return nil, err
		}
		settings.InsecureSkipVerify = true // the pin is checked instead
	}
	// It runs before the server has proved that it has the certificate's key, for which
	// crypto/rsa would not take a short one.
	settings.VerifyConnection = func(state tls.ConnectionState) error { return verify(state, pin) }
	conn := tls.Client(raw, settings)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, tlsError(err, cfg.TLS)
	}
	return conn, nil
}

// Handshake agrees on TLS over raw with a server of another kind, by the rules that hold
// for a PBX: TLS 1.2 at least, and a certificate that the roots vouch for or that is
// pinned. host is the name that the certificate has to be for. The errors are Dial's. It
// blocks for limit at most, or until ctx ends, and leaves a deadline on raw.
func (t *TLS) Handshake(ctx context.Context, raw net.Conn, host string, limit time.Duration) (net.Conn, error) {
	return handshake(ctx, Config{TLS: t, BannerTimeout: limit}, raw, host)
}

// verify has the last word on a server's certificate: whether it is the pinned one,
// and, in any case, whether its keys are strong enough for anybody's word to count.
func verify(state tls.ConnectionState, pin string) error {
	leaf := state.PeerCertificates[0]
	got := fingerprintOf(leaf)
	chains := state.VerifiedChains
	if pin != "" {
		chains = [][]*x509.Certificate{{leaf}}
	}
	var weak string
	for _, chain := range chains {
		if weak = weakKey(chain); weak == "" {
			break
		}
	}
	switch {
	case weak != "":
		return &CertError{Kind: CertWeakKey, Cert: leaf, Fingerprint: got, Pinned: pin, Err: weakness(weak)}
	case pin != "" && got != pin:
		return &CertError{Kind: CertChanged, Cert: leaf, Fingerprint: got, Pinned: pin}
	}
	return nil
}

// OffersTLS reports whether an Asterisk manager answers over TLS at cfg.Addr, with a
// certificate that can be trusted at least by its fingerprint. It says nothing but what
// agrees on TLS. It blocks as Dial does up to the banner.
func OffersTLS(ctx context.Context, cfg Config) bool {
	cfg.Username = "-" // none is sent
	cfg, err := cfg.complete()
	if err != nil {
		return false
	}
	raw, err := connect(ctx, cfg)
	if err != nil {
		return false
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	conn := tls.Client(raw, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // nothing is believed, and nothing is sent
		VerifyConnection: func(state tls.ConnectionState) error {
			return verify(state, fingerprintOf(state.PeerCertificates[0]))
		},
	})
	if err := conn.SetDeadline(time.Now().Add(cfg.BannerTimeout)); err != nil {
		return false
	}
	return conn.HandshakeContext(ctx) == nil && newClient(cfg, raw, conn).banner() == nil
}

func fingerprintOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// tlsError names what went wrong in a handshake.
func tlsError(err error, cfg *TLS) error {
	var own *CertError
	if errors.As(err, &own) {
		return own
	}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) && len(bad.UnverifiedCertificates) > 0 {
		return certError(bad, cfg)
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		return fmt.Errorf("%w: %w", ErrNotTLS, &NetworkError{"TLS", err})
	}
	if isTimeout(err) {
		return fmt.Errorf("%w: %w", ErrBannerTimeout, &NetworkError{"TLS", err})
	}
	// crypto/tls has no types for what follows: the server's alert and a server that
	// chose an old version; keys that it does not know or that are too long.
	text := err.Error()
	for _, old := range []string{"protocol version not supported", "unsupported protocol version"} {
		if strings.Contains(text, old) {
			return fmt.Errorf("%w: %w", ErrTLSVersion, &NetworkError{"TLS", err})
		}
	}
	for _, unknown := range []string{"unsupported elliptic curve", "unsupported type of public key", "RSA key larger than"} {
		if strings.Contains(text, unknown) {
			return &CertError{Kind: CertUnsupported, Err: &NetworkError{"TLS", err}}
		}
	}
	if strings.Contains(text, "failed to parse certificate") {
		return &CertError{Kind: CertInvalid, Err: &NetworkError{"TLS", err}}
	}
	if system := new(os.SyscallError); errors.As(err, &system) && !errors.Is(err, errReset) {
		return &NetworkError{"TLS", err} // the network failed
	}
	// The server gave up: by an alert, or by hanging up.
	return fmt.Errorf("%w: %w", ErrHandshake, &NetworkError{"TLS", err})
}

func certError(bad *tls.CertificateVerificationError, cfg *TLS) *CertError {
	now := cfg.Time
	if now == nil {
		now = time.Now
	}
	leaf := bad.UnverifiedCertificates[0]
	e := &CertError{Kind: CertInvalid, Cert: leaf, Fingerprint: fingerprintOf(leaf), Err: bad.Err}
	if pin, err := fingerprint(cfg.Pin); err == nil {
		e.Pinned = pin
	}
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		noRoots x509.SystemRootsError
	)
	path := path(bad.UnverifiedCertificates)
	switch weak := weakKey(path); {
	case weak != "":
		e.Kind, e.Err = CertWeakKey, weakness(weak)
	case errors.As(bad.Err, &invalid) && invalid.Reason == x509.Expired:
		e.Kind = CertExpired
		if invalid.Cert != nil && now().Before(invalid.Cert.NotBefore) {
			e.Kind = CertNotYetValid
		}
	case errors.As(bad.Err, &unknown), errors.As(bad.Err, &noRoots):
		e.untrusted(path)
	case errors.As(bad.Err, &host):
		// crypto/x509 looks at the name first. That nobody vouches for the
		// certificate matters more than the name in it.
		e.Kind = CertWrongHost
		pool := x509.NewCertPool()
		for _, c := range bad.UnverifiedCertificates[1:] {
			pool.AddCert(c)
		}
		_, err := leaf.Verify(x509.VerifyOptions{Roots: cfg.RootCAs, Intermediates: pool, CurrentTime: now()})
		if errors.As(err, &unknown) {
			e.Err = err
			e.untrusted(path)
		}
	}
	return e
}

// path are a server's certificate and those that issued it, as far as it sent them.
func path(certs []*x509.Certificate) []*x509.Certificate {
	path := certs[:1:1]
	for range certs[1:] {
		last := path[len(path)-1]
		i := slices.IndexFunc(certs, func(c *x509.Certificate) bool {
			return string(c.RawSubject) == string(last.RawIssuer) && !slices.Contains(path, c)
		})
		if i < 0 {
			break
		}
		path = append(path, certs[i])
	}
	return path
}

// What is asked of keys is what browsers ask of a website's (CA/Browser Forum,
// Baseline Requirements, 6.1.5). An RSA key of 512 bits is broken in hours, one of 1024
// by whoever can pay for it.
const (
	leastRSA = 2048
	leastEC  = 256
)

// weakness is what is weak about a certificate: an algorithm and, of a key, its length.
type weakness string

func (w weakness) Error() string { return string(w) }

// weakKey names the first key of certs that is too short, "" where none is.
func weakKey(certs []*x509.Certificate) string {
	for _, c := range certs {
		switch key := c.PublicKey.(type) {
		case *rsa.PublicKey:
			if n := key.N.BitLen(); n < leastRSA {
				return fmt.Sprintf("RSA, %d bits", n)
			}
		case *ecdsa.PublicKey:
			if n := key.Params().BitSize; n < leastEC {
				return fmt.Sprintf("ECDSA, %d bits", n)
			}
		}
	}
	return ""
}

// forgeable are the signatures that crypto/x509 takes for none.
var forgeable = []x509.SignatureAlgorithm{
	x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
}

// weakSignature names the first signature in path that can be forged, "" where none
// can. That of a root is nobody's word for it.
func weakSignature(path []*x509.Certificate) string {
	for i, c := range path {
		if slices.Contains(forgeable, c.SignatureAlgorithm) && (i == 0 || string(c.RawIssuer) != string(c.RawSubject)) {
			return c.SignatureAlgorithm.String()
		}
	}
	return ""
}

// untrusted says why crypto/x509 found no root for path.
func (e *CertError) untrusted(path []*x509.Certificate) {
	weak := weakSignature(path)
	switch {
	case strings.Contains(e.Err.Error(), "keys are insecure"): // crypto/rsa's word for a root that was not sent
		e.Kind, e.Err = CertWeakKey, weakness("an issuer's")
	case weak != "":
		e.Kind, e.Err = CertWeakSignature, weakness(weak)
	default:
		e.Kind = issuer(path[0])
	}
}

// issuer tells a certificate that is its own issuer from one whose issuer is
// not known.
func issuer(leaf *x509.Certificate) CertKind {
	if string(leaf.RawIssuer) == string(leaf.RawSubject) &&
		leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) == nil {
		return CertSelfSigned
	}
	return CertUnknownCA
}
