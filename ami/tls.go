package ami

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
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
		MinVersion: tls.VersionTLS12,
		ServerName: cfg.TLS.ServerName,
		RootCAs:    cfg.TLS.RootCAs,
		Time:       cfg.TLS.Time,
	}
	if settings.ServerName == "" {
		settings.ServerName = host
	}
	if cfg.TLS.Pin != "" {
		pin, err := fingerprint(cfg.TLS.Pin)
		if err != nil {
			return nil, err
		}
		settings.InsecureSkipVerify = true // the pin is checked instead
		settings.VerifyConnection = func(state tls.ConnectionState) error {
			leaf := state.PeerCertificates[0]
			if got := fingerprintOf(leaf); got != pin {
				return &CertError{Kind: CertChanged, Cert: leaf, Fingerprint: got, Pinned: pin}
			}
			return nil
		}
	}
	conn := tls.Client(raw, settings)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, tlsError(err, cfg.TLS)
	}
	return conn, nil
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
	// crypto/tls has no types for these two: the server's alert, and a server
	// that chose an old version.
	if text := err.Error(); strings.Contains(text, "protocol version not supported") ||
		strings.Contains(text, "unsupported protocol version") {
		return fmt.Errorf("%w: %w", ErrTLSVersion, &NetworkError{"TLS", err})
	}
	if isTimeout(err) {
		return fmt.Errorf("%w: %w", ErrBannerTimeout, &NetworkError{"TLS", err})
	}
	return &NetworkError{"TLS", err}
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
	switch {
	case errors.As(bad.Err, &invalid) && invalid.Reason == x509.Expired:
		e.Kind = CertExpired
		if invalid.Cert != nil && now().Before(invalid.Cert.NotBefore) {
			e.Kind = CertNotYetValid
		}
	case errors.As(bad.Err, &unknown), errors.As(bad.Err, &noRoots):
		e.Kind = issuer(leaf)
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
			e.Kind = issuer(leaf)
		}
	}
	return e
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
