package directory

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

// The bounds of what a server may take and send.
const (
	connectTime = 10 * time.Second // the name, the connection and TLS
	silence     = 30 * time.Second // between two of its bytes
	maxReceived = 512 << 20        // bytes, of all connections to it
)

// The errors of a server; ErrLarge is one as well.
var (
	// ErrLogin: it refused the user or the password.
	ErrLogin = status.NewError(status.CodeSourceLogin, "directory: the login was refused")
	// ErrBase: it has nothing at that address or base.
	ErrBase = status.NewError(status.CodeSourceBase, "directory: nothing at that place")
	// ErrRights: the user may not read there.
	ErrRights = status.NewError(status.CodeSourceRights, "directory: not permitted")
	// ErrClear: it offers no encryption, and nobody said that there need be none.
	ErrClear = status.NewError(status.CodeSourceClear, "directory: no encryption")
	// ErrNeedsTLS: it takes no password in clear.
	ErrNeedsTLS = status.NewError(status.CodeSourceNeedsTLS, "directory: only with encryption")
	// ErrLimit: it gives less than all.
	ErrLimit = status.NewError(status.CodeSourceLimit, "directory: limited by the server")
	// ErrEmpty: it shows nobody there.
	ErrEmpty = status.NewError(status.CodeSourceEmpty, "directory: it shows nobody")
	// ErrSilent: it does not answer, or says that it cannot now.
	ErrSilent = status.NewError(status.CodeNoReply, "directory: no answer")
	// ErrProtocol: what answers is no directory of the kind.
	ErrProtocol = status.NewError(status.CodeProtocol, "directory: not the protocol")
)

// server is the one that a source is at.
type server struct {
	contacts.Source
	at      *url.URL
	tls     *ami.TLS
	silence time.Duration

	mu   sync.Mutex // guards what follows
	left int64      // bytes that it may still send
	err  error      // the first of a connection, which libraries make a text of
}

func (j job) server() (*server, error) {
	at, err := url.Parse(j.URL)
	if err != nil || at.Hostname() == "" {
		return nil, ErrUnsupported
	}
	s := &server{Source: j.Source, at: at, tls: &ami.TLS{ServerName: at.Hostname(), Pin: j.Pin}, silence: cmp.Or(j.silence, silence), left: cmp.Or(j.most, maxReceived)}
	if j.Authorities != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if s.tls.RootCAs, err = dialer.Authorities(j.Authorities, pool); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// password is the secret of the source, "" where it has no user.
func (j job) password(ctx context.Context) (string, error) {
	if j.User == "" {
		return "", nil
	}
	if j.Secret == nil {
		return "", &status.Problem{Code: status.CodeSecretMissing}
	}
	return j.Secret(ctx, j.Source)
}

// dial connects to the server, which has usualPort where its address names none. The
// connection ends with ctx.
func (s *server) dial(ctx context.Context, usualPort string) (net.Conn, error) {
	port := s.at.Port()
	if port == "" {
		port = usualPort
	}
	connecting, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(connecting, "tcp", net.JoinHostPort(s.at.Hostname(), port))
	if err != nil {
		return nil, &ami.NetworkError{What: "connecting", Err: err}
	}
	w := &wire{Conn: conn, server: s}
	w.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	return w, nil
}

// encrypt agrees on TLS over conn, which it closes where that fails.
func (s *server) encrypt(ctx context.Context, conn net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	secure, err := s.tls.Handshake(ctx, conn, s.at.Hostname(), connectTime)
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close()
		if errors.Is(err, ami.ErrBannerTimeout) {
			err = ErrSilent
		}
		return nil, s.cause(err)
	}
	return secure, nil
}

// cause is what err comes from: what a connection failed with, if one did.
func (s *server) cause(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	return err
}

// broken is a connection that ended, or on which something made no sense.
func (s *server) broken(err error) error {
	err = s.cause(err)
	if dialer.ProblemOf(err, status.AttemptConnect).Code == status.CodeUnforeseen {
		return ErrProtocol
	}
	return err
}

// wire is a connection to a server, which counts what that sends and does not wait for it
// for ever.
type wire struct {
	net.Conn
	server *server
	stop   func() bool
}

func (w *wire) Read(b []byte) (int, error) {
	s := w.server
	if err := w.SetReadDeadline(time.Now().Add(s.silence)); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left -= int64(n)
	switch {
	case s.left < 0:
		n, err = 0, ErrLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = ErrSilent
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed):
		return n, err
	default:
		err = &ami.NetworkError{What: "the connection", Err: err}
	}
	if s.err == nil {
		s.err = err
	}
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(w.server.silence)); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}

func (w *wire) Close() error {
	w.stop()
	return w.Conn.Close()
}

// told is err as people are told of it: what can go wrong with any connection has words
// of its own where it is one with a directory.
func told(err error) error {
	p := dialer.ProblemOf(err, status.AttemptConnect)
	if p.Attempt = status.AttemptContacts; p.Code == status.CodeUnforeseen && p.Detail == "" {
		p.Detail = clean.Foreign(clean.Text(err.Error(), clean.Detail))
	}
	return fmt.Errorf("directory: %w", p)
}
