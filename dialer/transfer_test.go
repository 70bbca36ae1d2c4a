package dialer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// handover is a transfer and what has to be seen of it. The first side is firstSide, which
// stays.
type handover struct {
	name     string
	first    string // "" for firstSide
	third    string
	attended bool
	end      string // what the person does when it is at the state of when: complete, cancel, hangup
	when     call.TransferState
	states   []call.TransferState
	cause    call.Cause
	state    call.State // of the call, at the end

	ringsAnyway bool // ringing may be told where there was none, or the other way round
	real        bool // only a real Asterisk does it
}

const firstSide = "039050123407"

var (
	asked, thirdRings, talking = call.TransferAsked, call.TransferRinging, call.TransferTalking
	done, inVain               = call.TransferDone, call.TransferFailed
)

var handovers = []handover{
	{name: "blind", third: "7105", states: []call.TransferState{asked, thirdRings, done}, state: call.Ended},
	{name: "blind, outside", third: "039050123401", states: []call.TransferState{asked, thirdRings, done}, state: call.Ended},
	{name: "blind, busy", third: "7103", states: []call.TransferState{asked, inVain}, cause: call.Busy, state: call.Ended},
	{name: "blind, silent", third: "039050123404", states: []call.TransferState{asked, thirdRings, inVain}, cause: call.NoAnswer, state: call.Ended},
	{name: "blind, no such number", third: "039050123406", states: []call.TransferState{asked, inVain}, cause: call.NoSuchNumber, state: call.Ended},
	{name: "blind, not connected", third: "7104", states: []call.TransferState{asked, inVain}, cause: call.NotPermitted, state: call.Ended},
	{name: "blind, the PBX itself", third: "800", states: []call.TransferState{asked, done}, state: call.Ended},
	{name: "attended", third: "7105", attended: true, when: talking, end: "complete", states: []call.TransferState{asked, thirdRings, talking, done}, state: call.Ended},
	{name: "attended, taken back", third: "7105", attended: true, when: talking, end: "cancel", states: []call.TransferState{asked, thirdRings, talking, call.TransferCancelled}, state: inCall},
	{name: "attended, taken back early", third: "7102", attended: true, when: thirdRings, end: "cancel", states: []call.TransferState{asked, thirdRings, call.TransferCancelled}, state: inCall},
	{name: "attended, busy", third: "7103", attended: true, states: []call.TransferState{asked, inVain}, cause: call.Busy, state: inCall},
	{name: "attended, silent", third: "039050123404", attended: true, states: []call.TransferState{asked, thirdRings, inVain}, cause: call.NoAnswer, state: inCall},
	{name: "attended, put down early", third: "039050123402", attended: true, when: thirdRings, end: "put down", states: []call.TransferState{asked, thirdRings, done}, state: call.Ended, real: true},
	{name: "attended, put down early, silent", third: "7102", attended: true, when: thirdRings, end: "put down", states: []call.TransferState{asked, thirdRings, call.TransferRecalled, inVain}, cause: call.NoAnswer, state: inCall, real: true},
	{name: "attended, all hung up", third: "7105", attended: true, when: talking, end: "hangup", states: []call.TransferState{asked, thirdRings, talking, call.TransferLeft}, state: call.Ended},
}

// handedOver is what came of a handover.
type handedOver struct {
	states []call.TransferState
	last   call.Snapshot
}

