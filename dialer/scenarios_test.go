package dialer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scenario is one call and what has to be seen of it. Numbers and extensions
// are those of pbxsim's plan, which asterisktest configures too.
type scenario struct {
	name   string
	ext    string
	tenant string // another than the PBX's
	only   string // of ways; "" for all
	number string
	hangup call.State // hang up when this state is reached
	when   call.Cause // and this is told with it
	not11  bool       // not recorded on Asterisk 11
	quiet  bool       // nor does it tell whom it calls
	alone  bool       // it and another of its kind would take each other's calls
	pbx    bool       // nobody but the PBX was heard, and nothing was answered
	states []call.State
	cause  call.Cause
	// unchecked is the cause instead where an Originate to nowhere is not refused
	// at once (before Asterisk 11).
	unchecked call.Cause
	// real: pbxsim does not have it.
	real bool
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
	{name: "wrong tenant", only: "wrapper", ext: "7101", tenant: "00000000-0000-4000-8000-000000000000", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.NoSuchNumber, unchecked: call.Refused},
	{name: "wrong tenant", only: "variables", ext: "7101", tenant: "00000000-0000-4000-8000-000000000000", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.Refused},
	// Several phones, or a dialplan, on the own side.
	{name: "own phones busy and silent", ext: "7301", number: "039050123402", states: []call.State{requested, ringingOwn, call.Failed}, cause: call.OwnNoAnswer},
	{name: "own phones silent and busy", ext: "7302", number: "039050123402", states: []call.State{requested, ringingOwn, call.Failed}, cause: call.OwnNoAnswer},
	{name: "of two own phones one declines, one answers", ext: "7303", number: "039050123403", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	{name: "own phones busy and not connected", ext: "7304", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnBusy},
	{name: "a colleague picks up", ext: "7305", number: "039050123402", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}, cause: call.OwnElsewhere, not11: true, alone: true},
	{name: "a colleague picks up, hung up by us", ext: "7305", number: "039050123407", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}, cause: call.OwnElsewhere, not11: true, alone: true},
	{name: "own phone picked up and confirmed", ext: "7306", number: "039050123403", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	{name: "own phone picked up and not confirmed", ext: "7307", number: "039050123402", states: []call.State{requested, ringingOwn, call.Failed}, cause: call.OwnNotConfirmed},
	{name: "own phone not to be disturbed", ext: "7308", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnDoNotDisturb},
	{name: "put down before anybody is called", ext: "7309", number: "817", states: []call.State{requested, ringingOwn, answeredOwn, call.Cancelled}},
	{name: "own phone declines", ext: "9603", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnDeclined},
	{name: "own phone rings, then declines", ext: "8603", number: "039050123402", states: []call.State{requested, ringingOwn, call.Failed}, cause: call.OwnDeclined},
	{name: "own phone takes no calls", ext: "9480", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnDoNotDisturb},
	{name: "own phone knows no such number", ext: "9404", number: "039050123402", states: []call.State{requested, call.Failed}, cause: call.OwnUnreachable},
	{name: "own phone silent, then its mailbox", only: "plain", real: true, ext: pbxsim.MailboxExtension, number: "039050123402", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}, cause: call.OwnElsewhere},
	// The PBX goes on where the other side does not answer.
	{name: "busy, then the mailbox", ext: "7101", number: "810", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
	{name: "no answer, then the mailbox", ext: "7101", number: "811", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, answeredOwn, inCall, call.Ended}},
	{name: "busy, then the mailbox, hung up before it answers", ext: "7101", number: "810", hangup: answeredOwn, when: call.Busy, states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	{name: "a trunk fails, an announcement, another answers", ext: "7101", number: "812", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "busy, with a tone", ext: "7101", number: "820", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	// Nobody but the PBX itself.
	{name: "an announcement: no such number", ext: "7101", number: "813", states: []call.State{requested, ringingOwn, answeredOwn, call.Ended}, cause: call.NoSuchNumber, pbx: true},
	{name: "a short one", ext: "7101", number: "821", states: []call.State{requested, ringingOwn, answeredOwn, call.Ended}, cause: call.NoSuchNumber, pbx: true},
	{name: "an announcement and no more", ext: "7101", number: "816", states: []call.State{requested, ringingOwn, answeredOwn, call.Ended}, pbx: true},
	{name: "a busy tone, and nobody called", ext: "7101", number: "814", states: []call.State{requested, ringingOwn, answeredOwn, call.Ended}, cause: call.Busy, pbx: true},
	{name: "congestion, and nobody called", ext: "7101", number: "815", states: []call.State{requested, ringingOwn, answeredOwn, call.Ended}, cause: call.Network, pbx: true},
	// Several phones, or a dialplan, on the far side.
	{name: "a slow dialplan", ext: "7101", number: "817", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "picked up and confirmed", ext: "7101", number: "818", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "picked up and not confirmed", ext: "7101", number: "819", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, call.Failed}, cause: call.NoAnswer},
	{name: "phones silent and busy", ext: "7101", number: "822", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, call.Failed}, cause: call.NoAnswer},
	{name: "forwarded to a phone that is busy", ext: "7101", number: "824", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Busy},
	{name: "a queue with somebody in it", ext: "7101", number: "823", quiet: true, hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, inCall, call.Ended}},
	{name: "far side cannot be reached", ext: "7101", number: "9480", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Unreachable},
	{name: "far side rings, and then cannot", ext: "7101", number: "8480", states: []call.State{requested, ringingOwn, answeredOwn, ringingFar, call.Failed}, cause: call.NoAnswer},
	{name: "far side not connected", ext: "7101", number: "7104", states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.Unreachable},
	{name: "echo service", ext: "7101", number: "800", hangup: inCall, states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
}

