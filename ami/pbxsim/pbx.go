package pbxsim

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/internal/freeport"
)

// PBX is a running PBX. Its methods may be called from any goroutine, none
// blocks except Close.
type PBX struct {
	ln       net.Listener
	log      *slog.Logger
	flavour  int // the major version: 1 (of 1.6.2), 11, 12, 13, 16 or 22
	features flavour
	pace     pace
	speed    Speed
	done     chan struct{} // closed by Close
	wg       sync.WaitGroup

	mu sync.Mutex // guards what follows, and every channel, bridge and session queue

	username, secret string
	extensions       []Extension
	sessions         map[*session]struct{}
	calls            []*liveCall // in order of their beginning
	channels         []*channel  // live ones, in order of their birth
	devices          map[string]string
	originates       []Originate
	logins, refused  int
	refuseNext       string
	silenceNext      bool
	rivalNumber      string
	anonymous        int // live channels of handsets
	noise            chan struct{}
	ahead            time.Duration // of the clock that Ping tells
	keyed            []Keyed
	moved            []Moved
	messages         map[string][2]int // of mailboxes: new and old
	noAtxfer         bool              // see NoAtxfer
	granted          map[string]bool   // actions that the account may run, or not, otherwise than usual

	lastUnique, lastPhone, lastLocal, lastCall, lastOptimised int
	startedAt                                                 int64
}

// Originate is one Originate action that the PBX received within its limits for
// lines, whether it made a call of it or refused it.
type Originate struct {
	At      time.Time
	Headers []Header // all of them, in order, as they came
	Answer  string   // the Message of the answer
}

// Header is one line of an action.
type Header struct{ Name, Value string }

// Get returns the first value of the header, whatever its case, or "".
func (o Originate) Get(name string) string { return headerValue(o.Headers, name) }

// Variables returns what the Variable headers set, split as Asterisk splits
// them: an unescaped comma begins another variable.
func (o Originate) Variables() map[string]string { return variables(o.Headers) }

// Start begins to listen. Close must be called.
func Start(o Options) (*PBX, error) {
	if o.Username == "" {
		o.Username = Username
	}
	if o.Secret == "" {
		o.Secret = Secret
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	is, ok := flavourOf(o.Asterisk)
	if !ok {
		return nil, fmt.Errorf("pbxsim: no flavour %q", o.Asterisk)
	}
	ln := o.Listener
	var err error
	switch {
	case ln != nil:
	case o.Listen != "":
		ln, err = net.Listen("tcp", o.Listen)
	default:
		ln, err = freeport.Listen()
	}
	if err != nil {
		return nil, fmt.Errorf("pbxsim: %w", err)
	}
	p := &PBX{
		ln: ln, log: o.Log, flavour: is.major, features: is, pace: o.Speed.pace(), speed: o.Speed,
		done: make(chan struct{}), username: o.Username, secret: o.Secret,
		extensions: slices.Clone(Extensions), sessions: map[*session]struct{}{},
		devices: map[string]string{}, startedAt: time.Now().Unix(),
	}
	p.wg.Go(func() { p.accept(o.TLS) })
	return p, nil
}

func (p *PBX) accept(config *tls.Config) {
	for {
		conn, err := p.ln.Accept()
		if err != nil {
			return // closed
		}
		raw := conn
		if config != nil {
			conn = tls.Server(conn, config)
		}
		s := &session{p: p, conn: conn, raw: raw, wake: make(chan struct{}, 1), quit: make(chan struct{})}
		if !p.admit(s) {
			// Asterisk closes without sending a banner.
			_ = conn.Close()
			continue
		}
		p.wg.Go(s.run)
	}
}

// Addr is where the PBX listens, "host:port".
func (p *PBX) Addr() string { return p.ln.Addr().String() }

// Close stops listening, ends every session and every call without further
// events, and waits for all goroutines. A second Close returns net.ErrClosed.
func (p *PBX) Close() error {
	p.mu.Lock()
	select {
	case <-p.done:
		p.mu.Unlock()
		return net.ErrClosed
	default:
	}
	close(p.done)
	for s := range p.sessions {
		_ = s.raw.Close()
	}
	p.mu.Unlock()
	err := p.ln.Close()
	p.wg.Wait()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return err
}

// Originates returns every Originate that reached the PBX, oldest first.
func (p *PBX) Originates() []Originate {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.originates)
}

// Keyed is a digit that was sent out on a channel.
type Keyed struct {
	Channel, Digit string
	At             time.Time
}

// KeyedIn returns the digits that the account had the PBX send, oldest first.
func (p *PBX) KeyedIn() []Keyed {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.keyed)
}

// Logins counts the logins accepted.
func (p *PBX) Logins() int { return locked(p, func() int { return p.logins }) }

// LoginsRefused counts the logins refused.
func (p *PBX) LoginsRefused() int { return locked(p, func() int { return p.refused }) }

// Sessions counts the connections open now, logged in or not.
func (p *PBX) Sessions() int { return locked(p, func() int { return len(p.sessions) }) }

// Calls counts the live calls, Noise left out.
func (p *PBX) Calls() int { return locked(p, func() int { return len(p.calls) }) }

// Locals counts the live halves of Local channels: none is left of a call in which
// both sides talk.
func (p *PBX) Locals() int {
	return locked(p, func() (n int) {
		for _, ch := range p.channels {
			if strings.HasPrefix(ch.name, "Local/") {
				n++
			}
		}
		return n
	})
}

func locked[T any](p *PBX, f func() T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return f()
}

// do runs f with p.mu held.
func (p *PBX) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// logEvent writes what happens, never a whole number.
func (p *PBX) logEvent(what string, number string) {
	p.log.Info("pbxsim: a call", "what", happening(what), "number", lastDigits(number))
}

// What a log may have of them, by type.
type (
	happening string
	redacted  string
)

func lastDigits(number string) redacted {
	if len(number) <= 3 {
		return "…"
	}
	return redacted("…" + number[len(number)-3:])
}

func headerValue(headers []Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
