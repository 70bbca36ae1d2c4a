package ami

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Config says whom to talk to and how. Zero durations take the default named
// beside them.
type Config struct {
	Addr     string // "host:port"
	TLS      *TLS   // nil: plain TCP
	Username string
	Secret   string
	Auth     Auth
	Events   string // Login's Events header: "" and "off" send none, "call" the call class

	// DialContext opens a TCP connection to one address ("ip:port": Dial has
	// resolved the name before); nil uses a net.Dialer with TCP_USER_TIMEOUT
	// where the system has it.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// LookupHost finds a name's addresses; nil uses the system's resolver.
	// Nothing of its answers is kept from one Dial to the next.
	LookupHost func(ctx context.Context, host string) ([]string, error)

	// OnLogin runs on Dial's goroutine once the login is accepted and before
	// anything behind its answer is read. A Subscribe made here misses no
	// event, not even those that came in the same segment as the answer; one
	// made after Dial has returned may miss the first. Only Subscribe may be
	// called from it.
	OnLogin func(*Client)

	Log            *slog.Logger  // nil: discards. Action names and outcomes only, at debug level
	OnStep         func(Step)    // a stage of Dial was passed; called on Dial's goroutine
	ConnectTimeout time.Duration // 10 s, name and TCP together
	BannerTimeout  time.Duration // 5 s, also for the TLS handshake
	LoginTimeout   time.Duration // 15 s, from the banner to the login's answer
	WriteTimeout   time.Duration // 5 s
	ActionTimeout  time.Duration // 10 s, used by Do and List where ctx has no earlier deadline

	actionIDs string // prefix of the ActionIDs; tests fix it, empty: random
}

// Auth is how the secret is proved.
type Auth int

const (
	AuthMD5   Auth = iota // challenge and response; the default
	AuthPlain             // the secret itself; only by choice
)

// TLS asks for TLS. With Pin set only a leaf certificate with that SHA-256
// (hex, colons allowed) is accepted and nothing else is checked; without it
// the chain is verified.
type TLS struct {
	ServerName string           // empty: the host of Config.Addr
	Pin        string           // empty: verify the chain
	RootCAs    *x509.CertPool   // nil: the system's roots
	MinVersion uint16           // as crypto/tls has it; 0: TLS 1.2
	Time       func() time.Time // by which certificates expire; nil: time.Now
}

// Step is one stage of Dial, for the set-up test that shows each in words.
type Step int

const (
	StepResolve Step = iota // the name is known
	StepConnect             // the port is open
	StepTLS                 // TLS was agreed
	StepBanner              // it is an AMI
	StepLogin               // the login was accepted
)

func (s Step) String() string {
	switch s {
	case StepResolve:
		return "resolve"
	case StepConnect:
		return "connect"
	case StepTLS:
		return "tls"
	case StepBanner:
		return "banner"
	case StepLogin:
		return "login"
	}
	return fmt.Sprintf("step(%d)", int(s))
}

// complete fills in the defaults and refuses what could not be sent, so that
// a bad secret never costs a connection.
func (cfg Config) complete() (Config, error) {
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&cfg.ConnectTimeout, 10 * time.Second},
		{&cfg.BannerTimeout, 5 * time.Second},
		{&cfg.LoginTimeout, 15 * time.Second},
		{&cfg.WriteTimeout, 5 * time.Second},
		{&cfg.ActionTimeout, 10 * time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
	if cfg.DialContext == nil {
		cfg.DialContext = newDialer().DialContext
	}
	if cfg.LookupHost == nil {
		cfg.LookupHost = net.DefaultResolver.LookupHost
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.OnStep == nil {
		cfg.OnStep = func(Step) {}
	}
	if cfg.Events == "" {
		cfg.Events = "off"
	}
	if cfg.Username == "" {
		return cfg, fmt.Errorf("ami: Username: %w", ErrBadValue)
	}
	// Encode what will be sent, to find out now whether it can be.
	for _, a := range []Action{
		login{username: cfg.Username, secret: cfg.Secret, events: cfg.Events},
		SetEvents{Mask: cfg.Events},
	} {
		if _, err := encode(a, "0"); err != nil {
			return cfg, err
		}
	}
	if cfg.TLS != nil && cfg.TLS.Pin != "" {
		if _, err := fingerprint(cfg.TLS.Pin); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// fingerprint brings a SHA-256 a person may have copied into one form: 64
// lower-case hex digits.
func fingerprint(s string) (string, error) {
	s = strings.ToLower(strings.ReplaceAll(s, ":", ""))
	if len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fmt.Errorf("ami: TLS.Pin: %w", ErrBadValue)
	}
	return s, nil
}
