package dialer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// script is a server for what not even pbxsim does: on is asked for each
// action and returns true where it has answered it.
type script struct {
	addr   string
	logins atomic.Int32
	ended  atomic.Int32 // connections that are gone
}

type handler func(c net.Conn, h map[string]string) bool

func runScript(t *testing.T, on handler) *script {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{addr: ln.Addr().String()}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer s.ended.Add(1)
				defer c.Close()
				defer context.AfterFunc(ctx, func() { c.Close() })()
				s.serve(c, on)
			})
		}
	})
	t.Cleanup(func() { cancel(); ln.Close(); wg.Wait() })
	return s
}

func accept(c net.Conn, h map[string]string, headers string) {
	fmt.Fprintf(c, "Response: Success\r\nActionID: %s\r\n%s\r\n", h["ActionID"], headers)
}

func (s *script) serve(c net.Conn, on handler) {
	fmt.Fprint(c, "Asterisk Call Manager/11.0.0\r\n")
	s.answer(c, bufio.NewScanner(c), on)
}

func (s *script) answer(c net.Conn, in *bufio.Scanner, on handler) {
	h := map[string]string{}
	for in.Scan() {
		if k, v, ok := strings.Cut(in.Text(), ": "); ok {
			h[k] = v
			continue
		}
		if h["Action"] == "Login" {
			s.logins.Add(1)
		}
		if !on(c, h) {
			switch h["Action"] {
			case "Challenge":
				accept(c, h, "Challenge: 123456789\r\n")
			case "Status":
				accept(c, h, "EventList: start\r\n")
				fmt.Fprintf(c, "Event: StatusComplete\r\nActionID: %s\r\nEventList: Complete\r\nItems: 0\r\n\r\n", h["ActionID"])
			default:
				accept(c, h, "")
			}
		}
		h = map[string]string{}
	}
}

func (s *script) account(t *testing.T) config.Account {
	return accountAt(t, s.addr, "7101", config.SyntaxVariables)
}

func event(c net.Conn, name string, headers ...string) {
	fmt.Fprintf(c, "Event: %s\r\n%s\r\n\r\n", name, strings.Join(headers, "\r\n"))
}

