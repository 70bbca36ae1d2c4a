package dialer

import (
	"log/slog"
	"time"

	"cornetta/ami"
	"cornetta/dialer/status"
)

// networkChanged handles that the computer slept or that its network changed.
func (l *loop) networkChanged() {
	l.log.Info("network or time changed", slog.Any("link", l.connection))
	switch {
	case l.notSetUp() != nil, l.connection == status.NoSecret, l.refused():
	case l.client != nil && l.cur.live() && l.cur.answered != nil && l.age(l.cur.asked) > probeAnswer:
		// The Originate may not have left this computer yet. It must not arrive now.
		l.doubted = true
		_ = l.client.Abandon()
	case l.client != nil:
		l.doubted = true
		l.probe(l.client, probeAnswer, func() {
			if l.client != nil {
				l.doubted = false
			}
		})
	case l.opening:
		if !l.keyringPrompts && time.Since(l.openingAt) > time.Second && l.addHint() { // it was begun over the former network
			l.restart = true
			l.openOver()
		}
	case !l.addHint():
	case l.wantsSession() || l.callNeedsConnection():
		l.open(unattended, func(*ami.Client, error) {})
	default:
		l.check(false, func(error) {})
	}
}

// instant is a moment by two clocks: the monotonic one, which stops while the
// computer sleeps, and the wall clock, which people set.
type instant struct{ mono, wall time.Time }

func (d *Dialer) instant() instant { return instant{time.Now(), d.wall()} }

// age is how long ago i was, by the clock that says more: a request is old after
// the computer slept.
func (d *Dialer) age(i instant) time.Duration {
	return max(time.Since(i.mono), d.wall().Sub(i.wall))
}

// watchClock notices that the computer slept, or that its clock was set.
func (l *loop) watchClock() {
	now := l.instant()
	jump := now.wall.Sub(l.clock.wall) - now.mono.Sub(l.clock.mono)
	l.clock = now
	if jump.Abs() > clockJump {
		l.networkChanged()
	}
}
