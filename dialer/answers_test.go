//go:build linux

package dialer

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"cornetta/ami/asterisktest"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// sipAnswers are the answers that a phone or a network can give to an INVITE: all
// that Asterisk makes a cause of its own of, and those that have none.
var sipAnswers = []int{
	400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 420, 421, 422, 423, 428,
	429, 433, 436, 437, 438, 439, 440, 469, 470, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494, 499,
	500, 501, 502, 503, 504, 505, 513, 555, 580, 599, 600, 603, 604, 606, 607, 608, 699,
}

// answerTold is what is told of an answer that came at once: by the own phone, and
// by the far side. What is not named here is a fault: 4xx and 6xx without a cause
// of their own, and every 5xx.
var answerTold = map[int][2]call.Cause{
	401: {call.OwnDeclined, call.Rejected},
	403: {call.OwnDeclined, call.Rejected},
	404: {call.OwnUnreachable, call.NoSuchNumber},
	407: {call.OwnDeclined, call.Rejected},
	408: {call.OwnUnreachable, call.Unreachable},
	410: {call.OwnUnreachable, call.NoSuchNumber},
	420: {call.OwnUnreachable, call.Unreachable},
	480: {call.OwnDoNotDisturb, call.Unreachable},
	483: {call.OwnDoNotDisturb, call.Unreachable}, // to Asterisk the same as 480
	484: {call.OwnUnreachable, call.NoSuchNumber},
	485: {call.OwnUnreachable, call.NoSuchNumber},
	486: {call.OwnBusy, call.Busy},
	502: {call.OwnUnreachable, call.Unreachable},
	600: {call.OwnBusy, call.Busy},
	603: {call.OwnDeclined, call.Rejected},
	604: {call.OwnUnreachable, call.NoSuchNumber},
}

// answerAfterRinging is the same where it rang first, for some of them.
var answerAfterRinging = map[int][2]call.Cause{
	403: {call.OwnDeclined, call.Rejected},
	408: {call.OwnNoAnswer, call.NoAnswer},
	480: {call.OwnNoAnswer, call.NoAnswer},
	486: {call.OwnBusy, call.Busy},
	487: {call.OwnDeclined, call.Network},
	500: {call.OwnDeclined, call.Network},
	603: {call.OwnDeclined, call.Rejected},
}

// TestEverySIPAnswer has phones on both sides answer with each status, on real
// Asterisks.
func TestEverySIPAnswer(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			var group errgroup.Group
			group.SetLimit(6)
			try := func(first byte, status int, told [2]call.Cause) {
				number := fmt.Sprintf("%c%d", first, status)
				for i, side := range []string{"own phone", "far side"} {
					s := scenario{ext: number, number: "039050123402"}
					if i == 1 {
						s = scenario{ext: "7101", number: number}
					}
					a := accountAt(t, p.Addr(), s.ext, config.SyntaxVariables)
					a.Timeout = config.Duration(20 * time.Second) // no matter how busy the machine is
					group.Go(func() error {
						states, last, err := place(t, a, s, nil)
						if err != nil || last.State != call.Failed || last.Cause != told[i] {
							t.Errorf("%s %s: %v %q (%s): %v, want %q", side, number, states, last.Cause, last.Detail, err, told[i])
						}
						return nil
					})
				}
			}
			for _, status := range sipAnswers {
				told, named := answerTold[status]
				if !named {
					told = [2]call.Cause{call.OwnUnreachable, call.Network}
				}
				try('9', status, told)
				if told, ok := answerAfterRinging[status]; ok {
					try('8', status, told)
				}
			}
			_ = group.Wait()
		})
	}
}
