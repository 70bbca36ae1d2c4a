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
	at   func(*desk) bool // nil: can happen everywhere
	do   func(*scene)
	arms bool // it waits for the next Originate, which may be the next call's
}

// scene is the call during which an act happens. An act runs on a goroutine of
// its own and ends with ctx.
type scene struct {
	*desk
	ctx    context.Context
	number string
}

func atBuiltIn(d *desk) bool { _, ok := d.pbx.(*builtIn); return ok }
func inClear(d *desk) bool   { return !d.wire.opaque }

func house(s *scene) *pbxsim.PBX { return s.pbx.(*builtIn).pbx() }

// deeds are what people do.
var deeds = []act{
	{name: "hung up by the person", do: func(s *scene) { _ = s.dialer.Hangup(s.ctx) }},
	{name: "hung up twice", do: func(s *scene) { _ = s.dialer.Hangup(s.ctx); _ = s.dialer.Hangup(s.ctx) }},
	{name: "hung up at the far side", at: atBuiltIn, do: func(s *scene) { house(s).FarHangsUp() }},
	{name: "declined at the far side", at: atBuiltIn, do: func(s *scene) { house(s).FarDeclines() }},
	{name: "answered at the far side", at: atBuiltIn, do: func(s *scene) { house(s).FarAnswers() }},
	{name: "own phone declined", at: atBuiltIn, do: func(s *scene) { house(s).Decline(s.account.Extension) }},
	{name: "own phone picked up", at: atBuiltIn, do: func(s *scene) { house(s).Pickup(s.account.Extension) }},
	{name: "own phone put down", at: atBuiltIn, do: func(s *scene) { house(s).PutDown(s.account.Extension) }},
	{name: "hung up by an administrator", do: func(s *scene) { s.pbx.hangUpAll() }},
	{name: "dialled twice", do: (*scene).dialAgain},
	{name: "another number dialled meanwhile", do: (*scene).dialAnother},
	{name: "checked meanwhile", do: func(s *scene) { _ = s.dialer.Check(s.ctx) }},
	{name: "window opened meanwhile", do: func(s *scene) { _ = s.dialer.Prepare(s.ctx) }},
	{name: "account saved meanwhile", do: func(s *scene) { s.setAccount() }},
	{name: "account taken away and given back", do: func(s *scene) {
		_ = s.dialer.SetAccount(s.ctx, config.Account{}, s.mode)
		s.setAccount()
	}},
}

// faults are what goes wrong.
var faults = []act{
	{name: "connection reset", do: func(s *scene) { s.wire.reset() }},
	{name: "connection ended by the server", do: func(s *scene) { s.wire.hangUp() }},
	{name: "silence", do: func(s *scene) { s.wire.hold(s.some(20, 2000)) }},
	{name: "long silence", at: func(d *desk) bool { return !d.brief }, do: func(s *scene) { s.wire.hold(s.some(8000, 30_000)) }},
	{name: "silence, then a reset", do: func(s *scene) {
		s.wire.hold(s.some(1000, 2000))
		s.pause(s.some(10, 900))
		s.wire.reset()
	}},
	{name: "a few bytes at a time", do: func(s *scene) { s.wire.drip(s.some(100, 2000)) }},
	{name: "torn messages", at: inClear, do: func(s *scene) { s.wire.damage(mangling{tear: 1 + s.roll(3)}) }},
	{name: "messages repeated", at: inClear, do: func(s *scene) { s.wire.damage(mangling{repeat: 20}) }},
	{name: "messages out of order", at: inClear, do: func(s *scene) { s.wire.damage(mangling{swap: 20}) }},
	{name: "a goodbye", at: inClear, do: func(s *scene) { s.wire.inject("Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n") }},
	{name: "a line that does not end", at: inClear, do: func(s *scene) { s.wire.inject(strings.Repeat("A", 80<<10)) }},
	{name: "a message that does not end", at: inClear, do: func(s *scene) { s.wire.inject(strings.Repeat("X-A: b\r\n", 2000)) }},
	{name: "answers and events of others", at: inClear, do: (*scene).others},
	{name: "a flood of events", at: inClear, do: func(s *scene) {
		s.wire.inject(strings.Repeat("Event: Newexten\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nChannel: SIP/x-1\r\n\r\n", 3000))
	}},
	{name: "other people's calls", at: atBuiltIn, do: func(s *scene) {
		house(s).Noise(200)
		s.pause(s.some(100, 1000))
		house(s).Noise(0)
	}},
	{name: "other people's calls over a slow line", at: atBuiltIn, do: func(s *scene) {
		house(s).Noise(200)
		s.wire.hold(s.some(100, 1000))
		s.pause(s.some(100, 1000))
		house(s).Noise(0)
	}},
	{name: "no session left at the PBX", do: func(s *scene) { s.instead(slam) }},
	{name: "nobody answers the port", do: func(s *scene) { s.instead(mute) }},
	{name: "something else answers the port", do: func(s *scene) { s.instead(babble) }},
	{name: "PBX restarted", at: func(d *desk) bool { return atBuiltIn(d) || !d.brief }, do: func(s *scene) { s.restart() }},
	{name: "sessions dropped by the PBX", at: atBuiltIn, do: func(s *scene) { house(s).DropSessions() }},
	{name: "refused by the PBX", at: atBuiltIn, do: func(s *scene) { house(s).Refuse("Extension does not exist.") }, arms: true},
	{name: "queued, and nothing follows", at: func(d *desk) bool { return atBuiltIn(d) && !d.brief }, do: func(s *scene) { house(s).Silence() }, arms: true},
	{name: "another password at the PBX", at: atBuiltIn, do: func(s *scene) {
		house(s).SetSecret("another")
		s.wire.reset()
	}},
	{name: "keyring away", do: func(s *scene) {
		s.keys.away.Store(true)
		s.wire.reset()
	}},
}

