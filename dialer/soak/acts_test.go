//go:build linux

package soak

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// act is something that happens before or during a call.
type act struct {
	name string
	at   func(*user) bool // nil: can happen everywhere
	do   func(*scenario)
	arms bool // it waits for the next Originate, which may be the next call's
}

// scenario is the call during which an act happens. An act runs on a goroutine of
// its own and ends with ctx.
type scenario struct {
	*user
	ctx    context.Context
	number string
}

func onSim(d *user) bool   { _, ok := d.pbx.(*simPBX); return ok }
func inClear(d *user) bool { return !d.proxy.opaque }

func simOf(s *scenario) *pbxsim.PBX { return s.pbx.(*simPBX).pbx() }

// userActs are what people do.
var userActs = []act{
	{name: "hung up by the person", do: func(s *scenario) { _ = s.dialer.Hangup(s.ctx) }},
	{name: "hung up twice", do: func(s *scenario) { _ = s.dialer.Hangup(s.ctx); _ = s.dialer.Hangup(s.ctx) }},
	{name: "hung up at the far side", at: onSim, do: func(s *scenario) { simOf(s).FarHangsUp() }},
	{name: "declined at the far side", at: onSim, do: func(s *scenario) { simOf(s).FarDeclines() }},
	{name: "answered at the far side", at: onSim, do: func(s *scenario) { simOf(s).FarAnswers() }},
	{name: "own phone declined", at: onSim, do: func(s *scenario) { simOf(s).Decline(s.account.Extension) }},
	{name: "own phone picked up", at: onSim, do: func(s *scenario) { simOf(s).Pickup(s.account.Extension) }},
	{name: "own phone put down", at: onSim, do: func(s *scenario) { simOf(s).PutDown(s.account.Extension) }},
	{name: "hung up by an administrator", do: func(s *scenario) { s.pbx.hangUpAll() }},
	{name: "dialled twice", do: (*scenario).dialAgain},
	{name: "another number dialled meanwhile", do: (*scenario).dialAnother},
	{name: "checked meanwhile", do: func(s *scenario) { _ = s.dialer.Check(s.ctx) }},
	{name: "window opened meanwhile", do: func(s *scenario) { _ = s.dialer.Prepare(s.ctx) }},
	{name: "account saved meanwhile", do: func(s *scenario) { s.setAccount() }},
	{name: "account taken away and given back", do: func(s *scenario) {
		_ = s.dialer.SetAccount(s.ctx, config.Account{}, s.mode)
		s.setAccount()
	}},
}

// faultActs are what goes wrong.
var faultActs = []act{
	{name: "connection reset", do: func(s *scenario) { s.proxy.reset() }},
	{name: "connection ended by the server", do: func(s *scenario) { s.proxy.hangUp() }},
	{name: "silence", do: func(s *scenario) { s.proxy.hold(s.some(20, 2000)) }},
	{name: "long silence", at: func(d *user) bool { return !d.brief }, do: func(s *scenario) { s.proxy.hold(s.some(8000, 30_000)) }},
	{name: "silence, then a reset", do: func(s *scenario) {
		s.proxy.hold(s.some(1000, 2000))
		s.pause(s.some(10, 900))
		s.proxy.reset()
	}},
	{name: "a few bytes at a time", do: func(s *scenario) { s.proxy.throttle(s.some(100, 2000)) }},
	{name: "torn messages", at: inClear, do: func(s *scenario) { s.proxy.damage(tampering{tear: 1 + s.roll(3)}) }},
	{name: "messages repeated", at: inClear, do: func(s *scenario) { s.proxy.damage(tampering{repeat: 20}) }},
	{name: "messages out of order", at: inClear, do: func(s *scenario) { s.proxy.damage(tampering{swap: 20}) }},
	{name: "a goodbye", at: inClear, do: func(s *scenario) { s.proxy.inject("Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n") }},
	{name: "a line that does not end", at: inClear, do: func(s *scenario) { s.proxy.inject(strings.Repeat("A", 80<<10)) }},
	{name: "a message that does not end", at: inClear, do: func(s *scenario) { s.proxy.inject(strings.Repeat("X-A: b\r\n", 2000)) }},
	{name: "answers and events of others", at: inClear, do: (*scenario).others},
	{name: "a flood of events", at: inClear, do: func(s *scenario) {
		s.proxy.inject(strings.Repeat("Event: Newexten\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nChannel: SIP/x-1\r\n\r\n", 3000))
	}},
	{name: "other people's calls", at: onSim, do: func(s *scenario) {
		simOf(s).Noise(200)
		s.pause(s.some(100, 1000))
		simOf(s).Noise(0)
	}},
	{name: "other people's calls over a slow line", at: onSim, do: func(s *scenario) {
		simOf(s).Noise(200)
		s.proxy.hold(s.some(100, 1000))
		s.pause(s.some(100, 1000))
		simOf(s).Noise(0)
	}},
	{name: "no session left at the PBX", do: func(s *scenario) { s.instead(connectClosed) }},
	{name: "nobody answers the port", do: func(s *scenario) { s.instead(connectSilent) }},
	{name: "something else answers the port", do: func(s *scenario) { s.instead(connectNoAMI) }},
	{name: "PBX restarted", at: func(d *user) bool { return onSim(d) || !d.brief }, do: func(s *scenario) { s.restart() }},
	{name: "sessions dropped by the PBX", at: onSim, do: func(s *scenario) { simOf(s).DropSessions() }},
	{name: "refused by the PBX", at: onSim, do: func(s *scenario) { simOf(s).Refuse("Extension does not exist.") }, arms: true},
	{name: "queued, and nothing follows", at: func(d *user) bool { return onSim(d) && !d.brief }, do: func(s *scenario) { simOf(s).Silence() }, arms: true},
	{name: "another password at the PBX", at: onSim, do: func(s *scenario) {
		simOf(s).SetSecret("another")
		s.proxy.reset()
	}},
	{name: "keyring away", do: func(s *scenario) {
		s.keys.away.Store(true)
		s.proxy.reset()
	}},
}

