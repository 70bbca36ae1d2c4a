package dialer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/amitest"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scenario is one call and what has to be seen of it. Numbers and extensions
// are those of amitest's plan, which asterisktest configures too.
type scenario struct {
	name   string
	ext    string
	tenant string        // another than the PBX's
	only   config.Syntax // "" for both
	number string
	hangup call.State // hang up when this state is reached
	states []call.State
	cause  call.Cause
	// unchecked is the cause instead where an Originate to nowhere is not refused
	// at once (before Asterisk 11).
	unchecked call.Cause
}

var (
	requested, ringingOwn, answeredOwn = call.Requested, call.RingingOwn, call.AnsweredOwn
	ringingFar, inCall                 = call.RingingFar, call.InCall
)

var scenarios = []scenario{
	{name: "answered, far side hangs up", ext: "7101", number: "039050123402", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "answered, hung up by us", ext: "7101", number: "039050123407", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "internal call, hung up by us", ext: "7101", number: "7105", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "far side busy", ext: "7101", number: "039050123403", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	{name: "far side does not answer", ext: "7101", number: "039050123404", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, call.Failed}, cause: call.NoAnswer},
	{name: "congestion", ext: "7101", number: "039050123405", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Network},
	{name: "no such number", ext: "7101", number: "039050123406", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.NoSuchNumber},
	{name: "far side rejects", ext: "7101", number: "039050123408", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Rejected},
	{name: "own phone silent", ext: "7102", number: "039050123402", states: []call.State{requested, ringingOwn, call.Failed}, cause: call.OwnNoAnswer},
	{name: "own phone busy", ext: "7103", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnBusy},
	{name: "own phone not connected", ext: "7104", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnUnreachable},
	{name: "hung up while the own phone rings", ext: "7102", number: "039050123402", hangup: ringingOwn, states: []call.State{requested, ringingOwn, call.Cancelled}},
	{name: "hung up while the far side rings", ext: "7101", number: "7102", hangup: ringingFar, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, call.Cancelled}},
	{name: "hung up as soon as asked", ext: "7102", number: "039050123402", hangup: requested, states: []call.State{requested, call.Cancelled}},
	{name: "not permitted", ext: "7106", number: "039050123402", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.NotPermitted},
	{name: "wrong tenant", only: config.SyntaxWrapper, ext: "7101", tenant: "00000000-0000-4000-8000-000000000000", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.NoSuchNumber, unchecked: call.Refused},
	{name: "wrong tenant", only: config.SyntaxVariables, ext: "7101", tenant: "00000000-0000-4000-8000-000000000000", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.Refused},
	{name: "echo service", ext: "7101", number: "800", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
}

// runScenarios places each call on the PBX at addr, in both syntaxes, as a
// user with KalliopePBX's rights, and returns how many calls that were.
func runScenarios(t *testing.T, pbx, addr string) (placed int) {
	var table strings.Builder
	for _, syntax := range []config.Syntax{config.SyntaxVariables, config.SyntaxWrapper} {
		for _, s := range scenarios {
			if s.only != "" && s.only != syntax {
				continue
			}
			t.Run(string(syntax)+"/"+s.name, func(t *testing.T) {
				placed++
				a := accountAt(t, addr, s.ext, syntax)
				if s.tenant != "" {
					a.Tenant = s.tenant
				}
				got, last := place(t, a, s)
				want := s.states
				if s.unchecked != "" && pbx == "amitest-1.6.2" {
					s.cause = s.unchecked
				}
				if s.hangup == requested {
					// How far it got before the hang-up arrived is a race.
					got = slices.DeleteFunc(got, func(st call.State) bool { return st == ringingOwn })
				}
				ok := slices.Equal(got, want) && last.Cause == s.cause
				if !ok {
					t.Errorf("states %v cause %q (%s)\nwant   %v %q", got, last.Cause, last.Detail, want, s.cause)
				}
				table.WriteString(row(pbx, syntax, s.name, got, last.Cause, ok))
			})
		}
	}
	if dir := os.Getenv("CORNETTA_ARTEFACTS"); dir != "" {
		file := filepath.Join(dir, "scenarios-"+pbx+".md")
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(file, []byte(table.String()), 0o644)); err != nil {
			t.Error(err)
		}
	}
	return placed
}

func row(pbx string, syntax config.Syntax, name string, states []call.State, cause call.Cause, ok bool) string {
	var w []string
	for _, s := range states {
		w = append(w, string(s))
	}
	if cause != "" {
		w[len(w)-1] += "(" + string(cause) + ")"
	}
	verdict := "ok"
	if !ok {
		verdict = "WRONG"
	}
	return "| " + strings.Join([]string{name, pbx, string(syntax), strings.Join(w, " → "), verdict}, " | ") + " |\n"
}

func accountAt(t *testing.T, addr, ext string, syntax config.Syntax) config.Account {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	a := config.Default().Account
	a.Host, a.Username, a.Tenant = host, amitest.Username, amitest.Tenant
	a.Port, err = strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	a.Extension, a.Syntax, a.Prefix = ext, syntax, amitest.OutboundPrefix
	a.Timeout = config.Duration(2 * time.Second)
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	return a
}

// always is a secret.Store that has the same answer for every account.
type always string

func (s always) Get(context.Context, string) (string, error) { return string(s), nil }
func (s always) Set(context.Context, string, string) error   { return secret.ErrUnavailable }
func (s always) Delete(context.Context, string) error        { return secret.ErrUnavailable }

// startDialer runs a Dialer for a until the test ends.
func startDialer(t *testing.T, a config.Account, mode config.LinkMode) *Dialer {
	t.Helper()
	d := New(Options{Secrets: always(amitest.Secret), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	if err := d.SetAccount(t.Context(), a, mode); err != nil {
		t.Fatal(err)
	}
	return d
}

func planFor(dial string) number.Plan {
	return number.Plan{Input: dial, Source: number.Typed, Outcome: number.Dial, Dial: dial}
}

// place makes the call of s and returns the states it went through.
func place(t *testing.T, a config.Account, s scenario) ([]call.State, call.Snapshot) {
	t.Helper()
	d := startDialer(t, a, config.LinkOnDemand)
	snapshots, cancel := d.Subscribe()
	defer cancel()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	dialled := make(chan error, 1)
	go func() {
		_, err := d.Dial(ctx, planFor(s.number))
		dialled <- err
	}()
	var states []call.State
	var last call.Snapshot
	for last.State == "" || last.Live() {
		select {
		case snap := <-snapshots:
			if snap.Call == nil || snap.Call.State == last.State {
				continue
			}
			last = *snap.Call
			states = append(states, last.State)
			if last.State == s.hangup {
				if err := d.Hangup(ctx); err != nil {
					t.Errorf("hang up: %v", err)
				}
			}
		case <-ctx.Done():
			t.Fatalf("still %s after %v", last.State, states)
		}
	}
	if err := <-dialled; err != nil {
		t.Errorf("dial: %v", err)
	}
	return states, last
}

func TestScenariosOnAmitest(t *testing.T) {
	for _, flavour := range amitest.Flavours() {
		t.Run(flavour, func(t *testing.T) {
			t.Parallel() // they wait for timers, not for the processor
			p, err := amitest.Start(amitest.Options{Asterisk: flavour})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			placed := runScenarios(t, "amitest-"+flavour, p.Addr())
			if n := len(p.Originates()); n != placed {
				t.Errorf("%d Originates reached the PBX for %d calls", n, placed)
			}
		})
	}
}
