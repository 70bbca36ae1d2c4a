package agent

import (
	"testing"
	"time"

	"cornetta/dialer/call"
)

func TestLinkOf(t *testing.T) {
	for _, tc := range []struct {
		args []string
		link bool
	}{
		{[]string{"tel:+390501234507"}, true},
		{[]string{"TEL:--yes"}, true},
		{[]string{"CallTo:dial"}, true},
		{[]string{"callto://+39050"}, true},
		{[]string{"tel:"}, true},
		{[]string{"tel"}, false},
		{[]string{" tel:1"}, false},
		{[]string{"--tel:1"}, false},
		{[]string{"telnet:1"}, false},
		{[]string{"dial", "tel:1"}, false},
		{[]string{"tel:1", "tel:2"}, false},
		{nil, false},
	} {
		if _, link := LinkOf(tc.args); link != tc.link {
			t.Errorf("%q is a link: %v", tc.args, link)
		}
	}
}

// How a call that a link placed unasked ended says whether it was refused.
func TestHungUpIsRefused(t *testing.T) {
	for _, c := range []struct {
		state call.State
		cause call.Cause
		want  int
	}{
		{call.Cancelled, "", 1},
		{call.Failed, call.OwnDeclined, 1},
		{call.Failed, call.OwnNoAnswer, 0}, // nobody was there
		{call.Failed, call.Busy, 0},
		{call.Ended, "", 0},
		{call.RingingOwn, "", 0},
	} {
		a := &agent{}
		a.links.trustedCall = "c1"
		a.trustedCallEnded(&call.Snapshot{ID: "c2", State: call.Cancelled}) // another call
		a.trustedCallEnded(&call.Snapshot{ID: "c1", State: c.state, Cause: c.cause})
		if n := a.links.limiter.refused.within(time.Now()); n != c.want {
			t.Errorf("%s %s: %d refusals, want %d", c.state, c.cause, n, c.want)
		}
	}
}