// some is a time between two, in milliseconds.
func (s *scenario) some(least, most int) time.Duration {
	return time.Duration(least+s.roll(most-least)) * time.Millisecond
}

// roll uses the common random numbers, not the user's: acts run at the same time.
func (s *scenario) roll(n int) int { return s.tally.roll(n) }

func (s *scenario) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// instead has something else happen to whoever connects, for a while.
func (s *scenario) instead(g connectMode) {
	s.proxy.receive(g)
	s.proxy.reset()
	s.pause(s.some(10, 1000))
	s.proxy.receive(connectPBX)
}

// dialAgain is a double click: it must not become a second call.
func (s *scenario) dialAgain() {
	first := s.dialer.Snapshot().Call
	again, err := s.dial(s.ctx, s.number)
	if err == nil && first != nil && first.Number == s.number && first.ID != again.ID {
		s.follow(again) // the first one was over already
	}
}

// dialAnother is refused while a call goes on; where it is over, or has not
// begun, it is a call of its own.
func (s *scenario) dialAnother() {
	to := s.number + "2" // ends in 22: the far side stays
	c, err := s.dial(s.ctx, to)
	if err != nil {
		return
	}
	s.follow(c)
}

// follow hangs up a call that came on top of another. It has as long for its end as
// the first had, from its own beginning on.
func (s *scenario) follow(c call.Snapshot) {
	ctx, cancel := context.WithTimeout(context.Background(), stuckAfter)
	defer cancel()
	for {
		now := s.dialer.Snapshot().Call
		if now == nil || now.ID != c.ID || !now.Live() {
			return
		}
		if ctx.Err() != nil {
			s.tally.stuck("%s: the second call is still %s after %v: %s; %s", s.name, now.State,
				stuckAfter, show(s.dialer.Snapshot()), s.pbx.state())
			return
		}
		_ = s.dialer.Hangup(ctx)
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// others injects events of nobody's call and answers to no action of ours.
func (s *scenario) others() {
	for i := range 20 {
		s.proxy.inject(fmt.Sprintf("Response: Error\r\nActionID: %d\r\nMessage: No\r\n\r\n", i))
		s.proxy.inject("Event: OriginateResponse\r\nActionID: other\r\nResponse: Failure\r\nReason: -1\r\n\r\n")
		s.proxy.inject(fmt.Sprintf("Event: Hangup\r\nUniqueid: %d.%d\r\nChannel: SIP/x-%d\r\nCause: 99999999999999999999\r\n\r\n", i, i, i))
		s.proxy.inject("\r\n\n\r\nno colon here\r\n: no name\r\n\x00\xff\x1b]0;x\a\r\n")
		s.proxy.inject("Event: Newchannel\nUniqueid: 9.9\nLinkedid: 9.9\nChannel: Local/7101@c2c-0;1\nCallerIDName: \xe2\x80\xaegnp\xff\n\n")
	}
}