// handOver makes a call and transfers it, over the network unless reach says otherwise.
func handOver(t *testing.T, a config.Account, h handover, reach func(*ami.Config)) (got handedOver, err error) {
	d := New(Options{Secrets: fixedStore(pbxsim.Secret), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if reach != nil {
		d.reach = reach
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.Run(ctx)
	}()
	defer func() { stop(); <-ended }()
	if err := d.SetAccount(ctx, a, config.ConnectionOnDemand); err != nil {
		return got, err
	}
	snapshots, cancel := d.Subscribe()
	defer cancel()
	first := h.first
	if first == "" {
		first = firstSide
	}
	if _, err := d.Dial(ctx, planFor(first)); err != nil {
		return got, err
	}
	begun, did := false, false
	for {
		var s call.Snapshot
		select {
		case snap := <-snapshots:
			if snap.Call == nil {
				continue
			}
			s = *snap.Call
		case <-ctx.Done():
			return got, errors.New("it has no end")
		}
		got.last = s
		if now := s.Transfer.State; now != "" && (len(got.states) == 0 || got.states[len(got.states)-1] != now) {
			got.states = append(got.states, now)
		}
		switch {
		case !begun && s.State == call.InCall && s.Transfers != (call.Transferable{}):
			begun = true
			if err := d.Transfer(ctx, planFor(h.third), h.attended); err != nil {
				return got, err
			}
		case begun && !did && h.end != "" && s.Transfer.State == h.when:
			did = true
			end := map[string]func(context.Context) error{"complete": d.CompleteTransfer, "cancel": d.CancelTransfer, "hangup": d.Hangup, "put down": func(ctx context.Context) error { return putDown(ctx, d, h) }}[h.end]
			if err := end(ctx); err != nil {
				return got, err
			}
		case !begun && !s.Live():
			return got, errors.New("there was no call to transfer")
		}
		if begun && s.Transfer.State != "" && !s.Transfer.State.Pending() && s.State == h.state {
			if s.Live() {
				return got, d.Hangup(ctx)
			}
			return got, nil
		}
	}
}

// putDown hangs the own phone up, as by its own button, once it is joined with the third side.
func putDown(ctx context.Context, d *Dialer, h handover) error {
	if err := d.do(ctx, func(l *loop, done func(error)) {
		own, third, c := l.cur.call.Own(), l.cur.call.Consulted(), l.client
		l.async(func(ctx context.Context) func(*loop) {
			for {
				live, err := c.List(ctx, ami.Status{}, func(*ami.Message) bool { return true })
				if err != nil {
					return func(*loop) { done(err) }
				}
				in := map[string]string{}
				for _, e := range live {
					if s, ok := e.(ami.ChannelStatus); ok {
						in[s.Channel.Name] = s.BridgeID
					}
				}
				if in[own] != "" && in[own] == in[third] {
					break
				}
			}
			_, err := c.Do(ctx, ami.Hangup{Channel: own})
			return func(*loop) { done(err) }
		})
	}); err != nil || h.cause == "" {
		return err
	}
	// The PBX may call back, and until then nobody is to be told that they can hang up.
	if _, err := d.Dial(ctx, planFor("7106")); !errors.Is(err, ErrTransferGoesOn) {
		return fmt.Errorf("another call meanwhile: %w", err)
	}
	return nil
}

// check compares what came of it with what was to come.
func (h handover) check(t *testing.T, got handedOver, err error) {
	t.Helper()
	told := func(s call.TransferState) bool {
		return s == asked || h.ringsAnyway && (s == thirdRings || s == call.TransferRecalled)
	}
	states := slices.DeleteFunc(slices.Clone(got.states), told)
	want := slices.DeleteFunc(slices.Clone(h.states), told)
	if err != nil || !slices.Equal(states, want) || got.last.Transfer.Cause != h.cause || got.last.State != h.state {
		t.Errorf("%v (%s), the call %s: %v\nwant %v (%s), %s", got.states, got.last.Transfer.Cause, got.last.State, err, h.states, h.cause, h.state)
	}
}

// TestTransfersOnSimulator transfers calls on a PBX that is pretended, asked for in each
// form.
func TestTransfersOnSimulator(t *testing.T) {
	for _, flavour := range []string{"13.20", "16", "22"} {
		for way, set := range ways {
			t.Run(flavour+"/"+way, func(t *testing.T) {
				t.Parallel()
				for _, h := range handovers {
					if h.real {
						continue
					}
					t.Run(h.name, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							p := newPBXBubble(t, flavour, pbxsim.Fast)
							a := p.account
							set(&a)
							got, err := handOver(t, a, h, dialWith(p.network.dial))
							h.check(t, got, err)
						})
					})
				}
			})
		}
	}
}

