package tracker

import "cornetta/dialer/call"

// meaning is what the cause of a channel's Hangup says of the phone or network
// behind it.
type meaning int

const (
	vague       meaning = iota // nothing
	engaged                    // it is busy
	declined                   // somebody, or a rule, wants no call
	noNumber                   // there is no such number
	absent                     // it is there, and takes no call now or does not respond
	unreachable                // there is no way to it
	barred                     // whoever calls may not
	failing                    // a network or a PBX could not carry the call
)

// meanings are the causes of Q.850, as Asterisk's causes.h numbers them, beside
// the SIP answers that Asterisk 16 and 22 make them of (ast_sip_hangup_sip2cause
// of res_pjsip.c; hangup_sip2cause of chan_sip.c is the same but for 480, which
// is 19 there too, and 600). They go back to RFC 3398, 8.2.6.1, which says what
// each is for. Whatever is not named here is a fault of a network or of a
// protocol: 127 alone stands for 400, 402, 405, 406, 415, 481, 482, 487, 491
// and every 4xx that has no name.
var meanings = map[int]meaning{
	0:  vague,
	1:  noNumber,    // unallocated: 404 485 604
	3:  unreachable, // no route to it: 420, and a phone that is not registered
	5:  noNumber,    // misdialled trunk prefix
	16: vague,       // normal clearing
	17: engaged,     // 486 600
	18: absent,      // no user responding: 408
	19: absent,      // no answer: 480 483
	20: absent,      // subscriber absent: chan_sip's for a phone that is not registered
	21: declined,    // 401 403 407 603
	22: noNumber,    // number changed: 410
	26: vague,       // answered elsewhere
	27: unreachable, // destination out of order: 502
	28: noNumber,    // invalid format: 484
	31: absent,      // normal, unspecified: RFC 3398's 480
	50: barred,      // facility not subscribed
	52: barred,      // outgoing calls barred
	54: declined,    // incoming calls barred
	55: declined,    // the same, within a closed group
	57: barred,      // bearer capability not authorised
}

func meaningOf(cause int) meaning {
	if m, ok := meanings[cause]; ok {
		return m
	}
	if cause < 0 {
		return vague
	}
	return failing // 29: 501, 34: 503, 38: 500, 58: 488 606, 102: 504, 127, …
}

// ownCause is what a person is told of their own phone.
func ownCause(m meaning, rang bool) call.Cause {
	switch {
	case m == engaged:
		return call.OwnBusy
	case m == declined:
		return call.OwnDeclined
	case rang && (m == vague || m == absent):
		return call.OwnNoAnswer
	case rang:
		return call.OwnDeclined // whatever it answered with, it is there
	}
	return call.OwnUnreachable
}

// farCause is what a person is told of the other side.
func farCause(m meaning, rang bool) call.Cause {
	switch m {
	case engaged:
		return call.Busy
	case declined:
		return call.Rejected
	case noNumber:
		return call.NoSuchNumber
	case barred:
		return call.NotPermitted
	case failing:
		return call.Network
	case vague, absent:
		if rang {
			return call.NoAnswer
		}
	}
	return call.Unreachable
}

// Where several phones were called the cause that stands first is told: that
// one rang says more than that another was busy.
var (
	ownRank = []call.Cause{
		call.OwnNotConfirmed, call.OwnNoAnswer, call.OwnDeclined, call.OwnBusy, call.OwnDoNotDisturb, call.OwnUnreachable,
	}
	farRank = []call.Cause{
		call.NoAnswer, call.Rejected, call.Busy, call.NoSuchNumber, call.NotPermitted, call.Unreachable, call.Network,
	}
)