// toThePhone is what is otherwise where the own phone itself is called: of what the
// dialplan plays to a channel that is up no event tells, so that who hears it is connected
// to the PBX after a while.
var toThePhone = map[string]scenario{
	"a trunk fails, an announcement, another answers": {states: []call.State{requested, ringingOwn, answeredOwn, inCall, answeredOwn, ringingFar, inCall, call.Ended}},
	"an announcement: no such number":                 {states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}, cause: call.NoSuchNumber},
	"a short one":                                     {states: []call.State{requested, ringingOwn, answeredOwn, call.Failed}, cause: call.NoSuchNumber},
	"an announcement and no more":                     {states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
	"a busy tone, and nobody called":                  {states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
	"congestion, and nobody called":                   {states: []call.State{requested, ringingOwn, answeredOwn, inCall, call.Ended}},
}

// Versions whose events lack something: Asterisk 11 and older, and those before 14,
// which send no event of what their dialplan plays (main/bridge_channel.c of 14.0).
var (
	like11   = []string{"pbxsim-1.6.2", "pbxsim-11"}
	before14 = []string{"pbxsim-1.6.2", "pbxsim-11", "pbxsim-12.1", "pbxsim-12.2", "pbxsim-13.4", "pbxsim-13.20"}
)

// ways are the forms of a request, by what an account says of them: each syntax, and of
// SyntaxPlain also the one that calls the own phone itself, with no Local channel.
var ways = map[string]func(*config.Account){
	"variables": func(*config.Account) {},
	"wrapper":   func(a *config.Account) { a.Syntax = config.SyntaxWrapper },
	"plain":     func(a *config.Account) { a.Syntax, a.Tenant = config.SyntaxPlain, "" },
	"phone": func(a *config.Account) {
		a.Syntax, a.Tenant, a.Channel = config.SyntaxPlain, "", "PJSIP/"+config.ExtensionMark
	},
}

// scenarioRun is one scenario in one of the ways, and what came of it.
type scenarioRun struct {
	scenario
	way     string
	account config.Account
	got     []call.State
	last    call.Snapshot
	err     error
}

// runsFor are the scenarios for a PBX at addr, in both syntaxes, as a user with
// KalliopePBX's rights.
func runsFor(t *testing.T, pbx, addr string) (runs []*scenarioRun) {
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		for _, s := range scenarios {
			if s.only != "" && s.only != way || s.not11 && slices.Contains(like11, pbx) || s.pbx && slices.Contains(before14, pbx) {
				continue
			}
			real := !strings.HasPrefix(pbx, "pbxsim")
			if s.real && !real {
				continue
			}
			if way == "phone" {
				if strings.HasPrefix(s.ext, "73") && s.ext != "7309" {
					continue // a dialplan's
				}
				if otherwise, ok := toThePhone[s.name]; ok {
					if !real {
						continue // its announcements are too short for that
					}
					s.states, s.cause, s.pbx = otherwise.states, otherwise.cause, otherwise.pbx
				}
			}
			if way == "plain" && real && s.name == "own phone busy" {
				s.states = []call.State{requested, ringingOwn, call.Failed} // its dialplan says ringing before the phone does
			}
			if s.quiet && slices.Contains(like11, pbx) {
				s.states = slices.DeleteFunc(slices.Clone(s.states), func(st call.State) bool { return st == ringingFar })
			}
			if s.unchecked != "" && pbx == "pbxsim-1.6.2" {
				s.cause = s.unchecked
			}
			a := accountAt(t, addr, s.ext, config.SyntaxVariables)
			ways[way](&a)
			if slices.Contains(like11, pbx) {
				a.Channel = strings.Replace(a.Channel, "PJSIP/", "SIP/", 1)
			}
			if s.tenant != "" {
				a.Tenant = s.tenant
			}
			runs = append(runs, &scenarioRun{scenario: s, way: way, account: a})
		}
	}
	return runs
}

// placeAll places the calls, atOnce of them at a time.
func placeAll(t *testing.T, runs []*scenarioRun, reach func(*ami.Config), atOnce int) {
	do := func(r *scenarioRun) { r.got, r.last, r.err = place(t, r.account, r.scenario, reach) }
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, r := range runs {
		if !r.alone {
			group.Go(func() error { do(r); return nil })
		}
	}
	_ = group.Wait()
	for _, r := range runs {
		if r.alone {
			do(r)
		}
	}
}

