//go:build linux

package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

const (
	// stuckAfter is how long a call may take to its end, whatever happens to
	// it. The longest way: nothing of the PBX is heard in a call (a ping every
	// five seconds, ten for its answer), and ten seconds to log in again.
	stuckAfter = 90 * time.Second

	// hangUpAfter is when the person puts an answered call down.
	hangUpAfter = 5 * time.Second

	// recoverWithin is how long a check may fail after all is well again.
	recoverWithin = time.Minute
)

// user is one person with a Dialer, a PBX and the proxy between them.
type user struct {
	name    string
	pbx     pbx
	proxy   *proxy
	dialer  *dialer.Dialer
	account config.Account
	mode    config.ConnectionMode
	keys    *keyring
	rng     *rand.Rand // the person's own
	tally   *tally
	brief   bool // no fault may last long

	run    sync.WaitGroup
	cancel context.CancelFunc

	calls int // made so far; makes each number a new one

	// Since the last compare, guarded by tally.mu:
	consents []consent
	ids      []string // of the calls
}

// consent is one request to call, and how often it may and must have reached
// the PBX.
type consent struct {
	number      string
	least, most int
}

// keyring is a secret.Store that can be away.
type keyring struct{ away atomic.Bool }

func (k *keyring) Get(context.Context, string) (string, error) {
	if k.away.Load() {
		return "", secret.ErrUnavailable
	}
	return pbxsim.Secret, nil
}
func (*keyring) Set(context.Context, string, string) error { return secret.ErrUnavailable }
func (*keyring) Delete(context.Context, string) error      { return secret.ErrUnavailable }

// begin starts the Dialer.
func (d *user) begin() error {
	d.proxy.leadTo(d.pbx.addr())
	d.keys = &keyring{}
	d.dialer = dialer.New(dialer.Options{Secrets: d.keys})
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	d.run.Go(func() { _ = d.dialer.Run(ctx) })
	a := config.Default().Account
	a.Host, a.Port = "127.0.0.1", d.proxy.addr().Port
	a.Username, a.Tenant, a.Prefix = pbxsim.Username, pbxsim.Tenant, pbxsim.OutboundPrefix
	a.Extension = "7101"
	a.Timeout = config.Duration(2 * time.Second)
	a.Syntax, a.TLS, a.TLSPin = d.account.Syntax, d.account.TLS, d.account.TLSPin
	d.account = a
	return d.dialer.SetAccount(ctx, a, d.mode)
}

func (d *user) end() {
	d.cancel()
	d.run.Wait()
	d.proxy.close()
	if err := d.pbx.close(); err != nil {
		d.tally.wrong("%s: ending the PBX: %v", d.name, err)
	}
}

// work makes calls until ctx ends; the last one is followed to its end.
func (d *user) work(ctx context.Context) {
	for ctx.Err() == nil {
		switch n := d.rng.IntN(10); {
		case n < 4:
			d.undisturbed()
		case n < 6:
			d.oneCall(d.pick(userActs))
		default:
			d.oneCall(d.pick(faultActs), d.pick(append(slices.Clone(userActs), faultActs...)))
		}
	}
}

// pick chooses an act that this user can do.
func (d *user) pick(from []act) act {
	for {
		if a := from[d.rng.IntN(len(from))]; a.at == nil || a.at(d) {
			return a
		}
	}
}

// outcomes are how calls end that nothing happens to.
var outcomes = []struct {
	ext    string
	suffix string
	state  call.State
	cause  call.Cause
}{
	{"7101", "02", call.Ended, ""},
	{"7101", "03", call.Failed, call.Busy},
	{"7101", "04", call.Failed, call.NoAnswer},
	{"7101", "05", call.Failed, call.Network},
	{"7101", "06", call.Failed, call.NoSuchNumber},
	{"7101", "07", call.Ended, ""},
	{"7101", "08", call.Failed, call.Rejected},
	{"7105", "02", call.Ended, ""},
	{"7102", "02", call.Failed, call.OwnNoAnswer},
	{"7103", "02", call.Failed, call.OwnBusy},
	{"7104", "02", call.Failed, call.OwnUnreachable},
	{"7106", "02", call.Failed, call.NotPermitted},
}

