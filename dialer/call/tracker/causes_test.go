package tracker

import (
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// TestAnswers: what is told of each SIP answer, as Asterisk 16.28 and 22.10 make a
// DialEnd and the cause of a Hangup of it (tried with all of them; dialer tries
// them again). The first two are of a phone that answers at once, the others of
// one that rings first.
func TestAnswers(t *testing.T) {
	for _, tc := range []struct {
		sip      string
		status   string
		cause    int
		own, far call.Cause
		ownRang  call.Cause
		farRang  call.Cause
	}{
		{"400 402 405 406 415 481 482 487 491 493 505 607", "NOANSWER", 127, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"401 403 407 603", "NOANSWER", 21, call.OwnDeclined, call.Rejected, call.OwnDeclined, call.Rejected},
		{"404 485 604", "NOANSWER", 1, call.OwnUnreachable, call.NoSuchNumber, call.OwnDeclined, call.NoSuchNumber},
		{"408", "NOANSWER", 18, call.OwnUnreachable, call.Unreachable, call.OwnNoAnswer, call.NoAnswer},
		{"409", "NOANSWER", 41, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"410", "NOANSWER", 22, call.OwnUnreachable, call.NoSuchNumber, call.OwnDeclined, call.NoSuchNumber},
		{"420", "CHANUNAVAIL", 3, call.OwnUnreachable, call.Unreachable, call.OwnDeclined, call.Unreachable},
		{"480 483", "NOANSWER", 19, call.OwnDoNotDisturb, call.Unreachable, call.OwnNoAnswer, call.NoAnswer},
		{"484", "NOANSWER", 28, call.OwnUnreachable, call.NoSuchNumber, call.OwnDeclined, call.NoSuchNumber},
		{"486 600", "BUSY", 17, call.OwnBusy, call.Busy, call.OwnBusy, call.Busy},
		{"488 606", "NOANSWER", 58, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"500", "NOANSWER", 38, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"501", "NOANSWER", 29, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"502", "NOANSWER", 27, call.OwnUnreachable, call.Unreachable, call.OwnDeclined, call.Unreachable},
		{"503 513 580", "CONGESTION", 34, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"504", "NOANSWER", 102, call.OwnUnreachable, call.Network, call.OwnDeclined, call.Network},
		{"none, and the dialplan gives up", "NOANSWER", 0, call.OwnUnreachable, call.Unreachable, call.OwnNoAnswer, call.NoAnswer},
		{"none: outgoing calls barred", "NOANSWER", 52, call.OwnUnreachable, call.NotPermitted, call.OwnDeclined, call.NotPermitted},
		{"none: subscriber absent", "CHANUNAVAIL", 20, call.OwnUnreachable, call.Unreachable, call.OwnNoAnswer, call.NoAnswer},
	} {
		for _, rang := range []bool{false, true} {
			wantOwn, wantFar := tc.own, tc.far
			own1, far1 := asked, then(picked, born(trunk), begin(one, trunk))
			if rang {
				wantOwn, wantFar = tc.ownRang, tc.farRang
				own1, far1 = ringing, calling
			}
			got := func(in []any) call.Cause {
				c := New(req(), time.Unix(0, 0))
				for _, e := range in {
					if e, ok := e.(ami.Event); ok {
						c.Apply(e, time.Unix(1, 0))
					}
				}
				if c.Snapshot().State != call.Failed {
					t.Errorf("%s (%d), rang %v: %s", tc.sip, tc.cause, rang, c.Snapshot().State)
				}
				return c.Snapshot().Cause
			}
			if c := got(then(own1, end(two, own, tc.status), originated(false, 0), gone(own, tc.cause), gone(one, tc.cause), gone(two, tc.cause))); c != wantOwn {
				t.Errorf("own phone, %s (%d), rang %v: %q, want %q", tc.sip, tc.cause, rang, c, wantOwn)
			}
			if c := got(then(far1, end(one, trunk, tc.status), gone(trunk, tc.cause), gone(one, tc.cause), gone(two, tc.cause), gone(own, tc.cause))); c != wantFar {
				t.Errorf("far side, %s (%d), rang %v: %q, want %q", tc.sip, tc.cause, rang, c, wantFar)
			}
		}
	}
}

// TestEveryCauseIsRanked: a cause that a phone can have is never lost for want of
// a place among others.
func TestEveryCauseIsRanked(t *testing.T) {
	for cause := -1; cause < 130; cause++ {
		for _, rang := range []bool{false, true} {
			one := attempts{"1": {rang: rang, status: "NOANSWER", cause: cause, gone: true}}
			own := ownOutcome{tries: one}
			far := farOutcome{tries: one, tells: true}
			if first(one.phones(), ownRank, own.ofPhone) == "" || first(one.phones(), farRank, far.ofPhone) == "" {
				t.Errorf("cause %d, rang %v: own %q, far %q", cause, rang, own.cause(), far.cause())
			}
		}
	}
}
