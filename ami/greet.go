package ami

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// Greeting is what a server shows of itself before anybody logs in.
type Greeting struct {
	Connected time.Duration        // until the port was open, the name's lookup included
	TLS       *tls.ConnectionState // nil: in clear
	Agreed    time.Duration        // what TLS took
	Banner    time.Duration        // what the banner took
	Version   string               // as Client.Version
	Local     string               // this computer's address, as the server sees it where none is translated
}

// Greet is Dial up to the banner: it connects, agrees on TLS if asked to, reads the
// banner and hangs up. It sends nothing but what agrees on TLS. Its limits and errors
// are Dial's. With an error the Greeting is what was seen until then.
func Greet(ctx context.Context, cfg Config) (g Greeting, err error) {
	cfg.Username = "-" // none is sent
	if cfg, err = cfg.complete(); err != nil {
		return g, err
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return g, fmt.Errorf("%w: %w", ErrBadValue, &NetworkError{"reading the address", err})
	}
	began := time.Now()
	lap := func() time.Duration {
		took := time.Since(began)
		began = time.Now()
		return took
	}
	raw, err := connect(ctx, cfg)
	if err != nil {
		return g, err
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	g.Connected = lap()
	g.Local, _, _ = net.SplitHostPort(raw.LocalAddr().String())
	conn := raw
	if cfg.TLS != nil {
		if conn, err = handshake(ctx, cfg, raw, host); err != nil {
			return g, err
		}
		cfg.OnStep(StepTLS)
		state := conn.(*tls.Conn).ConnectionState()
		g.TLS, g.Agreed = &state, lap()
	}
	c := newClient(cfg, raw, conn)
	if err = c.banner(); err != nil {
		return g, err
	}
	cfg.OnStep(StepBanner)
	g.Banner, g.Version = lap(), c.version
	return g, nil
}
