package pbxsim

import (
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// Options configures a PBX. The zero value listens on a free port of the
// loopback, in clear, with the account of plan.go, fast, as Asterisk 22.
type Options struct {
	Listen           string       // where; "": on a port that nobody else is given meanwhile
	Listener         net.Listener // nil: one is made for Listen; else the connections come from here
	Username, Secret string       // Username and Secret of plan.go
	TLS              *tls.Config  // nil: plain TCP
	Speed            Speed        // Fast
	Asterisk         string       // "22"; the flavour of the events, one of Flavours
	Log              *slog.Logger // nil: discards; gets calls and logins, the last 3 digits of numbers
}

// Speed is how long people and networks take.
type Speed int

const (
	// Fast is for tests: every outcome within a second.
	Fast Speed = iota
	// Real is a human pace, for a demonstration.
	Real
)

// fastTimeout is the longest an own phone rings when Fast, whatever Timeout the
// Originate asked for.
const fastTimeout = 400 * time.Millisecond

// pace holds the durations of one Speed.
type pace struct {
	ownRings     time.Duration // until the caller's own phone is picked up
	farRings     time.Duration // until the far side does
	farTalks     time.Duration // until FarLeaves hangs up
	confirms     time.Duration // from picking up to confirming it, or not
	announcement time.Duration // until an announcement or a tone of the PBX is over
	trunkGive    time.Duration // until the trunk gives up a number that does not answer
	refuse       time.Duration // until busy, reject, unknown or congestion arrive
	optimise     time.Duration // from voice to the Local channels' end
	authFail     time.Duration // before a wrong login is answered
	slowRead     time.Duration // a client that reads nothing for so long is disconnected
}

func (s Speed) pace() pace {
	if s == Real {
		return pace{
			ownRings: 3 * time.Second, farRings: 3 * time.Second, farTalks: 10 * time.Second,
			trunkGive: 12 * time.Second, refuse: 600 * time.Millisecond, optimise: 40 * time.Millisecond,
			confirms: 3 * time.Second, announcement: 5 * time.Second,
			authFail: time.Second, slowRead: 100 * time.Millisecond,
		}
	}
	return pace{
		ownRings: 30 * time.Millisecond, farRings: 30 * time.Millisecond, farTalks: 80 * time.Millisecond,
		trunkGive: 120 * time.Millisecond, refuse: 10 * time.Millisecond, optimise: 10 * time.Millisecond,
		confirms: 60 * time.Millisecond, announcement: 200 * time.Millisecond,
		authFail: 30 * time.Millisecond, slowRead: 100 * time.Millisecond,
	}
}