// TestTransfersNameOwnChannels: whatever is transferred, taken back or completed, each
// channel that is named is one of the call that was asked for here, while others speak on
// the same PBX.
func TestTransfersNameOwnChannels(t *testing.T) {
	for _, h := range handovers {
		if h.real {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPBXBubble(t, "22", pbxsim.Fast)
				p.Noise(20)
				defer p.Noise(0)
				other := p.account
				other.Extension = "7106"
				colleague := p.start(t, other)
				if _, err := colleague.Dial(t.Context(), planFor("7105")); err != nil {
					t.Fatal(err)
				}
				for colleague.Snapshot().Call.State != call.InCall {
					time.Sleep(time.Millisecond)
				}
				if _, err := handOver(t, p.account, h, dialWith(p.network.dial)); err != nil {
					t.Fatal(err)
				}
				if len(p.Moves()) == 0 {
					t.Error("nothing was transferred")
				}
				for _, m := range p.Moves() {
					if m.Action != "Redirect" && !strings.Contains(m.Channel, "/7101") { // it is who leaves
						t.Errorf("%s named %s", m.Action, m.Channel)
					}
					if m.Of != p.account.Extension {
						t.Errorf("%s named %s, of a call of %q", m.Action, m.Channel, m.Of)
					}
				}
				if s := colleague.Snapshot().Call; s.State != call.InCall {
					t.Errorf("the colleague's call is %s", s.State)
				}
			})
		})
	}
}

// TestTransferRefused: what cannot be done is said, before anything is sent where that is
// known.
func TestTransferRefused(t *testing.T) {
	for _, tc := range []struct {
		name     string
		set      func(*pbxBubble)
		number   string // who is called first
		third    string
		attended bool
		want     error
		why      status.Code // what is told before
	}{
		{"no right", func(h *pbxBubble) { h.Grant("BlindTransfer", false); h.Grant("Redirect", false) }, firstSide, "7105", false, ErrTransferRefused, ""},
		{"no right to any", func(h *pbxBubble) {
			for _, a := range []string{"BlindTransfer", "Redirect", "Atxfer"} {
				h.Grant(a, false)
			}
		}, firstSide, "7105", false, ErrTransferRefused, status.CodeTransferRefused},
		{"no code for attended ones", func(h *pbxBubble) { h.NoAtxfer() }, firstSide, "7105", true, ErrNoAttended, ""},
		{"the PBX itself speaks", func(*pbxBubble) {}, "800", "7105", false, ErrNoTransferNow, ""},
		{"signs that cannot be keyed in", func(*pbxBubble) {}, firstSide, "+39050", true, ErrNotDialable, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newPBXBubble(t, "22", pbxsim.Fast)
				tc.set(h)
				d := h.start(t, h.account)
				if err := d.Transfer(t.Context(), planFor(tc.third), tc.attended); !errors.Is(err, ErrNoTransferNow) {
					t.Errorf("without a call: %v", err)
				}
				if _, err := d.Dial(t.Context(), planFor(tc.number)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				if why := d.Snapshot().Call.Transfers.Why; why != string(tc.why) {
					t.Errorf("before: %q, want %q", why, tc.why)
				}
				if err := d.Transfer(t.Context(), planFor(tc.third), tc.attended); !errors.Is(err, tc.want) {
					t.Errorf("%v, want %v", err, tc.want)
				}
				synctest.Wait()
				if s := d.Snapshot().Call; s.State != call.InCall || s.Transfer.State.Pending() {
					t.Errorf("then %+v", s)
				}
			})
		})
	}
}

