package agent

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// arrivals are the calls that come in, for the history and the count of missed ones. It
// belongs to publish.
type arrivals struct {
	agent *agent
	last  []call.Snapshot
}

// see takes the next Snapshot. A call that is in it no longer is over.
func (r *arrivals) see(s status.Snapshot) {
	for _, c := range r.last {
		if !slices.ContainsFunc(s.Incoming, func(o call.Snapshot) bool { return o.ID == c.ID }) {
			r.agent.writeDownIncoming(c)
		}
	}
	for _, c := range s.Incoming {
		r.agent.missed.see(c)
	}
	r.last = s.Incoming
}

// over writes down what is over though it is followed on: the next start takes up the rest.
func (r *arrivals) over() {
	for _, c := range r.last {
		if !c.Live() {
			r.agent.writeDownIncoming(c)
		}
	}
}

// writeDownIncoming puts a call that came in into the history.
func (a *agent) writeDownIncoming(c call.Snapshot) {
	if c.Live() { // its session is gone, and with it all that was known
		c.State, c.Cause, c.Ended = call.InEnded, call.EndedUnseen, time.Now()
	}
	given, of := c.Number, a.configOf(c)
	c.Number = dialBack(given, of.Rules())
	c.Origin = call.Origin{Way: call.CameIn, Given: clean.Foreign(given), Account: accountTextOf(of)}
	a.writeDown(c)
}

// configOf are the settings with the account in use that c came to: the person may have put
// another one in use while it rang, or since.
func (a *agent) configOf(c call.Snapshot) config.Config {
	cfg := a.config()
	if of, err := cfg.Use(c.Account); err == nil { // else it had no name, or another one, or is gone
		return of
	}
	return cfg
}

func accountTextOf(cfg config.Config) string {
	return call.AccountText(cfg.Account.Name, secret.Key(cfg.Account))
}

// maxMissed is how many missed calls are counted; more are as good as none.
const maxMissed = 99

// missed are the calls that were missed and that the person has not looked at yet.
type missed struct {
	seen string // the file that says when they last did, "" for none
	log  *slog.Logger

	mu    sync.Mutex // guards what follows
	calls []call.Snapshot
	since time.Time       // what seen says, as far as this program has written it
	known []call.Snapshot // the last ones that the person knows of, which may be followed on
}

// newMissed counts those since the person last looked, as the history has them.
func newMissed(past *history.History, log *slog.Logger) *missed {
	m := &missed{log: log}
	if past == nil || past.Dir() == "" {
		return m
	}
	m.seen = filepath.Join(past.Dir(), "missed-seen")
	text, err := durable.Read(m.seen, 64)
	var at time.Time
	if err != nil || at.UnmarshalText(text) != nil {
		return m // nobody has ever missed one
	}
	calledBack := map[clean.Foreign]bool{}
	_ = past.Each(history.Query{Since: at, Limit: maxSeen}, func(e history.Entry) bool {
		if e.Way == call.ByCallBack { // later than those that follow
			calledBack[e.Given] = true
		}
		if call.Missed(e.State, e.Cause) && !calledBack[e.Given] && len(m.calls) < maxMissed {
			c := e.Call()
			c.Number = e.Given.Text()
			m.calls = append(m.calls, c)
		}
		return true
	})
	slices.Reverse(m.calls)
	return m
}

// maxSeen is how many calls of the history are looked at for missed ones.
const maxSeen = 1000

func (m *missed) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.calls)
}

// see takes a call as it stands. One that was missed and is answered after all is none.
func (m *missed) see(c call.Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.calls, func(o call.Snapshot) bool { return o.ID != "" && o.ID == c.ID })
	missed := call.Missed(c.State, c.Cause)
	switch {
	case !missed && at >= 0:
		m.calls = slices.Delete(m.calls, at, at+1)
	case !missed: // it rings again, and may be missed once more
		m.known = slices.DeleteFunc(m.known, func(o call.Snapshot) bool { return o.ID == c.ID })
	case slices.ContainsFunc(m.known, func(o call.Snapshot) bool { return o.ID != "" && o.ID == c.ID }):
	case at >= 0:
		m.calls[at] = c
	default:
		// One that began before another was missed may be missed after that.
		if len(m.calls) == 0 || c.Requested.Before(m.since) {
			m.lookedLocked(c.Requested.Add(-time.Millisecond))
		}
		if m.calls = append(m.calls, c); len(m.calls) > maxMissed {
			m.calls = m.calls[1:]
		}
	}
}

// looked: the person has seen them all.
func (m *missed) looked(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.calls) > 0 {
		m.knowsLocked(func(call.Snapshot) bool { return true })
		m.lookedLocked(now)
	}
}

// called: the person calls that number, so that they know.
func (m *missed) called(number string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.knowsLocked(func(c call.Snapshot) bool { return c.Number == number })
}

// knowsLocked counts those no longer of which the person knows.
func (m *missed) knowsLocked(of func(call.Snapshot) bool) {
	m.calls = slices.DeleteFunc(m.calls, func(c call.Snapshot) bool {
		if of(c) {
			m.known = append(m.known, c)
		}
		return of(c)
	})
	m.known = m.known[max(0, len(m.known)-maxMissed):]
}

func (m *missed) lookedLocked(at time.Time) {
	m.since = at
	if m.seen == "" {
		return
	}
	text, _ := at.MarshalText() // of a year below 10000
	if err := durable.Write(m.seen, text); err != nil {
		m.log.Debug("it is not remembered which missed calls were seen", slog.Any("err", err))
	}
}

// last is the last one that came from that number, whether the person knows of it or not.
func (m *missed) last(number string) (c call.Snapshot, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range slices.Concat(m.known, m.calls) {
		if o.Number == number {
			c, found = o, true
		}
	}
	return c, found
}

// all are they, the oldest first.
func (m *missed) all() []call.Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// showMissed opens the history, with missed calls alone or with all of them: they are seen
// then.
func (a *agent) showMissed(alone bool) {
	a.showWindow(channel.Show{Window: channel.WindowHistory, Missed: alone})
	a.missed.looked(time.Now())
	a.retell()
}

// callBack calls whoever called, from a notification. What has to be asked about, or goes
// wrong, is shown in the dial window.
func (a *agent) callBack(ctx context.Context, given string) {
	e := history.Entry{Way: call.CameIn, Given: clean.Foreign(given)}
	if c, found := a.missed.last(given); found {
		e.Account = clean.Foreign(accountTextOf(a.configOf(c)))
	}
	a.prepare()
	m := a.again(e)
	a.missed.called(given)
	a.retell()
	if _, err := a.placeUntyped(ctx, m, nil); err != nil {
		a.showAgain(m, err)
	}
}

// phoneSettings are those in force.
func (a *agent) phoneSettings() config.Phone {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Phone
}

// notifyIncoming shows each call that comes in, until ctx ends.
func (a *agent) notifyIncoming(ctx context.Context, dir string) {
	snapshots, cancel := a.dialer.Subscribe()
	defer cancel()
	desktop.FollowIncoming(ctx, snapshots, desktop.Incoming{
		On:       func() bool { return a.phoneSettings().Incoming },
		Quiet:    func() bool { return a.phoneSettings().IncomingQuiet },
		CallBack: func(number string) { a.tasks.Go(func(ctx context.Context) { a.callBack(ctx, number) }) },
		Digest: func(c call.Snapshot) words.Sentence {
			a.missed.see(c) // publish may not have come to it yet
			return words.MissedDigest(a.missed.all())
		},
		Dir: dir, Log: a.Log,
	})
}