// undisturbed makes a call that nothing happens to: it must come out as the
// people at the phones had it.
func (d *user) undisturbed() {
	want := outcomes[d.rng.IntN(len(outcomes))]
	if !d.recover() || !d.as(want.ext) {
		return
	}
	got := d.call(want.suffix, nil)
	for got.State == "" && d.recover() { // a call that was lost was found again
		got = d.call(want.suffix, nil)
	}
	if got.State != want.state || got.Cause != want.cause {
		d.tally.wrong("%s: from %s to …%s: %s %q (%s), want %s %q", d.name, want.ext, want.suffix,
			got.State, got.Cause, got.Detail.Text(), want.state, want.cause)
		return
	}
	d.tally.count("undisturbed calls as they should be")
}

// oneCall makes a call to which these things happen.
func (d *user) oneCall(acts ...act) {
	o := outcomes[d.rng.IntN(len(outcomes))]
	if d.rng.IntN(4) == 0 {
		d.as(o.ext)
	}
	d.call(o.suffix, acts)
	if slices.ContainsFunc(acts, func(a act) bool { return a.arms }) {
		d.restart()
	}
	d.proxy.restore()
	d.keys.away.Store(false)
	if b, ok := d.pbx.(*simPBX); ok {
		b.pbx().SetSecret(pbxsim.Secret)
	}
	if t := d.dialer.Snapshot().Trouble; t != nil && t.Code == status.CodeLoginRefused {
		d.setAccount() // the person puts the password right
	}
}

// as makes ext the person's phone.
func (d *user) as(ext string) bool {
	if d.account.Extension == ext {
		return true
	}
	d.account.Extension = ext
	return d.setAccount()
}

func (d *user) setAccount() bool {
	if err := d.dialer.SetAccount(context.Background(), d.account, d.mode); err != nil {
		d.tally.wrong("%s: the account was not taken: %v", d.name, err)
		return false
	}
	return true
}