// checkRuns compares what came of the calls with what was to come, and writes it down.
func checkRuns(t *testing.T, pbx string, runs []*scenarioRun) {
	var table strings.Builder
	for _, r := range runs {
		t.Run(r.way+"/"+r.name, func(t *testing.T) {
			got := r.got
			if r.hangup == requested {
				// How far it got before the hang-up arrived is a race.
				got = slices.DeleteFunc(got, func(st call.State) bool { return st == ringingOwn })
			}
			ok := r.err == nil && slices.Equal(got, r.states) && r.last.Cause == r.cause &&
				(!r.pbx || r.last.ByPBX && r.last.Answered.IsZero())
			if !ok {
				t.Errorf("states %v cause %q (%s) by PBX %v: %v\nwant   %v %q",
					got, r.last.Cause, r.last.Detail, r.last.ByPBX, r.err, r.states, r.cause)
			}
			table.WriteString(row(pbx, r.way, r.name, got, r.last.Cause, ok))
		})
	}
	if dir := os.Getenv("CORNETTA_ARTEFACTS"); dir != "" {
		file := filepath.Join(dir, "scenarios-"+pbx+".md")
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(file, []byte(table.String()), 0o644)); err != nil {
			t.Error(err)
		}
	}
}

func row(pbx, way, name string, states []call.State, cause call.Cause, ok bool) string {
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
	return "| " + strings.Join([]string{name, pbx, way, strings.Join(w, " → "), verdict}, " | ") + " |\n"
}

func accountAt(t *testing.T, addr, ext string, syntax config.Syntax) config.Account {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	a := config.Default().Account
	a.Host, a.Username, a.Tenant = host, pbxsim.Username, pbxsim.Tenant
	a.Port, err = strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	a.Extension, a.Syntax, a.Prefix = ext, syntax, pbxsim.OutboundPrefix
	a.Timeout = config.Duration(2 * time.Second)
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	return a
}

// fixedStore is a secret.Store that has the same answer for every account.
type fixedStore string

func (s fixedStore) Get(context.Context, string) (string, error) { return string(s), nil }
func (s fixedStore) Set(context.Context, string, string) error   { return secret.ErrUnavailable }
func (s fixedStore) Delete(context.Context, string) error        { return secret.ErrUnavailable }

// startDialer runs a Dialer for a until the test ends.
func startDialer(t *testing.T, a config.Account, mode config.ConnectionMode) *Dialer {
	t.Helper()
	d := New(Options{Secrets: fixedStore(pbxsim.Secret), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
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

// place makes the call of s, over the network unless reach says otherwise, and
// returns the states it went through.
func place(t *testing.T, a config.Account, s scenario, reach func(*ami.Config)) (states []call.State, last call.Snapshot, err error) {
	d := New(Options{Secrets: fixedStore(pbxsim.Secret), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if reach != nil {
		d.reach = reach
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	defer func() { stop(); <-done }()
	if err := d.SetAccount(ctx, a, config.ConnectionOnDemand); err != nil {
		return nil, last, err
	}
	snapshots, cancel := d.Subscribe()
	defer cancel()
	dialled := make(chan error, 1)
	go func() {
		_, err := d.Dial(ctx, planFor(s.number))
		dialled <- err
	}()
	for last.State == "" || last.Live() {
		select {
		case snap := <-snapshots:
			if snap.Call == nil || *snap.Call == last {
				continue
			}
			moved := snap.Call.State != last.State
			last = *snap.Call
			if moved {
				states = append(states, last.State)
			}
			if last.State == s.hangup && (moved || s.when != "") && last.Cause == cmp.Or(s.when, last.Cause) {
				if err := d.Hangup(ctx); err != nil {
					return states, last, err
				}
			}
		case <-ctx.Done():
			return states, last, errors.New("it has no end")
		}
	}
	return states, last, <-dialled
}

func TestScenariosOnSimulator(t *testing.T) {
	for _, flavour := range pbxsim.Flavours() {
		t.Run(flavour, func(t *testing.T) {
			t.Parallel()
			pbx := "pbxsim-" + flavour
			var runs []*scenarioRun
			synctest.Test(t, func(t *testing.T) { // they wait for timers
				h := newPBXBubble(t, flavour, pbxsim.Fast)
				runs = runsFor(t, pbx, "127.0.0.1:5038")
				atOnce := 4
				if slices.Contains([]string{"1.6.2", "11", "12.1"}, flavour) {
					atOnce = 1 // two calls of one phone to one number look the same
				}
				placeAll(t, runs, dialWith(h.network.dial), atOnce)
				if n := len(h.Originates()); n != len(runs) {
					t.Errorf("%d Originates reached the PBX for %d calls", n, len(runs))
				}
			})
			checkRuns(t, pbx, runs)
		})
	}
}