// some is a time between two, in milliseconds.
func (s *scene) some(least, most int) time.Duration {
	return time.Duration(least+s.roll(most-least)) * time.Millisecond
}

// roll is not the person's own dice: acts run beside each other.
func (s *scene) roll(n int) int { return s.book.roll(n) }

func (s *scene) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// instead has something else happen to whoever connects, for a while.
func (s *scene) instead(g greeting) {
	s.wire.receive(g)
	s.wire.reset()
	s.pause(s.some(10, 1000))
	s.wire.receive(connect)
}

// dialAgain is a double click: it must not become a second call.
func (s *scene) dialAgain() {
	first := s.dialer.Snapshot().Call
	again, err := s.dial(s.ctx, s.number)
	if err == nil && first != nil && first.Number == s.number && first.ID != again.ID {
		s.follow(again) // the first one was over already
	}
}

// dialAnother is refused while a call goes on; where it is over, or has not
// begun, it is a call of its own.
func (s *scene) dialAnother() {
	to := s.number + "2" // ends in 22: the far side stays
	c, err := s.dial(s.ctx, to)
	if err != nil {
		return
	}
	s.follow(c)
}

// follow has a call that came on top of another put down. It has as long for its
// end as the first had, from its own beginning on.
func (s *scene) follow(c call.Snapshot) {
	ctx, cancel := context.WithTimeout(context.Background(), stuckAfter)
	defer cancel()
	for {
		now := s.dialer.Snapshot().Call
		if now == nil || now.ID != c.ID || !now.Live() {
			return
		}
		if ctx.Err() != nil {
			s.book.stuck("%s: the second call is still %s after %v: %s; %s", s.name, now.State,
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

// others is what belongs to nobody's call, or to no action of ours.
func (s *scene) others() {
	for i := range 20 {
		s.wire.inject(fmt.Sprintf("Response: Error\r\nActionID: %d\r\nMessage: No\r\n\r\n", i))
		s.wire.inject("Event: OriginateResponse\r\nActionID: other\r\nResponse: Failure\r\nReason: -1\r\n\r\n")
		s.wire.inject(fmt.Sprintf("Event: Hangup\r\nUniqueid: %d.%d\r\nChannel: SIP/x-%d\r\nCause: 99999999999999999999\r\n\r\n", i, i, i))
		s.wire.inject("\r\n\n\r\nno colon here\r\n: no name\r\n\x00\xff\x1b]0;x\a\r\n")
		s.wire.inject("Event: Newchannel\nUniqueid: 9.9\nLinkedid: 9.9\nChannel: Local/7101@c2c-0;1\nCallerIDName: \xe2\x80\xaegnp\xff\n\n")
	}
}
