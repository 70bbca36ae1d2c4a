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
// before its banner was seen to be an Asterisk manager's, or over TLS before its
// certificate was accepted; then the request for a challenge, which holds
// nothing, goes before the banner and saves a round trip. It does not wait for
// FullyBooted, which is only sent to users with read=system.
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
		return nil, fmt.Errorf("%w: %w", ErrBadValue, &NetworkError{"reading the address", err})
	}
	c, err := reach(ctx, cfg, host)
	if errors.Is(err, errShort) {
		// An honest Asterisk gives one in 20,000 that is too short, and hardly two.
		passed := cfg.OnStep
		cfg.OnStep = func(s Step) {
			if s > StepBanner { // the others were told
				passed(s)
			}
		}
		c, err = reach(ctx, cfg, host)
	}
	if err != nil {
		return nil, err
	}
	if cfg.OnLogin != nil {
		cfg.OnLogin(c)
	}
	c.start()
	return c, nil
}

// reach is Dial up to the login's answer.
func reach(ctx context.Context, cfg Config, host string) (*Client, error) {
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
			err = &NetworkError{"connecting", ctx.Err()}
		}
		return nil, err
	}
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
	var early *asked
	if cfg.TLS != nil && cfg.Auth == AuthMD5 {
		// That it cannot be written is told by the banner that does not come.
		early, _ = c.ask(challenge{}, time.Now().Add(cfg.BannerTimeout))
	}
	if err := c.banner(); err != nil {
		return nil, err
	}
	cfg.OnStep(StepBanner)
	if err := c.login(early); err != nil {
		return nil, err
	}
	cfg.OnStep(StepLogin)
	return c, nil
}

func (c *Client) banner() error {
	if err := c.conn.SetDeadline(time.Now().Add(c.cfg.BannerTimeout)); err != nil {
		return &NetworkError{"the connection", err}
	}
	version, err := c.read.banner()
	switch {
	case err == nil:
		c.version = version
		c.log.Debug("ami: banner", "version", protocolVersion(version))
		return nil
	case errors.Is(err, ErrNotAMI), errors.Is(err, ErrProxy):
		return err
	case isTimeout(err):
		return ErrBannerTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTooManySessions
	case c.cfg.TLS != nil && errors.Is(err, errReset):
		// So ends a connection that is closed on what was not read: our request.
		return fmt.Errorf("%w: %w", ErrTooManySessions, &NetworkError{"the connection", err})
	}
	return &NetworkError{"reading the banner", err}
}

// protocolVersion is what isVersion has let through.
type protocolVersion string

// login proves who we are. early is the challenge if it was asked for already.
func (c *Client) login(early *asked) error {
	// One deadline over all of it, so that a server that trickles gains nothing.
	deadline := time.Now().Add(c.cfg.LoginTimeout)
	if err := c.conn.SetDeadline(deadline); err != nil {
		return &NetworkError{"the connection", err}
	}
	request := login{username: c.cfg.Username, secret: c.cfg.Secret, events: c.cfg.Events}
	if c.cfg.Auth == AuthMD5 {
		var err error
		if early == nil {
			if early, err = c.ask(challenge{}, deadline); err != nil {
				return err
			}
		}
		answer, err := c.answer(early)
		if err != nil {
			return err
		}
		if text := answer.Get("Challenge"); answer.Success {
			if err := checkChallenge(text); err != nil {
				return err
			}
			request.key = challengeKey(text, c.cfg.Secret)
		} else if c.cfg.TLS == nil {
			return fmt.Errorf("%w: %w", ErrAuthMethod, &ResponseError{Action: "Challenge", Message: answer.Message})
		}
		// Without a challenge but inside verified TLS the secret itself goes out.
	}
	proof, err := c.ask(request, deadline)
	if err != nil {
		return err
	}
	answer, err := c.answer(proof)
	if err != nil {
		return err
	}
	c.log.Debug("ami: login answered", "success", answer.Success)
	if !answer.Success {
		refusal := ErrAuthFailed
		if strings.EqualFold(answer.Message.Text(), "Login Already In Use") {
			refusal = ErrAlreadyLoggedIn
		}
		return fmt.Errorf("%w: %w", refusal, &ResponseError{Action: "Login", Message: answer.Message})
	}
	c.cfg.Secret = "" // no use for it any more
	if err := c.conn.SetDeadline(time.Time{}); err != nil {
		return &NetworkError{"the connection", err}
	}
	return nil
}

// asked is an action of the login whose answer is awaited on Dial's goroutine.
type asked struct {
	id      string
	isLogin bool
	sent    int64 // how much had come in before
}

// ask sends an action of the login.
func (c *Client) ask(a Action, deadline time.Time) (*asked, error) {
	q := &asked{id: c.actionID(a), sent: c.read.received}
	_, q.isLogin = a.(login)
	line, err := encode(a, q.id)
	if err != nil {
		return nil, err
	}
	if until := time.Now().Add(c.cfg.WriteTimeout); until.Before(deadline) {
		_ = c.conn.SetWriteDeadline(until) // a failure shows in Write
	}
	if _, err := c.conn.Write(line); err != nil {
		if isTimeout(err) {
			return nil, ErrWriteTimeout
		}
		return nil, fmt.Errorf("%w: %w", ErrLoginClosed, &NetworkError{"the connection", err})
	}
	return q, nil
}

// answer reads what the server says to q. Some servers do not echo the ActionID
// of Login; such an answer is taken if it came in after Login was sent, so that a
// message slipped in before it, together with the banner for instance, counts for
// nothing.
func (c *Client) answer(q *asked) (Response, error) {
	for {
		m, err := c.read.next()
		switch {
		case err == nil:
		case isTimeout(err):
			return Response{}, ErrLoginTimeout
		case errors.Is(err, ErrMessageTooLarge):
			return Response{}, err
		default:
			return Response{}, fmt.Errorf("%w: %w", ErrLoginClosed, &NetworkError{"the connection", err})
		}
		if m.Event() != nil {
			continue
		}
		status := m.Bytes("Response")
		own := m.Bytes("ActionID")
		switch {
		case status == nil:
		case string(own) == q.id, own == nil && q.isLogin && c.read.offset >= q.sent:
			if !equalFold(status, "Goodbye") {
				return response(m), nil
			}
			return Response{}, ErrGoodbye
		case equalFold(status, "Goodbye"):
			return Response{}, ErrGoodbye
		}
	}
}