// TestDialWhileATransferRings: who has left a caller to the PBX can dial the next, and is
// told what became of the first all the same; those beyond are let go of, and a connection
// that is lost says so.
func TestDialWhileATransferRings(t *testing.T) {
	for _, tc := range []struct {
		name  string
		third string
		lose  bool
		want  call.TransferState
		cause call.Cause
	}{
		{"reached", "7105", false, done, ""},
		{"silent", "039050123404", false, inVain, call.NoAnswer},
		{"the connection is lost", "039050123404", true, call.TransferUnknown, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newPBXBubble(t, "22", pbxsim.Real)
				d := h.start(t, h.account)
				snapshots, cancel := d.Subscribe()
				defer cancel()
				leave := func(number string) string {
					t.Helper()
					placed, err := d.Dial(t.Context(), planFor(firstSide))
					if err != nil {
						t.Fatal(err)
					}
					for d.Snapshot().Call.Transfers == (call.Transferable{}) {
						time.Sleep(time.Millisecond)
					}
					if err := d.Transfer(t.Context(), planFor(number), false); err != nil {
						t.Fatal(err)
					}
					for d.Snapshot().Call.Live() {
						time.Sleep(time.Millisecond)
					}
					return placed.ID
				}
				first := leave(tc.third)
				if s := d.Snapshot().Call.Transfer.State; !s.Pending() {
					t.Fatalf("it is %s before the next call", s)
				}
				next, err := d.Dial(t.Context(), planFor("039050123401"))
				if err != nil {
					t.Fatal(err)
				}
				if tc.lose {
					h.DropSessions()
				}
				time.Sleep(time.Minute)
				s := d.Snapshot()
				if s.Call == nil || s.Call.ID != next.ID || s.Call.State != call.InCall {
					t.Errorf("the call in hand is %+v", s.Call)
				}
				if len(s.Handed) != 1 || s.Handed[0].ID != first || s.Handed[0].Transfer.State != tc.want || s.Handed[0].Transfer.Cause != tc.cause {
					t.Errorf("left to the PBX: %+v", s.Handed)
				}
				var states States
				var told []call.TransferState
				for len(snapshots) > 0 {
					for _, c := range states.Next(<-snapshots) {
						if c.ID == first && c.Transfer.State != "" && (len(told) == 0 || told[len(told)-1] != c.Transfer.State) {
							told = append(told, c.Transfer.State)
						}
					}
				}
				if want := []call.TransferState{asked, thirdRings, tc.want}; !slices.Equal(told, want) {
					t.Errorf("told %v, want %v", told, want)
				}
				if err := d.Hangup(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				if err := d.do(t.Context(), func(l *loop, done func(error)) {
					if l.client != nil || l.handedOn() {
						t.Error("it is followed on")
					}
					done(nil)
				}); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		l := &loop{}
		for i := range maxHanded + 1 {
			c := &tracked{call: tracker.New(tracker.Request{ID: string(rune('a' + i))}, time.Now())}
			c.call.BeginTransfer("7105", false, time.Now())
			l.putAside(c)
		}
		if all := l.handedCalls(); len(all) != maxHanded || all[0].ID != "b" {
			t.Errorf("%+v", all)
		}
	})
}

// TestOneTransferAtATime: none is begun while another is pending, nor by what was agreed to
// with another account.
func TestOneTransferAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Fast)
		d := h.start(t, h.account)
		if _, err := d.Dial(t.Context(), planFor(firstSide)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if err := d.TransferIn(t.Context(), Epoch(99), planFor("7105"), false); !errors.Is(err, ErrAccountChanged) {
			t.Errorf("agreed to with another account: %v", err)
		}
		both := make(chan error, 2)
		for range 2 { // the second also where the PBX has not answered the first
			go func() { both <- d.Transfer(t.Context(), planFor("7102"), true) }()
		}
		one, two := <-both, <-both
		if (one == nil) == (two == nil) || !errors.Is(errors.Join(one, two), ErrTransferGoesOn) {
			t.Errorf("two at once: %v, %v", one, two)
		}
		if _, err := d.Dial(t.Context(), planFor("7106")); !errors.Is(err, ErrTransferGoesOn) {
			t.Errorf("another call meanwhile: %v", err)
		}
		time.Sleep(time.Second)
		if err := d.Transfer(t.Context(), planFor("7105"), false); !errors.Is(err, ErrTransferGoesOn) {
			t.Errorf("while one is pending: %v", err)
		}
		if err := d.CompleteTransfer(t.Context()); !errors.Is(err, ErrNoTransferNow) {
			t.Errorf("handed over to whom it rings: %v", err)
		}
		if s := d.Snapshot().Call; s.State != call.InCall || s.Transfer.State != thirdRings {
			t.Errorf("then %+v", s)
		}
		if n := len(h.Moves()); n != 1 {
			t.Errorf("the PBX was asked for %d", n)
		}
	})
}
