package dialer

import (
	"math/rand/v2"
	"time"

	"cornetta/dialer/status"
)

// retry says when to connect again after a connection was lost: at once, or within
// firstRetryJitter while no call needs it, then after a random time that grows to
// almost a minute, so that a thousand programs do not come back at the same moment,
// and each notices within a minute that its PBX is back.
//
// Unattended, a program connects at most maxTries times within triesWindow. The
// growing pauses allow 19 of them; the rest is for hints that the network has
// changed (maxHints), each of which causes one try at once. The limit is only
// reached where a PBX accepts logins and drops the sessions again.
type retry struct {
	at       time.Time
	failures int
	openedAt time.Time // of the last session
	tries    recent
	hints    recent
}

const (
	triesWindow = 10 * time.Minute
	maxTries    = 25
	maxHints    = 6

	jitterHalfUpTo = 32 * time.Second // up to this pause half of it is random;
	retryShortest  = 50 * time.Second // a longer one is between these two
	retryLongest   = 58 * time.Second
	retryWrong     = 30 * time.Second // the shortest where what answers is not what was asked for

	firstRetryJitter = 3 * time.Second // before the first try, where nobody waits for it
)

// recent are the times within the last triesWindow, oldest first.
type recent []time.Time

// add adds now, unless there are limit already.
func (r *recent) add(now time.Time, limit int) bool {
	for len(*r) > 0 && now.Sub((*r)[0]) >= triesWindow {
		*r = (*r)[1:]
	}
	if len(*r) >= limit {
		return false
	}
	*r = append(*r, now)
	return true
}

// stableAfter is how long a session must have lasted for the pauses to begin again
// with the shortest.
const stableAfter = time.Minute

// pauseAfter is how long not to try again after a failure with that code. A server
// that is no AMI, or not in the way that the settings say (TLS, for instance), will
// hardly be one in a second, and may take who comes back for an attack.
func pauseAfter(code status.Code) time.Duration {
	switch code {
	case status.CodeNotAMI, status.CodeProxy, status.CodeProtocol, status.CodeTooMuch, status.CodeNotTLS, status.CodeTLSVersion,
		status.CodeTLSFailed, status.CodeChallenge:
		return retryWrong + rand.N(retryLongest-retryWrong)
	}
	return 0
}

// schedule sets when to try again after a failure, and not before atLeast has passed.
// Pauses are counted from the beginning of the last attempt, because one that nobody
// answered took long.
func (r *retry) schedule(now, began time.Time, atLeast time.Duration) {
	switch limit := time.Second << min(max(0, r.failures-1), 6); {
	case r.failures == 0:
		r.at = now
	case limit <= jitterHalfUpTo:
		r.at = began.Add(limit/2 + rand.N(limit/2))
	default:
		r.at = began.Add(retryShortest + rand.N(retryLongest-retryShortest))
	}
	for _, earliest := range []time.Time{now, began.Add(atLeast)} {
		if r.at.Before(earliest) {
			r.at = earliest
		}
	}
	r.failures++
}

// worthRetrying reports whether somebody needs the connection and trying again can
// help. After a refused login it cannot: the person has to change something.
func (l *loop) worthRetrying() bool {
	if !l.wantsSession() && !l.callNeedsConnection() {
		return false
	}
	if l.trouble == nil {
		return false
	}
	switch l.trouble.Code {
	case status.CodeNetworkUnknown, status.CodeUnreachable, status.CodeRefused, status.CodeNameNotFound, status.CodeTooMany, status.CodeConnectionLost, status.CodeLoginTimeout,
		status.CodeLoginClosed, status.CodeLoginsHeld, status.CodeUnforeseen:
		return true
	}
	return pauseAfter(l.trouble.Code) > 0
}

// addHint counts a hint that the network changed, and reports whether to act on it.
func (l *loop) addHint() bool { return l.retry.hints.add(time.Now(), maxHints) }
