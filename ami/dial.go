package ami

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Dial resolves the name, connects, agrees on TLS if asked to, reads the
// banner and logs in. It blocks until that is done, has failed, or ctx has
// ended; every stage has its own limit besides. Nothing is sent to a server
// before its banner was seen to be an Asterisk manager's, and over TLS before
// its certificate was accepted. It does not wait for FullyBooted, which is
// only sent to users with read=system.
//
// The errors are those of errors.go; which stage failed is told by the last
// Step that was passed.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("ami: Addr: %w: %w", ErrBadValue, err)
	}
	raw, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	// Closing the connection is what interrupts every stage that follows.
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	c, err := open(ctx, cfg, raw, host)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("ami: %w", ctx.Err())
		}
		return nil, err
	}
	if cfg.OnLogin != nil {
		cfg.OnLogin(c)
	}
	c.start()
	return c, nil
}

func open(ctx context.Context, cfg Config, raw net.Conn, host string) (*Client, error) {
	conn := raw
	if cfg.TLS != nil {
		var err error
		if conn, err = handshake(ctx, cfg, raw, host); err != nil {
			return nil, err
		}
		cfg.OnStep(StepTLS)
	}
	c := newClient(cfg, raw, conn)
	if err := c.banner(); err != nil {
		return nil, err
	}
	cfg.OnStep(StepBanner)
	if err := c.login(); err != nil {
		return nil, err
	}
	cfg.OnStep(StepLogin)
	return c, nil
}

func (c *Client) banner() error {
	if err := c.conn.SetDeadline(time.Now().Add(c.cfg.BannerTimeout)); err != nil {
		return fmt.Errorf("ami: %w", err)
	}
	version, err := c.read.banner()
	switch {
	case err == nil:
		c.version = version
		c.log.Debug("ami: banner", "version", version)
		return nil
	case errors.Is(err, ErrNotAMI):
		return err
	case isTimeout(err):
		return ErrBannerTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTooManySessions
	}
	return fmt.Errorf("ami: no banner: %w", err)
}

func (c *Client) login() error {
	// One deadline over all of it, so that a server that trickles gains nothing.
	deadline := time.Now().Add(c.cfg.LoginTimeout)
	if err := c.conn.SetDeadline(deadline); err != nil {
		return fmt.Errorf("ami: %w", err)
	}
	request := login{username: c.cfg.Username, secret: c.cfg.Secret, events: c.cfg.Events}
	if c.cfg.Auth == AuthMD5 {
		answer, err := c.exchange(challenge{}, deadline)
		if err != nil {
			return err
		}
		if text := answer.Get("Challenge"); answer.Success {
			if !alphanumeric.holds(text, 1, 64) {
				return fmt.Errorf("%w: challenge", ErrProtocol)
			}
			request.key = challengeKey(text, c.cfg.Secret)
		} else if c.cfg.TLS == nil {
			return fmt.Errorf("%w: %w", ErrAuthMethod, &ResponseError{Action: "Challenge", Message: answer.Message})
		}
		// Without a challenge but inside verified TLS the secret itself goes out.
	}
	answer, err := c.exchange(request, deadline)
	if err != nil {
		return err
	}
	c.log.Debug("ami: login answered", "success", answer.Success)
	if !answer.Success {
		refusal := ErrAuthFailed
		if strings.EqualFold(answer.Message, "Login Already In Use") {
			refusal = ErrAlreadyLoggedIn
		}
		return fmt.Errorf("%w: %w", refusal, &ResponseError{Action: "Login", Message: answer.Message})
	}
	c.cfg.Secret = "" // no use for it any more
	if err := c.conn.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("ami: %w", err)
	}
	return nil
}

// exchange sends an action of the login and reads its answer on Dial's
// goroutine. Some servers do not echo the ActionID of Login; such an answer is
// taken if it came in after Login was sent, so that a message slipped in
// before it, together with the banner for instance, counts for nothing.
func (c *Client) exchange(a Action, deadline time.Time) (Response, error) {
	id := c.actionID(a)
	line, err := encode(a, id)
	if err != nil {
		return Response{}, err
	}
	_, isLogin := a.(login)
	sent := c.read.received
	if until := time.Now().Add(c.cfg.WriteTimeout); until.Before(deadline) {
		_ = c.conn.SetWriteDeadline(until) // a failure shows in Write
	}
	if _, err := c.conn.Write(line); err != nil {
		if isTimeout(err) {
			return Response{}, ErrWriteTimeout
		}
		return Response{}, fmt.Errorf("%w: %w", ErrLoginClosed, err)
	}
	for {
		m, err := c.read.next()
		switch {
		case err == nil:
		case isTimeout(err):
			return Response{}, ErrLoginTimeout
		case errors.Is(err, ErrMessageTooLarge):
			return Response{}, err
		default:
			return Response{}, fmt.Errorf("%w: %w", ErrLoginClosed, err)
		}
		if m.Event() != nil {
			continue
		}
		status := m.Bytes("Response")
		own := m.Bytes("ActionID")
		switch {
		case status == nil:
		case string(own) == id, own == nil && isLogin && c.read.offset >= sent:
			if !equalFold(status, "Goodbye") {
				return response(m), nil
			}
			return Response{}, ErrGoodbye
		case equalFold(status, "Goodbye"):
			return Response{}, ErrGoodbye
		}
	}
}