// recover waits until dialling works and no call goes on.
func (d *user) recover() bool {
	for begun := time.Now(); ; {
		d.proxy.restore()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err := d.dialer.Check(ctx)
		if err == nil && d.live() {
			_ = d.dialer.Hangup(ctx)
		}
		cancel()
		if err == nil && !d.live() {
			return true
		}
		if time.Since(begun) > recoverWithin {
			d.tally.wrong("%s: not well again: check says %v, %s", d.name, err, show(d.dialer.Snapshot()))
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (d *user) live() bool {
	s := d.dialer.Snapshot()
	return s.Call != nil && s.Call.Live()
}

// newNumber is one that nobody has called before.
func (d *user) newNumber(suffix string) string {
	d.calls++
	return fmt.Sprintf("0390501%08d%s", d.calls, suffix)
}

// dial asks for a call, and notes what may have come of that.
func (d *user) dial(ctx context.Context, to string) (call.Snapshot, error) {
	s, err := d.dialer.Dial(ctx, number.Plan{Input: to, Source: number.Typed, Outcome: number.Dial, Dial: to})
	switch {
	case err == nil:
		d.tally.mu.Lock()
		defer d.tally.mu.Unlock()
		if !slices.Contains(d.ids, s.ID) { // otherwise it joined a call that was asked for already
			d.ids = append(d.ids, s.ID)
			d.consents = append(d.consents, consent{to, 0, 1})
		}
		return s, nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		d.tally.consent(d, consent{to, 0, 1}) // whether before or after it was sent
	default:
		d.tally.consent(d, consent{to, 0, 0})
	}
	return s, err
}

// watch is what was seen of one call.
type watch struct {
	last    call.Snapshot
	unknown bool     // at some time
	story   []string // states and acts
}

// call makes one call, and returns what became of it.
func (d *user) call(suffix string, acts []act) call.Snapshot {
	to := d.newNumber(suffix)
	var deeds sync.WaitGroup
	defer deeds.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), stuckAfter)
	defer cancel()
	var w watch
	do := func(a act) {
		d.tally.count("· " + a.name)
		w.story = append(w.story, a.name)
		deeds.Go(func() { a.do(&scenario{user: d, ctx: ctx, number: to}) })
	}
	// Each happens before the call, some time after its beginning, or at a turn
	// of it.
	at := make(map[call.State][]act)
	later := time.After(time.Duration(d.rng.IntN(300)) * time.Millisecond)
	var some []act
	turns := []call.State{"", call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall}
	for _, a := range acts {
		if n := d.rng.IntN(len(turns) + 2); n < len(turns) {
			at[turns[n]] = append(at[turns[n]], a)
		} else {
			some = append(some, a)
		}
	}
	snapshots, unsubscribe := d.dialer.Subscribe()
	defer unsubscribe()
	for _, a := range at[""] {
		do(a)
	}

	asking, stop := ctx, context.CancelFunc(func() {})
	if len(acts) > 0 && d.rng.IntN(20) == 0 {
		asking, stop = context.WithTimeout(ctx, time.Duration(d.rng.IntN(50))*time.Millisecond)
	}
	defer stop()
	type answer struct {
		call.Snapshot
		err error
	}
	answered := make(chan answer, 1)
	go func() {
		s, err := d.dial(asking, to)
		answered <- answer{s, err}
	}()
	placed := answered
	var asked call.Snapshot
	bored := time.NewTimer(hangUpAfter)
	defer bored.Stop()
	for {
		select {
		case a := <-placed:
			placed = nil
			if a.err != nil {
				d.tally.count("requests kept back")
				if len(acts) == 0 && !errors.Is(a.err, dialer.ErrInProgress) {
					d.tally.wrong("%s: nothing happened, and it was not dialled: %v", d.name, a.err)
				}
				return call.Snapshot{}
			}
			asked = a.Snapshot
		case s := <-snapshots:
			if s.Call == nil || s.Call.Number != to || w.last.ID != "" && w.last.ID != s.Call.ID {
				break
			}
			if s.Call.State != w.last.State {
				for _, a := range at[s.Call.State] {
					do(a)
				}
				at[s.Call.State] = nil
			}
			w.see(d, *s.Call)
		case <-later:
			for _, a := range some {
				do(a)
			}
		case <-bored.C:
			bored.Reset(time.Second)
			if w.last.State == call.InCall {
				deeds.Go(func() { _ = d.dialer.Hangup(ctx) })
			}
		case <-ctx.Done():
			d.tally.stuck("%s: from %s to …%s is still %s after %v: %s; %s; %s", d.name, d.account.Extension, suffix, w.last.State,
				stuckAfter, show(d.dialer.Snapshot()), strings.Join(w.story, ", "), d.pbx.state())
			return w.last
		}
		if placed == nil && w.last.State != "" && !w.last.Live() {
			break
		}
		if s := d.dialer.Snapshot(); placed == nil && (s.Call == nil || s.Call.ID != asked.ID) {
			w.unknown = true // given up with the account, or replaced
			break
		}
	}
	switch {
	case w.unknown: // also whether it reached the PBX
	case strings.HasPrefix(w.last.Detail.Text(), "not sent:"):
		d.tally.consent(d, consent{to, 0, -1})
	default:
		d.tally.consent(d, consent{to, 1, 0})
	}
	if w.last.Live() {
		d.tally.count("= followed no longer: the account was saved")
	} else {
		d.tally.count(strings.TrimSpace("= " + string(w.last.State) + " " + string(w.last.Cause)))
	}
	return w.last
}

// rank orders the states of a call; it never goes back.
var rank = map[call.State]int{
	call.Requested: 1, call.RingingOwn: 2, call.AnsweredOwn: 3, call.RingingFar: 4, call.InCall: 5,
	call.Ended: 9, call.Failed: 9, call.Cancelled: 9,
}

// see checks that the call went forwards, and that an end was its end. What
// was unknown may turn out to go on.
func (w *watch) see(d *user, s call.Snapshot) {
	before, now := w.last.State, s.State
	switch {
	case now == call.Unknown:
		w.unknown = true
	case before == "" || before == call.Unknown || before == now:
	case before == call.InCall && now == call.AnsweredOwn: // it was no service of the PBX after all
	case before == call.RingingFar && now == call.AnsweredOwn: // nobody answered, and the PBX goes on
	case rank[now] <= rank[before]:
		d.tally.wrong("%s: %s after %s", d.name, now, before)
	}
	if before != now {
		w.story = append(w.story, string(now))
	}
	w.last = s
}

// rest brings the user to the same state each time: an undisturbed proxy, a session,
// no call, and a PBX that was started again.
func (d *user) rest() bool {
	d.proxy.restore()
	if _, ok := d.pbx.(*asteriskPBX); ok {
		d.pbx.hangUpAll() // a restart takes long, and what it holds is no part of this process
		d.proxy.reset()
	} else if !d.restart() {
		return false
	}
	d.account.Extension = "7101"
	if !d.setAccount() || !d.recover() {
		return false
	}
	if !d.connect() {
		return false
	}
	d.compare()
	return true
}

// connect has the dialer hold a session.
func (d *user) connect() bool {
	ctx, cancel := context.WithTimeout(context.Background(), recoverWithin)
	defer cancel()
	for d.dialer.Snapshot().Connection != status.Connected || d.proxy.live() == 0 {
		if err := d.dialer.Prepare(ctx); err != nil {
			d.tally.wrong("%s: no session: %v, %s", d.name, err, show(d.dialer.Snapshot()))
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// restart ends the PBX whatever its calls are doing, and connects the proxy to the
// new one.
func (d *user) restart() bool {
	if err := d.pbx.restart(); err != nil {
		d.tally.wrong("%s: restart: %v", d.name, err)
		return false
	}
	d.proxy.leadTo(d.pbx.addr())
	d.proxy.reset()
	return true
}

// judge compares what was asked for with what reached the PBX. Nothing is on
// its way any more.
func (d *user) compare() {
	placed := d.proxy.takePlaced()
	if b, ok := d.pbx.(*simPBX); ok {
		at := b.takeOriginates()
		if d.proxy.opaque {
			placed = at
		}
		for to, n := range at {
			if n > placed[to] {
				d.tally.wrong("%s: %d Originates to %s at the PBX, %d on the wire", d.name, n, dialer.Redact(to), placed[to])
			}
		}
	}
	limits := make(map[string]consent)
	for _, c := range d.consents {
		l := limits[c.number]
		limits[c.number] = consent{c.number, l.least + c.least, l.most + c.most}
	}
	d.consents, d.ids = nil, nil
	asked := 0
	for _, l := range limits {
		asked += l.most
	}
	d.tally.requested(asked)
	for to, n := range placed {
		d.tally.placed(n)
		switch l, known := limits[to]; {
		case !known:
			d.tally.unasked("%s: %s was called %d times, and nobody asked for it", d.name, dialer.Redact(to), n)
		case n > l.most:
			d.tally.unasked("%s: %s was called %d times, at most %d were asked for", d.name, dialer.Redact(to), n, l.most)
		}
	}
	for to, l := range limits {
		if placed[to] < l.least {
			d.tally.wrong("%s: %s was called %d times, at least %d were told of", d.name, dialer.Redact(to), placed[to], l.least)
		}
		d.tally.lost(max(0, l.most-placed[to]))
	}
}

func show(s status.Snapshot) string {
	text := "link " + string(s.Connection)
	if s.Trouble != nil {
		text += " " + string(s.Trouble.Code) + " (" + s.Trouble.Detail.Text() + ")"
	}
	if s.Call != nil {
		text += ", call " + string(s.Call.State) + " " + string(s.Call.Cause)
	}
	return text
}
