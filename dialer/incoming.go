package dialer

import (
	"context"
	"log/slog"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
)

// listener follows the calls that come in at the account's extension: the first source of
// what Snapshot.Incoming tells. It is part of the loop.
type listener struct {
	on     bool           // the person wants them
	calls  *phone.Tracker // nil: they are not followed
	sub    *ami.Subscription
	filter *phone.Filter
	asked  bool                     // for the list of channels; it is on its way
	again  bool                     // events were lost meanwhile
	names  map[string]clean.Foreign // by the call's number: what the person's directories say
	states map[string]call.State    // that were logged, by the call's id
}

// SetIncoming says whether the calls that come in at the account's extension are followed.
// That needs a session that is kept; SetAccount says whether it is.
func (d *Dialer) SetIncoming(ctx context.Context, on bool) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		if l.in.on != on {
			l.in.on = on
			l.deafen()
			l.listen()
		}
		done(nil)
	})
}

// ownPhone is whose calls come in.
func ownPhone(a config.Account) phone.Own {
	return phone.Own{Extension: a.Extension, Account: a.Name, Channel: ownChannel(a), ClickToCall: a.Syntax != config.SyntaxPlain}
}

// listen follows the calls over the session that there is.
func (l *loop) listen() {
	in := &l.in
	if !in.on || l.client == nil || in.sub != nil || l.account.Extension == "" {
		return
	}
	if in.calls == nil {
		in.calls = phone.NewTracker(ownPhone(l.account), nil)
		in.names, in.states = map[string]clean.Foreign{}, map[string]call.State{}
	}
	in.filter = in.calls.Filter()
	in.sub = l.client.Subscribe(in.filter.Wants, 0)
	l.askPhones()
}

// unhook ends the stream, as with the session.
func (l *loop) unhook() {
	in := &l.in
	if in.sub != nil {
		in.sub.Close()
	}
	in.sub, in.filter, in.asked, in.again = nil, nil, false, false
}

// deafen forgets all calls, of another account or that nobody wants to know of any more.
func (l *loop) deafen() {
	l.unhook()
	if l.in.calls != nil {
		l.in.calls.Abandon(time.Now())
		l.publishNow()
	}
	l.in.calls, l.in.names, l.in.states = nil, nil, nil
}

// askPhones asks which phones of the extension are in calls that nobody has told of.
func (l *loop) askPhones() {
	in := &l.in
	if in.asked {
		in.again = true
		return
	}
	in.asked = true
	sub, filter := in.sub, in.filter
	l.async(func(ctx context.Context) func(*loop) {
		err := sub.List(ctx, ami.Status{}, filter.Lists)
		return func(l *loop) {
			if err != nil && l.in.sub == sub {
				l.in.asked, l.in.again = false, false
			}
		}
	})
}

// phoneEvent takes an event of a call that comes in.
func (l *loop) phoneEvent(e ami.Event, ok bool) {
	in := &l.in
	if !ok {
		in.sub = nil
		return
	}
	switch e := e.(type) {
	case ami.Lost:
		l.askPhones()
		return
	case ami.Listed:
		again := in.again
		if in.asked, in.again = false, false; again {
			l.askPhones()
			return
		}
		var live []ami.ChannelStatus
		for _, i := range e.Items {
			if s, ok := i.(ami.ChannelStatus); ok {
				live = append(live, s)
			}
		}
		in.calls.Listed(live, time.Now())
		return
	}
	in.calls.Apply(e, time.Now())
	if soon := time.Now().Add(pingInCall); in.calls.Live() && l.pingAt.After(soon) {
		l.pingAt = soon
	}
}

// phonesLost: the session has ended.
func (l *loop) phonesLost(now time.Time) {
	for l.in.sub != nil {
		e, ok := <-l.in.sub.C()
		l.phoneEvent(e, ok)
	}
	l.unhook()
	if l.in.calls != nil {
		l.in.calls.ConnectionLost(now)
	}
}

func (in *listener) deadline() time.Time {
	if in.calls == nil {
		return time.Time{}
	}
	return in.calls.Deadline()
}

// incoming are the calls to tell. Those that are over are told this one time.
func (l *loop) incoming() []call.Snapshot {
	in := &l.in
	if in.calls == nil {
		return nil
	}
	all := in.calls.Calls()
	for i := range all {
		c := &all[i]
		if in.states[c.ID] != c.State {
			in.states[c.ID] = c.State
			l.log.Info("incoming call", slog.Any("state", c.State), slog.Any("cause", c.Cause), slog.Any("number", Redact(c.Number)))
		}
		if l.askCaller(c.Number); in.names[c.Number] != "" {
			c.FarName = in.names[c.Number]
		}
	}
	if in.calls.Prune() && len(in.calls.Calls()) == 0 {
		clear(in.names)
		clear(in.states)
	}
	return all
}

// askCaller finds out what the person's directories call whoever has that number.
func (l *loop) askCaller(number string) {
	if _, asked := l.in.names[number]; l.caller == nil || asked || number == "" {
		return
	}
	l.in.names[number] = ""
	l.async(func(context.Context) func(*loop) {
		name := l.caller(number)
		return func(l *loop) {
			if _, asked := l.in.names[number]; asked {
				l.in.names[number] = name
			}
		}
	})
}
