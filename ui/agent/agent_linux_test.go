//go:build linux

package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
	"cornetta/ui/channel"
)

// askedVariable names the file that the windows of the tests make when they show a
// question.
const askedVariable = "CORNETTA_TEST_ASKED"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "cornetta-ui" {
		p := &playedWindows{agent: make(chan *channel.Client, 1)}
		p.agent <- channel.Connect(os.Stdin, os.Stdout, p)
		select {} // until Gone
	}
	goleak.VerifyTestMain(m)
}

// playedWindows are the windows as the agent sees them.
type playedWindows struct{ agent chan *channel.Client }

func (*playedWindows) Snapshot(status.Snapshot)    {}
func (*playedWindows) CheckStep(channel.CheckStep) {}
func (*playedWindows) Language(string)             {}
func (*playedWindows) Finding(channel.Examined)    {}
func (*playedWindows) Gone(error)                  { os.Exit(0) }
func (*playedWindows) Ask(channel.Ask)             { _ = os.WriteFile(os.Getenv(askedVariable), nil, 0o600) }

func (p *playedWindows) Show(channel.Show) {
	go func() {
		agent := <-p.agent
		p.agent <- agent
		_ = channel.Do(context.Background(), agent, channel.Shown, ipc.None{})
	}()
}

// patience is how long any wait lasts before a test is given up.
const patience = 30 * time.Second

// started is an agent without a desktop: no bus, no display.
type started struct {
	t     *testing.T
	ctx   context.Context // ends with patience
	name  string
	asked string
	agent *agent
	end   context.CancelFunc
	over  chan error
}

func startAgent(t *testing.T, numbers func(*number.Settings), environment ...string) *started {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return startAgentAt(t, p.Addr(), slog.New(slog.NewTextHandler(t.Output(), nil)), func(cfg *config.Config) {
		if numbers != nil {
			numbers(&cfg.Numbers)
		}
	}, environment...)
}

// startAgentAt is startAgent with a PBX of the test's, whose account change may change.
func startAgentAt(t *testing.T, addr string, log *slog.Logger, change func(*config.Config), environment ...string) *started {
	t.Helper()
	// Not t.TempDir: a socket's path has to be short.
	dir, err := os.MkdirTemp("", "ca")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "cornetta-ui")); err != nil {
		t.Fatal(err)
	}
	s := &started{t: t, name: "cornetta", asked: filepath.Join(dir, "asked"), over: make(chan error, 1)}
	for name, value := range map[string]string{
		"HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_STATE_HOME": dir, "PATH": dir, askedVariable: s.asked,
		"DBUS_SESSION_BUS_ADDRESS": "", "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + dir + "/none",
		"DISPLAY": ":9999", "WAYLAND_DISPLAY": "", // there is none, but windows that are played
	} {
		t.Setenv(name, value)
	}
	for _, v := range environment {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}

	cfg := config.Default()
	host, port, _ := net.SplitHostPort(addr)
	cfg.Account.Host, cfg.Account.Username, cfg.Account.Tenant = host, pbxsim.Username, pbxsim.Tenant
	cfg.Account.Port, _ = strconv.Atoi(port)
	cfg.Account.Extension = pbxsim.Extensions[0].Number
	change(&cfg)
	store := config.NewStore(dir)
	keys := secret.Session(nil)
	past, err := history.Open("")
	if err := errors.Join(err, store.Save(cfg), keys.Set(t.Context(), secret.Key(cfg.Account), pbxsim.Secret)); err != nil {
		t.Fatal(err)
	}
	var giveUp context.CancelFunc
	s.ctx, giveUp = context.WithTimeout(t.Context(), patience)
	t.Cleanup(giveUp)
	ctx, end := context.WithCancel(t.Context())
	s.end = end
	a := &agent{Options: Options{
		Name: s.name, Store: store, Keys: keys, Past: past, Trail: trail.Open(filepath.Join(dir, "calls")),
		Log: log, KeysTold: filepath.Join(dir, "keys-told"),
	}}
	s.agent = a
	go func() {
		err := a.run(ctx)
		a.tasks.mu.Lock()
		defer a.tasks.mu.Unlock()
		if a.tasks.running > 0 {
			err = errors.Join(err, fmt.Errorf("%d tasks are left", a.tasks.running))
		}
		a.Trail.Close()
		s.over <- err
	}()
	return s
}

// wait waits for ok.
func (s *started) wait(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// client returns a connection to the agent, which is there then.
func (s *started) client() *control.Client {
	s.t.Helper()
	var c *control.Client
	s.wait("the agent", func() bool {
		var err error
		c, err = control.Connect(s.ctx, s.name)
		return err == nil
	})
	s.t.Cleanup(func() { c.Close() })
	return c
}

// TestNoDisplay: who asks for a window hears that there can be none, and nothing is
// started.
func TestNoDisplay(t *testing.T) {
	s := startAgent(t, nil, "DISPLAY=")
	c := s.client()
	if _, err := control.Show.Call(s.ctx, c, control.ShowParams{}); status.Find(err, status.CodeNoDisplay) == nil {
		t.Errorf("the dial window: %v", err)
	}
	for _, uri := range []string{"tel:+390501234507", "tel:???"} {
		if _, err := control.Link.Call(s.ctx, c, control.LinkParams{URI: uri}); status.Find(err, status.CodeNoDisplay) == nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
	s.end()
	if err := <-s.over; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.asked); err == nil {
		t.Error("there was a question")
	}
}

// TestNothingIsLeft ends the agent in the middle of things: when run has returned
// no goroutine of it is left, and no socket.
func TestNothingIsLeft(t *testing.T) {
	for _, tc := range []struct {
		name    string
		numbers func(*number.Settings)
		do      func(s *started)
	}{
		{"at once", nil, func(*started) {}},
		{"at rest", nil, func(s *started) {
			c := s.client()
			s.wait("the check of the account", func() bool {
				v, err := control.Status.Call(s.ctx, c, ipc.None{})
				return err == nil && v.Connection == status.Connected // the dial window is open, for want of a tray
			})
		}},
		{"while a call rings that somebody follows", nil, func(s *started) {
			placed, err := s.client().Dial(s.ctx, "7102", false, true)
			if err != nil {
				s.t.Fatal(err)
			}
			for v := placed.Placed; v.State != call.RingingFar; {
				if v, err = placed.Next(s.ctx); err != nil {
					s.t.Fatal(err)
				}
			}
		}},
		{"while a link is asked about", nil, func(s *started) {
			if _, err := control.Link.Call(s.ctx, s.client(), control.LinkParams{URI: "tel:+390501234507"}); err != nil {
				s.t.Fatal(err)
			}
			s.wait("the question", func() bool { _, err := os.Stat(s.asked); return err == nil })
		}},
		{"while a trusted link is called", func(n *number.Settings) { n.Confirm = number.ConfirmTrusted }, func(s *started) {
			c := s.client()
			if _, err := control.Link.Call(s.ctx, c, control.LinkParams{URI: "tel:+390501234507"}); err != nil {
				s.t.Fatal(err)
			}
			s.wait("the call", func() bool {
				v, err := control.Status.Call(s.ctx, c, ipc.None{})
				return err == nil && v.Call != nil
			})
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := startAgent(t, tc.numbers)
			tc.do(s)
			s.end()
			select {
			case err := <-s.over:
				if err != nil {
					t.Error(err)
				}
			case <-s.ctx.Done():
				t.Fatal("the agent does not end")
			}
			if _, err := control.Connect(t.Context(), s.name); !errors.Is(err, ipc.ErrNotRunning) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}