func TestAccountChangedWhileLoggingIn(t *testing.T) {
	trying, release := make(chan struct{}), make(chan struct{})
	s := runScript(t, func(_ net.Conn, h map[string]string) bool {
		if h["Action"] == "Login" {
			close(trying)
			<-release
		}
		return false
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-trying
	if err := d.SetAccount(t.Context(), config.Account{}, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	close(release)
	eventually(t, "without the old account's session", func() bool { return s.ended.Load() == 1 })
	if l := d.Snapshot().Connection; l != status.NotSetUp {
		t.Errorf("link %s", l)
	}
}

// TestWhatAnEarlierAccountLeftIsLetGo: the session of a login that succeeds at the
// moment in which the account changes is closed.
func TestWhatAnEarlierAccountLeftIsLetGo(t *testing.T) {
	account, over := context.WithCancel(t.Context())
	l := &loop{Dialer: New(Options{}), ctx: t.Context(), accountCtx: account, post: make(chan func(*loop))}
	letGo := false
	l.asyncOr(func(context.Context) (func(*loop), func()) {
		return func(*loop) { t.Error("taken for the present account's") }, func() { letGo = true }
	})
	report := <-l.post
	over()
	report(l)
	l.wg.Wait()
	if !letGo {
		t.Error("still held")
	}
}

// TestAccountChangedWhileAsked: whoever waits for the old account gets an answer.
func TestAccountChangedWhileAsked(t *testing.T) {
	for action, ask := range map[string]func(*Dialer, context.Context) error{
		"ListCommands": (*Dialer).Check,
		"Originate": func(d *Dialer, ctx context.Context) error {
			s, err := d.Dial(ctx, planFor("7102"))
			if err == nil && s.State == call.Unknown {
				return ErrAccountChanged // it may have gone out, and says so
			}
			return err
		},
	} {
		t.Run(action, func(t *testing.T) {
			asked := make(chan struct{})
			s := runScript(t, func(_ net.Conn, h map[string]string) bool {
				if h["Action"] != action {
					return false
				}
				close(asked)
				return true
			})
			d := startDialer(t, s.account(t), config.ConnectionOnDemand)
			answered := make(chan error, 1)
			go func() { answered <- ask(d, t.Context()) }()
			<-asked
			if err := d.SetAccount(t.Context(), config.Account{}, config.ConnectionOnDemand); err != nil {
				t.Fatal(err)
			}
			if err := <-answered; !errors.Is(err, ErrAccountChanged) {
				t.Errorf("answered with %v", err)
			}
		})
	}
}

// TestAPlanOfBefore: a plan of an earlier epoch is not dialled, whether it comes late
// or waits for the session; a call goes on.
func TestAPlanOfBefore(t *testing.T) {
	trying, release := make(chan struct{}), make(chan struct{})
	var originates atomic.Int32
	s := runScript(t, func(_ net.Conn, h map[string]string) bool {
		switch h["Action"] {
		case "Login":
			close(trying)
			<-release
		case "Originate":
			originates.Add(1)
		}
		return false
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	answered := make(chan error, 2)
	go func() { _, err := d.Dial(t.Context(), planFor("7102")); answered <- err }()
	<-trying
	go func() { _, err := d.DialIn(t.Context(), 0, planFor("7102"), call.Origin{}); answered <- err }()
	epoch, err := d.NextEpoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	close(release)
	for range cap(answered) {
		if err := <-answered; !errors.Is(err, ErrAccountChanged) {
			t.Errorf("waited for the session: %v", err)
		}
	}
	if _, err := d.DialIn(t.Context(), epoch-1, planFor("7102"), call.Origin{}); !errors.Is(err, ErrAccountChanged) {
		t.Errorf("came late: %v", err)
	}
	if n := originates.Load(); n != 0 {
		t.Fatalf("%d Originates", n)
	}
	placed, err := d.DialIn(t.Context(), epoch, planFor("7102"), call.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.NextEpoch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := d.Snapshot().Call; c == nil || c.ID != placed.ID || !c.Live() {
		t.Errorf("the call became %+v", c)
	}
}

// TestALoginThatDoesNotLast is tried again ever more slowly.
func TestALoginThatDoesNotLast(t *testing.T) {
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		if h["Action"] != "Login" {
			return false
		}
		accept(c, h, "")
		c.Close()
		return true
	})
	startDialer(t, s.account(t), config.ConnectionKept)
	eventually(t, "tried again", func() bool { return s.logins.Load() >= 2 })
	// The third try comes half a second later at least. Without pauses there would
	// be a thousand before the fourth.
	start := time.Now()
	eventually(t, "tried a third time", func() bool { return s.logins.Load() >= 3 })
	if n, d := s.logins.Load(), time.Since(start); n > 3 || d < 400*time.Millisecond {
		t.Errorf("%d logins, the third after %v", n, d)
	}
}

// TestEventsBeforeTheClose: events that came just before the connection ended count.
func TestEventsBeforeTheClose(t *testing.T) {
	for range 20 {
		s := runScript(t, func(c net.Conn, h map[string]string) bool {
			if h["Action"] != "Originate" {
				return false
			}
			accept(c, h, "")
			id := "Uniqueid: " + h["ChannelId"]
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", id)
			event(c, "OriginateResponse", "ActionID: "+h["ActionID"], "Response: Failure", "Reason: 3", id)
			event(c, "Hangup", "Channel: Local/7101@c2c-1;1", id, "Cause: 0")
			c.Close()
			return true
		})
		d := startDialer(t, s.account(t), config.ConnectionOnDemand)
		if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
			t.Fatal(err)
		}
		snap := until(t, d, "over", func(s status.Snapshot) bool { return s.Call != nil && !s.Call.Live() })
		if snap.Call.State != call.Failed || snap.Call.Cause != call.OwnNoAnswer {
			t.Fatalf("%s %q", snap.Call.State, snap.Call.Cause)
		}
	}
}

// TestHangupOfWhatIsGone: the PBX knows no channel of a call that we take for
// live.
func TestHangupOfWhatIsGone(t *testing.T) {
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		switch h["Action"] {
		case "Originate":
			accept(c, h, "")
			id := "Uniqueid: " + h["ChannelId"]
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", id)
			event(c, "Newstate", "Channel: Local/7101@c2c-1;1", "ChannelState: 5", id)
			return true
		case "Hangup":
			fmt.Fprintf(c, "Response: Error\r\nActionID: %s\r\nMessage: No such channel\r\n\r\n", h["ActionID"])
			return true
		}
		return false
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ringing", inState(call.RingingOwn))
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "cancelled", inState(call.Cancelled))
}

// blockedStore is a secret.Store that does not answer while its mutex is held.
type blockedStore struct {
	secret.Store
	mu sync.Mutex
}

func (g *blockedStore) Get(ctx context.Context, key string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Store.Get(ctx, key)
}

// TestFarSideBornWithoutConnection: a far side whose channel began while there was no
// connection is found by Status, and its end is seen.
func TestFarSideBornWithoutConnection(t *testing.T) {
	p := startPBX(t)
	d := startDialer(t, accountAt(t, p.Addr(), "7102", config.SyntaxVariables), config.ConnectionOnDemand)
	g := &blockedStore{Store: d.secrets}
	d.secrets = g // before its first use
	if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "ringing", inState(call.RingingOwn))
	g.mu.Lock()
	p.DropSessions()
	until(t, d, "unknown", inState(call.Unknown))
	if !p.Pickup("7102") {
		t.Fatal("no phone rings")
	}
	eventually(t, "answered at the far side", p.FarAnswers)
	g.mu.Unlock()
	until(t, d, "in call", inState(call.InCall))
	eventually(t, "hung up at the far side", p.FarHangsUp)
	until(t, d, "ended", inState(call.Ended))
}
